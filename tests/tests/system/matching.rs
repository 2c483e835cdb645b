//! 找政策 by the real script in a real browser, with policies that are restricted in every way there is; and the way from a policy to the appeal
//! that it is not kept.

use std::{fs, time::Duration};

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};
use tests::{Browser, Device, Site};

/// Policies by file name, with what each is for and whom it is restricted to.
const POLICIES: [(&str, &str, &str); 4] = [
    ("m-display", "{ needs: [technology], sizes: [small, medium], industries: [manufacturing] }", "[optoelectronic-display]"),
    ("m-food", "{ needs: [technology, finance], industries: [agriculture] }", "[green-food]"),
    ("m-open", "{ needs: [technology] }", "[]"),
    ("m-for-nothing", "{}", "[]"),
];

fn site() -> Result<Site> {
    let site = Site::new()?;
    for (number, (name, conditions, chains)) in POLICIES.iter().enumerate() {
        let text = format!(
            "---\ntitle: 试配的政策 {name}\nsummary: 用来看清怎样筛选，不是真的政策。\ndate: 2026-11-2{number} 09:00\nexample: true\nissuer: 示例机关\n\
             number: 示例〔2026〕{number}号\nvalidity: current\naudience: 企业\nchecked: 2026-11-20\nchains: {chains}\nconditions: {conditions}\n---\n\n示例。\n"
        );
        fs::write(site.root().join(format!("content/policies/{name}.md")), text)?;
    }
    Ok(site)
}

/// Answers all questions, those that are not named by 都可以, and gives the paths of what is shown.
async fn ask(browser: &Browser, chosen: &[(&str, &str)]) -> Result<Vec<String>> {
    for name in ["need", "size", "industry", "chain"] {
        let value = chosen.iter().find(|(asked, _)| *asked == name).map_or("", |(_, value)| *value);
        browser.select(&format!("#match-{name}"), value).await?;
    }
    browser.tap("#match button").await?;
    shown(browser).await
}

