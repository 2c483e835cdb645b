//! Taking a registration.

use domain::{
    Attendance, Moment, Session,
    form::FieldError,
    registration::{self, Act, By, Outcome, Request, Standing, Taken, Turn},
    value::{TrackingKind, TrackingNumber, text},
};

use super::{
    record::{Registration, Step, Writes, concerns},
    session::person_key,
    tries::Tries,
};
use crate::{
    Service, ServiceError,
    draft::Found,
    outbox::What,
    seal::random,
    submission::{ReceiptOf, Source, Submission, head_key},
    table::{Key, TableError, Write},
};

/// What became of somebody who registers.
pub(crate) enum Registered {
    /// Stored; its receipt is shown as it stands when it is opened.
    Stored(ReceiptOf),
    /// The rules say no.
    Refused(String),
    /// The answers do not fit the session.
    Invalid(Vec<FieldError>),
}

/// What is said to a telephone that has registered already.
pub(super) const TWICE: &str = "这个手机号已经报过这一场了。要改人数或取消，请凭编号和查询码查进度，或联系主办方";

impl Service {
    /// Registers somebody for `session`, on the waitlist when it is full.
    pub(crate) async fn register(&self, session: &Session, submission: &Submission<'_>) -> Result<Registered, ServiceError> {
        let request = match registration::request(&submission.values, session) {
            Ok(request) => narrowed(request, session),
            Err(errors) => return Ok(Registered::Invalid(errors)),
        };
        let blind = |field: &str| submission.values.text(field).map(|answer| self.keys.blind(field, &text::search_key(answer)));
        let (person, firm) = (blind("mobile"), blind("company"));
        let quarantined = !submission.quarantined.is_empty();

        let mut tries = Tries::new();
        loop {
            let mut sight = self.sight(&session.id, firm.as_deref(), request.attendance).await?;
            let hashes = self.hashes(&session.id, &submission.values).await?;
            sight.taken.firm = hashes.people(sight.taken.firm);
            let session = sight.session()?;
            // Taken anew at every attempt: whoever was answered meanwhile is ahead.
            let now = self.clock.now();
            let outcome = registration::decide(session, &sight.taken, request, now);
            if let Outcome::Refused(why) = &outcome {
                self.refuse_to_answer_twice(submission).await?;
                return Ok(Registered::Refused(why.to_string()));
            }
            let number = TrackingNumber::new(TrackingKind::Registration, now.date(), u64::from_be_bytes(random()));
            let (standing, what) = match outcome {
                _ if quarantined => (Standing::Checked, What::Check),
                Outcome::Seated(way) => (Standing::Seated(way), What::Registered),
                _ => (Standing::Waiting(Turn::new(now, &number)), What::Waitlisted),
            };
            let waits = matches!(standing, Standing::Waiting(_));
            let after = Registration {
                origin: submission.origin(&number, now),
                session: session.id.clone(),
                wished: request.attendance,
                people: request.people,
                standing,
                person: person.clone(),
                firm: firm.clone(),
                code: (!quarantined).then_some(0),
                told: Some(session.announced()),
                events: 0,
            };
            let by = match &submission.source {
                Source::Web => By::Person,
                Source::Taken(operator) => By::Staff(operator.clone()),
            };
            let step = Step { act: Act::Register, by, after, message: None };
            let Writes { mut writes, .. } = self.step(&number, None, Some(session), step, now);
            sight.guard(&mut writes);
            hashes.guard(&mut writes);
            let message = self.message(what, 1, &number, Some(session), now);
            let receipt = ReceiptOf::new(&number, now);
            writes.extend(submission.writes(&self.keys, &number, &receipt, &message, now));
            let keys: Vec<Key> = writes.iter().map(Write::key).cloned().collect();
            match self.table.transact(writes).await {
                Ok(()) => {
                    tracing::info!(%number, session = session.id, standing = what.id(), "a registration was stored");
                    if waits {
                        // A seat may have come free while they were being appended.
                        self.promote_or_leave(session, Some(&number)).await;
                    }
                    return Ok(Registered::Stored(receipt));
                }
                Err(TableError::Conflict { failed }) => {
                    let twice = person.as_ref().map(|person| person_key(&session.id, person));
                    if twice.is_some_and(|key| concerns(&failed, &keys, &key)) || hashes.is_taken(&failed, &keys, None) {
                        self.refuse_to_answer_twice(submission).await?;
                        return Ok(Registered::Refused(TWICE.to_owned()));
                    }
                    self.refuse_to_answer_twice(submission).await?;
                    if concerns(&failed, &keys, &head_key(&number)) {
                        continue;
                    }
                    // A seat went to somebody else, or the firm's share did, or the code was taken: decide again with what is left.
                    tries.again().await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// A conflict when the draft was committed meanwhile: what is missing now may be what its own first click has taken, and that click's
    /// answer counts.
    async fn refuse_to_answer_twice(&self, submission: &Submission<'_>) -> Result<(), ServiceError> {
        match submission.draft {
            Some(draft) if !matches!(self.find_draft(&draft.id).await?, Found::Open(_)) => {
                Err(TableError::Conflict { failed: Vec::new() }.into())
            }
            _ => Ok(()),
        }
    }
}

/// Where there is one way to take part, that is what is asked for.
pub(super) fn narrowed(request: Request, session: &Session) -> Request {
    match session.attendance {
        Attendance::Both => request,
        attendance => Request { attendance, ..request },
    }
}

/// Whether somebody who asks now would have to wait; not when they would be seated or refused.
pub(crate) fn would_wait(session: &Session, taken: &Taken, request: Request, now: Moment) -> bool {
    registration::decide(session, taken, request, now) == Outcome::Waitlisted
}
