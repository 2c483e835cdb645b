//! 「复制到公众号」 as an editor uses it: a tap, another page with an editor in it, and a paste.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tests::{Browser, Device, Site};

const PAGE: &str = "/activities/salon-2026-12/wechat/";

/// An editor that is not ours: it knows neither our styles nor our policy, as that of an official account.
async fn open_editor(browser: &Browser) -> Result<()> {
    browser.goto("about:blank").await?;
    browser.measure("document.body.innerHTML = '<div contenteditable id=editor><br></div><textarea id=line></textarea>'").await?;
    Ok(())
}

async fn pasted(browser: &Browser, into: &str) -> Result<()> {
    browser.measure(&format!("document.getElementById({}).focus()", json!(into))).await?;
    browser.paste().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_is_pasted_with_its_styles_and_pictures_and_nothing_that_an_account_refuses() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Desktop, true).await?;
    browser.goto(&format!("{}{PAGE}", server.url)).await?;
    browser.keep("copying").await?;
    browser.tap("[data-copy=article]").await?;
    browser.wait_for_words("#copied", "已复制").await?;

    open_editor(&browser).await?;
    pasted(&browser, "editor").await?;
    let seen = browser
        .measure(
            r#"(() => {
              const editor = document.getElementById("editor"), all = (css) => [...editor.querySelectorAll(css)];
              const heading = getComputedStyle(editor.querySelector("h2")), fact = getComputedStyle(editor.querySelector("section"));
              return {
                words: editor.innerText,
                heading: [heading.borderLeftWidth, heading.borderLeftColor, heading.fontSize],
                facts: fact.backgroundColor,
                refused: all("[class], [id], a, script, style, link").map((element) => element.outerHTML),
                pictures: all("img").map((picture) => picture.getAttribute("src")),
              };
            })()"#,
        )
        .await?;
    let words = seen["words"].as_str().unwrap_or_default();
    for expected in ["时间：", "地点：", "谁来参加", "长按海报"] {
        ensure!(words.contains(expected), "`{expected}` is not in what was pasted:\n{words}");
    }
    ensure!(seen["heading"] == json!(["4px", "rgb(156, 31, 31)", "19px"]), "the heading lost its style: {}", seen["heading"]);
    ensure!(seen["facts"] == "rgb(247, 243, 238)", "the facts lost their ground: {}", seen["facts"]);
    ensure!(seen["refused"] == json!([]), "an official account would refuse {}", seen["refused"]);
    let pictures: Vec<&str> = seen["pictures"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    ensure!(!pictures.is_empty() && pictures.iter().all(|src| src.starts_with("https://")), "{pictures:?}");

    // What goes into a plain field is the words alone.
    browser.goto(&format!("{}{PAGE}", server.url)).await?;
    let title = browser.words("#title").await?;
    browser.tap("[data-copy=title]").await?;
    browser.wait_for_words("#copied", "已复制").await?;
    open_editor(&browser).await?;
    pasted(&browser, "line").await?;
    ensure!(browser.value("#line").await? == title, "`{}` was pasted and not `{title}`", browser.value("#line").await?);
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_does_not_let_copy_leaves_everything_selected_and_says_which_keys_do() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Desktop, true).await?;
    browser.goto(&format!("{}{PAGE}", server.url)).await?;
    browser.measure("document.execCommand = () => false").await?;
    browser.tap("[data-copy=article]").await?;
    browser.wait_for_words("#copied", "Ctrl+C").await?;
    let selected = browser.measure("getSelection().toString()").await?;
    ensure!(
        selected.as_str().is_some_and(|words| words.contains("时间：") && words.contains("长按海报")),
        "selected: {selected}"
    );
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_no_button_promises_anything_and_the_source_is_there() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, false).await?;
    browser.goto(&format!("{}{PAGE}", server.url)).await?;
    ensure!(browser.count("[data-copy]").await? > 0 && browser.count("[data-copy]:not([hidden])").await? == 0);
    browser.tap("details.copying-source summary").await?;
    let source = browser.value("#source").await?;
    ensure!(source.contains("<h2 style=\"") && !source.contains("class="), "{source}");
    browser.close().await
}
