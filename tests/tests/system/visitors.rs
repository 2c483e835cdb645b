//! A real browser on a phone-sized screen: an appeal and a registration, with JavaScript and without.

use std::time::Duration;

use anyhow::{Result, ensure};
use tests::{Browser, Device, Site};

#[tokio::test]
async fn a_visitor_files_an_appeal_with_javascript() -> Result<()> {
    file_an_appeal(true).await
}

#[tokio::test]
async fn a_visitor_files_an_appeal_without_javascript() -> Result<()> {
    file_an_appeal(false).await
}

#[tokio::test]
async fn a_visitor_registers_with_javascript() -> Result<()> {
    register(true).await
}

#[tokio::test]
async fn a_visitor_registers_without_javascript() -> Result<()> {
    register(false).await
}

#[tokio::test]
async fn a_mistake_comes_back_with_what_was_typed_and_how_to_mend_it() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, false).await?;
    browser.goto(&format!("{}/appeal/", server.url)).await?;
    answer(&browser, "title", "太短").await?;
    browser.submit().await?;
    ensure!(browser.title().await?.starts_with("错误："), "the title does not say that something is wrong");
    ensure!(browser.value("[name=title]").await? == "太短", "what was typed is lost");
    let summary = browser.words(".error-summary").await?;
    ensure!(summary.contains("6"), "the summary does not tell how to mend the title: {summary}");
    browser.tap(".error-summary a[href='#field-title']").await?;
    let focused = browser.measure("document.activeElement.id").await?;
    ensure!(focused == "field-title", "the summary's link leads to {focused}");
    browser.close().await
}

#[tokio::test]
async fn every_page_fits_a_screen_of_320_px_without_sideways_scrolling() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, true).await?;
    browser.resize(320, 640).await?;
    for path in [
        "/",
        "/activities/",
        "/courses/",
        "/policies/",
        "/resources/",
        "/appeal/",
        "/track/",
        "/search/",
        "/board/",
        "/privacy/",
        "/nowhere/",
    ] {
        browser.goto(&format!("{}{path}", server.url)).await?;
        let overflow = browser.measure("document.documentElement.scrollWidth - document.documentElement.clientWidth").await?;
        ensure!(overflow == 0, "`{path}` is {overflow} px too wide");
        ensure!(browser.count("h1").await? == 1, "`{path}` has not exactly one h1");
    }
    browser.close().await
}

async fn file_an_appeal(javascript: bool) -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, javascript).await?;
    browser.goto(&format!("{}/", server.url)).await?;
    browser.tap("main a[href='/appeal/']").await?;
    for (name, value) in [
        ("category", "finance"),
        ("title", "续贷手续反复补件，贷款快到期了"),
        ("description", "我店三年前的经营贷下月到期，申请续贷已经补了四次材料，每次要的都不一样，希望一次说清。"),
        ("urgency", "normal"),
    ] {
        answer(&browser, name, value).await?;
    }
    browser.next_questions("您是谁").await?;
    for (name, value) in [("company", "相山区老街早点铺"), ("contact", "王女士"), ("mobile", "１３８ ０５６１-１２３４")]
    {
        answer(&browser, name, value).await?;
    }
    browser.submit().await?;
    confirm(&browser, "确认并提交").await?;

    let receipt = browser.words("main").await?;
    ensure_scripts_ran(&browser, javascript).await?;
    ensure!(receipt.contains("XS2611"), "the receipt shows no number:\n{receipt}");
    ensure!(receipt.contains("11月25日"), "the receipt does not say by when somebody calls:\n{receipt}");
    let (number, code) = (browser.words(".receipt-number").await?, browser.words(".receipt-code").await?);

    browser.back().await?;
    browser.goto(&format!("{}/track/", server.url)).await?;
    track(&browser, &number, &code).await?;
    let case = browser.words("main").await?;
    ensure!(
        case.contains("收集") && case.contains("分级办理") && case.contains("督查问效") && case.contains("回访"),
        "the tracker lacks a stage:\n{case}"
    );
    ensure!(!case.contains("王女士"), "the tracker shows a name:\n{case}");
    browser.close().await
}

async fn register(javascript: bool) -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, javascript).await?;
    // A course that the content keeps open until 28 December.
    browser.goto(&format!("{}/courses/2026-q4/", server.url)).await?;
    browser.tap("main a[href='/courses/2026-q4/register/']").await?;
    for (name, value) in
        [("name", "李先生"), ("mobile", "139 0561 0001"), ("company", "相山区某印务有限公司"), ("attendance", "onsite")]
    {
        answer(&browser, name, value).await?;
    }
    browser.submit().await?;
    confirm(&browser, "确认并提交").await?;

    let receipt = browser.words("main").await?;
    ensure_scripts_ran(&browser, javascript).await?;
    ensure!(receipt.contains("XB2611"), "the receipt shows no number:\n{receipt}");
    let (number, code) = (browser.words(".receipt-number").await?, browser.words(".receipt-code").await?);
    browser.goto(&format!("{}/track/", server.url)).await?;
    track(&browser, &number, &code).await?;
    ensure!(browser.words("main").await?.contains(&number), "the tracker does not find the registration");
    browser.close().await
}

async fn confirm(browser: &Browser, act: &str) -> Result<()> {
    ensure!(browser.words("h1").await?.contains("核对"), "this is not 核对");
    tokio::time::sleep(Duration::from_millis(3200)).await;
    browser.tap("input[name=handle]").await?;
    if browser.count("input[name=forward]").await? > 0 {
        browser.tap("input[name=forward]").await?;
    }
    let button = browser.words("main form button[type=submit]").await?;
    ensure!(button.contains(act), "the button says `{button}`");
    browser.submit().await?;
    browser.wait_for_path("/f/receipt/").await?;
    Ok(())
}

/// The receipt's script shows buttons for printing and copying: whether it is there tells whether scripts ran, so that a test without JavaScript
/// cannot pass because of it, nor one with JavaScript without it.
async fn ensure_scripts_ran(browser: &Browser, javascript: bool) -> Result<()> {
    let shown = browser.count("[data-keep]:not([hidden])").await? > 0;
    ensure!(shown == javascript, "scripts ran: {shown}, expected: {javascript}");
    Ok(())
}

async fn track(browser: &Browser, number: &str, code: &str) -> Result<()> {
    answer(browser, "number", number).await?;
    answer(browser, "code", code).await?;
    browser.submit().await?;
    browser.wait_for_path("/f/track").await?;
    Ok(())
}

/// Answers a question whatever control it has: types, chooses or ticks.
async fn answer(browser: &Browser, name: &str, value: &str) -> Result<()> {
    let control = browser
        .measure(&format!("(() => {{ const field = document.querySelector(\"main [name='{name}']\"); return field && (field.tagName === 'INPUT' ? field.type : field.tagName) }})()"))
        .await?;
    match control.as_str() {
        Some("radio" | "checkbox") => browser.tap(&format!("input[name='{name}'][value='{value}']")).await,
        Some("SELECT") => browser.select(&format!("select[name='{name}']"), value).await,
        Some(_) => browser.fill(&format!("main [name='{name}']"), value).await,
        None => anyhow::bail!("the page does not ask `{name}`"),
    }
}
