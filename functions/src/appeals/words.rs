//! A case in words, for its firm.

use domain::{
    Moment,
    appeal::{
        self, Act, Event, Role, Stage, State,
        clock::{self, Owed},
    },
    value::TrackingNumber,
    words,
};
use pages::{
    Link,
    registration::Acts,
    service::{CaseContext, EventView, Fact, ReceiptContext, StageView},
};

use super::Case;
use crate::{Service, ServiceError, catalogue::Published, http::track_picture, submission::code};

impl Service {
    pub(super) fn appeal_receipt(&self, number: &TrackingNumber, case: &Case) -> ReceiptContext {
        let by = words::deadline(case.head.first_contact);
        let (promise, first) = if !case.origin.is_quarantined() {
            (format!("区工商联工作人员最迟在{by}打电话联系您。"), format!("最迟{by}，工作人员打您留下的电话，核实情况。"))
        } else {
            (
                format!("您的诉求已经存好，等待人工核对。核对后，工作人员最迟在{by}打电话联系您。"),
                "工作人员先核对这件诉求是不是本人提交的，不用您再做什么。".to_owned(),
            )
        };
        let mut facts = vec![fact("类别", &case.category)];
        facts.push(fact("紧急程度", case.head.urgency.words()));
        facts.push(fact("最迟联系", &by));
        ReceiptContext {
            form: case.origin.form.clone(),
            title: "诉求已收到".to_owned(),
            promise,
            number: number.to_string(),
            code: code(&self.keys, number, case.origin.code_counter).to_string(),
            number_label: "受理编号".to_owned(),
            facts,
            next: vec![
                first,
                "核实后分级：能当场答复的当场答复，要几家一起办的成立专班，办结日期那时告诉您。".to_owned(),
                "办到哪一步，凭编号和查询码随时可查。办完以后我们回访，您说解决了才算数。".to_owned(),
            ],
            track: Link { label: "查进度".to_owned(), url: "/track/".to_owned() },
            acts: self.acts_of_appeal_receipt(number),
            pass: None,
            track_picture: Some(track_picture(number)),
            calendar: None,
            session: None,
            received: words::moment(case.origin.received),
        }
    }

    /// What the tracker shows of a case: no names, no telephone; what was said to the firm in full.
    pub(crate) async fn appeal_page(
        &self,
        published: &Published,
        number: &TrackingNumber,
        case: &Case,
    ) -> Result<CaseContext, ServiceError> {
        let events = self.events(number).await?;
        let notes = self.notes(number).await?;
        let note = |event: &Event| notes.get(&event.seq).and_then(|note| note.said.public.clone());
        let shown = events.iter().rev().filter(|event| is_public(event.act));
        let unseen = case.origin.is_quarantined() || case.origin.is_discarded();
        Ok(CaseContext {
            number_label: "受理编号".to_owned(),
            number: number.to_string(),
            state: appeal_in_words(case),
            stages: stages(case.head.state, &events),
            facts: self.appeal_facts(published, case),
            events: shown.map(|event| event_view(event, note(event))).collect(),
            session: None,
            notice: self.appeal_notice(published, case),
            acts: if unseen { Acts::default() } else { self.acts_of_appeal(number, case) },
            rights: Acts::default(),
            pass: None,
            calendar: None,
        })
    }

    /// What was promised and how much time is left.
    fn appeal_facts(&self, published: &Published, case: &Case) -> Vec<Fact> {
        let now = self.clock.now();
        let (head, rules) = (&case.head, (&published.calendar, &published.limits));
        let owed = case.owed(published);
        let mut facts = vec![
            fact("提交时间", &words::moment(case.origin.received)),
            fact("类别", &case.category),
            fact("紧急程度", head.urgency.words()),
        ];
        if head.round > 1 {
            facts.push(fact("办理轮次", &format!("第 {} 轮", head.round)));
        }
        match head.state {
            // Until somebody has called, the promise is what matters most; taking a case on is not calling.
            State::Submitted | State::Accepted => match case.contacted {
                Some(at) => facts.push(fact("已联系", &words::moment(at))),
                None => {
                    let by = clock::contact_by(head, rules.0, rules.1);
                    facts.push(fact("最迟联系", &words::deadline(by)));
                    facts.push(fact("还剩", &time_left(published, now, by.at)));
                }
            },
            State::Graded | State::Assigned | State::Working | State::Waiting => {
                if let Some(due) = clock::result_by(head, rules.0, rules.1) {
                    facts.push(fact("最迟答复", &words::deadline(due)));
                    let left = if head.state == State::Waiting {
                        "等您补充期间不计时".to_owned()
                    } else {
                        time_left(published, now, due.at)
                    };
                    facts.push(fact("还剩", &left));
                }
            }
            _ => {}
        }
        // What is told on the way to the answer.
        if let Some((what @ (Owed::Plan | Owed::Report), due)) = owed {
            let left = if now > due.at { "（已超过承诺时间，我们正在督促）" } else { "" };
            facts.push(fact(&format!("最迟{}", what.words()), &format!("{}{left}", words::deadline(due))));
        }
        if case.is_supervised(published, now) {
            facts.push(fact("督办", "督办中：督查部门正在盯着这件事"));
        }
        if let Some(assigned) = &case.assigned {
            facts.push(fact("承办单位", &assigned.in_words()));
        }
        facts
    }

