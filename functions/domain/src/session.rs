//! A session: one occasion that people can register for, declared in the front matter of its page.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{time::Moment, words};

/// The lasting name of a session, such as `djt-2026-q4`. It is never given to another session.
pub type SessionId = String;

/// How people take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Attendance {
    /// 现场
    Onsite,
    /// 线上
    Online,
    /// 现场与线上均可
    Both,
}

impl Attendance {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Attendance::Onsite => "现场",
            Attendance::Online => "线上",
            Attendance::Both => "现场或线上",
        }
    }
}

/// Where a seat is: in the room or online.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// 现场
    Onsite,
    /// 线上
    Online,
}

impl Way {
    /// Both, the room first.
    pub const ALL: [Way; 2] = [Way::Onsite, Way::Online];

    /// In words.
    pub fn words(self) -> &'static str {
        Attendance::from(self).words()
    }

    /// The one that it is not.
    pub fn other(self) -> Way {
        match self {
            Way::Onsite => Way::Online,
            Way::Online => Way::Onsite,
        }
    }
}

impl From<Way> for Attendance {
    fn from(way: Way) -> Attendance {
        match way {
            Way::Onsite => Attendance::Onsite,
            Way::Online => Attendance::Online,
        }
    }
}

impl Attendance {
    /// Whether it can be met in this way.
    pub fn includes(self, way: Way) -> bool {
        self == Attendance::Both || self == way.into()
    }
}

/// What the functions must know of a session to give out its seats. Facts only; who sits where is in the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Never changes and is never used again.
    pub id: SessionId,
    /// The page's title.
    pub title: String,
    /// The page's path, `/courses/…/`.
    pub url: String,
    /// When it begins.
    pub start: Moment,
    /// When it ends; after `start`.
    pub end: Moment,
    /// Where, in words for a visitor.
    pub place: String,
    /// How people may take part.
    pub attendance: Attendance,
    /// Seats in the room; 0 when `attendance` is online only.
    pub onsite_seats: u32,
    /// Places online; 0 when `attendance` is on site only.
    pub online_seats: u32,
    /// Seats in the room that were given out on paper or by telephone before; at most `onsite_seats`.
    pub onsite_reserved: u32,
    /// Places online that were given out otherwise; at most `online_seats`.
    pub online_reserved: u32,
    /// When it is full, people may wait for a place.
    pub waitlist: bool,
    /// Registration opens; at once when absent.
    pub opens: Option<Moment>,
    /// The last moment at which a registration is taken; not after `start`.
    pub deadline: Moment,
    /// How many people one registration may name, 1–3.
    pub party_limit: u32,
    /// How many people one firm may send.
    pub firm_limit: u32,
    /// Whom to ask, in words for a visitor.
    pub contact: String,
    /// The session does not take place; registrants are told.
    pub cancelled: bool,
    /// It takes place at another time that is not known yet; nobody can register meanwhile.
    #[serde(default)]
    pub postponed: bool,
    /// When its page last changed in substance. Calendars tell an older file from a newer one by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<Moment>,
    /// The form by which people register for it.
    #[serde(default = "registration")]
    pub form: String,
    /// Only an example (示例), said wherever it is shown.
    pub example: bool,
}

/// What an edit of the content changes about a session that people may have registered for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It does not take place any more.
    Cancelled,
    /// It takes place after all.
    Resumed,
    /// It is at another time.
    Time {
        /// Start and end as they were.
        before: (Moment, Moment),
        /// As they are now.
        now: (Moment, Moment),
    },
    /// It is somewhere else.
    Place {
        /// As it was.
        before: String,
        /// As it is now.
        now: String,
    },
    /// More or fewer seats can be registered for, those given out on paper taken off.
    Seats {
        /// In the room or online.
        way: Attendance,
        /// As it was.
        before: u32,
        /// As it is now.
        now: u32,
    },
    /// Registration opens or closes at another moment.
    Registration {
        /// When it opens now; at once when absent.
        opens: Option<Moment>,
        /// When it closes now.
        deadline: Moment,
    },
    /// It has another title.
    Title {
        /// As it was.
        before: String,
    },
    /// Something else that registrants hardly notice: whom to ask, the limits of a party or a firm.
    Other,
}

impl Session {
    /// Seats that can be registered for: in the room, or online.
    pub fn open_seats(&self, way: Attendance) -> u32 {
        let offered = self.attendance == way || self.attendance == Attendance::Both;
        let (seats, reserved) = match way {
            Attendance::Online => (self.online_seats, self.online_reserved),
            _ => (self.onsite_seats, self.onsite_reserved),
        };
        if offered { seats.saturating_sub(reserved) } else { 0 }
    }

    /// What has changed since `before`, most important first.
    pub fn changes(&self, before: &Session) -> Vec<Change> {
        let mut changes = Vec::new();
        match (before.cancelled, self.cancelled) {
            (false, true) => changes.push(Change::Cancelled),
            (true, false) => changes.push(Change::Resumed),
            _ => {}
        }
        if (before.start, before.end) != (self.start, self.end) {
            changes.push(Change::Time { before: (before.start, before.end), now: (self.start, self.end) });
        }
        if before.place != self.place {
            changes.push(Change::Place { before: before.place.clone(), now: self.place.clone() });
        }
        for way in [Attendance::Onsite, Attendance::Online] {
            let (was, is) = (before.open_seats(way), self.open_seats(way));
            if was != is {
                changes.push(Change::Seats { way, before: was, now: is });
            }
        }
        if (before.opens, before.deadline) != (self.opens, self.deadline) {
            changes.push(Change::Registration { opens: self.opens, deadline: self.deadline });
        }
        if before.title != self.title {
            changes.push(Change::Title { before: before.title.clone() });
        }
        if changes.is_empty() && before != self {
            changes.push(Change::Other);
        }
        changes
    }
}

