//! Everybody at once: what was told to whom, and whether one order of events explains it.
//!
//! Clients record when they asked and when they were answered. Seats are linearizable when the recorded answers can be put into one order
//! that keeps those times and is what a single clerk with a list would have answered. With nothing but registrations of one person
//! [`explained`] decides that exactly and at once, so no search is needed (`stateright`'s tester searches, and is lost among dozens of
//! clients at once).
//! Checkers that cannot fail prove nothing, so tables that are wrong on purpose are checked as well.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::http::{StatusCode, header};
use domain::Session;
use faults::{Fault, Faults, Proxy};
use functions::{
    Clock, Config,
    table::{Table, dynamodb::DynamoDb, sqlite::Sqlite},
};

use crate::{
    cloud,
    given::{self, CONSENT, Site, manifest, registrant, session},
    strained::{Strain, Strained},
};

/// What a client was told, and between which moments.
#[derive(Debug, Clone)]
struct Told {
    asked: Instant,
    answered: Instant,
    seated: bool,
    number: String,
}

/// `people` who confirm at the same moment on a SQLite table, and repeat when they are told to come again.
async fn storm(how: Strain, seed: u64, people: usize, seats: u32) -> (Site, Vec<Told>) {
    let clock = Clock::starting_at(given::start());
    let folder = tempfile::tempdir().unwrap();
    let table = Sqlite::open(&folder.path().join("data/table.db"), clock.clone()).unwrap();
    let table = Arc::new(Strained::new(table, how, seed));
    let site = open(table.clone(), folder, clock, seats).await;
    let drafts = drafts(&site, people).await;
    table.begin();
    // A second is a hundredth of one: this table needs no rest.
    let told = all_at_once(&site, drafts, Duration::from_millis(10)).await;
    (Arc::into_inner(site).unwrap(), told)
}

/// The same on a DynamoDB table, over HTTP, where so many of a hundred transactions meet another one.
async fn cloud_storm(conflicts: f64, seed: u64, people: usize, seats: u32) -> (Site, Vec<Told>) {
    let clock = Clock::starting_at(given::start());
    let calm = cloud::table(clock.clone()).await;
    let proxy = Proxy::start(&cloud::endpoint(), Faults::default(), seed).await.unwrap();
    let table = match conflicts {
        0.0 => calm.clone(),
        _ => DynamoDb::new(cloud::client(proxy.url()), calm.name().to_owned(), clock.clone()),
    };
    let site = open(Arc::new(table), tempfile::tempdir().unwrap(), clock.clone(), seats).await;
    let drafts = drafts(&site, people).await;
    proxy.set(Faults::conflicts(conflicts));
    let told = all_at_once(&site, drafts, Duration::from_secs(1)).await;
    assert_eq!(conflicts > 0.0, proxy.raised().get(&Fault::Conflict).is_some_and(|raised| *raised > people / 3));
    proxy.set(Faults::default());
    // The proxy ends here; what is stored is read without it.
    let Site { folder, .. } = Arc::into_inner(site).unwrap();
    (Site::on_table(Arc::new(calm), folder, clock, Config::default()).await, told)
}

async fn open(table: Arc<dyn Table>, folder: tempfile::TempDir, clock: Clock, seats: u32) -> Arc<Site> {
    // The clock runs, since a place is a moment; the check against robots is tested elsewhere.
    let config = Config { minimum_time: Duration::ZERO, ..Config::default() };
    let site = Site::on_table(table, folder, clock, config).await;
    let salon = Session { onsite_seats: seats, onsite_reserved: 0, ..session("salon") };
    site.service.publish(manifest(vec![salon])).await.unwrap();
    Arc::new(site)
}

/// Filled in, a few at a time, each with a firm and a telephone of its own.
async fn drafts(site: &Arc<Site>, people: usize) -> Vec<String> {
    let mut drafts = Vec::new();
    for first in (0..people).step_by(40) {
        let filling: Vec<_> = (first..people.min(first + 40))
            .map(|n| {
                let site = site.clone();
                tokio::spawn(async move {
                    let (mobile, company) = (format!("139{n:08}"), format!("示例企业{n}"));
                    site.registration_draft(&registrant(&mobile, &company)).await
                })
            })
            .collect();
        for draft in filling {
            drafts.push(draft.await.unwrap());
        }
    }
    drafts
}

/// 确认 of all drafts at the same moment; a second of `Retry-After` is as long as `second`.
async fn all_at_once(site: &Arc<Site>, drafts: Vec<String>, second: Duration) -> Vec<Told> {
    let (begun, people) = (Instant::now(), drafts.len());
    let clients: Vec<_> = drafts
        .into_iter()
        .map(|draft| {
            let site = site.clone();
            tokio::spawn(async move {
                let confirm = format!("{draft}/confirm");
                let asked = Instant::now();
                let (reply, busy) = insist(second, || site.post(&confirm, CONSENT)).await;
                let (receipt, answered) = (reply.goes_to(), Instant::now());
                let (again, _) = insist(second, || site.post(&confirm, CONSENT)).await;
                assert_eq!(again.goes_to(), receipt, "asked again, answered the same");
                let (page, _) = insist(second, || site.get(&receipt)).await;
                let seated = page.text.contains("<h1>报名成功</h1>");
                (Told { asked, answered, seated, number: page.number_and_code().0 }, busy)
            })
        })
        .collect();
    let (mut told, mut busy) = (Vec::new(), Vec::new());
    for client in clients {
        let (one, times) = client.await.unwrap();
        told.push(one);
        busy.push(times);
    }
    let last = told.iter().map(|told| told.answered - told.asked).max().unwrap_or_default();
    println!(
        "{people} at once: {} told to come again, at most {} times; the last answered after {last:.1?}, all over after {:.1?}",
        busy.iter().filter(|times| **times > 0).count(),
        busy.iter().max().unwrap_or(&0),
        begun.elapsed()
    );
    told
}

/// Asks until there is an answer, as `Retry-After` asks; and how often it was asked to come again.
async fn insist<F: Future<Output = given::Reply>>(second: Duration, ask: impl Fn() -> F) -> (given::Reply, usize) {
    for busy in 0..200 {
        let reply = ask().await;
        if reply.status != StatusCode::SERVICE_UNAVAILABLE {
            return (reply, busy);
        }
        let seconds: u32 = reply.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
        tokio::time::sleep(second * seconds).await;
    }
    panic!("never answered");
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
async fn dynamodb_everybody_at_once_is_answered_once_and_every_seat_given_out_in_order() {
    let (site, told) = cloud_storm(0.0, 1, number("BURST", 150), 80).await;
    check(&site, &told, 80).await;
    assert!(explained(&told, 80));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dynamodb_three_transactions_in_ten_that_conflict_lose_nobody_and_double_nobody() {
    let (site, told) = cloud_storm(0.3, 2, number("BURST", 150), 80).await;
    check(&site, &told, 80).await;
    assert!(explained(&told, 80));
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
