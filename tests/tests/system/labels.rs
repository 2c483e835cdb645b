//! What built pages say of themselves to machines: the labels of 《政府网站发展指引》(国办发〔2017〕47号), `og:` properties, canonical addresses and
//! structured data, read back from the pages by a parser that is not ours.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use scraper::{Html, Selector};
use serde_json::Value;
use tests::{
    Site,
    checks::{self, Page},
    server::NOW,
};

/// ColumnType is one of these.
const COLUMN_TYPES: [&str; 18] = [
    "首页",
    "概况信息",
    "机构职能",
    "负责人信息",
    "工作动态",
    "政策文件",
    "信息公开指南",
    "信息公开目录",
    "信息公开年报",
    "依法申请公开",
    "数据发布",
    "数据开放",
    "政策解读",
    "回应关切",
    "办事服务",
    "咨询投诉",
    "征集调查",
    "在线访谈",
];

/// What an article may say beyond what it must, each once.
const OPTIONAL: [&str; 5] = ["Keywords", "Author", "Description", "Image", "Url"];

fn selector(css: &str) -> Selector {
    Selector::parse(css).expect("a selector that is written here")
}

/// Every `<meta>` with a name or a property, with all of its contents.
fn metas(document: &Html) -> BTreeMap<String, Vec<String>> {
    let mut metas: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for element in document.select(&selector("meta[content]")) {
        let Some(name) = element.attr("name").or(element.attr("property")) else { continue };
        metas.entry(name.to_owned()).or_default().push(element.attr("content").unwrap_or_default().to_owned());
    }
    metas
}

fn structured(document: &Html) -> Result<Vec<Value>> {
    let scripts = selector("script[type='application/ld+json']");
    document.select(&scripts).map(|script| Ok(serde_json::from_str(&script.text().collect::<String>())?)).collect()
}

/// A page that leads on at once, or that is shown where there is none: neither has labels of a column or an article.
fn is_message(page: &Page, document: &Html) -> bool {
    page.url == "/404.html" || document.select(&selector("meta[http-equiv=refresh]")).next().is_some()
}

/// What is wrong with the labels of a page, in words.
fn wrong_labels(page: &Page, base: &str) -> Vec<String> {
    let document = page.parsed();
    let metas = metas(&document);
    let mut wrong = Vec::new();
    let mut once = |name: &str| match metas.get(name).map(Vec::as_slice) {
        Some([one]) if !one.trim().is_empty() => Some(one.clone()),
        other => {
            wrong.push(format!("{}: `{name}` is {other:?}", page.url));
            None
        }
    };
    let domain = base.trim_start_matches("https://");
    once("SiteName");
    let said = once("SiteDomain");
    let is_message = is_message(page, &document);
    // Forms for one session, search: pages that nobody looks for by their subject.
    let is_plain = is_message || document.select(&selector("meta[name=robots][content*=noindex]")).next().is_some();
    let is_article = metas.contains_key("ArticleTitle");
    let is_column = metas.contains_key("ColumnName");
    let mut dated = None;
    if is_article {
        once("ArticleTitle");
        dated = once("PubDate");
        once("ContentSource");
    } else if is_column {
        for name in ["ColumnName", "ColumnDescription", "ColumnKeywords"] {
            once(name);
        }
        let kind = once("ColumnType");
        if kind.as_deref().is_some_and(|kind| !COLUMN_TYPES.contains(&kind)) {
            wrong.push(format!("{}: ColumnType {kind:?}", page.url));
        }
    }
    let once_of = |name: &str| metas.get(name).map_or(0, Vec::len);
    for name in OPTIONAL {
        let said = metas.get(name).map_or([].as_slice(), Vec::as_slice);
        if said.len() > 1 || said.iter().any(|said| said.trim().is_empty()) || (!is_article && !said.is_empty()) {
            wrong.push(format!("{}: `{name}` is {said:?}", page.url));
        }
    }
    if !is_message {
        for name in ["og:title", "og:type", "og:url", "og:site_name", "og:locale", "description"] {
            if once_of(name) != 1 && !(name == "description" && is_plain) {
                wrong.push(format!("{}: `{name}` stands {} times", page.url, once_of(name)));
            }
        }
    }
    if said.is_some_and(|said| said != domain) {
        wrong.push(format!("{}: SiteDomain is not {domain}", page.url));
    }
    if is_article && is_column {
        wrong.push(format!("{}: a column and an article at once", page.url));
    }
    if !is_article && !is_column && !is_plain && page.url != "/search/" {
        wrong.push(format!("{}: neither a column nor an article", page.url));
    }
    if let Some(dated) = dated {
        let shown: Vec<String> =
            document.select(&selector(".published > span:first-child time")).map(|time| time.text().collect()).collect();
        let now = NOW[..16].replace('T', " ");
        let form = dated.chars().map(|character| if character.is_ascii_digit() { '0' } else { character }).collect::<String>();
        if form != "0000-00-00 00:00" || shown != [dated.clone()] || dated > now {
            wrong.push(format!("{}: PubDate {dated} beside {shown:?}", page.url));
        }
    }
    let canonical: Vec<&str> = document.select(&selector("link[rel=canonical]")).filter_map(|link| link.attr("href")).collect();
    // What is only there to be copied elsewhere is not the article's own place.
    let own = page.url.strip_suffix("wechat/").unwrap_or(&page.url);
    let expected = format!("{base}{own}");
    if metas.get("Url").is_some_and(|url| *url != [expected.as_str()]) {
        wrong.push(format!("{}: Url is {:?}", page.url, metas["Url"]));
    }
    if !is_message && canonical != [expected.as_str()] {
        wrong.push(format!("{}: canonical {canonical:?}", page.url));
    }
    wrong
}

