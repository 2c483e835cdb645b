//! The table of one machine: a SQLite file. The only door to rusqlite.
//!
//! One thread writes. It takes whatever waits, does each transaction in a savepoint of its own and commits them together, so
//! that a burst costs one flush of the disk and every answer is given after that flush (`synchronous=FULL`). Reads run beside
//! it on connections of their own (WAL). Other processes may open the same file: the office's commands do, while the server runs.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use domain::Moment;
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, Savepoint, TransactionBehavior, params, types::Value};
use tokio::sync::{Semaphore, oneshot};

use crate::{
    clock::Clock,
    table::{
        Answer, Cursor, Expect, Index, Item, Key, MAX_KEY, NewItem, Order, Page, Query, SortRange, Table, TableError, Write,
        check_writes,
    },
};

/// Marks a file as ours (`PRAGMA application_id`), so that another program's database is not touched: "XSWL".
const APPLICATION: i64 = 0x5853_574C;

/// How each schema version is made from the one before. The last is the one this program knows.
const UPGRADES: &[&str] = &["
    CREATE TABLE items (
        partition TEXT NOT NULL,
        sort TEXT NOT NULL,
        version INTEGER NOT NULL,
        first_partition TEXT,
        first_sort TEXT,
        second_partition TEXT,
        second_sort TEXT,
        expires INTEGER,
        count INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (partition, sort)
    ) STRICT;
    CREATE INDEX by_first ON items (first_partition, first_sort, partition, sort) WHERE first_partition IS NOT NULL;
    CREATE INDEX by_second ON items (second_partition, second_sort, partition, sort) WHERE second_partition IS NOT NULL;
    CREATE INDEX by_expiry ON items (expires) WHERE expires IS NOT NULL;
"];

/// How long a connection waits for another process's lock.
const BUSY: Duration = Duration::from_secs(5);
/// Most transactions in one commit: nobody waits for long behind a burst.
const GROUP: usize = 64;
/// Reads at the same time, beside the short ones.
const READERS: usize = 8;
/// Most items of a page that is read where it was asked for.
const SHORT: usize = 16;
/// How many pages of 4 KB the log holds before they are copied into the file: copying flushes twice, and a commit of many transactions
/// touches hundreds of pages.
const LOG_PAGES: i64 = 4_000;
/// A page ends after so many bytes of bodies, as DynamoDB's does.
const PAGE_BYTES: usize = 1_000_000;

const COLUMNS: &str =
    "partition, sort, version, first_partition, first_sort, second_partition, second_sort, expires, count, body";

/// A table in a SQLite file.
pub struct Sqlite {
    path: PathBuf,
    clock: Clock,
    readers: Arc<Mutex<Vec<Connection>>>,
    turns: Arc<Semaphore>,
    /// Held as long as the file is open: nobody may put another in its place meanwhile.
    _open: File,
    /// `None` only while it is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    writer: Option<JoinHandle<()>>,
}

/// Why a file was not opened as a table.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A later version of the program has written it.
    #[error(
        "the database `{path}` has schema {found}, this program knows up to {known}\n\
         hint: run the newer version of the program that wrote it, or restore an older backup",
        path = .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The latest that is known.
        known: i64,
    },
    /// It is another program's database.
    #[error("`{0}` is a database of another program\nhint: name another data folder")]
    Foreign(PathBuf),
    /// Another file is being put in its place.
    #[error("the database `{0}` is being restored\nhint: wait until that is done")]
    Replaced(PathBuf),
    /// It could not be opened or upgraded.
    #[error("the database `{path}` cannot be opened: {reason}", path = .path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// What SQLite or the file system said.
        reason: String,
    },
}

