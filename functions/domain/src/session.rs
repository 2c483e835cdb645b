//! A session: one occasion that people can register for, declared in the front matter of its page.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{problem::Problem, time::Moment};

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

impl Session {
    /// What cannot be right about a session. Paths are the names of its fields.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut wrong = |field: &str, message: &str, hint: &str| problems.push(Problem::at(field, message, hint));

        if self.id.is_empty() || !self.id.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')) {
            wrong("id", "场次编号只能用小写字母、数字和连字符", "例如 `djt-2026-q4`；一经发布不能再改，也不能给别的场次用");
        }
        if self.end <= self.start {
            wrong("end", "结束时间不晚于开始时间", "结束时间应晚于开始时间");
        }
        if self.deadline > self.start {
            wrong("deadline", "报名截止时间晚于活动开始时间", "截止时间应不晚于开始时间");
        }
        if self.opens.is_some_and(|opens| opens >= self.deadline) {
            wrong("opens", "报名开始时间不早于截止时间", "开始报名的时间应早于截止时间");
        }
        let ways = [
            ("onsite_seats", self.onsite_seats, "现场", "onsite_reserved", self.onsite_reserved, Attendance::Online),
            ("online_seats", self.online_seats, "线上", "online_reserved", self.online_reserved, Attendance::Onsite),
        ];
        for (seats_field, seats, way, reserved_field, reserved, other) in ways {
            if self.attendance == other && seats > 0 {
                let hint = "删去这些名额，或把参加方式改为 `both`";
                wrong(seats_field, &format!("活动不设{way}参加方式，却有{way}名额"), hint);
            }
            if self.attendance != other && seats == 0 {
                wrong(seats_field, &format!("{way}名额是 0"), "写出名额数；不设这种参加方式的，请改参加方式");
            }
            if reserved > seats {
                let hint = "预留名额应不多于总名额";
                wrong(reserved_field, &format!("{way}预留名额 {reserved} 多于{way}名额 {seats}"), hint);
            }
        }
        if !(1..=3).contains(&self.party_limit) {
            wrong("party_limit", &format!("一次报名最多 {} 人", self.party_limit), "写 1 到 3 的整数");
        }
        if self.firm_limit == 0 {
            wrong("firm_limit", "每家企业最多 0 人，谁也报不了名", "写一个不小于 1 的整数");
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{at, session};

    #[test]
    fn an_impossible_session_is_found() {
        assert_eq!(session().problems(), []);
        type Case = (&'static str, fn(&mut Session));
        let cases: [Case; 12] = [
            ("id", |session| session.id = "大讲堂".to_owned()),
            ("id", |session| session.id.clear()),
            ("end", |session| session.end = session.start),
            ("deadline", |session| session.deadline = session.end),
            ("opens", |session| session.opens = Some(at("2026-12-05 09:00"))),
            ("onsite_seats", |session| session.onsite_seats = 0),
            ("online_seats", |session| session.attendance = Attendance::Onsite),
            ("onsite_reserved", |session| session.onsite_reserved = 11),
            ("online_reserved", |session| session.online_reserved = 21),
            ("party_limit", |session| session.party_limit = 0),
            ("party_limit", |session| session.party_limit = 4),
            ("firm_limit", |session| session.firm_limit = 0),
        ];
        for (field, spoil) in cases {
            let mut session = session();
            spoil(&mut session);
            let found: Vec<String> = session.problems().iter().map(|problem| problem.path.join(".")).collect();
            assert_eq!(found, [field]);
        }
    }
}
