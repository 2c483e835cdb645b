use jiff::{Span, civil::date};
use proptest::prelude::*;

use super::*;
use crate::fixtures::{at, calendar, limits, year_2026};

fn days(from: Date, to: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(from), |day| day.tomorrow().ok()).take_while(move |day| *day <= to)
}

#[test]
fn every_day_of_the_notice_of_2026_is_off_or_worked_as_it_says() {
    let off = [
        (date(2026, 1, 1), date(2026, 1, 3)),
        (date(2026, 2, 15), date(2026, 2, 23)),
        (date(2026, 4, 4), date(2026, 4, 6)),
        (date(2026, 5, 1), date(2026, 5, 5)),
        (date(2026, 6, 19), date(2026, 6, 21)),
        (date(2026, 9, 25), date(2026, 9, 27)),
        (date(2026, 10, 1), date(2026, 10, 7)),
    ];
    for day in off.into_iter().flat_map(|(from, to)| days(from, to)) {
        assert_eq!(calendar().is_working_day(day), Day { working: false, official: true }, "{day}");
    }
    for (month, day) in [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)] {
        let day = date(2026, month, day);
        assert_eq!(calendar().is_working_day(day), Day { working: true, official: true }, "{day}");
    }
    let ordinary =
        [(date(2026, 11, 24), true), (date(2026, 11, 28), false), (date(2026, 11, 29), false), (date(2026, 12, 31), true)];
    for (day, working) in ordinary {
        assert_eq!(calendar().is_working_day(day).working, working, "{day}");
    }
}

#[test]
fn the_year_2026_has_248_working_days() {
    let worked = days(date(2026, 1, 1), date(2026, 12, 31)).filter(|day| calendar().is_working_day(*day).working);
    assert_eq!(worked.count(), 248);
    assert_eq!(calendar().working_days_between(date(2025, 12, 31), date(2026, 12, 31)), 248);
}

#[test]
fn day_one_is_the_working_day_after_receipt() {
    let cases = [
        // An ordinary Tuesday.
        (date(2026, 11, 24), 1, date(2026, 11, 25)),
        (date(2026, 11, 24), 5, date(2026, 12, 1)),
        // Received on a Saturday, and on a Sunday that is worked.
        (date(2026, 11, 28), 1, date(2026, 11, 30)),
        (date(2026, 9, 20), 1, date(2026, 9, 21)),
        // Across Spring Festival, with the Saturday before and the Saturday after it worked.
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 13), 2, date(2026, 2, 24)),
        (date(2026, 2, 27), 1, date(2026, 2, 28)),
        // Across the National Day, and a day in the middle of it.
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2026, 10, 3), 1, date(2026, 10, 8)),
        // Nothing to count.
        (date(2026, 10, 3), 0, date(2026, 10, 3)),
    ];
    for (received, count, due) in cases {
        assert_eq!(calendar().add_working_days(received, count), Counted { date: due, official: true }, "{received} + {count}");
    }
}

#[test]
fn a_year_without_a_file_is_counted_by_weekends_and_says_so() {
    let cases = [
        (date(2026, 12, 30), 1, date(2026, 12, 31), true),
        // New Year's Day of 2027 is a Friday: off in truth, but nobody has told the calendar yet.
        (date(2026, 12, 31), 1, date(2027, 1, 1), false),
        (date(2026, 12, 31), 2, date(2027, 1, 4), false),
        // The day of receipt itself is not counted.
        (date(2025, 12, 31), 1, date(2026, 1, 4), true),
        (date(2030, 6, 7), 1, date(2030, 6, 10), false),
    ];
    for (received, count, due, official) in cases {
        assert_eq!(calendar().add_working_days(received, count), Counted { date: due, official }, "{received} + {count}");
    }
    let mut provisional = calendar();
    provisional.years[0].official = false;
    assert!(!provisional.add_working_days(date(2026, 11, 24), 1).official);
}

#[test]
fn counting_stops_where_dates_end() {
    let calendar = calendar();
    assert_eq!(calendar.add_working_days(Date::MAX, 3), Counted { date: Date::MAX, official: false });
    assert_eq!(calendar.working_days_between(Date::MAX, Date::MAX), 0);
    let off = vec![Stretch { name: String::new(), from: date(2026, 1, 1), to: date(2026, 12, 31) }];
    let never = Calendar { years: vec![CalendarYear { off, worked: Vec::new(), ..year_2026() }] };
    // A year that is off as a whole is stepped over.
    assert_eq!(never.add_working_days(date(2026, 3, 2), 1).date, date(2027, 1, 1));
}

