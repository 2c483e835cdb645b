//! What an office pays for many cases: its inbox among thousands that are open, and a day's scheduled work among all that were ever filed.
//!
//!     cargo bench --package functions --bench cases [-- CASES]
//!
//! SQLite on a disk. A tenth of CASES (100,000) is filed on the telephone and waits; then all of it is graded and worked on by nobody, and the
//! rest comes in fifty days, graded as it comes: the worst that can be, since each case passes all its marks and stays open. The inbox is measured
//! when a tenth waits, when that tenth is graded, and at the end. A day's work is that of one of the fifty days; then scheduled work stands still
//! for ten days, and one pass makes up for it.

mod measure;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::appeal::Grade;
use functions::{
    Clock,
    office::{Operator, Remarks, Taken, Work, Worked},
    table::sqlite::Sqlite,
};
use jiff::SignedDuration;
use measure::{
    Site, at_once, figure, folder_on_a_disk,
    given::{self, CONSENT, MATTER, PERSON},
    load, median, resident, session_of,
};

const DAYS: usize = 50;
/// The last of them, without scheduled work.
const STILL: usize = 10;
const TIMES: usize = 21;
/// What `xiangshang inbox` prints of each list.
const ROWS: usize = 50;

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
    work(&site).await;

    let tenth = all / 10;
    let waiting = file(&site, 0..tenth).await;
    let among_new = inbox(&site, tenth).await;
    grade(&site, waiting).await;
    let among_graded = inbox(&site, tenth).await;
    println!("inbox among {tenth}: {among_new:.1?} when all wait, {among_graded:.1?} when all are graded");

    let a_day = (all - tenth) / DAYS;
    let mut days = Vec::new();
    let mut sum = 0;
    for day in 0..DAYS {
        let filed = file(&site, tenth + day * a_day..tenth + (day + 1) * a_day).await;
        grade(&site, filed).await;
        if day + STILL >= DAYS {
            clock.advance(SignedDuration::from_hours(24));
            continue;
        }
        // As `serve` does it, a pass an hour stands for each of its many: those in between find nothing due.
        let (mut took, mut ticked) = (Duration::ZERO, 0);
        for _ in 0..24 {
            clock.advance(SignedDuration::from_hours(1));
            let begun = Instant::now();
            ticked += work(&site).await.1;
            took += begun.elapsed();
        }
        println!("day {:>2}: {ticked:>6} cases looked after, {took:.2?}", day + 1);
        sum += ticked;
        days.push(took);
    }
    let among_all = inbox(&site, tenth + DAYS * a_day).await;
    let begun = Instant::now();
    let (passes, ticked) = work(&site).await;
    let made_up = begun.elapsed();

    println!();
    let ms = |took: Duration| format!("{:.1} ms", took.as_secs_f64() * 1e3);
    let worse = among_new.max(among_graded);
    figure(&format!("inbox among {tenth} open"), &ms(worse), "at most 100 ms", worse <= Duration::from_millis(100));
    println!("       inbox among {all} open: {}", ms(among_all));
    // The busiest days are those by which all that was filed before passes a mark each day.
    let longest = days.iter().max().copied().unwrap_or_default();
    let usual = median(days);
    figure(
        &format!("a day's scheduled work among {all}, median"),
        &format!("{usual:.2?}"),
        "at most 10 s",
        usual <= Duration::from_secs(10),
    );
    println!("       the longest day {longest:.2?}; {sum} marks passed by cases in {} days", DAYS - STILL);
    println!("       after {STILL} days without: {ticked} cases in {passes} passes, {made_up:.1?}");
    println!("       {:.0} MB in memory", resident() as f64 / 1e6);
    assert!(sum >= tenth, "each of the first {tenth} passes its marks in these days, and {sum} did");
}

/// Appeals of firms that are all different, taken down on the telephone; their numbers.
async fn file(site: &Site, cases: std::ops::Range<usize>) -> Vec<String> {
    let here = site.clone();
    let (_, numbers) = at_once(64, cases.collect(), move |case: usize| {
        let site = here.clone();
        async move {
            let (mobile, company) = (format!("139{case:08}"), format!("示例企业{case}"));
            let values = given::with(&given::with(PERSON, "mobile", &mobile), "company", &company);
            let values = MATTER.iter().copied().chain(values).chain(CONSENT.iter().copied());
            let raw = values.map(|(name, value)| (name.to_owned(), vec![value.to_owned()])).collect();
            let taken = site.service.take("appeal", raw, &Operator("小李".to_owned())).await.expect("nobody else uses the table");
            let Taken::Received(receipt) = taken else { panic!("the answers are right: {taken:?}") };
            receipt.number
        }
    })
    .await;
    numbers
}

/// Takes cases on and grades them, so that their time runs.
async fn grade(site: &Site, numbers: Vec<String>) {
    let here = site.clone();
    at_once(64, numbers, move |number: String| {
        let site = here.clone();
        async move {
            let remarks = Remarks { note: None, private: Some("示例".to_owned()) };
            for work in [Work::Accept, Work::Grade(Grade::B)] {
                let worked = site.service.work(&number, &work, &remarks, &Operator("小李".to_owned())).await;
                let worked = worked.expect("nobody else uses the table");
                assert!(matches!(worked, Worked::Done { .. }), "{worked:?}");
            }
        }
    })
    .await;
}

/// The median time of what `xiangshang inbox` asks for.
async fn inbox(site: &Site, open: usize) -> Duration {
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let begun = Instant::now();
        let (waiting, cases) = (site.service.inbox(ROWS).await, site.service.open_cases(ROWS).await);
        times.push(begun.elapsed());
        let (waiting, cases) = (waiting.expect("nobody else uses the table"), cases.expect("nobody else uses the table"));
        assert_eq!(waiting.all + cases.all, open);
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
