//! Putting right and erasing who has registered.

use domain::{
    form::{Form, Values},
    registration::{Act, By, Why},
    value::{TrackingNumber, text::search_key},
};

use super::{
    record::{Registration, Step, Stored, Writes, concerns},
    register::TWICE,
    session::{firm_key, person_key},
    tries::Tries,
};
use crate::{
    Service, ServiceError,
    submission::head_key,
    table::{Key, TableError, Write},
};

/// What became of a correction.
pub(crate) enum Corrected {
    /// It is done; labels of what was put right, none when all was as it is.
    Done(Vec<String>),
    /// Why not, in words; all stays as it was.
    Refused(String),
}

impl Service {
    /// Puts right who has registered: answers, look-ups, the one live registration of a telephone and the firm's share in one transaction,
    /// with `extra`.
    pub(crate) async fn correct_registration(
        &self,
        number: &TrackingNumber,
        form: &Form,
        values: &Values,
        extra: &[Write],
    ) -> Result<Corrected, ServiceError> {
        let mut tries = Tries::new();
        loop {
            let stored = self.registration(number).await?;
            let before = &stored.registration;
            let published = self.published().await?;
            let session = published.session(&before.session);
            let mut answers = self.answers(number).await?;
            let was = answers.values(&self.keys)?;
            let labels = answers.correct(&self.keys, form, values)?;
            if labels.is_empty() {
                return Ok(Corrected::Done(labels));
            }
            let blind = |field: &str| values.text(field).map(|text| self.keys.blind(field, &search_key(text)));
            let asked = |field: &str| form.field(field).is_some();
            let after = Registration {
                person: if asked("mobile") { blind("mobile") } else { before.person.clone() },
                firm: if asked("company") { blind("company") } else { before.firm.clone() },
                ..before.clone()
            };
            let keys = |registration: &Registration| {
                let person = registration.person.as_ref().map(|person| person_key(&before.session, person));
                (person, registration.firm.as_ref().map(|firm| firm_key(&before.session, firm)))
            };
            let (person, firm) = keys(&after);
            let hashes = self.hashes(&before.session, values).await?;
            let step = Step { act: Act::Correct, by: By::Person, after, message: None };
            let Writes { mut writes, .. } = self.step(number, Some(&stored), session, step, self.clock.now());
            if before.firm.as_ref().map(|firm| firm_key(&before.session, firm)) != firm {
                self.drop_empty_shares(before, &mut writes).await?;
            }
            hashes.guard(&mut writes);
            writes.push(answers.write());
            writes.extend(self.look_ups(number, form, &was, values).await?);
            writes.extend(extra.iter().cloned());
            let written: Vec<Key> = writes.iter().map(Write::key).cloned().collect();
            match self.table.transact(writes).await {
                Ok(()) => {
                    tracing::info!(%number, session = before.session, "a registration was put right");
                    return Ok(Corrected::Done(labels));
                }
                // It was changed meanwhile, or moved to another key: what else failed may be its own.
                Err(TableError::Conflict { failed }) if concerns(&failed, &written, &head_key(number)) => tries.again().await?,
                Err(TableError::Conflict { failed }) => {
                    let taken = person.is_some_and(|key| concerns(&failed, &written, &key));
                    if taken || hashes.is_taken(&failed, &written, before.person.as_deref()) {
                        return Ok(Corrected::Refused(TWICE.to_owned()));
                    }
                    if let Some(limit) = session.map(|session| session.firm_limit)
                        && firm.is_some_and(|key| concerns(&failed, &written, &key))
                    {
                        return Ok(Corrected::Refused(Why::FirmLimit { limit, left: 0 }.to_string()));
                    }
                    tries.again().await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The writes that leave nothing in `stored` by which it could be told who has registered.
    pub(crate) async fn forget_registrant(
        &self,
        stored: &Stored,
        erased: domain::erasure::Erased,
        by: By,
    ) -> Result<Vec<Write>, ServiceError> {
        let before = &stored.registration;
        let published = self.published().await?;
        let mut after = Registration { person: None, firm: None, code: None, ..before.clone() };
        after.origin.erased = Some(erased);
        let step = Step { act: Act::Erase, by, after, message: None };
        let session = published.session(&before.session);
        let Writes { mut writes, .. } = self.step(&stored.number, Some(stored), session, step, erased.at);
        self.drop_empty_shares(before, &mut writes).await?;
        Ok(writes)
    }
}
