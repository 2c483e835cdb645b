//! A session: one occasion that people can register for, declared in the front matter of its page.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::time::Moment;

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
    /// Only an example (示例), said wherever it is shown.
    pub example: bool,
}
