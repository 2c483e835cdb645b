//! Scheduled work: expired data goes and it is recorded, a manifest published elsewhere is taken up, and standing still is noticed.

use std::sync::Arc;

use functions::{
    Clock, Config, KeySource, Service,
    table::{Key, Table, sqlite::Sqlite},
};

use crate::given::{self, MATTER, Site, manifest, session};

async fn table(site: &Site) -> Sqlite {
    Sqlite::open(&site.folder.path().join("data/table.db"), site.clock.clone()).unwrap()
}

async fn deleted_on(site: &Site, day: &str) -> Option<i64> {
    table(site).await.get(&Key::new("SWEEPS", day)).await.unwrap().map(|item| item.count)
}

#[tokio::test]
async fn what_has_expired_is_deleted_and_the_day_records_how_much() {
    let site = Site::open().await;
    assert_eq!(site.service.run_due().await.unwrap().deleted, 0);
    assert_eq!(deleted_on(&site, "2026-12-01").await, Some(0), "that it was looked at is recorded");
    for _ in 0..3 {
        site.post("/f/appeal", MATTER).await;
    }
    site.wait(2 * 3600 + 60);
    let ran = site.service.run_due().await.unwrap();
    assert_eq!(ran.deleted, 3, "drafts live two hours");
    assert_eq!(deleted_on(&site, "2026-12-01").await, Some(3));
    assert_eq!(site.service.run_due().await.unwrap().deleted, 0, "a pass without anything to do changes nothing");
    assert_eq!(deleted_on(&site, "2026-12-01").await, Some(3));
}

#[tokio::test]
async fn of_passes_at_the_same_time_one_sweeps() {
    let site = Site::open().await;
    for _ in 0..3 {
        site.post("/f/appeal", MATTER).await;
    }
    site.wait(2 * 3600 + 60);
    let passes = (0..5).map(|_| {
        let service = site.service.clone();
        tokio::spawn(async move { service.run_due().await.unwrap().deleted })
    });
    let mut deleted = 0;
    for pass in passes.collect::<Vec<_>>() {
        deleted += pass.await.unwrap();
    }
    assert_eq!((deleted, deleted_on(&site, "2026-12-01").await), (3, Some(3)));
}

#[tokio::test]
async fn a_manifest_that_another_process_published_is_taken_up_by_the_next_pass() {
    let site = Site::open().await;
    let beside = Arc::new(table(&site).await);
    let key = KeySource::File(site.folder.path().join("keys/site.key"));
    let other = Service::open(beside, &key, site.clock.clone(), Config::default()).await.unwrap();
    let mut moved = session("salon");
    moved.title = "改了名字的沙龙".to_owned();
    let manifest = manifest(vec![moved]);
    let version = manifest.version.clone();
    other.publish(manifest).await.unwrap();
    assert!(!site.get("/healthz").await.text.contains(&version));
    site.service.run_due().await.unwrap();
    site.get("/healthz").await.expect(200, &[&version]);
}

#[tokio::test]
async fn work_that_stands_still_is_noticed() {
    let site = Site::open().await;
    site.get("/healthz").await.expect(200, &["ok"]);
    site.service.run_due().await.unwrap();
    site.wait(9 * 60);
    site.get("/healthz").await.expect(200, &["ok"]);
    site.wait(2 * 60);
    site.get("/healthz").await.expect(503, &["nothing scheduled was done since 2026-12-01T09:00:00+08:00"]);
    site.service.run_due().await.unwrap();
    site.get("/healthz").await.expect(200, &["ok"]);
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_stop_the_work() {
    let site = Site::open().await;
    site.wait(30 * 24 * 3600);
    site.service.run_due().await.unwrap();
    let earlier = Clock::standing_at(given::start());
    let key = KeySource::File(site.folder.path().join("keys/site.key"));
    let beside = Arc::new(table(&site).await);
    let service = Service::open(beside, &key, earlier, Config::default()).await.unwrap();
    service.run_due().await.unwrap();
    assert_eq!(deleted_on(&site, "2026-12-01").await, Some(0), "it swept again");
}
