//! A registration's life: where it can stand, what leads from where to where, and the record of it.
//!
//! | from | act | to |
//! |---|---|---|
//! | – | register | seated, waiting, checked |
//! | checked | release | seated, waiting |
//! | checked | discard | discarded |
//! | waiting | seat | seated |
//! | waiting | offer | offered |
//! | offered | deliver (its clock starts) | offered |
//! | offered | accept | seated |
//! | offered | decline | cancelled |
//! | offered | lapse | lapsed |
//! | waiting | leave | cancelled |
//! | waiting, seated | change | the same |
//! | seated online | move | seated in the room |
//! | checked, waiting, offered, seated | cancel | cancelled |
//! | checked, waiting, offered, seated, attended | the session is cancelled | session cancelled |
//! | checked, waiting, offered, seated | the session is moved | the same |
//! | seated | check in | attended |
//! | any | correct (their name, their telephone) | the same |
//! | any | erase | the same |
//!
//! Nothing else is allowed ([`leads_to`]).

use serde::{Deserialize, Serialize};

use crate::{
    registration::Why,
    session::{Attendance, Way},
    time::Moment,
    words,
};

/// Where a registration stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// A person has to look at it first; it has neither seat nor place.
    Checked,
    /// In the queue.
    Waiting(Turn),
    /// Out of the queue, with seats held until they say whether they want them.
    Offered(Offer),
    /// With seats.
    Seated(Way),
    /// They came.
    Attended(Way),
    /// They do not come, and said so.
    Cancelled,
    /// They did not say in time whether they wanted the seats that were held for them.
    Lapsed,
    /// The session does not take place.
    SessionCancelled,
    /// Staff found that nobody has sent it.
    Discarded,
}

/// A place in the queue: whoever's text is smaller is ahead. It begins with the moment at which they began to wait and ends with their
/// number, so that no two are the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Turn(pub String);

impl Turn {
    /// The turn of whoever begins to wait at `now`.
    pub fn new(now: Moment, number: &impl std::fmt::Display) -> Turn {
        Turn(format!("{:020}#{number}", now.0.as_nanosecond().max(0)))
    }
}

/// Seats that are held for somebody who waited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Where.
    pub way: Way,
    /// Until when; none until they have been told.
    pub until: Option<Moment>,
}

impl Standing {
    /// Its name, whatever it holds.
    pub fn stage(&self) -> Stage {
        match self {
            Standing::Checked => Stage::Checked,
            Standing::Waiting(_) => Stage::Waiting,
            Standing::Offered(_) => Stage::Offered,
            Standing::Seated(_) => Stage::Seated,
            Standing::Attended(_) => Stage::Attended,
            Standing::Cancelled => Stage::Cancelled,
            Standing::Lapsed => Stage::Lapsed,
            Standing::SessionCancelled => Stage::SessionCancelled,
            Standing::Discarded => Stage::Discarded,
        }
    }

    /// Where it has seats of the session, given or held.
    pub fn seats(&self) -> Option<Way> {
        match self {
            Standing::Seated(way) | Standing::Attended(way) | Standing::Offered(Offer { way, .. }) => Some(*way),
            _ => None,
        }
    }
}

/// The name of a standing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "as in `Standing`")]
pub enum Stage {
    Checked,
    Waiting,
    Offered,
    Seated,
    Attended,
    Cancelled,
    Lapsed,
    SessionCancelled,
    Discarded,
}

impl Stage {
    /// All of them.
    pub const ALL: [Stage; 9] = [
        Stage::Checked,
        Stage::Waiting,
        Stage::Offered,
        Stage::Seated,
        Stage::Attended,
        Stage::Cancelled,
        Stage::Lapsed,
        Stage::SessionCancelled,
        Stage::Discarded,
    ];

    /// Whether it takes part in the session or may still do so: one telephone has one such registration a session, and a firm's share
    /// counts it.
    pub fn is_live(self) -> bool {
        matches!(self, Stage::Waiting | Stage::Offered | Stage::Seated | Stage::Attended)
    }

