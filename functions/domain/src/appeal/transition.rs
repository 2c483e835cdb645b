//! What may become of a case: the table of transitions, and the few conditions that a table of states cannot hold.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{
    appeal::{Card, Clock, Deadline, Grade, Mark, Role, State, Urgency},
    time::Moment,
};

/// How long a closed case may be reopened.
const REOPEN_DAYS: i64 = 30;

/// What is known of a case at a glance. Changed together with an appended event, in one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Where it stands.
    pub state: State,
    /// 1, and one more each time it is worked on anew. Earlier rounds are kept.
    pub round: u32,
    /// As the firm said.
    pub urgency: Urgency,
    /// When it was submitted.
    pub received: Moment,
    /// By when somebody calls.
    pub first_contact: Deadline,
    /// Confirmed in this round.
    pub grade: Option<Grade>,
    /// This round's one extension has been used.
    pub extended: bool,
    /// How often the firm was not content with an answer.
    pub disputes: u32,
    /// When it was last closed.
    pub closed: Option<Moment>,
    /// When it came to where nothing is worked on any more; none while somebody works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Moment>,
    /// This round's time for a result. Absent in what was stored before cases were worked on here.
    #[serde(default)]
    pub clock: Clock,
}

/// What somebody did, without its details: a row of the table, and what an event records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// 提交
    Submit,
    /// 受理
    Accept,
    /// 不予受理, on a legal ground and with where to go instead.
    Reject,
    /// 转交, with the other side's number.
    Transfer,
    /// 并案
    Merge,
    /// 撤回
    Withdraw,
    /// 分级
    Grade,
    /// 现场答复: grade A, at once.
    AnswerOnTheSpot,
    /// 交办 to a unit, or for C to a task force with two leads.
    Assign,
    /// 接收
    Take,
    /// 退回, with a reason.
    Return,
    /// 请企业补充
    Ask,
    /// 补充, or ten working days have passed.
    Supplement,
    /// 补充说明: the firm adds something that nobody has asked for.
    Add,
    /// 办理方案: how the unit goes about it, told to the firm.
    Plan,
    /// 阶段答复: how far the unit is, told to the firm.
    Report,
    /// 延期, once a round, with a reason told to the firm.
    Extend,
    /// 答复
    Answer,
    /// The firm says solved, or partly and content.
    Confirm,
    /// The firm says unsolved, or is dissatisfied: 不满意，重办. For the first time.
    Dispute,
    /// The same again.
    DisputeAgain,
    /// 未回应: no answer from the firm after two tries in five working days.
    Lapse,
    /// 办结
    Close,
    /// 重新办理, within 30 days of closing.
    Reopen,
    /// 归档: its retention is over.
    Archive,
    /// 更正: whoever it is about has put right who they are and how they are reached.
    Correct,
    /// 删除: whoever it is about has asked for it.
    Erase,
    /// 提醒: 80 % of the time has passed.
    Remind,
    /// 建议黄牌: the time is over. 区委督查考核办 issues it, or not.
    ProposeYellow,
    /// 建议红牌: 120 % of the time has passed, or the firm was not content twice.
    ProposeRed,
    /// 黄牌, issued by 区委督查考核办.
    IssueYellow,
    /// 红牌, issued by 区委督查考核办.
    IssueRed,
}