impl Sqlite {
    /// Opens the file at `path`, makes it when it is not there, and upgrades it when it is older than the program.
    pub fn open(path: &Path, clock: Clock) -> Result<Sqlite, OpenError> {
        let failed = |reason: String| OpenError::Failed { path: path.to_owned(), reason };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
        }
        let open = lock(path).map_err(|error| failed(error.to_string()))?;
        match open.try_lock_shared() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::Replaced(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(failed(error.to_string())),
        }
        let mut connection = connect(path).map_err(|error| failed(error.to_string()))?;
        upgrade(&mut connection, path, UPGRADES)?;
        // Kept in the file from then on, so that readers need not say it.
        connection.pragma_update(None, "journal_mode", "WAL").map_err(|error| failed(error.to_string()))?;
        connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES).map_err(|error| failed(error.to_string()))?;
        let (jobs, queue) = mpsc::channel();
        let writer = std::thread::Builder::new().name("table-writer".to_owned());
        let writer = writer.spawn(move || write_all(&mut connection, &queue)).map_err(|error| failed(error.to_string()))?;
        Ok(Sqlite {
            path: path.to_owned(),
            clock,
            readers: Arc::default(),
            turns: Arc::new(Semaphore::new(READERS)),
            _open: open,
            jobs: Some(jobs),
            writer: Some(writer),
        })
    }

    /// Runs a `read` of a few rows where it was asked for: that takes microseconds, since in WAL mode no reader waits for the writer, and
    /// handing it to another thread and back costs several times as much.
    fn read_here<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, TableError> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = idle.map_or_else(|| connect(&self.path), Ok).map_err(in_our_words)?;
        let answer = read(&connection).map_err(in_our_words)?;
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(answer)
    }

    /// Runs a longer `read` on a connection of its own, off the async threads.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, TableError> {
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| stopped())?;
        let (path, readers) = (self.path.clone(), self.readers.clone());
        let run = move || {
            let _turn = turn;
            let idle = readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = idle.map_or_else(|| connect(&path), Ok)?;
            let answer = read(&connection)?;
            readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            Ok(answer)
        };
        tokio::task::spawn_blocking(run).await.map_err(|_| stopped())?.map_err(in_our_words)
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
        Box::pin(async move {
            self.read_here(|connection| {
                let sql = format!(
                    "SELECT {COLUMNS} FROM items WHERE partition = ?1 AND sort = ?2 AND (expires IS NULL OR expires > ?3)"
                );
                connection.prepare_cached(&sql)?.query_row(params![key.partition, key.sort, now], item).optional()
            })
        })
    }

    fn query(&self, query: Query) -> Answer<'_, Page> {
        self.page(None, query)
    }

    fn query_index(&self, index: Index, query: Query) -> Answer<'_, Page> {
        self.page(Some(index), query)
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
            if query.limit <= SHORT {
                return self.read_here(|connection| read_page(connection, index, &query, now));
            }
            self.read(move |connection| read_page(connection, index, &query, now)).await
        })
    }
}

fn read_page(connection: &Connection, index: Option<Index>, query: &Query, now: i64) -> rusqlite::Result<Page> {
    let (partition, sort) = match index {
        None => ("partition", "sort"),
        Some(Index::First) => ("first_partition", "first_sort"),
        Some(Index::Second) => ("second_partition", "second_sort"),
    };
    // Items of an index that share a sort key follow one another by their own keys.
    let order = if index.is_some() { format!("{sort}, partition, sort") } else { sort.to_owned() };
    let mut sql = format!("SELECT {COLUMNS} FROM items WHERE {partition} = ? AND (expires IS NULL OR expires > ?)");
    let mut values: Vec<Value> = vec![query.partition.clone().into(), now.into()];
    match &query.sort {
        SortRange::All => {}
        SortRange::Prefix(prefix) => {
            // Sorted by bytes, all that starts with `prefix` stands between it and it with as many of the last character
            // there is as a key can hold.
            sql.push_str(&format!(" AND {sort} >= ? AND {sort} <= ?"));
            let last = char::MAX.to_string().repeat(MAX_KEY / char::MAX.len_utf8());
            values.extend([prefix.clone().into(), format!("{prefix}{last}").into()]);
        }
        SortRange::Between(from, to) => {
            sql.push_str(&format!(" AND {sort} >= ? AND {sort} <= ?"));
            values.extend([from.clone().into(), to.clone().into()]);
        }
    }
    let (beyond, direction) = match query.order {
        Order::Ascending => (">", "ASC"),
        Order::Descending => ("<", "DESC"),
    };
    if let Some(Cursor { key, index_sort }) = &query.after {
        match (index, index_sort) {
            (Some(_), Some(index_sort)) => {
                sql.push_str(&format!(" AND ({order}) {beyond} (?, ?, ?)"));
                values.extend([index_sort.clone().into(), key.partition.clone().into(), key.sort.clone().into()]);
            }
            _ => {
                sql.push_str(&format!(" AND {sort} {beyond} ?"));
                values.push(key.sort.clone().into());
            }
        }
    }
    let order = order.split(", ").map(|column| format!("{column} {direction}")).collect::<Vec<_>>().join(", ");
    sql.push_str(&format!(" ORDER BY {order}"));

    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut page = Page { items: Vec::new(), next: None };
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        if let Some(last) = page.items.last().filter(|_| page.items.len() == query.limit || bytes >= PAGE_BYTES) {
            let index_sort = index.and_then(|index| last.index[index as usize].as_ref()).map(|key| key.sort.clone());
            page.next = Some(Cursor { key: last.key.clone(), index_sort });
            break;
        }
        let item = item(row)?;
        bytes += item.body.len();
        page.items.push(item);
    }
    Ok(page)
}

fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    let index_key = |partition: usize| -> rusqlite::Result<Option<Key>> {
        let (partition, sort): (Option<String>, Option<String>) = (row.get(partition)?, row.get(partition + 1)?);
        Ok(partition.zip(sort).map(|(partition, sort)| Key { partition, sort }))
    };
    let expires: Option<i64> = row.get(7)?;
    Ok(Item {
        key: Key { partition: row.get(0)?, sort: row.get(1)? },
        version: row.get::<_, i64>(2)?.unsigned_abs(),
        index: [index_key(3)?, index_key(5)?],
        expires: expires.and_then(|seconds| Timestamp::from_second(seconds).ok()).map(Moment),
        count: row.get(8)?,
        body: row.get(9)?,
    })
}

/// What the writer is given.
struct Job {
    work: Work,
    now: i64,
    reply: oneshot::Sender<Result<usize, TableError>>,
}

enum Work {
    Transact(Vec<Write>),
    Sweep(usize),
}

/// The writer's life: takes what waits, commits it together, answers.
fn write_all(connection: &mut Connection, queue: &mpsc::Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let group: Vec<Job> = std::iter::once(first).chain(queue.try_iter().take(GROUP - 1)).collect();
        let done = commit(connection, &group);
        for (position, job) in group.into_iter().enumerate() {
            let answer = match &done {
                Ok(answers) => answers[position].clone(),
                Err(error) => Err(error.clone()),
            };
            // Whoever asked may have gone: the write stands all the same.
            let _ = job.reply.send(answer);
        }
    }
}

/// Does all jobs in one transaction, each in a savepoint: one that fails leaves the others alone.
fn commit(connection: &mut Connection, group: &[Job]) -> Result<Vec<Result<usize, TableError>>, TableError> {
    let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(in_our_words)?;
    let mut answers = Vec::with_capacity(group.len());
    for job in group {
        let savepoint = transaction.savepoint().map_err(in_our_words)?;
        let answer = match &job.work {
            Work::Transact(writes) => transact(&savepoint, writes, job.now),
            Work::Sweep(limit) => sweep(&savepoint, *limit, job.now),
        };
        // Dropped, a savepoint takes back what was done since.
        if answer.is_ok() {
            savepoint.commit().map_err(in_our_words)?;
        } else {
            drop(savepoint);
        }
        // A full disk may have taken back the whole transaction: then nobody in this group was served, and to go on would commit
        // what follows one by one.
        if transaction.is_autocommit() {
            return Err(answer.err().unwrap_or_else(stopped));
        }
        answers.push(answer);
    }
    transaction.commit().map_err(in_our_words)?;
    Ok(answers)
}

fn transact(savepoint: &Savepoint<'_>, writes: &[Write], now: i64) -> Result<usize, TableError> {
    // No key stands twice, so conditions do not depend on one another's writes and can all be looked at first.
    let standing = writes.iter().map(|write| standing(savepoint, write.key(), now)).collect::<rusqlite::Result<Vec<_>>>();
    let standing = standing.map_err(in_our_words)?;
    let failed: Vec<usize> =
        (0..writes.len()).filter(|&position| !holds(&writes[position], standing[position].as_ref())).collect();
    if !failed.is_empty() {
        return Err(TableError::Conflict { failed });
    }
    for (write, standing) in writes.iter().zip(standing) {
        apply(savepoint, write, standing).map_err(in_our_words)?;
    }
    Ok(writes.len())
}