#[test]
fn every_page_bears_its_labels_once() -> Result<()> {
    let site = Site::new()?;
    let authored = "---\ntitle: 有作者的一项\ndate: 2026-11-20 09:00\nauthor: 某某（示例）\nexample: true\nissuer: 示例机关\nvalidity: current\n\
        audience: 企业\nchecked: 2026-11-20\n---\n\n示例。\n";
    std::fs::write(site.root().join("content/policies/authored.md"), authored)?;
    let (pages, base) = checks::built(&site)?;
    let wrong: Vec<String> = pages.iter().flat_map(|page| wrong_labels(page, &base)).collect();
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    let has = |name: &str| pages.iter().filter(|page| metas(&page.parsed()).contains_key(name)).count();
    ensure!(has("ArticleTitle") > 30 && has("ColumnName") > 20, "hardly any page is an article or a column");
    ensure!(has("Url") == has("ArticleTitle"), "an article does not say where it is");
    ensure!(has("Keywords") > 30 && has("Description") > 30 && has("Author") > 0, "articles do not say what they could");
    Ok(())
}

#[test]
fn a_label_that_is_missing_twice_or_false_is_heard_of() -> Result<()> {
    let (pages, base) = checks::built(&Site::new()?)?;
    let page = pages.iter().find(|page| page.url == "/policies/sme-payment/").context("a policy")?;
    for (from, to) in [
        ("<meta name=\"SiteName\"", "<meta name=\"Sitename\""),
        ("<meta name=\"PubDate\"", "<meta name=\"PubDate\" content=\"2026-11-24 08:00\">\n<meta name=\"PubDate\""),
        ("<meta name=\"PubDate\" content=\"2026-11-24 08:00\"", "<meta name=\"PubDate\" content=\"2026-11-23 08:00\""),
        ("<meta name=\"PubDate\" content=\"2026-11-24 08:00\"", "<meta name=\"PubDate\" content=\"2026/11/24\""),
        ("<meta name=\"ContentSource\" content=\"", "<meta name=\"ContentSource\" content=\"\" data-was=\""),
        ("<meta name=\"ArticleTitle\"", "<meta name=\"ColumnName\" content=\"政策\"><meta name=\"ArticleTitle\""),
        ("<meta name=\"Keywords\"", "<meta name=\"Keywords\" content=\"账款\"><meta name=\"Keywords\""),
        ("<meta name=\"Description\"", "<meta name=\"Description\" content=\"一句话\"><meta name=\"Description\""),
        ("<meta name=\"Description\" content=\"", "<meta name=\"Description\" content=\"\" data-was=\""),
        ("<meta name=\"Url\"", "<meta name=\"Author\" content=\"甲\"><meta name=\"Author\" content=\"乙\"><meta name=\"Url\""),
        ("<meta name=\"Url\" content=\"", "<meta name=\"Url\" content=\"http:"),
        ("<meta property=\"og:title\"", "<meta property=\"og:titel\""),
        ("<link rel=\"canonical\" href=\"", "<link rel=\"canonical\" href=\"http:"),
    ] {
        ensure!(page.text.contains(from), "the page has no `{from}`");
        let made_wrong = Page { url: page.url.clone(), text: page.text.replacen(from, to, 1) };
        ensure!(!wrong_labels(&made_wrong, &base).is_empty(), "nobody heard of `{to}`");
    }
    Ok(())
}

