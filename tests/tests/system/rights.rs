//! A real browser on a phone-sized screen, with scripts and without: somebody sees what is stored about them, puts it right, takes it along
//! and has it erased.

use anyhow::{Context, Result, ensure};
use tests::{Browser, Device, Site};

#[tokio::test]
async fn somebody_sees_corrects_and_erases_what_is_stored_with_javascript() -> Result<()> {
    walk(true).await
}

#[tokio::test]
async fn somebody_sees_corrects_and_erases_what_is_stored_without_javascript() -> Result<()> {
    walk(false).await
}

/// An appeal that staff took down, as its caller wrote it on a piece of paper: number and code.
fn taken(site: &Site) -> Result<(String, String)> {
    let answers = [
        "category=utilities",
        "title=厂区门口的路坏了半年",
        "description=从六月开始，厂区门口的路面塌陷，货车进不来，每天要多绕八公里，耽误交货。",
        "company=相山示例食品有限公司",
        "contact=王建国",
        "mobile=13805610001",
        "handle=yes",
    ];
    let arguments: Vec<&str> = ["appeal", "--yes", "--operator", "张敏"]
        .into_iter()
        .chain(answers.iter().flat_map(|answer| ["--set", answer]))
        .collect();
    let said = site.office(&arguments)?;
    let words = || said.split(|character: char| !character.is_ascii_alphanumeric() && character != '-');
    let number = words().find(|word| word.starts_with("XS")).context("a number")?;
    let code = words().find(|word| word.len() == 9 && word.as_bytes()[4] == b'-').context("a code")?;
    Ok((number.to_owned(), code.to_owned()))
}

async fn walk(javascript: bool) -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let (number, code) = taken(&site)?;
    let browser = Browser::open(Device::Phone, javascript).await?;
    let press = async |act: &str| -> Result<()> {
        browser.tap(&format!("form[action='/f/act/{act}'] button")).await?;
        browser.wait_for_path(&format!("/f/act/{act}")).await?;
        Ok(())
    };

    browser.track(&server.url, &number, &code).await?;
    browser.sees(&["我的信息", "查看、更正、删除我的信息"]).await?;
    press("stored").await?;
    browser.sees(&["我们存了您的什么", "王建国", "13805610001", "给过谁", "保存到什么时候"]).await?;
    browser.keep("rights-1-stored").await?;

    press("correct").await?;
    ensure!(browser.value("main [name=contact]").await? == "王建国", "what is known stands there");
    browser.fill("main [name=contact]", "王建民").await?;
    browser.fill("main [name=mobile]", "139 0561 0002").await?;
    browser.keep("rights-2-correct").await?;
    browser.submit().await?;
    browser.wait_for_path("/f/done/").await?;
    browser.sees(&["信息已更正"]).await?;

    browser.track(&server.url, &number, &code).await?;
    press("stored").await?;
    browser.sees(&["王建民", "13905610002"]).await?;
    ensure!(!browser.words("main").await?.contains("13805610001"), "the old telephone is nowhere");
    press("copy").await?;
    browser.sees(&["带走一份", "联系人：王建民"]).await?;
    browser.keep("rights-3-copy").await?;
    press("stored").await?;
    press("erase").await?;
    browser.sees(&["现在还不能删除", "先撤回诉求"]).await?;
    browser.keep("rights-4-not-yet").await?;
    press("withdraw").await?;
    browser.tap(".button-grave").await?;
    browser.wait_for_path("/f/done/").await?;

    browser.track(&server.url, &number, &code).await?;
    press("stored").await?;
    press("erase").await?;
    browser.sees(&["还没有删除", "确认删除", "不删除，返回"]).await?;
    browser.keep("rights-5-erase").await?;
    browser.tap(".button-grave").await?;
    browser.wait_for_path("/f/done/").await?;
    browser.sees(&["已删除", "删除时间"]).await?;
    browser.keep("rights-6-done").await?;

    browser.track(&server.url, &number, &code).await?;
    browser.sees(&["信息已删除", "按本人要求删除"]).await?;
    browser.keep("rights-7-erased").await?;
    let file = site.office(&["case", &number])?;
    ensure!(file.contains("信息已删除") && !file.contains("王建民"), "{file}");
    let proofs = site.office(&["erasures"])?;
    ensure!(proofs.contains(&number) && proofs.contains("按本人要求删除") && proofs.contains("没有改动过"), "{proofs}");
    browser.close().await
}
