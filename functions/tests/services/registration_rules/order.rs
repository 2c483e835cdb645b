//! Registrations in any order: whatever people, the clock and the site do, every invariant of seats, queue, shares and records holds.
//!
//! A case is a list of acts. After each of them all that is stored is read back and held to the rules.

use std::sync::Arc;

use domain::{
    Attendance, Way,
    registration::{By, Change, Standing, offer},
    value::TrackingNumber,
};
use functions::{Answered, Clock, ServiceError, table::Table};
use jiff::SignedDuration;
use proptest::{
    prelude::*,
    test_runner::{Config as Cases, TestRunner},
};

use super::world::{Picture, World};

/// What can be done.
#[derive(Debug, Clone)]
pub enum Do {
    Register {
        person: u32,
        firm: u32,
        wished: Attendance,
        people: u8,
    },
    Cancel(usize),
    Leave(usize),
    Accept(usize),
    Decline(usize),
    /// Somebody is told of an offer.
    Deliver(usize),
    Change {
        whom: usize,
        wished: Attendance,
        people: u8,
    },
    Wait {
        minutes: u32,
    },
    Settle,
    Capacity {
        onsite: u8,
        online: u8,
    },
    Place(u8),
    Postpone(bool),
    CallOff,
}

fn acts() -> impl Strategy<Value = Vec<Do>> {
    let wished = || prop_oneof![3 => Just(Attendance::Onsite), 2 => Just(Attendance::Online), 2 => Just(Attendance::Both)];
    let act = prop_oneof![
        12 => (0u32..14, 0u32..5, wished(), 1u8..4)
            .prop_map(|(person, firm, wished, people)| Do::Register { person, firm, wished, people }),
        5 => any::<usize>().prop_map(Do::Cancel),
        1 => any::<usize>().prop_map(Do::Leave),
        3 => any::<usize>().prop_map(Do::Accept),
        2 => any::<usize>().prop_map(Do::Decline),
        3 => any::<usize>().prop_map(Do::Deliver),
        4 => (any::<usize>(), wished(), 1u8..4).prop_map(|(whom, wished, people)| Do::Change { whom, wished, people }),
        5 => prop_oneof![4 => 1u32..120, 3 => 120u32..1_500, 1 => 1_500u32..6_000].prop_map(|minutes| Do::Wait { minutes }),
        5 => Just(Do::Settle),
        3 => (0u8..7, 0u8..4).prop_map(|(onsite, online)| Do::Capacity { onsite, online }),
        1 => (0u8..3).prop_map(Do::Place),
        1 => any::<bool>().prop_map(Do::Postpone),
    ];
    let ending = prop_oneof![2 => Just(None), 1 => Just(Some(Do::CallOff))];
    (prop::collection::vec(act, 5..45), ending).prop_map(|(acts, ending)| acts.into_iter().chain(ending).collect())
}

impl World {
    async fn act(&mut self, act: &Do) {
        // Whoever comes later has a later turn.
        self.clock.advance(SignedDuration::from_secs(1));
        let answered = |answer: Result<Answered, ServiceError>| drop(answer.unwrap());
        match *act {
            Do::Register { person, firm, wished, people } => self.register(person, firm, wished, people).await,
            Do::Wait { minutes } => self.clock.advance(SignedDuration::from_mins(i64::from(minutes))),
            Do::Settle => drop(self.service.settle_sessions().await.unwrap()),
            Do::Capacity { onsite, online } => {
                self.publish(|session| (session.onsite_seats, session.online_seats) = (onsite.into(), online.into())).await;
            }
            Do::Place(room) => self.publish(|session| session.place = format!("{room} 号会议室")).await,
            Do::Postpone(postponed) => self.publish(|session| session.postponed = postponed).await,
            Do::CallOff => self.publish(|session| session.cancelled = true).await,
            Do::Cancel(whom)
            | Do::Leave(whom)
            | Do::Accept(whom)
            | Do::Decline(whom)
            | Do::Deliver(whom)
            | Do::Change { whom, .. } => {
                let Some(number) = self.meant(whom) else { return };
                let service = &self.service;
                match *act {
                    Do::Cancel(_) => answered(service.cancel(&number, By::Person).await),
                    Do::Leave(_) => answered(service.leave_waitlist(&number, By::Person).await),
                    Do::Accept(_) => answered(service.accept_offer(&number, By::Person).await),
                    Do::Decline(_) => answered(service.decline_offer(&number, By::Person).await),
                    Do::Deliver(_) => service.offer_delivered(&number, self.clock.now()).await.unwrap(),
                    Do::Change { wished, people, .. } => {
                        let companions = (1..people).map(|n| format!("同行{n}")).collect();
                        answered(service.change(&number, &Change { attendance: wished, companions }, By::Person).await);
                    }
                    _ => unreachable!("only these mean somebody"),
                }
            }
        }
    }
}