impl Act {
    /// In words for the history that the firm sees.
    pub fn words(self) -> &'static str {
        match self {
            Act::Submit => "诉求已提交",
            Act::Accept => "诉求已受理",
            Act::Reject => "不予受理",
            Act::Transfer => "转交其他部门",
            Act::Merge => "并入另一件诉求",
            Act::Withdraw => "企业撤回",
            Act::Grade => "完成分级",
            Act::AnswerOnTheSpot => "现场答复",
            Act::Assign => "交办",
            Act::Take => "承办单位接收",
            Act::Return => "承办单位退回，重新交办",
            Act::Ask => "请企业补充材料",
            Act::Supplement => "继续办理",
            Act::Add => "企业补充说明",
            Act::Plan => "办理方案",
            Act::Report => "阶段答复",
            Act::Extend => "延长办理时限",
            Act::Answer => "承办单位答复",
            Act::Confirm => "企业认可答复",
            Act::Dispute => "企业不满意，重新办理",
            Act::DisputeAgain => "企业再次不满意，转督查研究",
            Act::Lapse => "两次回访未回应",
            Act::Close => "办结",
            Act::Reopen => "重新办理",
            Act::Archive => "归档",
            Act::Correct => "本人更正了信息",
            Act::Erase => "按本人要求删除信息",
            Act::Remind => "临近时限，提醒承办单位",
            Act::ProposeYellow => "超过时限，转督查督办",
            Act::ProposeRed => "督查重点督办",
            Act::IssueYellow => "督查发出黄牌",
            Act::IssueRed => "督查发出红牌",
        }
    }
}

/// An act with the details that decide whether it is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// An act that needs no details.
    Plain(Act),
    /// Confirms the grade.
    Grade(Grade),
    /// Answers; for grade C so many leads have signed.
    Answer {
        /// How many of the two leads.
        signed: u8,
    },
    /// The firm is not content; the case knows whether for the first time.
    Dispute,
    /// Issues a card.
    Issue {
        /// Which.
        card: Card,
        /// Supervision says why: needed where the system has not proposed it.
        reasoned: bool,
    },
}

impl Command {
    /// What it is recorded as, on the case as it stands.
    pub(crate) fn act(self, head: &Head) -> Act {
        match self {
            Command::Plain(act) => act,
            Command::Grade(_) => Act::Grade,
            Command::Answer { .. } => Act::Answer,
            Command::Dispute if head.disputes == 0 => Act::Dispute,
            Command::Dispute => Act::DisputeAgain,
            Command::Issue { card, .. } => card.act(),
        }
    }
}

/// A row of the table: who may do what to a case in which states, and what it then is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// In one of these states
    pub from: &'static [State],
    /// this act
    pub act: Act,
    /// by one of these
    pub by: &'static [Role],
    /// leads here; none when the case stays where it is.
    pub to: Option<State>,
}

/// Everything before there is an answer.
const UNTIL_WAITING: &[State] =
    &[State::Submitted, State::Accepted, State::Graded, State::Assigned, State::Working, State::Waiting];

/// The same, except that a firm that was asked for something is waited for.
const UNTIL_WORKING: &[State] = &[State::Submitted, State::Accepted, State::Graded, State::Assigned, State::Working];

/// While the time for a result runs: also before there is a grade, or a case that nobody grades would lie unseen.
const HANDLED: &[State] = &[State::Accepted, State::Graded, State::Assigned, State::Working];

/// While there is somebody whose work supervision may judge: a late answer is still late when it has come.
const JUDGED: &[State] =
    &[State::Accepted, State::Graded, State::Assigned, State::Working, State::Waiting, State::Answered, State::Visited];

/// Everything after which nothing is worked on.
const OVER: &[State] = &[State::Closed, State::Rejected, State::Transferred, State::Merged, State::Withdrawn];

/// As long as something in it points to a person.
const KEPT: &[State] = &[
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
];