/// The value at a path of keys is a text that is not empty.
fn says(data: &Value, path: &[&str]) -> bool {
    let found = path.iter().fold(data, |data, key| &data[*key]);
    found.as_str().is_some_and(|text| !text.trim().is_empty())
}

#[test]
fn structured_data_says_what_the_page_is() -> Result<()> {
    let (pages, base) = checks::built(&Site::new()?)?;
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let (mut statuses, mut modes) = (BTreeSet::new(), BTreeSet::new());
    for page in &pages {
        let document = page.parsed();
        let data = structured(&document)?;
        let has = |css: &str| document.select(&selector(css)).next().is_some();
        let kind_of = |start: &str, kind| page.url.starts_with(start).then_some(kind);
        let is_entry = has("article.columns .facts");
        let wanted = [
            (page.url == "/").then_some("Organization"),
            has("ul.cards > li > .card-words > h2 a").then_some("ItemList"),
            kind_of("/courses/", "Course").filter(|_| is_entry),
            kind_of("/courses/", "BusinessEvent").filter(|_| is_entry),
            kind_of("/activities/", "BusinessEvent").filter(|_| is_entry),
            kind_of("/policies/", "NewsArticle").filter(|_| is_entry),
            kind_of("/appeal/", "GovernmentService"),
            is_entry.then_some("BreadcrumbList"),
        ];
        for kind in wanted.into_iter().flatten() {
            ensure!(data.iter().any(|one| one["@type"] == kind), "{}: no {kind}", page.url);
        }
        for one in &data {
            let kind = one["@type"].as_str().with_context(|| format!("{}: data without a kind", page.url))?;
            *kinds.entry(kind.to_owned()).or_default() += 1;
            ensure!(one["@context"] == "https://schema.org", "{}: {kind} of which vocabulary", page.url);
            let must: &[&[&str]] = match kind {
                "BusinessEvent" => {
                    &[&["name"], &["startDate"], &["endDate"], &["eventStatus"], &["eventAttendanceMode"], &["organizer", "name"]]
                }
                "Course" => &[
                    &["name"],
                    &["description"],
                    &["provider", "name"],
                    &["hasCourseInstance", "startDate"],
                    &["hasCourseInstance", "courseMode"],
                ],
                "NewsArticle" => &[&["headline"], &["datePublished"], &["publisher", "name"]],
                "GovernmentService" => &[&["name"], &["provider", "name"], &["availableChannel", "serviceUrl"]],
                "Organization" => &[&["name"], &["url"]],
                "BreadcrumbList" | "ItemList" => &[],
                other => anyhow::bail!("{}: a kind that nobody asked for: {other}", page.url),
            };
            for path in must {
                ensure!(says(one, path), "{}: {kind} without {path:?}: {one}", page.url);
            }
            if let Some(items) = one["itemListElement"].as_array() {
                let positions: Vec<u64> = items.iter().filter_map(|item| item["position"].as_u64()).collect();
                ensure!(positions == (1..=items.len() as u64).collect::<Vec<_>>(), "{}: {kind} counts {positions:?}", page.url);
                let named = |item: &Value| [&item["item"], &item["url"]].into_iter().find_map(Value::as_str).map(str::to_owned);
                for address in items.iter().filter_map(named) {
                    let path = address.strip_prefix(&base).with_context(|| format!("{}: {address} is elsewhere", page.url))?;
                    ensure!(pages.iter().any(|page| page.url == path), "{}: {kind} names {path}, which is no page", page.url);
                }
            }
            statuses.extend(one["eventStatus"].as_str().map(str::to_owned));
            modes.extend(one["eventAttendanceMode"].as_str().map(str::to_owned));
        }
    }
    for kind in ["BusinessEvent", "Course", "NewsArticle", "GovernmentService", "BreadcrumbList", "Organization", "ItemList"] {
        ensure!(kinds.get(kind).is_some_and(|count| *count > 0), "no page has {kind}: {kinds:?}");
    }
    let short = |texts: &BTreeSet<String>| {
        texts.iter().map(|text| text.trim_start_matches("https://schema.org/").to_owned()).collect::<Vec<_>>()
    };
    ensure!(short(&statuses) == ["EventCancelled", "EventPostponed", "EventScheduled"], "{statuses:?}");
    ensure!(modes.len() == 3, "{modes:?}");
    Ok(())
}
