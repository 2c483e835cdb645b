//! What staff do with a registration that a person had to look at first.

use domain::{
    registration::{self, Act, By, Outcome, Standing, Turn},
    value::{CheckInCode, TrackingNumber},
};

use super::{
    record::{Registration, Step, Stored, Writes, concerns},
    register::TWICE,
    session::{code_key, person_key},
    tries::Tries,
};
use crate::{
    Service, ServiceError,
    outbox::What,
    submission::Clearance,
    table::{Key, TableError, Write},
};

/// What became of it.
#[derive(Debug)]
pub(crate) enum Checked {
    /// As it now is.
    Done(Box<Registration>),
    /// Why not, in words for staff; it waits as before.
    Refused(String),
}

impl Service {
    /// Gives a registration that turned out to be real what it would have been given, as of now: seats, or a place in the queue. `extra` is
    /// written with it.
    pub(crate) async fn release_registration(
        &self,
        number: &TrackingNumber,
        by: By,
        extra: &[Write],
    ) -> Result<Checked, ServiceError> {
        let mut tries = Tries::new();
        let mut attempt = 0;
        loop {
            let stored = self.registration(number).await?;
            let before = &stored.registration;
            if before.standing != Standing::Checked {
                return Ok(Checked::Refused("这次报名不在等待人工核对".to_owned()));
            }
            let hashes = self.hashes_of(&stored).await?;
            let now_known = hashes.in_use(before.clone());
            let mut sight = self.sight(&before.session, now_known.firm.as_deref(), before.wished).await?;
            sight.taken.firm = hashes.people(sight.taken.firm);
            let session = sight.session()?;
            let now = self.clock.now();
            // They came while registration was open; that somebody looks at it later is not their fault.
            let asked = if now < session.start { before.origin.received } else { now };
            let standing = match registration::decide(session, &sight.taken, before.request(), asked) {
                Outcome::Seated(way) => Standing::Seated(way),
                Outcome::Waitlisted => Standing::Waiting(Turn::new(now, number)),
                Outcome::Refused(why) => return Ok(Checked::Refused(why.to_string())),
            };
            let mut after = Registration { standing, code: Some(attempt), ..now_known };
            after.origin.cleared = Some(Clearance { at: now, genuine: true });
            let step = Step { act: Act::Release, by: by.clone(), after, message: Some(What::Released) };
            let Writes { mut writes, after } = self.step(number, Some(&stored), Some(session), step, now);
            writes.extend(extra.iter().cloned());
            sight.guard(&mut writes);
            hashes.guard(&mut writes);
            let keys: Vec<Key> = writes.iter().map(Write::key).cloned().collect();
            match self.table.transact(writes).await {
                Ok(()) => {
                    tracing::info!(%number, session = session.id, "a registration was released");
                    self.promote_or_leave(session, None).await;
                    let after = self.registration(number).await.map_or(after, |stored| stored.registration);
                    return Ok(Checked::Done(Box::new(after)));
                }
                Err(TableError::Conflict { failed }) => {
                    let twice = after.person.as_ref().map(|person| person_key(&session.id, person));
                    if twice.is_some_and(|key| concerns(&failed, &keys, &key)) || hashes.is_taken(&failed, &keys, None) {
                        return Ok(Checked::Refused(TWICE.to_owned()));
                    }
                    let code = CheckInCode::derive(self.keys.code_key(), number, attempt);
                    if concerns(&failed, &keys, &code_key(&session.id, code)) {
                        attempt += 1;
                    }
                    tries.again().await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Puts away a registration that nobody has sent. `extra` is written with it.
    pub(crate) async fn discard_registration(
        &self,
        number: &TrackingNumber,
        by: By,
        extra: &[Write],
    ) -> Result<Checked, ServiceError> {
        let stored = self.registration(number).await?;
        if stored.registration.standing != Standing::Checked {
            return Ok(Checked::Refused("这次报名不在等待人工核对".to_owned()));
        }
        let now = self.clock.now();
        let mut after = Registration { standing: Standing::Discarded, ..stored.registration.clone() };
        after.origin.cleared = Some(Clearance { at: now, genuine: false });
        let step = Step { act: Act::Discard, by, after, message: None };
        let Writes { mut writes, after } = self.step(number, Some(&stored), None, step, now);
        writes.extend(extra.iter().cloned());
        self.table.transact(writes).await?;
        Ok(Checked::Done(Box::new(after)))
    }

    /// Titles of other sessions that the same telephone is registered for and that overlap with this one: a warning, no refusal.
    pub(crate) async fn overlapping(&self, session: &domain::Session, mobile: &str) -> Result<Vec<String>, ServiceError> {
        let published = self.published().await?;
        let mut titles = Vec::new();
        for number in self.find("mobile", mobile).await? {
            let Ok(number) = number.parse::<TrackingNumber>() else { continue };
            if number.kind() != domain::value::TrackingKind::Registration {
                continue;
            }
            let Ok(Stored { registration, .. }) = self.registration(&number).await else { continue };
            let other = published.session(&registration.session).filter(|other| other.id != session.id);
            if let Some(other) = other.filter(|other| registration.stage().is_live() && session.overlaps(other)) {
                titles.push(other.title.clone());
            }
        }
        Ok(titles)
    }
}