/// All that may happen to a case once it is submitted. What is not here is not allowed.
#[rustfmt::skip]
pub const TRANSITIONS: &[Transition] = &[
    Transition { from: &[State::Submitted], act: Act::Accept, by: &[Role::Collector], to: Some(State::Accepted) },
    Transition { from: &[State::Submitted, State::Accepted], act: Act::Reject, by: &[Role::Collector], to: Some(State::Rejected) },
    Transition { from: &[State::Submitted, State::Accepted], act: Act::Transfer, by: &[Role::Collector], to: Some(State::Transferred) },
    Transition { from: UNTIL_WAITING, act: Act::Merge, by: &[Role::Grader], to: Some(State::Merged) },
    Transition { from: UNTIL_WAITING, act: Act::Withdraw, by: &[Role::Firm], to: Some(State::Withdrawn) },
    Transition { from: &[State::Accepted], act: Act::Grade, by: &[Role::Grader], to: Some(State::Graded) },
    Transition { from: &[State::Accepted], act: Act::AnswerOnTheSpot, by: &[Role::Collector], to: Some(State::Answered) },
    Transition { from: &[State::Graded], act: Act::Assign, by: &[Role::Grader], to: Some(State::Assigned) },
    Transition { from: &[State::Assigned], act: Act::Take, by: &[Role::Handler], to: Some(State::Working) },
    Transition { from: &[State::Assigned], act: Act::Return, by: &[Role::Handler], to: Some(State::Graded) },
    Transition { from: &[State::Working], act: Act::Ask, by: &[Role::Handler], to: Some(State::Waiting) },
    Transition { from: &[State::Waiting], act: Act::Supplement, by: &[Role::Firm, Role::Clock], to: Some(State::Working) },
    Transition { from: UNTIL_WORKING, act: Act::Add, by: &[Role::Firm], to: None },
    Transition { from: &[State::Assigned, State::Working], act: Act::Plan, by: &[Role::Handler], to: None },
    Transition { from: &[State::Working], act: Act::Report, by: &[Role::Handler], to: None },
    Transition { from: &[State::Working], act: Act::Extend, by: &[Role::Supervisor], to: None },
    Transition { from: &[State::Working], act: Act::Answer, by: &[Role::Handler], to: Some(State::Answered) },
    Transition { from: &[State::Answered], act: Act::Confirm, by: &[Role::Firm], to: Some(State::Visited) },
    Transition { from: &[State::Answered], act: Act::Dispute, by: &[Role::Firm], to: Some(State::Accepted) },
    Transition { from: &[State::Answered], act: Act::DisputeAgain, by: &[Role::Firm], to: Some(State::Graded) },
    Transition { from: &[State::Answered], act: Act::Lapse, by: &[Role::Clock], to: Some(State::Visited) },
    Transition { from: &[State::Visited], act: Act::Close, by: &[Role::Supervisor], to: Some(State::Closed) },
    Transition { from: &[State::Closed], act: Act::Reopen, by: &[Role::Firm], to: Some(State::Accepted) },
    Transition { from: OVER, act: Act::Archive, by: &[Role::Clock], to: Some(State::Archived) },
    Transition { from: OVER, act: Act::Erase, by: &[Role::Firm], to: Some(State::Archived) },
    Transition { from: KEPT, act: Act::Correct, by: &[Role::Firm], to: None },
    Transition { from: HANDLED, act: Act::Remind, by: &[Role::Clock], to: None },
    Transition { from: HANDLED, act: Act::ProposeYellow, by: &[Role::Clock], to: None },
    Transition { from: HANDLED, act: Act::ProposeRed, by: &[Role::Clock], to: None },
    Transition { from: JUDGED, act: Act::IssueYellow, by: &[Role::Supervisor], to: None },
    Transition { from: JUDGED, act: Act::IssueRed, by: &[Role::Supervisor], to: None },
];

/// Why something may not be done to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not from this state.
    #[error("诉求现在是「{}」，不能做「{}」", .state.words(), .act.words())]
    State {
        /// Where the case stands.
        state: State,
        /// What was tried.
        act: Act,
    },
    /// Not by this role.
    #[error("「{}」不由{}来做", .act.words(), .role.words())]
    Role {
        /// Who tried.
        role: Role,
        /// What was tried.
        act: Act,
    },
    /// An act that needs details came without them.
    #[error("「{}」缺少必要的内容", .0.words())]
    Details(Act),
    /// Only what is complex has an extension.
    #[error("只有复杂类诉求可以延期")]
    NotExtendable,
    /// There has been an extension in this round.
    #[error("每轮办理只能延期一次，这一轮已经延期过")]
    Extended,
    /// A task force answers with both signatures.
    #[error("复杂类诉求须两位组长都签字后才能答复")]
    Signatures,
    /// Nobody has proposed the card, and nobody has said why.
    #[error("系统没有建议发{}；确实要发的，请写明理由", .0.words())]
    NotProposed(Card),
    /// This card or a graver one was issued in this round.
    #[error("这一轮已经发过{}", .0.words())]
    Issued(Card),
    /// It was closed too long ago.
    #[error("办结已超过 30 天，请重新提交诉求")]
    TooLate,
}

