//! Which events have which pictures to pass on, and what stands on them. How they are made is [`crate::poster`]'s.

use domain::{Attendance, Moment};
use pages::qr::Code;
use rayon::prelude::*;
use serde::Serialize;

use super::{
    card,
    view::{self, View},
    words,
};
use crate::{
    cache::Hash,
    kinds::Event,
    output::{Content, Output, Sink},
    poster::{Drawn, Failed, Studio},
    site::{EventState, Page},
    write::WriteError,
};

/// A sort of picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// 1080 × 1920, to be passed on from phone to phone and printed.
    Poster,
    /// 1200 × 630, for whoever shows a preview of a link.
    Share,
}

impl Sort {
    fn template(self) -> &'static str {
        match self {
            Sort::Poster => "poster.svg",
            Sort::Share => "share.svg",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Sort::Poster => "poster",
            Sort::Share => "share",
        }
    }

    /// Width and height.
    pub fn size(self) -> (u32, u32) {
        match self {
            Sort::Poster => (1080, 1920),
            Sort::Share => (1200, 630),
        }
    }
}

/// One picture of one event.
#[derive(Debug)]
pub struct Sheet<'a> {
    sort: Sort,
    facts: Facts<'a>,
    print: Hash,
    /// `/courses/2026-q4/poster-0123456789`
    stem: String,
}

/// What a template of a picture sees, beside `code`.
#[derive(Debug, Serialize)]
struct Facts<'a> {
    /// The page's address.
    address: String,
    /// The same without its scheme.
    shown_address: String,
    /// 课程
    kind: &'static str,
    /// The programme it belongs to.
    series: Option<&'a str>,
    title: &'a str,
    summary: Option<&'a str>,
    /// Only an example.
    example: bool,
    /// What has become of it; none when it takes place as announced, or is taking place.
    outcome: Option<Outcome>,
    /// 2026年
    year: String,
    /// 12月29日
    day: String,
    /// 周二
    weekday: &'static str,
    /// 14:30—17:00; only its beginning when it ends on another day.
    time: String,
    /// 至 12月30日（周三）17:00
    until: Option<String>,
    /// 地点, 形式, 对象, in this order; what nothing is known of is left out.
    lines: Vec<Line<'a>>,
    organiser: &'a str,
    /// One registers for it, or did.
    registers: bool,
    site: &'a str,
    tagline: &'a str,
}

/// Nobody is to be sent to what is over or does not take place: whoever has the picture sees it.
#[derive(Debug, Serialize)]
struct Outcome {
    /// `past`, `postponed` or `cancelled`.
    kind: &'static str,
    /// 已结束
    words: &'static str,
    /// What there is to read of what is over: 会后小结和课件
    afterwards: Option<&'static str>,
}

impl Outcome {
    fn of(page: &Page, state: EventState) -> Option<Outcome> {
        let kind = match state {
            EventState::Past => "past",
            EventState::Postponed => "postponed",
            EventState::Cancelled => "cancelled",
            EventState::Announced
            | EventState::NotYetOpen
            | EventState::Open
            | EventState::Waitlist
            | EventState::Full
            | EventState::Closed
            | EventState::Running => return None,
        };
        Some(Outcome { kind, words: state.words(), afterwards: card::afterwards(page) })
    }
}

/// A term and its words.
#[derive(Debug, Serialize)]
struct Line<'a> {
    term: &'static str,
    words: &'a str,
}

/// The address as a QR code for a template: `code.path` in modules, `code.modules` of them a side.
#[derive(Debug, Serialize)]
struct WithCode<'a> {
    #[serde(flatten)]
    facts: &'a Facts<'a>,
    code: Option<CodeView>,
}

#[derive(Debug, Serialize)]
struct CodeView {
    modules: usize,
    path: String,
}

impl<'a> Sheet<'a> {
    /// The picture of this sort of `page`, when it is an event's.
    pub fn of(view: &View<'a>, page: &'a Page, sort: Sort) -> Option<Sheet<'a>> {
        let studio = view.studio.filter(|studio| studio.has(sort.template()))?;
        let (event, state) = (view::event(page)?, page.state?);
        let facts = facts(view, page, event, state);
        let print = studio.print(sort.template(), &facts);
        let stem = format!("{}{}-{}", page.url, sort.name(), &print.to_hex()[..10]);
        Some(Sheet { sort, facts, print, stem })
    }

    /// The address of the picture in pixels.
    pub fn png(&self) -> String {
        format!("{}.png", self.stem)
    }

    /// The address of the picture in outlines; only what is printed has one.
    pub fn svg(&self) -> Option<String> {
        (self.sort == Sort::Poster).then(|| format!("{}.svg", self.stem))
    }

    /// The files, by their places in the output.
    pub fn paths(&self) -> impl Iterator<Item = String> {
        let urls = std::iter::once(self.png()).chain(self.svg());
        urls.map(|url| url.trim_start_matches('/').to_owned())
    }

    fn whole(&self) -> WithCode<'_> {
        let code = Code::new(&self.facts.address).map(|code| CodeView { modules: code.modules(), path: code.path() });
        WithCode { facts: &self.facts, code }
    }

    /// Finds the template's mistakes without drawing anything.
    pub fn check(&self, studio: &Studio) -> Result<(), Failed> {
        studio.text(self.sort.template(), &self.whole()).map(drop)
    }

    fn draw(&self, studio: &Studio) -> Result<Drawn, Failed> {
        studio.draw(self.sort.template(), &self.whole(), &self.print)
    }
}

