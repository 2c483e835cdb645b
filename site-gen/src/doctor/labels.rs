//! Labels and footer after 《政府网站发展指引》(国办发〔2017〕47号): what `site.yaml` and the columns say, and what is really on the pages that the theme makes of
//! it.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use domain::Moment;

use super::{Finding, page, rules, rules::Rule};
use crate::{
    diagnostic::{Span, Texts},
    load::yaml,
    output::{Output, Sink},
    site::Site,
    source::{Config, FrontMatter, Source},
    write::WriteError,
};

const CONFIG: &str = "content/site.yaml";

/// What `site.yaml` and the columns leave out.
pub fn look(source: &Source, site: &Site, texts: &Texts) -> Vec<Finding> {
    let mut found = config(&source.config, texts);
    for section in &site.sections {
        let FrontMatter::Section(front) = &section.document.front else { continue };
        let file = page::file(&section.document);
        let place = || page::locate(&section.document, &["title"]);
        if front.summary.as_deref().is_none_or(|summary| summary.trim().is_empty()) {
            let message = format!("栏目「{}」没有摘要，标签 ColumnDescription 只好用网站的标语", front.title);
            found.push(rules::NO_COLUMN_DESCRIPTION.found(&file, place(), message, "加一行 `summary: 一句话说明这个栏目`"));
        }
        if front.column_type.is_none() {
            let message = format!("栏目「{}」没有写栏目类别，标签 ColumnType 只好写「概况信息」", front.title);
            found.push(rules::NO_COLUMN_TYPE.found(
                &file,
                place(),
                message,
                "加一行 `column_type: 工作动态`，或者政策文件、办事服务等",
            ));
        }
    }
    found
}

fn config(config: &Config, texts: &Texts) -> Vec<Finding> {
    let place = |key: &str| {
        texts.get(CONFIG).and_then(|text| yaml::locate_key(text, &[key]).or_else(|| yaml::locate_key(text, &["organiser"])))
    };
    let has = |words: &[&str]| config.footer.iter().any(|link| words.iter().any(|word| link.label.contains(word)));
    let mut found = Vec::new();
    let mut missing = |wrong: bool, rule: &Rule, key: &str, message: &str, hint: &str| {
        if wrong {
            found.push(rule.found(CONFIG, place(key), message, hint));
        }
    };
    missing(
        config.telephone.is_none() && config.address.is_none(),
        &rules::NO_CONTACT,
        "telephone",
        "页脚没有联系方式：`telephone` 和 `address` 都没有写",
        "单位确认之后加上 `telephone:` 和 `address:`",
    );
    missing(
        config.icp.is_none(),
        &rules::NO_ICP,
        "icp",
        "页脚没有 ICP 备案号",
        "备案之后加一行 `icp: 皖ICP备12345678号-1`，数字照备案系统里的写",
    );
    missing(config.police.is_none(), &rules::NO_POLICE, "police", "页脚没有公安备案号", "备案之后加一行 `police: 皖公网安备…号`");
    missing(
        !has(&["网站地图", "站点地图"]),
        &rules::NO_SITEMAP,
        "footer",
        "页脚没有「网站地图」",
        "在 `footer:` 下面加 `- { label: 网站地图, url: /search/ }`",
    );
    missing(
        !has(&["找错", "纠错"]),
        &rules::NO_REPORT_LINK,
        "footer",
        "页脚没有「网站找错」",
        "在 `footer:` 下面加 `- { label: 网站找错, url: /about/ }`，指向写明怎样报错的页面",
    );
    found
}

/// Looks at pages as they are made, and keeps none of them.
pub struct Pages {
    config: Config,
    domain: String,
    now: Moment,
    /// What is missing, by what it is: the first page in order, and how many.
    missing: Mutex<BTreeMap<Missing, (String, usize)>>,
    looked_at: AtomicUsize,
}

/// Something that is not on a page as it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Missing {
    rule: &'static str,
    message: String,
}

