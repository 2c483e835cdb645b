//! What staff do with a case, from taking it on to closing it: the acts of the table of transitions, each with what it needs and with what the
//! firm is told.
//!
//! Until the desk knows who has which role, whoever works here acts in the role that an act belongs to; the record names them.

use domain::{
    Moment,
    appeal::{
        Act, Card, Command, Grade, Role, Stage, State, TRANSITIONS, clock,
        firm::{Content, FollowUp, Solved},
        suggest::{Matter, Suggestion, suggest},
    },
    form::Answer,
    value::{TrackingKind, TrackingNumber},
    words,
};

use super::{Operator, WorkFile};
use crate::{
    Service, ServiceError,
    appeals::{Assigned, Case, Said, Step, Stepped, Visited},
    catalogue::Published,
    outbox::What,
};

/// Something that is to be done to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// 受理
    Accept,
    /// 不予受理
    Reject {
        /// On which legal ground.
        ground: String,
        /// Where to go instead.
        instead: String,
    },
    /// 转交
    Transfer {
        /// To whom.
        to: String,
        /// The case's number there.
        their_number: String,
    },
    /// 并案
    Merge {
        /// The case that goes on.
        into: String,
    },
    /// 分级
    Grade(Grade),
    /// 交办
    Assign {
        /// 牵头单位
        unit: String,
        /// 配合单位
        with: Vec<String>,
        /// 双组长: two, for a task force.
        leads: Vec<String>,
    },
    /// 接收
    Take,
    /// 退回; the note says why.
    Return,
    /// 请企业补充; the note says what.
    Ask,
    /// 补充 by telephone, what the firm was asked for; the note holds it.
    Supplement,
    /// 补充说明 by telephone; the note holds it.
    Add,
    /// 办理方案; the note holds it.
    Plan,
    /// 阶段答复; the note holds it.
    Report,
    /// 延期; the note says why.
    Extend,
    /// 答复; the note holds it.
    Answer {
        /// Which leads have signed, for a task force.
        signed: Vec<String>,
    },
    /// 现场答复, at once; the note holds it.
    AnswerOnTheSpot,
    /// 回访 by telephone.
    FollowUp {
        /// Is it solved?
        solved: Solved,
        /// How content are they?
        content: Content,
    },
    /// 撤回 by telephone.
    Withdraw,
    /// 黄牌 or 红牌 of 区委督查考核办; where the system has not proposed it, the private remark says why.
    Issue(Card),
    /// 办结
    Close,
    /// 重新办理 by telephone; the note says why.
    Reopen,
}

/// What is said about a piece of work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remarks {
    /// The firm reads it.
    pub note: Option<String>,
    /// Only staff read it.
    pub private: Option<String>,
}

/// What became of a piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Worked {
    /// It is done.
    Done {
        /// Where the case now stands, in words.
        state: String,
        /// By when there must be a result, once that is known.
        due: Option<Moment>,
    },
    /// Why not, in words for staff; nothing was changed.
    Refused(String),
}

