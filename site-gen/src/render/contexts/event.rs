//! `event.html`: an activity or a course, before and after.

use domain::{
    Session,
    registration::{self, Taken},
};
use pages::Link;
use serde::Serialize;

use super::{Download, Fact, Opening, downloads, opening};
use crate::{
    kinds::{Ability, AgendaItem, Event, Figure, Registration, Speaker},
    render::{
        card::{self, Tag},
        head,
        posters::{Sheet, Sort},
        structured,
        view::{self, View},
        words,
    },
    site::{EventState, Page},
    source::FrontMatter,
};

/// The whole of what an event's page shows.
#[derive(Debug, Serialize)]
pub struct EventContext<'a> {
    #[serde(flatten)]
    opening: Opening<'a>,
    state: Tag,
    /// What the state means for the reader, or why it does not take place as announced.
    notice: Option<String>,
    facts: Vec<Fact>,
    /// The one main action, while there is one.
    action: Option<Link>,
    /// The slots to book, while one can.
    slots: Vec<SlotView>,
    /// The calendar file, until the event has begun.
    calendar: Option<String>,
    /// The picture to pass on.
    poster: Option<PosterView>,
    directions: Option<&'a str>,
    agenda: &'a [AgendaItem],
    speakers: &'a [Speaker],
    /// To read or fill in before one comes.
    files: Vec<Download<'a>>,
    minutes: Option<MinutesView<'a>>,
    series: Option<Link>,
    earlier: Option<Link>,
    later: Option<Link>,
}

/// A poster that is, or soon will be, beside the page.
#[derive(Debug, Serialize)]
struct PosterView {
    /// In pixels.
    png: String,
    /// In outlines, for printing.
    svg: Option<String>,
    width: u32,
    height: u32,
    /// The event does not take place as an earlier one said: who passed that on is asked to pass this on, too.
    corrects: bool,
}

/// One slot of an event.
#[derive(Debug, Serialize)]
struct SlotView {
    /// 09:00—09:20
    time: String,
    /// Where it is booked; none when it is taken.
    url: Option<String>,
    /// 可以约 / 已约出, as the page was written; a script says how it is now.
    seats: &'static str,
    /// The session.
    live: String,
}

/// What is shown afterwards.
#[derive(Debug, Serialize)]
struct MinutesView<'a> {
    text: &'a str,
    figures: &'a [Figure],
    files: Vec<Download<'a>>,
}

/// The page of an activity or course; none for other pages.
pub fn event<'a>(view: &View<'a>, page: &'a Page) -> Option<EventContext<'a>> {
    let (event, speakers, agenda, files, minutes, abilities) = match &page.document.front {
        FrontMatter::Activity(front) => {
            (&front.event, &front.speakers, &front.agenda, &front.files, &front.minutes, [].as_slice())
        }
        FrontMatter::Course(front) => {
            (&front.event, &front.speakers, &front.agenda, &front.files, &front.minutes, front.abilities.as_slice())
        }
        _ => return None,
    };
    let state = page.state.unwrap_or(EventState::Announced);
    let mut opening = opening(view, page);
    if let Some(sheet) = Sheet::of(view, page, Sort::Share) {
        head::picture(view, &mut opening.head, &sheet.png(), Sort::Share.size());
    }
    opening.head.json_ld.extend(head::business_event(view, page, event, state, view::summary(page)));
    if let FrontMatter::Course(front) = &page.document.front {
        opening.head.json_ld.extend(structured::course(view, page, front, view::summary(page)));
    }
    let neighbour = |index: Option<usize>| {
        let page = &view.site.pages[index?];
        Some(Link { label: page.document.front.common().title.to_owned(), url: page.url.clone() })
    };
    Some(EventContext {
        state: tag(event, state),
        notice: notice(event, state),
        facts: facts(page, event, abilities, page.session.map(|session| &view.site.sessions[session])),
        action: action(page, state),
        slots: slots(view, page, state),
        calendar: ahead(state).then(|| calendar_url(page)),
        poster: Sheet::of(view, page, Sort::Poster).map(|sheet| {
            let (width, height) = Sort::Poster.size();
            let corrects = matches!(state, EventState::Postponed | EventState::Cancelled);
            PosterView { png: sheet.png(), svg: sheet.svg(), width, height, corrects }
        }),
        directions: event.directions.as_deref(),
        agenda,
        speakers,
        files: downloads(view, page, files),
        minutes: minutes.as_ref().map(|minutes| MinutesView {
            text: &minutes.text,
            figures: &minutes.figures,
            files: downloads(view, page, &minutes.files),
        }),
        series: view.terms(page).find(|(taxonomy, _)| *taxonomy == "series").map(|(_, term)| series_link(view, term)),
        earlier: neighbour(page.previous),
        later: neighbour(page.next),
        opening,
    })
}