/// What the case becomes when `role` does this at `now`.
pub fn step(head: &Head, command: Command, role: Role, now: Moment) -> Result<Head, Refused> {
    let act = command.act(head);
    let row = TRANSITIONS.iter().find(|row| row.act == act && row.from.contains(&head.state));
    let row = row.ok_or(Refused::State { state: head.state, act })?;
    if !row.by.contains(&role) {
        return Err(Refused::Role { role, act });
    }
    let mut next = Head { state: row.to.unwrap_or(head.state), ..head.clone() };
    match command {
        Command::Grade(grade) => {
            next.grade = Some(grade);
            if grade == Grade::C {
                // What supervision has heard was by the shorter time of what is general.
                next.clock.told = None;
            }
        }
        Command::Answer { signed } if head.grade == Some(Grade::C) && signed < 2 => return Err(Refused::Signatures),
        Command::Answer { .. } => (next.clock.answered, next.clock.replied) = (Some(now), Some(now)),
        Command::Dispute => {
            next.disputes += 1;
            if act == Act::Dispute {
                next = new_round(next, now);
            }
        }
        Command::Issue { card, reasoned } => {
            if let Some(issued) = head.clock.issued.filter(|issued| *issued >= card) {
                return Err(Refused::Issued(issued));
            }
            if head.clock.proposed() < Some(card) && !reasoned {
                return Err(Refused::NotProposed(card));
            }
            next.clock.issued = Some(card);
        }
        Command::Plain(Act::Grade | Act::Answer | Act::Dispute | Act::DisputeAgain | Act::IssueYellow | Act::IssueRed) => {
            return Err(Refused::Details(act));
        }
        // Whoever answers on the spot says by it that the matter is of grade A.
        Command::Plain(Act::AnswerOnTheSpot) => {
            next.grade = Some(Grade::A);
            (next.clock.answered, next.clock.replied) = (Some(now), Some(now));
        }
        Command::Plain(Act::Plan) => (next.clock.planned, next.clock.replied) = (Some(now), Some(now)),
        Command::Plain(Act::Report) => next.clock.replied = Some(now),
        Command::Plain(Act::Ask) => (next.clock.stopped, next.clock.replied) = (Some(now), Some(now)),
        Command::Plain(Act::Supplement) => next.clock = next.clock.go_on(now),
        Command::Plain(Act::Remind) => next.clock.told = Some(Mark::Reminder),
        Command::Plain(Act::ProposeYellow) => next.clock.told = Some(Mark::Yellow),
        Command::Plain(Act::ProposeRed) => next.clock.told = Some(Mark::Red),
        Command::Plain(Act::Extend) if head.grade != Some(Grade::C) => return Err(Refused::NotExtendable),
        Command::Plain(Act::Extend) if head.extended => return Err(Refused::Extended),
        // Its reason is told to the firm.
        Command::Plain(Act::Extend) => (next.extended, next.clock.replied) = (true, Some(now)),
        Command::Plain(Act::Close) => next.closed = Some(now),
        Command::Plain(Act::Reopen) => {
            let open =
                head.closed.is_some_and(|closed| now.0.duration_since(closed.0) <= SignedDuration::from_hours(24 * REOPEN_DAYS));
            if !open {
                return Err(Refused::TooLate);
            }
            // Twice is counted within what the firm came for: after it was closed, one more answer that fails goes to supervision.
            next.disputes = next.disputes.min(1);
            next = new_round(next, now);
        }
        Command::Plain(_) => {}
    }
    if OVER.contains(&next.state) && !OVER.contains(&head.state) {
        next.ended = Some(now);
    }
    Ok(next)
}

