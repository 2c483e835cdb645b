//! Calendar files (RFC 5545): one an event, and one a section that people can subscribe to.
//!
//! Files are plain and never change by themselves: the stamp is the page's own date, and the UID stays when time, place or state
//! change, so that a calendar that has the event corrects it.

use domain::Moment;

use super::{
    view::{self, View},
    words,
};
use crate::{
    kinds::Event,
    site::{EventState, Page, Section},
};

/// The calendar of one event's page; empty calendars are valid, so a page without an event gives one.
pub fn of_page(view: &View, page: &Page) -> String {
    calendar(view, page.document.front.common().title, vevent(view, page).into_iter().collect())
}

/// Everything of a section that is not over, and what was cancelled or postponed.
pub fn of_section(view: &View, section: &Section) -> String {
    let pages = section.pages.iter().map(|index| &view.site.pages[*index]);
    let ahead = pages.filter(|page| page.state != Some(EventState::Past));
    let name = format!("{} - {}", section.document.front.common().title, view.site.frame.site_name);
    calendar(view, &name, ahead.filter_map(|page| vevent(view, page)).collect())
}

fn calendar(view: &View, name: &str, events: Vec<Vec<String>>) -> String {
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        format!("PRODID:-//{}//site-gen//ZH", text(&view.site.frame.site_name)),
        "CALSCALE:GREGORIAN".to_owned(),
        "METHOD:PUBLISH".to_owned(),
        format!("X-WR-CALNAME:{}", text(name)),
        "X-WR-TIMEZONE:Asia/Shanghai".to_owned(),
    ];
    lines.extend(events.into_iter().flatten());
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| folded(line)).collect()
}

fn vevent(view: &View, page: &Page) -> Option<Vec<String>> {
    let event: &Event = view::event(page)?;
    let common = page.document.front.common();
    let url = view.absolute(&page.url);
    let name = page.session.map_or(page.url.as_str(), |session| view.site.sessions[session].id.as_str());
    let stamp = common.updated.or(common.date).unwrap_or(event.start);
    let status = match page.state {
        Some(EventState::Cancelled) => "CANCELLED",
        Some(EventState::Postponed) => "TENTATIVE",
        _ => "CONFIRMED",
    };
    let mut about = vec![format!("时间：{}", words::span(event.start, event.end)), format!("地点：{}", event.place)];
    about.extend(event.status_note.clone());
    about.extend(view::summary(page));
    about.push(format!("联系：{}", event.contact));
    about.push(url.clone());

    let mut lines = vec![
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}@{}", text(name), view.site.frame.domain),
        format!("DTSTAMP:{}", utc(stamp)),
        format!("DTSTART:{}", utc(event.start)),
        format!("DTEND:{}", utc(event.end)),
        format!("SUMMARY:{}{}", if common.example { "（示例）" } else { "" }, text(common.title)),
        format!("LOCATION:{}", text(&event.place)),
        format!("DESCRIPTION:{}", text(&about.join("\n"))),
        format!("URL:{url}"),
        format!("STATUS:{status}"),
    ];
    if status == "CONFIRMED" {
        let alarm = ["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-P1D"].map(str::to_owned);
        lines.extend(alarm);
        lines.push(format!("DESCRIPTION:明天：{}", text(common.title)));
        lines.push("END:VALARM".to_owned());
    }
    lines.push("END:VEVENT".to_owned());
    Some(lines)
}

/// `20261205T060000Z`: in UTC, so that no zone needs to be described.
fn utc(moment: Moment) -> String {
    moment.0.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A value of type TEXT.
fn text(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '\\' | ';' | ',' => escaped.extend(['\\', character]),
            '\n' => escaped.push_str("\\n"),
            '\r' => {}
            character => escaped.push(character),
        }
    }
    escaped
}

/// A content line, folded so that no line is longer than 75 octets and no character is cut in two.
fn folded(line: &str) -> String {
    const LONGEST: usize = 75;
    let mut folded = String::with_capacity(line.len() + line.len() / LONGEST * 3 + 2);
    let mut octets = 0;
    for character in line.chars() {
        if octets + character.len_utf8() > LONGEST {
            folded.push_str("\r\n ");
            octets = 1;
        }
        folded.push(character);
        octets += character.len_utf8();
    }
    folded.push_str("\r\n");
    folded
}

#[cfg(test)]
mod tests {
    use super::{folded, text, utc};

    #[test]
    fn lines_are_folded_by_octets_between_characters() {
        for line in ["SUMMARY:short".to_owned(), format!("SUMMARY:{}", "讲".repeat(60)), "x".repeat(75), "x".repeat(76)] {
            let folded = folded(&line);
            assert!(folded.ends_with("\r\n"));
            for physical in folded.trim_end().split("\r\n") {
                assert!(physical.len() <= 75, "{} octets: {physical}", physical.len());
            }
            assert_eq!(folded.replace("\r\n ", "").trim_end(), line);
        }
        assert!(!folded(&"x".repeat(75)).contains("\r\n "));
        assert_eq!(folded(&"x".repeat(76)).matches("\r\n ").count(), 1);
    }

    #[test]
    fn separators_and_line_ends_are_escaped() {
        for (value, escaped) in [("a,b;c", "a\\,b\\;c"), ("一\n二", "一\\n二"), ("c:\\d", "c:\\\\d"), ("a\r\nb", "a\\nb")] {
            assert_eq!(text(value), escaped);
        }
    }

    #[test]
    fn times_are_told_in_utc() {
        assert_eq!(utc("2026-12-05 07:30".parse().unwrap()), "20261204T233000Z");
    }
}
