//! The ledger's columns and what fills each.

use std::collections::BTreeMap;

use domain::{
    appeal::{Act, Card, Event, Mark, clock},
    form, words,
};

use super::Tier;
use crate::{
    ServiceError,
    appeals::{Case, Note},
    catalogue::Published,
    office::{Found, Kind},
    seal::Keys,
    submission::Source,
};

/// As the district's office keeps them.
pub(super) const COLUMNS: [&str; 34] = [
    "序号",
    "受理编号",
    "收集时间",
    "来源",
    "企业名称",
    "信用代码",
    "产业链",
    "规模",
    "镇街/园区",
    "联系人",
    "联系电话",
    "类别",
    "五大环境",
    "内容摘要",
    "紧急程度",
    "分级",
    "牵头单位",
    "配合单位",
    "双组长",
    "交办时间",
    "办理时限",
    "办理进展",
    "办理结果",
    "是否办结",
    "办结时间",
    "用时(工作日)",
    "是否延期/次数/原因",
    "督办情况",
    "回访时间",
    "是否解决",
    "满意度",
    "是否重办",
    "是否公开",
    "备注",
];

/// What happened to an appeal and what was said about it.
pub(super) struct History {
    pub(super) events: Vec<Event>,
    pub(super) notes: BTreeMap<u32, Note>,
}

/// One appeal as a row.
pub(super) fn row(
    keys: &Keys,
    published: &Published,
    (position, tier): (usize, Tier),
    found: &Found,
    history: &History,
) -> Result<Vec<String>, ServiceError> {
    let Kind::Appeal(case) = &found.head else { return Ok(Vec::new()) };
    let assigned = case.assigned.as_ref();
    let moment = |at: Option<domain::Moment>| at.map(words::moment).unwrap_or_default();
    let mut cells = Vec::with_capacity(COLUMNS.len());
    for column in COLUMNS {
        cells.push(match column {
            "序号" => position.to_string(),
            "受理编号" => found.number.to_string(),
            "收集时间" => words::moment(case.origin.received),
            "来源" => if case.origin.source == Source::Web { "网上提交" } else { "电话代填" }.to_owned(),
            "紧急程度" => case.head.urgency.words().to_owned(),
            "分级" => case.head.grade.map(|grade| grade.words().to_owned()).unwrap_or_default(),
            "办理进展" => case.head.state.words().to_owned(),
            "是否办结" => if case.head.closed.is_some() { "是" } else { "否" }.to_owned(),
            "办结时间" => case.head.closed.map(words::moment).unwrap_or_default(),
            "牵头单位" => assigned.map(|assigned| assigned.unit.clone()).unwrap_or_default(),
            "配合单位" => assigned.map(|assigned| assigned.with.join("、")).unwrap_or_default(),
            "双组长" => assigned.map(|assigned| assigned.leads.join("、")).unwrap_or_default(),
            "交办时间" => moment(assigned.map(|assigned| assigned.at)),
            "办理时限" => {
                clock::result_by(&case.head, &published.calendar, &published.limits).map(words::deadline).unwrap_or_default()
            }
            "办理结果" => history.last_note(&[Act::Answer, Act::AnswerOnTheSpot, Act::Reject, Act::Transfer], tier),
            "用时(工作日)" => case.head.closed.map(|closed| days(published, case, closed)).unwrap_or_default(),
            "是否延期/次数/原因" => extension(case, history, tier),
            "督办情况" => supervision(case, history),
            "回访时间" => moment(case.visited.as_ref().map(|visited| visited.at)),
            "是否解决" => match &case.visited {
                Some(visited) => visited.solved.words().to_owned(),
                None if history.last(&[Act::Lapse]).is_some() => "未回应".to_owned(),
                None => String::new(),
            },
            "满意度" => case.visited.as_ref().map(|visited| visited.content.words().to_owned()).unwrap_or_default(),
            "是否重办" => {
                if case.head.round > 1 {
                    format!("是，第 {} 轮", case.head.round)
                } else {
                    "否".to_owned()
                }
            }
            "五大环境" => environment(found),
            "备注" => remarks(published, case),
            column => match found.form.fields().find(|field| field.ledger.as_deref() == Some(column)) {
                Some(field) => answer(keys, found, field, tier)?,
                None => String::new(),
            },
        });
    }
    Ok(cells)
}

