//! Intakes in the table: pledges, requests to be put in touch, leads. Each is kept, answered by a call within the promise, and found
//! again by number and code. A further form of the kind is a declaration and nothing else.

use domain::{
    Moment,
    appeal::{Deadline, Urgency, first_contact_by},
    value::{TrackingKind, TrackingNumber},
    words,
};
use pages::{
    Link,
    registration::Acts,
    service::{CaseContext, EventView, ReceiptContext},
};
use serde::{Deserialize, Serialize};

use crate::{
    Service, ServiceError,
    appeals::{fact, time_left},
    catalogue::Published,
    log::concerns,
    outbox::{Message, What},
    seal::random,
    submission::{NewReceipt, Origin, Submission, code, head_key},
    table::{Index, Key, NewItem, TableError, Write},
};

/// How often another tracking number is tried when one is taken.
const ATTEMPTS: usize = 8;

/// The list of all intakes, by the time at which they came.
pub(crate) const LIST: &str = "INTAKES";

/// An intake's head item.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Intake {
    pub(crate) origin: Origin,
    /// The form's title: what it is about, without opening anything.
    pub(crate) matter: String,
    /// By when somebody calls.
    pub(crate) first_contact: Deadline,
}

impl Service {
    /// Keeps what somebody handed in, with the call to make, in one transaction.
    pub(crate) async fn take_in(&self, published: &Published, submission: &Submission<'_>) -> Result<NewReceipt, ServiceError> {
        let now = self.clock.now();
        let first_contact = first_contact_by(now, Urgency::Normal, &published.calendar, &published.limits);
        for _ in 0..ATTEMPTS {
            let number = TrackingNumber::new(TrackingKind::Registration, now.date(), u64::from_be_bytes(random()));
            let intake = Intake { origin: submission.origin(&number, now), matter: submission.form.title.clone(), first_contact };
            let receipt = NewReceipt::new(self.intake_receipt(submission, &number, &intake));
            let what = if intake.origin.is_quarantined() { What::Check } else { What::FirstContact };
            let message = Message::new(what, &number).due(first_contact.at);
            let listed = Key::new(LIST, format!("{:016}#{number}", now.0.as_millisecond()));
            let mut writes = vec![Write::create(NewItem::json(head_key(&number), &intake).listed(Index::First, listed))];
            writes.extend(submission.writes(&self.keys, &number, &receipt, &message, now));
            match self.table.transact(writes).await {
                Ok(()) => {
                    concerns(&number);
                    tracing::info!(%number, form = submission.form.id, "an intake was stored");
                    return Ok(receipt);
                }
                // The number is taken: the head is the first write.
                Err(TableError::Conflict { failed }) if failed.contains(&0) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ServiceError::Busy)
    }

    fn intake_receipt(&self, submission: &Submission<'_>, number: &TrackingNumber, intake: &Intake) -> ReceiptContext {
        let by = words::deadline(intake.first_contact);
        let promise = if !intake.origin.is_quarantined() {
            format!("区工商联工作人员最迟在{by}打电话联系您。")
        } else {
            format!("您填的内容已经存好，等待人工核对。核对后，工作人员最迟在{by}打电话联系您。")
        };
        let declared = submission.form.receipt.clone();
        let mut next = vec!["工作人员打您留下的手机号，把情况问清楚。".to_owned()];
        next.extend(declared.iter().flat_map(|words| words.next.clone()));
        next.push("凭编号和查询码，随时查到这件事办到哪一步。".to_owned());
        ReceiptContext {
            form: intake.origin.form.clone(),
            title: declared.map_or_else(|| "已收到".to_owned(), |words| words.title),
            promise,
            number: number.to_string(),
            code: code(&self.keys, number, intake.origin.code_counter).to_string(),
            number_label: "登记编号".to_owned(),
            facts: vec![fact("事项", &intake.matter), fact("最迟联系您", &by)],
            next,
            track: Link { label: "查进度".to_owned(), url: "/track/".to_owned() },
            acts: Acts::default(),
            pass: None,
            calendar: None,
            session: None,
            received: words::moment(intake.origin.received),
        }
    }

    /// What the tracker shows of an intake: nothing that was sealed.
    pub(crate) fn intake_page(&self, published: &Published, number: &TrackingNumber, intake: &Intake) -> CaseContext {
        let now: Moment = self.clock.now();
        let received = words::moment(intake.origin.received);
        let state = if !intake.origin.is_quarantined() { "已收到，等待联系" } else { "已收到，等待人工核对" };
        CaseContext {
            number_label: "登记编号".to_owned(),
            number: number.to_string(),
            state: state.to_owned(),
            stages: Vec::new(),
            facts: vec![
                fact("事项", &intake.matter),
                fact("提交时间", &received),
                fact("最迟联系您", &words::deadline(intake.first_contact)),
                fact("还剩", &time_left(published, now, intake.first_contact.at)),
            ],
            events: vec![EventView { at: received, what: "已提交".to_owned(), note: None }],
            session: None,
            notice: None,
            acts: Acts::default(),
            pass: None,
            calendar: None,
        }
    }
}
