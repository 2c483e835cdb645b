//! What registrants do after they have registered, themselves with number and code or through staff on the telephone: change, cancel,
//! answer an offer, come in.
//!
//! Each is safe to repeat: whoever presses a button twice gets the same answer.

use domain::{
    Attendance, Moment, Session, Way, form,
    registration::{
        Act, By, Change, Refusal, Standing,
        change::{change, may_cancel},
        check_in::{CheckIn, NotIn, check_in},
        offer,
    },
    value::{CheckInCode, TrackingKind, TrackingNumber},
};

use super::{
    record::{Registration, Step, Stored, Writes},
    register::narrowed,
    session::code_key,
    tries::Tries,
};
use crate::{
    Service, ServiceError,
    outbox::What,
    submission::{head_key, origin_of},
    table::TableError,
};

/// What became of somebody's wish.
#[derive(Debug)]
pub enum Answered {
    /// The registration as it now is.
    Done(Box<Registration>),
    /// Why not, in words.
    Refused(Refusal),
}

/// What the door says.
#[derive(Debug)]
pub enum Door {
    /// Come in. Whether they had checked in before makes no difference.
    Welcome {
        /// Its number.
        number: TrackingNumber,
        /// As it now is.
        registration: Box<Registration>,
        /// They had checked in before.
        again: bool,
    },
    /// Not now, or not with this code.
    Refused(NotIn),
}

/// What is to be done with a registration as it stands.
enum Decided {
    Do(Box<Step>),
    /// It was done before.
    Already,
    No(Refusal),
}

