//! Appeals (诉求): what state one is in, who may change it to what, by when somebody must call, and the record of it all.
//!
//! 1. [`transition`] says what is allowed: one table, and [`transition::step`] that follows it.
//! 2. [`deadline`] counts by when the firm hears from somebody.
//! 3. [`clock`] counts by when there is a result, and says what happens because time has passed.
//! 4. [`event`] keeps what happened in a chain that cannot be changed unseen.
//! 5. [`suggest`] proposes a grade, which a person confirms; [`firm`] is what the firm is asked later.
//! 6. [`likeness`] says how much two appeals say the same.
//! 7. [`scoreboard`] counts them for the public.
//! 8. [`submit`] begins a case.

pub mod clock;
pub mod deadline;
pub mod event;
pub mod firm;
pub mod likeness;
pub mod scoreboard;
pub mod suggest;
pub mod transition;

pub use clock::{Card, Clock, Mark};
pub use deadline::{Deadline, first_contact_by};
pub use event::{BrokenChain, Event, Notes, advance, verify_chain};
pub use transition::{Act, Command, Head, Refused, TRANSITIONS, Transition, step};

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{calendar::Calendar, limits::Limits, time::Moment};

/// A case as it begins: its head and its first event, to be stored together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// What is known of the case at a glance.
    pub head: Head,
    /// Number 1 of its chain.
    pub event: Event,
}

/// Begins a case: received at `now` from a firm itself ([`Role::Firm`]) or taken down for it ([`Role::Collector`], 代填).
pub fn submit(by: Role, urgency: Urgency, calendar: &Calendar, limits: &Limits, now: Moment) -> Submitted {
    let head = Head {
        state: State::Submitted,
        round: 1,
        urgency,
        received: now,
        first_contact: first_contact_by(now, urgency, calendar, limits),
        grade: None,
        extended: false,
        disputes: 0,
        closed: None,
        ended: None,
        clock: Clock::default(),
    };
    Submitted { head, event: Event::first(by, now) }
}

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Received; nobody has looked at it yet.
    Submitted,
    /// Taken on.
    Accepted,
    /// Its grade is confirmed.
    Graded,
    /// A unit or a task force has been named.
    Assigned,
    /// The unit works on it.
    Working,
    /// The firm was asked for something; the clock stands still.
    Waiting,
    /// There is an answer, which the firm is asked about.
    Answered,
    /// The firm has said what it thinks of the answer, or stayed silent.
    Visited,
    /// Over.
    Closed,
    /// Not taken on; the firm was told why and where to go.
    Rejected,
    /// Handed to another body; the firm has its number there.
    Transferred,
    /// Goes on as part of another case.
    Merged,
    /// Taken back by the firm.
    Withdrawn,
    /// Its retention is over; nothing in it points to a person any more.
    Archived,
}

impl State {
    /// All states, in the order in which a case may pass through them.
    pub const ALL: [State; 14] = [
        State::Submitted,
        State::Accepted,
        State::Graded,
        State::Assigned,
        State::Working,
        State::Waiting,
        State::Answered,
        State::Visited,
        State::Closed,
        State::Rejected,
        State::Transferred,
        State::Merged,
        State::Withdrawn,
        State::Archived,
    ];

    /// In words for the firm.
    pub fn words(self) -> &'static str {
        match self {
            State::Submitted => "已提交，等待受理",
            State::Accepted => "已受理，等待分级",
            State::Graded => "已分级，等待交办",
            State::Assigned => "已交办，等待承办单位接收",
            State::Working => "承办单位正在办理",
            State::Waiting => "等待您补充材料",
            State::Answered => "已答复，等待您评价",
            State::Visited => "已回访，等待办结",
            State::Closed => "已办结",
            State::Rejected => "不予受理",
            State::Transferred => "已转交其他部门",
            State::Merged => "已并入另一件诉求办理",
            State::Withdrawn => "已撤回",
            State::Archived => "已归档",
        }
    }

    /// The public stage it belongs to; none once a case has left the usual way.
    pub fn stage(self) -> Option<Stage> {
        match self {
            State::Submitted | State::Accepted => Some(Stage::Collecting),
            State::Graded | State::Assigned | State::Working | State::Waiting => Some(Stage::Handling),
            State::Answered => Some(Stage::Checking),
            State::Visited | State::Closed => Some(Stage::Visiting),
            State::Rejected | State::Transferred | State::Merged | State::Withdrawn | State::Archived => None,
        }
    }
}