    /// Nothing but this one.
    fn itself(self) -> &'static [Stage] {
        match self {
            Stage::Checked => &[Stage::Checked],
            Stage::Waiting => &[Stage::Waiting],
            Stage::Offered => &[Stage::Offered],
            Stage::Seated => &[Stage::Seated],
            Stage::Attended => &[Stage::Attended],
            Stage::Cancelled => &[Stage::Cancelled],
            Stage::Lapsed => &[Stage::Lapsed],
            Stage::SessionCancelled => &[Stage::SessionCancelled],
            Stage::Discarded => &[Stage::Discarded],
        }
    }

    /// Whether anything can still become of it.
    pub fn is_over(self) -> bool {
        matches!(self, Stage::Cancelled | Stage::Lapsed | Stage::SessionCancelled | Stage::Discarded)
    }
}

/// What was done with a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// 报名
    Register,
    /// 核对后受理
    Release,
    /// 核对后不受理
    Discard,
    /// Seats came free, and they were at the screen.
    Seat(Way),
    /// Seats came free and are held for them.
    Offer(Way),
    /// They were told of the offer; it is held until then.
    Deliver(Moment),
    /// They want the seats.
    Accept,
    /// They do not want the seats.
    Decline,
    /// The offer ran out.
    Lapse,
    /// They do not wait any more.
    Leave,
    /// Another number of people, another way or other companions.
    Change {
        /// How many people from now on.
        people: u32,
        /// How they wish to take part from now on.
        wished: Attendance,
    },
    /// Who would have liked the room gets a seat in it.
    Move,
    /// 取消报名; once also leaving the queue.
    Cancel,
    /// The session does not take place.
    CancelSession,
    /// The session is at another time or place.
    MoveSession,
    /// 签到
    CheckIn,
    /// 更正: who they are and how they are reached.
    Correct,
    /// 删除: nothing that points to a person is kept any longer.
    Erase,
}

impl Act {
    /// In words, for whoever reads what happened.
    pub fn words(&self) -> String {
        match self {
            Act::Register => "报名已提交".to_owned(),
            Act::Release => "人工核对通过".to_owned(),
            Act::Discard => "人工核对未通过".to_owned(),
            Act::Seat(way) => format!("候补成功，已安排{}席位", way.words()),
            Act::Offer(way) => format!("轮到候补，{}名额已保留，等您确认", way.words()),
            Act::Deliver(until) => format!("已通知本人，名额保留到{}", words::moment(*until)),
            Act::Accept => "本人确认参加".to_owned(),
            Act::Decline => "本人放弃保留的名额".to_owned(),
            Act::Lapse => "保留的名额已过期".to_owned(),
            Act::Leave => "已退出候补".to_owned(),
            Act::Change { people, wished } => format!("报名已修改：{people} 人，{}", wished.words()),
            Act::Move => "现场有空位，已由线上改为现场".to_owned(),
            Act::Cancel => "报名已取消".to_owned(),
            Act::CancelSession => "活动取消".to_owned(),
            Act::MoveSession => "活动时间或地点有变动".to_owned(),
            Act::CheckIn => "已签到".to_owned(),
            Act::Correct => "本人更正了信息".to_owned(),
            Act::Erase => "信息已删除".to_owned(),
        }
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Whoever registered.
    Person,
    /// This member of staff.
    Staff(String),
    /// The rules, when their time had come.
    Rules,
}

impl By {
    /// In words for staff.
    pub fn words(&self) -> &str {
        match self {
            By::Person => "本人",
            By::Staff(name) => name,
            By::Rules => "系统",
        }
    }
}

/// One thing that happened. Appended, never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// 1 for the registration, then one more each.
    pub seq: u32,
    /// When.
    pub at: Moment,
    /// By whom.
    pub by: By,
    /// What.
    pub act: Act,
    /// Where it led.
    pub to: Stage,
}

