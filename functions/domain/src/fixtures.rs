//! Data that the tests of several modules share.

use jiff::civil::{Date, Time, date};

use crate::{
    calendar::{Calendar, CalendarYear, Stretch},
    limits::{Hours, Limits},
    session::{Attendance, Session},
    time::Moment,
};

/// The moment that `text` names.
pub fn at(text: &str) -> Moment {
    text.parse().expect("a moment")
}

/// 2026 as the State Council announced it.
pub fn calendar() -> Calendar {
    Calendar { years: vec![year_2026()] }
}

/// 国务院办公厅关于2026年部分节假日安排的通知
pub fn year_2026() -> CalendarYear {
    let off = |name: &str, from: Date, to: Date| Stretch { name: name.to_owned(), from, to };
    CalendarYear {
        year: 2026,
        source: "国务院办公厅关于2026年部分节假日安排的通知（2025-11-04）".to_owned(),
        official: true,
        off: vec![
            off("元旦", date(2026, 1, 1), date(2026, 1, 3)),
            off("春节", date(2026, 2, 15), date(2026, 2, 23)),
            off("清明节", date(2026, 4, 4), date(2026, 4, 6)),
            off("劳动节", date(2026, 5, 1), date(2026, 5, 5)),
            off("端午节", date(2026, 6, 19), date(2026, 6, 21)),
            off("中秋节", date(2026, 9, 25), date(2026, 9, 27)),
            off("国庆节", date(2026, 10, 1), date(2026, 10, 7)),
        ],
        worked: vec![
            date(2026, 1, 4),
            date(2026, 2, 14),
            date(2026, 2, 28),
            date(2026, 5, 9),
            date(2026, 9, 20),
            date(2026, 10, 10),
        ],
    }
}

/// Office hours 8:30–12:00 and 14:30–17:30, and the default deadlines.
pub fn limits() -> Limits {
    let time = |hour, minute| Time::constant(hour, minute, 0, 0);
    Limits {
        office_hours: vec![Hours { from: time(8, 30), to: time(12, 0) }, Hours { from: time(14, 30), to: time(17, 30) }],
        same_day_until: time(15, 0),
        first_contact_days: 1,
        urgent_contact_hours: 2,
        result_days: 5,
        plan_days: 3,
        complex_result_days: 15,
        extended_result_days: 30,
        report_days: 5,
        firm_limit: 2,
        party_limit: 3,
        scoreboard_least: 5,
    }
}

/// A lecture with ten seats in the room and twenty places online.
pub fn session() -> Session {
    Session {
        id: "djt-2026-q4".to_owned(),
        title: "同心大讲堂".to_owned(),
        url: "/courses/djt-2026-q4/".to_owned(),
        start: at("2026-12-05 14:00"),
        end: at("2026-12-05 17:00"),
        place: "相山区政务中心三楼报告厅".to_owned(),
        attendance: Attendance::Both,
        onsite_seats: 10,
        online_seats: 20,
        onsite_reserved: 0,
        online_reserved: 0,
        waitlist: true,
        opens: Some(at("2026-11-20 09:00")),
        deadline: at("2026-12-04 17:30"),
        party_limit: 3,
        firm_limit: 2,
        contact: "区工商联".to_owned(),
        cancelled: false,
        postponed: false,
        changed: None,
        form: "registration".to_owned(),
        example: true,
    }
}