async fn shown(browser: &Browser) -> Result<Vec<String>> {
    for _ in 0..100 {
        if browser.measure("!document.getElementById('match-found').hidden").await? == true {
            let paths = browser.measure("[...document.querySelectorAll('#match-list a')].map((link) => link.pathname)").await?;
            return Ok(serde_json::from_value(paths)?);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("nothing is shown after ten seconds")
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_narrow_the_policies_as_their_conditions_say() -> Result<()> {
    let site = site()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, true).await?;
    browser.goto(&format!("{}/match/", server.url)).await?;
    let all = browser.measure("fetch('/policies.json').then((answer) => answer.json()).then((all) => all.length)").await?;
    let every = ask(&browser, &[]).await?;
    ensure!(
        json!(every.len()) == all && every.len() > POLICIES.len(),
        "nothing is asked, and {} of {all} are shown",
        every.len()
    );
    ensure!(browser.words("#match-status").await? == format!("适合的政策：{all} 项"), "how many there are is not said");

    let ours = |paths: &[String]| -> Vec<String> {
        paths.iter().filter_map(|path| path.strip_prefix("/policies/m-")).map(|path| path.trim_matches('/').to_owned()).collect()
    };
    for (chosen, expected) in [
        // What it is for must be said by the policy; of two that fit alike the newer one stands first.
        (vec![("need", "technology")], vec!["open", "food", "display"]),
        (vec![("need", "finance")], vec!["food"]),
        // What restricts a policy may be left open; whoever names the firm stands first.
        (vec![("need", "technology"), ("size", "small")], vec!["display", "open", "food"]),
        (vec![("need", "technology"), ("size", "large")], vec!["open", "food"]),
        (vec![("need", "technology"), ("industry", "agriculture")], vec!["food", "open"]),
        (vec![("chain", "optoelectronic-display")], vec!["display", "for-nothing", "open"]),
        (
            vec![("need", "technology"), ("size", "medium"), ("industry", "manufacturing"), ("chain", "optoelectronic-display")],
            vec!["display", "open"],
        ),
        (vec![("need", "finance"), ("industry", "manufacturing")], vec![]),
    ] {
        let found = ask(&browser, &chosen).await?;
        ensure!(ours(&found) == expected, "{chosen:?} shows {found:?}");
        let address = browser.measure("location.search").await?;
        for (name, value) in &chosen {
            let said = format!("{name}={value}");
            ensure!(address.as_str().is_some_and(|address| address.contains(&said)), "the address says {address}, not {said}");
        }
    }
    // The last one fits nothing at all.
    ensure!(browser.words("#match-status").await? == "没有适合的政策", "nobody says that there is none");
    browser.sees(&["放宽一两项再试", "提诉求"]).await?;
    browser.keep("match-none").await?;

    // The address leads to the same answer, also for somebody else.
    browser.goto(&format!("{}/match/?need=technology&size=small", server.url)).await?;
    ensure!(ours(&shown(&browser).await?) == ["display", "open", "food"], "the address shows something else");
    ensure!(browser.value("#match-size").await? == "small", "the form does not say what was chosen");
    browser.keep("match-found").await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_javascript_the_same_choices_are_lists() -> Result<()> {
    let site = site()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Desktop, false).await?;
    browser.goto(&format!("{}/match/", server.url)).await?;
    ensure!(
        browser.measure("document.getElementById('match').offsetHeight").await? == 0,
        "questions that nobody answers are shown"
    );
    browser.sees(&["按一项条件看", "账款拖欠", "小型企业", "全部"]).await?;
    // A long row is folded, and unfolds without a script.
    browser.tap_at("//section[contains(@class, 'matcher-lists')]//summary[. = '更多需求']").await?;
    browser.tap_at("//section[contains(@class, 'matcher-lists')]//a[starts-with(., '科技与知识产权')]").await?;
    browser.wait_for_path("/policies/by/").await?;
    browser.sees(&["m-display", "m-food", "m-open"]).await?;
    ensure!(!browser.words("main").await?.contains("m-for-nothing"), "a policy that is for something else is listed");
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_is_not_kept_leads_to_an_appeal_that_names_it_with_javascript() -> Result<()> {
    not_kept(true).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_is_not_kept_leads_to_an_appeal_that_names_it_without_javascript() -> Result<()> {
    not_kept(false).await
}

async fn not_kept(javascript: bool) -> Result<()> {
    let site = site()?;
    let server = site.serve()?;
    let browser = Browser::open(Device::Phone, javascript).await?;
    browser.goto(&format!("{}/policies/m-display/", server.url)).await?;
    browser.tap_at("//main//a[. = '这条兑现不了']").await?;
    browser.wait_for_path("/policies/m-display/appeal/").await?;
    browser.sees(&["这件事是关于“试配的政策 m-display”的"]).await?;
    let answer = async |name: &str| -> Result<Value> {
        browser.measure(&format!("new FormData(document.querySelector('main form')).get('{name}')")).await
    };
    ensure!(answer("category").await? == "policy", "the kind of matter is not chosen");
    let title = answer("title").await?;
    ensure!(title == "政策没有兑现：试配的政策 m-display", "the title is {title}");
    let description = answer("description").await?;
    let named = "政策：试配的政策 m-display（示例〔2026〕0号）";
    ensure!(description.as_str().is_some_and(|text| text.starts_with(named)), "the description is {description}");
    // It is the form itself, and goes on from here.
    browser.fill("[name=description]", "政策写了可以申请，我们五月交了材料，到今天没有答复，打电话也没有人说得清。").await?;
    if browser.count("input[name=urgency]").await? > 0 {
        browser.tap("input[name=urgency][value=normal]").await?;
    }
    browser.next_questions("您是谁").await?;
    browser.close().await
}
