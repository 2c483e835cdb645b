//! What a service reads of what is published: as little as can be, and also what a program before this one wrote.

use std::sync::{Arc, Mutex};

use functions::{
    Config,
    table::{Answer, Cursor, Index, Item, Key, NewItem, Page, Query, Table, Write, sqlite::Sqlite},
};
use serde_json::Value;

use crate::given::{MATTER, Site, appeal_form, of, registration_form, session, with};

/// The table of `site`, beside the service.
fn table(site: &Site) -> Sqlite {
    Sqlite::open(&site.folder.path().join("data/table.db"), site.clock.clone()).unwrap()
}

/// Takes a field out of a stored item.
async fn without(table: &Sqlite, key: Key, field: &str) -> Value {
    let item = table.get(&key).await.unwrap().unwrap();
    let mut body: Value = item.read().unwrap();
    body.as_object_mut().unwrap().remove(field).unwrap();
    table.transact(vec![Write::replace(NewItem::json(key, &body), item.version)]).await.unwrap();
    body
}

/// A table that notes what it is asked.
struct Asked {
    table: Sqlite,
    calls: Mutex<Vec<String>>,
}

impl Asked {
    fn note(&self, call: String) {
        self.calls.lock().unwrap().push(call);
    }
}

impl Table for Asked {
    fn get<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Item>> {
        self.note(format!("get {}", key.partition));
        self.table.get(key)
    }

    fn query(&self, query: Query) -> Answer<'_, Page> {
        self.note(format!("query {}", query.partition.split('#').next().unwrap()));
        self.table.query(query)
    }

    fn query_index(&self, index: Index, query: Query) -> Answer<'_, Page> {
        self.note(format!("query {index:?}"));
        self.table.query_index(index, query)
    }

    fn scan(&self, limit: usize, after: Option<Cursor>) -> Answer<'_, Page> {
        self.table.scan(limit, after)
    }

    fn transact(&self, writes: Vec<Write>) -> Answer<'_, ()> {
        self.note(format!("write {}", writes[0].key().partition.split('#').next().unwrap()));
        self.table.transact(writes)
    }

    fn sweep(&self, limit: usize) -> Answer<'_, usize> {
        self.table.sweep(limit)
    }
}

/// A process that starts with `site`'s table and is posted a first step at once; what it asked the table.
async fn asked_by_a_first_step(site: Site) -> Vec<String> {
    let asked = Arc::new(Asked { table: table(&site), calls: Mutex::default() });
    let Site { clock, folder, .. } = site;
    let fresh = Site::on_table(asked.clone(), folder, clock, Config::default()).await;
    fresh.post("/f/appeal", MATTER).await.goes_to();
    let calls = asked.calls.lock().unwrap();
    calls.clone()
}

#[tokio::test]
async fn a_process_that_just_started_answers_a_first_step_after_three_reads() {
    let calls = asked_by_a_first_step(Site::open().await).await;
    assert_eq!(calls, ["get KEY", "get MANIFEST", "query MANIFEST", "write DRAFT"]);
}

#[tokio::test]
async fn only_a_form_with_earlier_versions_costs_another_read() {
    let site = Site::open().await;
    let mut newer = appeal_form();
    newer.version = 2;
    site.service.publish(of(vec![newer, registration_form()], vec![session("salon")])).await.unwrap();
    site.post("/f/appeal", MATTER).await.goes_to();
    site.post("/f/appeal", &with(MATTER, "version", "2")).await.goes_to();
    let calls = asked_by_a_first_step(site).await;
    assert_eq!(calls, ["get KEY", "get MANIFEST", "query MANIFEST", "query FORM", "write DRAFT"]);
}

#[tokio::test]
async fn what_was_published_before_forms_came_with_the_rest_is_understood() {
    let site = Site::open().await;
    let beside = table(&site);
    let pointer = without(&beside, Key::new("MANIFEST", "POINTER"), "with_earlier").await;
    let version = pointer["version"].as_str().unwrap();
    without(&beside, Key::new(format!("MANIFEST#{version}"), "COMMON"), "forms").await;
    let site = site.reopened().await;
    site.post("/f/appeal", MATTER).await.goes_to();
    site.post("/f/appeal", &with(MATTER, "title", "")).await.expect(422, &["错误："]);
}
