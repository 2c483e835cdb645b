//! The table: the one contract between the repositories and whatever keeps their data.
//!
//! The docs of [`Table`] are the contract; `tests/services/table_contract.rs` holds every engine to it. It is shaped so that one
//! DynamoDB table serves it without a rule living in the engine: each method says how.

#[cfg(feature = "aws")]
pub mod dynamodb;
#[cfg(feature = "sqlite")]
pub mod sqlite;

use std::{collections::BTreeSet, fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

use domain::Moment;
use serde::{Serialize, de::DeserializeOwned};

/// Most writes in one transaction.
pub const MAX_WRITES: usize = 100;
/// Most bytes of bodies and keys in one transaction.
pub const MAX_TRANSACTION: usize = 4_000_000;
/// Most bytes of an item's body. With its keys an item stays below DynamoDB's 409 600 bytes.
pub const MAX_BODY: usize = 400_000;
/// Most bytes of each part of a key.
pub const MAX_KEY: usize = 1_024;
/// Most items of one page.
pub const MAX_PAGE: usize = 1_000;

/// What a method of [`Table`] gives: boxed, so that the service can hold any engine as `Arc<dyn Table>`.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, TableError>> + Send + 'a>>;

/// Keeps items. See the module for what stands behind it.
///
/// **Items** are found by [`Key`]: a partition and a sort key, each of 1 to [`MAX_KEY`] bytes, sorted by their UTF-8 bytes.
/// Uniqueness is only ever by key. An item has a version (1 when it is stored first, one more with each write), up to two
/// further keys under which the indexes list it, an optional expiry, a counter and a body.
///
/// **Expiry.** An item whose expiry is reached counts as absent everywhere: it is not read, and a write may take its key as
/// if nothing were there. [`Table::sweep`] deletes what has expired. Expiry has the precision of a second.
///
/// **Consistency.** Reads by key ([`get`](Table::get), [`query`](Table::query)) see every write that was answered before.
/// Reads by index may lag: whoever uses them must bear an item that is missing or stale.
///
/// **Durability.** A write is answered when it and all that it was decided upon will outlive a power cut, a conflict when what it conflicts with
/// will. A read may see a write some milliseconds before that is answered, and a power cut within them takes it back: whoever acts on the world
/// outside because of what they read (sends a message) first takes it by a write of their own.
pub trait Table: Send + Sync + 'static {
    /// The item with this key. There is none under a key that cannot be.
    ///
    /// DynamoDB: `GetItem` with `ConsistentRead`.
    fn get<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Item>>;

    /// A page of a partition's items in the order of their sort keys.
    ///
    /// A page may hold fewer items than asked for, even none, and still have a `next`: only its absence means the end.
    ///
    /// DynamoDB: `Query` with `ConsistentRead`, `begins_with` or `BETWEEN`, `ExclusiveStartKey`; a page ends at 1 MB.
    fn query(&self, query: Query) -> Answer<'_, Page>;

    /// The same by one of the two indexes: the query's partition and sort range are those of the index key. Items whose index
    /// keys are equal follow one another in no particular order.
    ///
    /// DynamoDB: `Query` on a global secondary index that projects everything.
    fn query_index(&self, index: Index, query: Query) -> Answer<'_, Page>;

    /// How many items the query has by one of the two indexes, from the first to the last, whatever its limit and its cursor.
    ///
    /// DynamoDB: `Query` with `Select` `COUNT`, which costs as much as reading them and sends none.
    fn count_index(&self, index: Index, query: Query) -> Answer<'_, usize> {
        Box::pin(async move {
            let mut query = Query { limit: MAX_PAGE, after: None, ..query };
            let mut count = 0;
            loop {
                let page = self.query_index(index, query.clone()).await?;
                count += page.items.len();
                match page.next {
                    Some(next) => query.after = Some(next),
                    None => return Ok(count),
                }
            }
        })
    }

    /// A page of all items there are, of 1 to [`MAX_PAGE`], in an order of the engine's own. What is there from the first page to the last is
    /// on one of them; what is written meanwhile may be or not.
    ///
    /// DynamoDB: `Scan` with `ConsistentRead`, which costs as much as the table is large: for work on all that is stored, not for answers.
    fn scan(&self, limit: usize, after: Option<Cursor>) -> Answer<'_, Page>;

    /// Does all writes or none.
    ///
    /// Takes 1 to [`MAX_WRITES`] writes of at most [`MAX_TRANSACTION`] bytes; each key stands in at most one of them. Every
    /// write carries its condition; when one does not hold, nothing is written and [`TableError::Conflict`] names at least
    /// one such write. When the answer is [`TableError::Unavailable`] or [`TableError::Failed`] the writes may have been
    /// done all the same (a cut connection): whoever retries must make that harmless by a condition.
    ///
    /// DynamoDB: `TransactWriteItems`; `ConditionalCheckFailed` becomes `Conflict`, `TransactionConflict` and throttling
    /// become `Unavailable` when they last.
    fn transact(&self, writes: Vec<Write>) -> Answer<'_, ()>;

    /// Deletes up to `limit` items whose expiry is reached and says how many; fewer than `limit` means that none is left.
    ///
    /// DynamoDB: its own time to live does this within days. This reads the whole table (`Scan`), which costs as much as the
    /// table is large: once a day is enough.
    fn sweep(&self, limit: usize) -> Answer<'_, usize>;
}

