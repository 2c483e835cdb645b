//! What nobody asks for and must happen all the same: offers that ran out move on, seats that came free are offered, and what changes
//! about a session reaches all of its registrants.
//!
//! Publishing writes, in the transaction that makes a manifest current, which sessions have news ([`News`]). Settling tells each
//! registrant in a transaction of its own that also notes on the head that they were told. Whoever continues after a crash therefore
//! tells nobody twice and leaves nobody out. The work is found without reading registrations that have none.

use std::collections::BTreeSet;

use domain::{
    Moment, Session,
    registration::{Act, By, Stage, Standing, Turn, offer},
    value::TrackingNumber,
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{
    record::{Registration, Step, Stored, head},
    session::{OFFERS, session_partition, waiting_key},
    tries::Tries,
};
use crate::{
    Service, ServiceError,
    outbox::What,
    table::{Index, Item, Key, NewItem, Query, SortRange, TableError, Write, query_all},
};

/// No call changes more registrations than about so many: the next goes on.
const MOST: usize = 500;
/// News are kept for so long after they were published, since another process may register people by the manifest before for as
/// long as it may go on with what it has read.
const KEPT: SignedDuration = SignedDuration::from_secs(60);

/// Sessions that are cancelled, or at another time or place, than in the manifest before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct News {
    pub(crate) sessions: BTreeSet<String>,
    pub(crate) at: Moment,
}

const NEWS: &str = "NEWS";

/// Where the news of a manifest are.
pub(crate) fn news_key(manifest: &str) -> Key {
    Key::new(NEWS, manifest)
}

impl Service {
    /// One pass of what has to happen by itself; says how many registrations changed. Safe to repeat and to run beside itself.
    pub async fn settle_sessions(&self) -> Result<usize, ServiceError> {
        let mut settled = 0;
        for item in query_all(self.table.as_ref(), Query::all(NEWS)).await? {
            settled += self.spread(&item, MOST.saturating_sub(settled)).await?;
        }
        let published = match self.published_now().await {
            Ok(published) => published,
            Err(ServiceError::NoManifest) => return Ok(settled),
            Err(error) => return Err(error),
        };
        for number in self.run_out(MOST.saturating_sub(settled)).await? {
            settled += usize::from(self.lapse(&number).await?);
        }
        let now = self.clock.now();
        for session in published.sessions().filter(|session| now < session.start && !session.cancelled) {
            if settled >= MOST {
                break;
            }
            self.adopt_waiters(session).await?;
            match self.promote(session, None).await {
                Ok(promoted) => settled += promoted,
                // One session that is busy does not keep the others waiting.
                Err(ServiceError::Busy) => tracing::warn!(session = session.id, "free seats are left to the next settling"),
                Err(error) => return Err(error),
            }
        }
        Ok(settled)
    }

    /// Moves those who began to wait when there was one queue for all ways to the queue of their own, with the turn that they have.
    async fn adopt_waiters(&self, session: &Session) -> Result<(), ServiceError> {
        const BEFORE: &str = "WAITING#";
        for item in query_all(self.table.as_ref(), Query::prefix(session_partition(&session.id), BEFORE)).await? {
            let turn = Turn(item.key.sort[BEFORE.len()..].to_owned());
            let number = turn.0.split_once('#').and_then(|(_, number)| number.parse().ok());
            let Some(number) = number else { continue };
            let Stored { version, mut registration, .. } = self.registration(&number).await?;
            let new = waiting_key(&session.id, registration.wished, &turn);
            registration.standing = Standing::Waiting(turn);
            let writes = vec![
                Write::Delete { key: item.key, version: item.version },
                Write::create(NewItem::json(new, &number)),
                Write::replace(head(&registration, &number, Some(session)), version),
            ];
            match self.table.transact(writes).await {
                Ok(()) | Err(TableError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Tells at most `most` registrants of what changed, and puts the news away when all know and nobody can come who does not.
    async fn spread(&self, item: &Item, most: usize) -> Result<usize, ServiceError> {
        let news: News = item.read()?;
        let published = self.published_now().await?;
        let mut told = 0;
        for id in &news.sessions {
            let Some(session) = published.session(id) else { continue };
            for number in self.registrants(id).await? {
                if told >= most {
                    return Ok(told);
                }
                told += usize::from(self.tell(session, &number).await?);
            }
        }
        if self.clock.now().0.duration_since(news.at.0) > KEPT {
            match self.table.transact(vec![Write::Delete { key: item.key.clone(), version: item.version }]).await {
                // Published again meanwhile, or put away by another.
                Ok(()) | Err(TableError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(told)
    }

    /// Tells one registrant how the session stands, unless they know; whether there was something to tell.
    async fn tell(&self, session: &Session, number: &TrackingNumber) -> Result<bool, ServiceError> {
        let mut tries = Tries::new();
        loop {
            let stored = self.registration(number).await?;
            let before = &stored.registration;
            // Whoever a person has yet to look at may be nobody; whoever came knows.
            let reachable = before.stage() != Stage::Checked;
            let (act, after, what) = if before.stage().is_over() {
                return Ok(false);
            } else if session.cancelled {
                let after = Registration { standing: Standing::SessionCancelled, ..before.clone() };
                (Act::CancelSession, after, What::SessionCancelled)
            } else if before.told.as_ref() != Some(&session.announced()) && before.stage() != Stage::Attended {
                let after = Registration { told: Some(session.announced()), ..before.clone() };
                (Act::MoveSession, after, What::SessionMoved)
            } else {
                return Ok(false);
            };
            let step = Step { act, by: By::Rules, after, message: reachable.then_some(what) };
            match self.take_step(&stored, Some(session), step, self.clock.now()).await {
                Ok(_) => return Ok(true),
                Err(TableError::Conflict { .. }) => tries.again().await?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Numbers of registrations whose held seats may have run out. The index may lag: each is looked at again.
    async fn run_out(&self, most: usize) -> Result<Vec<TrackingNumber>, ServiceError> {
        if most == 0 {
            return Ok(Vec::new());
        }
        let until = format!("{:012}#~", self.clock.now().0.as_second().max(0));
        let query = Query { sort: SortRange::Between("0".to_owned(), until), limit: most, ..Query::all(OFFERS) };
        let page = self.table.query_index(Index::Second, query).await?;
        Ok(page.items.iter().filter_map(|item| item.read::<Registration>().ok()?.origin.number.parse().ok()).collect())
    }

    /// Ends an offer that ran out and offers the seats to the next; whether it had.
    async fn lapse(&self, number: &TrackingNumber) -> Result<bool, ServiceError> {
        let mut tries = Tries::new();
        loop {
            let stored = self.registration(number).await?;
            let published = self.published().await?;
            let session = published.session(&stored.registration.session);
            let (Standing::Offered(held), Some(session)) = (&stored.registration.standing, session) else { return Ok(false) };
            let now = self.clock.now();
            if now < offer::runs_out(session, held) {
                return Ok(false);
            }
            // Whoever never heard of the offer does not hear of its end.
            let message = held.until.is_some().then_some(What::OfferLapsed);
            let after = Registration { standing: Standing::Lapsed, ..stored.registration.clone() };
            let step = Step { act: Act::Lapse, by: By::Rules, after, message };
            match self.take_step(&stored, Some(session), step, now).await {
                Ok(_) => return Ok(true),
                Err(TableError::Conflict { .. }) => tries.again().await?,
                Err(error) => return Err(error.into()),
            }
        }
    }
}
