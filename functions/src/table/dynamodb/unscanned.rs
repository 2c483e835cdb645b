//! The table for programs that answer visitors: without what reads the whole of it.
//!
//! A [`Table`] behind a pointer is linked with all of its methods, and each operation of the SDK is some tens of kilobytes that a
//! function reads before its first answer.

use super::DynamoDb;
use crate::table::{Answer, Cursor, Index, Item, Key, Page, Query, Table, TableError, Write};

/// A table that is neither scanned nor swept.
#[derive(Clone)]
pub struct Unscanned(pub DynamoDb);

impl Table for Unscanned {
    fn get<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Item>> {
        self.0.get(key)
    }

    fn query(&self, query: Query) -> Answer<'_, Page> {
        self.0.query(query)
    }

    fn query_index(&self, index: Index, query: Query) -> Answer<'_, Page> {
        self.0.query_index(index, query)
    }

    fn scan(&self, _: usize, _: Option<Cursor>) -> Answer<'_, Page> {
        Box::pin(std::future::ready(Err(left_out())))
    }

    fn transact(&self, writes: Vec<Write>) -> Answer<'_, ()> {
        self.0.transact(writes)
    }

    fn sweep(&self, _: usize) -> Answer<'_, usize> {
        Box::pin(std::future::ready(Err(left_out())))
    }
}

fn left_out() -> TableError {
    TableError::Failed("this program was linked without what reads the whole table\nhint: `scheduled` has it".to_owned())
}
