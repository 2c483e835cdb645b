//! A table that counts what is asked of it.

#![allow(clippy::unwrap_used, dead_code, reason = "a test that cannot go on panics, and no test needs everything")]

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use functions::table::{Answer, Cursor, Index, Item, Key, Page, Query, Table, Write};

/// Any table, counted. DynamoDB's price of an answer follows from these: requests, items looked at, bytes.
pub struct Counted {
    table: Arc<dyn Table>,
    reads: AtomicU64,
    transactions: AtomicU64,
    items: AtomicU64,
    bytes: AtomicU64,
    asked: Mutex<Vec<String>>,
}

/// What was asked, and how much came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Items by key and pages.
    pub reads: u64,
    pub transactions: u64,
    /// That were read or written.
    pub items: u64,
    /// Of bodies that were read.
    pub bytes: u64,
}

impl Counted {
    pub fn new(table: Arc<dyn Table>) -> Counted {
        let zero = AtomicU64::default;
        Counted { table, reads: zero(), transactions: zero(), items: zero(), bytes: zero(), asked: Mutex::default() }
    }

    /// What was asked and written since the last time, by its keys and in its order.
    pub fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    fn note(&self, what: String) {
        self.asked.lock().unwrap().push(what);
    }

    /// Since the last time.
    pub fn take(&self) -> Count {
        let take = |count: &AtomicU64| count.swap(0, Ordering::Relaxed);
        Count {
            reads: take(&self.reads),
            transactions: take(&self.transactions),
            items: take(&self.items),
            bytes: take(&self.bytes),
        }
    }

    fn came<'a>(&self, items: impl Iterator<Item = &'a Item>) {
        self.reads.fetch_add(1, Ordering::Relaxed);
        for item in items {
            self.items.fetch_add(1, Ordering::Relaxed);
            self.bytes.fetch_add(item.body.len() as u64, Ordering::Relaxed);
        }
    }

    async fn page(&self, page: Answer<'_, Page>) -> Result<Page, functions::table::TableError> {
        let page = page.await?;
        self.came(page.items.iter());
        Ok(page)
    }
}

impl Table for Counted {
    fn get<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Item>> {
        Box::pin(async move {
            self.note(format!("get {key}"));
            let item = self.table.get(key).await?;
            self.came(item.iter());
            Ok(item)
        })
    }

    fn query(&self, query: Query) -> Answer<'_, Page> {
        self.note(format!("query {} {:?}", query.partition, query.sort));
        Box::pin(self.page(self.table.query(query)))
    }

    fn query_index(&self, index: Index, query: Query) -> Answer<'_, Page> {
        self.note(format!("index {index:?} {} {:?}", query.partition, query.sort));
        Box::pin(self.page(self.table.query_index(index, query)))
    }

    fn scan(&self, limit: usize, after: Option<Cursor>) -> Answer<'_, Page> {
        self.note("scan".to_owned());
        Box::pin(self.page(self.table.scan(limit, after)))
    }

    fn transact(&self, writes: Vec<Write>) -> Answer<'_, ()> {
        self.transactions.fetch_add(1, Ordering::Relaxed);
        let written = |write: &Write| match write {
            Write::Put { item, .. } => format!("put {}", item.key),
            Write::Delete { key, .. } => format!("delete {key}"),
            Write::Add { key, by, .. } => format!("add {by} to {key}"),
            Write::Check { key, .. } => format!("check {key}"),
        };
        self.note(writes.iter().map(written).collect::<Vec<_>>().join(", "));
        self.items.fetch_add(writes.len() as u64, Ordering::Relaxed);
        self.table.transact(writes)
    }

    fn sweep(&self, limit: usize) -> Answer<'_, usize> {
        self.table.sweep(limit)
    }
}
