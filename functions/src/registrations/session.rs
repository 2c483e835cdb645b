//! What the table holds of a session: seats that are taken, who waits, and where each of these is.
//!
//! | partition | sort | what |
//! |---|---|---|
//! | `SESSION#session` | `SEATS#ONSITE`, `SEATS#ONLINE` | counter of people seated or offered a seat |
//! | | `SEATS#RESIZED` | counter of how often the number of seats changed |
//! | | `FIRM#firm` | counter of a firm's people |
//! | | `PERSON#telephone` | the one live registration of a telephone |
//! | | `CHECKED#number` | one that a person has to look at |
//! | | `EITHER#received#number` | one that sits online and would have liked the room |
//! | `QUEUE#session` | `ONSITE#turn`, `ONLINE#turn`, `BOTH#turn` | one that waits |
//! | `CODE#session#digits` | `CODE` | whose check-in code that is |
//!
//! Firms and telephones stand there as blind indexes.
//!
//! Whoever takes seats has looked at the counters and at what is published ([`Sight`]) and takes them only if the number of seats has not
//! changed since ([`Sight::guard`]): otherwise a request that began before it was lowered would give out seats that are no more. Those who rush
//! for seats do not get into each other's way there, and those who wait touch none of it.

use std::sync::Arc;

use domain::{
    Attendance, Moment, Session, Way,
    registration::{Taken, Turn},
    value::{CheckInCode, TrackingNumber},
};

use crate::{
    Service, ServiceError,
    catalogue::Published,
    table::{Expect, Item, Key, MAX_WRITES, Query, SortRange, TableError, Write, query_all},
};

const SESSION: &str = "SESSION#";

pub(crate) fn session_partition(session: &str) -> String {
    format!("{SESSION}{session}")
}

/// Whether a partition holds what is taken of a session.
pub(crate) fn is_of_a_session(partition: &str) -> bool {
    partition.starts_with(SESSION)
}

fn queue_partition(session: &str) -> String {
    format!("QUEUE#{session}")
}

const SEATS: &str = "SEATS#";

pub(super) fn seats_key(session: &str, way: Way) -> Key {
    Key::new(session_partition(session), format!("{SEATS}{}", queue_of(way.into())))
}

fn resized_key(session: &str) -> Key {
    Key::new(session_partition(session), format!("{SEATS}RESIZED"))
}

/// What a decision about seats is based on.
pub(super) struct Sight {
    session: String,
    pub(super) published: Arc<Published>,
    pub(super) taken: Taken,
    resized: Expect,
}

impl Sight {
    /// The session as it is published now.
    pub(super) fn session(&self) -> Result<&Session, ServiceError> {
        self.published.session(&self.session).ok_or_else(|| ServiceError::UnknownSession(self.session.clone()))
    }

    /// Lets `writes` take seats only when there are still as many.
    pub(super) fn guard(&self, writes: &mut Vec<Write>) {
        let seats = Way::ALL.map(|way| seats_key(&self.session, way));
        let takes = |write: &Write| matches!(write, Write::Add { key, by, .. } if *by > 0 && seats.contains(key));
        if writes.iter().any(takes) {
            writes.push(Write::Check { key: resized_key(&self.session), expect: self.resized });
        }
    }
}

/// Only a hash of the firm's name is in the key: `firm` is its blind index.
pub(super) fn firm_key(session: &str, firm: &str) -> Key {
    Key::new(session_partition(session), format!("{FIRM}{firm}"))
}

pub(crate) const PERSON: &str = "PERSON#";
pub(crate) const FIRM: &str = "FIRM#";
pub(super) const CHECKED: &str = "CHECKED#";
const EITHER: &str = "EITHER#";

pub(super) fn person_key(session: &str, person: &str) -> Key {
    Key::new(session_partition(session), format!("{PERSON}{person}"))
}

pub(super) fn checked_key(session: &str, number: &TrackingNumber) -> Key {
    Key::new(session_partition(session), format!("{CHECKED}{number}"))
}

pub(super) fn either_key(session: &str, received: Moment, number: &TrackingNumber) -> Key {
    Key::new(session_partition(session), format!("{EITHER}{:012}#{number}", received.0.as_second()))
}

