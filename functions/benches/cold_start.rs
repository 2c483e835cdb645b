//! From exec to the first answer: a whole first POST of ours (manifest, templates, rules, sealed draft) beside a bare function that makes one
//! call. Both run under the same runtime API and write to the same server, by turns, so that what else the machine does meets both.
//!
//! `functions/benches/cold-start` builds what it needs and runs it.

#![allow(missing_docs, reason = "a program to be run, not a library to be read")]

#[path = "../tests/cloud/mod.rs"]
mod cloud;
#[path = "../tests/given/mod.rs"]
mod given;
#[path = "../tests/runtime/mod.rs"]
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

/// One start: how long, and the most memory held.
struct Start {
    took: Duration,
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

    let names = ["floor", "appeal"];
    let mut starts: [Vec<Start>; 2] = Default::default();
    for round in 0..=rounds {
        for (binary, starts) in names.iter().zip(&mut starts) {
            let start = start(&folder.join(binary), &name, &post).await;
            // The first round brings the files into the system's cache.
            if round > 0 {
                starts.push(start);
            }
        }
    }
    println!("exec to first answer, {rounds} rounds by turns, medians (quartiles)");
    let floor = median(&starts[0]).as_secs_f64();
    for (name, starts) in names.iter().zip(&starts) {
        let [low, middle, high] = [0.25, 0.5, 0.75].map(|part| quantile(starts, part).as_secs_f64());
        println!(
            "{name:<14} {:>7.1} ms ({:.1} to {:.1})  {:>5.2} x  {:>6.1} MB resident at most",
            middle * 1e3,
            low * 1e3,
            high * 1e3,
            middle / floor,
            starts.iter().map(|start| start.peak_kb).max().expect("at least one round was measured") as f64 / 1024.0,
        );
    }
}

async fn start(binary: &Path, table: &str, post: &Value) -> Start {
    let endpoint = cloud::endpoint();
    let environment = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL_DYNAMODB", &endpoint),
        ("XIANGSHANG_TABLE", table),
        ("XIANGSHANG_KEY", KEY),
    ];
    let began = Instant::now();
    let function = Function::start(binary, &environment).await;
    let outcome = function.call(post).await;
    let took = began.elapsed();
    match outcome {
        Outcome::Response(answer) if answer["statusCode"] == 303 => Start { took, peak_kb: function.peak_memory() },
        other => panic!("{}: {other:?}\n{}", binary.display(), function.log().join("\n")),
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

fn median(starts: &[Start]) -> Duration {
    quantile(starts, 0.5)
}

fn quantile(starts: &[Start], part: f64) -> Duration {
    let mut took: Vec<Duration> = starts.iter().map(|start| start.took).collect();
    took.sort();
    took[((took.len() - 1) as f64 * part).round() as usize]
}
