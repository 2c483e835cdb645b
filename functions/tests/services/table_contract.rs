//! The contract of the table, as one suite that every engine must pass unchanged.
//!
//! A case is an async function over `&dyn Table` and the clock that the engine was given; the macro at the end makes a test of each
//! for each engine. The tests of DynamoDB talk to the server that `AWS_ENDPOINT_URL_DYNAMODB` names (`tests/run` starts one).

#[cfg(feature = "aws")]
use std::{collections::BTreeSet, time::Duration};

use domain::Moment;
use functions::{
    Clock,
    table::{
        Expect, Index, Item, Key, MAX_BODY, MAX_KEY, MAX_WRITES, NewItem, Order, Query, SortRange, Table, TableError, Write,
        query_all, query_index_all,
    },
};
use jiff::SignedDuration;

use crate::cloud;

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
    assert_eq!(failed(table.transact(vec![Write::Delete { key: key("a"), version: 1 }]).await), [0]);
    let check = |expect| Write::Check { key: key("a"), expect };
    assert_eq!(failed(table.transact(vec![check(Expect::Version(1)), Write::create(new("c", ""))]).await), [0]);
    table.transact(vec![check(Expect::Absent), Write::create(new("c", ""))]).await.unwrap();
    // Its key is free, and a counter starts again.
    table.transact(vec![Write::Add { key: key("n"), by: 2, at_most: 5, expires: None }]).await.unwrap();
    assert_eq!((get(table, "n").await.unwrap().count, get(table, "n").await.unwrap().version), (2, 1));
    assert_eq!(table.sweep(10).await.unwrap(), 1);
    assert_eq!(table.sweep(10).await.unwrap(), 0);
    create(table, [new("a", "3")]).await;
    assert_eq!(get(table, "a").await.unwrap().version, 1);
}

async fn nothing_is_left_of_an_expired_item_whose_key_is_taken(table: &dyn Table, clock: &Clock) {
    let soon = Moment(start().0 + SignedDuration::from_secs(60));
    create(table, [new("a", "old").expiring(soon).listed(Index::First, Key::new("I", "1"))]).await;
    table
        .transact(vec![Write::replace(new("a", "older").expiring(soon).listed(Index::First, Key::new("I", "1")), 1)])
        .await
        .unwrap();
    clock.advance(SignedDuration::from_secs(60));
    create(table, [new("a", "new")]).await;
    let expected = Item { key: key("a"), version: 1, index: [None, None], expires: None, count: 0, body: b"new".to_vec() };
    assert_eq!(get(table, "a").await, Some(expected));
    eventually(table, Index::First, Query::all("I"), <[Item]>::is_empty).await;
    clock.advance(SignedDuration::from_hours(1));
    assert_eq!(table.sweep(10).await.unwrap(), 0, "it lives");
}

async fn a_page_is_not_emptied_by_what_has_expired(table: &dyn Table, clock: &Clock) {
    let soon = Moment(start().0 + SignedDuration::from_secs(60));
    create(table, (0..30).map(|n| new(&format!("{n:02}"), "").expiring(soon))).await;
    create(table, [new("live", "")]).await;
    clock.advance(SignedDuration::from_secs(60));
    let page = table.query(Query { limit: 1, ..Query::all("P") }).await.unwrap();
    assert_eq!(sorts(&page.items), ["live"]);
}

