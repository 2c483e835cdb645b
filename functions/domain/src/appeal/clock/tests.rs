//! Deadlines counted by hand, and what happens by itself.

use super::*;
use crate::{
    appeal::{Command, Role, step, submit},
    calendar::Stretch,
    fixtures::{at, calendar, limits},
};

use Grade::{A, B, C};

/// A case received then, of that grade.
fn case(received: &str, grade: Grade) -> Head {
    let head = submit(Role::Firm, Urgency::Normal, &calendar(), &limits(), at(received)).head;
    Head { grade: Some(grade), state: State::Working, ..head }
}

/// The same of an urgent matter.
fn urgent(received: &str, grade: Grade) -> Head {
    let head = submit(Role::Firm, Urgency::Urgent, &calendar(), &limits(), at(received)).head;
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
    let urgently = urgent("2026-11-24 09:00", C);
    assert_eq!(plan(&urgently), Some(at("2026-11-25 09:00")));
    // The clock stands still while the firm is waited for; before a day off the call comes first.
    assert_eq!(plan(&waited(urgently.clone(), &[("2026-11-24 13:00", "2026-11-27 13:00")])), Some(at("2026-11-28 09:00")));
    for (received, due) in [("2026-11-27 17:00", "2026-11-30 10:00"), ("2026-10-03 10:00", "2026-10-08 10:30")] {
        assert_eq!(plan(&urgent(received, B)), Some(at(due)), "{received}");
    }
    let planned = step(&urgently, Command::Plain(Act::Plan), Role::Handler, at("2026-11-24 16:00")).expect("planned");
    assert_eq!((planned.state, plan(&planned)), (State::Working, None), "the case stays where it is");
}

#[test]
fn a_complex_matter_has_a_reply_every_five_working_days() {
    let report = |head: &Head| report_by(head, &calendar(), &limits()).map(|deadline| deadline.at);
    let head = case("2026-11-02 09:00", C);
    assert_eq!(report(&head), Some(at("2026-11-09 17:30")));
    assert_eq!(report(&Head { grade: Some(B), ..head.clone() }), None);
    assert_eq!(report(&Head { state: State::Graded, ..head.clone() }), None, "no unit could reply");
    let done = |head: &Head, act, role, now| step(head, Command::Plain(act), role, at(now)).expect("allowed");
    let planned = done(&head, Act::Plan, Role::Handler, "2026-11-04 10:00");
    assert_eq!(report(&planned), Some(at("2026-11-11 17:30")));
    let reported = done(&planned, Act::Report, Role::Handler, "2026-11-11 17:00");
    assert_eq!(report(&reported), Some(at("2026-11-18 17:30")));
    let extended = done(&reported, Act::Extend, Role::Supervisor, "2026-11-12 09:00");
    assert_eq!(report(&extended), Some(at("2026-11-19 17:30")), "the firm was told why");
    let waiting = done(&extended, Act::Ask, Role::Handler, "2026-11-13 09:00");
    assert_eq!(report(&waiting), None);
    let went_on = done(&waiting, Act::Supplement, Role::Firm, "2026-11-16 09:00");
    assert_eq!(report(&went_on), Some(at("2026-11-23 17:30")));
    // An answer is a reply, too: when it is disputed again, the five days are counted from it.
    let answered = step(&went_on, Command::Answer { signed: 2 }, Role::Handler, at("2026-11-17 09:00")).expect("answered");
    let disputed =
        step(&Head { disputes: 1, ..answered }, Command::Dispute, Role::Firm, at("2026-11-18 09:00")).expect("disputed");
    assert_eq!(report(&Head { state: State::Assigned, ..disputed }), Some(at("2026-11-24 17:30")));
}

#[test]
fn what_is_owed_first_is_known_at_every_step() {
    let owed = |head: &Head, contacted| owed(head, contacted, &calendar(), &limits()).map(|(what, due)| (what, due.at));
    let new = Head { grade: None, state: State::Submitted, ..case("2026-11-02 09:00", C) };
    assert_eq!(owed(&new, false), Some((Owed::Contact, at("2026-11-03 17:30"))));
    assert_eq!(owed(&new, true), None, "the date of the answer is told when it is graded");
    let accepted = Head { state: State::Accepted, ..new.clone() };
    assert_eq!(owed(&accepted, false), Some((Owed::Contact, at("2026-11-03 17:30"))), "taken on is not called");
    let urgently = Head { state: State::Accepted, grade: None, ..urgent("2026-11-02 09:00", B) };
    assert_eq!(owed(&urgently, false), Some((Owed::Contact, at("2026-11-02 11:00"))));
    assert_eq!(owed(&urgently, true), Some((Owed::Plan, at("2026-11-03 09:00"))));
    let complex = case("2026-11-02 09:00", C);
    assert_eq!(owed(&complex, true), Some((Owed::Plan, at("2026-11-05 17:30"))));
    let planned = step(&complex, Command::Plain(Act::Plan), Role::Handler, at("2026-11-05 10:00")).expect("planned");
    assert_eq!(owed(&planned, true), Some((Owed::Report, at("2026-11-12 17:30"))));
    let reported = step(&planned, Command::Plain(Act::Report), Role::Handler, at("2026-11-20 10:00")).expect("reported");
    assert_eq!(owed(&reported, true), Some((Owed::Answer, at("2026-11-23 17:30"))));
    for state in [State::Waiting, State::Answered, State::Visited, State::Closed, State::Withdrawn] {
        assert_eq!(owed(&Head { state, ..reported.clone() }, false), None, "{state:?}");
    }
}