/// The four stages that the public sees, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 收集
    Collecting,
    /// 分级办理
    Handling,
    /// 督查问效: the answer is being checked.
    Checking,
    /// 回访
    Visiting,
}

impl Stage {
    /// All four, in order.
    pub const ALL: [Stage; 4] = [Stage::Collecting, Stage::Handling, Stage::Checking, Stage::Visiting];

    /// Its name.
    pub fn words(self) -> &'static str {
        match self {
            Stage::Collecting => "收集",
            Stage::Handling => "分级办理",
            Stage::Checking => "督查问效",
            Stage::Visiting => "回访",
        }
    }
}

/// How much it takes to solve a matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// 现场类: one unit can answer; no money, land or approval is needed.
    A,
    /// 一般类: one unit, and a process.
    B,
    /// 复杂类: two units or more, a gap in policy, an old matter: a task force with two leads.
    C,
}

impl Grade {
    /// Its name.
    pub fn words(self) -> &'static str {
        match self {
            Grade::A => "现场类",
            Grade::B => "一般类",
            Grade::C => "复杂类",
        }
    }
}

/// How urgent the firm says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// 一般
    #[default]
    Normal,
    /// 急
    Urgent,
    /// 特急
    Critical,
}

impl Urgency {
    /// Its name.
    pub fn words(self) -> &'static str {
        match self {
            Urgency::Normal => "一般",
            Urgency::Urgent => "急",
            Urgency::Critical => "特急",
        }
    }
}

/// The text is no urgency that the form offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("请选择紧急程度：一般、急或特急")]
pub struct NotAnUrgency;

impl FromStr for Urgency {
    type Err = NotAnUrgency;

    /// The values of the form's field `urgency`.
    fn from_str(value: &str) -> Result<Urgency, NotAnUrgency> {
        match value {
            "normal" => Ok(Urgency::Normal),
            "urgent" => Ok(Urgency::Urgent),
            "critical" => Ok(Urgency::Critical),
            _ => Err(NotAnUrgency),
        }
    }
}

/// Who acts on a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The firm that appealed.
    Firm,
    /// 收集: takes appeals in.
    Collector,
    /// 分级: grades and assigns.
    Grader,
    /// 承办: the unit that works on it.
    Handler,
    /// 督查: supervises.
    Supervisor,
    /// Time that has passed.
    Clock,
}

impl Role {
    /// Its name.
    pub fn words(self) -> &'static str {
        match self {
            Role::Firm => "企业",
            Role::Collector => "收集岗",
            Role::Grader => "分级岗",
            Role::Handler => "承办单位",
            Role::Supervisor => "督查岗",
            Role::Clock => "系统",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{at, calendar, limits};

    #[test]
    fn a_case_begins_submitted_with_a_first_event_and_a_promise() {
        let now = at("2026-11-24 16:00");
        let submitted = submit(Role::Collector, Urgency::Normal, &calendar(), &limits(), now);
        assert_eq!((submitted.head.state, submitted.head.round), (State::Submitted, 1));
        assert_eq!(submitted.head.received, now);
        assert_eq!(submitted.head.first_contact.at, at("2026-11-25 17:30"));
        assert_eq!((submitted.event.by, submitted.event.from, submitted.event.to), (Role::Collector, None, State::Submitted));
        assert_eq!(verify_chain(&[submitted.event]), Ok(()));
    }

    #[test]
    fn every_state_has_its_own_words_and_the_usual_ones_a_stage() {
        let words: std::collections::BTreeSet<_> = State::ALL.iter().map(|state| state.words()).collect();
        assert_eq!(words.len(), State::ALL.len());
        let stages: Vec<_> = State::ALL.iter().filter_map(|state| state.stage()).map(Stage::words).collect();
        let expected = ["收集", "收集", "分级办理", "分级办理", "分级办理", "分级办理", "督查问效", "回访", "回访"];
        assert_eq!(stages, expected);
    }

    #[test]
    fn an_urgency_is_read_from_the_form_and_from_storage_alike() {
        for urgency in [Urgency::Normal, Urgency::Urgent, Urgency::Critical] {
            let stored = serde_json::to_value(urgency).expect("a word");
            assert_eq!(stored.as_str().expect("a word").parse(), Ok(urgency));
        }
        assert_eq!("".parse::<Urgency>(), Err(NotAnUrgency));
    }
}