async fn a_counter_keeps_the_expiry_it_was_made_with(table: &dyn Table, clock: &Clock) {
    let at = |seconds| Some(Moment(start().0 + SignedDuration::from_secs(seconds)));
    let add = |sort: &str, by, expires| table.transact(vec![Write::Add { key: key(sort), by, at_most: 5, expires }]);
    let expiry = async |sort: &str| get(table, sort).await.unwrap().expires;
    add("short", 1, at(60)).await.unwrap();
    add("short", 1, at(600)).await.unwrap();
    add("short", 1, None).await.unwrap();
    assert_eq!(expiry("short").await, at(60));
    add("lasting", 1, None).await.unwrap();
    add("lasting", 1, at(60)).await.unwrap();
    assert_eq!((expiry("lasting").await, get(table, "lasting").await.unwrap().count), (None, 2));
    assert_eq!(failed(add("lasting", 4, at(60)).await), [0]);

    // An expired counter is a new one: it begins at 0, with the expiry that is brought, and is taken below 0 by nothing.
    clock.advance(SignedDuration::from_secs(60));
    assert_eq!(failed(add("short", -1, at(120)).await), [0]);
    assert_eq!(failed(add("short", 6, at(120)).await), [0]);
    add("short", 5, at(120)).await.unwrap();
    let begun = get(table, "short").await.unwrap();
    assert_eq!((begun.count, begun.version, begun.expires), (5, 1, at(120)));
    assert_eq!(failed(add("short", 1, at(180)).await), [0]);
    clock.advance(SignedDuration::from_secs(60));
    add("short", 2, None).await.unwrap();
    assert_eq!((get(table, "short").await.unwrap().count, expiry("short").await), (2, None));
}

async fn an_expired_counter_is_begun_once_by_many_at_once(table: &dyn Table, clock: &Clock) {
    let at = |seconds| Some(Moment(start().0 + SignedDuration::from_secs(seconds)));
    let add = |n: usize, expires| {
        table.transact(vec![
            Write::Add { key: key("n"), by: 1, at_most: 7, expires },
            Write::create(new(&format!("taken{n:02}"), "")),
        ])
    };
    for n in 90..97 {
        add(n, at(60)).await.unwrap();
    }
    assert_eq!(failed(add(97, at(60)).await), [0]);
    clock.advance(SignedDuration::from_secs(60));
    let mut done = 0;
    for attempt in join_all((0..20).map(|n| add(n, if n % 2 == 0 { at(600) } else { None }))).await {
        match attempt {
            Ok(()) => done += 1,
            Err(TableError::Conflict { failed }) => assert_eq!(failed, [0]),
            Err(error) => panic!("{error}"),
        }
    }
    let taken = query_all(table, Query::prefix("P", "taken")).await.unwrap();
    assert_eq!((done, get(table, "n").await.unwrap().count, taken.len()), (7, 7, 14));
}

async fn a_counters_bounds_may_lie_anywhere(table: &dyn Table, _: &Clock) {
    let add = |sort: &str, by, at_most| table.transact(vec![Write::Add { key: key(sort), by, at_most, expires: None }]);
    for (by, at_most) in [(i64::MIN, i64::MAX), (i64::MIN, i64::MIN), (0, -1), (-1, 5), (1, 0), (i64::MAX, i64::MIN)] {
        assert_eq!(failed(add("none", by, at_most).await), [0], "{by} {at_most}");
    }
    assert_eq!(get(table, "none").await, None);
    add("zero", 0, 0).await.unwrap();
    assert_eq!(get(table, "zero").await.unwrap().version, 1);
    add("large", i64::MAX, i64::MAX).await.unwrap();
    for (by, at_most) in [(1, i64::MAX), (i64::MIN, i64::MAX), (0, i64::MAX - 1), (-1, -1)] {
        assert_eq!(failed(add("large", by, at_most).await), [0], "{by} {at_most}");
    }
    add("large", -i64::MAX, 0).await.unwrap();
    assert_eq!(get(table, "large").await.unwrap().count, 0);
}

async fn an_item_may_count_and_a_counter_may_be_replaced(table: &dyn Table, _: &Clock) {
    let add = |by| vec![Write::Add { key: key("a"), by, at_most: 5, expires: None }];
    create(table, [new("a", "body").listed(Index::First, Key::new("I", "1"))]).await;
    table.transact(add(3)).await.unwrap();
    let item = get(table, "a").await.unwrap();
    assert_eq!((item.count, item.version, item.body.as_slice()), (3, 2, &b"body"[..]));
    assert_eq!(item.index[0], Some(Key::new("I", "1")));
    table.transact(vec![Write::replace(new("a", ""), 2)]).await.unwrap();
    let item = get(table, "a").await.unwrap();
    assert_eq!((item.count, item.version, item.body.len(), item.index), (0, 3, 0, [None, None]));
    table.transact(add(5)).await.unwrap();
}

