//! The table of one machine: a SQLite file. The only door to rusqlite.
//!
//! 1. `file` says whose a file is, and brings it to the schema that this program knows.
//! 2. `rows` reads and writes items.
//! 3. `writer` does what is to be written.
//! 4. `flush` brings it to the disk and answers.
//! 5. `log` copies the write-ahead log into the file meanwhile.
//! 6. `backup` copies the file and tells whether one is whole.
//!
//! Here is what answers, and who reads on which thread.
//!
//! One thread writes. It takes whatever waits and commits it together, and does the same with what has come meanwhile while another thread
//! flushes the first group and then answers it: a burst costs few flushes of the disk, and every answer is given after its flush. So SQLite itself
//! is told to flush only when it copies the log (`synchronous=NORMAL`). A transaction whose conditions do not hold writes nothing, and one
//! that fails is left out of its group. Reads run beside it on connections of their own (WAL). Other processes may open the same file: the office's commands do, while the
//! server runs.

mod backup;
mod file;
mod flush;
mod log;
mod rows;
mod writer;

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use rusqlite::Connection;
use tokio::sync::{Semaphore, oneshot};

use self::{
    file::{UPGRADES, connect, lock, upgrade},
    flush::{Flush, Flusher},
    writer::{Job, Work},
};
use crate::{
    clock::Clock,
    table::{Answer, Cursor, Index, Item, Key, Page, Query, Table, TableError, Write, check_writes},
};

pub use self::{
    backup::{Whole, back_up, check},
    file::{OpenError, close_to_others},
};

/// Reads at the same time, beside the short ones.
const READERS: usize = 8;
/// Most items of a page that is read where it was asked for.
const SHORT: usize = 16;
/// KiB of pages that a reader keeps. What it reads next is in the system's cache as well, which all of them share: more of their own is
/// memory that grows with the table and saves no time (functions/BENCHMARKS.md).
const READER_CACHE: i64 = 512;

/// A table in a SQLite file.
pub struct Sqlite {
    clock: Clock,
    readers: Arc<Readers>,
    turns: Arc<Semaphore>,
    /// Held as long as the file is open: nobody may put another in its place meanwhile.
    _open: File,
    /// `None` only while it is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    writer: Option<JoinHandle<()>>,
}

impl Sqlite {
    /// Opens the file at `path`, makes it when it is not there, and upgrades it when it is older than the program.
    pub fn open(path: &Path, clock: Clock) -> Result<Sqlite, OpenError> {
        Sqlite::open_with(path, clock, |flush| flush)
    }