fn queue_of(wished: Attendance) -> &'static str {
    match wished {
        Attendance::Onsite => "ONSITE",
        Attendance::Online => "ONLINE",
        Attendance::Both => "BOTH",
    }
}

pub(super) fn waiting_key(session: &str, wished: Attendance, turn: &Turn) -> Key {
    Key::new(queue_partition(session), format!("{}#{}", queue_of(wished), turn.0))
}

pub(super) fn code_key(session: &str, code: CheckInCode) -> Key {
    Key::new(format!("CODE#{session}#{}", code.digits()), "CODE")
}

/// The list of seats that are held, by when that ends.
pub(super) const OFFERS: &str = "OFFERS";

pub(super) fn offers_key(runs_out: Moment, number: &TrackingNumber) -> Key {
    Key::new(OFFERS, format!("{:012}#{number}", runs_out.0.as_second().max(0)))
}

impl Service {
    /// What others have of a session at this moment: seats, the share of the firm with this blind index, and whether anybody waits for
    /// what `wished` could be.
    pub(crate) async fn taken(&self, session: &Session, firm: Option<&str>, wished: Attendance) -> Result<Taken, ServiceError> {
        let seats = self.seats_taken(&session.id).await?;
        self.with_others(session, seats, firm, wished).await
    }

    /// The same for whoever is going to take seats. The order of the reads matters: another number of seats is noticed
    /// that is published after the first.
    pub(super) async fn sight(&self, session: &str, firm: Option<&str>, wished: Attendance) -> Result<Sight, ServiceError> {
        let sight = self.sight_of_seats(session).await?;
        let taken = self.with_others(sight.session()?, sight.taken, firm, wished).await?;
        Ok(Sight { taken, ..sight })
    }

    /// The same without those who wait and without firms.
    pub(super) async fn sight_of_seats(&self, session: &str) -> Result<Sight, ServiceError> {
        let (taken, resized) = self.seats(session).await?;
        Ok(Sight { session: session.to_owned(), published: self.published().await?, taken, resized })
    }

    /// Seats that are taken, the share of a firm, and whether anybody waits.
    async fn with_others(
        &self,
        session: &Session,
        seats: Taken,
        firm: Option<&str>,
        wished: Attendance,
    ) -> Result<Taken, ServiceError> {
        let waiting = async |way: Way| -> Result<bool, ServiceError> {
            let asked = wished.includes(way) && session.attendance.includes(way);
            Ok(asked && self.first_waiting(session, way).await?.is_some())
        };
        let share = async {
            let Some(firm) = firm else { return Ok(0) };
            let item = self.table.get(&firm_key(&session.id, firm)).await?;
            Ok::<_, ServiceError>(item.map_or(0, |item| count(&item)))
        };
        let (firm, waiting_onsite, waiting_online) = tokio::try_join!(share, waiting(Way::Onsite), waiting(Way::Online))?;
        Ok(Taken { firm, waiting_onsite, waiting_online, ..seats })
    }

    /// What of a session is taken, whatever the firm.
    pub(crate) async fn taken_by_all(&self, session: &Session) -> Result<Taken, ServiceError> {
        self.taken(session, None, Attendance::Both).await
    }

    /// The seats that are taken; one read.
    pub(crate) async fn seats_taken(&self, session: &str) -> Result<Taken, TableError> {
        Ok(self.seats(session).await?.0)
    }

    /// The same with the version of the note that their number changed.
    async fn seats(&self, session: &str) -> Result<(Taken, Expect), TableError> {
        let (mut taken, mut resized) = (Taken::default(), Expect::Absent);
        for item in query_all(self.table.as_ref(), Query::prefix(session_partition(session), SEATS)).await? {
            match item.key.sort.as_str() {
                "SEATS#ONSITE" => taken.onsite = count(&item),
                "SEATS#ONLINE" => taken.online = count(&item),
                _ => resized = Expect::Version(item.version),
            }
        }
        Ok((taken, resized))
    }

