//! Whatever staff, a firm and time do to a case, in any order: nothing outside the table of transitions happens, on both engines.

use std::sync::Arc;

use domain::appeal::{
    Act, Card, Grade, TRANSITIONS,
    firm::{Content, Solved},
    verify_chain,
};
use functions::{
    Clock, Config,
    office::{Remarks, Work, Worked},
    table::{Table, sqlite::Sqlite},
};

use crate::{
    appeal_work::{acts_of, assign, events_in, staff, tracked, work},
    cloud,
    given::{self, Site, hidden, manifest, session},
};

#[tokio::test]
async fn sqlite_nothing_outside_the_table_ever_happens() {
    let mut happened = 0;
    for seed in 0..12 {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::standing_at(given::start());
        let table = Arc::new(Sqlite::open(&folder.path().join("data/table.db"), clock.clone()).unwrap());
        let site = Site::on_table(table.clone(), folder, clock, Config::default()).await;
        happened += anything_in_any_order(&site, table.as_ref(), seed, 160).await;
    }
    assert!(happened > 100, "cases to which nothing happens show nothing: {happened}");
}

#[tokio::test]
async fn dynamodb_nothing_outside_the_table_ever_happens() {
    let mut happened = 0;
    for seed in 100..103 {
        let clock = Clock::standing_at(given::start());
        let table = Arc::new(cloud::table(clock.clone()).await);
        let site = Site::on_table(table.clone(), tempfile::tempdir().unwrap(), clock, Config::default()).await;
        happened += anything_in_any_order(&site, table.as_ref(), seed, 50).await;
    }
    assert!(happened > 20, "cases to which nothing happens show nothing: {happened}");
}

/// Whatever staff, the firm and time do to one case, in any order; how much happened.
async fn anything_in_any_order(site: &Site, table: &dyn Table, seed: u64, steps: usize) -> usize {
    let mut dice = fastrand::Rng::with_seed(seed);
    site.service.publish(manifest(vec![session("salon")])).await.unwrap();
    let who = site.appeal().await;
    let other = site.appeal().await;
    let mut happened = 0;
    for step in 0..steps {
        let before = events_in(table, &who.0).await;
        let context = format!("seed {seed}, step {step}, after {:?}", acts_of(&before));
        match dice.u8(0..10) {
            0 => {
                let hours = dice.i64(1..120);
                site.wait(hours * 3600);
                site.service.run_due().await.unwrap();
            }
            1 | 2 => firm_does(site, &who, &mut dice).await,
            3 if dice.bool() => {
                // Nobody is home.
                let _ = site.service.call_tried(&who.0, &staff(), None).await;
            }
            _ => {
                let piece = any_work(&mut dice, &other.0);
                let remarks = Remarks { note: Some("说一句".to_owned()), private: Some("内部的话".to_owned()) };
                let worked = work(site, &who.0, piece.clone(), remarks).await;
                let after = events_in(table, &who.0).await;
                match worked {
                    Worked::Refused(_) => assert_eq!(after, before, "{context}: {piece:?} was refused and did something"),
                    Worked::Done { .. } => assert_eq!(after.len(), before.len() + 1, "{context}: {piece:?}"),
                }
            }
        }
        let after = events_in(table, &who.0).await;
        happened += after.len() - before.len();
        assert!(after.starts_with(&before), "{context}: what has happened was changed");
        verify_chain(&after).unwrap();
        for event in after.iter().skip(1) {
            let from = event.from.unwrap();
            let row = |row: &&domain::appeal::Transition| {
                row.act == event.act
                    && row.from.contains(&from)
                    && row.by.contains(&event.by)
                    && row.to.unwrap_or(from) == event.to
            };
            assert!(TRANSITIONS.iter().any(|candidate| row(&candidate)), "{context}: {event:?} is not in the table");
        }
        for act in [Act::Remind, Act::ProposeYellow, Act::ProposeRed, Act::IssueYellow, Act::IssueRed] {
            // A grade, too, may begin a longer time.
            let begun = |act: Act| matches!(act, Act::Dispute | Act::Reopen | Act::Grade);
            let rounds = 1 + after.iter().filter(|event| begun(event.act)).count();
            assert!(after.iter().filter(|event| event.act == act).count() <= rounds, "{context}: {act:?} more than once a round");
        }
        let shown = site.service.case(&who.0).await.unwrap();
        assert_eq!(shown.state, after.last().unwrap().to.words(), "{context}: head and events disagree");
    }
    happened
}

/// One of the buttons that the tracker shows, or a page that is out of date.
async fn firm_does(site: &Site, who: &(String, String), dice: &mut fastrand::Rng) {
    let page = tracked(site, who).await;
    if !page.text.contains("/f/act/") {
        return;
    }
    let token = hidden(&page.text, "token");
    let act = ["withdraw", "solved", "follow-up", "supplement", "add", "reopen"][dice.usize(0..6)];
    let stage = if act == "withdraw" { "sure" } else { "answers" };
    // Withdrawing ends a case: seldom, so that others happen too.
    if act == "withdraw" && dice.u8(0..20) > 0 {
        return;
    }
    let solved = ["yes", "partly", "no"][dice.usize(0..3)];
    let content = ["satisfied", "mostly", "dissatisfied", "unsaid"][dice.usize(0..4)];
    let values = [
        ("token", token.as_str()),
        ("stage", stage),
        ("solved", solved),
        ("content", content),
        ("addition", "再补充一句"),
        ("reason", "问题又出现了"),
    ];
    site.post(&format!("/f/act/{act}"), &values).await.goes_to();
}

fn any_work(dice: &mut fastrand::Rng, other: &str) -> Work {
    let grades = [Grade::A, Grade::B, Grade::C];
    match dice.u8(0..40) {
        // These end a case: seldom, so that others happen too.
        0..=2 if dice.u8(0..10) > 0 => Work::Accept,
        0 => Work::Reject { ground: "依据".to_owned(), instead: "别处".to_owned() },
        1 => Work::Transfer { to: "别的部门".to_owned(), their_number: "1".to_owned() },
        2 => Work::Merge { into: other.to_owned() },
        3..=7 => Work::Accept,
        8..=12 => Work::Grade(grades[dice.usize(0..3)]),
        13 | 14 => assign(&["营商办", "工商联"]),
        15 | 16 => assign(&[]),
        17..=20 => Work::Take,
        21 => Work::Return,
        22 | 23 => Work::Ask,
        24 => Work::Supplement,
        25 => Work::Add,
        26 if dice.bool() => Work::Plan,
        26 => Work::Report,
        27 | 28 => Work::Extend,
        29..=33 => Work::Answer { signed: vec!["营商办".to_owned(), "工商联".to_owned()] },
        34 => Work::AnswerOnTheSpot,
        35 => Work::FollowUp { solved: Solved::Partly, content: Content::Mostly },
        36 => Work::FollowUp { solved: Solved::No, content: Content::Unsaid },
        37 if dice.bool() => Work::Issue([Card::Yellow, Card::Red][dice.usize(0..2)]),
        37 | 38 => Work::Close,
        _ => Work::Reopen,
    }
}