async fn any_text_is_a_key(table: &dyn Table, _: &Clock) {
    let mut texts = vec![
        "相商未来·诉求",
        "👩‍👩‍👧‍👦",
        "\u{1}\u{1f}\u{7f}",
        "\t\r\n",
        " ",
        "  ",
        "'; DROP TABLE items; --",
        "\"",
        "\\",
        ":now",
        "#count",
        "pk",
        "%_*?",
        "\u{feff}",
        "\u{202e}abc",
        "é",
        "e\u{301}",
        "\u{d7ff}",
        "\u{e000}",
        "\u{10ffff}",
        "\u{10ffff}\u{10ffff}x",
        "null",
        "0",
        "-1",
        "1e400",
    ];
    let item = |text: &&str| NewItem { key: Key::new("P", *text), ..new("", text) }.listed(Index::First, Key::new("I", *text));
    create(table, texts.iter().map(item)).await;
    for text in &texts {
        assert_eq!(get(table, text).await.unwrap().body, text.as_bytes(), "{text:?}");
        let there = query_all(table, Query::prefix("P", *text)).await.unwrap();
        assert!(sorts(&there).contains(text), "{text:?}");
        assert!(there.iter().all(|item| item.key.sort.starts_with(text)), "{text:?}");
        let between = SortRange::Between((*text).to_owned(), (*text).to_owned());
        assert_eq!(sorts(&query_all(table, Query { sort: between, ..Query::all("P") }).await.unwrap()), [*text]);
    }
    texts.sort_unstable();
    let query = Query { limit: 3, ..Query::all("P") };
    assert_eq!(sorts(&query_all(table, query).await.unwrap()), texts, "by the bytes of UTF-8");
    let query = Query { limit: 4, ..Query::all("I") };
    assert_eq!(sorts(&eventually(table, Index::First, query, |items| items.len() == texts.len()).await), texts);
    // The same texts as partitions are all different.
    create(table, texts.iter().map(|text| NewItem { key: Key::new(format!("Q{text}"), "x"), ..new("", text) })).await;
    for text in &texts {
        assert_eq!(query_all(table, Query::all(format!("Q{text}"))).await.unwrap().len(), 1, "{text:?}");
    }
}

async fn nothing_stands_where_nothing_can_stand(table: &dyn Table, _: &Clock) {
    create(table, [new("a", ""), new("b", "")]).await;
    let long = "x".repeat(MAX_KEY + 1);
    for (partition, sort) in [("", "a"), ("P", ""), ("", ""), (long.as_str(), "a"), ("P", long.as_str())] {
        assert_eq!(table.get(&Key::new(partition, sort)).await.unwrap(), None);
    }
    for partition in ["", long.as_str()] {
        assert_eq!(query_all(table, Query::all(partition)).await.unwrap(), []);
        assert_eq!(query_index_all(table, Index::First, Query::all(partition)).await.unwrap(), []);
    }
    let read = async |sort| {
        let items = query_all(table, Query { sort, ..Query::all("P") }).await.unwrap();
        items.into_iter().map(|item| item.key.sort).collect::<String>()
    };
    let between = |from: &str, to: &str| SortRange::Between(from.to_owned(), to.to_owned());
    assert_eq!(read(SortRange::Prefix(String::new())).await, "ab");
    assert_eq!(read(between("", "a")).await, "a");
    assert_eq!(read(between("", "")).await, "");
    assert_eq!(read(between("b", "a")).await, "");
    for sort in [SortRange::Prefix(long.clone()), between(&long, "b"), between("a", &long)] {
        let answer = table.query(Query { sort, ..Query::all("P") }).await;
        assert!(matches!(answer, Err(TableError::TooLarge(_))), "{answer:?}");
    }
}

