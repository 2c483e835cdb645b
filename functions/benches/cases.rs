//! What an office pays for many cases: its inbox among thousands that are open, and a day's scheduled work among all that were ever filed.
//!
//!     cargo bench --package functions --bench cases [-- CASES]
//!
//! SQLite on a disk. CASES (100,000) are filed on the telephone, so many a day for fifty days, and nobody works on them: the worst that can
//! be, since each passes all its marks. The inbox is measured when a tenth is filed and at the end; the first pass after all those days is
//! what an outage leaves behind, then each of five days has its own.

mod measure;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::form::Raw;
use functions::{
    Clock,
    office::{Operator, Taken},
    table::sqlite::Sqlite,
};
use jiff::SignedDuration;
use measure::{
    Site, at_once, figure, folder_on_a_disk,
    given::{self, CONSENT, MATTER, PERSON},
    load, median, resident, session_of,
};

const DAYS: usize = 50;
const TIMES: usize = 21;

fn main() {
    let all: usize = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("the system gives what a runtime needs");
    runtime.block_on(measure_all(all));
}

async fn measure_all(all: usize) {
    println!("{all} cases, load of the machine {}", load());
    let folder = folder_on_a_disk();
    let clock = Clock::standing_at(given::start());
    let table = Sqlite::open(&folder.path().join("table.db"), clock.clone()).expect("the folder is new");
    let site = Site::open(Arc::new(table), clock.clone(), vec![session_of("salon", 80)]).await;

    let a_day = all / DAYS;
    let mut among_a_tenth = Duration::ZERO;
    for day in 0..DAYS {
        file(&site, day * a_day..(day + 1) * a_day).await;
        clock.advance(SignedDuration::from_hours(24));
        if (day + 1) * 10 == DAYS {
            among_a_tenth = inbox(&site, all / 10).await;
        }
    }
    let among_all = inbox(&site, all).await;

    let begun = Instant::now();
    let (passes, ticked) = work(&site).await;
    println!("the first pass after {DAYS} days: {ticked} cases in {passes} passes, {:.1?}", begun.elapsed());
    let mut days = Vec::new();
    for day in 0..5 {
        file(&site, (DAYS + day) * a_day..(DAYS + day + 1) * a_day).await;
        // As `serve` does it, a pass an hour stands for each of its many: those in between find nothing due.
        let (mut took, mut ticked) = (Duration::ZERO, 0);
        for _ in 0..24 {
            clock.advance(SignedDuration::from_hours(1));
            let begun = Instant::now();
            ticked += work(&site).await.1;
            took += begun.elapsed();
        }
        println!("day {}: {ticked} cases looked after, {took:.2?}", day + 1);
        days.push(took);
    }

    println!();
    let tenth = format!("{:.1} ms", among_a_tenth.as_secs_f64() * 1e3);
    figure(&format!("inbox among {} open", all / 10), &tenth, "at most 100 ms", among_a_tenth <= Duration::from_millis(100));
    println!("       inbox among {all} open: {:.1} ms", among_all.as_secs_f64() * 1e3);
    let day = median(days);
    figure(&format!("a day's scheduled work over {all}"), &format!("{day:.2?}"), "at most 10 s", day <= Duration::from_secs(10));
    println!("       {:.0} MB in memory", resident() as f64 / 1e6);
}

/// Appeals of firms that are all different, taken down on the telephone.
async fn file(site: &Site, cases: std::ops::Range<usize>) {
    let here = site.clone();
    at_once(64, cases.collect(), move |case: usize| {
        let site = here.clone();
        async move {
            let (mobile, company) = (format!("139{case:08}"), format!("示例企业{case}"));
            let values = given::with(&given::with(PERSON, "mobile", &mobile), "company", &company);
            let values = MATTER.iter().copied().chain(values).chain(CONSENT.iter().copied());
            let raw = Raw(values.map(|(name, value)| (name.to_owned(), vec![value.to_owned()])).collect());
            let taken = site.service.take("appeal", raw, &Operator("小李".to_owned())).await.expect("nobody else uses the table");
            assert!(matches!(taken, Taken::Received(_)), "{taken:?}");
        }
    })
    .await;
}

/// The median time of what `xiangshang inbox` asks for.
async fn inbox(site: &Site, open: usize) -> Duration {
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let begun = Instant::now();
        let (waiting, cases) = (site.service.inbox().await, site.service.open_cases().await);
        times.push(begun.elapsed());
        let (waiting, cases) = (waiting.expect("nobody else uses the table"), cases.expect("nobody else uses the table"));
        assert_eq!(waiting.len() + cases.len(), open);
    }
    median(times)
}

/// Passes until nothing is left to do: how many, and how many cases they changed.
async fn work(site: &Site) -> (usize, usize) {
    let (mut passes, mut ticked) = (0, 0);
    loop {
        let ran = site.service.run_due().await.expect("nobody else uses the table");
        (passes, ticked) = (passes + 1, ticked + ran.ticked);
        if !ran.more {
            return (passes, ticked);
        }
    }
}