impl Change {
    /// 现场名额 80 → 60
    pub fn words(&self) -> String {
        match self {
            Change::Cancelled => "取消：已报名和候补的人会收到消息".to_owned(),
            Change::Resumed => "恢复举办".to_owned(),
            Change::Time { before, now } => {
                format!("时间 {} → {}", words::span(before.0, before.1), words::span(now.0, now.1))
            }
            Change::Place { before, now } => format!("地点 {before} → {now}"),
            Change::Seats { way, before, now } => format!("{}名额 {before} → {now}", way.words()),
            Change::Registration { opens: Some(opens), deadline } => {
                format!("报名 {} 开始，{} 截止", words::moment(*opens), words::moment(*deadline))
            }
            Change::Registration { opens: None, deadline } => format!("报名 {} 截止", words::moment(*deadline)),
            Change::Title { before } => format!("名称原为「{before}」"),
            Change::Other => "联系人、人数限制等说明有改动".to_owned(),
        }
    }
}

fn registration() -> String {
    "registration".to_owned()
}

/// What registrants must hear of when it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// When it begins.
    pub start: Moment,
    /// When it ends.
    pub end: Moment,
    /// Where.
    pub place: String,
    /// 改期: the time is not known yet.
    pub postponed: bool,
}

impl Session {
    /// What its registrants are told of it.
    pub fn announced(&self) -> Announced {
        Announced { start: self.start, end: self.end, place: self.place.clone(), postponed: self.postponed }
    }

    /// Seats that are given out by registration: without those given out on paper; none in a way that it does not offer.
    pub fn seats(&self, way: Way) -> u32 {
        if !self.attendance.includes(way) {
            return 0;
        }
        match way {
            Way::Onsite => self.onsite_seats.saturating_sub(self.onsite_reserved),
            Way::Online => self.online_seats.saturating_sub(self.online_reserved),
        }
    }

    /// Whether nobody can be at both from beginning to end. What does not take place, or not then, is in nobody's way.
    pub fn overlaps(&self, other: &Session) -> bool {
        let takes_place = |session: &Session| !session.cancelled && !session.postponed;
        takes_place(self) && takes_place(other) && self.start < other.end && other.start < self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        let at = |text: &str| text.parse::<Moment>().expect("a moment");
        Session {
            id: "salon".to_owned(),
            title: "沙龙".to_owned(),
            url: "/activities/salon/".to_owned(),
            start: at("2026-12-10 14:00"),
            end: at("2026-12-10 17:00"),
            place: "会客厅".to_owned(),
            attendance: Attendance::Both,
            onsite_seats: 80,
            online_seats: 200,
            onsite_reserved: 5,
            online_reserved: 0,
            waitlist: true,
            opens: None,
            deadline: at("2026-12-09 18:00"),
            party_limit: 3,
            firm_limit: 2,
            contact: "办公室".to_owned(),
            cancelled: false,
            postponed: false,
            changed: None,
            form: registration(),
            example: false,
        }
    }

    #[test]
    fn what_an_edit_changes_is_said_in_words() {
        type Case = (fn(&mut Session), &'static str);
        let cases: [Case; 9] = [
            (|_| {}, ""),
            (|session| session.cancelled = true, "取消：已报名和候补的人会收到消息"),
            (|session| session.onsite_seats = 65, "现场名额 75 → 60"),
            (|session| session.attendance = Attendance::Onsite, "线上名额 200 → 0"),
            (
                |session| session.end = "2026-12-10 18:00".parse().expect("a moment"),
                "时间 2026年12月10日（周四）14:00—17:00 → 2026年12月10日（周四）14:00—18:00",
            ),
            (|session| session.place = "二楼".to_owned(), "地点 会客厅 → 二楼"),
            (|session| session.deadline = "2026-12-08 12:00".parse().expect("a moment"), "报名 2026年12月8日（周二）12:00 截止"),
            (|session| session.title = "新沙龙".to_owned(), "名称原为「沙龙」"),
            (|session| session.firm_limit = 9, "联系人、人数限制等说明有改动"),
        ];
        for (edit, words) in cases {
            let before = session();
            let mut now = session();
            edit(&mut now);
            let said: Vec<String> = now.changes(&before).iter().map(Change::words).collect();
            assert_eq!(said.join("\n"), words);
        }
    }

    #[test]
    fn sessions_overlap_when_one_begins_before_the_other_ends() {
        use crate::fixtures::{at, session};
        let afternoon = session();
        let at = |start, end| Session { start: at(start), end: at(end), ..session() };
        for (other, overlaps) in [
            (at("2026-12-05 14:00", "2026-12-05 17:00"), true),
            (at("2026-12-05 16:59", "2026-12-05 18:00"), true),
            (at("2026-12-05 17:00", "2026-12-05 18:00"), false),
            (at("2026-12-05 09:00", "2026-12-05 14:00"), false),
            (at("2026-12-04 09:00", "2026-12-06 12:00"), true),
            (Session { cancelled: true, ..session() }, false),
            (Session { postponed: true, ..session() }, false),
        ] {
            assert_eq!(afternoon.overlaps(&other), overlaps, "{other:?}");
            assert_eq!(other.overlaps(&afternoon), overlaps, "{other:?}");
        }
    }
}
