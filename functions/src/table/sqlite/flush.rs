//! The flush of the log: a thread of its own brings to the disk what the writer has committed, and only then answers, so that the
//! writer commits the next group meanwhile.
//!
//! - Answers are given in the order of the commits, each after a flush that began when all of its commit and of those before it was in
//!   the log (one flush may answer for several commits). That SQLite copies the log into the file, begins it anew or cuts it off
//!   does no harm: it flushes what it copies by itself before it writes over any of it.
//! - After a flush that failed the system may hold pages for written that are not, and a later flush says nothing of them. So from then on
//!   everything is refused as unavailable (what was committed may or may not stand) until the writer has seen the whole log
//!   copied into the file and flushed there ([`Flusher::in_doubt`], [`Flusher::mended`]).

use std::{
    fs::File,
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, SyncSender},
    },
    thread::JoinHandle,
    time::Duration,
};

use tokio::sync::oneshot;

use crate::table::TableError;

/// What brings the log to the disk.
pub(super) type Flush = Box<dyn FnMut() -> io::Result<()> + Send>;

/// Somebody who waits, and what they are told after the flush.
pub(super) struct Waiting {
    pub(super) reply: oneshot::Sender<Result<usize, TableError>>,
    pub(super) answer: Result<usize, TableError>,
}

/// Flushes and answers. Dropped, it finishes what it was given.
pub(super) struct Flusher {
    /// `None` only while it is dropped.
    groups: Option<SyncSender<Vec<Waiting>>>,
    thread: Option<JoinHandle<()>>,
    doubt: Arc<AtomicBool>,
}

impl Flusher {
    pub(super) fn start(flush: Flush) -> io::Result<Flusher> {
        let doubt = Arc::new(AtomicBool::new(false));
        let shared = doubt.clone();
        // No group lies between the two: the writer waits with the one that it has committed, and the next grows meanwhile. Large groups cost
        // less than small ones (functions/BENCHMARKS.md).
        let (groups, committed) = mpsc::sync_channel(0);
        let thread = std::thread::Builder::new().name("table-flush".to_owned());
        let thread = thread.spawn(move || flush_all(flush, &committed, &shared))?;
        Ok(Flusher { groups: Some(groups), thread: Some(thread), doubt })
    }

    /// Answers those who wait once all that was committed so far is on the disk.
    pub(super) fn answer(&self, group: Vec<Waiting>) {
        if let Some(groups) = &self.groups {
            // Without the thread nobody is answered, which everybody takes for what it is: nobody knows.
            let _ = groups.send(group);
        }
    }

    /// Whether a flush has failed and nothing was mended since.
    pub(super) fn in_doubt(&self) -> bool {
        self.doubt.load(Ordering::Acquire)
    }

