//! DynamoDB as it is in the cloud: busy, throttled, silent, cut off. Whatever happens on the way, no write is lost or doubled,
//! and what is answered is true.
//!
//! A proxy that fails on purpose stands between the engine and the server that `AWS_ENDPOINT_URL_DYNAMODB` names.

use std::{sync::Arc, time::Duration};

use faults::{Fault, Faults, Proxy};
use functions::{
    Clock,
    table::{
        Expect, Key, NewItem, Query, Table, TableError, Write,
        dynamodb::{DynamoDb, Patience},
        query_all,
    },
};

use crate::cloud;

fn patience() -> Patience {
    Patience {
        deadline: Duration::from_secs(6),
        attempt: Duration::from_millis(800),
        first_pause: Duration::from_millis(5),
        longest_pause: Duration::from_millis(50),
    }
}

/// The same table twice: through the proxy, and straight, to see what was really done.
struct Stormy {
    table: Arc<DynamoDb>,
    calm: DynamoDb,
    proxy: Proxy,
}

impl Stormy {
    async fn new(faults: Faults, seed: u64) -> Stormy {
        let clock = Clock::standing_at("2026-12-01 09:00".parse().unwrap());
        let proxy = Proxy::start(&cloud::endpoint(), faults, seed).await.unwrap();
        let calm = cloud::table(clock.clone()).await;
        let table = DynamoDb::new(cloud::client(proxy.url()), calm.name().to_owned(), clock).with_patience(patience());
        Stormy { table: Arc::new(table), calm, proxy }
    }

    /// Does one transaction while the proxy does what is planned.
    async fn with(&self, plan: impl IntoIterator<Item = Option<Fault>>, writes: Vec<Write>) -> Result<(), TableError> {
        self.proxy.plan(plan);
        self.table.transact(writes).await
    }

    async fn count(&self, sort: &str) -> i64 {
        self.calm.get(&key(sort)).await.unwrap().map_or(0, |item| item.count)
    }

    /// When all that lies about has arrived.
    async fn settled(&self) {
        self.proxy.set(Faults::default());
        self.proxy.release().await;
    }

    async fn close(self) {
        self.calm.delete_table().await.unwrap();
    }
}

fn key(sort: &str) -> Key {
    Key::new("P", sort)
}

fn new(sort: &str, body: &str) -> NewItem {
    NewItem { key: key(sort), index: [None, None], expires: None, body: body.into() }
}