impl Pages {
    /// Nothing seen yet of the site that `config` describes, at `base_url`.
    pub fn new(config: &Config, base_url: &str, now: Moment) -> Pages {
        let domain = url::Url::parse(base_url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        Pages { config: config.clone(), domain, now, missing: Mutex::default(), looked_at: AtomicUsize::new(0) }
    }

    fn missing(&self, page: &str, rule: &Rule, message: String) {
        let mut missing = self.missing.lock().expect("nobody panics while one page is noted");
        let (first, count) = missing.entry(Missing { rule: rule.name, message }).or_insert_with(|| (page.to_owned(), 0));
        *count += 1;
        if page < first.as_str() {
            page.clone_into(first);
        }
    }

    fn page(&self, path: &str, html: &str) {
        let head_end = html.find("</head>").unwrap_or(html.len());
        let (head, body) = html.split_at(head_end);
        // What leads on to another page, and what is only there to be copied, is no page of the site.
        if head.contains("http-equiv=\"refresh\"") || head.contains("name=\"robots\"") || !head.contains("<title") {
            return;
        }
        self.looked_at.fetch_add(1, Ordering::Relaxed);
        self.labels(path, head, body);
        self.footer(path, html, body);
    }

    fn labels(&self, path: &str, head: &str, body: &str) {
        let labels = labels(head);
        let values =
            |name: &str| labels.iter().filter(|(label, _)| *label == name).map(|(_, value)| value.as_str()).collect::<Vec<_>>();
        let wants = |name: &str, expected: Option<&str>| match values(name).as_slice() {
            [] => self.missing(path, &rules::LABELS, format!("没有标签 {name}")),
            [value] if value.trim().is_empty() => self.missing(path, &rules::LABELS, format!("标签 {name} 是空的")),
            [value] if expected.is_some_and(|expected| expected != *value) => {
                self.missing(path, &rules::LABELS, format!("标签 {name} 应当是「{}」", expected.unwrap_or_default()));
            }
            [_] => {}
            _ => self.missing(path, &rules::LABELS, format!("标签 {name} 写了两次")),
        };
        wants("SiteName", Some(&self.config.name));
        wants("SiteDomain", Some(&self.domain));
        if let Some(code) = &self.config.site_code {
            wants("SiteIDCode", Some(code));
        }
        let has = |prefix: &str| labels.iter().any(|(label, _)| label.starts_with(prefix));
        if has("Column") {
            ["ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType"].into_iter().for_each(|name| wants(name, None));
        }
        if has("ArticleTitle") || has("PubDate") || has("ContentSource") {
            ["ArticleTitle", "PubDate", "ContentSource"].into_iter().for_each(|name| wants(name, None));
            if let [published] = values("PubDate").as_slice() {
                self.published(path, published, body);
            }
        }
    }

    /// PubDate is a time, is not to come, and is the date that people see.
    fn published(&self, path: &str, written: &str, body: &str) {
        let Some(moment) = written.parse::<Moment>().ok().filter(|_| written.len() == 16) else {
            return self.missing(path, &rules::LABELS, "标签 PubDate 不是 `2026-11-05 09:00` 的样子".to_owned());
        };
        if moment > self.now {
            self.missing(path, &rules::LABELS, "标签 PubDate 是还没有到的时间".to_owned());
        }
        let day = moment.date();
        let iso = format!("datetime=\"{day}");
        if !body.contains(&iso) && !body.contains(&domain::words::date(day)) && !body.contains(&day.to_string()) {
            self.missing(path, &rules::LABELS, "标签 PubDate 和页面上看得见的日期不一样".to_owned());
        }
    }

    fn footer(&self, path: &str, html: &str, body: &str) {
        let missing = |what: &str| self.missing(path, &rules::FOOTER, what.to_owned());
        if !html.contains("<html lang=\"zh-CN\"") {
            missing("没有写明语言：`<html lang=\"zh-CN\">`");
        }
        let Some(footer) = body.rfind("<footer").map(|at| &body[at..]) else { return missing("没有页脚 `<footer>`") };
        let holds = |text: &str| footer.contains(text) || footer.contains(&escaped(text));
        if !holds(&self.config.organiser) {
            missing("页脚没有主办单位");
        }
        for (value, name) in [
            (&self.config.telephone, "联系电话"),
            (&self.config.address, "地址"),
            (&self.config.site_code, "网站标识码"),
            (&self.config.icp, "ICP 备案号"),
            (&self.config.police, "公安备案号"),
        ] {
            if value.as_deref().is_some_and(|value| !holds(value)) {
                missing(&format!("页脚没有{name}"));
            }
        }
        for (number, name, address) in [
            (&self.config.icp, "ICP 备案号", "https://beian.miit.gov.cn/"),
            (&self.config.police, "公安备案号", "https://beian.mps.gov.cn/"),
        ] {
            if number.is_some() && !footer.contains(address.trim_end_matches('/')) {
                missing(&format!("{name}没有链接到 {address}"));
            }
        }
        for link in &self.config.footer {
            if !holds(&link.label) {
                missing(&format!("页脚没有链接「{}」", link.label));
            }
        }
    }

    /// What was missing on the pages that were made, told once each, at the theme's frame.
    pub fn findings(self, theme: &str, texts: &Texts) -> Vec<Finding> {
        let (file, text) = frame(theme, texts);
        let looked_at = self.looked_at.into_inner();
        let told = |(missing, (page, count)): (Missing, (String, usize))| {
            let (rule, mark) =
                if missing.rule == rules::LABELS.name { (&rules::LABELS, "<head") } else { (&rules::FOOTER, "<footer") };
            let at = text.and_then(|text| text.find(mark).map(|at| Span::new(at, at + mark.len())));
            let share = if count == looked_at {
                format!("全部 {count} 个网页")
            } else {
                format!("{count} 个网页，如 `{page}`")
            };
            rule.found(
                &file,
                at,
                format!("{}（{share}）", missing.message),
                "改主题的模板：`head.labels` 里的标签逐个写进 `<head>`，`frame` 里的内容写进页脚",
            )
        };
        self.missing.into_inner().expect("nobody panics while one page is noted").into_iter().map(told).collect()
    }
}

impl Sink for Pages {
    fn put(&self, output: Output) -> Result<(), WriteError> {
        if output.path.ends_with(".html")
            && let Some(html) = output.as_text()
        {
            self.page(&output.path, html);
        }
        Ok(())
    }

    fn keeps_nothing(&self) -> bool {
        true
    }
}

/// The template that stands around every page.
fn frame<'a>(theme: &str, texts: &'a Texts) -> (String, Option<&'a str>) {
    let file = format!("{theme}/templates/base.html");
    let text = texts.get(&file).map(|text| &**text);
    if text.is_some() { (file, text) } else { (theme.to_owned(), None) }
}

/// `<meta name="…" content="…">`, in the order written.
fn labels(head: &str) -> Vec<(&str, String)> {
    head.split("<meta ")
        .skip(1)
        .filter_map(|meta| {
            let tag = &meta[..meta.find('>')?];
            Some((attribute(tag, "name")?, unescaped(attribute(tag, "content")?)))
        })
        .collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = tag.find(&format!("{name}=\""))? + name.len() + 2;
    Some(&tag[start..start + tag[start..].find('"')?])
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#x27;")
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}
