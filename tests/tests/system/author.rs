//! What an author sees in the browser beside the editor: edits, mistakes over the page, and nothing lost that somebody typed.

use std::{fs, time::Duration};

use anyhow::{Result, ensure};
use serde_json::Value;
use tests::{Browser, Device, Site};

#[tokio::test(flavor = "multi_thread")]
async fn an_author_sees_edits_and_mistakes_at_once() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Desktop, true).await?;
    let edit = |from: &str, to: &str| -> Result<()> {
        let path = site.root().join("content/about.md");
        let text = fs::read_to_string(&path)?;
        ensure!(text.contains(from), "`content/about.md` does not hold `{from}`");
        Ok(fs::write(&path, text.replacen(from, to, 1))?)
    };

    browser.goto(&format!("{}/about/", server.url)).await?;
    edit("\n---\n", "\n---\n\n刚刚加上的一段。\n")?;
    wait_until(&browser, "document.body.innerText.includes('刚刚加上的一段。')").await?;

    edit("title:", "titel:")?;
    wait_until(&browser, "document.getElementById('dev-overlay') !== null").await?;
    let overlay = browser.words("#dev-overlay").await?;
    ensure!(overlay.contains("content/about.md:2:1") && overlay.contains("titel"), "the overlay says:\n{overlay}");
    edit("titel:", "title:")?;
    wait_until(&browser, "document.getElementById('dev-overlay') === null").await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_does_not_take_away_what_somebody_is_typing() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, true).await?;
    browser.goto(&format!("{}/appeal/", server.url)).await?;
    browser.fill("#field-title", "贷款到期无法续贷").await?;
    let path = site.root().join("content/appeal.md");
    fs::write(&path, fs::read_to_string(&path)? + "\n又加了一段。\n")?;
    wait_until(&browser, "document.getElementById('dev-overlay') !== null").await?;
    let overlay = browser.words("#dev-overlay").await?;
    ensure!(overlay.contains("没有自动刷新"), "the overlay says:\n{overlay}");
    let typed = browser.value("#field-title").await?;
    ensure!(typed == "贷款到期无法续贷", "`{typed}` is left of what was typed");
    browser.close().await
}

async fn wait_until(browser: &Browser, condition: &str) -> Result<()> {
    for _ in 0..100 {
        // While a page is being replaced there is nothing to ask.
        if browser.measure(condition).await.is_ok_and(|answer| answer == Value::Bool(true)) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("five seconds passed without `{condition}`")
}
