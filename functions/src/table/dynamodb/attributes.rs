//! Items as attributes, there and back.
//!
//! They are `pk`, `sk`; `v` the version; `count`; `body` unless empty; `g1pk`, `g1sk`, `g2pk`, `g2sk` the keys of the indexes
//! `first` and `second`; `expires` in seconds, which the table's time to live may name: what DynamoDB deletes counted as
//! absent already.

use std::collections::HashMap;

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use domain::Moment;
use jiff::Timestamp;

use crate::table::{Cursor, Index, Item, Key, NewItem, TableError};

/// Nothing stands there: every engine looks at expired items as if they were gone.
pub(super) const ABSENT: &str = "attribute_not_exists(pk) OR expires <= :now";
/// An item stands there.
pub(super) const LIVE: &str = "(attribute_not_exists(expires) OR expires > :now)";

pub(super) type Attributes = HashMap<String, AttributeValue>;

pub(super) fn index_name(index: Index) -> &'static str {
    match index {
        Index::First => "first",
        Index::Second => "second",
    }
}

/// Partition and sort key of an index.
pub(super) fn attributes(index: Index) -> (&'static str, &'static str) {
    match index {
        Index::First => ("g1pk", "g1sk"),
        Index::Second => ("g2pk", "g2sk"),
    }
}

pub(super) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(super) fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(super) fn key_of(key: &Key) -> Attributes {
    Attributes::from([("pk".to_owned(), text(&key.partition)), ("sk".to_owned(), text(&key.sort))])
}

pub(super) fn attributes_of(item: &NewItem, version: u64, count: i64) -> Attributes {
    let mut attributes = key_of(&item.key);
    let mut set = |name: &str, value| attributes.insert(name.to_owned(), value);
    set("v", number(version));
    set("count", number(count));
    for (index, key) in [Index::First, Index::Second].into_iter().zip(&item.index) {
        if let Some(key) = key {
            let (partition, sort) = self::attributes(index);
            set(partition, text(&key.partition));
            set(sort, text(&key.sort));
        }
    }
    if let Some(moment) = item.expires {
        set("expires", number(moment.0.as_second()));
    }
    if !item.body.is_empty() {
        set("body", AttributeValue::B(Blob::new(item.body.clone())));
    }
    attributes
}

/// Reads an item. It fails on one that is none of ours.
pub(super) fn item(mut attributes: Attributes) -> Result<Item, TableError> {
    let foreign = |name: &str| TableError::Failed(format!("an item in DynamoDB has no proper `{name}`"));
    let mut texts = |name: &str| match attributes.remove(name) {
        None => Ok(None),
        Some(AttributeValue::S(text)) => Ok(Some(text)),
        Some(_) => Err(foreign(name)),
    };
    let key = Key { partition: texts("pk")?.ok_or_else(|| foreign("pk"))?, sort: texts("sk")?.ok_or_else(|| foreign("sk"))? };
    let mut index_key = |index| -> Result<Option<Key>, TableError> {
        let (partition, sort) = self::attributes(index);
        Ok(texts(partition)?.zip(texts(sort)?).map(|(partition, sort)| Key { partition, sort }))
    };
    let index = [index_key(Index::First)?, index_key(Index::Second)?];
    let numbers = |name: &str| match attributes.get(name) {
        None => Ok(None),
        Some(AttributeValue::N(number)) => number.parse::<i64>().map(Some).map_err(|_| foreign(name)),
        Some(_) => Err(foreign(name)),
    };
    let version = numbers("v")?.and_then(|version| u64::try_from(version).ok()).ok_or_else(|| foreign("v"))?;
    let count = numbers("count")?.unwrap_or(0);
    let expires = numbers("expires")?.map(|seconds| Timestamp::from_second(seconds).map(Moment).map_err(|_| foreign("expires")));
    let expires = expires.transpose()?;
    let body = match attributes.remove("body") {
        None => Vec::new(),
        Some(AttributeValue::B(body)) => body.into_inner(),
        Some(_) => return Err(foreign("body")),
    };
    Ok(Item { key, version, index, expires, count, body })
}

pub(super) fn expired(item: &Item, now: i64) -> bool {
    item.expires.is_some_and(|moment| moment.0.as_second() <= now)
}

pub(super) fn cursor(mut key: Attributes, index: Option<Index>) -> Result<Cursor, TableError> {
    let mut texts = |name: &str| match key.remove(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(TableError::Failed(format!("DynamoDB ended a page without `{name}`"))),
    };
    let index_sort = index.map(|index| texts(attributes(index).1)).transpose()?;
    Ok(Cursor { key: Key { partition: texts("pk")?, sort: texts("sk")? }, index_sort })
}

pub(super) fn start_key(cursor: Cursor, index: Option<Index>, partition: &str) -> Attributes {
    let mut key = key_of(&cursor.key);
    if let Some((index, sort)) = index.zip(cursor.index_sort) {
        let (partition_name, sort_name) = attributes(index);
        key.insert(partition_name.to_owned(), text(partition));
        key.insert(sort_name.to_owned(), text(&sort));
    }
    key
}
