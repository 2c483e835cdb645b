//! Everybody at once: what was told to whom, and whether one order of events explains it.
//!
//! Clients record when they asked and when they were answered. Seats are linearizable when the recorded answers can be put into one order
//! that keeps those times and is what a single clerk with a list would have answered. With nothing but registrations of one person
//! [`explained`] decides that exactly and at once, so no search is needed (`stateright`'s tester searches, and is lost among dozens of
//! clients at once).
//! Checkers that cannot fail prove nothing, so tables that are wrong on purpose are checked as well.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]
#![cfg(feature = "sqlite")]

mod given;

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::http::{StatusCode, header};
use domain::Session;
use functions::{
    Clock, Config,
    table::{Answer, Index, Item, Key, Page, Query, Table, TableError, Write, sqlite::Sqlite},
};
use given::{CONSENT, Site, manifest, registrant, session};

/// A SQLite table that is made to fail, or made wrong.
struct Strained {
    table: Sqlite,
    how: Strain,
    draws: AtomicU64,
    /// Until then it is an ordinary table: forms are filled in in peace.
    begun: AtomicBool,
}

#[derive(Clone, Copy, PartialEq)]
enum Strain {
    None,
    /// So many of a hundred transactions are refused as if another were at work on the same items, half of them after they were done.
    Busy(u64),
    /// Wrong: counters have no bound.
    Boundless,
    /// Wrong: a counter is read, and written a moment later whatever happened meanwhile.
    Torn,
}

impl Strained {
    /// The same numbers in the same order for the same seed (SplitMix64), whoever draws them.
    fn draw(&self) -> u64 {
        let mut z = self.draws.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Table for Strained {
    fn get<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Item>> {
        self.table.get(key)
    }

    fn query(&self, query: Query) -> Answer<'_, Page> {
        self.table.query(query)
    }

    fn query_index(&self, index: Index, query: Query) -> Answer<'_, Page> {
        self.table.query_index(index, query)
    }

    fn transact(&self, mut writes: Vec<Write>) -> Answer<'_, ()> {
        Box::pin(async move {
            let busy = || Err(TableError::Unavailable { retry_after: Duration::from_secs(1) });
            match if self.begun.load(Ordering::Relaxed) { self.how } else { Strain::None } {
                Strain::None => self.table.transact(writes).await,
                Strain::Busy(share) => {
                    let (raised, draw) = (self.draw() % 100 < share, self.draw());
                    if raised && draw.is_multiple_of(2) {
                        return busy();
                    }
                    let done = self.table.transact(writes).await;
                    if raised { busy() } else { done }
                }
                Strain::Boundless => {
                    for write in &mut writes {
                        if let Write::Add { at_most, .. } = write {
                            *at_most = i64::MAX;
                        }
                    }
                    self.table.transact(writes).await
                }
                Strain::Torn => {
                    for write in &writes {
                        if let Write::Add { key, by, at_most, .. } = write {
                            let count = self.table.get(key).await?.map_or(0, |item| item.count);
                            if count + by > *at_most {
                                return Err(TableError::Conflict { failed: vec![3] });
                            }
                        }
                    }
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    for write in &mut writes {
                        if let Write::Add { at_most, .. } = write {
                            *at_most = i64::MAX;
                        }
                    }
                    self.table.transact(writes).await
                }
            }
        })
    }

    fn sweep(&self, limit: usize) -> Answer<'_, usize> {
        self.table.sweep(limit)
    }
}

/// What a client was told, and between which moments.
#[derive(Debug, Clone)]
struct Told {
    asked: Instant,
    answered: Instant,
    seated: bool,
    number: String,
}

/// `people` who confirm at the same moment, each with a firm and a telephone of its own, and repeat when they are told to come again.
async fn storm(how: Strain, seed: u64, people: usize, seats: u32) -> (Site, Vec<Told>) {
    let clock = Clock::starting_at(given::start());
    let folder = tempfile::tempdir().unwrap();
    let table = Sqlite::open(&folder.path().join("data/table.db"), clock.clone()).unwrap();
    let table = Arc::new(Strained { table, how, draws: AtomicU64::new(seed), begun: AtomicBool::new(false) });
    // The clock runs, since a place is a moment; the check against robots is tested elsewhere.
    let config = Config { minimum_time: Duration::ZERO, ..Config::default() };
    let site = Arc::new(Site::on_table(table.clone(), folder, clock, config).await);
    let salon = Session { onsite_seats: seats, onsite_reserved: 0, ..session("salon") };
    site.service.publish(manifest(vec![salon])).await.unwrap();

    let mut drafts = Vec::new();
    for n in 0..people {
        let (mobile, company) = (format!("139{n:08}"), format!("示例企业{n}"));
        drafts.push(site.registration_draft(&registrant(&mobile, &company)).await);
    }
    table.begun.store(true, Ordering::Relaxed);
    let clients: Vec<_> = drafts
        .into_iter()
        .map(|draft| {
            let site = site.clone();
            tokio::spawn(async move {
                let confirm = format!("{draft}/confirm");
                let asked = Instant::now();
                let receipt = insist(&site, &confirm, CONSENT).await.goes_to();
                let answered = Instant::now();
                assert_eq!(insist(&site, &confirm, CONSENT).await.goes_to(), receipt, "asked again, answered the same");
                let page = site.get(&receipt).await;
                let seated = page.text.contains("<h1>报名成功</h1>");
                Told { asked, answered, seated, number: page.number_and_code().0 }
            })
        })
        .collect();
    let mut told = Vec::new();
    for client in clients {
        told.push(client.await.unwrap());
    }
    (Arc::into_inner(site).unwrap(), told)
}

