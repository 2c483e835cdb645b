//! Exchanging a key, after it is known to all: what is stored is sealed and hashed anew, a bounded part at a time beside all other work.
//!
//! A pass goes over the whole table. Whatever is changed meanwhile is written with the key in use anyway, and an item tells by itself with which
//! key it was written, so nothing has to be remembered: a pass that was cut off is begun anew and only reads what is done. When one finds nothing
//! under another key, that key may be dropped ([`Service::drop_keys`]).
//!
//! What is written with which key:
//!
//! - sealed fields say it themselves, wherever in an item they stand;
//! - look-ups by exact value, the one live registration of a telephone, and firms' shares have the hash in their keys. Each is made anew and removed
//!   in one transaction, so that nobody sees neither;
//! - heads of registrations hold the hashes by which these are found.

use std::collections::BTreeSet;

use domain::{
    Moment,
    form::Answer,
    value::{TrackingKind, TrackingNumber},
};
use serde_json::Value;

use crate::{
    Service, ServiceError,
    keys::{self, Stage},
    registrations::{FIRM, PERSON, is_of_a_session},
    seal::{Place, Sealed},
    submission::{Answers, answers_key, found_by, found_keys, head_key},
    table::{Cursor, Expect, Item, Key, NewItem, TableError, Write},
};

/// Items that one part of a pass looks at.
const PART: usize = 200;
/// Writes that are done together: few enough that those who work with the same items hardly ever meet them.
const TOGETHER: usize = 24;
/// Bytes of bodies that are written together.
const TOGETHER_BYTES: usize = 1_000_000;
/// Expired items that are deleted at once.
const SWEPT: usize = 500;

/// What one part of a pass has met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Items that were looked at.
    pub looked: u64,
    /// Items that were put under the key in use.
    pub written: u64,
    /// What is under another key still.
    pub left: Left,
    /// Where the next part begins; none at the end of the pass.
    pub next: Option<Cursor>,
}

/// What is under another key than the one in use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Left {
    /// Items that somebody else has changed at the same time, or that belong to one that is still to be moved.
    pub items: u64,
    /// Drafts, receipts and the like, which are left to expire.
    pub expiring: u64,
    /// When the last of them has.
    pub until: Option<Moment>,
    /// Items that do not open: they were changed by other means than this program.
    pub broken: u64,
    /// One of those.
    pub example: Option<String>,
}

/// Why keys were not dropped, or that they were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dropped {
    /// Only the key in use is remembered any more.
    Done,
    /// The key in use is not in use yet: nothing was written with it.
    NotBegun,
    /// Something is under another key.
    Left(Left),
}

impl Left {
    /// Whether nothing is.
    pub fn is_nothing(&self) -> bool {
        *self == Left::default()
    }

    /// Both together.
    pub fn add(&mut self, other: Left) {
        self.items += other.items;
        self.expiring += other.expiring;
        self.until = self.until.max(other.until);
        self.broken += other.broken;
        self.example = self.example.take().or(other.example);
    }
}

/// What is to be done with an item.
enum Work {
    /// Nothing: it is under the key in use, or has nothing to do with keys.
    Nothing,
    /// Nothing: it expires.
    Expires(Moment),
    /// A sealed field is under another key.
    Seal(Value),
    /// It is found by a hash of another key.
    LookUp,
    /// It is what this registration holds, or its head.
    Registration(TrackingNumber),
    /// A share that nobody has.
    Empty,
    /// It is moved with the registrations that it counts.
    Counted,
}

impl Service {
    /// How far the exchange of the key is.
    pub async fn key_stage(&self) -> Result<Stage, ServiceError> {
        Ok(keys::stage(self.table.as_ref(), &self.keys).await?)
    }

    /// The id of the key in use.
    pub fn key_id(&self) -> String {
        self.keys.id()
    }

