//! The write-ahead log: copied into the file by a thread of its own, so that no commit waits until thousands of pages are copied and
//! the file is flushed.
//!
//! The log begins anew only when a commit finds all of it in the file. Whoever copies beside a writer who never rests is always a few commits
//! behind, so the last few pages are the writer's: 1. when the log has grown, the thread copies what is there and flushes the file, and does so
//! again with what has come meanwhile, which is less each time; 2. when that was little it leaves the rest to the writer and stays away, for
//! SQLite lets only one copy at a time; 3. the writer copies it between two commits ([`Copier::take_turn`]).

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, SyncSender},
    },
    thread::JoinHandle,
    time::Duration,
};

use rusqlite::Connection;

use super::file::{BUSY, connect};

/// When the log is copied.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Rows that are written between two looks at the log. A row touches about a page of 4 KB that no other of its commit does.
    rows: usize,
    /// Pages in the log from which on it is to begin anew. A page that is changed again and again meanwhile is copied into the file once.
    long: i64,
    /// Pages that may have come while the last copy ran: about as many the writer copies while everybody waits.
    few: i64,
}

/// The pace of every table that is not a test's.
pub(super) const PACE: Pace = Pace { rows: 4_000, long: 16_000, few: 1_000 };
/// How often the thread tries to get that far: when more is written than can be copied, the log grows.
const ROUNDS: usize = 6;
/// Pages in the log from which on the writer copies what is left by itself, however much that is.
pub(super) const MOST_PAGES: i64 = 8 * PACE.long;

/// Copies what is in the log when enough was written. Dropped, it finishes what it is at.
pub(super) struct Copier {
    pace: Pace,
    rows: usize,
    /// Whether it is the writer's turn. Set by the thread, taken back by the writer.
    turn: Arc<AtomicBool>,
    /// `None` only while it is dropped.
    calls: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Copier {
    pub(super) fn start(path: &Path, pace: Pace) -> Result<Copier, Box<dyn std::error::Error>> {
        let connection = connect(path)?;
        let path = path.to_owned();
        let turn = Arc::new(AtomicBool::new(false));
        let shared = turn.clone();
        // One call that waits is enough: whoever answers it copies all that is there.
        let (calls, called) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new().name("table-log".to_owned());
        let thread = thread.spawn(move || copy_when_called(&connection, &path, pace, &called, &shared))?;
        Ok(Copier { pace, rows: 0, turn, calls: Some(calls), thread: Some(thread) })
    }

    /// So many rows more are in the log.
    pub(super) fn wrote(&mut self, rows: usize) {
        self.rows += rows;
        if self.rows >= self.pace.rows {
            self.rows = 0;
            if let Some(calls) = &self.calls {
                // Full when the last copy still runs: the next finds these rows, too.
                let _ = calls.try_send(());
            }
        }
    }

    /// Lets the writer, between two commits, copy the little that is left when it is its turn: the next commit begins the log anew unless
    /// somebody reads in it. Returns whether it was.
    pub(super) fn take_turn(&self, connection: &Connection) -> bool {
        let is_ours = self.turn.load(Ordering::Acquire);
        if is_ours {
            copy(connection);
            self.turn.store(false, Ordering::Release);
        }
        is_ours
    }
}

fn copy_when_called(connection: &Connection, path: &Path, pace: Pace, called: &Receiver<()>, turn: &AtomicBool) {
    for () in called {
        if !turn.load(Ordering::Acquire) && catch_up(pace, || copy(connection), || early::flush(path)) {
            turn.store(true, Ordering::Release);
        }
    }
}

/// Copies until little came meanwhile; false when the log is short, somebody else is at it, or more is written than can be copied.
fn catch_up(pace: Pace, mut copy: impl FnMut() -> Option<Log>, mut flush: impl FnMut()) -> bool {
    let Some(mut log) = copy().filter(|log| log.pages >= pace.long) else { return false };
    for _ in 0..ROUNDS {
        flush();
        let Some(next) = copy() else { return false };
        if next.pages - log.copied <= pace.few {
            return true;
        }
        log = next;
    }
    false
}

/// What there was of the log when its copy began: what comes while it is copied is not counted.
#[derive(Clone, Copy)]
pub(super) struct Log {
    pages: i64,
    copied: i64,
}

/// Takes what can be taken without making anybody wait; `None` when somebody else is at it or it failed.
pub(super) fn copy(connection: &Connection) -> Option<Log> {
    let copied = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        let busy: bool = row.get(0)?;
        let log = Log { pages: row.get(1)?, copied: row.get(2)? };
        Ok((!busy).then_some(log))
    });
    copied.unwrap_or_else(|error| {
        // Nothing is lost: the log keeps what was not copied, and it is tried again after the next rows.
        tracing::warn!(%error, "the log could not be copied into the table's file");
        None
    })
}