/// `/courses/2026-q4/register/`
pub fn register_url(page: &Page) -> String {
    format!("{}register/", page.url)
}

/// `/activities/reception-2026-12/register/jdr-2026-12-0900/`
pub fn slot_url(page: &Page, slot: &Session) -> String {
    format!("{}{}/", register_url(page), slot.id)
}

/// `/courses/2026-q4/event.ics`
pub fn calendar_url(page: &Page) -> String {
    format!("{}event.ics", page.url)
}

/// Whether it makes sense to put it into one's calendar.
fn ahead(state: EventState) -> bool {
    !matches!(state, EventState::Past | EventState::Cancelled | EventState::Postponed | EventState::Running)
}

fn tag(event: &Event, state: EventState) -> Tag {
    match state {
        EventState::Announced if event.registration.is_none() => {
            Tag { words: "即将举行，无需报名", ..card::state(state) }
        }
        state => card::state(state),
    }
}

/// The button, where the state lets one register.
fn action(page: &Page, state: EventState) -> Option<Link> {
    if !page.slots.is_empty() {
        let taking = matches!(state, EventState::Open | EventState::Waitlist);
        return taking.then(|| Link { label: "选时段预约".to_owned(), url: "#slots".to_owned() });
    }
    page.session?;
    let label = match state {
        EventState::Open => "我要报名",
        EventState::Waitlist => "登记候补",
        _ => return None,
    };
    Some(Link { label: label.to_owned(), url: register_url(page) })
}

fn slots(view: &View, page: &Page, state: EventState) -> Vec<SlotView> {
    if !matches!(state, EventState::Open | EventState::Waitlist) {
        return Vec::new();
    }
    let slot = |index: &usize| {
        let session = &view.site.sessions[*index];
        let left = registration::seats_left(session, &Taken::default());
        let free = left.onsite + left.online > 0 || session.waitlist;
        SlotView {
            time: format!("{}—{}", words::time(session.start), words::time(session.end)),
            url: free.then(|| slot_url(page, session)),
            seats: if free { "可以约" } else { "已约出" },
            live: session.id.clone(),
        }
    };
    page.slots.iter().map(slot).collect()
}

/// What the reader can do, where there is no button; what changed, where it did.
pub fn notice(event: &Event, state: EventState) -> Option<String> {
    let opens = event.registration.as_ref().and_then(|registration| registration.opens);
    let deadline = event.registration.as_ref().map(|registration| registration.deadline);
    let written = event.status_note.clone();
    match state {
        EventState::NotYetOpen => opens.map(|opens| format!("{}开始报名。", words::moment(opens))),
        EventState::Waitlist => Some("名额已满，可以登记候补。有人退出时按登记先后依次递补，我们会联系您。".to_owned()),
        EventState::Full => Some("名额已满，不再接受报名。".to_owned()),
        EventState::Closed => deadline.map(|at| format!("报名已于{}截止。", words::moment(at))),
        EventState::Postponed => written.or_else(|| Some("活动改期，新的时间确定后在本页公布。".to_owned())),
        EventState::Cancelled => written.or_else(|| Some("本次活动已取消。".to_owned())),
        EventState::Open | EventState::Announced | EventState::Running | EventState::Past => None,
    }
}