/// Posts until there is an answer, as `Retry-After` asks; time is short here, so a second is a hundredth of one.
async fn insist(site: &Site, path: &str, values: &[(&str, &str)]) -> given::Reply {
    for _ in 0..200 {
        let reply = site.post(path, values).await;
        if reply.status != StatusCode::SERVICE_UNAVAILABLE {
            return reply;
        }
        let seconds: u64 = reply.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
        tokio::time::sleep(Duration::from_millis(seconds * 10)).await;
    }
    panic!("`{path}` was never answered");
}

/// Whether one order of all that was told explains it. A single clerk seats whoever comes while there are seats and nobody afterwards, so
/// only one shape of order is possible: all who are seated, as many as there are seats, then all who wait. It keeps the times when nobody
/// who waits was answered before somebody who is seated had asked.
fn explained(told: &[Told], seats: usize) -> bool {
    let (seated, waiting): (Vec<&Told>, Vec<&Told>) = told.iter().partition(|told| told.seated);
    let full = seated.len() == seats;
    let in_time = waiting.iter().all(|waits| seated.iter().all(|sits| waits.answered >= sits.asked));
    seated.len() <= seats && (waiting.is_empty() || full) && in_time
}

/// Everybody answered once, every seat given out, places unique, without gaps, and never against the order of asking.
async fn check(site: &Site, told: &[Told], seats: usize) {
    let numbers: BTreeSet<&String> = told.iter().map(|told| &told.number).collect();
    assert_eq!(numbers.len(), told.len(), "everybody has a number of their own");
    assert_eq!(told.iter().filter(|told| told.seated).count(), seats);
    let rows = site.service.roster("salon").await.unwrap().rows;
    assert_eq!(rows.iter().map(|row| &row.number).collect::<BTreeSet<_>>(), numbers, "what is stored is what was told");
    let place = |number: &String| {
        let row = rows.iter().find(|row| row.number == *number).unwrap();
        let place = row.standing.strip_prefix("候补第 ").and_then(|rest| rest.strip_suffix(" 位"));
        place.unwrap_or_else(|| panic!("{}", row.standing)).parse::<usize>().unwrap()
    };
    let mut waiting: Vec<(usize, &Told)> =
        told.iter().filter(|told| !told.seated).map(|told| (place(&told.number), told)).collect();
    waiting.sort_by_key(|(place, _)| *place);
    assert!(waiting.iter().enumerate().all(|(at, (place, _))| *place == at + 1), "places are unique and without gaps");
    // Walking down the queue, nobody was answered before somebody further up had even asked.
    let mut latest_asked: Option<Instant> = None;
    for (place, told) in waiting {
        assert!(
            latest_asked.is_none_or(|asked| told.answered >= asked),
            "place {place} was answered before one ahead of it asked"
        );
        latest_asked = latest_asked.max(Some(told.asked));
    }
}

/// `usual`, or what the environment asks for: the figures in BENCHMARKS.md come from larger numbers than every run of the tests needs.
fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_everybody_at_once_is_answered_once_and_every_seat_given_out_in_order() {
    let (site, told) = storm(Strain::None, 1, number("BURST", 300), 80).await;
    check(&site, &told, 80).await;
    assert!(explained(&told, 80));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_three_transactions_in_ten_that_fail_lose_nobody_and_double_nobody() {
    for seed in 0..number("SEEDS", 2) as u64 {
        let (site, told) = storm(Strain::Busy(30), seed, number("BURST", 200), 80).await;
        check(&site, &told, 80).await;
        assert!(explained(&told, 80), "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_a_table_that_is_wrong_is_found_out() {
    for wrong in [Strain::Boundless, Strain::Torn] {
        let mut found = false;
        for seed in 0..10 {
            let (_, told) = storm(wrong, seed, 60, 10).await;
            found |= !explained(&told, 10);
        }
        assert!(found, "more seats were given out than there are, and the checker explains it");
    }
}

#[test]
fn an_answer_against_the_order_of_events_is_not_explained() {
    let start = Instant::now();
    let told = |asked: u64, answered: u64, seated: bool| Told {
        asked: start + Duration::from_millis(asked),
        answered: start + Duration::from_millis(answered),
        seated,
        number: String::new(),
    };
    assert!(explained(&[told(0, 9, true), told(0, 9, false)], 1));
    assert!(explained(&[told(0, 9, false), told(1, 2, true)], 1), "at the same time either may be first");
    assert!(!explained(&[told(0, 1, false), told(2, 3, true)], 1), "told to wait while a seat was free, before the other asked");
    assert!(!explained(&[told(0, 1, true), told(2, 3, true)], 1), "one seat given out twice");
    assert!(!explained(&[told(0, 9, false), told(1, 2, false), told(3, 4, true)], 1));
}