impl History {
    fn last(&self, acts: &[Act]) -> Option<&Event> {
        self.events.iter().rev().find(|event| acts.contains(&event.act))
    }

    /// What the firm was told by the last of these acts. It may name the firm, so the public does not read it.
    fn last_note(&self, acts: &[Act], tier: Tier) -> String {
        let event = self.last(acts).filter(|_| tier != Tier::Public);
        let note = event.and_then(|event| self.notes.get(&event.seq)).and_then(|note| note.said.public.clone());
        note.unwrap_or_default()
    }
}

/// Working days from receipt to closing.
fn days(published: &Published, case: &Case, closed: domain::Moment) -> String {
    published.calendar.working_days_between(case.origin.received.date(), closed.date()).to_string()
}

/// 是/1/原因
fn extension(case: &Case, history: &History, tier: Tier) -> String {
    if !case.head.extended {
        return "否".to_owned();
    }
    let why = history.last_note(&[Act::Extend], tier).replace('\n', " ");
    format!("是/1/{why}")
}

/// The cards that 区委督查考核办 has issued, of all rounds, then what the system proposes or why supervision looks on.
fn supervision(case: &Case, history: &History) -> String {
    let issued = history.events.iter().filter_map(|event| {
        let card = [Card::Yellow, Card::Red].into_iter().find(|card| card.act() == event.act)?;
        Some(format!("{}发{}", words::date(event.at.date()), card.words()))
    });
    let now = match (case.head.clock.proposed(), case.head.clock.told) {
        (Some(card), _) => Some(format!("建议{}", card.words())),
        (None, Some(Mark::Reminder)) => Some("已提醒".to_owned()),
        (None, _) if case.head.clock.issued.is_none() && clock::has_task_force(&case.head) => Some("专班督办".to_owned()),
        (None, _) => None,
    };
    issued.chain(now).collect::<Vec<_>>().join("；")
}

/// Which of the five environments the category belongs to, as the content's data file says.
pub(in crate::office) fn environment(found: &Found) -> String {
    let category = found.form.field("category").zip(found.answers.plain_text("category"));
    let option = category.and_then(|(field, value)| field.listed().iter().find(|option| option.value == value));
    option.and_then(|option| option.environment.clone()).unwrap_or_default()
}

/// The promise that has no column of its own, and what waits for a person.
fn remarks(published: &Published, case: &Case) -> String {
    let check = match (case.origin.is_quarantined(), case.origin.is_discarded()) {
        (true, _) => "；待人工核对",
        (_, true) => "；人工核对未通过",
        _ => "",
    };
    let by = clock::first_contact(&case.head, &published.calendar, &published.limits);
    format!("最迟{}首次联系{check}", words::moment(by.at))
}

/// What of an answer may stand in a ledger of this tier.
fn answer(keys: &Keys, found: &Found, field: &form::Field, tier: Tier) -> Result<String, ServiceError> {
    let personal = field.privacy != form::Privacy::Plain;
    if personal && tier == Tier::Public {
        return Ok(String::new());
    }
    if tier == Tier::Environment && tells_who(field) && asks_for_secrecy(keys, found)? {
        return Ok("（身份保密）".to_owned());
    }
    let Some(answer) = found.answers.any(keys, &field.id)? else { return Ok(String::new()) };
    let words = form::answer_in_words(field, &answer);
    let telephone = matches!(field.kind, form::FieldKind::Mobile | form::FieldKind::Telephone);
    if telephone && tier == Tier::Environment {
        return Ok(words
            .parse::<domain::value::Telephone>()
            .map_or_else(|_| "已隐去".to_owned(), |telephone| telephone.masked()));
    }
    Ok(words)
}

/// The answer names the firm or somebody of it.
fn tells_who(field: &form::Field) -> bool {
    matches!(field.id.as_str(), "company" | "credit_code" | "contact" | "mobile" | "other_contact")
}

/// The firm asked that whoever handles its case is not told who it is (身份保密).
fn asks_for_secrecy(keys: &Keys, found: &Found) -> Result<bool, ServiceError> {
    Ok(found.answers.any(keys, "anonymous")? == Some(form::Answer::Text("yes".to_owned())))
}
