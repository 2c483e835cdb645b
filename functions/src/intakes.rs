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
    http::track_picture,
    log::concerns,
    outbox::{Message, What, contact::How},
    seal::random,
    submission::{NewReceipt, Origin, Submission, code, head_key},
    table::{Index, Key, NewItem, TableError, Write},
};

/// How often another tracking number is tried when one is taken.
const ATTEMPTS: usize = 8;

/// The list of intakes that nobody has dealt with, by the time at which they came.
pub(crate) const LIST: &str = "INTAKES";
/// The list of those that somebody has dealt with, by when.
pub(crate) const HANDLED: &str = "INTAKES#HANDLED";

/// An intake's head item.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Intake {
    pub(crate) origin: Origin,
    /// The form's title: what it is about, without opening anything.
    pub(crate) matter: String,
    /// By when somebody calls.
    pub(crate) first_contact: Deadline,
    /// Who has dealt with it, once somebody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) handled: Option<Handled>,
    /// How often it turned out that it was not dealt with after all.
    #[serde(default)]
    pub(crate) reopened: u32,
}

/// An intake's end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Handled {
    pub(crate) at: Moment,
    /// The member of staff.
    pub(crate) by: String,
    /// The promised call was not on record: it is to be made when this is taken back.
    pub(crate) call_open: bool,
}

impl Intake {
    /// Its head item, in the list where it belongs. Found to be nobody's, it is in none.
    pub(crate) fn head(&self, number: &TrackingNumber) -> NewItem {
        let item = NewItem::json(head_key(number), self);
        let listed = |list: &str, at: Moment| Key::new(list, format!("{:016}#{number}", at.0.as_millisecond()));
        let over = self.handled.as_ref().map(|handled| handled.at).or(self.origin.cleared.as_ref().map(|cleared| cleared.at));
        let item = NewItem { index: [None, self.origin.listed_until(over.filter(|_| self.is_over()))], ..item };
        match &self.handled {
            _ if self.origin.is_discarded() || self.origin.erased.is_some() => item,
            Some(handled) => item.listed(Index::First, listed(HANDLED, handled.at)),
            None => item.listed(Index::First, listed(LIST, self.origin.received)),
        }
    }

    /// Whether nobody has anything to do about it any more.
    pub(crate) fn is_over(&self) -> bool {
        self.handled.is_some() || self.origin.is_discarded()
    }

    /// Where it stands, in words; `contacted` when they were spoken with.
    pub(crate) fn state(&self, contacted: bool) -> &'static str {
        match &self.handled {
            _ if self.origin.erased.is_some() => crate::rights::ERASED,
            _ if self.origin.is_discarded() => "人工核对未通过",
            _ if self.origin.is_quarantined() => "已收到，等待人工核对",
            Some(_) => "已办结",
            None if contacted => "已联系，正在办理",
            None => "已收到，等待联系",
        }
    }
}

impl Service {
    /// Keeps what somebody handed in, with the call to make, in one transaction.
    pub(crate) async fn take_in(&self, published: &Published, submission: &Submission<'_>) -> Result<NewReceipt, ServiceError> {
        let now = self.clock.now();
        let first_contact = first_contact_by(now, Urgency::Normal, &published.calendar, &published.limits);
        for _ in 0..ATTEMPTS {
            let number = TrackingNumber::new(TrackingKind::Registration, now.date(), u64::from_be_bytes(random()));
            let (origin, matter) = (submission.origin(&number, now), submission.form.title.clone());
            let intake = Intake { origin, matter, first_contact, handled: None, reopened: 0 };
            let receipt = NewReceipt::new(self.intake_receipt(submission, &number, &intake), now);
            let what = if intake.origin.is_quarantined() { What::Check } else { What::FirstContact };
            let message = Message::new(what, &number).due(first_contact.at);
            let mut writes = vec![Write::create(intake.head(&number))];
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
            facts: vec![fact("事项", &intake.matter), fact("最迟联系", &by)],
            next,
            track: Link { label: "查进度".to_owned(), url: "/track/".to_owned() },
            acts: Acts::default(),
            pass: None,
            track_picture: Some(track_picture(number)),
            calendar: None,
            session: None,
            received: words::moment(intake.origin.received),
        }
    }

    /// What the tracker shows of an intake: nothing that was sealed.
    pub(crate) async fn intake_page(
        &self,
        published: &Published,
        number: &TrackingNumber,
        intake: &Intake,
    ) -> Result<CaseContext, ServiceError> {
        let now: Moment = self.clock.now();
        let received = words::moment(intake.origin.received);
        let spoken: Vec<Moment> =
            self.contacts(number).await?.iter().filter(|one| one.how == How::Reached).map(|one| one.at).collect();
        let event = |at: Moment, what: &str| EventView { at: words::moment(at), what: what.to_owned(), note: None };
        let mut facts = vec![fact("事项", &intake.matter), fact("提交时间", &received)];
        if intake.handled.is_none() && !intake.origin.is_discarded() && spoken.is_empty() {
            facts.push(fact("最迟联系", &words::deadline(intake.first_contact)));
            facts.push(fact("还剩", &time_left(published, now, intake.first_contact.at)));
        }
        // The latest first, as on every page of this kind.
        let mut events: Vec<EventView> = intake.handled.iter().map(|handled| event(handled.at, "已办结")).collect();
        events.extend(spoken.iter().rev().map(|at| event(*at, "工作人员已和您通话")));
        events.push(event(intake.origin.received, "已提交"));
        Ok(CaseContext {
            number_label: "登记编号".to_owned(),
            number: number.to_string(),
            state: intake.state(!spoken.is_empty()).to_owned(),
            stages: Vec::new(),
            facts,
            events,
            session: None,
            notice: None,
            acts: Acts::default(),
            rights: Acts::default(),
            pass: None,
            calendar: None,
        })
    }
}