async fn a_transaction_may_hold_a_hundred_writes_of_every_kind_and_nearly_four_megabytes(table: &dyn Table, _: &Clock) {
    create(table, (0..20).map(|n| new(&format!("old{n:02}"), ""))).await;
    let mut writes = Vec::new();
    for n in 0..20 {
        writes.push(Write::Delete { key: key(&format!("old{n:02}")), version: 1 });
        writes.push(Write::Check { key: key(&format!("none{n:02}")), expect: Expect::Absent });
        writes.push(Write::Add { key: key(&format!("count{n:02}")), by: n, at_most: n, expires: None });
        writes.push(Write::create(new(&format!("new{n:02}"), "x")));
        writes.push(Write::create(NewItem { body: vec![b'x'; 190_000], ..new(&format!("large{n:02}"), "") }));
    }
    assert_eq!(writes.len(), MAX_WRITES);
    // One that does not hold holds back all the others.
    let mut wrong = writes.clone();
    wrong[98] = Write::replace(new("new19", ""), 1);
    assert_eq!(failed(table.transact(wrong).await), [98]);
    assert_eq!(query_all(table, Query::all("P")).await.unwrap().len(), 20);
    table.transact(writes).await.unwrap();
    let all = query_all(table, Query::all("P")).await.unwrap();
    assert_eq!(all.len(), 60);
    assert_eq!(all.iter().map(|item| item.body.len()).sum::<usize>(), 20 * 190_001);
    assert_eq!(all.iter().map(|item| item.count).sum::<i64>(), 190);
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
    for (order, xs_first) in [(Order::Ascending, true), (Order::Descending, false)] {
        let query = Query { limit: 4, order, ..Query::all("OPEN") };
        let all = eventually(table, Index::Second, query, |items| items.len() == 15).await;
        // Whoever shares a sort key comes in any order, but once and beside the others.
        let (front, back) = all.split_at(if xs_first { 12 } else { 3 });
        let (xs, ys) = if xs_first { (front, back) } else { (back, front) };
        let sorted = |items: &[Item]| items.iter().map(|item| item.key.sort.clone()).collect::<BTreeSet<_>>();
        assert_eq!(sorted(xs), (0..12).map(|n| format!("{n:02}")).collect());
        assert_eq!(sorted(ys), (12..15).map(|n| format!("{n:02}")).collect());
    }
    let ys = || Query::prefix("OPEN", "y");
    let count = async |query| table.count_index(Index::Second, query).await.unwrap();
    assert_eq!((count(Query::all("OPEN")).await, count(Query { limit: 2, ..ys() }).await), (15, 3), "whatever the limit");
    let between = |from: &str, to: &str| Query { sort: SortRange::Between(from.into(), to.into()), ..Query::all("OPEN") };
    assert_eq!((count(between("", "x")).await, count(between("y", "x")).await, count(Query::all("NONE")).await), (12, 0, 0));
    assert_eq!(eventually(table, Index::Second, ys(), |items| items.len() == 3).await.len(), 3);
    assert_eq!(query_index_all(table, Index::First, Query::all("OPEN")).await.unwrap(), []);
    // A write that no longer names the index takes the item out of it.
    table.transact(vec![Write::replace(new("13", ""), 1)]).await.unwrap();
    let left = eventually(table, Index::Second, ys(), |items| items.len() == 2).await;
    assert!(!sorts(&left).contains(&"13"));
}

