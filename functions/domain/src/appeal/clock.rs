//! A round's time: by when there is a plan and a result, how that moves while the firm is waited for, and what happens by itself when a
//! moment has come.
//!
//! Nothing that was counted is stored: deadlines are counted anew from what happened, so that they are right when a year's official
//! calendar arrives.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{
    appeal::{Act, Deadline, Grade, Head, State, Urgency, first_contact_by},
    calendar::Calendar,
    limits::Limits,
    time::Moment,
};

/// How many working days a firm is waited for before the unit goes on with what there is.
const WAIT_DAYS: u32 = 10;
/// How many working days a firm has to say what it thinks of an answer.
const VISIT_DAYS: u32 = 5;
/// How often it must have been asked in that time.
pub const VISIT_TRIES: usize = 2;
/// How soon an urgent matter has a plan, on the clock, whether offices are open or not.
const URGENT_PLAN: SignedDuration = SignedDuration::from_hours(24);

/// What happened to a round's time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// When the round began; the first began when the case was received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Moment>,
    /// When it stood still, and when it went on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<(Moment, Moment)>,
    /// Since when it stands still now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Moment>,
    /// The last mark that was passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Mark>,
    /// The gravest card that was issued in this round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued: Option<Card>,
    /// When the firm was told how the unit goes about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<Moment>,
    /// When the unit last told the firm anything: a plan, how far it is, what it needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replied: Option<Moment>,
    /// When the round's answer was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Moment>,
}

impl Clock {
    /// The same when it goes on at `now`.
    pub(crate) fn go_on(mut self, now: Moment) -> Clock {
        self.pauses.extend(self.stopped.take().map(|stopped| (stopped, now)));
        self
    }
}

/// A part of the time after which supervision hears of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// 80 %: 提醒
    Reminder,
    /// 100 %: the system proposes a 黄牌.
    Yellow,
    /// 120 %: the system proposes a 红牌. Also when the firm was not content twice.
    Red,
}

impl Mark {
    /// All, in order.
    pub const ALL: [Mark; 3] = [Mark::Reminder, Mark::Yellow, Mark::Red];

    /// How much of the time has passed, in per cent.
    fn per_cent(self) -> i32 {
        match self {
            Mark::Reminder => 80,
            Mark::Yellow => 100,
            Mark::Red => 120,
        }
    }

    /// What is recorded when it is passed.
    pub fn act(self) -> Act {
        match self {
            Mark::Reminder => Act::Remind,
            Mark::Yellow => Act::ProposeYellow,
            Mark::Red => Act::ProposeRed,
        }
    }
}

/// What 区委督查考核办 issues to a unit, or not: the system only proposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Card {
    /// 黄牌
    Yellow,
    /// 红牌
    Red,
}

impl Card {
    /// Its name.
    pub fn words(self) -> &'static str {
        match self {
            Card::Yellow => "黄牌",
            Card::Red => "红牌",
        }
    }

    /// What is recorded when it is issued.
    pub fn act(self) -> Act {
        match self {
            Card::Yellow => Act::IssueYellow,
            Card::Red => Act::IssueRed,
        }
    }
}

impl Clock {
    /// The card that the system proposes in this round and that was not issued yet.
    pub fn proposed(&self) -> Option<Card> {
        let proposed = match self.told? {
            Mark::Reminder => return None,
            Mark::Yellow => Card::Yellow,
            Mark::Red => Card::Red,
        };
        Some(proposed).filter(|card| Some(*card) > self.issued)
    }
}

impl Head {
    /// When this round began. Day 1 of its time is the working day that follows.
    pub fn began(&self) -> Moment {
        self.clock.since.unwrap_or(self.received)
    }
}

/// 督办中: supervision looks at it, because something that was promised is late, the firm was not content twice, or a task force works on it.
/// `contacted` when somebody has spoken with the firm in this round.
pub fn is_supervised(head: &Head, contacted: bool, now: Moment, calendar: &Calendar, limits: &Limits) -> bool {
    has_task_force(head)
        || is_looked_at(head)
            && (head.clock.told >= Some(Mark::Yellow)
                || owed(head, contacted, calendar, limits).is_some_and(|(_, due)| now > due.at)
                || is_ungraded(head) && supervised_by(head, calendar, limits).is_some_and(|due| now > due.at))
}

