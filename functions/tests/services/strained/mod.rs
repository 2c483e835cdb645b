//! A SQLite table that is made to fail, or made wrong.

#![allow(clippy::unwrap_used, dead_code, reason = "a test that cannot go on panics, and no test needs everything")]

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use functions::table::{Answer, Cursor, Index, Item, Key, Page, Query, Table, TableError, Write, sqlite::Sqlite};

/// The same numbers in the same order for the same seed (SplitMix64), whoever draws them.
pub struct Draws(AtomicU64);

impl Draws {
    pub fn new(seed: u64) -> Draws {
        Draws(AtomicU64::new(seed))
    }

    pub fn next(&self) -> u64 {
        let mut z = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// A SQLite table that is made to fail, or made wrong.
pub struct Strained {
    table: Sqlite,
    how: Strain,
    draws: Draws,
    /// Until then it is an ordinary table: forms are filled in in peace.
    begun: AtomicBool,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Strain {
    None,
    /// So many of a hundred transactions are refused as if another were at work on the same items, half of them after they were done.
    Busy(u64),
    /// The same, and everything takes its time.
    Erratic(u64),
    /// Wrong: counters have no bound.
    Boundless,
    /// Wrong: a counter is read, and written a moment later whatever happened meanwhile.
    Torn,
}

impl Strained {
    pub fn new(table: Sqlite, how: Strain, seed: u64) -> Strained {
        Strained { table, how, draws: Draws::new(seed), begun: AtomicBool::new(false) }
    }

    pub fn begin(&self) {
        self.begun.store(true, Ordering::Relaxed);
    }

    /// A few thousandths of a second, as a network takes.
    async fn linger(&self) {
        tokio::time::sleep(Duration::from_micros(self.draws.next() % 5_000)).await;
    }
}

impl Table for Strained {
    fn get<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Item>> {
        self.table.get(key)
    }

    fn query(&self, query: Query) -> Answer<'_, Page> {
        self.table.query(query)
    }

    fn query_index(&self, index: Index, query: Query) -> Answer<'_, Page> {
        self.table.query_index(index, query)
    }

    fn scan(&self, limit: usize, after: Option<Cursor>) -> Answer<'_, Page> {
        self.table.scan(limit, after)
    }

    fn transact(&self, mut writes: Vec<Write>) -> Answer<'_, ()> {
        Box::pin(async move {
            let busy = || Err(TableError::Unavailable { retry_after: Duration::from_secs(1) });
            match if self.begun.load(Ordering::Relaxed) { self.how } else { Strain::None } {
                Strain::None => self.table.transact(writes).await,
                Strain::Busy(share) => {
                    let (raised, draw) = (self.draws.next() % 100 < share, self.draws.next());
                    if raised && draw.is_multiple_of(2) {
                        return busy();
                    }
                    let done = self.table.transact(writes).await;
                    if raised { busy() } else { done }
                }
                Strain::Erratic(share) => {
                    let (raised, draw) = (self.draws.next() % 100 < share, self.draws.next());
                    self.linger().await;
                    if raised && draw.is_multiple_of(2) {
                        return busy();
                    }
                    let done = self.table.transact(writes).await;
                    self.linger().await;
                    if raised { busy() } else { done }
                }
                Strain::Boundless => {
                    for write in &mut writes {
                        if let Write::Add { at_most, .. } = write {
                            *at_most = i64::MAX;
                        }
                    }
                    self.table.transact(writes).await
                }
                Strain::Torn => {
                    for write in &writes {
                        if let Write::Add { key, by, at_most, .. } = write {
                            let count = self.table.get(key).await?.map_or(0, |item| item.count);
                            if count + by > *at_most {
                                return Err(TableError::Conflict { failed: vec![3] });
                            }
                        }
                    }
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    for write in &mut writes {
                        if let Write::Add { at_most, .. } = write {
                            *at_most = i64::MAX;
                        }
                    }
                    self.table.transact(writes).await
                }
            }
        })
    }

    fn sweep(&self, limit: usize) -> Answer<'_, usize> {
        self.table.sweep(limit)
    }
}