fn facts(page: &Page, event: &Event, abilities: &[Ability], session: Option<&Session>) -> Vec<Fact> {
    let time = if matches!(page.state, Some(EventState::Postponed)) { "原定时间" } else { "时间" };
    let mut facts =
        vec![when(time, event), Fact::new("地点", &event.place), Fact::new("形式", view::attendance(event.attendance))];
    facts.extend(card::hours(page).map(|hours| Fact::new("课时", hours)));
    facts.push(Fact::new("面向", &event.audience));
    if !abilities.is_empty() {
        let names: Vec<&str> = abilities.iter().map(|ability| ability.words()).collect();
        facts.push(Fact::new("能力", names.join("、")));
    }
    facts.push(Fact::new("费用", event.fee.as_deref().unwrap_or("免费")));
    if let Some(registration) = &event.registration {
        let live = session.filter(|_| taking(page.state));
        facts.push(Fact {
            note: live.map(|session| seats_left(session, page)),
            live: live.map(|session| session.id.clone()),
            ..Fact::new("名额", if page.slots.is_empty() { seats(registration) } else { slots_in_words(page) })
        });
        facts.push(Fact {
            iso: Some(registration.deadline.to_string()),
            ..Fact::new("报名截止", words::moment(registration.deadline))
        });
    }
    facts.push(Fact::new("联系", &event.contact));
    facts
}

/// The day, and the hours in one piece; an event of several days is told as it is.
fn when(term: &'static str, event: &Event) -> Fact {
    let day = event.start.date();
    let iso = Some(event.start.to_string());
    if day != event.end.date() {
        return Fact { iso, ..Fact::new(term, words::span(event.start, event.end)) };
    }
    let tail = Some(format!("{}—{}", words::time(event.start), words::time(event.end)));
    Fact { iso, tail, ..Fact::new(term, format!("{}（{}）", words::date(day), words::weekday(day))) }
}

/// Registrations are taken, now or soon.
fn taking(state: Option<EventState>) -> bool {
    matches!(state, Some(EventState::Open | EventState::Waitlist | EventState::NotYetOpen))
}

/// 6 个时段，每个时段接待一家
fn slots_in_words(page: &Page) -> String {
    format!("{} 个时段，每个时段接待一家", page.slots.len())
}

/// 现场 60 人（已留 48 人），线上 200 人
fn seats(registration: &Registration) -> String {
    let part = |name: &str, seats: u32, reserved: u32| {
        (seats > 0).then(|| match reserved {
            0 => format!("{name} {seats} 人"),
            reserved => format!("{name} {seats} 人（其中 {reserved} 人已由电话等方式登记）"),
        })
    };
    let onsite = part("现场", registration.onsite_seats, registration.onsite_reserved);
    let online = part("线上", registration.online_seats, registration.online_reserved);
    onsite.into_iter().chain(online).collect::<Vec<_>>().join("，")
}

/// 还有 12 个现场名额，更新于 2026年11月20日（周五）09:00: as the page was written. A script says how many there are now.
pub fn seats_left(session: &Session, page: &Page) -> String {
    let common = page.document.front.common();
    let words = registration::seats_in_words(session, &Taken::default());
    match common.updated.or(common.date) {
        Some(at) => format!("{words}，更新于 {}", words::moment(at)),
        None => words,
    }
}

fn series_link(view: &View, term: &crate::site::Term) -> Link {
    let about = view.site.data.series.iter().find(|series| series.name == term.name).and_then(|series| series.page.clone());
    Link { label: term.name.clone(), url: about.unwrap_or_else(|| term.url.clone()) }
}
