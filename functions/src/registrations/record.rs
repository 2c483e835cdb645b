//! What is stored of one registration.
//!
//! The head says where it stands. All else that its standing implies is a function of the head ([`Held`]), so that a change writes the
//! difference between what was implied before and what is implied now, in one transaction: no seat is counted that nobody has.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Announced, Attendance, Moment, Session, Way,
    registration::{Act, By, Event, Stage, Standing, life, offer},
    value::{CheckInCode, TrackingNumber},
};
use serde::{Deserialize, Serialize};

use super::session::{Sight, checked_key, code_key, either_key, firm_key, offers_key, person_key, seats_key, waiting_key};
use crate::{
    Service, ServiceError,
    outbox::{Message, What},
    seal::Keys,
    submission::{Origin, head_key, partition},
    table::{Expect, Index, Key, NewItem, Query, TableError, Write, query_all},
};

/// A registration's head item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    pub(crate) origin: Origin,
    /// What it is for.
    pub session: String,
    /// How they wish to take part.
    pub wished: Attendance,
    /// How many come, the registrant included.
    pub people: u32,
    /// Where it stands.
    pub standing: Standing,
    /// The blind index of the telephone.
    #[serde(default)]
    pub(crate) person: Option<String>,
    /// The blind index of the firm's name.
    #[serde(default)]
    pub(crate) firm: Option<String>,
    /// At which attempt its check-in code was free. None before it is live.
    #[serde(default)]
    pub(crate) code: Option<u32>,
    /// What they have been told of their session.
    #[serde(default)]
    pub(crate) told: Option<Announced>,
    /// How many events it has.
    #[serde(default)]
    pub(crate) events: u32,
}

impl Registration {
    /// The name of where it stands.
    pub fn stage(&self) -> Stage {
        self.standing.stage()
    }

    /// When its event ends, as far as that is known.
    pub(crate) fn ends(&self, session: Option<&Session>) -> Moment {
        let told = || self.told.as_ref().map_or(self.origin.received, |told| told.end);
        session.map_or_else(told, |session| session.end)
    }

    pub(crate) fn request(&self) -> domain::registration::Request {
        domain::registration::Request { attendance: self.wished, people: self.people }
    }

    /// What is said at the door.
    pub(crate) fn check_in_code(&self, keys: &Keys, number: &TrackingNumber) -> Option<CheckInCode> {
        let live = self.stage().is_live();
        self.code.filter(|_| live).map(|attempt| CheckInCode::derive(keys.code_key(), number, attempt))
    }

    fn held(&self, keys: &Keys, number: &TrackingNumber) -> Held {
        let (session, people) = (self.session.as_str(), i64::from(self.people));
        let mut held = Held::default();
        if let Some(way) = self.standing.seats() {
            held.counters.insert(seats_key(session, way), (people, Share::Seats(way)));
        }
        if self.origin.erased.is_some() {
            // That somebody came still counts; who it was is not known.
            return held;
        }
        match &self.standing {
            Standing::Checked => drop(held.items.insert(checked_key(session, number))),
            Standing::Waiting(turn) => drop(held.items.insert(waiting_key(session, self.wished, turn))),
            Standing::Seated(Way::Online) if self.wished == Attendance::Both => {
                held.items.insert(either_key(session, self.origin.received, number));
            }
            _ => {}
        }
        if self.stage().is_live() {
            held.items.extend(self.person.as_ref().map(|person| person_key(session, person)));
            held.items.extend(self.check_in_code(keys, number).map(|code| code_key(session, code)));
            if let Some(firm) = &self.firm {
                held.counters.insert(firm_key(session, firm), (people, Share::Firm));
            }
        }
        held
    }
}

/// What a registration's standing implies beside its head.
#[derive(Default)]
struct Held {
    /// Items that name it. They are made and removed, never changed.
    items: BTreeSet<Key>,
    /// Counters that count its people.
    counters: BTreeMap<Key, (i64, Share)>,
}

/// What a counter counts, and so what bounds it.
#[derive(Clone, Copy)]
enum Share {
    Seats(Way),
    Firm,
}

impl Share {
    fn at_most(self, session: Option<&Session>) -> i64 {
        session.map_or(0, |session| match self {
            Share::Seats(way) => i64::from(session.seats(way)),
            Share::Firm => i64::from(session.firm_limit),
        })
    }
}

/// A registration as it was read.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) number: TrackingNumber,
    pub(crate) version: u64,
    pub(crate) registration: Registration,
}

