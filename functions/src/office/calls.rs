//! The call list: whom to call, why and by when. The channel that always works, since firms leave telephones.

use domain::{
    Moment,
    appeal::{Stage, clock},
    message::{self, Reach, What},
    value::{TrackingKind, TrackingNumber},
};
use jiff::SignedDuration;

use super::{Answer, Operator};
use crate::{
    Service, ServiceError,
    appeals::{Case, listed},
    draft::after,
    outbox::{
        Entry, Found, OPEN, State,
        contact::{Contact, How},
    },
    submission::partition,
    table::{Index, NewItem, Query, TableError, Write, query_index_all},
};

/// A message that no machine has taken up for so long is on the call list all the same: nothing seems to deliver.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);
/// How often a call is recorded anew when the message was changed meanwhile.
const ATTEMPTS: usize = 5;

/// One call to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRow {
    /// `XS…` or `XB…`
    pub number: String,
    /// Why, in words: 首次联系
    pub why: String,
    /// By when, where there is such a moment.
    pub due: Option<Moment>,
    /// That moment has passed.
    pub overdue: bool,
    /// Not before this moment: people sleep, or it is too early.
    pub not_before: Option<Moment>,
    /// How often they were called and did not answer.
    pub tries: u32,
    /// What to do instead of calling again.
    pub next_step: Option<&'static str>,
    /// Why it was not sent by machine, when that was tried.
    pub failure: Option<String>,
}

/// What was recorded of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecorded {
    /// What it was about, in words.
    pub why: Vec<String>,
    /// What to do next, when they were not reached.
    pub next_step: Option<&'static str>,
}

impl Service {
    /// All calls to make, the most pressing first.
    pub async fn calls(&self) -> Result<Vec<CallRow>, ServiceError> {
        let now = self.clock.now();
        self.needed(now, |found| to_be_called(found, now)).await
    }

    /// Messages that could not be sent and are not worth a call.
    pub async fn undelivered(&self) -> Result<Vec<CallRow>, ServiceError> {
        self.needed(self.clock.now(), |found| found.entry.state == State::Undelivered).await
    }

    /// Name and telephone of whom to call. Who opened them and why is recorded first.
    pub async fn whom_to_call(&self, number: &str, operator: &Operator, reason: &str) -> Result<Vec<Answer>, ServiceError> {
        const ASKED: [&str; 4] = ["contact", "name", "mobile", "other_contact"];
        let found = self.found(number).await?;
        self.record(partition(&found.number), operator, "telephone", reason).await?;
        tracing::info!(number = %found.number, operator = operator.0, "a telephone was opened");
        let mut answers = found.answers.open(&self.keys, &found.form)?;
        answers.retain(|answer| ASKED.contains(&answer.field.as_str()));
        Ok(answers)
    }

    /// Records that they were spoken with: their calls are done.
    pub async fn call_done(&self, number: &str, operator: &Operator, note: Option<&str>) -> Result<CallRecorded, ServiceError> {
        self.record_call(number, operator, How::Reached, note).await
    }

    /// Records that they were called and nobody answered.
    pub async fn call_tried(&self, number: &str, operator: &Operator, note: Option<&str>) -> Result<CallRecorded, ServiceError> {
        self.record_call(number, operator, How::Unreached, note).await
    }

