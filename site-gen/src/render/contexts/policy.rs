//! `policy.html`

use pages::Link;
use serde::Serialize;

use super::{Download, Fact, Opening, downloads, opening};
use crate::{
    kinds::{ClaimStep, Policy, Revision},
    render::{
        card::{self, Tag},
        view::View,
        words::{self, Stamp},
    },
    site::Page,
    source::FrontMatter,
};

/// The whole of what a policy's page shows.
#[derive(Debug, Serialize)]
pub struct PolicyContext<'a> {
    #[serde(flatten)]
    opening: Opening<'a>,
    validity: Tag,
    replaced_by: Option<Link>,
    facts: Vec<Fact>,
    points: &'a [String],
    claim: &'a [ClaimStep],
    files: Vec<Download<'a>>,
    /// How it came to be what it is, the first change first.
    history: Vec<Change<'a>>,
    /// Where the appeal begins that it is not kept.
    unkept: Option<String>,
}

/// One change of a policy.
#[derive(Debug, Serialize)]
struct Change<'a> {
    what: &'a str,
    date: Stamp,
}

/// The page of a policy; none for other pages.
pub fn policy<'a>(view: &View<'a>, page: &'a Page) -> Option<PolicyContext<'a>> {
    let FrontMatter::Policy(front) = &page.document.front else { return None };
    let opening = opening(view, page);
    let replaced_by = front.replaced_by.as_deref().map(|path| match view.page_of(path) {
        Some(page) => Link { label: page.document.front.common().title.to_owned(), url: page.url.clone() },
        None => Link { label: "新的文件".to_owned(), url: path.to_owned() },
    });
    let mut history: Vec<&Revision> = front.history.iter().collect();
    history.sort_by_key(|revision| revision.date);
    Some(PolicyContext {
        opening,
        validity: card::validity(front.validity),
        replaced_by,
        facts: facts(view, front),
        points: &front.points,
        claim: &front.claim,
        files: downloads(view, page, &front.files),
        history: history
            .into_iter()
            .map(|revision| Change { what: &revision.what, date: words::date_stamp(revision.date) })
            .collect(),
        unkept: super::unkept_url(view, page),
    })
}

fn facts(view: &View, front: &Policy) -> Vec<Fact> {
    let dated = |term, date: jiff::civil::Date| Fact { iso: Some(date.to_string()), ..Fact::new(term, words::date(date)) };
    let mut facts = vec![Fact::new("发文机关", &front.issuer)];
    facts.extend(front.number.as_deref().map(|number| Fact::new("文号", number)));
    facts.extend(front.issued.map(|date| dated("公布日期", date)));
    facts.extend(front.effective.map(|date| dated("施行日期", date)));
    facts.extend(front.until.map(|date| dated("有效期至", date)));
    facts.push(Fact::new("适用对象", &front.audience));
    let conditions = &front.conditions;
    let listed = |words: Vec<&str>| Some(words.join("、")).filter(|words| !words.is_empty());
    let sizes = listed(conditions.sizes.iter().map(|size| size.words()).collect());
    facts.extend(sizes.map(|words| Fact::new("限定规模", words)));
    let industries = listed(conditions.industries.iter().map(|industry| industry.words()).collect());
    facts.extend(industries.map(|words| Fact::new("限定行业", words)));
    let needs = view.site.data.categories.iter().filter(|category| conditions.needs.contains(&category.value));
    facts.extend(listed(needs.map(|category| category.label.as_str()).collect()).map(|words| Fact::new("管什么事", words)));
    facts.extend(front.original.as_ref().map(|original| Fact { url: original.url.clone(), ..Fact::new("原文", &original.name) }));
    facts.push(dated("最近核对", front.checked));
    facts
}
