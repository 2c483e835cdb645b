//! Erasing: words, sealed answers and look-ups go, in one transaction with the proof; events stay, and their chain holds, because they hold
//! no words. What left in a ledger before is out of reach, and whoever asks is told so.

use domain::{
    appeal::{self, Act, Command, Role},
    erasure::{Amount, Erased, Why},
    registration::By,
    value::TrackingNumber,
};

use super::Record;
use crate::{
    Service, ServiceError,
    appeals::event_key,
    log::concerns,
    office::Operator,
    registrations::Stored,
    table::{MAX_WRITES, NewItem, TableError, Write},
};

/// How often it is tried anew when something was changed meanwhile.
const ATTEMPTS: usize = 8;

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Erasing {
    /// It is done, now or before.
    Done(Erased),
    /// Why not, in words; nothing was changed.
    Refused(String),
}

/// How many of `writes` take something away.
fn deleted(writes: &[Write]) -> usize {
    writes.iter().filter(|write| matches!(write, Write::Delete { .. })).count()
}

impl Service {
    /// Erases what in `number` points to a person. `extra` is written with it.
    pub(crate) async fn erase(
        &self,
        number: &TrackingNumber,
        why: Why,
        operator: Option<&Operator>,
        extra: &[Write],
    ) -> Result<Erasing, ServiceError> {
        let mut files = 0;
        for _ in 0..ATTEMPTS {
            let (record, item) = self.record_of(number).await?;
            if let Some(erased) = record.origin().erased {
                return Ok(Erasing::Done(erased));
            }
            let published = self.published().await?;
            let now = self.clock.now();
            let session = match &record {
                Record::Registration(registration) => published.session(&registration.session),
                _ => None,
            };
            if let Some((why_not, _)) = record.cannot_be_erased(session, now) {
                return Ok(Erasing::Refused(why_not.to_owned()));
            }
            let erased = Erased { at: now, why };
            let mut writes = match record {
                Record::Appeal(mut case) => {
                    let mut writes = Vec::new();
                    // What was put away was never taken on: nothing happened to it that the table of transitions knows.
                    if !case.origin.is_discarded() {
                        let (act, by) = match why {
                            Why::Asked => (Act::Erase, Role::Firm),
                            Why::Expired => (Act::Archive, Role::Clock),
                        };
                        let events = self.events(number).await?;
                        let last = events.last().ok_or_else(|| TableError::Failed(format!("`{number}` has no events")))?;
                        let notes = appeal::Notes::default();
                        let (head, event) = match appeal::advance(&case.head, last, Command::Plain(act), by, notes, now) {
                            Ok(done) => done,
                            Err(refused) => return Ok(Erasing::Refused(refused.to_string())),
                        };
                        case.head = head;
                        writes.push(Write::create(NewItem::json(event_key(number, &event), &event)));
                    }
                    case.origin.erased = Some(erased);
                    let index = [item.index[0].clone(), case.origin.listed_until(None)];
                    writes.push(Write::replace(NewItem { index, ..NewItem::json(item.key, &case) }, item.version));
                    writes
                }
                Record::Registration(_) => {
                    let by = match (operator, why) {
                        (Some(operator), _) => By::Staff(operator.0.clone()),
                        (None, Why::Asked) => By::Person,
                        (None, Why::Expired) => By::Rules,
                    };
                    let stored: Stored = self.registration(number).await?;
                    if stored.version != item.version {
                        continue;
                    }
                    self.forget_registrant(&stored, erased, by).await?
                }
                Record::Intake(mut intake) => {
                    intake.origin.erased = Some(erased);
                    vec![Write::replace(intake.head(number), item.version)]
                }
            };
            // Before anything else of it, and once more afterwards: a file may come in between.
            files += self.remove_files(number).await?;
            let mut answers = self.answers(number).await?;
            let look_ups = self.no_look_ups(number, &answers.values(&self.keys)?).await?;
            let mut words = self.forget_notes(number).await?;
            words.extend(self.forget_contact_notes(number).await?);
            let amount = Amount { answers: answers.forget(), notes: words.len(), look_ups: deleted(&look_ups), files };
            writes.push(answers.write());
            writes.extend(look_ups);
            for found in self.open_messages(number).await? {
                writes.push(found.end(&found.entry, now));
            }
            writes.extend(self.proof(&number.to_string(), erased, operator.map(|operator| operator.0.as_str()), amount).await?);
            writes.extend(extra.iter().cloned());
            match self.in_order(words, writes).await {
                Ok(()) => {
                    self.remove_files(number).await?;
                    concerns(number);
                    tracing::info!(%number, why = ?why, "what points to a person was erased");
                    return Ok(Erasing::Done(erased));
                }
                // Something was changed meanwhile, or another erasure has put its proof where this one's belongs.
                Err(TableError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ServiceError::Busy)
    }

    /// All in one transaction where that can be; otherwise the words first, so that nothing is called erased that is not.
    async fn in_order(&self, mut words: Vec<Write>, writes: Vec<Write>) -> Result<(), TableError> {
        let room = MAX_WRITES.saturating_sub(writes.len());
        while words.len() > room {
            let rest = words.split_off(words.len().saturating_sub(MAX_WRITES));
            self.table.transact(rest).await?;
        }
        words.extend(writes);
        self.table.transact(words).await
    }
}