    /// One part of a pass that begins behind `after`: puts what is under another key under the one in use.
    pub async fn reseal(&self, after: Option<Cursor>) -> Result<Resealed, ServiceError> {
        let page = self.table.scan(PART, after).await?;
        let mut resealed = Resealed { looked: page.items.len() as u64, next: page.next, ..Resealed::default() };
        let mut together = Together::default();
        for item in page.items {
            let key = item.key.clone();
            let writes = match self.work_on(&item) {
                Work::Nothing => continue,
                Work::Expires(until) => {
                    resealed.left.add(Left { expiring: 1, until: Some(until), ..Left::default() });
                    continue;
                }
                Work::Seal(body) => self.sealed_anew(item, body),
                Work::LookUp => self.found_anew(&item).await,
                Work::Registration(number) => self.reseal_registration(&number).await,
                Work::Empty => Ok(vec![Write::Delete { key: item.key, version: item.version }]),
                Work::Counted => Ok(Vec::new()),
            };
            match writes {
                Ok(writes) if writes.is_empty() => resealed.left.items += 1,
                Ok(writes) => {
                    if !together.has_room_for(&writes) {
                        self.write_together(std::mem::take(&mut together), &mut resealed).await?;
                    }
                    together.add(writes);
                }
                Err(ServiceError::Table(TableError::Conflict { .. }) | ServiceError::UnknownNumber(_)) => {
                    resealed.left.items += 1
                }
                Err(ServiceError::Seal(error)) => {
                    tracing::error!(%error, "an item cannot be sealed anew");
                    resealed.left.add(Left { broken: 1, example: Some(key.to_string()), ..Left::default() });
                }
                Err(error) => return Err(error),
            }
        }
        self.write_together(together, &mut resealed).await?;
        Ok(resealed)
    }

    /// Lets the table forget all keys but the one in use, if nothing is left under another. What has expired is deleted first.
    pub async fn drop_keys(&self) -> Result<Dropped, ServiceError> {
        if matches!(self.key_stage().await?, Stage::Announced) {
            return Ok(Dropped::NotBegun);
        }
        while self.table.sweep(SWEPT).await? == SWEPT {}
        let (mut left, mut after) = (Left::default(), None);
        loop {
            let page = self.table.scan(PART, after).await?;
            for item in &page.items {
                match self.work_on(item) {
                    Work::Nothing => {}
                    Work::Expires(until) => left.add(Left { expiring: 1, until: Some(until), ..Left::default() }),
                    _ => left.items += 1,
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        if !left.is_nothing() {
            return Ok(Dropped::Left(left));
        }
        keys::drop_others(self.table.as_ref(), &self.keys, self.clock.now()).await?;
        tracing::info!(key = self.keys.id(), "only the key in use is remembered any more");
        Ok(Dropped::Done)
    }

    fn work_on(&self, item: &Item) -> Work {
        let (partition, sort) = (item.key.partition.as_str(), item.key.sort.as_str());
        if let Some((_, blind)) = found_by(partition) {
            return if self.keys.is_blind_now(blind) { Work::Nothing } else { Work::LookUp };
        }
        if is_of_a_session(partition) {
            if sort.strip_prefix(PERSON).is_some_and(|blind| !self.keys.is_blind_now(blind)) {
                return item.read().map_or(Work::Counted, Work::Registration);
            }
            return match sort.strip_prefix(FIRM) {
                Some(blind) if self.keys.is_blind_now(blind) => Work::Nothing,
                Some(_) if item.count == 0 => Work::Empty,
                Some(_) => Work::Counted,
                None => Work::Nothing,
            };
        }
        let Ok(body) = serde_json::from_slice::<Value>(&item.body) else { return Work::Nothing };
        if self.holds_sealed_by_others(&body) {
            return item.expires.map_or(Work::Seal(body), Work::Expires);
        }
        let number = partition.strip_prefix("CASE#").and_then(|number| number.parse::<TrackingNumber>().ok());
        let number = number.filter(|number| number.kind() == TrackingKind::Registration && item.key == head_key(number));
        let is_old = |field: &str| body.get(field).and_then(Value::as_str).is_some_and(|blind| !self.keys.is_blind_now(blind));
        match number {
            Some(number) if is_old("person") || is_old("firm") => Work::Registration(number),
            _ => Work::Nothing,
        }
    }

    fn holds_sealed_by_others(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.keys.is_sealed_by_others(text),
            Value::Array(values) => values.iter().any(|value| self.holds_sealed_by_others(value)),
            // What is stored open may be anything that somebody has typed.
            Value::Object(fields) => fields.iter().any(|(name, value)| name != "plain" && self.holds_sealed_by_others(value)),
            _ => false,
        }
    }

    /// Seals all of an item anew, bound to its next version.
    fn sealed_anew(&self, item: Item, mut body: Value) -> Result<Vec<Write>, ServiceError> {
        self.seal_values(&mut body, "", &item)?;
        let anew = NewItem { index: item.index, expires: item.expires, ..NewItem::json(item.key, &body) };
        Ok(vec![Write::replace(anew, item.version)])
    }

    /// A sealed field stands under its own name. All in an item are bound to its version, also those that are under the key in use.
    fn seal_values(&self, value: &mut Value, name: &str, item: &Item) -> Result<(), ServiceError> {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields.iter_mut().filter(|(name, _)| *name != "plain") {
                    self.seal_values(value, name, item)?;
                }
            }
            Value::Array(values) => {
                for value in values {
                    self.seal_values(value, name, item)?;
                }
            }
            Value::String(text) if self.keys.is_sealed(text) => {
                let place = |version| Place { key: &item.key, field: name, version };
                let open = self.keys.open(place(item.version), &Sealed::from_text(text.clone()))?;
                self.keys.seal(place(item.version + 1), &open).as_str().clone_into(text);
            }
            _ => {}
        }
        Ok(())
    }