impl Service {
    /// Changes how many come, who they are and in which way. Seats that they have are kept when there is no room for what they wish.
    pub async fn change(&self, number: &TrackingNumber, wished: &Change, by: By) -> Result<Answered, ServiceError> {
        let mut tries = Tries::new();
        loop {
            let stored = self.registration(number).await?;
            let before = &stored.registration;
            let mut sight = self.sight(&before.session, before.firm.as_deref(), Attendance::Both).await?;
            let hashes = self.hashes_of(&stored).await?;
            sight.taken.firm = hashes.people(sight.taken.firm);
            let (session, published) = (sight.session()?, &sight.published);
            let request = narrowed(wished.request(), session);
            let now = self.clock.now();
            let standing = match change(session, &sight.taken, &before.standing, before.request(), request, now) {
                Ok(standing) => standing,
                Err(refusal) => return Ok(Answered::Refused(refusal)),
            };
            let origin = &before.origin;
            let form = published.form_filled_in(&origin.form, origin.form_version);
            let form = form.ok_or_else(|| ServiceError::UnknownForm(origin.form.clone()))?;
            let mut answers = self.answers(number).await?;
            let answered = answers.replace(&self.keys, form, &wished.values())?;
            if !answered && request == before.request() {
                // The same button once more, or nothing that differs.
                return Ok(Answered::Done(Box::new(stored.registration)));
            }
            let after =
                Registration { standing, wished: request.attendance, people: request.people, ..stored.registration.clone() };
            let act = Act::Change { people: request.people, wished: request.attendance };
            let step = Step { act, by: by.clone(), after, message: Some(What::Changed) };
            let Writes { mut writes, after } = self.step(number, Some(&stored), Some(session), step, now);
            writes.push(answers.write());
            sight.guard(&mut writes);
            hashes.guard(&mut writes);
            match self.table.transact(writes).await {
                Ok(()) => {
                    tracing::info!(%number, session = session.id, "a registration was changed");
                    self.promote_or_leave(session, Some(number)).await;
                    return self.done(number, after).await;
                }
                Err(TableError::Conflict { .. }) => tries.again().await?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Cancels a registration, declines an offer, or leaves the queue; what it had goes to whoever waits first.
    pub async fn cancel(&self, number: &TrackingNumber, by: By) -> Result<Answered, ServiceError> {
        self.decide(number, |stored, session, now| cancelled(stored, session, by.clone(), now)).await
    }

    /// Leaves the queue.
    pub async fn leave_waitlist(&self, number: &TrackingNumber, by: By) -> Result<Answered, ServiceError> {
        self.decide(number, |stored, session, now| match &stored.standing {
            Standing::Waiting(_) | Standing::Cancelled => cancelled(stored, session, by.clone(), now),
            // Seats that came free meanwhile are not given away by a button that was about the queue.
            other => Decided::No(other.stage().into()),
        })
        .await
    }

    /// Takes the seats that are held.
    pub async fn accept_offer(&self, number: &TrackingNumber, by: By) -> Result<Answered, ServiceError> {
        self.decide(number, |stored, session, now| match &stored.standing {
            Standing::Seated(_) | Standing::Attended(_) => Decided::Already,
            Standing::Offered(_) if session.is_some_and(|session| session.cancelled) => Decided::No(Refusal::SessionCancelled),
            Standing::Offered(offer) if session.is_some_and(|session| now >= offer::runs_out(session, offer)) => {
                Decided::No(Refusal::Lapsed)
            }
            Standing::Offered(offer) => {
                let after = Registration { standing: Standing::Seated(offer.way), ..stored.clone() };
                Decided::Do(Box::new(Step { act: Act::Accept, by: by.clone(), after, message: Some(What::Seated) }))
            }
            other => Decided::No(other.stage().into()),
        })
        .await
    }

    /// Gives back the seats that are held, to whoever waits next.
    pub async fn decline_offer(&self, number: &TrackingNumber, by: By) -> Result<Answered, ServiceError> {
        self.decide(number, |stored, _, _| match &stored.standing {
            Standing::Cancelled => Decided::Already,
            Standing::Offered(_) => {
                let after = Registration { standing: Standing::Cancelled, ..stored.clone() };
                Decided::Do(Box::new(Step { act: Act::Decline, by: by.clone(), after, message: Some(What::Declined) }))
            }
            other => Decided::No(other.stage().into()),
        })
        .await
    }

    /// Notes that somebody has been told of seats that are held for them: their time runs from `at` on. Told twice, it runs from the first.
    pub async fn offer_delivered(&self, number: &TrackingNumber, at: Moment) -> Result<(), ServiceError> {
        self.decide(number, |stored, session, _| match (&stored.standing, session) {
            (Standing::Offered(offer), Some(session)) if offer.until.is_none() => {
                let until = offer::held_until(session, at);
                let offer = domain::registration::Offer { until: Some(until), ..offer.clone() };
                let after = Registration { standing: Standing::Offered(offer), ..stored.clone() };
                Decided::Do(Box::new(Step { act: Act::Deliver(until), by: By::Rules, after, message: None }))
            }
            _ => Decided::Already,
        })
        .await
        .map(drop)
    }

    /// Whether what a message says is still so: whoever has cancelled is not told that they have a seat, and nobody is called about what
    /// was found to be nobody's, or whose telephone was erased.
    pub(crate) async fn is_still_so(&self, number: &TrackingNumber, what: What) -> Result<bool, ServiceError> {
        let Some(head) = self.table.get(&head_key(number)).await? else { return Ok(false) };
        let origin = origin_of(&head)?;
        if origin.erased.is_some() {
            return Ok(false);
        }
        if what == What::FirstContact {
            return Ok(!origin.is_discarded());
        }
        let seats = number.kind() == TrackingKind::Registration && origin.service != Some(form::Service::Intake);
        if !seats {
            // What becomes of an appeal ends its messages in the same transaction.
            return Ok(what != What::Check || origin.is_quarantined());
        }
        let standing = head.read::<Registration>()?.standing;
        Ok(match what {
            // Whoever waits to hear from us hears from staff that there is no session any more.
            What::Check => matches!(standing, Standing::Checked | Standing::SessionCancelled) && origin.is_quarantined(),
            What::Registered | What::Seated => matches!(standing, Standing::Seated(_) | Standing::Attended(_)),
            What::Waitlisted => matches!(standing, Standing::Waiting(_)),
            What::Released | What::Changed | What::SessionMoved => !standing.stage().is_over(),
            What::Offered => matches!(standing, Standing::Offered(_)),
            What::OfferLapsed => standing == Standing::Lapsed,
            What::MovedOnsite => matches!(standing, Standing::Seated(Way::Onsite) | Standing::Attended(Way::Onsite)),
            What::Cancelled | What::Declined | What::LeftWaitlist => standing == Standing::Cancelled,
            What::SessionCancelled => standing == Standing::SessionCancelled,
            _ => true,
        })
    }

    /// Lets in whoever has this code at a session. Twice is harmless.
    pub async fn check_in(&self, session: &str, code: CheckInCode, by: By) -> Result<Door, ServiceError> {
        let Some(item) = self.table.get(&code_key(session, code)).await? else { return Ok(Door::Refused(NotIn::Unknown)) };
        let number: TrackingNumber = item.read()?;
        self.check_in_number(session, &number, by).await
    }

    /// Lets in whoever has this number at a session, by its QR code.
    pub async fn check_in_number(&self, session: &str, number: &TrackingNumber, by: By) -> Result<Door, ServiceError> {
        let published = self.published().await?;
        let declared = published.session(session).ok_or_else(|| ServiceError::UnknownSession(session.to_owned()))?;
        let mut tries = Tries::new();
        loop {
            let stored = match self.registration(number).await {
                Ok(stored) if stored.registration.session == session => stored,
                Ok(_) | Err(ServiceError::UnknownNumber(_)) => return Ok(Door::Refused(NotIn::Unknown)),
                Err(error) => return Err(error),
            };
            let now = self.clock.now();
            let registration = Box::new(stored.registration.clone());
            let way = match check_in(declared, &registration.standing, now) {
                CheckIn::Again(_) => return Ok(Door::Welcome { number: *number, registration, again: true }),
                CheckIn::Refused(why) => return Ok(Door::Refused(why)),
                CheckIn::Welcome(way) => way,
            };
            let after = Registration { standing: Standing::Attended(way), ..stored.registration.clone() };
            let step = Step { act: Act::CheckIn, by: by.clone(), after, message: None };
            match self.take_step(&stored, Some(declared), step, now).await {
                Ok(stored) => {
                    let registration = Box::new(stored.registration);
                    return Ok(Door::Welcome { number: *number, registration, again: false });
                }
                Err(TableError::Conflict { .. }) => tries.again().await?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Does what `decide` says of a registration as it stands, and gives out what came free by it.
    async fn decide(
        &self,
        number: &TrackingNumber,
        decide: impl Fn(&Registration, Option<&Session>, Moment) -> Decided,
    ) -> Result<Answered, ServiceError> {
        let mut tries = Tries::new();
        loop {
            let stored = self.registration(number).await?;
            let published = self.published().await?;
            let session = published.session(&stored.registration.session);
            let now = self.clock.now();
            let step = match decide(&stored.registration, session, now) {
                Decided::Do(step) => *step,
                Decided::Already => return Ok(Answered::Done(Box::new(stored.registration))),
                Decided::No(refusal) => return Ok(Answered::Refused(refusal)),
            };
            match self.take_step(&stored, session, step, now).await {
                Ok(Stored { registration, .. }) => {
                    if let Some(session) = session.filter(|_| registration.stage().is_over()) {
                        self.promote_or_leave(session, None).await;
                    }
                    return Ok(Answered::Done(Box::new(registration)));
                }
                Err(TableError::Conflict { .. }) => tries.again().await?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The registration as it is after what was done and what followed from it.
    async fn done(&self, number: &TrackingNumber, after: Registration) -> Result<Answered, ServiceError> {
        // What was done stands: when it cannot be read again, it is shown as it was written.
        let now = self.registration(number).await.map_or(after, |stored| stored.registration);
        Ok(Answered::Done(Box::new(now)))
    }
}

/// The step by which somebody does not come, whatever they have: each is confirmed in its own words.
fn cancelled(stored: &Registration, session: Option<&Session>, by: By, now: Moment) -> Decided {
    if stored.standing == Standing::Cancelled {
        return Decided::Already;
    }
    if let Err(refusal) = may_cancel(session, stored.stage(), now) {
        return Decided::No(refusal);
    }
    let (act, message) = match stored.standing {
        Standing::Waiting(_) => (Act::Leave, Some(What::LeftWaitlist)),
        Standing::Offered(_) => (Act::Decline, Some(What::Declined)),
        // Whoever a person has yet to look at may have left somebody else's telephone.
        Standing::Checked => (Act::Cancel, None),
        _ => (Act::Cancel, Some(What::Cancelled)),
    };
    let after = Registration { standing: Standing::Cancelled, ..stored.clone() };
    Decided::Do(Box::new(Step { act, by, after, message }))
}
