//! `attachments`: the bucket calls it when something was posted; it examines that, keeps what may be kept, and says what came of it.

use std::{panic::AssertUnwindSafe, process::ExitCode, sync::Arc, time::Instant};

use functions::{
    files::{bucket::token_of, examine::examine},
    lambda::{self, Opened},
    log,
};
use futures_util::FutureExt;
use lambda_http::{Error, LambdaEvent, lambda_runtime, service_fn};
use serde::Deserialize;
use tracing::Instrument;

/// What is read of S3's event: five names, for which the types of all of AWS's events would be a dependency of their own.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    s3: Place,
}

#[derive(Deserialize)]
struct Place {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    key: String,
}

fn main() -> ExitCode {
    lambda::run("attachments", lambda::without_scans, |opened| {
        lambda_runtime::run(service_fn(move |event| call(opened.clone(), event)))
    })
}

async fn call(opened: Arc<Opened>, event: LambdaEvent<Event>) -> Result<(), Error> {
    let number = tracing::field::Empty;
    let span = tracing::error_span!(log::REQUEST, request = event.context.request_id, route = "attachments", number);
    let work = AssertUnwindSafe(work(&opened, event.payload)).catch_unwind();
    // Its words stay out of the answer: they may quote what somebody sent.
    work.instrument(span).await.unwrap_or_else(|_| Err("the examination panicked".into()))
}

async fn work(opened: &Opened, event: Event) -> Result<(), Error> {
    let service = opened.service().await?;
    for record in event.records {
        // The bucket tells of nothing else; whatever it is, it is none of ours and goes away by itself.
        let Some(token) = token_of(&record.s3.object.key) else { continue };
        let began = Instant::now();
        let known = service.take_posted(&token, examine).await?;
        tracing::info!(known, duration_ms = began.elapsed().as_secs_f64() * 1000.0, "something that was posted was examined");
    }
    Ok(())
}