/// Copies the whole log into the file, flushes that and cuts the log off; false when that cannot be done now, for which nobody waits.
pub(super) fn copy_all(connection: &Connection) -> bool {
    let copied = connection.busy_timeout(Duration::ZERO).and_then(|()| {
        let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        connection.busy_timeout(BUSY)?;
        busy
    });
    match copied {
        Ok(busy) => busy == 0,
        Err(error) => {
            tracing::warn!(%error, "the log could not be copied into the table's file");
            false
        }
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

/// Flushing the file while others write. SQLite flushes it only when the whole log was copied, which is while everybody waits: what was
/// flushed before costs nothing then.
#[cfg(unix)]
mod early {
    use std::{
        fs::File,
        os::unix::fs::MetadataExt,
        path::Path,
        sync::{Mutex, PoisonError},
    };

    /// Handles of files of tables, one each. They are never closed: a process that closes a handle of a file loses all locks that it has on that
    /// file (fcntl(2)), SQLite's, too.
    static FILES: Mutex<Vec<(u64, u64, &'static File)>> = Mutex::new(Vec::new());

    /// It is only to save time later, so nobody relies on it.
    pub(super) fn flush(path: &Path) {
        if let Ok(file) = handle(path) {
            let _ = file.sync_data();
        }
    }

    fn handle(path: &Path) -> std::io::Result<&'static File> {
        let file = std::fs::metadata(path)?;
        let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., handle)) = files.iter().find(|(device, number, _)| (*device, *number) == (file.dev(), file.ino())) {
            return Ok(handle);
        }
        let handle: &File = Box::leak(Box::new(File::open(path)?));
        files.push((file.dev(), file.ino(), handle));
        Ok(handle)
    }
}

#[cfg(not(unix))]
mod early {
    /// Nothing is saved there.
    pub(super) fn flush(_: &std::path::Path) {}
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::{
        super::file::{UPGRADES, upgrade},
        *,
    };

    /// How often the log began (the format's "checkpoint sequence number").
    fn begun(path: &Path) -> std::io::Result<u32> {
        let mut head = [0; 16];
        std::fs::File::open(path.with_extension("db-wal"))?.read_exact(&mut head)?;
        Ok(u32::from_be_bytes([head[12], head[13], head[14], head[15]]))
    }

    #[test]
    fn the_log_begins_anew_behind_a_writer_who_never_rests() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("table.db");
        let mut connection = connect(&path)?;
        upgrade(&mut connection, &path, UPGRADES)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        // However much comes meanwhile, on whatever machine, the writer gets its turns.
        let mut copier = Copier::start(&path, Pace { rows: 20, long: 100, few: i64::MAX })?;
        let mut written: i64 = 0;
        let mut insert = |copier: &mut Copier| -> Result<(), Box<dyn std::error::Error>> {
            let values = ("P", format!("{written:06}"), vec![7; 1_000]);
            connection.execute("INSERT INTO items VALUES (?1, ?2, 1, NULL, NULL, NULL, NULL, NULL, 0, ?3)", values)?;
            written += 1;
            copier.wrote(1);
            Ok(())
        };
        // There is a log from the first of them on.
        insert(&mut copier)?;
        for turn in 0..5 {
            // Waits without a bound: what never comes is found by whoever runs the tests.
            while !copier.take_turn(&connection) {
                insert(&mut copier)?;
            }
            // Not before: where a flush takes no time, the thread catches up between two writes, and the log begins anew without a turn.
            let before = begun(&path)?;
            insert(&mut copier)?;
            assert_eq!(begun(&path)?, before + 1, "turn {turn}");
        }
        drop(copier);
        let kept: i64 = connection.query_row("SELECT count(*) FROM items", [], |row| row.get(0))?;
        assert_eq!(kept, written);
        Ok(())
    }

    #[test]
    fn the_writer_is_left_what_came_while_little_was_copied() {
        let pace = Pace { rows: 1, long: 100, few: 10 };
        let always_behind: Vec<_> = (1..=7).map(|hundreds| Some((100 * hundreds, 100 * hundreds))).collect();
        // What each copy finds and takes, whether the rest is the writer's, and how often the file was flushed.
        type Case<'a> = (&'a [Option<(i64, i64)>], bool, usize);
        let cases: [Case; 7] = [
            (&[Some((99, 99))], false, 0),
            (&[Some((100, 100)), Some((110, 110))], true, 1),
            (&[Some((400, 400)), Some((450, 450)), Some((461, 461)), Some((471, 471))], true, 3),
            // Somebody reads: what was left by the copy before is to be copied, too.
            (&[Some((100, 80)), Some((100, 95)), Some((104, 104))], true, 2),
            // Somebody else copies.
            (&[None], false, 0),
            (&[Some((100, 100)), None], false, 1),
            // More is written than can be copied.
            (&always_behind, false, ROUNDS),
        ];
        for (copies, expected, flushes) in cases {
            let mut found = copies.iter();
            let mut flushed = 0;
            let copy = || found.next().and_then(|copy| copy.map(|(pages, copied)| Log { pages, copied }));
            assert_eq!(catch_up(pace, copy, || flushed += 1), expected, "{copies:?}");
            assert_eq!((flushed, found.len()), (flushes, 0), "{copies:?}");
        }
    }
}