/// What must be true of a change from one moment to the next.
fn follows(before: &Picture, after: &Picture, act: &Do) {
    for way in Way::ALL {
        if after.taken[&way] > before.taken[&way] {
            assert!(after.taken[&way] <= after.session.seats(way), "more is given out than there is: {act:?} {way:?}");
        }
        let waits = |picture: &Picture, number: &TrackingNumber| match picture.registrations.get(number) {
            Some(one) if one.wished.includes(way) => match &one.standing {
                Standing::Waiting(turn) => Some(turn.clone()),
                _ => None,
            },
            _ => None,
        };
        for (number, one) in &after.registrations {
            let was = before.registrations.get(number).map(|one| one.standing.clone());
            if one.standing.seats() != Some(way) || was.as_ref().and_then(Standing::seats) == Some(way) {
                continue;
            }
            // They have seats in this way that they had not before: nobody who came earlier still waits for them.
            let turn = match &was {
                Some(Standing::Waiting(turn)) => Some(turn),
                _ => None,
            };
            for other in after.registrations.keys() {
                if let (Some(_), Some(still)) = (waits(before, other), waits(after, other)) {
                    assert!(turn.is_some_and(|turn| *turn < still), "{number} got ahead of {other} by {act:?}");
                }
            }
        }
    }
}

/// What a settling leaves when it was given time: nobody waits for a seat that they could be offered, no offer has run out, and everybody
/// knows how things stand.
fn is_settled(picture: &Picture) {
    let session = &picture.session;
    let is_over = picture.now >= session.end && !session.postponed;
    for one in picture.registrations.values() {
        if let Standing::Offered(held) = &one.standing {
            assert!(picture.now < offer::runs_out(session, held), "an offer has run out");
        }
        let head = serde_json::to_value(one).unwrap();
        // What changes about a session that is over is no news.
        if !one.stage().is_over() && !is_over {
            assert!(!session.cancelled, "somebody does not know that it is cancelled");
            assert_eq!(head["told"], serde_json::to_value(session.announced()).unwrap(), "somebody does not know when and where");
        }
    }
    let awake = domain::message::awake(picture.now) == picture.now;
    if !awake || session.postponed || session.cancelled || picture.now >= session.start {
        return;
    }
    for way in Way::ALL {
        let first = picture.registrations.values().filter(|one| one.wished.includes(way)).filter_map(|one| match &one.standing {
            Standing::Waiting(turn) => Some((turn.clone(), one.people)),
            _ => None,
        });
        if let Some((_, people)) = first.min() {
            assert!(picture.taken[&way] + people > session.seats(way), "somebody waits for seats that are free {way:?}");
        }
    }
}

pub async fn any_order_of_acts_keeps_every_invariant(table: Arc<dyn Table>, clock: Clock, acts: Vec<Do>) {
    let mut world = World::new(table, clock).await;
    let mut before = world.picture().await;
    for act in &acts {
        world.act(act).await;
        let after = world.picture().await;
        world.holds(&after).await;
        follows(&before, &after, act);
        if let Do::Settle = act {
            is_settled(&after);
        }
        before = after;
    }
    world.service.settle_sessions().await.unwrap();
    let after = world.picture().await;
    world.holds(&after).await;
    is_settled(&after);
    assert_eq!(world.service.settle_sessions().await.unwrap(), 0, "what is settled stays as it is");
}

/// Runs `cases` cases, each on a table of its own.
pub fn run<F: Future<Output = ()>>(cases: u32, on: impl Fn(Vec<Do>) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = Cases { cases, failure_persistence: None, max_shrink_iters: 400, ..Cases::default() };
    let outcome = TestRunner::new(config).run(&acts(), |acts| {
        let run = std::panic::AssertUnwindSafe(|| runtime.block_on(on(acts)));
        std::panic::catch_unwind(run).map_err(|panic| {
            let words = panic.downcast_ref::<String>().cloned();
            TestCaseError::fail(words.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default())
        })
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