async fn the_pages_of_both_indexes_follow_one_another(table: &dyn Table, _: &Clock) {
    let item = |n: u32| {
        let index = |name: &str| Key::new(name, format!("{:02}", (n * 7) % 23));
        new(&format!("{n:02}"), "").listed(Index::First, index("I")).listed(Index::Second, index("J"))
    };
    create(table, (0..23).map(item)).await;
    for (index, partition) in [(Index::First, "I"), (Index::Second, "J")] {
        for order in [Order::Ascending, Order::Descending] {
            let query = Query { limit: 5, order, ..Query::all(partition) };
            let all = eventually(table, index, query, |items| items.len() == 23).await;
            let mut found: Vec<&str> =
                all.iter().map(|item| item.index[index as usize].as_ref().unwrap().sort.as_str()).collect();
            if order == Order::Descending {
                found.reverse();
            }
            assert_eq!(found, (0..23).map(|n| format!("{n:02}")).collect::<Vec<_>>());
        }
        let range = SortRange::Between("05".into(), "09".into());
        let query = Query { limit: 2, sort: range, ..Query::all(partition) };
        assert_eq!(query_index_all(table, index, query).await.unwrap().len(), 5);
    }
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
        let item = NewItem { body: vec![n; MAX_BODY], ..new(&n.to_string(), "") };
        create(table, [item.listed(Index::First, Key::new("I", n.to_string()))]).await;
    }
    let first = table.query(Query::all("P")).await.unwrap();
    assert!((1..6).contains(&first.items.len()) && first.next.is_some(), "a page is about 1 MB");
    for order in [Order::Ascending, Order::Descending] {
        let mut found = query_all(table, Query { order, ..Query::all("P") }).await.unwrap();
        let mut listed = eventually(table, Index::First, Query { order, ..Query::all("I") }, |items| items.len() == 6).await;
        if order == Order::Descending {
            found.reverse();
            listed.reverse();
        }
        for items in [found, listed] {
            assert_eq!(sorts(&items), ["0", "1", "2", "3", "4", "5"]);
            assert!(items.iter().zip(0..).all(|(item, n)| item.body == vec![n; MAX_BODY]));
        }
    }
}

/// Reads by an index until it has caught up. An index may lag; that it never catches up is a failure.
async fn eventually(table: &dyn Table, index: Index, query: Query, enough: impl Fn(&[Item]) -> bool) -> Vec<Item> {
    for _ in 0..100 {
        let items = query_index_all(table, index, query.clone()).await.unwrap();
        if enough(&items) {
            return items;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the index did not catch up: {:?}", query_index_all(table, index, query).await);
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

/// Runs a case on a table in a folder of its own.
#[cfg(feature = "sqlite")]
async fn on_sqlite(case: impl AsyncFnOnce(&dyn Table, &Clock)) {
    let (clock, folder) = (Clock::standing_at(start()), tempfile::tempdir().unwrap());
    let table = functions::table::sqlite::Sqlite::open(&folder.path().join("table.db"), clock.clone()).unwrap();
    case(&table, &clock).await;
}

/// Runs a case on a table of its own in DynamoDB.
#[cfg(feature = "aws")]
async fn on_dynamodb(case: impl AsyncFnOnce(&dyn Table, &Clock)) {
    let clock = Clock::standing_at(start());
    let table = cloud::table(clock.clone()).await;
    case(&table, &clock).await;
    table.delete_table().await.unwrap();
}

macro_rules! tests {
    ($engine:ident, $on:path, [$($case:ident,)*]) => {
        mod $engine {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    $on(super::$case).await;
                }
            )*
        }
    };
}

macro_rules! hold_engine_to_the_contract {
    ($engine:ident, $on:path) => {
        tests!(
            $engine,
            $on,
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
                nothing_is_left_of_an_expired_item_whose_key_is_taken,
                a_page_is_not_emptied_by_what_has_expired,
                a_counter_keeps_the_expiry_it_was_made_with,
                an_expired_counter_is_begun_once_by_many_at_once,
                a_counters_bounds_may_lie_anywhere,
                an_item_may_count_and_a_counter_may_be_replaced,
                any_text_is_a_key,
                nothing_stands_where_nothing_can_stand,
                a_transaction_may_hold_a_hundred_writes_of_every_kind_and_nearly_four_megabytes,
                a_sweep_takes_no_more_than_it_is_told,
                a_partition_is_read_in_order_and_by_range,
                pages_follow_one_another_without_gap_or_repetition,
                an_index_lists_what_names_it_also_where_sort_keys_are_equal,
                what_is_too_large_is_refused_before_anything_is_written,
                a_key_stands_in_one_write_of_a_transaction,
                the_pages_of_both_indexes_follow_one_another,
                large_pages_end_early_and_go_on,
            ]
        );
    };
}

#[cfg(feature = "sqlite")]
hold_engine_to_the_contract!(sqlite, super::on_sqlite);
#[cfg(feature = "aws")]
hold_engine_to_the_contract!(dynamodb, super::on_dynamodb);