/// What has to be said before an act is done, when it is missing.
struct Missing(&'static str);

impl Work {
    fn act(&self) -> Act {
        match self {
            Work::Accept => Act::Accept,
            Work::Reject { .. } => Act::Reject,
            Work::Transfer { .. } => Act::Transfer,
            Work::Merge { .. } => Act::Merge,
            Work::Grade(_) => Act::Grade,
            Work::Assign { .. } => Act::Assign,
            Work::Take => Act::Take,
            Work::Return => Act::Return,
            Work::Ask => Act::Ask,
            Work::Supplement => Act::Supplement,
            Work::Add => Act::Add,
            Work::Plan => Act::Plan,
            Work::Report => Act::Report,
            Work::Extend => Act::Extend,
            Work::Answer { .. } => Act::Answer,
            Work::AnswerOnTheSpot => Act::AnswerOnTheSpot,
            Work::FollowUp { .. } => Act::Confirm,
            Work::Withdraw => Act::Withdraw,
            Work::Issue(card) => card.act(),
            Work::Close => Act::Close,
            Work::Reopen => Act::Reopen,
        }
    }

    /// The role that it belongs to: the first that the table names, which for the firm's own acts is the firm that has called.
    fn role(&self) -> Role {
        let rows = TRANSITIONS.iter().filter(|row| row.act == self.act());
        rows.flat_map(|row| row.by).next().copied().unwrap_or(Role::Supervisor)
    }

    fn command(&self, remarks: &Remarks) -> Command {
        match self {
            Work::Issue(card) => Command::Issue { card: *card, reasoned: says(&remarks.private) },
            Work::Grade(grade) => Command::Grade(*grade),
            Work::Answer { signed } => Command::Answer { signed: u8::try_from(signed.len()).unwrap_or(u8::MAX) },
            Work::FollowUp { .. } => self.follow_up().map_or(Command::Dispute, |said| said.command()),
            other => Command::Plain(other.act()),
        }
    }

    fn follow_up(&self) -> Option<FollowUp> {
        let Work::FollowUp { solved, content } = self else { return None };
        Some(FollowUp { solved: *solved, content: *content, values: Default::default() })
    }

    /// Whom and what it has to be told.
    fn message(&self) -> Option<What> {
        match self {
            Work::Reject { .. } | Work::Transfer { .. } | Work::Merge { .. } => Some(What::CaseEnded),
            Work::Grade(_) => Some(What::CaseGraded),
            Work::Ask => Some(What::CaseAsked),
            Work::Plan | Work::Report => Some(What::CaseReported),
            Work::Extend => Some(What::CaseExtended),
            Work::Answer { .. } | Work::AnswerOnTheSpot => Some(What::FollowUp),
            _ => None,
        }
    }

    /// What is missing before it can be done.
    fn missing(&self, remarks: &Remarks) -> Option<Missing> {
        let needs_note = match self {
            Work::Return => Some("退回要写明原因（--note）"),
            Work::Ask => Some("请写明要企业补充什么（--note）"),
            Work::Supplement | Work::Add => Some("请写下企业补充的内容（--note）"),
            Work::Plan => Some("请写明打算怎么办、分几步（--note）"),
            Work::Report => Some("请写明办到了哪一步（--note）"),
            Work::Extend => Some("延期的原因要告诉企业（--note）"),
            Work::Answer { .. } | Work::AnswerOnTheSpot => Some("请写明答复的内容（--note）"),
            Work::Reopen => Some("请写明企业为什么要求重办（--note）"),
            _ => None,
        };
        let blank = |text: &String| text.trim().is_empty();
        let needed = match self {
            Work::Reject { ground, instead } if blank(ground) || blank(instead) => {
                Some("不予受理要写明依据（--ground）和该找哪里（--instead）")
            }
            Work::Transfer { to, their_number } if blank(to) || blank(their_number) => {
                Some("转交要写明转给谁（--to）和对方的编号（--their-number）")
            }
            Work::Merge { into } if blank(into) => Some("并案要写明并入哪一件（--into）"),
            Work::Assign { unit, .. } if blank(unit) => Some("交办要写明承办单位（--unit）"),
            _ => None,
        };
        needed.or(needs_note.filter(|_| remarks.note.as_ref().is_none_or(blank))).map(Missing)
    }
}

impl Service {
    /// Does a piece of work on the case `number`.
    pub async fn work(&self, number: &str, work: &Work, remarks: &Remarks, operator: &Operator) -> Result<Worked, ServiceError> {
        let number = self.appeal_number(number)?;
        let published = self.published().await?;
        let (case, _) = self.case_item(&number).await?;
        if let Some(Missing(why)) = work.missing(remarks) {
            return Ok(Worked::Refused(why.to_owned()));
        }
        if let Some(why) = self.objection(&number, &case, work, remarks).await? {
            return Ok(Worked::Refused(why));
        }
        let now = self.clock.now();
        let into = match work {
            Work::Merge { into } => Some(self.appeal_number(into)?),
            _ => None,
        };
        let said =
            Said { public: told(&published, &case, work, remarks, now), private: remarks.private.clone(), supervision: None };
        let step = Step {
            command: work.command(remarks),
            by: work.role(),
            operator: Some(&operator.0),
            said,
            change: &|case| match work {
                Work::Assign { unit, with, leads } => {
                    let assigned = Assigned { unit: unit.clone(), with: with.clone(), leads: leads.clone(), at: now };
                    case.assigned = Some(assigned);
                }
                Work::FollowUp { solved, content } => {
                    case.visited = Some(Visited { solved: *solved, content: *content, at: now });
                }
                Work::Return => case.assigned = None,
                _ => {}
            },
            message: work.message(),
            into: into.as_ref(),
            with: Vec::new(),
        };
        Ok(match self.step_case(&published, &number, &step).await? {
            Stepped::Done(case) => Worked::Done {
                state: case.head.state.words().to_owned(),
                due: clock::result_by(&case.head, &published.calendar, &published.limits).map(|due| due.at),
            },
            Stepped::Refused(why) => Worked::Refused(why),
        })
    }

    /// The grade that the rules propose for a case, with reasons.
    pub async fn suggestion(&self, number: &str) -> Result<Suggestion, ServiceError> {
        let number = self.appeal_number(number)?;
        let (case, _) = self.case_item(&number).await?;
        self.suggest(&number, &case).await
    }

    /// How far the work on a case is.
    pub(super) async fn work_file(&self, number: &TrackingNumber, case: &Case) -> Result<WorkFile, ServiceError> {
        let published = self.published().await?;
        let rules = (&published.calendar, &published.limits);
        let head = &case.head;
        let due = clock::result_by(head, rules.0, rules.1).map(|due| due.at);
        let running = matches!(head.state.stage(), Some(Stage::Collecting | Stage::Handling));
        let ungraded = head.grade.is_none() && head.state == State::Accepted;
        let is_open = !case.origin.is_quarantined() && !case.origin.is_discarded();
        let rows = TRANSITIONS.iter().filter(|row| is_open && row.from.contains(&head.state));
        let next = rows.filter_map(|row| Some((row.act, *row.by.first().filter(|role| **role != Role::Clock)?)));
        // Which dispute it is, the case knows; an extension and a card are offered where there is one.
        let extends = head.grade == Some(Grade::C) && !head.extended;
        let proposed = head.clock.proposed();
        let is_offered = |act: Act| match act {
            Act::DisputeAgain => false,
            Act::Extend => extends,
            Act::IssueYellow => proposed == Some(Card::Yellow),
            Act::IssueRed => proposed == Some(Card::Red),
            // What somebody asks of what is stored about them is no step of the work.
            Act::Correct | Act::Erase => false,
            _ => true,
        };
        let next = next.filter(|(act, _)| is_offered(*act)).collect();
        Ok(WorkFile {
            round: head.round,
            grade: head.grade.map(|grade| grade.words().to_owned()),
            suggestion: if ungraded { Some(self.suggest(number, case).await?) } else { None },
            assigned: case.assigned.as_ref().map(Assigned::in_words),
            owed: case.owed(&published).map(|(owed, due)| (owed.words(), due.at)),
            result_by: due.filter(|_| running),
            overdue: running && due.is_some_and(|due| self.clock.now() > due),
            supervised: case.is_supervised(&published, self.clock.now()),
            next,
        })
    }

    /// What was said about the steps of a case, opened. Whoever calls this has recorded it.
    pub(super) async fn case_notes(&self, number: &TrackingNumber) -> Result<Vec<super::Answer>, ServiceError> {
        if number.kind() != TrackingKind::Appeal {
            return Ok(Vec::new());
        }
        let notes = self.notes(number).await?;
        let mut answers = Vec::new();
        for event in self.events(number).await? {
            let Some(note) = notes.get(&event.seq) else { continue };
            let said = &note.said;
            let parts = [("", &said.public), ("，内部备注", &said.private), ("，只给督查", &said.supervision)];
            for (kind, text) in parts {
                if let Some(value) = text.clone() {
                    let label = format!("{}（{}{kind}）", event.act.words(), words::moment(event.at));
                    answers.push(super::Answer { field: "note".to_owned(), label, value });
                }
            }
        }
        Ok(answers)
    }

    async fn suggest(&self, number: &TrackingNumber, case: &Case) -> Result<Suggestion, ServiceError> {
        let found = self.found(&number.to_string()).await?;
        let text = |field: &str| -> Result<String, ServiceError> {
            Ok(match found.answers.any(&self.keys, field)? {
                Some(Answer::Text(text)) => text,
                _ => String::new(),
            })
        };
        let environment = super::ledger::environment(&found);
        let matter = Matter { environment: &environment, units: &text("units")?, reported: !text("reported")?.is_empty() };
        Ok(suggest(&case.head, matter))
    }

    /// What the table of transitions cannot know: another case, the rules' proposal.
    async fn objection(
        &self,
        number: &TrackingNumber,
        case: &Case,
        work: &Work,
        remarks: &Remarks,
    ) -> Result<Option<String>, ServiceError> {
        Ok(match work {
            Work::Merge { into } => {
                let Ok(into) = self.appeal_number(into) else { return Ok(Some(format!("没有受理编号 {into}"))) };
                if into == *number {
                    return Ok(Some("一件诉求不能并入它自己".to_owned()));
                }
                match self.case_item(&into).await {
                    Ok(_) => None,
                    Err(ServiceError::UnknownNumber(_)) => Some(format!("没有受理编号 {into}")),
                    Err(error) => return Err(error),
                }
            }
            Work::Grade(grade) => {
                let suggestion = self.suggest(number, case).await?;
                (*grade != suggestion.grade && !says(&remarks.private)).then(|| {
                    let reasons = suggestion.reasons.join("；");
                    format!(
                        "系统建议定为{}（{reasons}）。要定为{}，请写明理由（--private）",
                        suggestion.grade.words(),
                        grade.words()
                    )
                })
            }
            Work::Assign { leads, .. } if case.head.grade == Some(Grade::C) && leads.len() != 2 => {
                Some("复杂类要成立专班，请写明两位组长单位（--lead 写两次）".to_owned())
            }
            Work::Assign { leads, .. } if case.head.grade != Some(Grade::C) && !leads.is_empty() => {
                Some("只有复杂类才有双组长".to_owned())
            }
            Work::Answer { signed } if case.head.grade == Some(Grade::C) => {
                let leads = case.assigned.as_ref().map(|assigned| assigned.leads.as_slice()).unwrap_or_default();
                let unsigned: Vec<&str> = leads.iter().filter(|lead| !signed.contains(lead)).map(String::as_str).collect();
                (!unsigned.is_empty()).then(|| format!("还差{}签字（--signed）", unsigned.join("、")))
            }
            Work::Assign { .. }
                if !case.origin.consents.boxes.get("forward").copied().unwrap_or(false) && !says(&remarks.private) =>
            {
                Some("企业没有勾选同意转给承办单位。先打电话问，同意了再交办，并写明谁在什么时候同意的（--private）".to_owned())
            }
            _ => None,
        })
    }

    fn appeal_number(&self, number: &str) -> Result<TrackingNumber, ServiceError> {
        let parsed = number.parse::<TrackingNumber>().ok().filter(|number| number.kind() == TrackingKind::Appeal);
        parsed.ok_or_else(|| ServiceError::UnknownNumber(number.to_owned()))
    }
}

fn says(remark: &Option<String>) -> bool {
    remark.as_ref().is_some_and(|text| !text.trim().is_empty())
}

/// What the firm is told about a piece of work.
fn told(published: &Published, case: &Case, work: &Work, remarks: &Remarks, now: Moment) -> Option<String> {
    let note = remarks.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    let facts = match work {
        Work::Reject { ground, instead } => Some(format!("依据：{ground}。可以找：{instead}。")),
        Work::Transfer { to, their_number } => Some(format!("已转给{to}，在那里的编号是 {their_number}。")),
        Work::Merge { into } => Some(format!("和编号 {into} 的诉求是同一件事，合在一起办。有了结果，工作人员打电话告诉您。")),
        Work::Grade(grade) => {
            let graded = domain::appeal::Head { grade: Some(*grade), ..case.head.clone() };
            let due = clock::result_by(&graded, &published.calendar, &published.limits).map(words::deadline);
            let due = due.map(|due| format!("，最迟{due}答复您")).unwrap_or_default();
            Some(format!("定为{}{due}。", grade.words()))
        }
        Work::Assign { unit, with, leads } => {
            let assigned = Assigned { unit: unit.clone(), with: with.clone(), leads: leads.clone(), at: now };
            Some(format!("由{}办理。", assigned.in_words()))
        }
        Work::Extend => {
            let extended = domain::appeal::Head { extended: true, ..case.head.clone() };
            let due = clock::result_by(&extended, &published.calendar, &published.limits).map(words::deadline);
            due.map(|due| format!("最迟改到{due}。"))
        }
        Work::FollowUp { solved, content } => Some(format!("电话回访：{}，{}。", solved.words(), content.words())),
        _ => None,
    };
    let parts: Vec<&str> = facts.as_deref().into_iter().chain(note).collect();
    Some(parts.join("\n")).filter(|text| !text.is_empty())
}
