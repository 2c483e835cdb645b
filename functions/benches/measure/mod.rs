//! What the benchmarks share: a site on a table of their choice, visitors, slow flushes, and the table that is printed.

#![allow(dead_code, reason = "no benchmark needs everything")]

#[path = "../../tests/services/given/mod.rs"]
pub mod given;

use std::{
    fs,
    net::SocketAddr,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{Request, StatusCode, header},
};
use domain::Session;
use functions::{
    Clock, Config, KeySource, Service,
    table::{Answer, Cursor, Index, Item, Key, Page, Query, Table, Write, sqlite::Sqlite},
};
use given::{CONSENT, encode, manifest, session, start};
use tempfile::TempDir;

/// That of the program that serves (`local`): with the system's, a fifth of what the router does is asking for memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
use tokio::sync::Mutex;
use tower::ServiceExt;

/// Starts this program anew with `by` added to every flush of the disk, unless that was done already.
///
/// The shim is C, since it stands in for functions of the C library; it is built here and never becomes part of the product.
pub fn slow_flushes(by: Duration) {
    const DONE: &str = "FLUSH_MICROSECONDS";
    if std::env::var_os(DONE).is_some() {
        return;
    }
    let folder = std::env::temp_dir().join(format!("slow-flush-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("the temporary folder may be written");
    let library = folder.join("slow_flush.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/slow_flush.c");
    let built = Command::new("cc").args(["-O2", "-shared", "-fPIC", source, "-ldl", "-o"]).arg(&library).status();
    assert!(built.expect("`cc` builds the shim").success(), "the shim does not build");
    let me = std::env::current_exe().expect("Linux knows what it runs");
    let error = Command::new(me)
        .args(std::env::args_os().skip(1))
        .env("LD_PRELOAD", &library)
        .env(DONE, by.as_micros().to_string())
        // What is freed is given back at once: what a benchmark counts as memory is in use, not kept for later by the allocator.
        .env("MIMALLOC_PURGE_DELAY", "0")
        .exec();
    panic!("this program does not start again: {error}");
}

/// A folder on a disk: the system's temporary folder is memory on many machines, where nothing is ever flushed.
pub fn folder_on_a_disk() -> TempDir {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(&target).expect("Cargo builds there, so it may be written");
    tempfile::tempdir_in(target).expect("the folder was just made")
}

/// A site with its visitors.
#[derive(Clone)]
pub struct Site {
    pub service: Arc<Service>,
    router: Router,
}

impl Site {
    /// `sessions` on `table`, with every check on and nothing slowed or shortened.
    pub async fn open(table: Arc<dyn Table>, clock: Clock, sessions: Vec<Session>) -> Site {
        let key = KeySource::Given(data_encoding::BASE64.encode(&[7; 32]));
        let service =
            Arc::new(Service::open(table, &key, clock, Config::default()).await.expect("the table is new, so any key fits"));
        service.publish(manifest(sessions)).await.expect("nothing was published before that could forbid it");
        Site { router: functions::router(service.clone()), service }
    }

    /// What `visitor` gets for a request; visitors have addresses of their own.
    pub async fn send(&self, visitor: usize, mut request: Request<Body>) -> Reply {
        let [_, a, b, c] = u32::try_from(visitor).expect("visitors are fewer than addresses").to_be_bytes();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([10, a, b, c], 40_000))));
        let (parts, body) = self.router.clone().oneshot(request).await.expect("a router always answers").into_parts();
        let text = |name| parts.headers.get(name).map(|value| value.to_str().expect("our headers are ASCII").to_owned());
        let (location, retry_after) = (text(header::LOCATION), text(header::RETRY_AFTER));
        let body = to_bytes(body, 1_000_000).await.expect("a page of at most 1 MB");
        let body = String::from_utf8(body.to_vec()).expect("our pages are UTF-8");
        Reply {
            status: parts.status,
            location,
            retry_after: retry_after.map(|text| text.parse().expect("we say it in whole seconds")),
            body,
        }
    }

    pub async fn get(&self, visitor: usize, path: &str) -> Reply {
        self.send(visitor, Request::get(path).body(Body::empty()).expect("our own links are addresses")).await
    }

    pub async fn post(&self, visitor: usize, path: &str, values: &[(&str, &str)]) -> Reply {
        let request = Request::post(path)
            .header("host", "127.0.0.1:8080")
            .header("origin", "http://127.0.0.1:8080")
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(visitor, request.body(Body::from(encode(values))).expect("our own links are addresses")).await
    }

    /// First step: a draft's address.
    pub async fn begin(&self, visitor: usize, session: &str) -> String {
        let (mobile, company) = (format!("139{visitor:08}"), format!("示例企业{visitor}"));
        let values = given::with(&given::registrant(&mobile, &company), "session", session);
        let reply = self.post(visitor, "/f/registration", &values).await;
        let review = reply.goes_to();
        review.strip_suffix("/review").expect("a right first step leads to 核对").to_owned()
    }

    /// 核对: reads the page as somebody would.
    pub async fn review(&self, visitor: usize, draft: &str) {
        let reply = self.get(visitor, &format!("{draft}/review")).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    }

    /// 确认, as often as `Retry-After` asks for: a receipt's address.
    pub async fn confirm(&self, visitor: usize, draft: &str) -> String {
        self.confirm_once(visitor, draft).await.goes_to()
    }

    /// 确认, once.
    pub async fn confirm_once(&self, visitor: usize, draft: &str) -> Reply {
        self.post(visitor, &format!("{draft}/confirm"), CONSENT).await
    }

    /// The receipt.
    pub async fn receipt(&self, visitor: usize, receipt: &str) -> String {
        let reply = self.get(visitor, receipt).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        reply.body
    }
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub location: Option<String>,
    /// In seconds.
    pub retry_after: Option<u64>,
    pub body: String,
}