/// Where `act` may lead from a stage, or from nothing; nowhere when it is not allowed.
pub fn leads_to(from: Option<Stage>, act: &Act) -> &'static [Stage] {
    use Stage::{Attended, Cancelled, Checked, Discarded, Lapsed, Offered, Seated, SessionCancelled, Waiting};
    match (act, from) {
        (Act::Register, None) => &[Seated, Waiting, Checked],
        (Act::Release, Some(Checked)) => &[Seated, Waiting],
        (Act::Discard, Some(Checked)) => &[Discarded],
        (Act::Seat(_), Some(Waiting)) => &[Seated],
        (Act::Offer(_), Some(Waiting)) => &[Offered],
        (Act::Deliver(_), Some(Offered)) => &[Offered],
        (Act::Accept, Some(Offered)) => &[Seated],
        (Act::Decline, Some(Offered)) => &[Cancelled],
        (Act::Lapse, Some(Offered)) => &[Lapsed],
        (Act::Leave, Some(Waiting)) => &[Cancelled],
        (Act::Change { .. }, Some(Waiting)) => &[Waiting],
        (Act::Change { .. } | Act::Move, Some(Seated)) => &[Seated],
        (Act::Cancel, Some(Checked | Waiting | Offered | Seated)) => &[Cancelled],
        (Act::CancelSession, Some(Checked | Waiting | Offered | Seated | Attended)) => &[SessionCancelled],
        (Act::MoveSession, Some(Checked)) => &[Checked],
        (Act::MoveSession, Some(Waiting)) => &[Waiting],
        (Act::MoveSession, Some(Offered)) => &[Offered],
        (Act::MoveSession, Some(Seated)) => &[Seated],
        (Act::CheckIn, Some(Seated)) => &[Attended],
        (Act::Correct | Act::Erase, Some(stage)) => stage.itself(),
        _ => &[],
    }
}

/// Whether `events` are what one registration can have gone through, from the first to the last.
pub fn is_consistent(events: &[Event]) -> bool {
    let mut stage = None;
    events.iter().enumerate().all(|(index, event)| {
        let allowed = event.seq as usize == index + 1 && leads_to(stage, &event.act).contains(&event.to);
        stage = Some(event.to);
        allowed
    })
}

/// Why something is not done with a registration, in words for whoever asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A person has to look at it first.
    #[error("这次报名还在等待人工核对，核对后我们打电话告诉您")]
    Checked,
    /// There is no offer yet.
    #[error("还没有轮到您。有空出的名额，我们按先后顺序通知您")]
    Waiting,
    /// There is an offer to answer first.
    #[error("有名额正为您保留，请先确认要不要")]
    Offered,
    /// They have seats already.
    #[error("您已经有席位，不用再确认")]
    Seated,
    /// They have come already.
    #[error("您已经签到，不能再改")]
    Attended,
    /// They have cancelled.
    #[error("这次报名已经取消。还想参加，请重新报名")]
    Cancelled,
    /// They answered an offer too late.
    #[error("为您保留的名额已经过期，让给了后面的人。还想参加，请重新报名")]
    Lapsed,
    /// The session does not take place.
    #[error("本场活动已取消")]
    SessionCancelled,
    /// Staff found that nobody has sent it.
    #[error("这次报名没有通过人工核对。如果是您本人报的名，请联系主办方")]
    Discarded,
    /// The session has begun.
    #[error("活动已经开始，不能再改。有事请联系主办方")]
    Started,
    /// There are too few seats for what they wish to change.
    #[error("{}", no_room(*.way, *.left))]
    NoRoom {
        /// In this way.
        way: Way,
        /// Seats that nobody has.
        left: u32,
    },
    /// What the session allows.
    #[error(transparent)]
    Why(#[from] Why),
}

fn no_room(way: Way, left: u32) -> String {
    let way = way.words();
    match left {
        0 => format!("{way}名额已满，改不了。您原来的报名不变"),
        left => format!("{way}名额只剩 {left} 个，不够。您原来的报名不变"),
    }
}