/// Where an item is found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Items that are read together.
    pub partition: String,
    /// Their order.
    pub sort: String,
}

impl Key {
    /// The key of `sort` in `partition`.
    pub fn new(partition: impl Into<String>, sort: impl Into<String>) -> Key {
        Key { partition: partition.into(), sort: sort.into() }
    }

    fn check(&self) -> Result<(), TableError> {
        let fits = |part: &str| (1..=MAX_KEY).contains(&part.len());
        if fits(&self.partition) && fits(&self.sort) {
            Ok(())
        } else {
            Err(TableError::TooLarge("a key's part is 1 to 1024 bytes"))
        }
    }

    fn size(&self) -> usize {
        self.partition.len() + self.sort.len()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.partition, self.sort)
    }
}

/// One of the two further orders in which items are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    /// By the first index key.
    First,
    /// By the second.
    Second,
}

/// An item as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where it stands.
    pub key: Key,
    /// How often it was written.
    pub version: u64,
    /// Under which keys the indexes list it.
    pub index: [Option<Key>; 2],
    /// From when on it counts as absent.
    pub expires: Option<Moment>,
    /// What [`Write::Add`] has summed up; 0 on items that are no counters.
    pub count: i64,
    /// What it holds; empty on counters.
    pub body: Vec<u8>,
}

impl Item {
    /// The body, read as JSON.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, TableError> {
        serde_json::from_slice(&self.body).map_err(|error| self.malformed(&error))
    }

    /// It holds something else than it should.
    pub(crate) fn malformed(&self, error: &serde_json::Error) -> TableError {
        TableError::Failed(format!("the item `{}` cannot be understood: {error}", self.key))
    }
}

/// An item to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewItem {
    /// Where it is to stand.
    pub key: Key,
    /// Under which keys the indexes are to list it.
    pub index: [Option<Key>; 2],
    /// From when on it counts as absent.
    pub expires: Option<Moment>,
    /// What it holds.
    pub body: Vec<u8>,
}

impl NewItem {
    /// An item that holds `body` as JSON.
    pub fn json(key: Key, body: &impl Serialize) -> NewItem {
        let body = serde_json::to_vec(body).expect("our own structs have text keys and are written to memory");
        NewItem { key, index: [None, None], expires: None, body }
    }

    /// What a counter is before anything is added to it.
    pub(crate) fn counter(key: Key, expires: Option<Moment>) -> NewItem {
        NewItem { key, index: [None, None], expires, body: Vec::new() }
    }

    /// The same, listed by `index` under `key`.
    pub fn listed(mut self, index: Index, key: Key) -> NewItem {
        self.index[index as usize] = Some(key);
        self
    }

    /// The same, absent from `moment` on.
    pub fn expiring(mut self, moment: Moment) -> NewItem {
        self.expires = Some(moment);
        self
    }
}

/// What must be true of a key for a write to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Nothing stands there.
    Absent,
    /// The item there has this version.
    Version(u64),
}