    /// Notes that sessions have more or fewer seats than whoever is taking some may have read.
    pub(crate) async fn seats_changed(&self, sessions: &[&Session]) -> Result<(), TableError> {
        for sessions in sessions.chunks(MAX_WRITES) {
            let note = |session: &&Session| Write::Add { key: resized_key(&session.id), by: 1, at_most: i64::MAX, expires: None };
            self.table.transact(sessions.iter().map(note).collect()).await?;
        }
        Ok(())
    }

    /// Who waits first for seats in one way.
    pub(super) async fn first_waiting(&self, session: &Session, way: Way) -> Result<Option<TrackingNumber>, ServiceError> {
        let mut first: Option<(String, Item)> = None;
        for queue in queues(way) {
            let prefix = format!("{}#", queue_of(queue));
            if let Some(item) = self.first(Query::prefix(queue_partition(&session.id), &prefix)).await? {
                let turn = item.key.sort[prefix.len()..].to_owned();
                if first.as_ref().is_none_or(|(other, _)| turn < *other) {
                    first = Some((turn, item));
                }
            }
        }
        Ok(first.map(|(_, item)| item.read()).transpose()?)
    }

    /// Who sits online, would have liked the room, and came first.
    pub(super) async fn first_either(&self, session: &str) -> Result<Option<TrackingNumber>, ServiceError> {
        let item = self.first(Query::prefix(session_partition(session), EITHER)).await?;
        Ok(item.map(|item| item.read()).transpose()?)
    }

    async fn first(&self, query: Query) -> Result<Option<Item>, TableError> {
        let mut query = Query { limit: 1, ..query };
        loop {
            let page = self.table.query(query.clone()).await?;
            match (page.items.into_iter().next(), page.next) {
                (Some(item), _) => return Ok(Some(item)),
                (None, Some(next)) => query.after = Some(next),
                (None, None) => return Ok(None),
            }
        }
    }

    /// The place of a turn in the queue for one way: 1 for whoever is first.
    pub(super) async fn place(&self, session: &Session, way: Way, turn: &Turn) -> Result<usize, ServiceError> {
        let mut ahead = 0;
        for queue in queues(way) {
            let name = queue_of(queue);
            let range = SortRange::Between(format!("{name}#"), format!("{name}#{}", turn.0));
            let items = query_all(self.table.as_ref(), Query { sort: range, ..Query::all(queue_partition(&session.id)) }).await?;
            ahead += items.iter().filter(|item| item.key.sort[name.len() + 1..] != turn.0).count();
        }
        Ok(ahead + 1)
    }

    /// Everybody who waits, by turn, in the queue for one way.
    pub(super) async fn queue(&self, session: &Session, way: Way) -> Result<Vec<Turn>, ServiceError> {
        let mut turns = Vec::new();
        for queue in queues(way) {
            let prefix = format!("{}#", queue_of(queue));
            let items = query_all(self.table.as_ref(), Query::prefix(queue_partition(&session.id), &prefix)).await?;
            turns.extend(items.iter().map(|item| Turn(item.key.sort[prefix.len()..].to_owned())));
        }
        turns.sort();
        Ok(turns)
    }

    /// Numbers of the live registrations of a session, and of those that a person has to look at.
    pub(crate) async fn registrants(&self, session: &str) -> Result<Vec<TrackingNumber>, TableError> {
        let mut numbers = Vec::new();
        for prefix in [PERSON, CHECKED] {
            for item in query_all(self.table.as_ref(), Query::prefix(session_partition(session), prefix)).await? {
                numbers.push(item.read()?);
            }
        }
        Ok(numbers)
    }

    /// Whether anybody is registered for a session: it may not vanish then.
    pub(crate) async fn has_registrants(&self, session: &str) -> Result<bool, TableError> {
        for prefix in [PERSON, CHECKED] {
            if self.first(Query::prefix(session_partition(session), prefix)).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The queues of those who would take seats in one way.
fn queues(way: Way) -> [Attendance; 2] {
    [way.into(), Attendance::Both]
}

pub(super) fn count(item: &Item) -> u32 {
    u32::try_from(item.count).unwrap_or(0)
}