/// What a condition looks at.
struct Standing {
    version: i64,
    count: i64,
}

fn standing(connection: &Connection, key: &Key, now: i64) -> rusqlite::Result<Option<Standing>> {
    let sql = "SELECT version, count FROM items WHERE partition = ?1 AND sort = ?2 AND (expires IS NULL OR expires > ?3)";
    let read = |row: &Row<'_>| Ok(Standing { version: row.get(0)?, count: row.get(1)? });
    connection.prepare_cached(sql)?.query_row(params![key.partition, key.sort, now], read).optional()
}

fn holds(write: &Write, standing: Option<&Standing>) -> bool {
    let expected = |expect: &Expect| match (expect, standing) {
        (Expect::Absent, None) => true,
        (Expect::Version(version), Some(standing)) => i64::try_from(*version) == Ok(standing.version),
        _ => false,
    };
    match write {
        Write::Put { expect, .. } | Write::Check { expect, .. } => expected(expect),
        Write::Delete { version, .. } => expected(&Expect::Version(*version)),
        Write::Add { by, at_most, .. } => {
            let sum = standing.map_or(0, |standing| standing.count).checked_add(*by);
            sum.is_some_and(|sum| (0..=*at_most).contains(&sum))
        }
    }
}

fn apply(connection: &Connection, write: &Write, standing: Option<Standing>) -> rusqlite::Result<()> {
    let version = standing.as_ref().map_or(0, |standing| standing.version) + 1;
    match write {
        Write::Put { item, .. } => put(connection, item, version, 0),
        Write::Delete { key, .. } => {
            let sql = "DELETE FROM items WHERE partition = ?1 AND sort = ?2";
            connection.prepare_cached(sql)?.execute(params![key.partition, key.sort]).map(drop)
        }
        Write::Add { key, by, expires, .. } => match standing {
            Some(standing) => {
                let sql = "UPDATE items SET count = ?3, version = ?4 WHERE partition = ?1 AND sort = ?2";
                let values = params![key.partition, key.sort, standing.count + by, version];
                connection.prepare_cached(sql)?.execute(values).map(drop)
            }
            None => {
                let counter = NewItem { key: key.clone(), index: [None, None], expires: *expires, body: Vec::new() };
                put(connection, &counter, version, *by)
            }
        },
        Write::Check { .. } => Ok(()),
    }
}

