//! Erasing what was kept as long as was promised, and three years after they were given the agreements. Everything is listed by when that
//! is, so that a pass reads only what is due; after an outage it is done late and once.

use std::time::Instant;

use domain::{consent::Consents, erasure::Why, value::TrackingNumber};

use super::{Erasing, Record};
use crate::{
    Service, ServiceError,
    registrations::head_of,
    submission::{KEPT_UNTIL, listed_until},
    table::{Index, Item, Key, NewItem, Query, SortRange, TableError, Write},
};

impl Service {
    /// Erases what is due until `until`; how much that was, and whether there is more.
    pub(crate) async fn erase_due(&self, until: Instant) -> Result<(usize, bool), ServiceError> {
        let mut erased = 0;
        loop {
            let now = self.clock.now();
            let due = SortRange::Between(String::new(), format!("{:016}", now.0.as_millisecond() + 1));
            let query = Query { sort: due, limit: 100, ..Query::all(KEPT_UNTIL) };
            let page = self.table.query_index(Index::Second, query).await?;
            let mut changed = 0;
            for item in &page.items {
                if Instant::now() > until {
                    return Ok((erased, true));
                }
                let number = numbered(&item.key)?;
                changed += 1;
                match self.end_keeping(&number).await? {
                    Ended::Erased => erased += 1,
                    Ended::Changed => {}
                    Ended::Nothing => changed -= 1,
                }
            }
            // An index may lag: what was just done can still be listed, and is found again by the next pass.
            if page.next.is_none() || changed == 0 {
                return Ok((erased, false));
            }
        }
    }

    async fn end_keeping(&self, number: &TrackingNumber) -> Result<Ended, ServiceError> {
        let (record, item) = self.record_of(number).await?;
        let now = self.clock.now();
        let listed = item.index[Index::Second as usize].as_ref();
        if listed.is_none_or(|listed| listed.partition != KEPT_UNTIL || listed.sort > format!("{}~", listed_until(now))) {
            return Ok(Ended::Nothing);
        }
        if record.origin().erased.is_some() {
            return self.forget_consents(number, record, item).await;
        }
        let published = self.published().await?;
        let session = match &record {
            Record::Registration(registration) => published.session(&registration.session),
            _ => None,
        };
        let over = record.over(session, now);
        let kept = record.origin().kept();
        if over.is_some_and(|over| kept.ends(over) <= now) {
            return Ok(match self.erase(number, Why::Expired, None, &[]).await? {
                Erasing::Done(_) => Ended::Erased,
                Erasing::Refused(why) => {
                    tracing::warn!(%number, why, "what is due to be erased cannot be");
                    Ended::Nothing
                }
            });
        }
        // It was put off, or is worked on again: it counts from when it will be over, at the earliest from now.
        let until = kept.ends(over.unwrap_or(now));
        let index = [item.index[0].clone(), Some(record.origin().listed_at(until))];
        let relisted = NewItem { key: item.key, index, expires: item.expires, body: item.body };
        self.ended(Write::replace(relisted, item.version)).await
    }

    /// Forgets what somebody agreed to of whom nothing else is known any more.
    async fn forget_consents(&self, number: &TrackingNumber, record: Record, item: Item) -> Result<Ended, ServiceError> {
        let none = |consents: &Consents| Consents { notice_hash: String::new(), boxes: Default::default(), at: consents.at };
        let head = match record {
            Record::Appeal(mut case) => {
                case.origin.consents = none(&case.origin.consents);
                NewItem { index: [item.index[0].clone(), None], ..NewItem::json(item.key, &case) }
            }
            Record::Registration(mut registration) => {
                registration.origin.consents = none(&registration.origin.consents);
                head_of(&registration, number)
            }
            Record::Intake(mut intake) => {
                intake.origin.consents = none(&intake.origin.consents);
                intake.head(number)
            }
        };
        self.ended(Write::replace(head, item.version)).await
    }

    async fn ended(&self, write: Write) -> Result<Ended, ServiceError> {
        match self.table.transact(vec![write]).await {
            Ok(()) => Ok(Ended::Changed),
            // Somebody has changed it meanwhile; the next pass looks at it.
            Err(TableError::Conflict { .. }) => Ok(Ended::Nothing),
            Err(error) => Err(error.into()),
        }
    }
}

/// What was done with something that was listed as due.
enum Ended {
    Erased,
    Changed,
    Nothing,
}

/// The number of what has its head at `key`.
fn numbered(key: &Key) -> Result<TrackingNumber, TableError> {
    let number = key.partition.strip_prefix("CASE#").and_then(|number| number.parse().ok());
    number.ok_or_else(|| TableError::Failed(format!("`{key}` is listed by how long it is kept and has no number")))
}