impl From<Stage> for Refusal {
    /// Why something cannot be done because of where the registration stands.
    fn from(stage: Stage) -> Refusal {
        match stage {
            Stage::Checked => Refusal::Checked,
            Stage::Waiting => Refusal::Waiting,
            Stage::Offered => Refusal::Offered,
            Stage::Seated => Refusal::Seated,
            Stage::Attended => Refusal::Attended,
            Stage::Cancelled => Refusal::Cancelled,
            Stage::Lapsed => Refusal::Lapsed,
            Stage::SessionCancelled => Refusal::SessionCancelled,
            Stage::Discarded => Refusal::Discarded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::at;

    fn acts() -> Vec<Act> {
        vec![
            Act::Register,
            Act::Release,
            Act::Discard,
            Act::Seat(Way::Onsite),
            Act::Offer(Way::Online),
            Act::Deliver(at("2026-12-01 09:00")),
            Act::Accept,
            Act::Decline,
            Act::Lapse,
            Act::Leave,
            Act::Change { people: 2, wished: Attendance::Both },
            Act::Move,
            Act::Cancel,
            Act::CancelSession,
            Act::MoveSession,
            Act::CheckIn,
            Act::Correct,
            Act::Erase,
        ]
    }

    #[test]
    fn the_table_is_the_one_that_is_documented() {
        // Each line of the module's table, its acts in the order of `acts`.
        let allowed: usize = std::iter::once(None)
            .chain(Stage::ALL.map(Some))
            .flat_map(|from| acts().into_iter().map(move |act| leads_to(from, &act).len()))
            .sum();
        assert_eq!(allowed, 3 + 2 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 2 + 1 + 4 + 5 + 4 + 1 + 9 + 9);
    }

    #[test]
    fn what_is_over_stays_over_and_takes_no_part() {
        for stage in Stage::ALL {
            // That somebody's name is put right or erased leaves it where it is.
            let about_them = |act: &Act| matches!(act, Act::Correct | Act::Erase);
            assert!(acts().iter().filter(|act| about_them(act)).all(|act| leads_to(Some(stage), act) == [stage]), "{stage:?}");
            let goes_on = acts().iter().any(|act| !about_them(act) && !leads_to(Some(stage), act).is_empty());
            assert_eq!(goes_on, !stage.is_over(), "{stage:?}");
            assert!(!(stage.is_live() && stage.is_over()), "{stage:?}");
        }
        for act in acts() {
            assert_eq!(leads_to(None, &act).is_empty(), act != Act::Register, "{act:?}");
        }
    }

    #[test]
    fn a_record_that_skips_or_turns_back_is_not_consistent() {
        let event = |seq, act, to| Event { seq, at: at("2026-12-01 09:00"), by: By::Person, act, to };
        let fine = vec![
            event(1, Act::Register, Stage::Waiting),
            event(2, Act::Offer(Way::Onsite), Stage::Offered),
            event(3, Act::Accept, Stage::Seated),
            event(4, Act::Cancel, Stage::Cancelled),
        ];
        assert!(is_consistent(&fine));
        assert!(!is_consistent(&fine[1..]));
        assert!(!is_consistent(&[&fine[..1], &fine[2..]].concat()));
        let again = event(5, Act::Accept, Stage::Seated);
        assert!(!is_consistent(&[&fine[..], &[again]].concat()));
    }

    #[test]
    fn a_turn_is_ordered_by_its_moment() {
        let early = Turn::new(at("2026-12-01 09:00"), &"XB9");
        let late = Turn::new(at("2026-12-01 09:00:01"), &"XB1");
        assert!(early < late);
    }

    #[test]
    fn a_standing_is_stored_as_before() {
        for (standing, json) in [
            (Standing::Seated(Way::Onsite), r#"{"seated":"onsite"}"#),
            (Standing::Waiting(Turn("1#XB".to_owned())), r#"{"waiting":"1#XB"}"#),
            (Standing::Checked, r#""checked""#),
        ] {
            assert_eq!(serde_json::to_string(&standing).expect("plain data"), json);
            assert_eq!(serde_json::from_str::<Standing>(json).expect("plain data"), standing);
        }
    }
}