impl Reply {
    /// Where a 303 leads.
    #[track_caller]
    pub fn goes_to(self) -> String {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.location.expect("a 303 says where to")
    }
}

/// A session that has room for `seats` in the room.
pub fn session_of(id: &str, seats: u32) -> Session {
    Session { onsite_seats: seats, onsite_reserved: 0, ..session(id) }
}

/// A clock that runs on from the tests' Tuesday morning.
pub fn running_clock() -> Clock {
    Clock::starting_at(start())
}

/// A table that commits one transaction after another, each with a flush of its own: what the engine's writer is compared with.
pub struct OneByOne {
    table: Sqlite,
    turn: Mutex<()>,
}

impl OneByOne {
    pub fn new(table: Sqlite) -> OneByOne {
        OneByOne { table, turn: Mutex::new(()) }
    }
}

impl Table for OneByOne {
    fn get<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Item>> {
        self.table.get(key)
    }

    fn query(&self, query: Query) -> Answer<'_, Page> {
        self.table.query(query)
    }

    fn query_index(&self, index: Index, query: Query) -> Answer<'_, Page> {
        self.table.query_index(index, query)
    }

    fn scan(&self, limit: usize, after: Option<Cursor>) -> Answer<'_, Page> {
        self.table.scan(limit, after)
    }

    fn transact(&self, writes: Vec<Write>) -> Answer<'_, ()> {
        Box::pin(async move {
            let _turn = self.turn.lock().await;
            self.table.transact(writes).await
        })
    }

    fn sweep(&self, limit: usize) -> Answer<'_, usize> {
        self.table.sweep(limit)
    }
}

/// Parts into which the pieces of a phase are divided when it is summed up.
const PERCENTILES: usize = 200;

/// What many clients did together.
#[derive(Debug, Clone, Default)]
pub struct Phase {
    pub took: Duration,
    pub pieces: usize,
    /// Of each single piece of work, or of equally many below and above, sorted.
    pub each: Vec<Duration>,
    /// Processor time of this process meanwhile.
    pub processor: Duration,
}

