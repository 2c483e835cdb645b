//! Number and code at the tracker: what is asked of the table tells nobody whether a number is known, and wrong tries slow down those who
//! make them without locking out anybody.

use std::{net::IpAddr, sync::Arc, time::Duration};

use domain::value::TrackingNumber;
use functions::{
    Clock, Config,
    office::{Cleared, Operator},
    table::{Table, sqlite::Sqlite},
};

use crate::{
    cloud,
    counted::Counted,
    given::{self, CONSENT, NEED, Reply, Site, appeal_form, encode, intake_form, of, registrant, registration_form, session},
};

const PROXY: &str = "203.0.113.7";

async fn site(table: Arc<dyn Table>, clock: Clock) -> Site {
    let trusted_proxy = Some(PROXY.parse::<IpAddr>().unwrap());
    let config = Config { slow_down: Duration::ZERO, trusted_proxy, ..Config::default() };
    let site = Site::on_table(table, tempfile::tempdir().unwrap(), clock, config).await;
    site.service.publish(of(vec![appeal_form(), registration_form(), intake_form()], vec![session("salon")])).await.unwrap();
    site
}

/// Asks the tracker from an address.
async fn ask(site: &Site, (number, code): (&str, &str), address: &str) -> Reply {
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-forwarded-for", address)];
    site.post_with("/f/track", encode(&[("number", number), ("code", code)]), &headers).await
}

fn wrong(code: &str) -> &'static str {
    if code == "0000-0000" { "1111-1111" } else { "0000-0000" }
}

/// A number of the same kind and day that nobody has.
fn unknown(like: &str) -> String {
    let like: TrackingNumber = like.parse().unwrap();
    let numbers = (0_u64..).map(|random| TrackingNumber::new(like.kind(), given::start().date(), random));
    numbers.map(|number| number.to_string()).find(|number| *number != like.to_string()).unwrap()
}

/// Each kind that has a number, with its code.
async fn one_of_each(site: &Site) -> Vec<(String, String)> {
    let appeal = site.appeal().await;
    let registration = site.register(&registrant("13900139001", "甲公司")).await.goes_to();
    let review = site.post("/f/library", NEED).await.goes_to();
    site.wait(60);
    let intake = site.post(&review.replace("/review", "/confirm"), CONSENT).await.goes_to();
    vec![appeal, site.get(&registration).await.number_and_code(), site.get(&intake).await.number_and_code()]
}

async fn an_unknown_number_and_a_wrong_code_ask_the_table_the_same(table: Arc<dyn Table>, clock: Clock) {
    let table = Arc::new(Counted::new(table));
    let site = site(table.clone(), clock).await;
    for (number, code) in one_of_each(&site).await {
        let unknown = unknown(&number);
        // Once before, so that nothing is read for the first time; then up to and beyond where tries are slowed.
        ask(&site, (&number, wrong(&code)), "198.51.100.1").await.expect(422, &[]);
        ask(&site, (&unknown, wrong(&code)), "198.51.100.2").await.expect(422, &[]);
        for _ in 0..7 {
            table.take();
            table.take_asked();
            let known = ask(&site, (&number, wrong(&code)), "198.51.100.1").await;
            let (of_known, asked_of_known) = (table.take(), table.take_asked());
            // The same place, or its own counter would tell the two apart.
            let none = ask(&site, (&unknown, &code), "198.51.100.1").await;
            let (of_none, asked_of_none) = (table.take(), table.take_asked());
            assert_eq!((of_known.reads, of_known.transactions), (of_none.reads, of_none.transactions), "{number}");
            assert_eq!((of_known.reads, of_known.transactions), (3, 2), "two counters and the head; two counters");
            let named = |asked: Vec<String>, number: &str| asked.into_iter().map(|what| what.replace(number, "N")).collect();
            let (known_asked, none_asked): (Vec<_>, Vec<_>) = (named(asked_of_known, &number), named(asked_of_none, &unknown));
            assert_eq!(known_asked, none_asked);
            assert_eq!(known.status, none.status);
            assert_eq!(known.headers, none.headers);
            assert_eq!(known.text.replace(&number, "N"), none.text.replace(&unknown, "N"));
        }
    }
}

async fn a_village_behind_one_address_is_never_locked_out(table: Arc<dyn Table>, clock: Clock) {
    let table = Arc::new(Counted::new(table));
    let site = site(table.clone(), clock).await;
    let people = one_of_each(&site).await;
    let village = "198.51.100.77";
    // However many ask with the right code: nothing is counted against them.
    for _ in 0..40 {
        for (number, code) in &people {
            table.take();
            ask(&site, (number, code), village).await.expect(200, &[number]);
            assert_eq!(table.take().transactions, 0, "a right code costs its place nothing");
        }
    }
    // One of them guesses, far beyond what is free.
    let (number, code) = &people[0];
    for _ in 0..70 {
        ask(&site, (number, wrong(code)), village).await.expect(422, &[]);
    }
    for (number, code) in &people {
        ask(&site, (number, code), village).await.expect(200, &[number]);
        // Elsewhere neither that place nor that number's neighbours are looked at.
        table.take_asked();
        ask(&site, (number, code), "192.0.2.9").await.expect(200, &[number]);
        let tries: Vec<_> = table.take_asked().into_iter().filter(|what| what.starts_with("get TRIES#")).collect();
        assert_eq!(tries.len(), 2, "{tries:?}");
        assert!(tries[0].contains(number.as_str()), "{tries:?}");
    }
}