/// What is done with a registration.
pub(super) struct Step {
    pub(super) act: Act,
    pub(super) by: By,
    /// What it is afterwards; its events are counted by whoever writes it.
    pub(super) after: Registration,
    /// What its people are told.
    pub(super) message: Option<What>,
}

/// A transaction that is about to be tried.
pub(super) struct Writes {
    pub(super) writes: Vec<Write>,
    /// The registration as it then is.
    pub(super) after: Registration,
}

/// Says of a conflict whether it concerns one of these keys.
pub(super) fn concerns(failed: &[usize], keys: &[Key], key: &Key) -> bool {
    failed.iter().any(|&write| keys.get(write) == Some(key))
}

impl Service {
    /// The registration `number`.
    pub(crate) async fn registration(&self, number: &TrackingNumber) -> Result<Stored, ServiceError> {
        let unknown = || ServiceError::UnknownNumber(number.to_string());
        let item = self.table.get(&head_key(number)).await?.ok_or_else(unknown)?;
        let mut registration: Registration = item.read()?;
        if registration.events == 0 {
            self.complete(number, &mut registration).await?;
        }
        Ok(Stored { number: *number, version: item.version, registration })
    }

    /// Fills in what heads did not say before a registration had a record: whose telephone and which firm it is, so that these are given
    /// back when it is cancelled.
    async fn complete(&self, number: &TrackingNumber, registration: &mut Registration) -> Result<(), ServiceError> {
        let values = self.answers(number).await?.values(&self.keys)?;
        let blinds = |field: &str| {
            let text = values.text(field).map(domain::value::text::search_key);
            text.map(|text| self.keys.blinds(field, &text)).unwrap_or_default()
        };
        let (persons, firms) = (blinds("mobile"), blinds("company"));
        // While a key is exchanged both stand under the one under which its telephone is.
        let mut key = 0;
        for (place, person) in persons.iter().enumerate().skip(1) {
            if self.table.get(&person_key(&registration.session, person)).await?.is_some() {
                key = place;
            }
        }
        (registration.person, registration.firm) = (persons.get(key).cloned(), firms.get(key).cloned());
        Ok(())
    }

    /// What happened to a registration, oldest first.
    pub(crate) async fn registration_events(&self, number: &TrackingNumber) -> Result<Vec<Event>, ServiceError> {
        let items = query_all(self.table.as_ref(), Query::prefix(partition(number), "EVENT#")).await?;
        Ok(items.iter().map(|item| item.read()).collect::<Result<_, _>>()?)
    }

    /// The writes of one step: head, event, message, and the difference between what the registration holds before and after.
    pub(super) fn step(
        &self,
        number: &TrackingNumber,
        before: Option<&Stored>,
        session: Option<&Session>,
        step: Step,
        now: Moment,
    ) -> Writes {
        let Step { act, by, mut after, message } = step;
        let stage = before.map(|before| before.registration.stage());
        debug_assert!(life::leads_to(stage, &act).contains(&after.stage()), "{act:?} from {stage:?} to {:?}", after.stage());
        let seq = before.map_or(0, |before| before.registration.events) + 1;
        after.events = seq;
        let event = Event { seq, at: now, by, act, to: after.stage() };

        let expect = before.map_or(Expect::Absent, |before| Expect::Version(before.version));
        let mut writes = vec![
            Write::Put { item: head(&after, number, session), expect },
            Write::create(NewItem::json(Key::new(partition(number), format!("EVENT#{seq:06}")), &event)),
        ];
        let then = after.held(&self.keys, number);
        let mut was = before.map(|before| before.registration.held(&self.keys, number)).unwrap_or_default();
        for (key, (people, share)) in then.counters {
            let by = people - was.counters.remove(&key).map_or(0, |(people, _)| people);
            // What is given back is given back even when there are fewer seats now than were given out.
            let at_most = if by > 0 { share.at_most(session) } else { i64::from(u32::MAX) };
            if by != 0 {
                writes.push(Write::Add { key, by, at_most, expires: None });
            }
        }
        let given_back = was.counters.into_iter().filter(|(_, (people, _))| *people != 0);
        writes.extend(given_back.map(|(key, (people, _))| Write::Add {
            key,
            by: -people,
            at_most: i64::from(u32::MAX),
            expires: None,
        }));
        let number_item = |key: &Key| Write::create(NewItem::json(key.clone(), number));
        writes.extend(then.items.difference(&was.items).map(number_item));
        writes.extend(was.items.difference(&then.items).map(|key| Write::Delete { key: key.clone(), version: 1 }));

        if let Some(what) = message {
            let message = self.message(what, seq, number, session, now);
            writes.push(message.write(number, now));
        }
        Writes { writes, after }
    }