fn add(sort: &str, at_most: i64) -> Write {
    Write::Add { key: key(sort), by: 1, at_most, expires: None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dynamodb_whatever_happens_to_the_first_attempt_a_write_is_done_once() {
    let stormy = Stormy::new(Faults::default(), 1).await;
    let every = [
        Fault::Conflict,
        Fault::Throttling,
        Fault::Error,
        Fault::ResetBefore,
        Fault::ResetAfter,
        Fault::SilenceBefore,
        Fault::SilenceAfter,
        Fault::Late,
    ];
    for (n, fault) in (1..).zip(every) {
        stormy.with([Some(fault)], vec![add("n", 100), Write::create(new(&format!("{fault:?}"), ""))]).await.unwrap();
        assert_eq!(stormy.count("n").await, n, "{fault:?}");
    }
    // The late one arrives under the same token, after it was done again.
    stormy.settled().await;
    assert_eq!(stormy.count("n").await, 8);
    assert_eq!(stormy.proxy.raised().len(), every.len());
    // An attempt that met nothing but other transactions is made again as often as there is time.
    stormy.with([Some(Fault::Conflict); 6], vec![add("n", 100)]).await.unwrap();
    assert_eq!(stormy.count("n").await, 9);
    stormy.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dynamodb_reads_are_repeated_until_they_are_answered() {
    let stormy = Stormy::new(Faults::default(), 2).await;
    stormy.calm.transact(vec![Write::create(new("a", "x"))]).await.unwrap();
    for fault in [Fault::Throttling, Fault::Error, Fault::ResetBefore, Fault::ResetAfter, Fault::SilenceBefore] {
        stormy.proxy.plan([Some(fault)]);
        assert_eq!(stormy.table.get(&key("a")).await.unwrap().unwrap().body, b"x", "{fault:?}");
        stormy.proxy.plan([Some(fault)]);
        assert_eq!(stormy.table.query(Query::all("P")).await.unwrap().items.len(), 1, "{fault:?}");
    }
    stormy.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dynamodb_a_condition_that_fails_beside_a_conflict_is_a_conflict_of_ours_and_names_its_writes() {
    let stormy = Stormy::new(Faults::default(), 3).await;
    stormy.calm.transact(vec![Write::create(new("taken", ""))]).await.unwrap();
    let writes = || vec![Write::create(new("free", "")), Write::create(new("taken", "")), add("n", 5)];
    let answer = stormy.with([Some(Fault::Mixed)], writes()).await;
    assert_eq!(answer, Err(TableError::Conflict { failed: vec![1] }));
    // What was refused before anything was done leaves no doubt.
    let answer = stormy.with([Some(Fault::Conflict), Some(Fault::Throttling)], writes()).await;
    assert_eq!(answer, Err(TableError::Conflict { failed: vec![1] }));
    assert_eq!(stormy.proxy.raised().len(), 3);
    stormy.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dynamodb_nobody_is_told_of_a_conflict_while_his_own_write_may_still_arrive() {
    let stormy = Stormy::new(Faults::default(), 4).await;
    let unavailable = |answer| assert!(matches!(answer, Err(TableError::Unavailable { .. })), "{answer:?}");
    let take = || vec![Write::create(new("seat", "late")), add("n", 5)];
    let holder = vec![Write::create(new("seat", "holder"))];
    stormy.calm.transact(holder).await.unwrap();
    // The first attempt is on its way; the second finds the seat taken; then the holder leaves and the first arrives.
    unavailable(stormy.with([Some(Fault::Late)], take()).await);
    stormy.calm.transact(vec![Write::Delete { key: key("seat"), version: 1 }]).await.unwrap();
    stormy.settled().await;
    let arrived = stormy.calm.get(&key("seat")).await.unwrap().map(|item| item.body);
    assert_eq!(
        (arrived.as_deref(), stormy.count("n").await),
        (Some(&b"late"[..]), 1),
        "had it been a conflict, it would be a lie"
    );
    // The same when the connection was cut before anything was done: nobody can tell the two apart.
    unavailable(stormy.with([Some(Fault::ResetBefore)], take()).await);
    // An addition that finds its counter in another state is not put in another way while the first may still arrive.
    let expires = Some("2026-12-01 10:00".parse().unwrap());
    let other = vec![Write::Add { key: key("n"), by: 1, at_most: 5, expires }];
    unavailable(stormy.with([Some(Fault::Late)], other.clone()).await);
    stormy.settled().await;
    assert_eq!(stormy.count("n").await, 1);
    stormy.with([], other).await.unwrap();
    assert_eq!(stormy.count("n").await, 2);
    stormy.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dynamodb_that_never_answers_is_unavailable_and_says_when_to_try_again() {
    for faults in [
        Faults::conflicts(1.0),
        Faults { silence_before: 1.0, ..Faults::default() },
        Faults { reset_before: 1.0, ..Faults::default() },
    ] {
        let stormy = Stormy::new(faults, 5).await;
        let impatient = Patience { deadline: Duration::from_secs(2), attempt: Duration::from_millis(300), ..patience() };
        let answer = stormy.table.as_ref().clone().with_patience(impatient).transact(vec![Write::create(new("a", ""))]).await;
        let Err(TableError::Unavailable { retry_after }) = answer else { panic!("{answer:?}") };
        assert!(retry_after >= Duration::from_secs(1));
        assert!(stormy.proxy.raised().values().sum::<usize>() > 3, "it was tried again");
        stormy.close().await;
    }
    let nobody = DynamoDb::new(cloud::client("http://127.0.0.1:9"), "none".to_owned(), Clock::system()).with_patience(patience());
    assert!(matches!(nobody.get(&key("a")).await, Err(TableError::Unavailable { .. })));
}

#[tokio::test]
async fn dynamodb_without_the_table_fails_at_once() {
    let nowhere = DynamoDb::new(cloud::client(&cloud::endpoint()), "no-such-table".to_owned(), Clock::system());
    for answer in [nowhere.get(&key("a")).await.map(drop), nowhere.transact(vec![add("n", 1)]).await] {
        assert!(matches!(answer, Err(TableError::Failed(_))), "{answer:?}");
    }
}

/// Many who count and each leave a record in the same transaction: counter and records agree, whatever was answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn dynamodb_in_a_storm_counters_and_records_agree() {
    let stormy = Stormy::new(Faults::mixture(), 6).await;
    let (writers, rounds, bound) = (12, 15, 130);
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let table = stormy.table.clone();
            tokio::spawn(async move {
                let mut answers = Vec::new();
                for round in 0..rounds {
                    let name = format!("record#{writer:02}#{round:02}");
                    let answer = table.transact(vec![add("n", bound), Write::create(new(&name, ""))]).await;
                    answers.push((name, answer));
                }
                answers
            })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.extend(task.await.unwrap());
    }
    stormy.settled().await;

    let records = query_all(&stormy.calm, Query::prefix("P", "record#")).await.unwrap();
    let records: Vec<String> = records.into_iter().map(|item| item.key.sort).collect();
    let (mut done, mut full, mut unknown) = (0, 0, 0);
    for (name, answer) in &answers {
        match answer {
            Ok(()) => {
                done += 1;
                assert!(records.contains(name), "`{name}` is lost");
            }
            Err(TableError::Conflict { failed }) => {
                full += 1;
                assert_eq!(failed, &[0], "no record stands in anybody's way");
                assert!(!records.contains(name), "`{name}` was refused and written");
            }
            Err(TableError::Unavailable { .. }) => unknown += 1,
            Err(error) => panic!("{error}"),
        }
    }
    let count = stormy.count("n").await;
    assert_eq!(usize::try_from(count).unwrap(), records.len(), "none is doubled");
    assert!(count <= bound && (done..=done + unknown).contains(&records.len()));
    assert!(done > 0 && full > 0, "{done} {full} {unknown}");
    assert!(stormy.proxy.raised().len() >= 7, "{:?}", stormy.proxy.raised());
    stormy.close().await;
}

/// Many who want the same keys, each again and again until he knows: every key has one owner, who knows it, and nobody else does.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn dynamodb_in_a_storm_every_key_has_one_owner() {
    let stormy = Stormy::new(Faults::mixture(), 7).await;
    let (writers, keys) = (8, 12);
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let table = stormy.table.clone();
            tokio::spawn(async move {
                let mut owned = Vec::new();
                for n in 0..keys {
                    let (name, own) = (format!("key{n:02}"), format!("writer{writer}"));
                    let owner = loop {
                        let _ = table.transact(vec![Write::create(new(&name, &own))]).await;
                        // What was answered does not matter: whoever is in doubt looks.
                        if let Ok(Some(item)) = table.get(&key(&name)).await {
                            break item.body;
                        }
                    };
                    if owner == own.as_bytes() {
                        owned.push(name);
                    }
                }
                owned
            })
        })
        .collect();
    let mut owned = Vec::new();
    for task in tasks {
        owned.extend(task.await.unwrap());
    }
    stormy.settled().await;
    owned.sort();
    assert_eq!(owned, (0..keys).map(|n| format!("key{n:02}")).collect::<Vec<_>>());
    let items = query_all(&stormy.calm, Query::prefix("P", "key")).await.unwrap();
    assert!(items.len() == keys && items.iter().all(|item| item.version == 1));
    stormy.close().await;
}

/// The pattern of a draft: an item that is consumed in the transaction that leaves the outcome. Whoever repeats finds it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn dynamodb_in_a_storm_whoever_repeats_ends_with_one_outcome() {
    let stormy = Stormy::new(Faults::mixture(), 8).await;
    let people = 24;
    stormy.calm.transact((0..people).map(|n| Write::create(new(&format!("draft{n:02}"), ""))).collect()).await.unwrap();
    let tasks: Vec<_> = (0..people)
        .map(|n| {
            let table = stormy.table.clone();
            tokio::spawn(async move {
                let commit = || {
                    vec![
                        Write::Delete { key: key(&format!("draft{n:02}")), version: 1 },
                        Write::create(new(&format!("outcome{n:02}"), "")),
                        Write::Check { key: key("closed"), expect: Expect::Absent },
                        add("n", 100),
                    ]
                };
                // Two clicks at once, each again until it is answered for good.
                let click = async || {
                    loop {
                        match table.transact(commit()).await {
                            Ok(()) => return 1,
                            Err(TableError::Conflict { .. }) => return 0,
                            Err(TableError::Unavailable { .. }) => {}
                            Err(error) => panic!("{error}"),
                        }
                    }
                };
                let (one, other) = tokio::join!(click(), click());
                one + other
            })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap() <= 1, "both clicks were the first");
    }
    stormy.settled().await;
    let left = query_all(&stormy.calm, Query::prefix("P", "draft")).await.unwrap();
    let outcomes = query_all(&stormy.calm, Query::prefix("P", "outcome")).await.unwrap();
    assert_eq!((left.len(), outcomes.len(), stormy.count("n").await), (0, people, people as i64));
    stormy.close().await;
}
