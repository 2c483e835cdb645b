//! The contract of the table, as one suite that every engine must pass unchanged.
//!
//! A case is an async function over `&dyn Table` and the clock that the engine was given; the macro at the end makes a test of each
//! for each engine.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use domain::Moment;
use functions::{
    Clock,
    table::{
        Expect, Index, Item, Key, MAX_BODY, MAX_KEY, MAX_WRITES, NewItem, Order, Query, SortRange, Table, TableError, Write,
        query_all, query_index_all,
    },
};
use jiff::SignedDuration;

fn start() -> Moment {
    "2026-12-01 09:00".parse().unwrap()
}

fn key(sort: &str) -> Key {
    Key::new("P", sort)
}

fn new(sort: &str, body: &str) -> NewItem {
    NewItem { key: key(sort), index: [None, None], expires: None, body: body.into() }
}

async fn create(table: &dyn Table, items: impl IntoIterator<Item = NewItem>) {
    table.transact(items.into_iter().map(Write::create).collect()).await.unwrap();
}

async fn get(table: &dyn Table, sort: &str) -> Option<Item> {
    table.get(&key(sort)).await.unwrap()
}

fn sorts(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.key.sort.as_str()).collect()
}

fn failed<T: std::fmt::Debug>(answer: Result<T, TableError>) -> Vec<usize> {
    match answer {
        Err(TableError::Conflict { failed }) => failed,
        other => panic!("a conflict was expected: {other:?}"),
    }
}

async fn what_is_stored_is_read_back(table: &dyn Table, _: &Clock) {
    assert_eq!(get(table, "a").await, None);
    let expires = Moment(start().0 + SignedDuration::from_hours(2));
    let item =
        new("a", "正文\0").listed(Index::First, Key::new("I", "1")).listed(Index::Second, Key::new("J", "2")).expiring(expires);
    create(table, [item.clone()]).await;
    let expected = Item { key: item.key, version: 1, index: item.index, expires: Some(expires), count: 0, body: item.body };
    assert_eq!(get(table, "a").await, Some(expected));
}

async fn each_write_raises_the_version_and_a_stale_one_conflicts(table: &dyn Table, _: &Clock) {
    create(table, [new("a", "1")]).await;
    table.transact(vec![Write::replace(new("a", "2"), 1)]).await.unwrap();
    assert_eq!(failed(table.transact(vec![Write::replace(new("a", "3"), 1)]).await), [0]);
    assert_eq!(failed(table.transact(vec![Write::create(new("a", "3"))]).await), [0]);
    assert_eq!(failed(table.transact(vec![Write::replace(new("b", "3"), 1)]).await), [0]);
    let item = get(table, "a").await.unwrap();
    assert_eq!((item.version, item.body.as_slice()), (2, &b"2"[..]));
}

async fn an_item_is_deleted_only_in_the_version_that_was_seen(table: &dyn Table, _: &Clock) {
    create(table, [new("a", "1")]).await;
    assert_eq!(failed(table.transact(vec![Write::Delete { key: key("a"), version: 2 }]).await), [0]);
    table.transact(vec![Write::Delete { key: key("a"), version: 1 }]).await.unwrap();
    assert_eq!(get(table, "a").await, None);
    assert_eq!(failed(table.transact(vec![Write::Delete { key: key("a"), version: 1 }]).await), [0]);
}

async fn a_transaction_is_done_whole_or_not_at_all(table: &dyn Table, _: &Clock) {
    create(table, [new("b", "1")]).await;
    let writes = vec![
        Write::create(new("a", "1")),
        Write::create(new("b", "2")),
        Write::Add { key: key("n"), by: 1, at_most: 5, expires: None },
    ];
    assert_eq!(failed(table.transact(writes).await), [1]);
    assert_eq!(get(table, "a").await, None);
    assert_eq!(get(table, "n").await, None);
}

