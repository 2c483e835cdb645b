//! Promotion: what came free goes to whoever waits first.

use domain::{
    Session, Way,
    registration::{
        Act, By, Offer, Promotion, Standing,
        promote::{Waiter, may_move, promote},
    },
    value::TrackingNumber,
};

use super::{
    record::{Step, Stored},
    session::Sight,
    tries::Tries,
};
use crate::{Service, ServiceError, outbox::What, table::TableError};

/// No call gives out more: what is left over is for the next.
const MOST: usize = 200;

/// What is to be given out next.
enum Next {
    Do(Box<(Stored, Step, Sight)>),
    /// What was read does not fit together: somebody else is giving out seats.
    Again,
    Nothing,
}

impl Service {
    /// Gives out what is free of a session: to whoever waits first for each way, then to those online who would have liked the room.
    /// `here` has just begun to wait and is still to be answered. Says how many registrations changed.
    pub async fn promote(&self, session: &Session, here: Option<&TrackingNumber>) -> Result<usize, ServiceError> {
        let mut tries = Tries::new();
        let mut promoted = 0;
        while promoted < MOST {
            let (before, step, sight) = match self.next_promotion(session, here).await? {
                Next::Do(next) => *next,
                Next::Again => {
                    tries.again().await?;
                    continue;
                }
                Next::Nothing => break,
            };
            match self.take_step_with(&before, Some(sight.session()?), Some(&sight), step, self.clock.now()).await {
                Ok(_) => promoted += 1,
                // Somebody else gives out seats as well, or they have cancelled: look again.
                Err(TableError::Conflict { .. }) => tries.again().await?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(promoted)
    }

    /// The same for whoever has done something already that stands whatever becomes of this: what is left undone, the next settling does.
    pub(crate) async fn promote_or_leave(&self, session: &Session, here: Option<&TrackingNumber>) {
        if let Err(error) = self.promote(session, here).await {
            tracing::warn!(session = session.id, %error, "free seats are left to the next settling");
        }
    }

    async fn next_promotion(&self, session: &Session, here: Option<&TrackingNumber>) -> Result<Next, ServiceError> {
        let sight = self.sight_of_seats(&session.id).await?;
        // As it is published now, not as it was when whoever asked for this began.
        let (session, taken) = (sight.session()?, sight.taken);
        for way in Way::ALL.into_iter().filter(|way| session.seats(*way) > taken.of(*way)) {
            match self.first_waiting(session, way).await? {
                Some(first) => {
                    let stored = self.registration(&first).await?;
                    if !matches!(stored.registration.standing, Standing::Waiting(_)) {
                        // It left the queue between the two reads.
                        return Ok(Next::Again);
                    }
                    let waiter = Waiter { request: stored.registration.request(), here: here == Some(&first) };
                    if let Some(step) = step_of(&stored, promote(session, &taken, way, waiter, self.clock.now())) {
                        return Ok(Next::Do(Box::new((stored, step, sight))));
                    }
                }
                None if way == Way::Onsite => {
                    if let Some((stored, step)) = self.next_move(session, &taken).await? {
                        return Ok(Next::Do(Box::new((stored, step, sight))));
                    }
                }
                None => {}
            }
        }
        Ok(Next::Nothing)
    }

    /// Whoever sits online, would have liked the room and came first, when the room has seats for them.
    async fn next_move(
        &self,
        session: &Session,
        taken: &domain::registration::Taken,
    ) -> Result<Option<(Stored, Step)>, ServiceError> {
        let Some(first) = self.first_either(&session.id).await? else { return Ok(None) };
        let stored = self.registration(&first).await?;
        let sits_online = stored.registration.standing == Standing::Seated(Way::Online);
        if !sits_online || !may_move(session, taken, stored.registration.people, self.clock.now()) {
            return Ok(None);
        }
        let mut after = stored.registration.clone();
        after.standing = Standing::Seated(Way::Onsite);
        Ok(Some((stored, Step { act: Act::Move, by: By::Rules, after, message: Some(What::MovedOnsite) })))
    }
}

fn step_of(stored: &Stored, promotion: Promotion) -> Option<Step> {
    let mut after = stored.registration.clone();
    let (act, standing, what) = match promotion {
        Promotion::Seat(way) => (Act::Seat(way), Standing::Seated(way), What::Seated),
        Promotion::Offer(way) => (Act::Offer(way), Standing::Offered(Offer { way, until: None }), What::Offered),
        Promotion::Blocked | Promotion::Later(_) | Promotion::Never => return None,
    };
    after.standing = standing;
    Some(Step { act, by: By::Rules, after, message: Some(what) })
}