/// A task force works on it, which supervision always looks at.
pub fn has_task_force(head: &Head) -> bool {
    is_looked_at(head) && head.grade == Some(Grade::C)
}

/// It is not over, nor has the firm said what it thinks of the answer.
fn is_looked_at(head: &Head) -> bool {
    !matches!(head.state.stage(), None | Some(super::Stage::Visiting))
}

/// What a firm waits for, of which it was told by when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Owed {
    /// 首次联系: somebody calls.
    Contact,
    /// 方案: how the unit goes about it.
    Plan,
    /// 阶段答复: how far the unit is.
    Report,
    /// 答复
    Answer,
}

impl Owed {
    /// Its name.
    pub fn words(self) -> &'static str {
        match self {
            Owed::Contact => "首次联系",
            Owed::Plan => "办理方案",
            Owed::Report => "阶段答复",
            Owed::Answer => "答复",
        }
    }
}

/// What the firm is owed first, and by when; nothing while it is waited for, or once there is an answer.
pub fn owed(head: &Head, contacted: bool, calendar: &Calendar, limits: &Limits) -> Option<(Owed, Deadline)> {
    let contact = match head.state {
        State::Submitted | State::Accepted if !contacted => Some(contact_by(head, calendar, limits)),
        State::Submitted | State::Accepted | State::Graded | State::Assigned | State::Working => None,
        _ => return None,
    };
    let all = [
        (Owed::Contact, contact),
        (Owed::Plan, plan_by(head, calendar, limits)),
        (Owed::Report, report_by(head, calendar, limits)),
        (Owed::Answer, result_by(head, calendar, limits)),
    ];
    all.into_iter().filter_map(|(owed, due)| Some((owed, due?))).min_by_key(|(_, due)| due.at)
}

/// By when somebody was to call when the case came: as it was promised, and counted anew where the year's official calendar was not known then.
pub fn first_contact(head: &Head, calendar: &Calendar, limits: &Limits) -> Deadline {
    match head.first_contact.official {
        true => head.first_contact,
        false => first_contact_by(head.received, head.urgency, calendar, limits),
    }
}

/// By when somebody calls in this round.
pub fn contact_by(head: &Head, calendar: &Calendar, limits: &Limits) -> Deadline {
    match head.round {
        1 => first_contact(head, calendar, limits),
        _ => first_contact_by(head.began(), head.urgency, calendar, limits),
    }
}

/// By when there is a plan: an urgent matter's within 24 hours, but not before somebody is to call, a complex one's within its working days; none
/// for others, and none once the firm was told. The time stands still while the firm is waited for.
pub fn plan_by(head: &Head, calendar: &Calendar, limits: &Limits) -> Option<Deadline> {
    if head.clock.planned.is_some() {
        return None;
    }
    let urgent = (head.urgency != Urgency::Normal).then(|| urgent_plan(head, calendar, limits));
    let complex = (head.grade == Some(Grade::C)).then(|| after_days(head, limits.plan_days, calendar, limits));
    urgent.into_iter().chain(complex).min_by_key(|deadline| deadline.at)
}

fn urgent_plan(head: &Head, calendar: &Calendar, limits: &Limits) -> Deadline {
    let waited: SignedDuration = head.clock.pauses.iter().map(|(from, to)| to.0.duration_since(from.0)).sum();
    let began = head.began().0;
    let at = Moment(began.saturating_add(URGENT_PLAN + waited).unwrap_or(began));
    // Filed before a holiday, the call is due when offices open again: nobody plans before they have spoken with the firm.
    let contact = contact_by(head, calendar, limits);
    if contact.at > at { contact } else { Deadline { at, official: true } }
}

/// By when there is a result in this round; none before its grade is confirmed.
pub fn result_by(head: &Head, calendar: &Calendar, limits: &Limits) -> Option<Deadline> {
    Some(result_of(head, head.grade?, calendar, limits))
}