async fn a_check_writes_nothing_and_binds_the_others(table: &dyn Table, _: &Clock) {
    create(table, [new("a", "1")]).await;
    let check = |expect| Write::Check { key: key("a"), expect };
    table.transact(vec![check(Expect::Version(1)), Write::create(new("b", ""))]).await.unwrap();
    assert_eq!(failed(table.transact(vec![check(Expect::Absent), Write::create(new("c", ""))]).await), [0]);
    assert_eq!(failed(table.transact(vec![check(Expect::Version(2)), Write::create(new("c", ""))]).await), [0]);
    assert_eq!((get(table, "a").await.unwrap().version, get(table, "c").await), (1, None));
}

async fn a_counter_stays_within_its_bounds(table: &dyn Table, _: &Clock) {
    let add = |by| vec![Write::Add { key: key("n"), by, at_most: 5, expires: None }];
    table.transact(add(3)).await.unwrap();
    assert_eq!(failed(table.transact(add(3)).await), [0]);
    table.transact(add(2)).await.unwrap();
    assert_eq!(failed(table.transact(add(1)).await), [0]);
    assert_eq!(failed(table.transact(add(-6)).await), [0]);
    table.transact(add(-4)).await.unwrap();
    let item = get(table, "n").await.unwrap();
    assert_eq!((item.count, item.version, item.body.len()), (1, 3, 0));
    let too_many = vec![Write::Add { key: key("m"), by: 6, at_most: 5, expires: None }];
    assert_eq!(failed(table.transact(too_many).await), [0]);
}

