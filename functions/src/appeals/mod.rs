//! Appeals in the table.
//!
//! 1. Filing one: case, first event, answers, receipt and the call to make, in one transaction.
//! 2. `step` is the one way in which a case changes afterwards: head, event, what was said and messages, in one transaction.
//! 3. `ticks` is what happens because a moment has come.
//! 4. `words` shows a case to its firm, `acts` what the firm can do now.

mod acts;
mod step;
mod ticks;
mod words;

use domain::{
    Moment,
    appeal::{
        self, Deadline, Event, Head, Role, Urgency,
        clock::{self, Owed},
        firm::{Content, Solved},
    },
    value::{TrackingKind, TrackingNumber},
};
use serde::{Deserialize, Serialize};

pub(crate) use step::{Note, Said, Step, Stepped};
pub(crate) use ticks::{CLOCK, NEW, accept_by, listed};
pub(crate) use words::{appeal_in_words, fact, time_left};

use crate::{
    Service, ServiceError,
    catalogue::Published,
    log::concerns,
    outbox::{Message, What},
    seal::random,
    submission::{NewReceipt, Origin, Source, Submission, head_key, partition},
    table::{Key, NewItem, Query, TableError, Write, query_all},
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
    /// Who works on it in this round. The earlier rounds' are told by the events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) assigned: Option<Assigned>,
    /// What the firm said of the last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) visited: Option<Visited>,
    /// When somebody had spoken with the firm in this round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) contacted: Option<Moment>,
    /// Numbers of open appeals of the same firm or telephone that said much the same when it came: kept, so that the inbox need not open
    /// anything to mark it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) alike: Vec<String>,
    /// Numbers of cases that go on as part of this one (并案).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) joined: Vec<String>,
}

impl Case {
    /// What its firm is owed first, and by when.
    pub(crate) fn owed(&self, published: &Published) -> Option<(Owed, Deadline)> {
        if self.origin.is_discarded() {
            return None;
        }
        clock::owed(&self.head, self.contacted.is_some(), &published.calendar, &published.limits)
    }

    /// 督办中
    pub(crate) fn is_supervised(&self, published: &Published, now: Moment) -> bool {
        !self.origin.is_discarded()
            && clock::is_supervised(&self.head, self.contacted.is_some(), now, &published.calendar, &published.limits)
    }

    /// Since when nothing is worked on any more; none while somebody does.
    pub(crate) fn over(&self) -> Option<Moment> {
        let put_away = self.origin.cleared.as_ref().filter(|cleared| !cleared.genuine).map(|cleared| cleared.at);
        let is_over = self.head.state.stage().is_none() || self.head.state == appeal::State::Closed;
        // Cases that ended before that was noted count from when they came.
        let ended = || is_over.then(|| self.head.ended.or(self.head.closed).unwrap_or(self.head.received));
        put_away.or_else(ended)
    }
}

/// Who works on a case: offices, not people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Assigned {
    /// 牵头单位
    pub(crate) unit: String,
    /// 配合单位
    pub(crate) with: Vec<String>,
    /// 双组长, when a task force works on it.
    pub(crate) leads: Vec<String>,
    pub(crate) at: Moment,
}

/// 回访: what the ledger counts of what a firm said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Visited {
    pub(crate) solved: Solved,
    pub(crate) content: Content,
    pub(crate) at: Moment,
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

        // Nobody's appeal is refused because nothing could be found beside it.
        let alike = self.alike_to_new(submission).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "an appeal is filed without looking for others like it");
            Vec::new()
        });
        let alike: Vec<String> = alike.into_iter().map(|other| other.number).collect();

        for _ in 0..ATTEMPTS {
            let number = TrackingNumber::new(TrackingKind::Appeal, now.date(), u64::from_be_bytes(random()));
            let origin = submission.origin(&number, now);
            let case = Case {
                origin,
                head: submitted.head.clone(),
                category: category.clone(),
                assigned: None,
                visited: None,
                contacted: None,
                alike: alike.clone(),
                joined: Vec::new(),
            };
            let receipt = NewReceipt::new(self.appeal_receipt(&number, &case), now);
            let what = if case.origin.is_quarantined() { What::Check } else { What::FirstContact };
            let message = Message::new(what, &number).due(case.head.first_contact.at);
            let by_time = Key::new(LIST, format!("{:016}#{number}", now.0.as_millisecond()));
            let head = NewItem::json(head_key(&number), &case);
            let mut writes = vec![
                Write::create(NewItem { index: [Some(by_time), listed(published, &number, &case, now)], ..head }),
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
}

pub(crate) fn event_key(number: &TrackingNumber, event: &Event) -> Key {
    Key::new(partition(number), format!("EVENT#{:06}", event.seq))
}