#[test]
fn office_hours_pass_only_while_the_office_is_open() {
    let cases = [
        // Within the morning, across midday, across the evening.
        ("2026-11-24 09:00", 2, "2026-11-24 11:00"),
        ("2026-11-24 10:00", 2, "2026-11-24 12:00"),
        ("2026-11-24 11:30", 2, "2026-11-24 16:00"),
        ("2026-11-24 16:30", 2, "2026-11-25 09:30"),
        // Before opening, at midday, after closing.
        ("2026-11-24 03:00", 2, "2026-11-24 10:30"),
        ("2026-11-24 13:00", 2, "2026-11-24 16:30"),
        ("2026-11-24 17:30", 2, "2026-11-25 10:30"),
        // Friday evening, a worked Sunday, the eve of a holiday.
        ("2026-11-27 17:00", 2, "2026-11-30 10:00"),
        ("2026-09-20 10:00", 1, "2026-09-20 11:00"),
        ("2026-09-30 17:00", 1, "2026-10-08 09:00"),
        // More than a day.
        ("2026-11-24 08:30", 13, "2026-11-25 17:30"),
    ];
    for (from, hours, to) in cases {
        let counted = calendar().add_office_hours(at(from), hours, &limits());
        assert_eq!(counted, CountedMoment { at: at(to), official: true }, "{from} + {hours} h");
    }
    assert!(!calendar().add_office_hours(at("2026-12-31 17:00"), 2, &limits()).official);
}

#[test]
fn without_office_hours_the_clock_counts() {
    let closed = Limits { office_hours: Vec::new(), ..limits() };
    let counted = calendar().add_office_hours(at("2026-11-28 09:00"), 2, &closed);
    assert_eq!(counted, CountedMoment { at: at("2026-11-28 11:00"), official: false });
}

#[test]
fn a_wrong_calendar_is_found() {
    assert_eq!(year_2026().problems(), []);
    type Case = (&'static str, fn(&mut CalendarYear));
    let cases: [Case; 8] = [
        ("off.0.to", |year| year.off[0] = Stretch { name: String::new(), from: year.off[0].to, to: year.off[0].from }),
        ("off.0.from", |year| year.off[0].from = date(2025, 12, 31)),
        ("off.6.to", |year| year.off[6].to = date(2027, 10, 7)),
        ("off.7", |year| year.off.push(year.off[6].clone())),
        ("off.6", |year| year.off[6].from = date(2026, 9, 27)),
        ("worked.6", |year| year.worked.push(date(2026, 10, 10))),
        ("worked.0", |year| year.worked[0] = date(2026, 1, 3)),
        ("worked.0", |year| year.worked[0] = date(2026, 1, 5)),
    ];
    for (path, spoil) in cases {
        let mut year = year_2026();
        spoil(&mut year);
        let found: Vec<String> = year.problems().iter().map(|problem| problem.path.join(".")).collect();
        assert!(found.contains(&path.to_owned()), "{path} is not among {found:?}");
    }
}

proptest! {
    #[test]
    fn counting_forth_and_back_agree(start in 0i32..1500, count in 0u32..60) {
        let received = date(2024, 6, 1).saturating_add(Span::new().days(start));
        let due = calendar().add_working_days(received, count).date;
        prop_assert_eq!(calendar().working_days_between(received, due), count);
        prop_assert!(count == 0 || calendar().is_working_day(due).working);
    }

    #[test]
    fn whoever_comes_later_is_not_due_earlier(start in 0i32..1500, later in 0i32..40, count in 0u32..40, more in 0u32..5) {
        let received = date(2024, 6, 1).saturating_add(Span::new().days(start));
        let after = received.saturating_add(Span::new().days(later));
        let calendar = calendar();
        let due = calendar.add_working_days(received, count).date;
        prop_assert!(due <= calendar.add_working_days(after, count).date);
        prop_assert!(due <= calendar.add_working_days(received, count + more).date);
    }
}
