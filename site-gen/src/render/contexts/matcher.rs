//! `matcher.html`: which policies fit a firm. In the browser from a small JSON; without a script by lists that the section of policies has
//! anyway.

use pages::Link;
use serde::Serialize;

use super::{Opening, list::Filter, opening};
use crate::{
    kinds::{Industry, Kind, Size},
    render::{card, contexts::filters, view::View, words},
    site::Page,
    source::FrontMatter,
};

/// What the matcher's script reads.
pub const POLICIES: &str = "/policies.json";

/// The whole of what the matcher's page shows.
#[derive(Debug, Serialize)]
pub struct MatcherContext<'a> {
    #[serde(flatten)]
    opening: Opening<'a>,
    /// Questions to choose an answer to, each with at least two that some policy has.
    questions: Vec<Question<'a>>,
    /// The JSON.
    policies: &'static str,
    /// Lists for readers without a script.
    lists: Vec<Filter<'a>>,
    /// The section of policies.
    all: Option<Link>,
    total: usize,
}

/// One thing that policies are restricted by.
#[derive(Debug, Serialize)]
struct Question<'a> {
    /// A key of the JSON.
    name: &'static str,
    label: &'static str,
    answers: Vec<Answer<'a>>,
}

#[derive(Debug, Serialize)]
struct Answer<'a> {
    value: &'a str,
    label: &'a str,
}

/// A policy as the script sees it. What is empty restricts nobody; needs are what it is for.
#[derive(Debug, Serialize)]
struct Entry<'a> {
    url: &'a str,
    title: &'a str,
    summary: Option<&'a str>,
    /// 现行
    state: &'static str,
    tone: &'static str,
    facts: String,
    industry: Vec<&'static str>,
    size: Vec<&'static str>,
    chain: &'a [String],
    need: &'a [String],
}

/// The page.
pub fn matcher<'a>(view: &View<'a>, page: &'a Page) -> MatcherContext<'a> {
    let data = &view.site.data;
    let section = view
        .site
        .sections
        .iter()
        .position(|section| matches!(&section.document.front, FrontMatter::Section(front) if front.pages == Kind::Policy));
    let entries = entries(view);
    let has =
        |of: fn(&Entry<'_>) -> Vec<String>, value: &str| entries.iter().any(|entry| of(entry).iter().any(|one| one == value));
    let needs = data.categories.iter().map(|one| (one.value.as_str(), one.label.as_str()));
    let chains = data.chains.iter().map(|one| (one.id.as_str(), one.name.as_str()));
    let restricts = |of: fn(&Entry<'_>) -> bool| entries.iter().any(of);
    let question = |name, label, answers: Vec<(&'a str, &'a str)>| Question {
        name,
        label,
        answers: answers.into_iter().map(|(value, label)| Answer { value, label }).collect(),
    };
    let questions = [
        question("need", "想解决什么", needs.filter(|(value, _)| has(|entry| entry.need.to_vec(), value)).collect()),
        question(
            "size",
            "企业多大",
            Size::ALL
                .iter()
                .filter(|_| restricts(|entry| !entry.size.is_empty()))
                .map(|size| (size.id(), size.words()))
                .collect(),
        ),
        question(
            "industry",
            "哪个行业",
            Industry::ALL
                .iter()
                .filter(|_| restricts(|entry| !entry.industry.is_empty()))
                .map(|one| (one.id(), one.words()))
                .collect(),
        ),
        question("chain", "哪条产业链", chains.filter(|(value, _)| has(|entry| entry.chain.to_vec(), value)).collect()),
    ];
    MatcherContext {
        opening: opening(view, page),
        questions: questions.into_iter().filter(|question| question.answers.len() > 1).collect(),
        policies: POLICIES,
        lists: section.map_or_else(Vec::new, |section| filters(view, section)),
        all: section
            .map(|section| &view.site.sections[section])
            .map(|section| Link { label: section.document.front.common().title.to_owned(), url: section.url.clone() }),
        total: entries.len(),
    }
}

/// The JSON, newest first.
pub fn policies(view: &View) -> Vec<u8> {
    serde_json::to_vec(&entries(view)).expect("policies are plain data")
}

fn entries<'a>(view: &View<'a>) -> Vec<Entry<'a>> {
    let mut entries: Vec<(Option<domain::Moment>, Entry<'a>)> = Vec::new();
    for page in &view.site.pages {
        let FrontMatter::Policy(front) = &page.document.front else { continue };
        let state = card::validity(front.validity);
        let mut facts = vec![front.issuer.clone()];
        facts.extend(front.number.clone());
        facts.extend(front.until.map(|until| format!("到 {} 为止", words::date(until))));
        entries.push((
            front.date,
            Entry {
                url: &page.url,
                title: &front.title,
                summary: front.summary.as_deref(),
                state: state.words,
                tone: state.tone,
                facts: facts.join(" · "),
                industry: front.conditions.industries.iter().map(|one| one.id()).collect(),
                size: front.conditions.sizes.iter().map(|one| one.id()).collect(),
                chain: &front.chains,
                need: &front.conditions.needs,
            },
        ));
    }
    entries.sort_by(|(one, first), (other, second)| other.cmp(one).then_with(|| first.url.cmp(second.url)));
    entries.into_iter().map(|(_, entry)| entry).collect()
}