    async fn record_call(
        &self,
        number: &str,
        operator: &Operator,
        how: How,
        note: Option<&str>,
    ) -> Result<CallRecorded, ServiceError> {
        let tracking: TrackingNumber = number.parse().map_err(|_| ServiceError::UnknownNumber(number.to_owned()))?;
        for _ in 0..ATTEMPTS {
            let now = self.clock.now();
            let open = self.open_messages(&tracking).await?;
            let called: Vec<&Found> = open.iter().filter(|found| callable(found)).collect();
            if called.is_empty() {
                return Err(ServiceError::NothingToCall(tracking.to_string()));
            }
            let what: Vec<What> = called.iter().map(|found| found.entry.message.what).collect();
            let mut writes = Vec::new();
            let mut next_step = None;
            for found in &called {
                let mut entry = Entry { tries: found.entry.tries + u32::from(how == How::Unreached), ..found.entry.clone() };
                if how == How::Unreached {
                    entry.state = State::Call;
                    next_step = next_step.or(message::after_tries(entry.message.what, entry.tries));
                    writes.push(found.keep(&entry, None));
                } else {
                    writes.push(found.end(&entry, now));
                }
            }
            writes.push(Contact::write(&self.keys, &tracking, Some(&operator.0), what.clone(), (how, note), now));
            if how == How::Reached {
                writes.extend(self.contacted(&tracking, now).await?);
            }
            // The clock of an offer starts before the call leaves the list: done twice it changes nothing, forgotten it would never run.
            for found in &called {
                let tries = found.entry.tries + 1;
                if how == How::Reached || message::counts_as_told(found.entry.message.what, tries) {
                    self.told(found, now).await?;
                }
            }
            match self.table.transact(writes).await {
                Ok(()) => {
                    let reached = how == How::Reached;
                    tracing::info!(number = %tracking, operator = operator.0, reached, "a call was recorded");
                    let why = what.iter().map(|what| what.words().to_owned()).collect();
                    return Ok(CallRecorded { why, next_step });
                }
                Err(TableError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ServiceError::Busy)
    }

    /// The write that notes that the firm of a case was spoken with in this round: nobody owes it a first call any more, and as long as nobody
    /// has taken it on it stands behind those whose firms nobody has spoken with.
    async fn contacted(&self, number: &TrackingNumber, now: Moment) -> Result<Option<Write>, ServiceError> {
        if number.kind() != TrackingKind::Appeal {
            return Ok(None);
        }
        let (case, item) = self.case_item(number).await?;
        let is_worked_on = matches!(case.head.state.stage(), Some(Stage::Collecting | Stage::Handling));
        if !is_worked_on || case.contacted.is_some() {
            return Ok(None);
        }
        let case = Case { contacted: Some(now), ..case };
        let index = [item.index[0].clone(), listed(&*self.published().await?, number, &case, now)];
        Ok(Some(Write::replace(NewItem { index, ..NewItem::json(item.key, &case) }, item.version)))
    }

    /// Rows of the open messages that are `wanted` and that somebody still has to hear of.
    async fn needed(&self, now: Moment, wanted: impl Fn(&Found) -> bool) -> Result<Vec<CallRow>, ServiceError> {
        let mut rows = Vec::new();
        for found in self.all_open().await?.iter().filter(|found| wanted(found)) {
            if self.is_needed(found).await? {
                let due = self.due(found).await?;
                // What has no such moment is due since it was written.
                rows.push((due.unwrap_or(found.due), row(found, due, now)));
            }
        }
        rows.sort_by_key(|(due, _)| *due);
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    /// By when somebody has to hear of it. A first call's day is counted anew, as everywhere: a year's official calendar may have moved it since it was
    /// written.
    async fn due(&self, found: &Found) -> Result<Option<Moment>, ServiceError> {
        let message = &found.entry.message;
        if found.number.kind() != TrackingKind::Appeal || !matches!(message.what, What::FirstContact | What::Check) {
            return Ok(message.due);
        }
        let (published, (case, _)) = (self.published().await?, self.case_item(&found.number).await?);
        Ok(Some(clock::contact_by(&case.head, &published.calendar, &published.limits).at))
    }

    /// All messages that somebody still has to hear of, by when they are due.
    pub(super) async fn all_open(&self) -> Result<Vec<Found>, ServiceError> {
        let items = query_index_all(self.table.as_ref(), Index::First, Query::all(OPEN)).await?;
        Ok(items.into_iter().map(Found::read).filter_map(Result::transpose).collect::<Result<_, _>>()?)
    }
}

/// Whether a call would settle it.
fn callable(found: &Found) -> bool {
    match found.entry.state {
        State::Call => true,
        State::Waiting => found.entry.message.what.reach() != Reach::Message && found.entry.sent.is_none(),
        State::Undelivered | State::Done => false,
    }
}

/// Whether staff are to call: it was left to them, only they can do it, or nothing has taken it up.
fn to_be_called(found: &Found, now: Moment) -> bool {
    let forgotten = found.next.is_none_or(|next| now > after(next, PATIENCE));
    callable(found) && (found.entry.state == State::Call || found.entry.message.what.reach() == Reach::Call || forgotten)
}

fn row(found: &Found, due: Option<Moment>, now: Moment) -> CallRow {
    let message = &found.entry.message;
    let earliest = message.what.may_be_sent(message.not_before.map_or(now, |moment| moment.max(now)));
    CallRow {
        number: message.number.clone(),
        why: message.what.words().to_owned(),
        due,
        overdue: due.is_some_and(|due| now > due),
        not_before: Some(earliest).filter(|earliest| *earliest > now),
        tries: found.entry.tries,
        next_step: message::after_tries(message.what, found.entry.tries),
        failure: found.entry.failure.clone(),
    }
}