/// One write with its condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Stores an item in place of what stands there.
    ///
    /// DynamoDB: `Put` with `attribute_not_exists(pk) OR expires <= :now`, or with the version and an expiry that is not reached.
    Put {
        /// The item.
        item: NewItem,
        /// The condition.
        expect: Expect,
    },
    /// Removes an item that has this version.
    ///
    /// DynamoDB: `Delete` with a condition.
    Delete {
        /// Which.
        key: Key,
        /// The condition.
        version: u64,
    },
    /// Adds to a counter as long as it stays within `0..=at_most`; a counter that is absent stands at 0.
    ///
    /// DynamoDB: `Update` with `ADD` and two bounds on the counter; in place of an expired one, `Put`.
    Add {
        /// Which counter.
        key: Key,
        /// How much; negative takes away.
        by: i64,
        /// The bound that must hold afterwards.
        at_most: i64,
        /// From when on the counter counts as absent; taken when it is made and kept afterwards.
        expires: Option<Moment>,
    },
    /// Writes nothing: the transaction is done only when the condition holds.
    ///
    /// DynamoDB: `ConditionCheck`.
    Check {
        /// Which.
        key: Key,
        /// The condition.
        expect: Expect,
    },
}

impl Write {
    /// Stores an item where nothing stands.
    pub fn create(item: NewItem) -> Write {
        Write::Put { item, expect: Expect::Absent }
    }

    /// Stores an item in place of the one with this version.
    pub fn replace(item: NewItem, version: u64) -> Write {
        Write::Put { item, expect: Expect::Version(version) }
    }

    /// The key it is about.
    pub fn key(&self) -> &Key {
        match self {
            Write::Put { item, .. } => &item.key,
            Write::Delete { key, .. } | Write::Add { key, .. } | Write::Check { key, .. } => key,
        }
    }
}

/// What a counter comes to by [`Write::Add`]; none when that is out of its bounds.
pub(crate) fn added(count: i64, by: i64, at_most: i64) -> Option<i64> {
    count.checked_add(by).filter(|sum| (0..=at_most).contains(sum))
}

/// Refuses a transaction that breaks the contract's limits. Every engine calls it first, so that all refuse alike.
pub(crate) fn check_writes(writes: &[Write]) -> Result<(), TableError> {
    if writes.is_empty() || writes.len() > MAX_WRITES {
        return Err(TableError::TooLarge("a transaction takes 1 to 100 writes"));
    }
    let mut seen = BTreeSet::new();
    let mut bytes = 0;
    for write in writes {
        write.key().check()?;
        if !seen.insert(write.key()) {
            return Err(TableError::Failed(format!("the key `{}` stands twice in one transaction", write.key())));
        }
        bytes += write.key().size();
        if let Write::Put { item, .. } = write {
            for key in item.index.iter().flatten() {
                key.check()?;
                bytes += key.size();
            }
            if item.body.len() > MAX_BODY {
                return Err(TableError::TooLarge("an item's body is at most 400 KB"));
            }
            bytes += item.body.len();
        }
    }
    if bytes > MAX_TRANSACTION {
        return Err(TableError::TooLarge("a transaction takes at most 4 MB"));
    }
    Ok(())
}

/// What is asked of a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The partition.
    pub partition: String,
    /// Which of its items.
    pub sort: SortRange,
    /// In which order.
    pub order: Order,
    /// At most so many items, 1 to [`MAX_PAGE`].
    pub limit: usize,
    /// Where the last page ended.
    pub after: Option<Cursor>,
}

impl Query {
    /// All of a partition, ascending, in pages as large as can be.
    pub fn all(partition: impl Into<String>) -> Query {
        Query { partition: partition.into(), sort: SortRange::All, order: Order::Ascending, limit: MAX_PAGE, after: None }
    }

    /// The items of a partition whose sort key starts with `prefix`.
    pub fn prefix(partition: impl Into<String>, prefix: impl Into<String>) -> Query {
        Query { sort: SortRange::Prefix(prefix.into()), ..Query::all(partition) }
    }

    /// Refuses what breaks the contract; every engine calls it first.
    pub(crate) fn check(&self) -> Result<(), TableError> {
        let bounds: &[&String] = match &self.sort {
            SortRange::All => &[],
            SortRange::Prefix(prefix) => &[prefix],
            SortRange::Between(from, to) => &[from, to],
        };
        if !(1..=MAX_PAGE).contains(&self.limit) {
            Err(TableError::TooLarge("a page holds 1 to 1000 items"))
        } else if bounds.iter().any(|bound| bound.len() > MAX_KEY) {
            Err(TableError::TooLarge("a bound of sort keys is at most 1024 bytes"))
        } else {
            Ok(())
        }
    }
}

