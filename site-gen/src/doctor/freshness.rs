//! What grows old by itself: 《政府网站与政务新媒体检查指标》(国办秘函〔2019〕19号). Each of these only warns.

use domain::Moment;
use jiff::{ToSpan, civil::Date};

use super::{Finding, page, rules};
use crate::{
    site::{Section, SectionIndex, Site},
    source::FrontMatter,
};

/// Days without an update after which the home page and columns of news are stale.
const NEWS: i64 = 14;
/// Months for notices and policy.
const POLICY: i64 = 6;

/// What of the site has gone without an update for too long, and which columns are blank.
pub fn look(site: &Site) -> Vec<Finding> {
    let today = site.now.date();
    let mut found = Vec::new();
    for (index, section) in site.sections.iter().enumerate() {
        let front = section.document.front.common();
        let name = front.title;
        let file = page::file(&section.document);
        let place = || page::locate(&section.document, &["column_type"]).or_else(|| page::locate(&section.document, &["title"]));
        if index == 0 {
            let latest = site.pages.iter().filter_map(|page| touched(&page.document.front, site.now)).max();
            if let Some(latest) = latest.filter(|latest| is_older(*latest, today, NEWS.days())) {
                let message = format!("全站最近一次更新是 {latest}，已经超过两周");
                found.push(rules::STALE_HOME.found(
                    &file,
                    place(),
                    message,
                    "发布一条新的，或者核对已有的内容后把 `updated` 改成今天",
                ));
            }
            continue;
        }
        if is_blank(site, index, section) {
            found.push(rules::BLANK_COLUMN.found(
                &file,
                place(),
                format!("栏目「{name}」是空的：没有页面，也没有正文"),
                "放一篇进去，或者写几句说明；暂时不用的栏目加 `draft: true`",
            ));
            continue;
        }
        let Some((limit, words)) = limit(section) else { continue };
        let latest = below(site, index).filter_map(|page| touched(&site.pages[page].document.front, site.now)).max();
        if let Some(latest) = latest.filter(|latest| is_older(*latest, today, limit)) {
            found.push(rules::STALE_COLUMN.found(
                &file,
                place(),
                format!("栏目「{name}」最近一次更新是 {latest}，已经超过{words}"),
                "发布一条新的；确实没有新内容的，核对后把一篇的 `updated` 改成今天，或者并到别的栏目",
            ));
        }
    }
    found
}

/// The day on which a page was last touched, as far as that is past.
fn touched(front: &FrontMatter, now: Moment) -> Option<Date> {
    let common = front.common();
    [common.updated, common.date].into_iter().flatten().filter(|moment| *moment <= now).max().map(Moment::date)
}

fn is_older(latest: Date, today: Date, limit: jiff::Span) -> bool {
    latest < today.saturating_sub(limit)
}

/// For how long a column may go without an update.
fn limit(section: &Section) -> Option<(jiff::Span, &'static str)> {
    let FrontMatter::Section(front) = &section.document.front else { return None };
    let title = front.title.as_str();
    let named = |words: &[&str]| words.iter().any(|word| title.contains(word));
    match front.column_type.as_deref() {
        Some("工作动态") => Some((NEWS.days(), "两周")),
        _ if named(&["动态", "要闻", "新闻"]) => Some((NEWS.days(), "两周")),
        Some("政策文件" | "政策解读" | "信息公开目录") => Some((POLICY.months(), "六个月")),
        _ if named(&["通知", "公告", "公示"]) => Some((POLICY.months(), "六个月")),
        _ => None,
    }
}

/// The pages of a section and of those below it.
fn below(site: &Site, index: SectionIndex) -> impl Iterator<Item = usize> + '_ {
    let within = move |mut section: SectionIndex| loop {
        if section == index {
            return true;
        }
        match site.sections[section].parent {
            Some(parent) => section = parent,
            None => return false,
        }
    };
    site.sections
        .iter()
        .enumerate()
        .filter(move |(section, _)| within(*section))
        .flat_map(|(_, section)| section.pages.iter().copied())
}

fn is_blank(site: &Site, index: SectionIndex, section: &Section) -> bool {
    let FrontMatter::Section(front) = &section.document.front else { return false };
    front.template.is_none() && section.body.html.trim().is_empty() && below(site, index).next().is_none()
}