async fn a_counter_is_never_overrun_by_many_at_once(table: &dyn Table, _: &Clock) {
    let attempts = (0..40).map(|_| table.transact(vec![Write::Add { key: key("n"), by: 1, at_most: 7, expires: None }]));
    let mut done = 0;
    for attempt in join_all(attempts).await {
        match attempt {
            Ok(()) => done += 1,
            Err(TableError::Conflict { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((done, get(table, "n").await.unwrap().count), (7, 7));
}

async fn of_many_who_want_the_same_key_one_gets_it(table: &dyn Table, _: &Clock) {
    let attempts = (0..20).map(|n| table.transact(vec![Write::create(new("a", &n.to_string()))]));
    let done = join_all(attempts).await.into_iter().filter(Result::is_ok).count();
    assert_eq!(done, 1);
}

async fn what_has_expired_counts_as_absent_and_is_swept(table: &dyn Table, clock: &Clock) {
    let soon = Moment(start().0 + SignedDuration::from_mins(30));
    create(table, [new("a", "1").expiring(soon).listed(Index::First, Key::new("I", "1")), new("b", "1")]).await;
    table.transact(vec![Write::Add { key: key("n"), by: 5, at_most: 5, expires: Some(soon) }]).await.unwrap();
    clock.advance(SignedDuration::from_secs(30 * 60 - 1));
    assert!(get(table, "a").await.is_some());
    clock.advance(SignedDuration::from_secs(1));
    assert_eq!(get(table, "a").await, None);
    assert_eq!(sorts(&query_all(table, Query::all("P")).await.unwrap()), ["b"]);
    assert_eq!(query_index_all(table, Index::First, Query::all("I")).await.unwrap(), []);
    assert_eq!(failed(table.transact(vec![Write::replace(new("a", "2"), 1)]).await), [0]);
    // Its key is free, and a counter starts again.
    table.transact(vec![Write::Add { key: key("n"), by: 2, at_most: 5, expires: None }]).await.unwrap();
    assert_eq!((get(table, "n").await.unwrap().count, get(table, "n").await.unwrap().version), (2, 1));
    assert_eq!(table.sweep(10).await.unwrap(), 1);
    assert_eq!(table.sweep(10).await.unwrap(), 0);
    create(table, [new("a", "3")]).await;
    assert_eq!(get(table, "a").await.unwrap().version, 1);
}

async fn a_sweep_takes_no_more_than_it_is_told(table: &dyn Table, clock: &Clock) {
    let soon = Moment(start().0 + SignedDuration::from_secs(1));
    create(table, (0..5).map(|n| new(&n.to_string(), "").expiring(soon))).await;
    clock.advance(SignedDuration::from_secs(2));
    assert_eq!((table.sweep(3).await.unwrap(), table.sweep(3).await.unwrap()), (3, 2));
}

async fn a_partition_is_read_in_order_and_by_range(table: &dyn Table, _: &Clock) {
    create(table, ["EVENT#2", "HEAD", "EVENT#1", "EVENT#10", "EVENT", "事"].map(|sort| new(sort, ""))).await;
    create(table, [NewItem { key: Key::new("Q", "EVENT#3"), ..new("", "") }]).await;
    let read = async |sort, order| {
        let query = Query { sort, order, ..Query::all("P") };
        sorts(&query_all(table, query).await.unwrap()).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let all = ["EVENT", "EVENT#1", "EVENT#10", "EVENT#2", "HEAD", "事"];
    assert_eq!(read(SortRange::All, Order::Ascending).await, all);
    assert_eq!(read(SortRange::All, Order::Descending).await, all.iter().rev().copied().collect::<Vec<_>>());
    assert_eq!(read(SortRange::Prefix("EVENT#".into()), Order::Ascending).await, all[1..4]);
    assert_eq!(read(SortRange::Between("EVENT#1".into(), "HEAD".into()), Order::Ascending).await, all[1..5]);
    assert_eq!(read(SortRange::Prefix("没有".into()), Order::Ascending).await, [""; 0]);
}

async fn pages_follow_one_another_without_gap_or_repetition(table: &dyn Table, _: &Clock) {
    create(table, (0..25).map(|n| new(&format!("{n:02}"), ""))).await;
    for order in [Order::Ascending, Order::Descending] {
        let query = Query { limit: 10, order, ..Query::all("P") };
        let mut all = sorts(&query_all(table, query).await.unwrap()).into_iter().map(str::to_owned).collect::<Vec<_>>();
        if order == Order::Descending {
            all.reverse();
        }
        assert_eq!(all, (0..25).map(|n| format!("{n:02}")).collect::<Vec<_>>());
    }
    let first = table.query(Query { limit: 10, ..Query::all("P") }).await.unwrap();
    assert!(first.items.len() <= 10 && first.next.is_some());
}

async fn an_index_lists_what_names_it_also_where_sort_keys_are_equal(table: &dyn Table, _: &Clock) {
    let listed = |n: u32| new(&format!("{n:02}"), "").listed(Index::Second, Key::new("OPEN", if n < 12 { "x" } else { "y" }));
    create(table, (0..15).map(listed)).await;
    create(table, [new("unlisted", "")]).await;
    let query = Query { limit: 4, ..Query::all("OPEN") };
    let all = query_index_all(table, Index::Second, query).await.unwrap();
    assert_eq!(sorts(&all), (0..15).map(|n| format!("{n:02}")).collect::<Vec<_>>());
    assert_eq!(sorts(&query_index_all(table, Index::Second, Query::prefix("OPEN", "y")).await.unwrap()), ["12", "13", "14"]);
    assert_eq!(query_index_all(table, Index::First, Query::all("OPEN")).await.unwrap(), []);
    // A write that no longer names the index takes the item out of it.
    table.transact(vec![Write::replace(new("13", ""), 1)]).await.unwrap();
    assert_eq!(sorts(&query_index_all(table, Index::Second, Query::prefix("OPEN", "y")).await.unwrap()), ["12", "14"]);
}

async fn what_is_too_large_is_refused_before_anything_is_written(table: &dyn Table, _: &Clock) {
    let refused = async |writes| {
        let answer = table.transact(writes).await;
        assert!(matches!(answer, Err(TableError::TooLarge(_))), "{answer:?}");
    };
    let body = |n: usize, length: usize| Write::create(NewItem { body: vec![0; length], ..new(&n.to_string(), "") });
    refused(vec![]).await;
    refused((0..=MAX_WRITES).map(|n| body(n, 1)).collect()).await;
    refused(vec![body(0, 1), body(1, MAX_BODY + 1)]).await;
    refused((0..11).map(|n| body(n, MAX_BODY)).collect()).await;
    refused(vec![Write::create(new("", ""))]).await;
    refused(vec![Write::create(new(&"长".repeat(MAX_KEY / 3 + 1), ""))]).await;
    refused(vec![Write::create(new("0", "").listed(Index::First, Key::new("", "x")))]).await;
    assert_eq!(query_all(table, Query::all("P")).await.unwrap(), []);

    table.transact((0..MAX_WRITES).map(|n| body(n, 1)).collect()).await.unwrap();
    let largest = Write::create(NewItem { key: Key::new("L", "l".repeat(MAX_KEY)), body: vec![7; MAX_BODY], ..new("", "") });
    table.transact(vec![largest]).await.unwrap();
    for limit in [0, 1001] {
        let answer = table.query(Query { limit, ..Query::all("P") }).await;
        assert!(matches!(answer, Err(TableError::TooLarge(_))), "{answer:?}");
    }
}

async fn a_key_stands_in_one_write_of_a_transaction(table: &dyn Table, _: &Clock) {
    let twice = vec![Write::create(new("a", "1")), Write::Add { key: key("a"), by: 1, at_most: 5, expires: None }];
    assert!(matches!(table.transact(twice).await, Err(TableError::Failed(_))));
    assert_eq!(get(table, "a").await, None);
}

async fn large_pages_end_early_and_go_on(table: &dyn Table, _: &Clock) {
    for n in 0..6 {
        create(table, [NewItem { body: vec![1; MAX_BODY], ..new(&n.to_string(), "") }]).await;
    }
    assert_eq!(query_all(table, Query::all("P")).await.unwrap().len(), 6);
}

/// Drives all futures at once, as a server does with its requests.
async fn join_all<T>(futures: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    use std::{future::poll_fn, pin::Pin, task::Poll};
    let mut waiting: Vec<Pin<Box<_>>> = futures.into_iter().map(Box::pin).collect();
    let mut answers: Vec<Option<T>> = waiting.iter().map(|_| None).collect();
    poll_fn(move |context| {
        for (future, answer) in waiting.iter_mut().zip(&mut answers) {
            if answer.is_none()
                && let Poll::Ready(value) = future.as_mut().poll(context)
            {
                *answer = Some(value);
            }
        }
        if answers.iter().all(Option::is_some) { Poll::Ready(answers.drain(..).flatten().collect()) } else { Poll::Pending }
    })
    .await
}

#[cfg(feature = "sqlite")]
fn open_sqlite(folder: &std::path::Path, clock: Clock) -> impl Table {
    functions::table::sqlite::Sqlite::open(&folder.join("table.db"), clock).unwrap()
}

macro_rules! hold_engine_to_the_contract {
    ($engine:ident, $open:path, [$($case:ident,)*]) => {
        mod $engine {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let clock = functions::Clock::standing_at(super::start());
                    let folder = tempfile::tempdir().unwrap();
                    let table = $open(folder.path(), clock.clone());
                    super::$case(&table, &clock).await;
                }
            )*
        }
    };
}

#[cfg(feature = "sqlite")]
hold_engine_to_the_contract!(
    sqlite,
    super::open_sqlite,
    [
        what_is_stored_is_read_back,
        each_write_raises_the_version_and_a_stale_one_conflicts,
        an_item_is_deleted_only_in_the_version_that_was_seen,
        a_transaction_is_done_whole_or_not_at_all,
        a_check_writes_nothing_and_binds_the_others,
        a_counter_stays_within_its_bounds,
        a_counter_is_never_overrun_by_many_at_once,
        of_many_who_want_the_same_key_one_gets_it,
        what_has_expired_counts_as_absent_and_is_swept,
        a_sweep_takes_no_more_than_it_is_told,
        a_partition_is_read_in_order_and_by_range,
        pages_follow_one_another_without_gap_or_repetition,
        an_index_lists_what_names_it_also_where_sort_keys_are_equal,
        what_is_too_large_is_refused_before_anything_is_written,
        a_key_stands_in_one_write_of_a_transaction,
        large_pages_end_early_and_go_on,
    ]
);