    /// Puts a look-up where the key in use has it. One of which the answers know nothing leads nowhere and goes.
    async fn found_anew(&self, item: &Item) -> Result<Vec<Write>, ServiceError> {
        let field = found_by(&item.key.partition).map_or("", |(field, _)| field);
        let Ok(number) = item.key.sort.parse::<TrackingNumber>() else { return Ok(Vec::new()) };
        let answers = self.table.get(&answers_key(&number)).await?;
        let expect = answers.as_ref().map_or(Expect::Absent, |answers| Expect::Version(answers.version));
        let answer = match answers {
            Some(answers) => Answers::read(answers)?.any(&self.keys, field)?,
            None => None,
        };
        let mut writes = vec![
            Write::Delete { key: item.key.clone(), version: item.version },
            Write::Check { key: answers_key(&number), expect },
        ];
        if let Some(Answer::Text(text)) = answer {
            let places = found_keys(&self.keys, field, &text, &number);
            if let Some(right) = places.first().filter(|_| places.contains(&item.key))
                && self.table.get(right).await?.is_none()
            {
                writes.push(Write::create(NewItem::json(right.clone(), &())));
            }
        }
        Ok(writes)
    }

    /// Writes what was collected; what gets into somebody's way is tried alone, and left when that does not help.
    async fn write_together(&self, together: Together, resealed: &mut Resealed) -> Result<(), ServiceError> {
        let Together { groups, .. } = together;
        if groups.is_empty() {
            return Ok(());
        }
        match self.table.transact(groups.concat()).await {
            Ok(()) => {
                resealed.written += groups.len() as u64;
                return Ok(());
            }
            Err(TableError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        for writes in groups {
            match self.table.transact(writes).await {
                Ok(()) => resealed.written += 1,
                Err(TableError::Conflict { .. }) => resealed.left.items += 1,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// Writes of several items that do not touch the same keys.
#[derive(Default)]
struct Together {
    groups: Vec<Vec<Write>>,
    keys: BTreeSet<Key>,
    bytes: usize,
}

impl Together {
    fn has_room_for(&self, writes: &[Write]) -> bool {
        let fits = self.keys.len() + writes.len() <= TOGETHER && self.bytes + bytes(writes) <= TOGETHER_BYTES;
        self.groups.is_empty() || fits && !writes.iter().any(|write| self.keys.contains(write.key()))
    }

    fn add(&mut self, writes: Vec<Write>) {
        self.keys.extend(writes.iter().map(|write| write.key().clone()));
        self.bytes += bytes(&writes);
        self.groups.push(writes);
    }
}

fn bytes(writes: &[Write]) -> usize {
    let body = |write: &Write| match write {
        Write::Put { item, .. } => item.body.len(),
        _ => 0,
    };
    writes.iter().map(body).sum()
}
