//! Does what is due, pass after pass: messages, sessions, deletion; and keeps published figures up to date.

use std::{path::PathBuf, sync::Arc, time::Duration};

use functions::{Clock, Service};
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

/// How often it is asked whether the published figures are yesterday's.
const COUNTED: Duration = Duration::from_secs(10 * 60);

/// Counts the scoreboard of the site at `root` anew once a day, if somebody has published one. The watcher sees the file, or the next build.
pub async fn keep_counting(root: PathBuf, service: Arc<Service>, clock: Clock) {
    loop {
        match crate::office::scoreboard::refresh(&root, &service, clock.now()).await {
            Ok(true) => tracing::info!("the scoreboard was counted anew"),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the scoreboard could not be counted"),
        }
        sleep(COUNTED).await;
    }
}