#[test]
fn supervision_looks_at_whatever_is_late() {
    let supervised = |head: &Head, contacted, now| is_supervised(head, contacted, at(now), &calendar(), &limits());
    let new = Head { grade: None, state: State::Submitted, ..case("2026-11-02 09:00", B) };
    assert!(!supervised(&new, false, "2026-11-03 17:30"));
    assert!(supervised(&new, false, "2026-11-03 17:31"), "nobody has called");
    assert!(!supervised(&new, true, "2026-11-09 17:30"));
    assert!(supervised(&new, true, "2026-11-09 17:31"), "called, and not taken on");
    let working = case("2026-11-02 09:00", B);
    assert!(!supervised(&working, true, "2026-11-09 17:30"));
    assert!(supervised(&working, true, "2026-11-09 17:31"));
    assert!(supervised(&urgent("2026-11-02 09:00", B), true, "2026-11-03 09:01"), "there is no plan");
    assert!(supervised(&case("2026-11-02 09:00", C), true, "2026-11-02 09:00"), "a task force");
    let late = Head { state: State::Answered, clock: Clock { told: Some(Mark::Yellow), ..Clock::default() }, ..working };
    assert!(supervised(&late, true, "2026-11-10 09:00"), "an answer that came late is looked at while it is checked");
    for state in [State::Visited, State::Closed, State::Merged] {
        assert!(!supervised(&Head { state, ..late.clone() }, true, "2026-12-10 09:00"), "{state:?}");
    }
}

#[test]
fn what_nobody_grades_is_seen_by_supervision_as_if_it_were_general() {
    let accepted = Head { grade: None, state: State::Accepted, ..case("2026-11-24 08:30", B) };
    let (over, happened) = passed(accepted, "2026-12-01 17:30");
    assert_eq!(happened, [(at("2026-11-30 16:12"), Act::Remind), (at("2026-12-01 17:30"), Act::ProposeYellow)]);
    assert_eq!(result_by(&over, &calendar(), &limits()), None, "it is no promise");
    // Graded late, it is late; of a complex matter the time is longer, and supervision hears of it anew.
    let general = step(&over, Command::Grade(B), Role::Grader, at("2026-12-01 18:00")).expect("graded");
    assert_eq!(passed(general, "2026-12-02 09:00").1, []);
    let complex = step(&over, Command::Grade(C), Role::Grader, at("2026-12-01 18:00")).expect("graded");
    assert_eq!(complex.clock.told, None);
    assert_eq!(passed(complex, "2026-12-15 17:30").1.first().map(|(_, act)| *act), Some(Act::Remind));
}

#[test]
fn a_call_that_was_counted_by_weekends_is_counted_again_when_the_calendar_is_there() {
    let received = at("2026-12-31 16:00");
    let head = submit(Role::Firm, Urgency::Normal, &calendar(), &limits(), received).head;
    assert_eq!((head.first_contact.at, head.first_contact.official), (at("2027-01-01 17:30"), false));
    let mut with_the_year = calendar();
    let mut year = with_the_year.years[0].clone();
    let new_year = jiff::civil::date(2027, 1, 1);
    let off = Stretch { name: "元旦".to_owned(), from: new_year, to: new_year };
    (year.year, year.off, year.worked) = (2027, vec![off], Vec::new());
    with_the_year.years.push(year);
    let counted = contact_by(&head, &with_the_year, &limits());
    assert_eq!((counted.at, counted.official), (at("2027-01-04 17:30"), true));
    // A promise that stands is not counted anew, whatever becomes of the limits.
    let kept = submit(Role::Firm, Urgency::Normal, &calendar(), &limits(), at("2026-11-24 09:00")).head;
    let slower = Limits { first_contact_days: 3, ..limits() };
    assert_eq!(contact_by(&kept, &calendar(), &slower), kept.first_contact);
    // Another round has another call.
    let again = Head { state: State::Answered, ..kept };
    let again = step(&again, Command::Dispute, Role::Firm, at("2026-12-01 16:00")).expect("a dispute");
    assert_eq!(contact_by(&again, &calendar(), &limits()).at, at("2026-12-02 17:30"));
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
    let supervised = |head: &Head, now| is_supervised(head, true, at(now), &calendar(), &limits());
    assert!(!supervised(&reminded, "2026-11-30 16:12"));
    assert_eq!(passed(reminded.clone(), "2026-12-01 17:29").1, []);
    let (over, happened) = passed(reminded, "2026-12-01 17:30");
    assert_eq!(happened, [yellow]);
    assert!(supervised(&over, "2026-12-01 17:30"));
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
    assert!(is_supervised(&again, true, at("2026-11-25 09:00"), &calendar(), &limits()));
    assert_eq!(passed(again, "2027-01-25 09:00").1, []);
}

#[test]
fn a_head_that_was_stored_without_a_clock_counts_from_its_receipt() {
    let mut stored = serde_json::to_value(case("2026-11-24 09:00", B)).expect("plain data");
    stored.as_object_mut().expect("an object").remove("clock");
    let head: Head = serde_json::from_value(stored).expect("an earlier head");
    assert_eq!(result_by(&head, &calendar(), &limits()).map(|due| due.at), Some(at("2026-12-01 17:30")));
}
