//! `case NUMBER STEP`: the work on an appeal, a step at a time.

use domain::appeal::{
    Act, Card, Grade,
    firm::{Content, Solved},
};
use functions::office::{Remarks, Work, WorkFile, Worked};

use crate::{
    cli::{CaseOptions, ContentName, GradeName, SolvedName, WorkDetails, WorkName},
    failure::Failure,
    open::service_failure,
    terminal::{self, eprintln, println},
};

/// Does one step and says where the case then stands.
pub async fn run(options: &CaseOptions, name: WorkName) -> anyhow::Result<()> {
    let number = super::number(&options.number);
    let work = work(name, &options.details)?;
    let operator = super::operator(&options.who)?;
    let remarks = Remarks { note: options.details.note.clone(), private: options.details.private.clone() };
    let (service, _) = super::open(&options.place).await?;
    match service.work(&number, &work, &remarks, &operator).await.map_err(service_failure)? {
        Worked::Done { state, due } => {
            println!("{number} 现在的状态：{state}");
            if let Some(due) = due {
                println!("最迟{}有结果", terminal::moment(due));
            }
            eprintln!("已记录：{} 办理了 {number}。接下来可以做什么：xiangshang case {number}", operator.0);
            Ok(())
        }
        Worked::Refused(why) => {
            Err(Failure::new(why, &format!("什么也没有改。看现在可以做什么：xiangshang case {number}")).into())
        }
    }
}

/// How the step for an act is typed, with what it needs; none for what nobody types. Whoever copies it only puts their own words in.
pub fn typed(act: Act, work: &WorkFile) -> Option<String> {
    let is_complex = work.grade.as_deref() == Some(Grade::C.words());
    let grade = work.suggestion.as_ref().map_or("A|B|C", |suggestion| match suggestion.grade {
        Grade::A => "A",
        Grade::B => "B",
        Grade::C => "C",
    });
    Some(match act {
        Act::Grade => format!("grade --grade {grade}"),
        Act::Assign if is_complex => "assign --unit 专班 --lead 组长单位 --lead 组长单位".to_owned(),
        Act::Answer if is_complex => "answer --note 答复 --signed 组长单位 --signed 组长单位".to_owned(),
        other => plainly_typed(other)?.to_owned(),
    })
}

fn plainly_typed(act: Act) -> Option<&'static str> {
    Some(match act {
        Act::Accept => "accept",
        Act::Reject => "reject --ground 依据 --instead 该找哪里",
        Act::Transfer => "transfer --to 单位 --their-number 对方编号",
        Act::Merge => "merge --into 编号",
        Act::Withdraw => "withdraw",
        Act::AnswerOnTheSpot => "on-the-spot --note 答复",
        Act::Assign => "assign --unit 承办单位",
        Act::Take => "take",
        Act::Return => "return --note 原因",
        Act::Ask => "ask --note 要补充什么",
        Act::Supplement => "supplement --note 补充的内容",
        Act::Add => "add --note 补充的内容",
        Act::Plan => "plan --note 打算怎么办",
        Act::Report => "report --note 办到哪一步",
        Act::Extend => "extend --note 原因",
        Act::Answer => "answer --note 答复",
        Act::Confirm => "follow-up --solved yes|partly|no --content satisfied|mostly|dissatisfied|unsaid",
        Act::IssueYellow => "yellow-card",
        Act::IssueRed => "red-card",
        Act::Close => "close",
        Act::Reopen => "reopen --note 原因",
        Act::Grade
        | Act::Submit
        | Act::Dispute
        | Act::DisputeAgain
        | Act::Lapse
        | Act::Archive
        | Act::Correct
        | Act::Erase
        | Act::Remind
        | Act::ProposeYellow
        | Act::ProposeRed => return None,
    })
}

fn work(name: WorkName, details: &WorkDetails) -> anyhow::Result<Work> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Ok(match name {
        WorkName::Accept => Work::Accept,
        WorkName::Reject => Work::Reject { ground: text(&details.ground), instead: text(&details.instead) },
        WorkName::Transfer => Work::Transfer { to: text(&details.to), their_number: text(&details.their_number) },
        WorkName::Merge => Work::Merge { into: super::number(&text(&details.into)) },
        WorkName::Grade => Work::Grade(match details.grade {
            Some(GradeName::A) => Grade::A,
            Some(GradeName::B) => Grade::B,
            Some(GradeName::C) => Grade::C,
            None => return Err(missing("没有写定为哪一级", "加上 --grade A、B 或 C；先看系统的建议：xiangshang case 编号")),
        }),
        WorkName::Assign => Work::Assign { unit: text(&details.unit), with: details.with.clone(), leads: details.lead.clone() },
        WorkName::Take => Work::Take,
        WorkName::Return => Work::Return,
        WorkName::Ask => Work::Ask,
        WorkName::Supplement => Work::Supplement,
        WorkName::Add => Work::Add,
        WorkName::Plan => Work::Plan,
        WorkName::Report => Work::Report,
        WorkName::Extend => Work::Extend,
        WorkName::Answer => Work::Answer { signed: details.signed.clone() },
        WorkName::OnTheSpot => Work::AnswerOnTheSpot,
        WorkName::FollowUp => {
            let (Some(solved), Some(content)) = (details.solved, details.content) else {
                return Err(missing(
                    "没有写回访的结果",
                    "加上 --solved yes|partly|no 和 --content satisfied|mostly|dissatisfied|unsaid",
                ));
            };
            Work::FollowUp {
                solved: match solved {
                    SolvedName::Yes => Solved::Yes,
                    SolvedName::Partly => Solved::Partly,
                    SolvedName::No => Solved::No,
                },
                content: match content {
                    ContentName::Satisfied => Content::Satisfied,
                    ContentName::Mostly => Content::Mostly,
                    ContentName::Dissatisfied => Content::Dissatisfied,
                    ContentName::Unsaid => Content::Unsaid,
                },
            }
        }
        WorkName::Withdraw => Work::Withdraw,
        WorkName::YellowCard => Work::Issue(Card::Yellow),
        WorkName::RedCard => Work::Issue(Card::Red),
        WorkName::Close => Work::Close,
        WorkName::Reopen => Work::Reopen,
    })
}

fn missing(what: &str, next: &str) -> anyhow::Error {
    Failure::new(what.to_owned(), next).into()
}
