//! From exec to the first answer: a whole first POST of ours (key, manifest, rules, sealed draft) beside a bare function that makes one call.
//! They run under the same runtime API and write to the same server, by turns, so that what else the machine does meets all.
//!
//! The bare function reads the system's root certificates, as the SDK does unless it is told otherwise; ours has Mozilla's compiled in. The bare
//! function runs a second time with none to read: what is left is what one call costs without them.
//!
//! `functions/benches/cold-start` builds what it needs and runs it.

#![allow(missing_docs, reason = "a program to be run, not a library to be read")]

#[path = "../tests/services/cloud/mod.rs"]
mod cloud;
#[path = "../tests/services/given/mod.rs"]
mod given;
#[path = "../tests/services/runtime/mod.rs"]
mod runtime;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use functions::{Clock, Config, KeySource, Service};
use pages::Manifest;
use runtime::{Function, Outcome};
use serde_json::{Value, json};

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Who is started.
struct Runner {
    name: &'static str,
    binary: &'static str,
    more: &'static [(&'static str, &'static str)],
}

const RUNNERS: [Runner; 3] = [
    Runner { name: "bare function", binary: "floor", more: &[] },
    Runner { name: "bare, without roots", binary: "floor", more: &[("SSL_CERT_FILE", "/dev/null")] },
    Runner { name: "appeal", binary: "appeal", more: &[] },
];

/// One start: how long by the clock and on a processor, and the most memory held.
struct Start {
    took: Duration,
    processor: Duration,
    peak_kb: u64,
}

fn main() {
    // Cargo itself adds `--bench`.
    let arguments: Vec<PathBuf> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).map(PathBuf::from).collect();
    let [folder, manifest, rounds] = &arguments[..] else {
        println!("not measured: say FOLDER MANIFEST ROUNDS, or run functions/benches/cold-start");
        return;
    };
    let manifest: Manifest =
        serde_json::from_slice(&std::fs::read(manifest).expect("the site was built")).expect("the generator wrote it");
    let rounds: usize = rounds.to_str().and_then(|rounds| rounds.parse().ok()).expect("ROUNDS is a number");
    tokio::runtime::Runtime::new().expect("the system gives threads").block_on(measure(folder, manifest, rounds));
}

async fn measure(folder: &Path, manifest: Manifest, rounds: usize) {
    let (table, name) = cloud::named_table(Clock::system()).await;
    let key = KeySource::Given(KEY.to_owned());
    let service = Service::open(Arc::new(table), &key, Clock::system(), Config::default())
        .await
        .expect("the table is new, so any key fits");
    let post = first_post(&manifest);
    service.publish(manifest).await.expect("nothing was published before that could forbid it");

    let mut starts: [Vec<Start>; 3] = Default::default();
    for round in 0..=rounds {
        for (runner, starts) in RUNNERS.iter().zip(&mut starts) {
            let start = start(folder, runner, &name, &post).await;
            // The first round brings the files into the system's cache.
            if round > 0 {
                starts.push(start);
            }
        }
    }
    println!("exec to first answer, {rounds} rounds by turns, medians (quartiles)");
    let bare = [quantile(&starts[0], 0.5, |start| start.took), quantile(&starts[0], 0.5, |start| start.processor)];
    for (runner, starts) in RUNNERS.iter().zip(&starts) {
        let line = |figure: fn(&Start) -> Duration, bare: f64| {
            let [low, middle, high] = [0.25, 0.5, 0.75].map(|part| quantile(starts, part, figure));
            format!("{middle:>6.1} ms ({low:.1} to {high:.1}) {:>5.2} x", middle / bare)
        };
        println!(
            "{:<20} {}   processor {}   {:>5.1} MB resident at most",
            runner.name,
            line(|start| start.took, bare[0]),
            line(|start| start.processor, bare[1]),
            starts.iter().map(|start| start.peak_kb).max().unwrap_or_default() as f64 / 1024.0,
        );
    }
}

async fn start(folder: &Path, runner: &Runner, table: &str, post: &Value) -> Start {
    let endpoint = cloud::endpoint();
    let mut environment = vec![
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL_DYNAMODB", &endpoint),
        ("XIANGSHANG_TABLE", table),
        ("XIANGSHANG_KEY", KEY),
    ];
    environment.extend(runner.more);
    let began = Instant::now();
    let function = Function::start(&folder.join(runner.binary), &environment).await;
    let outcome = function.call(post).await;
    let took = began.elapsed();
    match outcome {
        Outcome::Response(answer) if answer["statusCode"] == 303 => {
            Start { took, processor: function.processor_time(), peak_kb: function.peak_memory() }
        }
        other => panic!("{}: {other:?}\n{}", runner.name, function.log().join("\n")),
    }
}

/// The first step of an appeal, as a browser posts it.
fn first_post(manifest: &Manifest) -> Value {
    let version = manifest.forms.iter().find(|form| form.id == "appeal").expect("the site has the form").version.to_string();
    let values = given::with(given::MATTER, "version", &version);
    let mut event: Value = serde_json::from_str(include_str!("../tests/events/post.json")).expect("the file is JSON");
    event["body"] = json!(data_encoding::BASE64.encode(given::encode(&values).as_bytes()));
    event
}

/// In milliseconds.
fn quantile(starts: &[Start], part: f64, figure: fn(&Start) -> Duration) -> f64 {
    let mut figures: Vec<f64> = starts.iter().map(|start| figure(start).as_secs_f64() * 1e3).collect();
    figures.sort_by(f64::total_cmp);
    figures[((figures.len() - 1) as f64 * part).round() as usize]
}