/// The case as it is worked on anew, with a new clock.
fn new_round(head: Head, now: Moment) -> Head {
    let clock = Clock { since: Some(now), ..Clock::default() };
    Head { round: head.round + 1, grade: None, extended: false, closed: None, ended: None, clock, ..head }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        appeal::submit,
        fixtures::{at, calendar, limits},
    };

    const ROLES: [Role; 6] = [Role::Firm, Role::Collector, Role::Grader, Role::Handler, Role::Supervisor, Role::Clock];

    fn head(state: State) -> Head {
        let submitted = submit(Role::Firm, Urgency::Normal, &calendar(), &limits(), at("2026-11-24 09:00"));
        let closed = (state == State::Closed).then(|| at("2026-11-24 10:00"));
        Head { state, closed, grade: Some(Grade::C), ..submitted.head }
    }

    fn command(act: Act) -> Command {
        match act {
            Act::Grade => Command::Grade(Grade::B),
            Act::Answer => Command::Answer { signed: 2 },
            Act::Dispute | Act::DisputeAgain => Command::Dispute,
            Act::IssueYellow => Command::Issue { card: Card::Yellow, reasoned: true },
            Act::IssueRed => Command::Issue { card: Card::Red, reasoned: true },
            act => Command::Plain(act),
        }
    }

    #[test]
    fn exactly_the_table_is_allowed() {
        let now = at("2026-11-25 09:00");
        for state in State::ALL {
            for row in TRANSITIONS {
                let act = row.act;
                for role in ROLES {
                    let case = Head { disputes: u32::from(act == Act::DisputeAgain), ..head(state) };
                    let expected = TRANSITIONS
                        .iter()
                        .find(|row| row.act == act && row.from.contains(&state) && row.by.contains(&role))
                        .map(|row| row.to.unwrap_or(state));
                    let became = step(&case, command(act), role, now).ok().map(|head| head.state);
                    assert_eq!(became, expected, "{state:?} {act:?} {role:?}");
                }
            }
        }
    }

    #[test]
    fn every_state_is_reached_and_only_an_archived_case_stays_as_it_is() {
        for state in State::ALL {
            let reached = state == State::Submitted || TRANSITIONS.iter().any(|row| row.to == Some(state));
            let left = TRANSITIONS.iter().any(|row| row.to.is_some() && row.from.contains(&state));
            assert!(reached, "{state:?} cannot be reached");
            assert_eq!(left, state != State::Archived, "{state:?}");
        }
    }

    #[test]
    fn a_first_dispute_begins_a_round_and_a_second_goes_to_supervision() {
        let now = at("2026-11-25 09:00");
        let answered = Head { grade: Some(Grade::B), extended: true, ..head(State::Answered) };
        let again = step(&answered, Command::Dispute, Role::Firm, now).expect("first dispute");
        assert_eq!((again.state, again.round, again.grade, again.extended), (State::Accepted, 2, None, false));
        let answered = Head { state: State::Answered, ..again };
        let supervised = step(&answered, Command::Dispute, Role::Firm, now).expect("second dispute");
        assert_eq!((supervised.state, supervised.round, supervised.disputes), (State::Graded, 2, 2));
    }

    #[test]
    fn a_round_of_a_complex_matter_is_extended_once() {
        let now = at("2026-11-25 09:00");
        let simple = Head { grade: Some(Grade::B), ..head(State::Working) };
        assert_eq!(step(&simple, Command::Plain(Act::Extend), Role::Supervisor, now), Err(Refused::NotExtendable));
        let extended = step(&head(State::Working), Command::Plain(Act::Extend), Role::Supervisor, now).expect("first extension");
        assert_eq!(step(&extended, Command::Plain(Act::Extend), Role::Supervisor, now), Err(Refused::Extended));
    }

    #[test]
    fn a_task_force_answers_with_both_signatures() {
        let now = at("2026-11-25 09:00");
        let complex = Head { grade: Some(Grade::C), ..head(State::Working) };
        assert_eq!(step(&complex, Command::Answer { signed: 1 }, Role::Handler, now), Err(Refused::Signatures));
        assert!(step(&complex, Command::Answer { signed: 2 }, Role::Handler, now).is_ok());
    }

    #[test]
    fn a_card_is_issued_once_a_round_when_it_is_proposed_or_for_a_reason() {
        let now = at("2026-12-09 09:00");
        let issue = |head: &Head, card, reasoned| step(head, Command::Issue { card, reasoned }, Role::Supervisor, now);
        let told = |mark| {
            let working = head(State::Working);
            Head { clock: Clock { told: mark, ..Clock::default() }, ..working }
        };
        for (mark, card, reasoned, expected) in [
            (None, Card::Yellow, false, Err(Refused::NotProposed(Card::Yellow))),
            (None, Card::Yellow, true, Ok(())),
            (Some(Mark::Reminder), Card::Yellow, false, Err(Refused::NotProposed(Card::Yellow))),
            (Some(Mark::Yellow), Card::Yellow, false, Ok(())),
            (Some(Mark::Yellow), Card::Red, false, Err(Refused::NotProposed(Card::Red))),
            (Some(Mark::Yellow), Card::Red, true, Ok(())),
            (Some(Mark::Red), Card::Red, false, Ok(())),
            (Some(Mark::Red), Card::Yellow, false, Ok(())),
        ] {
            assert_eq!(issue(&told(mark), card, reasoned).map(drop), expected, "{mark:?} {card:?} {reasoned}");
        }
        let yellow = issue(&told(Some(Mark::Red)), Card::Yellow, false).expect("it is proposed");
        assert_eq!((yellow.state, yellow.clock.proposed()), (State::Working, Some(Card::Red)), "the case stays where it is");
        assert_eq!(issue(&yellow, Card::Yellow, true), Err(Refused::Issued(Card::Yellow)));
        let red = issue(&yellow, Card::Red, false).expect("it is proposed");
        assert_eq!(red.clock.proposed(), None);
        assert_eq!(issue(&red, Card::Yellow, true), Err(Refused::Issued(Card::Red)));
        let answered = Head { state: State::Answered, ..red };
        let again = step(&answered, Command::Dispute, Role::Firm, now).expect("a new round");
        assert_eq!(again.clock.issued, None, "each round is judged anew");
    }

    #[test]
    fn a_closed_case_is_reopened_within_thirty_days() {
        let closed = head(State::Closed);
        let reopen = |now| step(&closed, Command::Plain(Act::Reopen), Role::Firm, at(now)).map(|head| head.round);
        assert_eq!(reopen("2026-12-24 10:00"), Ok(2));
        assert_eq!(reopen("2026-12-24 10:01"), Err(Refused::TooLate));
        // What failed twice before it was closed is not held against the next unit: supervision hears of it when an answer fails again.
        let twice = Head { disputes: 2, ..closed };
        let again = step(&twice, Command::Plain(Act::Reopen), Role::Firm, at("2026-12-01 10:00")).expect("in time");
        assert_eq!(again.disputes, 1);
    }

    #[test]
    fn a_refusal_says_why_in_words() {
        let now = at("2026-11-25 09:00");
        let refused = |state, role| step(&head(state), Command::Plain(Act::Accept), role, now).expect_err("refused").to_string();
        assert_eq!(refused(State::Closed, Role::Collector), "诉求现在是「已办结」，不能做「诉求已受理」");
        assert_eq!(refused(State::Submitted, Role::Firm), "「诉求已受理」不由企业来做");
        let without_grade = step(&head(State::Accepted), Command::Plain(Act::Grade), Role::Grader, now);
        assert_eq!(without_grade, Err(Refused::Details(Act::Grade)));
    }
}
