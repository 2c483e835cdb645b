//! A page as lists show it: a few words, never the page. A theme's `card.html` writes it, once for all lists.

use domain::Moment;
use serde::Serialize;

use super::{
    view,
    words::{self, Stamp},
};
use crate::{
    kinds::{Kind, Validity},
    site::{EventState, Page, Site},
    source::FrontMatter,
};

/// A page in a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Card<'a> {
    /// Its address.
    pub url: &'a str,
    /// Its title.
    pub title: &'a str,
    /// One or two sentences.
    pub summary: Option<&'a str>,
    /// 课程
    pub kind: &'static str,
    /// The day of an event.
    pub day: Option<DayBlock>,
    /// Where an event or a policy stands.
    pub state: Option<Tag>,
    /// A few facts, shown in one line: 14:30—17:00, place, form.
    pub facts: Vec<String>,
    /// When it appeared, for what is not an event.
    pub date: Option<Stamp>,
    /// Only an example.
    pub example: bool,
}

/// A day, large enough to find one's way by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct DayBlock {
    /// For `<time>`.
    pub iso: String,
    /// 2026年, when it is not the present year.
    pub year: Option<String>,
    /// 12月
    pub month: String,
    /// 29
    pub day: i8,
    /// 周二
    pub weekday: &'static str,
}

/// A state in words; the tone only underlines what the words say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Tag {
    /// `open`, `info`, `quiet` or `alert`: a class.
    pub tone: &'static str,
    /// 报名中
    pub words: &'static str,
}

/// The card of `page`.
pub fn card<'a>(site: &Site, page: &'a Page) -> Card<'a> {
    let common = page.document.front.common();
    let event = view::event(page);
    Card {
        url: &page.url,
        title: common.title,
        summary: view::summary(page),
        kind: kind(page.document.front.kind()),
        day: event.map(|event| day_block(event.start, site.now)),
        state: page.state.map(state).or_else(|| policy_state(page)),
        facts: facts(site, page),
        date: if event.is_none() { common.date.map(|at| words::date_stamp(at.date())) } else { None },
        example: common.example,
    }
}

/// 课程
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Activity => "活动",
        Kind::Course => "课程",
        Kind::Policy => "政策",
        Kind::Resource => "资源",
        Kind::Page => "页面",
        Kind::Section => "栏目",
    }
}

/// An event's state in words.
pub fn state(state: EventState) -> Tag {
    let tone = match state {
        EventState::Open | EventState::Running => "open",
        EventState::Announced | EventState::NotYetOpen | EventState::Waitlist => "info",
        EventState::Full | EventState::Closed | EventState::Past => "quiet",
        EventState::Postponed | EventState::Cancelled => "alert",
    };
    Tag { tone, words: state.words() }
}

/// A policy's validity in words.
pub fn validity(validity: Validity) -> Tag {
    let (tone, words) = match validity {
        Validity::Current => ("open", "现行"),
        Validity::Amended => ("alert", "已修改"),
        Validity::Repealed => ("alert", "已废止"),
    };
    Tag { tone, words }
}

fn policy_state(page: &Page) -> Option<Tag> {
    match &page.document.front {
        FrontMatter::Policy(front) => Some(validity(front.validity)),
        _ => None,
    }
}

fn day_block(start: Moment, now: Moment) -> DayBlock {
    let date = start.date();
    DayBlock {
        iso: date.to_string(),
        year: (date.year() != now.date().year()).then(|| format!("{}年", date.year())),
        month: format!("{}月", date.month()),
        day: date.day(),
        weekday: words::weekday(date),
    }
}

fn facts(site: &Site, page: &Page) -> Vec<String> {
    let mut facts = Vec::new();
    if let Some(event) = view::event(page) {
        facts.push(format!("{}—{}", words::time(event.start), words::time(event.end)));
        facts.push(view::attendance(event.attendance).to_owned());
        facts.extend(hours(page));
        facts.push(event.place.clone());
        if matches!(page.state, Some(EventState::Open)) {
            facts.extend(page.session.and_then(|session| seats_left(&site.sessions[session])));
            facts.extend(event.registration.as_ref().map(|r| format!("{}截止报名", words::day(r.deadline.date()))));
        }
    }
    facts.extend(afterwards(page).map(|words| format!("有{words}")));
    match &page.document.front {
        FrontMatter::Policy(front) => {
            facts.push(front.issuer.clone());
            facts.extend(front.number.clone());
            facts.extend(front.effective.map(|date| format!("{}起施行", words::date(date))));
        }
        FrontMatter::Resource(front) => {
            facts.push(front.library.words().to_owned());
            facts.push(front.provider.clone());
            facts.push(format!("{}核对", words::date(front.checked)));
        }
        _ => {}
    }
    facts
}

/// What there is to read of an event that is over: 会后小结和课件
pub fn afterwards(page: &Page) -> Option<&'static str> {
    let minutes = match &page.document.front {
        FrontMatter::Activity(front) => front.minutes.as_ref(),
        FrontMatter::Course(front) => front.minutes.as_ref(),
        _ => None,
    };
    let minutes = minutes.filter(|_| page.state == Some(EventState::Past))?;
    Some(if minutes.files.is_empty() { "会后小结" } else { "会后小结和课件" })
}

/// 2.5 小时
pub fn hours(page: &Page) -> Option<String> {
    match &page.document.front {
        FrontMatter::Course(front) => front.hours.map(|hours| format!("{hours} 小时")),
        _ => None,
    }
}

/// Seats that were free before anybody registered online: what can be said without asking the table.
fn seats_left(session: &domain::Session) -> Option<String> {
    let onsite = session.onsite_seats - session.onsite_reserved.min(session.onsite_seats);
    let online = session.online_seats - session.online_reserved.min(session.online_seats);
    match (session.onsite_seats, session.online_seats) {
        (0, 0) => None,
        (_, 0) => Some(format!("可报名 {onsite} 人")),
        (0, _) => Some(format!("线上可报名 {online} 人")),
        _ => Some(format!("可报名现场 {onsite} 人、线上 {online} 人")),
    }
}
