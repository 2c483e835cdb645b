//! Deadlines counted by hand, and what happens by itself.

use super::*;
use crate::{
    appeal::{Command, Role, step, submit},
    fixtures::{at, calendar, limits},
};

use Grade::{A, B, C};

/// A case received then, of that grade.
fn case(received: &str, grade: Grade) -> Head {
    let head = submit(Role::Firm, Urgency::Normal, &calendar(), &limits(), at(received)).head;
    Head { grade: Some(grade), state: State::Working, ..head }
}

fn waited(mut head: Head, pauses: &[(&str, &str)]) -> Head {
    head.clock.pauses = pauses.iter().map(|(from, to)| (at(from), at(to))).collect();
    head
}

/// Received, grade, extended, pauses, due, official. Counted on the calendar of 2026 on paper: office hours end at 17:30, grade A counts as
/// the same day until 15:00.
type Row = (&'static str, Grade, bool, &'static [(&'static str, &'static str)], &'static str, bool);

#[rustfmt::skip]
const BY_HAND: [Row; 42] = [
    // Grade A: the same working day, or the next when it is late or nobody works.
    ("2026-11-24 09:00", A, false, &[], "2026-11-24 17:30", true),
    ("2026-11-24 15:00", A, false, &[], "2026-11-24 17:30", true),
    ("2026-11-24 15:01", A, false, &[], "2026-11-25 17:30", true),
    ("2026-11-24 23:59", A, false, &[], "2026-11-25 17:30", true),
    ("2026-11-28 10:00", A, false, &[], "2026-11-30 17:30", true), // a Saturday
    ("2026-02-14 10:00", A, false, &[], "2026-02-14 17:30", true), // a Saturday that is worked
    ("2026-02-14 16:00", A, false, &[], "2026-02-24 17:30", true), // the Spring Festival begins
    ("2026-10-03 10:00", A, false, &[], "2026-10-08 17:30", true), // within the National Day holiday
    ("2026-10-10 14:00", A, false, &[], "2026-10-10 17:30", true), // a Saturday that is worked
    ("2026-12-31 16:00", A, false, &[], "2027-01-01 17:30", false), // 2027 has no official calendar
    // Grade B: five working days; day 1 is the working day after receipt.
    ("2026-11-24 09:00", B, false, &[], "2026-12-01 17:30", true),
    ("2026-11-24 00:00", B, false, &[], "2026-12-01 17:30", true),
    ("2026-11-24 23:59", B, false, &[], "2026-12-01 17:30", true),
    ("2026-11-27 17:31", B, false, &[], "2026-12-04 17:30", true), // a Friday
    ("2026-11-28 12:00", B, false, &[], "2026-12-04 17:30", true), // Saturday
    ("2026-11-29 12:00", B, false, &[], "2026-12-04 17:30", true), // Sunday
    ("2026-09-30 23:59", B, false, &[], "2026-10-13 17:30", true), // 8, 9, 10 (worked), 12, 13
    ("2026-10-01 00:00", B, false, &[], "2026-10-13 17:30", true),
    ("2026-10-07 23:59", B, false, &[], "2026-10-13 17:30", true),
    ("2026-09-18 10:00", B, false, &[], "2026-09-24 17:30", true), // 20 (worked Sunday), 21, 22, 23, 24
    ("2026-09-24 10:00", B, false, &[], "2026-10-09 17:30", true), // 28, 29, 30, 8, 9
    ("2026-02-13 10:00", B, false, &[], "2026-02-27 17:30", true), // 14 (worked), 24, 25, 26, 27
    ("2026-02-27 10:00", B, false, &[], "2026-03-05 17:30", true), // 28 (worked), 2, 3, 4, 5
    ("2026-04-30 10:00", B, false, &[], "2026-05-11 17:30", true), // 6, 7, 8, 9 (worked), 11
    ("2026-06-18 10:00", B, false, &[], "2026-06-26 17:30", true), // 22, 23, 24, 25, 26
    ("2026-04-03 10:00", B, false, &[], "2026-04-13 17:30", true), // 7, 8, 9, 10, 13
    ("2026-12-28 10:00", B, false, &[], "2027-01-04 17:30", false), // 29, 30, 31, 1, 4: 2027 by weekends
    // Grade C: fifteen, extended thirty.
    ("2026-11-02 09:00", C, false, &[], "2026-11-23 17:30", true),
    ("2026-11-02 09:00", C, true, &[], "2026-12-14 17:30", true),
    ("2026-01-30 09:00", C, false, &[], "2026-02-27 17:30", true), // 2–6, 9–13, 14 (worked), 24–27
    ("2026-01-29 09:00", C, false, &[], "2026-02-26 17:30", true), // the same and 30 January
    ("2026-09-15 09:00", C, false, &[], "2026-10-12 17:30", true), // 16–18, 20–24, 28–30, 8, 9, 10, 12
    ("2026-12-10 09:00", C, false, &[], "2026-12-31 17:30", true),
    ("2026-12-11 09:00", C, false, &[], "2027-01-01 17:30", false),
    ("2026-12-10 09:00", C, true, &[], "2027-01-21 17:30", false),
    // Waiting for the firm: the working days that passed are added.
    ("2026-11-24 09:00", B, false, &[("2026-11-25 10:00", "2026-11-25 16:00")], "2026-12-01 17:30", true),
    ("2026-11-24 09:00", B, false, &[("2026-11-25 10:00", "2026-11-26 09:00")], "2026-12-02 17:30", true),
    ("2026-11-24 09:00", B, false, &[("2026-11-27 10:00", "2026-11-29 20:00")], "2026-12-01 17:30", true), // over a weekend
    ("2026-11-24 09:00", B, false, &[("2026-11-27 10:00", "2026-11-30 08:00")], "2026-12-02 17:30", true),
    ("2026-09-28 09:00", B, false, &[("2026-09-29 09:00", "2026-10-09 09:00")], "2026-10-14 17:30", true), // 30, 8, 9 waited: 8 days in all
    ("2026-11-24 09:00", A, false, &[("2026-11-24 10:00", "2026-11-26 09:00")], "2026-11-26 17:30", true),
    ("2026-11-02 09:00", C, true, &[("2026-11-03 09:00", "2026-11-05 09:00"), ("2026-11-09 09:00", "2026-11-10 09:00")], "2026-12-17 17:30", true),
];

#[test]
fn results_are_due_as_counted_by_hand() {
    for (received, grade, extended, pauses, due, official) in BY_HAND {
        let head = Head { extended, ..waited(case(received, grade), pauses) };
        let counted = result_by(&head, &calendar(), &limits());
        assert_eq!(counted, Some(Deadline { at: at(due), official }), "{received} {grade:?} extended {extended} {pauses:?}");
    }
}

#[test]
fn plans_are_due_sooner() {
    let plan = |head: &Head| plan_by(head, &calendar(), &limits()).map(|deadline| deadline.at);
    assert_eq!(plan(&case("2026-11-24 09:00", C)), Some(at("2026-11-27 17:30")));
    assert_eq!(plan(&case("2026-11-24 09:00", B)), None);
    let urgent = Head { urgency: Urgency::Urgent, ..case("2026-11-24 09:00", C) };
    assert_eq!(plan(&urgent), Some(at("2026-11-25 09:00")));
}

#[test]
fn a_second_round_has_a_clock_of_its_own() {
    let answered =
        Head { state: State::Answered, ..waited(case("2026-11-02 09:00", B), &[("2026-11-03 09:00", "2026-11-04 09:00")]) };
    let again = step(&answered, Command::Dispute, Role::Firm, at("2026-11-10 16:00")).expect("a first dispute");
    let graded = step(&again, Command::Grade(B), Role::Grader, at("2026-11-11 09:00")).expect("graded");
    assert_eq!(result_by(&graded, &calendar(), &limits()).map(|due| due.at), Some(at("2026-11-17 17:30")));
}

/// What happens by itself until `now`, with the moment at which it was due.
fn passed(mut head: Head, now: &str) -> (Head, Vec<(Moment, Act)>) {
    let mut happened = Vec::new();
    while let Some((due, act)) = next(&head, &calendar(), &limits()).filter(|(due, _)| *due <= at(now)) {
        happened.push((due, act));
        head = step(&head, Command::Plain(act), Role::Clock, at(now)).expect("what is due is allowed");
        assert!(happened.len() < 10, "{happened:?}");
    }
    (head, happened)
}

#[test]
fn supervision_hears_of_each_mark_once_also_after_an_outage() {
    // Five days of six and a half office hours and the rest of the first: 80 % of 39 hours is 31 h 12 min.
    let head = case("2026-11-24 08:30", B);
    let reminder = (at("2026-11-30 16:12"), Act::Remind);
    let yellow = (at("2026-12-01 17:30"), Act::ProposeYellow);
    // 120 % of 39 hours is 46 h 48 min: one day and 1 h 18 min beyond the end.
    let red = (at("2026-12-03 09:48"), Act::ProposeRed);
    assert_eq!(passed(head.clone(), "2026-11-30 16:11").1, []);
    let (reminded, happened) = passed(head.clone(), "2026-11-30 16:12");
    assert_eq!(happened, [reminder]);
    assert!(!reminded.is_supervised());
    assert_eq!(passed(reminded.clone(), "2026-12-01 17:29").1, []);
    let (over, happened) = passed(reminded, "2026-12-01 17:30");
    assert_eq!(happened, [yellow]);
    assert!(over.is_supervised());
    assert_eq!(passed(over, "2026-12-31 00:00").1, [red]);
    let (all, happened) = passed(head, "2026-12-31 00:00");
    assert_eq!(happened, [reminder, yellow, red]);
    assert_eq!(passed(all, "2027-06-01 00:00").1, []);
}

#[test]
fn time_stands_still_while_a_firm_is_waited_for_and_goes_on_after_ten_working_days() {
    let head = case("2026-11-24 08:30", B);
    let asked = step(&head, Command::Plain(Act::Ask), Role::Handler, at("2026-11-25 09:00")).expect("asked");
    assert_eq!(passed(asked.clone(), "2026-12-09 17:29").1, []);
    let (went_on, happened) = passed(asked, "2026-12-09 17:30");
    assert_eq!(happened, [(at("2026-12-09 17:30"), Act::Supplement)]);
    assert_eq!(went_on.state, State::Working);
    // Ten working days later than it was.
    assert_eq!(result_by(&went_on, &calendar(), &limits()).map(|due| due.at), Some(at("2026-12-15 17:30")));
}

#[test]
fn whoever_says_nothing_of_an_answer_for_five_working_days_has_not_answered() {
    let answered = step(&case("2026-11-24 08:30", B), Command::Answer { signed: 0 }, Role::Handler, at("2026-11-26 10:00"))
        .expect("answered");
    assert_eq!(next(&answered, &calendar(), &limits()), Some((at("2026-12-03 17:30"), Act::Lapse)));
}

#[test]
fn a_firm_that_was_not_content_twice_goes_to_supervision_at_once() {
    let answered = Head { disputes: 1, state: State::Answered, ..case("2026-11-24 08:30", B) };
    let again = step(&answered, Command::Dispute, Role::Firm, at("2026-11-25 09:00")).expect("a second dispute");
    let (again, happened) = passed(again, "2026-11-25 09:00");
    assert_eq!(happened.iter().map(|(_, act)| *act).collect::<Vec<_>>(), [Act::ProposeRed]);
    assert!(again.is_supervised());
    assert_eq!(passed(again, "2027-01-25 09:00").1, []);
}

#[test]
fn a_head_that_was_stored_without_a_clock_counts_from_its_receipt() {
    let mut stored = serde_json::to_value(case("2026-11-24 09:00", B)).expect("plain data");
    stored.as_object_mut().expect("an object").remove("clock");
    let head: Head = serde_json::from_value(stored).expect("an earlier head");
    assert_eq!(result_by(&head, &calendar(), &limits()).map(|due| due.at), Some(at("2026-12-01 17:30")));
}
