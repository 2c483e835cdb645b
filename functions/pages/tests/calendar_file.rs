//! Calendar files, read back by a parser that is not ours.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod given;

use domain::{Attendance, Moment, Session};
use icalendar::{Calendar, CalendarComponent, CalendarDateTime, Component, DatePerhapsTime, Event, EventLike, EventStatus};
use pages::calendar_file::{Entry, single, subscription};

fn session() -> Session {
    serde_json::from_value(serde_json::json!({
        "id": "djt-2026-q4",
        "title": "算清现金流，稳住明年的账；第二讲, 现场",
        "url": "/courses/2026-q4/",
        "start": "2026-12-29 14:30",
        "end": "2026-12-29 17:00",
        "place": "区政务服务中心三楼报告厅，东门进，跟着“同心大讲堂”的牌子走，坐电梯到三楼以后往右手边",
        "attendance": Attendance::Both,
        "onsite_seats": 60,
        "online_seats": 200,
        "onsite_reserved": 0,
        "online_reserved": 0,
        "waitlist": true,
        "opens": null,
        "deadline": "2026-12-28 12:00",
        "party_limit": 3,
        "firm_limit": 3,
        "contact": "区工商联\\办公室",
        "cancelled": false,
        "changed": "2026-11-16 09:00",
        "example": true
    }))
    .unwrap()
}

fn parsed(file: &str) -> Calendar {
    assert!(file.lines().count() == file.matches("\r\n").count(), "every line ends in CRLF: {file}");
    file.parse().unwrap_or_else(|error| panic!("{error}: {file}"))
}

fn event(session: &Session) -> (String, Event) {
    let calendar = parsed(&single(&given::frame(), &Entry::of_session(session)));
    let method = calendar.property_value("METHOD").unwrap().to_owned();
    let events: Vec<&Event> = calendar.iter().filter_map(CalendarComponent::as_event).collect();
    assert_eq!(events.len(), 1);
    (method, events[0].clone())
}

fn sequence(session: &Session) -> u32 {
    event(session).1.property_value("SEQUENCE").unwrap().parse().unwrap()
}

#[test]
fn another_program_reads_what_was_written() {
    let session = session();
    let (method, event) = event(&session);
    assert_eq!(method, "PUBLISH");
    assert_eq!(event.get_uid(), Some("djt-2026-q4@xiangshang.example"));
    assert_eq!(event.get_summary(), Some(format!("（示例）{}", session.title).as_str()));
    assert_eq!(event.get_location(), Some(session.place.as_str()));
    assert_eq!(event.get_status(), Some(EventStatus::Confirmed));
    assert_eq!(event.get_url(), Some("https://xiangshang.example/courses/2026-q4/"));
    let second = |time: Option<DatePerhapsTime>| match time {
        Some(DatePerhapsTime::DateTime(CalendarDateTime::Utc(time))) => time.timestamp(),
        other => panic!("{other:?} is not in UTC"),
    };
    assert_eq!(second(event.get_start()), session.start.0.as_second());
    assert_eq!(second(event.get_end()), session.end.0.as_second());
    let description = event.get_description().unwrap();
    for part in ["时间：2026年12月29日（周二）14:30—17:00", session.place.as_str(), "联系：区工商联\\办公室"]
    {
        assert!(description.lines().any(|line| line.contains(part)), "{part} in {description}");
    }
}

#[test]
fn the_uid_stays_and_the_sequence_rises_whatever_changes() {
    let first = session();
    let later: Moment = "2026-11-16 09:01".parse().unwrap();
    let changes: [(&str, Session); 5] = [
        ("time", Session { start: "2026-12-30 14:30".parse().unwrap(), changed: Some(later), ..first.clone() }),
        ("place", Session { place: "别处".to_owned(), changed: Some(later), ..first.clone() }),
        ("title", Session { title: "别的题目".to_owned(), changed: Some(later), ..first.clone() }),
        ("cancelled, and nobody wrote when", Session { cancelled: true, ..first.clone() }),
        ("postponed, and nobody wrote when", Session { postponed: true, ..first.clone() }),
    ];
    for (what, changed) in changes {
        assert_eq!(event(&changed).1.get_uid(), event(&first).1.get_uid(), "{what}");
        assert!(sequence(&changed) > sequence(&first), "{what}");
    }
    // Held after all, at a new time: later than the cancellation.
    let cancelled = Session { cancelled: true, ..first.clone() };
    assert!(sequence(&Session { changed: Some(later), ..first }) > sequence(&cancelled));
}

#[test]
fn a_cancelled_event_is_taken_out_of_calendars_and_a_postponed_one_rings_no_alarm() {
    let (method, event) = event(&Session { cancelled: true, ..session() });
    assert_eq!((method.as_str(), event.get_status()), ("CANCEL", Some(EventStatus::Cancelled)));
    let postponed = single(&given::frame(), &Entry::of_session(&Session { postponed: true, ..session() }));
    assert!(postponed.contains("\r\nSTATUS:TENTATIVE\r\n") && !postponed.contains("VALARM"), "{postponed}");
}

#[test]
fn a_registration_that_changed_later_than_the_event_has_the_later_stamp_under_the_same_number() {
    let entry = Entry::of_session(&session());
    let later = Entry { registered: Some("2026-12-01 10:00".parse().unwrap()), ..entry.clone() };
    let stamped = single(&given::frame(), &later);
    assert!(stamped.contains("\r\nDTSTAMP:20261201T020000Z\r\n"), "{stamped}");
    assert_eq!(later.sequence(), entry.sequence());
}

#[test]
fn a_subscription_holds_many_events_or_none() {
    let other = Session { id: "djt-2027-q1".to_owned(), cancelled: true, ..session() };
    let entries = [Entry::of_session(&session()), Entry::of_session(&other)];
    let calendar = parsed(&subscription(&given::frame(), "课程, 2026", &entries));
    assert_eq!(calendar.property_value("METHOD"), Some("PUBLISH"));
    assert_eq!(calendar.iter().filter_map(CalendarComponent::as_event).count(), 2);
    assert_eq!(parsed(&subscription(&given::frame(), "课程", &[])).iter().count(), 0);
}