    /// The writes of a registration that holds the same as before under another key.
    pub(super) async fn moved(&self, before: &Stored, after: &Registration) -> Result<Vec<Write>, ServiceError> {
        let number = &before.number;
        let item = self.table.get(&head_key(number)).await?.filter(|item| item.version == before.version);
        let item = item.ok_or(TableError::Conflict { failed: Vec::new() })?;
        let (mut was, is) = (before.registration.held(&self.keys, number), after.held(&self.keys, number));
        let mut writes = vec![Write::replace(NewItem { index: item.index, ..NewItem::json(item.key, after) }, item.version)];
        writes.extend(is.items.difference(&was.items).map(|key| Write::create(NewItem::json(key.clone(), number))));
        writes.extend(was.items.difference(&is.items).map(|key| Write::Delete { key: key.clone(), version: 1 }));
        // Nobody new is counted: no bound can be in the way.
        let add = |key: Key, by: i64| Write::Add { key, by, at_most: i64::from(u32::MAX), expires: None };
        for (key, (people, _)) in is.counters {
            if was.counters.remove(&key).is_none() {
                writes.push(add(key, people));
            }
        }
        writes.extend(was.counters.into_iter().map(|(key, (people, _))| add(key, -people)));
        Ok(writes)
    }

    /// A share that nobody has any more is removed, not counted as none: its key is made of the firm's name.
    pub(super) async fn drop_empty_shares(&self, before: &Registration, writes: &mut Vec<Write>) -> Result<(), ServiceError> {
        let Some(firm) = &before.firm else { return Ok(()) };
        let share = firm_key(&before.session, firm);
        let Some(item) = self.table.get(&share).await? else { return Ok(()) };
        let place = writes.iter().position(|write| *write.key() == share);
        let given_back = match place.map(|place| &writes[place]) {
            Some(Write::Add { by, .. }) => *by,
            _ => 0,
        };
        if item.count + given_back <= 0 {
            writes.extend(std::iter::once(Write::Delete { key: share, version: item.version }));
            if let Some(place) = place {
                writes.swap_remove(place);
            }
        }
        Ok(())
    }

    /// A message about the event `seq`.
    pub(super) fn message(
        &self,
        what: What,
        seq: u32,
        number: &TrackingNumber,
        session: Option<&Session>,
        now: Moment,
    ) -> Message {
        let message = Message::new(what, number).key(format!("{}#{seq}", what.id()));
        match (what, session) {
            // Somebody else could have the seats for as long as nobody tells them.
            (What::Offered, Some(session)) => message.due(offer::held_until(session, now)),
            (_, Some(session)) => message.due(session.start.max(now)),
            (_, None) => message,
        }
    }

    /// Does one step. A conflict means that something has changed since `before` was read.
    pub(super) async fn take_step(
        &self,
        before: &Stored,
        session: Option<&Session>,
        step: Step,
        now: Moment,
    ) -> Result<Stored, TableError> {
        self.take_step_with(before, session, None, step, now).await
    }

    /// The same for a step that takes seats, decided upon at `sight`.
    pub(super) async fn take_step_with(
        &self,
        before: &Stored,
        session: Option<&Session>,
        sight: Option<&Sight>,
        step: Step,
        now: Moment,
    ) -> Result<Stored, TableError> {
        let what = step.act.clone();
        let Writes { mut writes, after } = self.step(&before.number, Some(before), session, step, now);
        if let Some(sight) = sight {
            sight.guard(&mut writes);
        }
        self.table.transact(writes).await?;
        tracing::info!(number = %before.number, session = after.session, act = ?what, stage = ?after.stage(), "a registration changed");
        Ok(Stored { number: before.number, version: before.version + 1, registration: after })
    }
}

/// The head of a registration that is over, whatever became of its session.
pub(crate) fn head_of(registration: &Registration, number: &TrackingNumber) -> NewItem {
    head(registration, number, None)
}

/// The head, listed by its session and, while seats are held for it, by when that ends.
pub(super) fn head(registration: &Registration, number: &TrackingNumber, session: Option<&Session>) -> NewItem {
    let received = registration.origin.received.0.as_second();
    let listed = Key::new(super::session::session_partition(&registration.session), format!("{received:012}#{number}"));
    let item = NewItem::json(head_key(number), registration).listed(Index::First, listed);
    match (&registration.standing, session) {
        (Standing::Offered(held), Some(session)) => {
            item.listed(Index::Second, offers_key(offer::runs_out(session, held), number))
        }
        _ => {
            NewItem { index: [item.index[0].clone(), registration.origin.listed_until(Some(registration.ends(session)))], ..item }
        }
    }
}
