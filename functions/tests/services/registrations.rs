//! Registrations through the router: seats, the line, and who is told why not.

use std::{collections::BTreeSet, sync::Arc};

use domain::Session;
use functions::{
    Config, PublishError,
    table::{Key, NewItem, Table, Write, sqlite::Sqlite},
};

use crate::given::{CONSENT, Reply, Site, manifest, registrant, session, with};

async fn site_of(session: Session) -> Site {
    Site::with(Config::default(), manifest(vec![session])).await
}

/// What the receipt says.
async fn told(site: &Site, reply: Reply) -> String {
    site.get(&reply.goes_to()).await.text
}

async fn standings(site: &Site) -> Vec<String> {
    site.service.roster("salon").await.unwrap().rows.into_iter().map(|row| row.standing).collect()
}

#[tokio::test]
async fn somebody_registers_and_finds_it_again() {
    let site = Site::open().await;
    let draft = site.registration_draft(&registrant("13900139000", "示例商贸")).await;
    site.get(&format!("{draft}/review")).await.expect(200, &["产业链沙龙", "还有 5 个现场名额", "李秀英"]);
    site.wait(60);
    let receipt = site.post(&format!("{draft}/confirm"), CONSENT).await.goes_to();
    let page = site.get(&receipt).await;
    page.expect(200, &["报名成功", "产业链沙龙", "2026年12月10日（周四）14:00—17:00"]);
    let (number, code) = page.number_and_code();
    assert!(number.starts_with("XB261201"), "{number}");
    site.post("/f/track", &[("number", &number), ("code", &code)]).await.expect(200, &["产业链沙龙", &number]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_who_want_five_seats_get_five_and_everybody_is_answered() {
    let site = Arc::new(site_of(session("salon")).await);
    let mut drafts = Vec::new();
    for n in 0..200 {
        let (mobile, company) = (format!("139{n:08}"), format!("示例企业{n}"));
        drafts.push(site.registration_draft(&registrant(&mobile, &company)).await);
    }
    site.wait(60);
    let asking: Vec<_> = drafts
        .into_iter()
        .map(|draft| {
            let site = site.clone();
            tokio::spawn(async move { site.post(&format!("{draft}/confirm"), CONSENT).await.goes_to() })
        })
        .collect();
    let (mut seated, mut waiting, mut receipts) = (0, 0, BTreeSet::new());
    for asking in asking {
        let receipt = asking.await.unwrap();
        let page = site.get(&receipt).await;
        seated += usize::from(page.text.contains("<h1>报名成功</h1>"));
        waiting += usize::from(page.text.contains("<h1>已进入候补</h1>"));
        receipts.insert(receipt);
    }
    assert_eq!((seated, waiting, receipts.len()), (5, 195, 200));
    let places: BTreeSet<String> = standings(&site).await.into_iter().filter(|standing| standing.contains("候补")).collect();
    assert_eq!(places.len(), 195, "each has a place of its own");
}

#[tokio::test]
async fn a_party_counts_all_its_people_and_sits_together() {
    let site = site_of(Session { firm_limit: 3, ..session("salon") }).await;
    let three = |mobile, company| [&registrant(mobile, company)[..6], &[("party", "3"), ("companions", "张三\n李四")]].concat();
    assert!(told(&site, site.register(&three("13900139001", "甲公司")).await).await.contains("报名成功"));
    // Two seats are left: three people wait, whoever comes later waits behind them.
    assert!(told(&site, site.register(&three("13900139002", "乙公司")).await).await.contains("已进入候补"));
    assert!(told(&site, site.register(&registrant("13900139003", "丙公司")).await).await.contains("已进入候补"));
    let online = with(&registrant("13900139004", "丁公司"), "attendance", "online");
    assert!(told(&site, site.register(&online).await).await.contains("报名成功"));
    let standings = standings(&site).await;
    assert_eq!(standings.iter().filter(|standing| standing.contains("候补第 1 位")).count(), 1, "{standings:?}");
    assert_eq!(standings.iter().filter(|standing| standing.contains("候补第 2 位")).count(), 1, "{standings:?}");
}

#[tokio::test]
async fn one_telephone_registers_once_for_a_session_however_it_is_typed() {
    let site = Site::open().await;
    site.register(&registrant("13900139000", "甲公司")).await.goes_to();
    let again = site.register(&registrant("+86 139-0013-9000", "乙公司")).await;
    assert!(again.status.is_client_error() && again.text.contains("已经报过"), "{again:?}");
    assert_eq!(standings(&site).await.len(), 1);
}

#[tokio::test]
async fn a_firm_sends_no_more_than_its_share_however_its_name_is_spaced() {
    let site = Site::open().await;
    site.register(&registrant("13900139001", "相山（集团）公司")).await.goes_to();
    site.register(&registrant("13900139002", "相山 (集团) 公司")).await.goes_to();
    let third = site.register(&registrant("13900139003", "相山（集团）公司")).await;
    assert!(third.status.is_client_error() && third.text.contains("每家企业最多 2 人"), "{third:?}");
    assert_eq!(standings(&site).await.len(), 2);
}

#[tokio::test]
async fn a_full_session_without_a_line_says_so_and_stores_nothing() {
    let site = site_of(Session { onsite_seats: 2, waitlist: false, ..session("salon") }).await;
    site.register(&registrant("13900139001", "甲公司")).await.goes_to();
    let full = site.register(&registrant("13900139002", "乙公司")).await;
    assert!(full.status.is_client_error() && full.text.contains("名额已满"), "{full:?}");
    assert_eq!(standings(&site).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_double_click_that_takes_the_last_share_is_not_refused_by_itself() {
    // One seat, no line, a firm's whole share: whatever the first click takes is missing for the second.
    let site = Session { onsite_seats: 2, waitlist: false, firm_limit: 1, ..session("salon") };
    let site = Arc::new(site_of(site).await);
    for round in 0..6 {
        let id = format!("salon-{round}");
        let one = Session { id: id.clone(), onsite_seats: 2, waitlist: false, firm_limit: 1, ..session(&id) };
        site.service
            .publish(manifest(
                (0..=round)
                    .map(|n| {
                        let id = format!("salon-{n}");
                        Session { id: id.clone(), ..Session { url: format!("/activities/{id}/"), ..one.clone() } }
                    })
                    .collect(),
            ))
            .await
            .unwrap();
        let values = with(&registrant("13900139001", "甲公司"), "session", &id);
        let confirm = format!("{}/confirm", site.registration_draft(&values).await);
        site.wait(60);
        let clicks: Vec<_> = (0..6)
            .map(|_| {
                let (site, confirm) = (site.clone(), confirm.clone());
                tokio::spawn(async move { site.post(&confirm, CONSENT).await.goes_to() })
            })
            .collect();
        let mut receipts = BTreeSet::new();
        for click in clicks {
            receipts.insert(click.await.unwrap());
        }
        assert_eq!(receipts.len(), 1, "{receipts:?}");
    }
}

#[tokio::test]
async fn registration_opens_and_closes_when_the_session_says() {
    let opens = Some("2026-12-02 09:00".parse().unwrap());
    let site = site_of(Session { opens, ..session("salon") }).await;
    let values = registrant("13900139000", "甲公司");
    site.post("/f/registration", &values).await.expect(409, &["报名尚未开始", "/activities/salon/"]);
    site.wait(24 * 3600);
    site.register(&values).await.goes_to();
    site.wait(8 * 24 * 3600);
    site.post("/f/registration", &registrant("13900139001", "乙公司")).await.expect(409, &["截止"]);
    site.post("/f/registration", &with(&values, "session", "elsewhere")).await.expect(404, &[]);
}

#[tokio::test]
async fn a_robots_registration_takes_no_seat() {
    let site = Site::open().await;
    let trapped = with(&registrant("13900139000", "甲公司"), "website", "x");
    assert!(told(&site, site.register(&trapped).await).await.contains("等待人工核对"));
    assert_eq!(standings(&site).await, ["等待人工核对"]);
    // Whoever it gave the telephone of can still register.
    assert!(told(&site, site.register(&registrant("13900139000", "甲公司")).await).await.contains("报名成功"));
}

#[tokio::test]
async fn a_session_with_registrants_cannot_vanish_but_may_be_cancelled() {
    let site = Site::open().await;
    site.service.publish(manifest(vec![])).await.unwrap();
    site.service.publish(manifest(vec![session("salon")])).await.unwrap();
    let receipt = site.register(&registrant("13900139000", "甲公司")).await.goes_to();
    let (number, code) = site.get(&receipt).await.number_and_code();
    let refused = site.service.publish(manifest(vec![])).await.unwrap_err();
    assert!(matches!(&refused, PublishError::SessionsVanished { sessions } if sessions == &["salon"]), "{refused}");
    assert!(refused.to_string().contains("cancelled: true"), "{refused}");

    site.service.publish(manifest(vec![Session { cancelled: true, ..session("salon") }])).await.unwrap();
    site.post("/f/track", &[("number", &number), ("code", &code)]).await.expect(200, &["已取消"]);
    site.post("/f/registration", &registrant("13900139001", "乙公司")).await.expect(409, &["已取消"]);
}

#[tokio::test]
async fn companions_that_the_number_of_people_leaves_out_are_asked_about_and_not_dropped() {
    let site = Site::open().await;
    let typed = with(&with(&registrant("13900139000", "示例商贸"), "party", "1"), "companions", "赵六");
    let reply = site.post("/f/registration", &typed).await;
    reply.expect(422, &["参加人数是 1 人，请不要填写同行人员", "赵六"]);
}

#[tokio::test]
async fn a_session_that_a_newer_program_has_published_can_be_registered_for() {
    let site = Site::open().await;
    let table = Sqlite::open(&site.folder.path().join("data/table.db"), site.clock.clone()).unwrap();
    let pointer = table.get(&Key::new("MANIFEST", "POINTER")).await.unwrap().unwrap();
    let version = pointer.read::<serde_json::Value>().unwrap()["version"].as_str().unwrap().to_owned();
    let stored = table.get(&Key::new(format!("MANIFEST#{version}"), "SESSION#salon")).await.unwrap().unwrap();
    let mut newer: serde_json::Value = stored.read().unwrap();
    newer["livestream"] = serde_json::json!({ "url": "https://live.example" });
    table.transact(vec![Write::replace(NewItem::json(stored.key, &newer), stored.version)]).await.unwrap();
    drop(table);
    let site = site.reopened().await;
    assert!(told(&site, site.register(&registrant("13900139000", "甲公司")).await).await.contains("报名成功"));
}
