//! Calendar files (RFC 5545): an event by itself, or everything to come of a section that people subscribe to. The generator and the
//! functions both write them here, so that a calendar that has an event from one corrects it by the other.
//!
//! How an older file is told from a newer one:
//!
//! - The UID is the session's id, or the page's path where nobody registers. Neither time, title, state nor publishing changes it.
//! - SEQUENCE must rise with each change of time, place or state, but a build knows no history: not the files of the build before, and no
//!   git. What the content does declare is when a page last changed in substance (`updated`, before that `date`), which readers see as
//!   更新时间 and inspectors compare. So SEQUENCE is that minute; the same content gives the same number wherever it is built, and
//!   editors need not keep a second number beside it. Postponing and cancelling raise it by themselves, because they are the changes that
//!   nobody may miss. Whoever moves an event and forgets `updated` is told so when the content is published.
//! - DTSTAMP decides between equal numbers: the later of that moment and of what happened to a registration.
//!
//! Written by hand, since the `icalendar` crate brings chrono, a second library of time beside jiff; the tests read the files back with it.

use domain::{Moment, Session, words};

use crate::Frame;

/// 2020-01-01 00:00 in Shanghai, in seconds: numbers count minutes from here and stay far below the limit of an INTEGER.
const FIRST_MINUTE: i64 = 1_577_808_000;

/// Whether an event takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// As told.
    Confirmed,
    /// At another time, not known yet.
    Tentative,
    /// Not at all.
    Cancelled,
}

/// One event in a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is known by for good within its site: a session's id, or a page's path.
    pub name: String,
    /// When its page last changed in substance, where it says so.
    pub changed: Option<Moment>,
    /// When something last happened to a registration for it.
    pub registered: Option<Moment>,
    /// When it begins.
    pub start: Moment,
    /// When it ends.
    pub end: Moment,
    /// Its title.
    pub title: String,
    /// Only an example.
    pub example: bool,
    /// Where.
    pub place: String,
    /// Whether it takes place.
    pub status: Status,
    /// Paragraphs below time and place.
    pub about: Vec<String>,
    /// Its page, without scheme and host.
    pub url: String,
}

impl Entry {
    /// A session as everybody sees it.
    pub fn of_session(session: &Session) -> Entry {
        Entry {
            name: session.id.clone(),
            changed: session.changed,
            registered: None,
            start: session.start,
            end: session.end,
            title: session.title.clone(),
            example: session.example,
            place: session.place.clone(),
            status: match session {
                Session { cancelled: true, .. } => Status::Cancelled,
                Session { postponed: true, .. } => Status::Tentative,
                _ => Status::Confirmed,
            },
            about: vec![format!("联系：{}", session.contact)],
            url: session.url.clone(),
        }
    }

    /// Rises with each change that a calendar must follow; see the module.
    pub fn sequence(&self) -> u32 {
        let minutes = self.changed.map_or(0, |changed| (changed.0.as_second() - FIRST_MINUTE).max(0) / 60);
        // Two apart, so that the state's own step never reaches the next minute's number.
        let state = u32::from(self.status != Status::Confirmed);
        u32::try_from(minutes).ok().and_then(|minutes| minutes.checked_mul(2)).map_or(u32::MAX / 2, |number| number + state)
    }

    fn lines(&self, frame: &Frame) -> Vec<String> {
        let url = format!("{}{}", frame.base_url, self.url);
        let mut about = vec![format!("时间：{}", words::span(self.start, self.end)), format!("地点：{}", self.place)];
        about.extend(self.about.clone());
        about.push(url.clone());
        let status = match self.status {
            Status::Confirmed => "CONFIRMED",
            Status::Tentative => "TENTATIVE",
            Status::Cancelled => "CANCELLED",
        };
        let mut lines = vec![
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{}@{}", text(&self.name), frame.domain),
            format!("SEQUENCE:{}", self.sequence()),
            format!("DTSTAMP:{}", self.changed.max(self.registered).unwrap_or(self.start).basic()),
            format!("DTSTART:{}", self.start.basic()),
            format!("DTEND:{}", self.end.basic()),
            format!("SUMMARY:{}{}", if self.example { "（示例）" } else { "" }, text(&self.title)),
            format!("LOCATION:{}", text(&self.place)),
            format!("DESCRIPTION:{}", text(&about.join("\n"))),
            format!("URL:{url}"),
            format!("STATUS:{status}"),
        ];
        if self.status == Status::Confirmed {
            lines.extend(["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-P1D"].map(str::to_owned));
            lines.push(format!("DESCRIPTION:明天：{}", text(&self.title)));
            lines.push("END:VALARM".to_owned());
        }
        lines.push("END:VEVENT".to_owned());
        lines
    }
}

/// One event, for 加入日历. Of an event that does not take place it takes the entry out again.
pub fn single(frame: &Frame, entry: &Entry) -> String {
    let method = if entry.status == Status::Cancelled { "CANCEL" } else { "PUBLISH" };
    calendar(frame, method, Vec::new(), std::slice::from_ref(entry))
}

/// Many events under a name, to subscribe to. Without any it is a calendar that is empty for now.
pub fn subscription(frame: &Frame, name: &str, entries: &[Entry]) -> String {
    let about = vec![
        format!("X-WR-CALNAME:{}", text(name)),
        "X-WR-TIMEZONE:Asia/Shanghai".to_owned(),
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H".to_owned(),
    ];
    calendar(frame, "PUBLISH", about, entries)
}

fn calendar(frame: &Frame, method: &str, about: Vec<String>, entries: &[Entry]) -> String {
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        format!("PRODID:-//{}//ZH", text(&frame.site_name)),
        "CALSCALE:GREGORIAN".to_owned(),
        format!("METHOD:{method}"),
    ];
    lines.extend(about);
    lines.extend(entries.iter().flat_map(|entry| entry.lines(frame)));
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| folded(line)).collect()
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
    use super::*;

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
}
