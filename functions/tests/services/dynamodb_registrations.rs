//! Registering on DynamoDB when half the world wants the same seats and a third of what is sent goes wrong: whoever honours
//! `Retry-After` and repeats the same 确认 ends with exactly one answer.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use axum::http::{StatusCode, header};
use faults::{Faults, Proxy};
use functions::{
    Clock, Config,
    table::dynamodb::{DynamoDb, Patience},
};

use crate::{
    cloud,
    given::{self, CONSENT, Reply, Site, manifest, registrant, session},
};

/// A site on DynamoDB behind a proxy that is calm until it is told otherwise.
async fn site(seed: u64) -> (Arc<Site>, Arc<Proxy>, DynamoDb) {
    let clock = Clock::standing_at(given::start());
    let proxy = Proxy::start(&cloud::endpoint(), Faults::default(), seed).await.unwrap();
    let calm = cloud::table(clock.clone()).await;
    let patience = Patience { deadline: Duration::from_secs(3), attempt: Duration::from_millis(800), ..Patience::default() };
    let table = DynamoDb::new(cloud::client(proxy.url()), calm.name().to_owned(), clock.clone()).with_patience(patience);
    let site = Site::on_table(Arc::new(table), tempfile::tempdir().unwrap(), clock, Config::default()).await;
    site.service.publish(manifest(vec![session("salon")])).await.unwrap();
    (Arc::new(site), Arc::new(proxy), calm)
}

/// Posts until it is answered. An answer that something is busy must say when to come again and must be the only trouble.
async fn insist(site: &Site, path: &str, values: &[(&str, &str)]) -> (Reply, usize) {
    for busy in 0..100 {
        let reply = site.post(path, values).await;
        if reply.status != StatusCode::SERVICE_UNAVAILABLE {
            return (reply, busy);
        }
        let seconds: u64 = reply.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
        assert!(seconds >= 1 && reply.text.contains("请稍等几秒"), "{reply:?}");
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }
    panic!("`{path}` was never answered");
}

async fn read(site: &Site, path: &str) -> Reply {
    for _ in 0..100 {
        let reply = site.get(path).await;
        if reply.status != StatusCode::SERVICE_UNAVAILABLE {
            return reply;
        }
    }
    panic!("`{path}` was never answered");
}

/// Everybody fills in the form in peace; in the storm everybody clicks 确认 twice at once and repeats until there is an answer.
async fn everybody_is_answered_once(faults: Faults, seed: u64) {
    let (site, proxy, calm) = site(seed).await;
    let people = 40;
    let mut drafts = Vec::new();
    for n in 0..people {
        let (mobile, company) = (format!("139{n:08}"), format!("示例企业{n}"));
        drafts.push(site.registration_draft(&registrant(&mobile, &company)).await);
    }
    site.wait(60);
    proxy.set(faults);
    let clients: Vec<_> = drafts
        .into_iter()
        .map(|draft| {
            let site = site.clone();
            tokio::spawn(async move {
                let confirm = format!("{draft}/confirm");
                let ((one, _), (other, _)) = tokio::join!(insist(&site, &confirm, CONSENT), insist(&site, &confirm, CONSENT));
                assert_eq!(one.goes_to(), other.goes_to(), "one 确认, one answer");
                let page = read(&site, &one.goes_to()).await;
                let (number, code) = page.number_and_code();
                (number, code, page.text)
            })
        })
        .collect();
    let (mut numbers, mut seated, mut waiting) = (BTreeSet::new(), 0, 0);
    for client in clients {
        let (number, _, page) = client.await.unwrap();
        seated += usize::from(page.contains("<h1>报名成功</h1>"));
        waiting += usize::from(page.contains("<h1>已进入候补</h1>"));
        assert!(numbers.insert(number), "two people have one number");
    }
    proxy.set(Faults::default());
    proxy.release().await;
    assert_eq!((seated, waiting, numbers.len()), (5, people - 5, people));

    // What is stored is what was answered: nobody stands there whom nobody told so.
    let rows = site.service.roster("salon").await.unwrap().rows;
    let stored: BTreeSet<String> = rows.iter().map(|row| row.number.clone()).collect();
    assert_eq!((rows.len(), stored), (people, numbers));
    let standings: BTreeSet<String> = rows.into_iter().map(|row| row.standing).filter(|words| words.contains("候补")).collect();
    assert_eq!(standings, (1..=people - 5).map(|n| format!("候补第 {n} 位")).collect(), "places are unique and without gaps");
    assert!(proxy.raised().values().sum::<usize>() > people, "it was a storm: {:?}", proxy.raised());
    calm.delete_table().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn dynamodb_everybody_who_insists_is_answered_once_while_three_in_ten_writes_conflict() {
    everybody_is_answered_once(Faults::conflicts(0.3), 11).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn dynamodb_everybody_who_insists_is_answered_once_whatever_goes_wrong() {
    everybody_is_answered_once(Faults::mixture(), 12).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dynamodb_that_is_gone_is_said_with_a_time_to_come_again_and_nothing_is_lost() {
    let (site, proxy, calm) = site(13).await;
    let draft = site.registration_draft(&registrant("13900139000", "示例商贸")).await;
    site.wait(60);
    for faults in [Faults::conflicts(1.0), Faults { reset_before: 1.0, ..Faults::default() }] {
        proxy.set(faults);
        let reply = site.post(&format!("{draft}/confirm"), CONSENT).await;
        reply.expect(503, &["刚才这一步没有存下来", "重复点也只算一次"]);
        let seconds: u64 = reply.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
        assert!(seconds >= 1);
    }
    proxy.set(Faults::default());
    let receipt = site.post(&format!("{draft}/confirm"), CONSENT).await.goes_to();
    site.get(&receipt).await.expect(200, &["报名成功"]);
    // Done, but the answer was lost: whoever asks again is given the answer that was lost.
    let draft = site.registration_draft(&registrant("13900139001", "示例商贸")).await;
    site.wait(60);
    proxy.set(Faults { silence_after: 1.0, writes_only: true, ..Faults::default() });
    site.post(&format!("{draft}/confirm"), CONSENT).await.expect(503, &[]);
    assert_eq!(site.service.roster("salon").await.unwrap().rows.len(), 2);
    proxy.set(Faults::default());
    let receipt = site.post(&format!("{draft}/confirm"), CONSENT).await.goes_to();
    site.get(&receipt).await.expect(200, &["报名成功"]);
    assert_eq!(site.service.roster("salon").await.unwrap().rows.len(), 2);
    calm.delete_table().await.unwrap();
}