impl Phase {
    /// The same with one in so many of its pieces, which leaves rates and percentiles as they are: what a benchmark remembers of a long run
    /// is not to be counted as the memory of what it measures.
    pub fn summed_up(self) -> Phase {
        let last = self.each.len() - 1;
        let each = (0..=PERCENTILES).map(|part| self.each[last * part / PERCENTILES]).collect();
        Phase { each, ..self }
    }

    pub fn rate(&self) -> f64 {
        self.pieces as f64 / self.took.as_secs_f64()
    }

    /// The time that this share of the work stayed below.
    pub fn percentile(&self, share: f64) -> Duration {
        self.each[((self.each.len() - 1) as f64 * share) as usize]
    }

    pub fn processor_each(&self) -> Duration {
        self.processor / u32::try_from(self.pieces).expect("counted in millions")
    }

    pub fn row(&self, what: &str) {
        println!(
            "{what:<46} {:>8.0}/s   p50 {:>6.1} ms   p99 {:>6.1} ms   {:>6.0} µs of processor each",
            self.rate(),
            self.percentile(0.5).as_secs_f64() * 1e3,
            self.percentile(0.99).as_secs_f64() * 1e3,
            self.processor_each().as_secs_f64() * 1e6
        );
    }
}

/// `clients` at once, each doing its share of `work` one piece after another; gives what each piece gave, in the order of `work`.
pub async fn at_once<W, T, F>(clients: usize, work: Vec<W>, run: impl Fn(W) -> F + Clone + Send + 'static) -> (Phase, Vec<T>)
where
    W: Send + 'static,
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut shares: Vec<Vec<(usize, W)>> = (0..clients).map(|_| Vec::new()).collect();
    for (place, piece) in work.into_iter().enumerate() {
        shares[place % clients].push((place, piece));
    }
    let (begun, processor) = (Instant::now(), processor_time());
    let tasks: Vec<_> = shares
        .into_iter()
        .map(|share| {
            let run = run.clone();
            tokio::spawn(async move {
                let mut done = Vec::with_capacity(share.len());
                for (place, piece) in share {
                    let begun = Instant::now();
                    let answer = run(piece).await;
                    done.push((place, begun.elapsed(), answer));
                }
                done
            })
        })
        .collect();
    let mut done = Vec::new();
    for task in tasks {
        done.extend(task.await.expect("a client that fails ends the benchmark"));
    }
    let mut phase =
        Phase { took: begun.elapsed(), pieces: done.len(), each: Vec::new(), processor: processor_time() - processor };
    done.sort_by_key(|(place, ..)| *place);
    phase.each = done.iter().map(|(_, took, _)| *took).collect();
    phase.each.sort();
    (phase, done.into_iter().map(|(.., answer)| answer).collect())
}

/// Why the files below `/proc` are read without a doubt.
const PROC: &str = "Linux writes it, and its form is fixed (proc(5))";

/// Bytes of this process that are in memory.
pub fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect(PROC);
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect(PROC);
    line.split_whitespace().nth(1).and_then(|size| size.parse::<u64>().ok()).expect(PROC) * 1024
}

/// Processor time that this process has used, in user and kernel.
pub fn processor_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").expect(PROC);
    // The name in brackets may hold spaces; `utime` and `stime` are the 12th and 13th field after it, in ticks of 10 ms.
    let fields: Vec<&str> = stat.rsplit_once(')').expect(PROC).1.split_whitespace().collect();
    let [user, kernel] = [11, 12].map(|field| fields[field].parse::<u64>().expect(PROC));
    Duration::from_millis((user + kernel) * 10)
}

/// How busy the machine was in the last minute: a figure measured beside other people's work is a lower bound.
pub fn load() -> String {
    fs::read_to_string("/proc/loadavg").expect(PROC).split_whitespace().next().expect(PROC).to_owned()
}

/// The middle one.
pub fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_by(|one, other| one.partial_cmp(other).expect("a measurement is a number"));
    values[values.len() / 2]
}

/// A line of the figures: what was measured, the bar it is held to.
pub fn figure(what: &str, measured: &str, bar: &str, holds: bool) {
    println!("{} {what}: {measured} (bar: {bar})", if holds { "holds " } else { "MISSED" });
}
