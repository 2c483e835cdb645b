//! A real browser on a phone-sized screen, with scripts and without: a full session, the queue, an offer, and all that a registrant does
//! until the door.

use std::{fs, time::Duration};

use anyhow::{Result, ensure};
use tests::{Browser, Device, Server, Site};

/// One seat in the room, today: the door opens two hours before it begins.
const SALON: &str = r#"---
title: 一个座位的沙龙
summary: 只有一个座位，用来看清排队。
date: 2026-11-20 09:00
example: true
event:
  start: 2026-11-24 11:30
  end: 2026-11-24 13:00
  place: 会客厅（示例）
  attendance: both
  audience: 企业
  contact: 工商联办公室（示例）
  registration:
    id: one-seat
    onsite_seats: 1
    online_seats: 5
    deadline: 2026-11-24 11:00
---

只有一个座位。
"#;

#[tokio::test]
async fn who_waits_gets_the_seat_and_comes_in_with_javascript() -> Result<()> {
    journey(true).await
}

#[tokio::test]
async fn who_waits_gets_the_seat_and_comes_in_without_javascript() -> Result<()> {
    journey(false).await
}

async fn journey(javascript: bool) -> Result<()> {
    let site = Site::new()?;
    fs::write(site.root().join("content/activities/one-seat.md"), SALON)?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, javascript).await?;
    let visitor = Visitor { server: &server, browser: &browser };

    visitor.register("李先生", "139 0561 0001").await?;
    browser.sees(&["报名成功", "签到码", "加入日历", "在浏览器打开"]).await?;
    browser.keep("1-receipt").await?;
    let first = visitor.numbers().await?;
    // The picture is really one: a long press reads it.
    ensure!(
        browser.measure("document.querySelector('.pass img').naturalWidth > 100").await? == true,
        "the QR code is no picture"
    );

    if javascript {
        browser.goto(&format!("{}/activities/one-seat/", server.url)).await?;
        browser.wait_for_words("[data-seats]", "还有 5 个线上名额").await?;
    }

    visitor.register("王女士", "139 0561 0002").await?;
    browser.sees(&["已进入候补", "候补不等于报名成功"]).await?;
    browser.keep("2-waiting").await?;
    let second = visitor.numbers().await?;

    visitor.track(&first).await?;
    visitor.act("cancel", "确认取消报名").await?;
    browser.sees(&["报名已取消"]).await?;

    visitor.track(&second).await?;
    browser.sees(&["为您保留", "放弃名额"]).await?;
    browser.keep("3-offered").await?;
    visitor.act("accept", "确认参加").await?;
    browser.sees(&["报名成功（现场席位）"]).await?;
    browser.keep("4-accepted").await?;

    visitor.back_to_the_registration().await?;
    browser.tap("form[action='/f/act/change'] button").await?;
    browser.wait_for_words("h1", "改成怎样").await?;
    browser.keep("5-change").await?;
    browser.tap("input[name=attendance][value=online]").await?;
    browser.submit().await?;
    browser.sees(&["还没有更改", "现场 → 线上"]).await?;
    browser.keep("6-sure").await?;
    browser.submit().await?;
    browser.sees(&["报名已更改", "报名成功（线上席位）"]).await?;

    visitor.back_to_the_registration().await?;
    browser.keep("7-registration").await?;
    visitor.act("cancel", "确认取消报名").await?;
    browser.sees(&["报名已取消"]).await?;

    // Another thought: the same telephone, since nothing is live any more.
    visitor.register("王女士", "139 0561 0002").await?;
    browser.sees(&["报名成功"]).await?;
    let digits = browser.words(".pass-digits").await?;
    let compact: String = digits.chars().filter(char::is_ascii_digit).collect();
    // What a camera makes of the QR code: one button, and nothing is recorded before it is pressed.
    browser.goto(&format!("{}/f/checkin/one-seat/{compact}", server.url)).await?;
    browser.sees(&["确认签到", &digits]).await?;
    browser.keep("8-door").await?;
    browser.submit().await?;
    browser.sees(&["签到成功", "现场席位，1 人"]).await?;
    browser.keep("9-welcome").await?;
    // By digits, once more: harmless.
    browser.fill("#field-code", &digits).await?;
    browser.submit().await?;
    browser.sees(&["已经签到过，请进"]).await?;
    browser.close().await
}

struct Visitor<'a> {
    server: &'a Server,
    browser: &'a Browser,
}

impl Visitor<'_> {
    /// Registers for a seat in the room, up to the receipt.
    async fn register(&self, name: &str, mobile: &str) -> Result<()> {
        let browser = self.browser;
        browser.goto(&format!("{}/activities/one-seat/register/", self.server.url)).await?;
        for (field, value) in [("name", name), ("mobile", mobile), ("company", &format!("{name}的小店"))] {
            browser.fill(&format!("main [name={field}]"), value).await?;
        }
        browser.tap("input[name=attendance][value=onsite]").await?;
        browser.submit().await?;
        browser.wait_for_path("/f/registration/draft/").await?;
        tokio::time::sleep(Duration::from_millis(3200)).await;
        browser.tap("input[name=handle]").await?;
        browser.submit().await?;
        browser.wait_for_path("/f/receipt/").await?;
        Ok(())
    }

    /// Number and code of the receipt that is open.
    async fn numbers(&self) -> Result<(String, String)> {
        Ok((self.browser.words(".receipt-number").await?, self.browser.words(".receipt-code").await?))
    }

    async fn track(&self, (number, code): &(String, String)) -> Result<()> {
        self.browser.track(&self.server.url, number, code).await
    }

    /// Presses the button of an act, reads the page that names it, and does it.
    async fn act(&self, act: &str, label: &str) -> Result<()> {
        self.browser.tap(&format!("form[action='/f/act/{act}'] button")).await?;
        self.browser.wait_for_words("form.form button[type=submit]", label).await?;
        self.browser.submit().await?;
        self.browser.wait_for_path("/f/done/").await?;
        Ok(())
    }

    async fn back_to_the_registration(&self) -> Result<()> {
        self.browser.tap("form[action='/f/act/show'] button").await?;
        self.browser.wait_for_path("/f/act/show").await?;
        Ok(())
    }
}