/// All pictures of a site, listed but not yet made.
pub fn sheets<'a>(view: &View<'a>) -> Vec<Sheet<'a>> {
    if view.studio.is_none() {
        return Vec::new();
    }
    let of = |page| [Sort::Poster, Sort::Share].into_iter().filter_map(move |sort| Sheet::of(view, page, sort));
    view.site.pages.iter().filter(|page| page.state.is_some()).flat_map(of).collect()
}

/// What the making of pictures came to.
#[derive(Debug, Default)]
pub struct Made {
    /// Bytes.
    pub bytes: u64,
    /// The templates' mistakes.
    pub failed: Vec<Failed>,
}

/// Makes pictures, each on whichever thread is free. Whoever keeps nothing is only told whether the templates are right.
pub fn make(studio: &Studio, sheets: &[&Sheet<'_>], sink: &impl Sink) -> Result<Made, WriteError> {
    let one = |sheet: &&Sheet<'_>| -> Result<Made, WriteError> {
        if sink.keeps_nothing() {
            return Ok(Made { bytes: 0, failed: sheet.check(studio).err().into_iter().collect() });
        }
        let Drawn { png, svg } = match sheet.draw(studio) {
            Ok(drawn) => drawn,
            Err(failed) => return Ok(Made { bytes: 0, failed: vec![failed] }),
        };
        let mut bytes = 0;
        for (path, content) in sheet.paths().zip([png, svg]) {
            bytes += content.len() as u64;
            sink.put(Output { path, content: Content::Bytes(content) })?;
        }
        Ok(Made { bytes, failed: Vec::new() })
    };
    sheets.par_iter().map(one).try_reduce(Made::default, |mut one, mut other| {
        one.failed.append(&mut other.failed);
        Ok(Made { bytes: one.bytes + other.bytes, failed: one.failed })
    })
}

fn facts<'a>(view: &View<'a>, page: &'a Page, event: &'a Event, state: EventState) -> Facts<'a> {
    let common = page.document.front.common();
    let frame = &view.site.frame;
    let address = view.absolute(&page.url);
    let shown_address = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest).to_owned();
    let first = event.start.date();
    let (time, until) = hours(event.start, event.end);
    Facts {
        shown_address: shown_address.trim_end_matches('/').to_owned(),
        address,
        kind: card::kind(page.document.front.kind()),
        series: view.terms(page).find(|(taxonomy, _)| *taxonomy == "series").map(|(_, term)| term.name.as_str()),
        title: common.title,
        summary: common.summary,
        example: common.example,
        outcome: Outcome::of(page, state),
        year: format!("{}年", first.year()),
        day: words::day(first),
        weekday: words::weekday(first),
        time,
        until,
        lines: lines(event),
        organiser: common.source.unwrap_or(&frame.organiser),
        registers: event.registration.is_some() || !page.slots.is_empty(),
        site: &frame.site_name,
        tagline: &frame.tagline,
    }
}

fn hours(start: Moment, end: Moment) -> (String, Option<String>) {
    if start.date() == end.date() {
        return (format!("{}—{}", words::time(start), words::time(end)), None);
    }
    let last = end.date();
    (words::time(start), Some(format!("至 {}（{}）{}", words::day(last), words::weekday(last), words::time(end))))
}

/// An event that is online only has no place to go to; what is said of the place tells how one takes part.
fn lines(event: &Event) -> Vec<Line<'_>> {
    let place = event.place.trim();
    let form = view::attendance(event.attendance);
    let said = event.attendance == Attendance::Online && place.starts_with(form);
    [
        Line { term: "地点", words: if said { "" } else { place } },
        Line { term: "形式", words: if said { place } else { form } },
        Line { term: "面向", words: event.audience.trim() },
    ]
    .into_iter()
    .filter(|line| !line.words.is_empty())
    .collect()
}