/// Which sort keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortRange {
    /// All.
    All,
    /// Those that start with this.
    Prefix(String),
    /// From the first to the second, both included.
    Between(String, String),
}

/// In which order of sort keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// Where a page ended. Only good for the query that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The last item's key.
    pub(crate) key: Key,
    /// Its sort key in the index that was read.
    pub(crate) index_sort: Option<String>,
}

impl Cursor {
    /// Behind the item with this key, where items are read as [`Table::scan`] does.
    pub fn behind(key: Key) -> Cursor {
        Cursor { key, index_sort: None }
    }

    /// Where a page of [`Table::scan`] ended.
    pub fn key(&self) -> &Key {
        &self.key
    }
}

/// Some of the items asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The items.
    pub items: Vec<Item>,
    /// Where to go on, when there is more.
    pub next: Option<Cursor>,
}

/// All items of a query, page after page.
pub async fn query_all(table: &dyn Table, query: Query) -> Result<Vec<Item>, TableError> {
    all_pages(query, |query| table.query(query)).await
}

/// All items of a query by index, page after page.
pub async fn query_index_all(table: &dyn Table, index: Index, query: Query) -> Result<Vec<Item>, TableError> {
    all_pages(query, |query| table.query_index(index, query)).await
}

/// Gives `look` all items of a query by an index in which no sort key stands twice, a page at a time and in no order: they are read from both ends
/// at the same time until these meet, each end a page ahead of who looks, so that nobody waits for the other. No more than four pages are held,
/// however many there are.
pub async fn each_page<E: From<TableError>>(
    table: &Arc<dyn Table>,
    index: Index,
    query: Query,
    mut look: impl FnMut(&[Item]) -> Result<(), E>,
) -> Result<(), E> {
    let read = |query: Query| {
        let table = Arc::clone(table);
        tokio::spawn(async move { table.query_index(index, query).await })
    };
    let sort = |item: &Item| item.index[index as usize].as_ref().map(|key| key.sort.clone()).unwrap_or_default();
    let mut ends = [Order::Ascending, Order::Descending].map(|order| Query { order, ..query.clone() });
    let mut reading = ends.each_ref().map(|end| read(end.clone()));
    // How far each end has come.
    let mut seen: [Option<String>; 2] = [None, None];
    for end in [0, 1].into_iter().cycle() {
        let page = (&mut reading[end]).await.map_err(|_| TableError::Failed("a read was broken off".to_owned()))??;
        let is_new = |item: &Item| match &seen[1 - end] {
            Some(other) if end == 0 => sort(item) < *other,
            Some(other) => sort(item) > *other,
            None => true,
        };
        let new = page.items.partition_point(is_new);
        let met = new < page.items.len();
        match page.next.filter(|_| !met) {
            Some(next) => {
                ends[end].after = Some(next);
                reading[end] = read(ends[end].clone());
                // A page may be empty and not the last: DynamoDB leaves out what has expired after it has read.
                seen[end] = page.items.last().map(sort).or(seen[end].take());
                look(&page.items)?;
            }
            // Behind the last page lies what the other end has seen, or nothing.
            None => {
                reading[1 - end].abort();
                return look(&page.items[..new]);
            }
        }
    }
    unreachable!("the ends meet")
}

async fn all_pages<'a>(mut query: Query, read: impl Fn(Query) -> Answer<'a, Page>) -> Result<Vec<Item>, TableError> {
    let mut items = Vec::new();
    loop {
        let page = read(query.clone()).await?;
        items.extend(page.items);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(items),
        }
    }
}

/// Why the table did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A condition did not hold; nothing was written.
    #[error("a condition does not hold for the writes {failed:?}")]
    Conflict {
        /// Positions of writes whose condition did not hold: at least one.
        failed: Vec<usize>,
    },
    /// A limit of the contract is broken; nothing was written.
    #[error("too large: {0}")]
    TooLarge(&'static str),
    /// It is busy or cannot be reached; the same call may succeed later.
    #[error("the table is busy, try again in {} s", retry_after.as_secs())]
    Unavailable {
        /// When to try again.
        retry_after: Duration,
    },
    /// It failed in a way that trying again does not mend.
    #[error("the table failed: {0}")]
    Failed(String),
}
