//! An intake's end: somebody has dealt with it, or finds that it was not dealt with after all. Who, when and with what result is on record.

use domain::{Moment, erasure::Why, form, message::What, value::TrackingNumber, words};

use super::{Cleared, Operator};
use crate::{
    Service, ServiceError,
    intakes::{HANDLED, Handled, Intake},
    outbox::Message,
    rights::{ERASED, Erasing},
    submission::{head_key, origin_of, partition},
    table::{Index, Query, TableError, Write, query_index_all},
};

/// How often it is tried anew when something was changed meanwhile.
const ATTEMPTS: usize = 5;

/// An intake that somebody has dealt with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandledRow {
    /// `XB…`
    pub number: String,
    /// What it was about: the form's title.
    pub matter: String,
    /// When it was submitted.
    pub received: Moment,
    /// When it was dealt with.
    pub at: Moment,
    /// By whom.
    pub by: String,
}

/// An intake as it was read.
struct Stored {
    number: TrackingNumber,
    version: u64,
    intake: Intake,
}

impl Service {
    /// Notes that an intake was dealt with; `result` stays on record. It leaves the inbox, and nobody has to call any more.
    pub async fn handle(&self, number: &str, operator: &Operator, result: &str) -> Result<Cleared, ServiceError> {
        for _ in 0..ATTEMPTS {
            let Some(Stored { number, version, mut intake }) = self.intake(number).await? else { return Ok(no_intake()) };
            if intake.origin.is_quarantined() || intake.origin.is_discarded() {
                return Ok(Cleared::Refused(format!("这一件{}，不能办结", intake.state(false))));
            }
            if let Some(Handled { at, by, .. }) = &intake.handled {
                return Ok(Cleared::Refused(format!("这一件已经由{by}在{}办结", words::moment(*at))));
            }
            let now = self.clock.now();
            let open = self.open_messages(&number).await?;
            intake.handled = Some(Handled { at: now, by: operator.0.clone(), call_open: !open.is_empty() });
            let mut writes = vec![
                Write::replace(intake.head(&number), version),
                self.record_write(partition(&number), operator, "handle", result),
            ];
            writes.extend(open.iter().map(|found| found.end(&found.entry, now)));
            if self.unless_changed(writes).await? {
                tracing::info!(%number, operator = operator.0, "an intake was dealt with");
                return Ok(Cleared::Done(intake.state(true).to_owned()));
            }
        }
        Err(ServiceError::Busy)
    }

    /// Takes that back: it is in the inbox again, and on the call list when nobody had called.
    pub async fn reopen(&self, number: &str, operator: &Operator, reason: &str) -> Result<Cleared, ServiceError> {
        for _ in 0..ATTEMPTS {
            let Some(Stored { number, version, mut intake }) = self.intake(number).await? else { return Ok(no_intake()) };
            let Some(handled) = intake.handled.take() else {
                return Ok(Cleared::Refused(format!("这一件没有办结（{}）", intake.state(false))));
            };
            let now = self.clock.now();
            intake.reopened += 1;
            let mut writes = vec![
                Write::replace(intake.head(&number), version),
                self.record_write(partition(&number), operator, "reopen", reason),
            ];
            if handled.call_open {
                let message = Message::new(What::FirstContact, &number).due(intake.first_contact.at);
                let key = format!("{}#{}", What::FirstContact.id(), intake.reopened);
                writes.push(message.key(key).write(&number, now));
            }
            if self.unless_changed(writes).await? {
                tracing::info!(%number, operator = operator.0, "an intake was opened again");
                return Ok(Cleared::Done(intake.state(!handled.call_open).to_owned()));
            }
        }
        Err(ServiceError::Busy)
    }

    /// Erases what points to a person, for whoever has asked for it on the telephone. Who did so is on record and in the proof.
    pub async fn erase_for(&self, number: &str, operator: &Operator, reason: &str) -> Result<Cleared, ServiceError> {
        let parsed: TrackingNumber = number.parse().map_err(|_| ServiceError::UnknownNumber(number.to_owned()))?;
        let record = [self.record_write(partition(&parsed), operator, "erase", reason)];
        Ok(match self.erase(&parsed, Why::Asked, Some(operator), &record).await? {
            Erasing::Done(erased) => Cleared::Done(format!("{ERASED}（{}，{}）", words::moment(erased.at), erased.why.words())),
            Erasing::Refused(why) => Cleared::Refused(why),
        })
    }

    /// Intakes that were dealt with, the latest first.
    pub async fn handled(&self) -> Result<Vec<HandledRow>, ServiceError> {
        let mut rows = Vec::new();
        for item in query_index_all(self.table.as_ref(), Index::First, Query::all(HANDLED)).await? {
            let intake: Intake = item.read()?;
            // The list may lag behind what was taken back.
            let Some(handled) = intake.handled else { continue };
            let (number, received) = (intake.origin.number, intake.origin.received);
            rows.push(HandledRow { number, matter: intake.matter, received, at: handled.at, by: handled.by });
        }
        rows.reverse();
        Ok(rows)
    }

    /// The intake `number`; none when it is an appeal or a registration.
    async fn intake(&self, number: &str) -> Result<Option<Stored>, ServiceError> {
        let unknown = || ServiceError::UnknownNumber(number.to_owned());
        let parsed: TrackingNumber = number.parse().map_err(|_| unknown())?;
        let item = self.table.get(&head_key(&parsed)).await?.ok_or_else(unknown)?;
        if origin_of(&item)?.service != Some(form::Service::Intake) {
            return Ok(None);
        }
        Ok(Some(Stored { number: parsed, version: item.version, intake: item.read()? }))
    }

    /// Does the writes; false when something was changed meanwhile.
    async fn unless_changed(&self, writes: Vec<Write>) -> Result<bool, ServiceError> {
        match self.table.transact(writes).await {
            Ok(()) => Ok(true),
            Err(TableError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn no_intake() -> Cleared {
    Cleared::Refused("只有倡议、对接、线索这类登记这样办结；诉求和报名有自己的流程".to_owned())
}
