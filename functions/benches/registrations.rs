//! How many registrations a second one machine keeps for good, through the router, with every check on.
//!
//!     cargo bench --package functions --bench registrations [-- REGISTRATIONS]
//!
//! 64 visitors at once, each with a telephone, a firm and an address of its own, on a SQLite file on a disk whose every flush takes 4 ms
//! longer. A visit is four requests: the first step (a sealed draft is committed), 核对, 确认 (the registration is committed) and
//! the receipt. The bar is on 确认: checked, sealed, stored with its look-ups, receipt and message, flushed, answered. The others are
//! shown beside it. Nobody confirms sooner than three seconds after the first step, as the check against robots wants it, so rounds of
//! visitors go through each step together.

mod measure;

use std::{sync::Arc, time::Duration};

use functions::table::{Table, sqlite::Sqlite};
use measure::{OneByOne, Phase, Site, at_once, figure, folder_on_a_disk, load, median, resident, running_clock, session_of};

const CLIENTS: usize = 64;
const ROUND: usize = 5_000;

fn main() {
    measure::slow_flushes(Duration::from_millis(4));
    let all: usize = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("the system gives threads");
    runtime.block_on(measure_all(all));
}

async fn measure_all(all: usize) {
    println!("{CLIENTS} clients, 4 ms added to every flush, load of the machine {}", load());
    let folder = folder_on_a_disk();
    let clock = running_clock();
    let table = Sqlite::open(&folder.path().join("table.db"), clock.clone()).expect("the folder is new");
    let site = site_on(Arc::new(table), clock).await;

    let (mut rounds, mut memory) = (Vec::new(), Vec::new());
    for round in 0..all.div_ceil(ROUND) {
        let size = ROUND.min(all - round * ROUND);
        rounds.push(visit(&site, round * ROUND, size).await);
        memory.push(resident());
        let confirmed = &rounds.last().expect("a round was just pushed").confirmed;
        println!(
            "{:>7} registered   {:>6.0}/s   p99 {:>5.1} ms   {:>4.0} MB in memory   load {}",
            round * ROUND + size,
            confirmed.rate(),
            confirmed.percentile(0.99).as_secs_f64() * 1e3,
            *memory.last().expect("a round was just pushed") as f64 / 1e6,
            load()
        );
    }
    let of = |phase: fn(&Visits) -> &Phase| {
        let mut ordered: Vec<&Phase> = rounds.iter().map(phase).collect();
        ordered.sort_by(|one, other| one.rate().total_cmp(&other.rate()));
        ordered[ordered.len() / 2].clone()
    };
    println!("\nmedian round of {}", rounds.len());
    of(|visits| &visits.begun).row("first step (a draft committed)");
    of(|visits| &visits.reviewed).row("核对");
    let confirmed = of(|visits| &visits.confirmed);
    confirmed.row("确认 (a registration committed)");
    of(|visits| &visits.received).row("receipt");
    let whole = median(rounds.iter().map(Visits::rate).collect());
    println!("{:<46} {whole:>8.0}/s", "whole visits, one step after the other");

    let folder = folder_on_a_disk();
    let clock = running_clock();
    let table = OneByOne::new(Sqlite::open(&folder.path().join("table.db"), clock.clone()).expect("the folder is new"));
    let one_by_one = visit(&site_on(Arc::new(table), clock).await, 0, 1_000.min(all)).await.confirmed;
    one_by_one.row("确认, a flush for each");

    println!();
    let rate = confirmed.rate();
    figure("registrations a second", &format!("{rate:.0}"), "at least 2,000", rate >= 2_000.0);
    let ratio = rate / one_by_one.rate();
    figure("against a flush for each", &format!("{ratio:.1} times"), "at least 10 times", ratio >= 10.0);
    // Of all rounds: in the one of the median rate the log may by chance have been copied more often than in others, or not at all.
    let slowest = median(rounds.iter().map(|visits| visits.confirmed.percentile(0.99)).collect());
    figure("99 of 100 answered within", &format!("{slowest:.1?}"), "at most 60 ms", slowest <= Duration::from_millis(60));
    // The first tenth fills the caches of SQLite and of the allocator.
    let (early, late) = (memory[memory.len() / 10] as f64 / 1e6, *memory.last().expect("there was a round") as f64 / 1e6);
    let growth = late / early - 1.0;
    figure(
        &format!("memory over {all}"),
        &format!("{early:.0} MB, then {late:.0} MB"),
        "grows by at most a tenth",
        growth <= 0.1,
    );
}

async fn site_on(table: Arc<dyn Table>, clock: functions::Clock) -> Site {
    Site::open(table, clock, vec![session_of("salon", 1_000_000)]).await
}

/// The steps of one round.
struct Visits {
    begun: Phase,
    reviewed: Phase,
    confirmed: Phase,
    received: Phase,
}

impl Visits {
    /// Whole visits a second.
    fn rate(&self) -> f64 {
        let took = self.begun.took + self.reviewed.took + self.confirmed.took + self.received.took;
        self.confirmed.pieces as f64 / took.as_secs_f64()
    }
}

async fn visit(site: &Site, first: usize, size: usize) -> Visits {
    let with = |site: &Site| site.clone();
    let here = with(site);
    let visitors: Vec<usize> = (first..first + size).collect();
    let (begun, drafts) = at_once(CLIENTS, visitors.clone(), move |visitor| {
        let site = with(&here);
        async move { (visitor, site.begin(visitor, "salon").await) }
    })
    .await;
    tokio::time::sleep(Duration::from_millis(3_100)).await;
    let here = with(site);
    let (reviewed, drafts) = at_once(CLIENTS, drafts, move |(visitor, draft)| {
        let site = with(&here);
        async move {
            site.review(visitor, &draft).await;
            (visitor, draft)
        }
    })
    .await;
    let here = with(site);
    let (confirmed, receipts) = at_once(CLIENTS, drafts, move |(visitor, draft)| {
        let site = with(&here);
        async move { (visitor, site.confirm(visitor, &draft).await) }
    })
    .await;
    let here = with(site);
    let (received, pages) = at_once(CLIENTS, receipts, move |(visitor, receipt)| {
        let site = with(&here);
        async move { site.receipt(visitor, &receipt).await.contains("<h1>报名成功</h1>") }
    })
    .await;
    assert!(pages.iter().all(|seated| *seated), "everybody has a seat");
    let [begun, reviewed, confirmed, received] = [begun, reviewed, confirmed, received].map(Phase::summed_up);
    Visits { begun, reviewed, confirmed, received }
}
