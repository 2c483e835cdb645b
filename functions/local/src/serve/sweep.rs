//! Deletes what has expired: drafts and receipts are not read any more, but they hold what somebody typed.

use std::{sync::Arc, time::Duration};

use functions::table::Table;

/// How often there is a sweep.
const EVERY: Duration = Duration::from_secs(600);
/// How many items one write deletes: others want to write in between.
const AT_ONCE: usize = 200;

/// Sweeps now and then, for as long as the process runs.
pub async fn keep_sweeping(table: Arc<dyn Table>) {
    loop {
        if let Err(error) = sweep(table.as_ref()).await {
            tracing::warn!(%error, "expired items were not deleted; trying again in ten minutes");
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn sweep(table: &dyn Table) -> Result<(), functions::table::TableError> {
    while table.sweep(AT_ONCE).await? == AT_ONCE {}
    Ok(())
}