    /// All that was committed so far is in the file and on the disk.
    pub(super) fn mended(&self) {
        self.doubt.store(false, Ordering::Release);
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        self.groups = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The flush of the log of the table at `path`, by a handle of its own: no lock of SQLite's is on that file, so closing one of several handles
/// (by which a process loses its locks) takes nothing from it. The log is there and stays the same file as long as a connection is open.
pub(super) fn of_the_log(path: &Path) -> io::Result<Flush> {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    let log = File::options().read(true).write(true).open(name)?;
    // A log that is found by nobody after a power cut is none. SQLite does this once when it begins the log.
    #[cfg(unix)]
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(Box::new(move || log.sync_data()))
}

/// What those are told who cannot be told whether their write is kept.
pub(super) fn doubtful() -> TableError {
    TableError::Unavailable { retry_after: Duration::from_secs(1) }
}

fn flush_all(mut flush: Flush, committed: &Receiver<Vec<Waiting>>, doubt: &AtomicBool) {
    while let Ok(mut group) = committed.recv() {
        group.extend(committed.try_iter().flatten());
        if !doubt.load(Ordering::Acquire)
            && let Err(error) = flush()
        {
            tracing::error!(%error, "the log cannot be flushed: nothing is kept until all of it was copied into the table's file");
            doubt.store(true, Ordering::Release);
        }
        let doubt = doubt.load(Ordering::Acquire);
        for Waiting { reply, answer } in group {
            // A conflict was with what may not stand.
            let unsure = doubt && matches!(answer, Ok(_) | Err(TableError::Conflict { .. }));
            // Whoever asked may have gone: the write stands all the same.
            let _ = reply.send(if unsure { Err(doubtful()) } else { answer });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, mpsc::Sender};

    use rusqlite::Connection;

    use super::{super::Sqlite, *};
    use crate::{
        Clock,
        table::{Expect, Key, NewItem, Table, Write},
    };

    type Done = Result<(), Box<dyn std::error::Error>>;

    fn open(
        folder: &Path,
        flush: impl FnMut(&mut Flush) -> io::Result<()> + Send + 'static,
    ) -> Result<Arc<Sqlite>, Box<dyn std::error::Error>> {
        let clock = Clock::standing_at("2026-12-01 09:00".parse()?);
        let mut flush = flush;
        let table = Sqlite::open_with(&folder.join("table.db"), clock, |mut real| Box::new(move || flush(&mut real)))?;
        Ok(Arc::new(table))
    }

    fn create(name: &str) -> Write {
        Write::create(NewItem::json(Key::new(name, "-"), &()))
    }

    /// Waits without a bound: what never comes is found by whoever runs the tests.
    async fn comes(table: &Sqlite, name: &str) -> Done {
        while table.get(&Key::new(name, "-")).await?.is_none() {
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    #[tokio::test]
    async fn an_answer_is_given_after_its_flush_while_the_next_is_committed() -> Done {
        let folder = tempfile::tempdir()?;
        let (begun, begins) = mpsc::channel();
        let (release, released) = mpsc::channel();
        let table = open(folder.path(), move |real| {
            begun.send(()).map_err(io::Error::other)?;
            released.recv().map_err(io::Error::other)?;
            real()
        })?;
        let write = |what: Write| {
            let table = table.clone();
            tokio::spawn(async move { table.transact(vec![what]).await })
        };

        let first = write(create("first"));
        comes(&table, "first").await?;
        begins.recv()?;
        // Its flush lasts. Others are committed on top of it, one of them in vain.
        let second = write(create("second"));
        comes(&table, "second").await?;
        let twice = write(Write::Check { key: Key::new("first", "-"), expect: Expect::Absent });
        let nobody = [&first, &second, &twice].map(tokio::task::JoinHandle::is_finished);
        assert_eq!(nobody, [false; 3], "nothing is flushed, and a conflict is with what is not");

        release.send(())?;
        first.await??;
        begins.recv()?;
        assert!(!second.is_finished() && !twice.is_finished(), "only the first is flushed");
        // As many flushes as are still asked for.
        for _ in 0..2 {
            release.send(())?;
        }
        second.await??;
        assert_eq!(twice.await?, Err(TableError::Conflict { failed: vec![0] }));
        Ok(())
    }

    #[tokio::test]
    async fn after_a_flush_that_failed_nothing_is_acknowledged_until_all_is_in_the_file() -> Done {
        let folder = tempfile::tempdir()?;
        let fails = Arc::new(Mutex::new(false));
        let switch = fails.clone();
        let (flushed, flushes): (Sender<()>, _) = mpsc::channel();
        let table = open(folder.path(), move |real| {
            flushed.send(()).map_err(io::Error::other)?;
            match *switch.lock().map_err(|_| io::Error::other("poisoned"))? {
                true => Err(io::Error::other("the disk is gone")),
                false => real(),
            }
        })?;
        let fail = |now: bool| fails.lock().map(|mut fails| *fails = now).map_err(|_| "poisoned");
        let count = || flushes.try_iter().count();
        table.transact(vec![create("before")]).await?;
        assert_eq!(count(), 1);

        fail(true)?;
        assert_eq!(table.transact(vec![create("lost")]).await, Err(doubtful()));
        assert_eq!(count(), 1);

        // A later flush would say that all is well. But the log cannot be copied as a whole: somebody reads in it.
        fail(false)?;
        let reader = Connection::open(folder.path().join("table.db"))?;
        reader.execute_batch("BEGIN; SELECT * FROM items")?;
        let _: i64 = reader.query_row("SELECT count(*) FROM items", [], |row| row.get(0))?;
        for _ in 0..2 {
            assert_eq!(table.transact(vec![create("meanwhile")]).await, Err(doubtful()));
            let again = vec![Write::Check { key: Key::new("before", "-"), expect: Expect::Absent }];
            assert_eq!(table.transact(again).await, Err(doubtful()), "nor is anything said about what is stored");
        }
        assert_eq!(count(), 0, "no flush is believed");
        assert!(table.get(&Key::new("meanwhile", "-")).await?.is_none(), "nothing is written behind it");

        reader.execute_batch("ROLLBACK")?;
        table.transact(vec![create("after")]).await?;
        assert_eq!(count(), 1);
        for kept in ["before", "lost", "after"] {
            assert!(table.get(&Key::new(kept, "-")).await?.is_some(), "{kept}");
        }
        let log = std::fs::metadata(folder.path().join("table.db-wal"))?;
        let file = Connection::open_with_flags(
            format!("file:{}?immutable=1", folder.path().join("table.db").display()),
            rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_URI,
        )?;
        let kept: i64 =
            file.query_row("SELECT count(*) FROM items WHERE partition IN ('before', 'lost')", [], |row| row.get(0))?;
        assert_eq!((kept, log.len() > 0), (2, true), "what was in doubt was in the file before the log began anew");
        Ok(())
    }
}