    /// The same with another flush: tests have some that fail.
    fn open_with(path: &Path, clock: Clock, with: impl FnOnce(Flush) -> Flush) -> Result<Sqlite, OpenError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| OpenError::failed(path, error))?;
        }
        let open = lock(path).map_err(|error| OpenError::failed(path, error))?;
        match open.try_lock_shared() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::Replaced(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(OpenError::failed(path, error)),
        }
        let mut connection = connect(path).map_err(|error| OpenError::failed(path, error))?;
        upgrade(&mut connection, path, UPGRADES)?;
        // Kept in the file from then on, so that readers need not say it.
        connection.pragma_update(None, "journal_mode", "WAL").map_err(|error| OpenError::failed(path, error))?;
        // The flush of a commit is another thread's; see `flush`.
        connection.pragma_update(None, "synchronous", "NORMAL").map_err(|error| OpenError::failed(path, error))?;
        // What a process that died has left in the log is in the file and on the disk before anything is written behind it.
        log::copy(&connection);
        let flush = flush::of_the_log(path).map_err(|error| OpenError::failed(path, error))?;
        let flusher = Flusher::start(with(flush)).map_err(|error| OpenError::failed(path, error))?;
        let log = log::Copier::start(path, log::PACE).map_err(|error| OpenError::failed(path, error))?;
        connection.pragma_update(None, "wal_autocheckpoint", log::MOST_PAGES).map_err(|error| OpenError::failed(path, error))?;
        let (jobs, queue) = mpsc::channel();
        let writer = std::thread::Builder::new().name("table-writer".to_owned());
        let writer = writer
            .spawn(move || writer::write_all(&mut connection, &queue, log, flusher))
            .map_err(|error| OpenError::failed(path, error))?;
        Ok(Sqlite {
            clock,
            readers: Arc::new(Readers { path: path.to_owned(), idle: Mutex::default() }),
            turns: Arc::new(Semaphore::new(READERS)),
            _open: open,
            jobs: Some(jobs),
            writer: Some(writer),
        })
    }

    /// Gives the writer something to do and waits until it is on the disk.
    async fn write(&self, work: Work) -> Result<usize, TableError> {
        let (reply, answer) = oneshot::channel();
        let job = Job { work, now: self.now(), reply };
        self.jobs.as_ref().and_then(|jobs| jobs.send(job).ok()).ok_or_else(stopped)?;
        answer.await.map_err(|_| stopped())?
    }

    /// In seconds, the precision of an expiry.
    fn now(&self) -> i64 {
        self.clock.now().0.as_second()
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        // The writer ends when there is nobody left to give it work; its connection then closes and leaves a tidy file.
        self.jobs = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl Table for Sqlite {
    fn get<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Item>> {
        let now = self.now();
        Box::pin(async move { self.readers.read(|connection| rows::get(connection, key, now)) })
    }

    fn query(&self, query: Query) -> Answer<'_, Page> {
        self.page(None, query)
    }

    fn query_index(&self, index: Index, query: Query) -> Answer<'_, Page> {
        self.page(Some(index), query)
    }

    fn count_index(&self, index: Index, query: Query) -> Answer<'_, usize> {
        let now = self.now();
        Box::pin(async move {
            query.check()?;
            self.read_apart(move |connection| rows::count(connection, index, &query, now)).await
        })
    }

    fn scan(&self, limit: usize, after: Option<Cursor>) -> Answer<'_, Page> {
        let now = self.now();
        Box::pin(async move {
            Query { limit, ..Query::all("-") }.check()?;
            self.read_apart(move |connection| rows::scan(connection, limit, after.as_ref(), now)).await
        })
    }

    fn transact(&self, writes: Vec<Write>) -> Answer<'_, ()> {
        Box::pin(async move {
            check_writes(&writes)?;
            self.write(Work::Transact(writes)).await?;
            Ok(())
        })
    }

    fn sweep(&self, limit: usize) -> Answer<'_, usize> {
        Box::pin(self.write(Work::Sweep(limit)))
    }
}

impl Sqlite {
    fn page(&self, index: Option<Index>, query: Query) -> Answer<'_, Page> {
        let now = self.now();
        Box::pin(async move {
            query.check()?;
            // A few rows take microseconds, since in WAL mode no reader waits for the writer; handing them to another thread and back
            // costs several times as much.
            if query.limit <= SHORT {
                return self.readers.read(|connection| rows::page(connection, index, &query, now));
            }
            self.read_apart(move |connection| rows::page(connection, index, &query, now)).await
        })
    }

    /// Reads on another thread, so many at a time.
    async fn read_apart<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, TableError> {
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| stopped())?;
        let readers = self.readers.clone();
        let read = move || {
            let _turn = turn;
            readers.read(read)
        };
        tokio::task::spawn_blocking(read).await.map_err(|_| stopped())?
    }
}

/// The connections that read. Each reads for one at a time, and is kept for whoever reads next.
struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, TableError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = idle.map_or_else(|| self.connect(), Ok).map_err(in_our_words)?;
        let answer = read(&connection).map_err(in_our_words)?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(answer)
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        let connection = connect(&self.path)?;
        connection.pragma_update(None, "cache_size", -READER_CACHE)?;
        Ok(connection)
    }
}

fn in_our_words(error: rusqlite::Error) -> TableError {
    match error.sqlite_error_code() {
        // Nothing was written, and it works again as soon as somebody has made room.
        Some(rusqlite::ErrorCode::DiskFull) => {
            tracing::error!("the disk is full: nothing can be written");
            TableError::Unavailable { retry_after: Duration::from_secs(60) }
        }
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
            TableError::Unavailable { retry_after: Duration::from_secs(1) }
        }
        _ => TableError::Failed(error.to_string()),
    }
}

fn stopped() -> TableError {
    TableError::Failed("the table is closed".to_owned())
}
