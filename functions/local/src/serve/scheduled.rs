//! Does what is due, pass after pass: messages, sessions, deletion.

use std::{sync::Arc, time::Duration};

use functions::Service;
use tokio::time::sleep;

/// How often there is a pass. Each reads a few items and writes nothing when nothing is due.
const EVERY: Duration = Duration::from_secs(5);
/// How long to leave it alone after a pass that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(15);

/// Runs passes for as long as the process does. What a pass did or could not do stands in its own log.
pub async fn keep_running(service: Arc<Service>) {
    loop {
        match service.run_due().await {
            Ok(ran) if ran.more => {}
            Ok(_) => sleep(EVERY).await,
            Err(_) => sleep(AFTER_FAILURE).await,
        }
    }
}