fn put(connection: &Connection, item: &NewItem, version: i64, count: i64) -> rusqlite::Result<()> {
    let sql = format!("INSERT OR REPLACE INTO items ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
    let [first, second] = &item.index;
    connection.prepare_cached(&sql)?.execute(params![
        item.key.partition,
        item.key.sort,
        version,
        first.as_ref().map(|key| &key.partition),
        first.as_ref().map(|key| &key.sort),
        second.as_ref().map(|key| &key.partition),
        second.as_ref().map(|key| &key.sort),
        item.expires.map(|moment| moment.0.as_second()),
        count,
        item.body,
    ])?;
    Ok(())
}

fn sweep(connection: &Connection, limit: usize, now: i64) -> Result<usize, TableError> {
    let sql = "DELETE FROM items WHERE rowid IN (SELECT rowid FROM items WHERE expires <= ?1 LIMIT ?2)";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection.execute(sql, params![now, limit]).map_err(in_our_words)
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // What is deleted is overwritten: erased data is not left in free pages.
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Brings the file to the schema that this program knows.
fn upgrade(connection: &mut Connection, path: &Path, upgrades: &[&str]) -> Result<(), OpenError> {
    let failed = |error: rusqlite::Error| OpenError::Failed { path: path.to_owned(), reason: error.to_string() };
    // Two processes may start at the same time: whoever comes second finds the work done.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let pragma = |name: &str| transaction.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(failed);
    let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    let (application, found) = (pragma("application_id")?, pragma("user_version")?);
    if application != APPLICATION && tables > 0 {
        return Err(OpenError::Foreign(path.to_owned()));
    }
    let known = i64::try_from(upgrades.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    }
    for script in &upgrades[usize::try_from(found).unwrap_or(0)..] {
        transaction.execute_batch(script).map_err(failed)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION).map_err(failed)?;
    transaction.pragma_update(None, "user_version", known).map_err(failed)?;
    transaction.commit().map_err(failed)
}

/// What a file holds that was found to be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole {
    /// Its schema version.
    pub schema: i64,
    /// How many items, expired ones included.
    pub items: i64,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Copies the table at `from` into the new file `to` as it is at one moment, while others read and write it. The copy is whole and on
/// the disk when this returns: it was read from its first to its last page, and only its owner may read it.
pub fn back_up(from: &Path, to: &Path) -> Result<Whole, OpenError> {
    let failed = |reason: String| OpenError::Failed { path: from.to_owned(), reason };
    let cannot_write = |reason: String| OpenError::Failed { path: to.to_owned(), reason };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(from, flags).map_err(|error| failed(error.to_string()))?;
    connection.busy_timeout(BUSY).map_err(|error| failed(error.to_string()))?;
    // Made before anything is in it, so that it is private from the start. SQLite takes an empty file as a new one.
    create_privately(to).map_err(|error| cannot_write(error.to_string()))?;
    let name = to.to_str().ok_or_else(|| cannot_write("its name is no text".to_owned()))?;
    connection.execute("VACUUM INTO ?1", [name]).map_err(|error| cannot_write(error.to_string()))?;
    drop(connection);
    // Before it is checked, so that what is checked is what a power cut leaves.
    File::open(to).and_then(|file| file.sync_all()).map_err(|error| cannot_write(error.to_string()))?;
    check(to)
}

/// Reads a file that nobody else uses from its first to its last page: whether it is a table of ours, of a known schema and whole.
pub fn check(path: &Path) -> Result<Whole, OpenError> {
    let failed = |reason: String| OpenError::Failed { path: path.to_owned(), reason };
    let read = || -> rusqlite::Result<(i64, i64, i64, String)> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let (application, schema) = (pragma("application_id")?, pragma("user_version")?);
        if application != APPLICATION {
            return Ok((application, schema, 0, String::new()));
        }
        let verdict = connection.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
        let items = connection.query_row("SELECT count(*) FROM items", [], |row| row.get(0))?;
        Ok((application, schema, items, verdict))
    };
    let (application, schema, items, verdict) = read().map_err(|error| failed(error.to_string()))?;
    let known = i64::try_from(UPGRADES.len()).unwrap_or(i64::MAX);
    if application != APPLICATION {
        return Err(OpenError::Foreign(path.to_owned()));
    }
    if schema > known {
        return Err(OpenError::Newer { path: path.to_owned(), found: schema, known });
    }
    if verdict != "ok" {
        return Err(failed(format!("it is damaged: {verdict}")));
    }
    let bytes = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    Ok(Whole { schema, items, bytes })
}

/// Keeps the table at `path` from being opened by anybody else, as long as it is held; none when somebody has it open.
pub fn close_to_others(path: &Path) -> std::io::Result<Option<File>> {
    let file = lock(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// A file beside the table: locks on the table itself are SQLite's.
fn lock(path: &Path) -> std::io::Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    File::options().create(true).truncate(false).write(true).open(name)
}

fn create_privately(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_schema_is_made_of_an_earlier_one_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.db");
        let mut connection = connect(&path).unwrap();
        let version =
            |connection: &Connection| connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap();
        upgrade(&mut connection, &path, UPGRADES).unwrap();
        connection.execute("INSERT INTO items VALUES ('P', 'S', 1, NULL, NULL, NULL, NULL, NULL, 0, x'00')", []).unwrap();
        let known = version(&connection);

        let column = "ALTER TABLE items ADD COLUMN later INTEGER NOT NULL DEFAULT 7";
        let broken = [UPGRADES, &[column, "no sql at all"]].concat();
        assert!(upgrade(&mut connection, &path, &broken).is_err());
        assert_eq!(version(&connection), known, "half an upgrade is none");
        assert!(connection.prepare("SELECT later FROM items").is_err());

        let later = [UPGRADES, &[column]].concat();
        upgrade(&mut connection, &path, &later).unwrap();
        assert_eq!(version(&connection), known + 1);
        let kept: i64 = connection.query_row("SELECT later FROM items WHERE sort = 'S'", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 7);
        assert!(
            matches!(upgrade(&mut connection, &path, UPGRADES), Err(OpenError::Newer { found, known: k, .. }) if found == known + 1 && k == known)
        );
    }
}