    /// What matters most now, where anything does.
    fn appeal_notice(&self, published: &Published, case: &Case) -> Option<String> {
        let head = &case.head;
        match head.state {
            State::Waiting => {
                let until = clock::next(head, &published.calendar, &published.limits).map(|(until, _)| words::moment(until));
                let until = until.map(|until| format!("{until}以后，我们按已有的材料接着办。")).unwrap_or_default();
                Some(format!("承办单位在等您补充，要补充什么写在下面。{until}"))
            }
            State::Answered => Some("已经有了答复，写在下面。请您看看解决了没有：您说解决了才算数。".to_owned()),
            _ => None,
        }
    }
}

impl super::Assigned {
    /// 区住建局，配合：供电公司，双组长：营商办、工商联
    pub(crate) fn in_words(&self) -> String {
        let mut words = self.unit.clone();
        for (label, names) in [("配合", &self.with), ("双组长", &self.leads)] {
            if !names.is_empty() {
                words += &format!("，{label}：{}", names.join("、"));
            }
        }
        words
    }
}

/// Where a case stands, in words for its firm.
pub(crate) fn appeal_in_words(case: &Case) -> String {
    if case.origin.erased.is_some() {
        crate::rights::ERASED.to_owned()
    } else if case.origin.is_discarded() {
        "人工核对未通过，没有受理。如果是您本人提交的，请打电话告诉我们".to_owned()
    } else if case.origin.is_quarantined() {
        "已提交，等待人工核对".to_owned()
    } else {
        case.head.state.words().to_owned()
    }
}

/// What supervision hears of is between it and the unit; the firm sees that it looks on.
fn is_public(act: Act) -> bool {
    !matches!(act, Act::Remind | Act::ProposeYellow | Act::ProposeRed | Act::IssueYellow | Act::IssueRed)
}

/// A term and its words.
pub(crate) fn fact(term: &str, words: &str) -> Fact {
    Fact { term: term.to_owned(), words: words.to_owned() }
}

/// 1 个工作日 / 今天 / 已超过
pub(crate) fn time_left(published: &Published, now: Moment, until: Moment) -> String {
    if now > until {
        return "已超过承诺时间，我们正在督促".to_owned();
    }
    match published.calendar.working_days_between(now.date(), until.date()) {
        0 => "今天之内".to_owned(),
        days => format!("{days} 个工作日"),
    }
}

/// The four stages with the date on which each was first reached. Off the usual way none is current.
fn stages(state: appeal::State, events: &[Event]) -> Vec<StageView> {
    let current = state.stage();
    Stage::ALL
        .iter()
        .map(|stage| {
            let reached = events.iter().find(|event| event.to.stage() == Some(*stage));
            let place = match current {
                Some(current) if *stage == current && state != State::Closed => "current",
                Some(current) if *stage <= current => "done",
                None if reached.is_some() => "done",
                _ => "ahead",
            };
            let date = reached.filter(|_| place != "ahead").map(|event| words::date(event.at.date()));
            StageView { name: stage.words().to_owned(), state: place.to_owned(), date }
        })
        .collect()
}

fn event_view(event: &Event, note: Option<String>) -> EventView {
    let what = match event.act {
        Act::Supplement if event.by == Role::Firm => "企业已补充材料",
        act => act.words(),
    };
    EventView { at: words::moment(event.at), what: what.to_owned(), note }
}
