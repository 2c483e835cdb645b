//! The Lambda function that EventBridge calls every few minutes: one pass of the scheduled work.

use std::{
    panic::AssertUnwindSafe,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use functions::{
    Clock,
    lambda::{self, Opened},
    log,
};
use futures_util::FutureExt;
use lambda_http::{Error, LambdaEvent, lambda_runtime, service_fn};
use serde::de::IgnoredAny;
use tracing::Instrument;

/// What is left of a call's time is kept for saying how it ended.
const RESERVE: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    lambda::run("scheduled", lambda::whole, |opened| lambda_runtime::run(service_fn(move |event| pass(opened.clone(), event))))
}

/// What is not done when the time is over is done by the next pass: nothing depends on one having run to its end.
async fn pass(opened: Arc<Opened>, event: LambdaEvent<IgnoredAny>) -> Result<(), Error> {
    let span = tracing::error_span!(log::REQUEST, request = event.context.request_id, route = "scheduled");
    let remaining = event.context.deadline().duration_since(SystemTime::now()).unwrap_or_default().saturating_sub(RESERVE);
    let pass = AssertUnwindSafe(tokio::time::timeout(remaining, work(&opened))).catch_unwind();
    match pass.instrument(span).await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => Err("the pass took longer than the function may run".into()),
        // Its words stay out of the answer: they may quote what somebody typed.
        Err(_) => Err("the pass panicked".into()),
    }
}

async fn work(opened: &Opened) -> Result<(), Error> {
    let began = Instant::now();
    let service = opened.service().await?;
    let ran = service.run_due().await?;
    let calls = service.calls().await?;
    let overdue = calls.iter().filter(|call| call.overdue).filter_map(|call| call.due).min();
    let outbox_age_s = overdue.map_or(0, |due| Clock::system().now().0.duration_since(due.0).as_secs());
    let duration_ms = began.elapsed().as_secs_f64() * 1000.0;
    tracing::info!(target: log::RAN, duration_ms, outbox_waiting = calls.len(), outbox_age_s, more = ran.more, "a pass of scheduled work");
    Ok(())
}
