//! What one registration costs among 1,000, 10,000 and 100,000: taken, shown, found by number and code, listed with its neighbours, let in
//! and cancelled.
//!
//!     cargo bench --package functions --bench among_many [-- MOST]
//!
//! On SQLite in time and in what is asked of the table; on DynamoDB (when `AWS_ENDPOINT_URL_DYNAMODB` names a server; up to a tenth as
//! many) in what is asked alone, since a server for tests has times of its own. Each session has 50 registrants.

#[path = "../tests/services/cloud/mod.rs"]
mod cloud;
#[path = "../tests/services/counted/mod.rs"]
mod counted;
mod measure;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use counted::{Count, Counted};
use domain::{Session, registration::By, value::TrackingNumber};
use functions::{
    office::{Operator, Taken},
    table::{Table, sqlite::Sqlite},
};
use measure::{Site, at_once, folder_on_a_disk, given, load, median, running_clock, session_of};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
const ROOM: usize = 50;
const TIMES: usize = 41;

fn main() {
    let most: usize = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("the system gives what a runtime needs");
    runtime.block_on(async {
        let folder = folder_on_a_disk();
        let clock = running_clock();
        let table = Sqlite::open(&folder.path().join("table.db"), clock.clone()).expect("the folder is new");
        measure_on("SQLite", Arc::new(table), clock, most).await;
        if std::env::var_os("AWS_ENDPOINT_URL_DYNAMODB").is_some() {
            let clock = running_clock();
            let table = cloud::table(clock.clone()).await;
            measure_on("DynamoDB", Arc::new(table.clone()), clock, most / 10).await;
            table.delete_table().await.expect("the table was created by this run");
        }
    });
}

/// What something costs, at one size of the table.
struct Cost {
    count: Count,
    took: Duration,
}

async fn measure_on(engine: &str, table: Arc<dyn Table>, clock: functions::Clock, most: usize) {
    let table = Arc::new(Counted::new(table));
    let rooms = (0..most.div_ceil(ROOM)).map(|n| room(&format!("room-{n}"))).chain([room("salon")]);
    let site = Site::open(table.clone(), clock, rooms.collect()).await;
    println!("\n{engine}, load of the machine {}: reads, items read or written, bytes read, median time of {TIMES}", load());
    let mut costs: BTreeMap<&str, Vec<Cost>> = BTreeMap::new();
    let (mut stored, mut visitor) = (0, 90_000_000);
    let sizes: Vec<usize> = SIZES.into_iter().filter(|size| *size <= most).collect();
    for size in &sizes {
        fill(&site, stored..*size).await;
        stored = *size;
        for (what, cost) in cost(&site, &table, &mut visitor).await {
            costs.entry(what).or_default().push(cost);
        }
    }
    for (what, costs) in costs {
        for (size, Cost { count, took }) in sizes.iter().zip(&costs) {
            let Count { reads, transactions, items, bytes } = count;
            println!(
                "{what:<12} among {size:>7}: {reads:>3} reads, {transactions} transactions, {items:>3} items, {bytes:>6} bytes, {:>7.2} ms",
                took.as_secs_f64() * 1e3
            );
        }
        let (first, last) =
            (costs.first().expect("at least one act is measured"), costs.last().expect("at least one act is measured"));
        println!(
            "{what:<12} among {} times as many: {:.2} times the items, {:.2} times the time",
            sizes.last().expect("at least one size is measured") / sizes[0],
            last.count.items as f64 / first.count.items as f64,
            last.took.as_secs_f64() / first.took.as_secs_f64()
        );
    }
}

fn room(id: &str) -> Session {
    session_of(id, 200)
}

/// People whom staff register, each session its share.
async fn fill(site: &Site, people: std::ops::Range<usize>) {
    let here = site.clone();
    at_once(64, people.collect(), move |person: usize| {
        let site = here.clone();
        async move {
            let (mobile, company, room) =
                (format!("139{person:08}"), format!("示例企业{person}"), format!("room-{}", person / ROOM));
            let values = given::with(&given::registrant(&mobile, &company), "session", &room);
            let values = values.into_iter().chain(given::CONSENT.iter().copied());
            let raw = values.map(|(name, value)| (name.to_owned(), vec![value.to_owned()])).collect();
            let taken =
                site.service.take("registration", raw, &Operator("小李".to_owned())).await.expect("nobody else uses the table");
            assert!(matches!(taken, Taken::Received(_)));
        }
    })
    .await;
}

/// A median visit. The salon has as many registrants at every size: whoever comes for this goes again.
async fn cost(site: &Site, table: &Counted, visitor: &mut usize) -> Vec<(&'static str, Cost)> {
    let mut all: Vec<(&'static str, Vec<Duration>, Count)> = Vec::new();
    let drafts: Vec<(usize, String)> = {
        let mut drafts = Vec::new();
        for _ in 0..TIMES {
            *visitor += 1;
            drafts.push((*visitor, site.begin(*visitor, "salon").await));
        }
        drafts
    };
    // Nobody confirms sooner.
    tokio::time::sleep(Duration::from_millis(3_100)).await;
    for (visitor, draft) in drafts {
        let mut begun = Instant::now();
        table.take();
        let mut cost = |what| {
            let (took, count) = (begun.elapsed(), table.take());
            match all.iter_mut().find(|(known, ..)| *known == what) {
                Some((_, times, last)) => {
                    times.push(took);
                    *last = count;
                }
                None => all.push((what, vec![took], count)),
            }
            begun = Instant::now();
        };
        let receipt = site.confirm(visitor, &draft).await;
        cost("registered");
        let page = site.receipt(visitor, &receipt).await;
        cost("receipt");
        let after = |class: &str| {
            page.split_once(&format!("{class}\">"))
                .expect("the page is a receipt")
                .1
                .split('<')
                .next()
                .expect("a split has a first part")
                .trim()
                .to_owned()
        };
        let (number, code) = (after("receipt-number"), after("receipt-code"));
        let found = site.post(visitor, "/f/track", &[("number", &number), ("code", &code)]).await;
        assert!(found.body.contains(&number));
        cost("found");
        let rows = site.service.roster("salon").await.expect("the session is published").rows;
        cost("listed");
        let door = rows[0].code.as_deref().expect("the first has a seat").parse().expect("a code as it is shown");
        site.service.check_in("salon", door, By::Rules).await.expect("nobody else uses the table");
        cost("at the door");
        site.get(visitor, "/f/seats/salon").await;
        cost("seats");
        let number: TrackingNumber = number.parse().expect("a number as the receipt shows it");
        site.service.cancel(&number, By::Person).await.expect("nobody else uses the table");
        cost("cancelled");
    }
    all.into_iter().map(|(what, times, count)| (what, Cost { count, took: median(times) })).collect()
}