async fn a_lost_code_ends_in_a_call_and_never_in_a_hint(table: Arc<dyn Table>, clock: Clock) {
    let table = Arc::new(Counted::new(table));
    let site = site(table.clone(), clock).await;
    let staff = Operator("张敏".to_owned());
    for (number, code) in one_of_each(&site).await {
        let calls = async || -> Vec<_> {
            let calls = site.service.calls().await.unwrap();
            calls.into_iter().filter(|call| call.why.contains("查询码丢了")).map(|call| call.number).collect()
        };
        let unknown = unknown(&number);
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-forwarded-for", "198.51.100.1")];
        let report = async |number: &str| {
            table.take_asked();
            let reply = site.post_with("/f/track/lost", encode(&[("number", number)]), &headers).await;
            let asked: Vec<_> = table.take_asked().into_iter().map(|what| what.replace(number, "N")).collect();
            (reply, asked)
        };
        // The second time of a day nothing new is written, for neither.
        for _ in 0..2 {
            let (known, asked_of_known) = report(&number).await;
            let (none, asked_of_none) = report(&unknown).await;
            known.expect(200, &["最迟在", "一天只打一次"]);
            assert_eq!(asked_of_known, asked_of_none);
            assert_eq!(known.headers, none.headers);
            assert_eq!(known.text.replace(&number, "N"), none.text.replace(&unknown, "N"));
            // A number may hold any digits by chance.
            let said = known.text.replace(&number, "N");
            assert!(!said.contains(&code) && !said.contains("138"), "no hint: {said}");
            assert_eq!(calls().await, std::slice::from_ref(&number), "one call a day, and none about what nobody has");
        }
        ask(&site, (&number, &code), "192.0.2.9").await.expect(200, &[&number]);
        let Cleared::Done(new) = site.service.new_code(&number, &staff, "回拨核实").await.unwrap() else { panic!("refused") };
        assert_ne!(new, code);
        ask(&site, (&number, &code), "192.0.2.9").await.expect(422, &["对不上"]);
        ask(&site, (&number, &new), "192.0.2.9").await.expect(200, &[&number]);
        assert_eq!(calls().await, [] as [String; 0]);
        let file = site.service.case(&number).await.unwrap();
        assert!(file.events.iter().any(|event| event.what == "换了查询码：回拨核实"), "{:?}", file.events);
        // On another day somebody calls again.
        site.wait(24 * 3600);
        report(&number).await.0.expect(200, &[]);
        assert_eq!(calls().await, std::slice::from_ref(&number));
        site.service.call_done(&number, &staff, None).await.unwrap();
    }
    site.post("/f/track/lost", &[("number", "XS1")]).await.expect(422, &["错误：", "field-number"]);
    site.get("/f/track/lost").await.expect(200, &["查询码丢了", "请给我打电话"]);
}

fn sqlite(clock: &Clock) -> (tempfile::TempDir, Arc<dyn Table>) {
    let folder = tempfile::tempdir().unwrap();
    let table = Sqlite::open(&folder.path().join("table.db"), clock.clone()).unwrap();
    (folder, Arc::new(table))
}

#[tokio::test]
async fn sqlite_an_unknown_number_and_a_wrong_code_ask_the_table_the_same() {
    let clock = Clock::standing_at(given::start());
    let (_folder, table) = sqlite(&clock);
    an_unknown_number_and_a_wrong_code_ask_the_table_the_same(table, clock).await;
}

#[tokio::test]
async fn dynamodb_an_unknown_number_and_a_wrong_code_ask_the_table_the_same() {
    let clock = Clock::standing_at(given::start());
    let table = Arc::new(cloud::table(clock.clone()).await);
    an_unknown_number_and_a_wrong_code_ask_the_table_the_same(table.clone(), clock).await;
    table.delete_table().await.unwrap();
}

#[tokio::test]
async fn sqlite_a_village_behind_one_address_is_never_locked_out() {
    let clock = Clock::standing_at(given::start());
    let (_folder, table) = sqlite(&clock);
    a_village_behind_one_address_is_never_locked_out(table, clock).await;
}

#[tokio::test]
async fn dynamodb_a_village_behind_one_address_is_never_locked_out() {
    let clock = Clock::standing_at(given::start());
    let table = Arc::new(cloud::table(clock.clone()).await);
    a_village_behind_one_address_is_never_locked_out(table.clone(), clock).await;
    table.delete_table().await.unwrap();
}

#[tokio::test]
async fn sqlite_a_lost_code_ends_in_a_call_and_never_in_a_hint() {
    let clock = Clock::standing_at(given::start());
    let (_folder, table) = sqlite(&clock);
    a_lost_code_ends_in_a_call_and_never_in_a_hint(table, clock).await;
}

#[tokio::test]
async fn dynamodb_a_lost_code_ends_in_a_call_and_never_in_a_hint() {
    let clock = Clock::standing_at(given::start());
    let table = Arc::new(cloud::table(clock.clone()).await);
    a_lost_code_ends_in_a_call_and_never_in_a_hint(table.clone(), clock).await;
    table.delete_table().await.unwrap();
}