/// By when supervision looks for a result: as [`result_by`], and as if it were general while nobody has taken the case on or graded it, so that
/// none lies unseen for want of that.
pub fn supervised_by(head: &Head, calendar: &Calendar, limits: &Limits) -> Option<Deadline> {
    let ungraded = is_ungraded(head).then_some(Grade::B);
    Some(result_of(head, head.grade.or(ungraded)?, calendar, limits))
}

fn is_ungraded(head: &Head) -> bool {
    matches!(head.state, State::Submitted | State::Accepted)
}

fn result_of(head: &Head, grade: Grade, calendar: &Calendar, limits: &Limits) -> Deadline {
    let days = match grade {
        Grade::A => same_day(head, calendar, limits),
        Grade::B => limits.result_days,
        Grade::C if head.extended => limits.extended_result_days,
        Grade::C => limits.complex_result_days,
    };
    after_days(head, days, calendar, limits)
}

/// By when the firm of a complex matter hears how far the unit is: so many working days after it heard something last; none before a unit was
/// named and while the firm itself is waited for.
pub fn report_by(head: &Head, calendar: &Calendar, limits: &Limits) -> Option<Deadline> {
    if head.grade != Some(Grade::C) || !matches!(head.state, State::Assigned | State::Working) {
        return None;
    }
    let went_on = head.clock.pauses.last().map(|(_, until)| *until);
    let since = [Some(head.began()), head.clock.replied, went_on].into_iter().flatten().max()?;
    let due = calendar.add_working_days(since.date(), limits.report_days);
    Some(Deadline { at: end_of(due.date, limits), official: due.official })
}

/// 0 when the round began on a working day and early enough, otherwise 1.
fn same_day(head: &Head, calendar: &Calendar, limits: &Limits) -> u32 {
    let began = head.began().local();
    let today = calendar.is_working_day(began.date()).working && began.time() <= limits.same_day_until;
    u32::from(!today)
}

/// The end of office hours so many working days after the round began, and of as many more as the firm was waited for.
fn after_days(head: &Head, days: u32, calendar: &Calendar, limits: &Limits) -> Deadline {
    let pauses = head.clock.pauses.iter();
    let waited: u32 = pauses.map(|(from, to)| calendar.working_days_between(from.date(), to.date())).sum();
    let due = calendar.add_working_days(head.began().date(), days + waited);
    // A day of which nothing was counted is still a day of some calendar.
    let official = due.official && calendar.is_working_day(due.date).official;
    Deadline { at: end_of(due.date, limits), official }
}

fn end_of(day: jiff::civil::Date, limits: &Limits) -> Moment {
    Moment::from_local(day.to_datetime(limits.office_closes()))
}

/// What happens by itself to a case that nobody touches, and when: the first such thing.
pub fn next(head: &Head, calendar: &Calendar, limits: &Limits) -> Option<(Moment, Act)> {
    let in_days = |from: Moment, days| end_of(calendar.add_working_days(from.date(), days).date, limits);
    match head.state {
        State::Accepted | State::Graded | State::Assigned | State::Working => {
            let mark = Mark::ALL.into_iter().find(|mark| Some(*mark) > head.clock.told)?;
            if head.disputes >= 2 {
                // Whatever the time: the firm was not content twice.
                return Some((head.began(), Act::ProposeRed)).filter(|_| head.clock.told != Some(Mark::Red));
            }
            Some((mark_at(head, mark, calendar, limits)?, mark.act()))
        }
        State::Waiting => Some((in_days(head.clock.stopped?, WAIT_DAYS), Act::Supplement)),
        State::Answered => Some((in_days(head.clock.answered?, VISIT_DAYS), Act::Lapse)),
        _ => None,
    }
}

/// When so much of the time for a result has passed, counted in office hours from when the round began.
fn mark_at(head: &Head, mark: Mark, calendar: &Calendar, limits: &Limits) -> Option<Moment> {
    let due = supervised_by(head, calendar, limits)?;
    if mark == Mark::Yellow {
        return Some(due.at);
    }
    let whole = calendar.office_time_between(head.began(), due.at, limits);
    let part = whole.checked_mul(mark.per_cent())? / 100;
    Some(calendar.add_office_time(head.began(), part, limits).at)
}

#[cfg(test)]
mod tests;
