//! The write-ahead log: copied into the file by a thread of its own, so that no commit waits until thousands of pages are copied and
//! the file is flushed.

use std::{
    path::Path,
    sync::mpsc::{self, SyncSender},
    thread::JoinHandle,
};

use rusqlite::Connection;

use super::file::connect;

/// Rows that are written between two copies. A row touches about a page of 4 KB that no other of its commit does.
const ROWS: usize = 4_000;
/// Pages in the log from which on the writer copies what is left by itself: only when nothing is left can the log begin anew, and whoever
/// copies beside a writer who never rests is always a few commits behind.
pub(super) const MOST_PAGES: i64 = 16_000;

/// Copies what is in the log when enough was written. Dropped, it finishes what it is at.
pub(super) struct Copier {
    rows: usize,
    /// `None` only while it is dropped.
    calls: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Copier {
    pub(super) fn start(path: &Path) -> Result<Copier, Box<dyn std::error::Error>> {
        let connection = connect(path)?;
        // One call that waits is enough: whoever answers it copies all that is there.
        let (calls, called) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new().name("table-log".to_owned()).spawn(move || {
            for () in called {
                copy(&connection);
            }
        })?;
        Ok(Copier { rows: 0, calls: Some(calls), thread: Some(thread) })
    }

    /// So many rows more are in the log.
    pub(super) fn wrote(&mut self, rows: usize) {
        self.rows += rows;
        if self.rows >= ROWS {
            self.rows = 0;
            if let Some(calls) = &self.calls {
                // Full when the last copy still runs: the next finds these rows, too.
                let _ = calls.try_send(());
            }
        }
    }
}

/// Takes what can be taken without making anybody wait.
fn copy(connection: &Connection) {
    let copied = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    if let Err(error) = copied {
        // Nothing is lost: the log keeps what was not copied, and it is tried again after the next rows.
        tracing::warn!(%error, "the log could not be copied into the table's file");
    }
}

impl Drop for Copier {
    fn drop(&mut self) {
        self.calls = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
