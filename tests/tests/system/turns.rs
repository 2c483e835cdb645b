//! A real browser with scripts: the steps of an appeal are asked in turn on one page and sent at once.

use anyhow::{Result, ensure};
use tests::{Browser, Device, Server, Site};

const PERSON: [(&str, &str); 3] = [("company", "相山示例食品有限公司"), ("contact", "王建国"), ("mobile", "138 0561 0001")];

/// The form with the first step answered.
async fn begun(browser: &Browser, server: &Server) -> Result<()> {
    browser.goto(&format!("{}/appeal/", server.url)).await?;
    browser.select("main [name=category]", "utilities").await?;
    browser.fill("main [name=title]", "厂区门口的路坏了半年").await?;
    browser.fill("main [name=description]", "从六月开始，厂区门口的路面塌陷，货车进不来，每天要多绕八公里，耽误交货。").await
}

async fn says_who(browser: &Browser) -> Result<()> {
    for (field, text) in PERSON {
        browser.fill(&format!("main [name={field}]"), text).await?;
    }
    Ok(())
}

async fn shown(browser: &Browser, field: &str) -> Result<bool> {
    Ok(browser.measure(&format!("document.querySelector('main [name={field}]').checkVisibility()")).await? == true)
}

#[tokio::test]
async fn the_next_questions_are_headed_and_focused_and_the_back_button_leads_to_those_before() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, true).await?;
    begun(&browser, &server).await?;
    ensure!(browser.count("main [name=mobile]").await? == 0, "the second step's questions are no part of the form yet");
    browser.next_questions("您是谁").await?;
    ensure!(browser.path().await? == "/appeal/", "the page is the same");
    ensure!(browser.measure("document.activeElement.id").await? == "questions", "a screen reader begins at the heading");
    ensure!(browser.title().await?.starts_with("您是谁"), "{}", browser.title().await?);
    browser.sees(&["第 2 步，共 3 步", "下一步：核对"]).await?;
    ensure!(!shown(&browser, "title").await? && shown(&browser, "mobile").await?, "one step is seen at a time");
    let top = browser.measure("document.getElementById('questions').getBoundingClientRect().top").await?;
    ensure!(top.as_f64().is_some_and(|top| (0.0..844.0).contains(&top)), "the heading is on the screen: {top}");

    browser.back().await?;
    browser.wait_for_words("#questions", "发生了什么").await?;
    browser.sees(&["第 1 步，共 3 步"]).await?;
    ensure!(shown(&browser, "title").await? && !shown(&browser, "mobile").await?, "the first step is seen again");
    ensure!(browser.value("main [name=title]").await? == "厂区门口的路坏了半年", "and what was typed");
    browser.next_questions("您是谁").await?;
    says_who(&browser).await?;
    browser.submit().await?;
    browser.wait_for_words("h1", "核对").await?;
    browser.sees(&["厂区门口的路坏了半年", "相山示例食品有限公司"]).await?;
    browser.close().await
}

#[tokio::test]
async fn a_mistake_in_either_step_comes_back_from_the_server_and_nothing_is_lost() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, true).await?;
    begun(&browser, &server).await?;
    // What the page can tell is sent at once, and the server says what is wrong.
    browser.fill("main [name=title]", "太短").await?;
    browser.submit().await?;
    browser.wait_for_words(".error-summary", "6").await?;
    ensure!(browser.value("main [name=title]").await? == "太短", "what was typed is lost");

    begun(&browser, &server).await?;
    browser.next_questions("您是谁").await?;
    says_who(&browser).await?;
    browser.fill("main [name=mobile]", "1380561").await?;
    browser.submit().await?;
    browser.wait_for_words(".error-summary", "11 位手机号").await?;
    ensure!(browser.value("main [name=contact]").await? == "王建国", "what was typed is lost");
    browser.fill("main [name=mobile]", "138 0561 0001").await?;
    browser.submit().await?;
    browser.wait_for_words("h1", "核对").await?;
    browser.sees(&["厂区门口的路坏了半年", "王建国"]).await?;
    browser.close().await
}

#[tokio::test]
async fn what_was_typed_in_both_steps_is_kept_on_the_device() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, true).await?;
    begun(&browser, &server).await?;
    browser.next_questions("您是谁").await?;
    says_who(&browser).await?;
    browser.goto(&format!("{}/track/", server.url)).await?;
    browser.goto(&format!("{}/appeal/", server.url)).await?;
    browser.sees(&["已恢复上次", "第 1 步，共 3 步"]).await?;
    ensure!(browser.value("main [name=title]").await? == "厂区门口的路坏了半年", "the first step is restored");
    browser.next_questions("您是谁").await?;
    ensure!(browser.value("main [name=contact]").await? == "王建国", "and the second");
    browser.close().await
}
