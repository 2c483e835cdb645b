//! Items as rows: how they are read, page by page, and written.

use domain::Moment;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params, types::Value};

use crate::table::{Cursor, Index, Item, Key, MAX_KEY, NewItem, Order, Page, Query, SortRange};

/// A page ends after so many bytes of bodies, as DynamoDB's does.
const PAGE_BYTES: usize = 1_000_000;

const COLUMNS: &str =
    "partition, sort, version, first_partition, first_sort, second_partition, second_sort, expires, count, body";

pub(super) fn get(connection: &Connection, key: &Key, now: i64) -> rusqlite::Result<Option<Item>> {
    let sql = format!("SELECT {COLUMNS} FROM items WHERE partition = ?1 AND sort = ?2 AND (expires IS NULL OR expires > ?3)");
    connection.prepare_cached(&sql)?.query_row(params![key.partition, key.sort, now], item).optional()
}

pub(super) fn page(connection: &Connection, index: Option<Index>, query: &Query, now: i64) -> rusqlite::Result<Page> {
    let (partition, sort) = columns(index);
    // Items of an index that share a sort key follow one another by their own keys.
    let order = if index.is_some() { format!("{sort}, partition, sort") } else { sort.to_owned() };
    let (range, mut values) = range(query, partition, sort, now);
    let mut sql = format!("SELECT {COLUMNS} FROM items WHERE {range}");
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

    read_page(connection, &sql, values, index, query.limit)
}

/// How many rows the query has, all pages together.
pub(super) fn count(connection: &Connection, index: Index, query: &Query, now: i64) -> rusqlite::Result<usize> {
    let (partition, sort) = columns(Some(index));
    let (range, values) = range(query, partition, sort, now);
    let mut statement = connection.prepare_cached(&format!("SELECT count(*) FROM items WHERE {range}"))?;
    let count: i64 = statement.query_row(rusqlite::params_from_iter(values), |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or_default())
}

fn columns(index: Option<Index>) -> (&'static str, &'static str) {
    match index {
        None => ("partition", "sort"),
        Some(Index::First) => ("first_partition", "first_sort"),
        Some(Index::Second) => ("second_partition", "second_sort"),
    }
}

/// The condition on keys that a query comes to, with its values.
fn range(query: &Query, partition: &str, sort: &str, now: i64) -> (String, Vec<Value>) {
    let mut condition = format!("{partition} = ? AND (expires IS NULL OR expires > ?)");
    let mut values: Vec<Value> = vec![query.partition.clone().into(), now.into()];
    match &query.sort {
        SortRange::All => {}
        SortRange::Prefix(prefix) => {
            // Sorted by bytes, all that starts with `prefix` stands between it and it with as many of the last character
            // there is as a key can hold.
            condition.push_str(&format!(" AND {sort} >= ? AND {sort} <= ?"));
            let last = char::MAX.to_string().repeat(MAX_KEY / char::MAX.len_utf8());
            values.extend([prefix.clone().into(), format!("{prefix}{last}").into()]);
        }
        SortRange::Between(from, to) => {
            condition.push_str(&format!(" AND {sort} >= ? AND {sort} <= ?"));
            values.extend([from.clone().into(), to.clone().into()]);
        }
    }
    (condition, values)
}

/// All items, by their keys.
pub(super) fn scan(connection: &Connection, limit: usize, after: Option<&Cursor>, now: i64) -> rusqlite::Result<Page> {
    let (partition, sort) = after.map_or(("", ""), |cursor| (&cursor.key.partition, &cursor.key.sort));
    let sql = format!(
        "SELECT {COLUMNS} FROM items WHERE (partition, sort) > (?, ?) AND (expires IS NULL OR expires > ?) ORDER BY partition, sort"
    );
    read_page(connection, &sql, vec![partition.to_owned().into(), sort.to_owned().into(), now.into()], None, limit)
}

/// So many of the rows that `sql` gives, in its order, and where they end.
fn read_page(
    connection: &Connection,
    sql: &str,
    values: Vec<Value>,
    index: Option<Index>,
    limit: usize,
) -> rusqlite::Result<Page> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut page = Page { items: Vec::new(), next: None };
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        if let Some(last) = page.items.last().filter(|_| page.items.len() == limit || bytes >= PAGE_BYTES) {
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

pub(super) fn put(connection: &Connection, item: &NewItem, version: i64, count: i64) -> rusqlite::Result<()> {
    // Where one stands it is changed in its place: `REPLACE` would take it out of every index and put it in again.
    let sql = format!(
        "INSERT INTO items ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (partition, sort) DO UPDATE SET version = ?3, first_partition = ?4, first_sort = ?5, second_partition = ?6,
         second_sort = ?7, expires = ?8, count = ?9, body = ?10"
    );
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
