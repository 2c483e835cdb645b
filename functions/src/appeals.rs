//! Appeals in the table: filing one, and reading it back for its firm and for staff.

use domain::{
    Moment,
    appeal::{self, Event, Head, Role, Stage, Urgency},
    value::{TrackingKind, TrackingNumber},
    words,
};
use pages::{
    Link,
    registration::Acts,
    service::{CaseContext, EventView, Fact, ReceiptContext, StageView},
};
use serde::{Deserialize, Serialize};

use crate::{
    Service, ServiceError,
    catalogue::Published,
    log::concerns,
    outbox::{Message, What},
    seal::random,
    submission::{NewReceipt, Origin, Source, Submission, code, head_key, partition},
    table::{Index, Key, NewItem, Query, TableError, Write, query_all},
};

/// How often another tracking number is tried when one is taken: with a hundred thousand numbers a day this is not reached in practice.
const ATTEMPTS: usize = 8;

/// A case's head item.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Case {
    pub(crate) origin: Origin,
    pub(crate) head: Head,
    /// The category in words: the inbox shows it without opening anything.
    pub(crate) category: String,
}

/// The list of all appeals, by the time at which they came.
pub(crate) const LIST: &str = "APPEALS";

impl Service {
    /// Files an appeal: case, first event, answers, receipt and the call to make, in one transaction. Gives the receipt's address.
    pub(crate) async fn file_appeal(
        &self,
        published: &Published,
        submission: &Submission<'_>,
    ) -> Result<NewReceipt, ServiceError> {
        let now = self.clock.now();
        let urgency = submission.values.text("urgency").and_then(|text| text.parse().ok()).unwrap_or(Urgency::Normal);
        let by = if submission.source == Source::Web { Role::Firm } else { Role::Collector };
        let submitted = appeal::submit(by, urgency, &published.calendar, &published.limits, now);
        let category = submission.form.field("category").zip(submission.values.get("category"));
        let category = category.map(|(field, answer)| domain::form::answer_in_words(field, answer)).unwrap_or_default();

        for _ in 0..ATTEMPTS {
            let number = TrackingNumber::new(TrackingKind::Appeal, now.date(), u64::from_be_bytes(random()));
            let case = Case { origin: submission.origin(&number, now), head: submitted.head.clone(), category: category.clone() };
            let receipt = NewReceipt::new(self.appeal_receipt(&number, &case));
            let what = if case.origin.is_quarantined() { What::Check } else { What::FirstContact };
            let message = Message::new(what, &number).due(case.head.first_contact.at);
            let listed = Key::new(LIST, format!("{:016}#{number}", now.0.as_millisecond()));
            let mut writes = vec![
                Write::create(NewItem::json(head_key(&number), &case).listed(Index::First, listed)),
                Write::create(NewItem::json(event_key(&number, &submitted.event), &submitted.event)),
            ];
            writes.extend(submission.writes(&self.keys, &number, &receipt, &message, now));
            match self.table.transact(writes).await {
                Ok(()) => {
                    concerns(&number);
                    tracing::info!(%number, quarantined = case.origin.is_quarantined(), "an appeal was filed");
                    return Ok(receipt);
                }
                // The number is taken: the head is the first write.
                Err(TableError::Conflict { failed }) if failed.contains(&0) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ServiceError::Busy)
    }

    /// All events of a case, oldest first.
    pub(crate) async fn events(&self, number: &TrackingNumber) -> Result<Vec<Event>, ServiceError> {
        let items = query_all(self.table.as_ref(), Query::prefix(partition(number), "EVENT#")).await?;
        Ok(items.iter().map(|item| item.read()).collect::<Result<_, _>>()?)
    }

    fn appeal_receipt(&self, number: &TrackingNumber, case: &Case) -> ReceiptContext {
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
        facts.push(fact("最迟联系您", &by));
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
            acts: Acts::default(),
            pass: None,
            calendar: None,
            session: None,
            received: words::moment(case.origin.received),
        }
    }

    /// What the tracker shows of a case: nothing that was sealed.
    pub(crate) async fn appeal_page(
        &self,
        published: &Published,
        number: &TrackingNumber,
        case: &Case,
    ) -> Result<CaseContext, ServiceError> {
        let events = self.events(number).await?;
        let now = self.clock.now();
        let mut facts = vec![
            fact("提交时间", &words::moment(case.origin.received)),
            fact("类别", &case.category),
            fact("紧急程度", case.head.urgency.words()),
        ];
        // Until somebody has called, the promise is what matters most.
        if case.head.state == appeal::State::Submitted {
            facts.push(fact("最迟联系您", &words::deadline(case.head.first_contact)));
            facts.push(fact("还剩", &time_left(published, now, case.head.first_contact.at)));
        }
        let state = if case.origin.is_discarded() {
            "人工核对未通过，没有受理。如果是您本人提交的，请打电话告诉我们".to_owned()
        } else if case.origin.is_quarantined() {
            "已提交，等待人工核对".to_owned()
        } else {
            case.head.state.words().to_owned()
        };
        Ok(CaseContext {
            number_label: "受理编号".to_owned(),
            number: number.to_string(),
            state,
            stages: stages(case.head.state, &events),
            facts,
            events: events.iter().rev().map(event_view).collect(),
            session: None,
            notice: None,
            acts: Acts::default(),
            pass: None,
            calendar: None,
        })
    }
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
                Some(current) if *stage == current => "current",
                Some(current) if *stage < current => "done",
                None if reached.is_some() => "done",
                _ => "ahead",
            };
            let date = reached.filter(|_| place != "ahead").map(|event| words::date(event.at.date()));
            StageView { name: stage.words().to_owned(), state: place.to_owned(), date }
        })
        .collect()
}

fn event_view(event: &Event) -> EventView {
    EventView { at: words::moment(event.at), what: event.act.words().to_owned(), note: event.public_note.clone() }
}

fn event_key(number: &TrackingNumber, event: &Event) -> Key {
    Key::new(partition(number), format!("EVENT#{:06}", event.seq))
}
