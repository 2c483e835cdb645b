//! Drafts: what somebody has typed so far, sealed as a whole, for two hours.
//!
//! A draft's id is random and carries the signed time at which it was begun, first, so that what is written at the same time lies together
//! in an ordered table. It is the idempotency key of its
//! submission: what commits the draft deletes it and leaves a record of what became of it in the same transaction, so that a
//! double click, a resent request and the back button find the first answer.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Moment,
    form::{Form, Raw, Step},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::{
    encoding,
    seal::{Keys, Place, Sealed, random},
    service::{Service, ServiceError},
    table::{Item, Key, NewItem, TableError, Write},
};

/// How long a draft is kept.
const LIFE: SignedDuration = SignedDuration::from_hours(2);
/// How long it is remembered what became of it.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How often a save is tried when the same draft is saved elsewhere at the same time.
const ATTEMPTS: usize = 5;

/// The unguessable name of a draft, part of its pages' addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DraftId {
    /// 6 bytes of the time in milliseconds, 16 random ones and 8 of the signature, in the base32 whose texts sort as the bytes do.
    text: String,
    created: Moment,
}

/// Bytes of an id.
const ID: usize = 30;
/// Bytes of an id of before the time stood first: 16 random ones, 4 of the time in seconds and 8 of the signature, in the other base32. One is
/// good for as long as [`REMEMBERED`] after the program was replaced that gave it out.
const EARLIER_ID: usize = 28;
/// Bytes of the signature, with which both end.
const SIGNATURE: usize = 8;

impl DraftId {
    pub(crate) fn new(keys: &Keys, now: Moment) -> DraftId {
        let mut bytes = in_milliseconds(now).to_vec();
        bytes.extend(random::<16>());
        bytes.extend(&keys.sign("draft", &bytes)[..SIGNATURE]);
        DraftId { text: encoding::base32_sortable(&bytes), created: moment(&bytes[..6], 1) }
    }

    /// Reads an id that came back; `None` when we did not give it out.
    pub(crate) fn parse(keys: &Keys, text: &str) -> Option<DraftId> {
        let (bytes, earlier) = match encoding::from_base32_sortable(text).filter(|bytes| bytes.len() == ID) {
            Some(bytes) => (bytes, false),
            None => (encoding::from_base32(text).filter(|bytes| bytes.len() == EARLIER_ID)?, true),
        };
        let (signed, signature) = bytes.split_at(bytes.len() - SIGNATURE);
        let genuine: bool = keys.sign("draft", signed)[..SIGNATURE].ct_eq(signature).into();
        let created = if earlier { moment(&signed[16..], 1_000) } else { moment(&signed[..6], 1) };
        genuine.then(|| DraftId { text: text.to_ascii_lowercase(), created })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// How long ago it was begun.
    pub(crate) fn age(&self, now: Moment) -> SignedDuration {
        now.0.duration_since(self.created.0)
    }

    fn key(&self) -> Key {
        Key::new(format!("DRAFT#{}", self.text), "DRAFT")
    }

    fn outcome_key(&self) -> Key {
        Key::new(format!("DRAFT#{}", self.text), "OUTCOME")
    }
}

/// The first bytes of what is to lie by time: good until the year 10889.
pub(crate) fn in_milliseconds(moment: Moment) -> [u8; 6] {
    let [_, _, bytes @ ..] = moment.0.as_millisecond().max(0).to_be_bytes();
    bytes
}

/// The moment that big-endian `bytes` count, each unit of them so many `milliseconds`.
fn moment(bytes: &[u8], milliseconds: i64) -> Moment {
    let count = bytes.iter().fold(0_i64, |count, byte| count << 8 | i64::from(*byte));
    Moment(Timestamp::from_millisecond(count * milliseconds).unwrap_or(Timestamp::UNIX_EPOCH))
}

/// What somebody has typed so far.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) id: DraftId,
    /// Of its item.
    pub(crate) version: u64,
    pub(crate) form: String,
    pub(crate) form_version: u32,
    /// The session registered for.
    pub(crate) session: Option<String>,
    pub(crate) raw: Raw,
    /// Steps that were answered without mistake.
    pub(crate) done: BTreeSet<String>,
    /// Something was typed where no person sees a field.
    pub(crate) trapped: bool,
}

/// What there is under a draft's id.
pub(crate) enum Found {
    /// The draft.
    Open(Box<Draft>),
    /// What became of it.
    Committed(Outcome),
    /// Nothing any more.
    Expired,
}

/// What became of a draft: kept for whoever sends it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// The tracking number.
    pub(crate) number: String,
    /// The receipt's address.
    pub(crate) receipt: String,
}

/// A draft's item. Everything that was typed is sealed.
#[derive(Serialize, Deserialize)]
struct Stored {
    form: String,
    form_version: u32,
    session: Option<String>,
    typed: Sealed,
    done: BTreeSet<String>,
    trapped: bool,
}

impl Draft {
    /// A draft that is not stored yet.
    pub(crate) fn new(service: &Service, form: &Form, session: Option<String>) -> Draft {
        Draft {
            id: DraftId::new(&service.keys, service.clock.now()),
            version: 0,
            form: form.id.clone(),
            form_version: form.version,
            session,
            raw: Raw::default(),
            done: BTreeSet::new(),
            trapped: false,
        }
    }

    /// Takes what was posted for a step in place of what was typed there before.
    pub(crate) fn answer(&mut self, step: &Step, posted: &Raw) {
        for field in &step.fields {
            self.raw.0.remove(&field.id);
            if let Some(values) = posted.0.get(&field.id) {
                self.raw.0.insert(field.id.clone(), values.clone());
            }
        }
        // The trap is on every step; whoever fell into it stays in it.
        self.trapped |= !posted.first(HONEYPOT).trim().is_empty();
    }

    /// The writes that turn the draft into what became of it.
    pub(crate) fn commit(&self, outcome: &Outcome, now: Moment) -> [Write; 2] {
        let remembered = NewItem::json(self.id.outcome_key(), outcome).expiring(after(now, REMEMBERED));
        [Write::Delete { key: self.id.key(), version: self.version }, Write::create(remembered)]
    }

    fn item(&self, keys: &Keys) -> NewItem {
        let key = self.id.key();
        let typed = serde_json::to_string(&self.raw.0).expect("a map of texts");
        let typed = keys.seal(Place { key: &key, field: "typed", version: self.version + 1 }, &typed);
        let stored = Stored {
            form: self.form.clone(),
            form_version: self.form_version,
            session: self.session.clone(),
            typed,
            done: self.done.clone(),
            trapped: self.trapped,
        };
        NewItem::json(key, &stored).expiring(after(self.id.created, LIFE))
    }

    fn read(id: &DraftId, item: &Item, keys: &Keys) -> Result<Draft, ServiceError> {
        let stored: Stored = item.read()?;
        let typed: BTreeMap<String, Vec<String>> =
            keys.read(Place { key: &item.key, field: "typed", version: item.version }, &stored.typed)?;
        Ok(Draft {
            id: id.clone(),
            version: item.version,
            form: stored.form,
            form_version: stored.form_version,
            session: stored.session,
            raw: Raw(typed),
            done: stored.done,
            trapped: stored.trapped,
        })
    }
}

/// The field that no person sees.
const HONEYPOT: &str = "website";

pub(crate) fn after(moment: Moment, by: SignedDuration) -> Moment {
    Moment(moment.0.saturating_add(by).unwrap_or(Timestamp::MAX))
}

impl Service {
    /// Stores a new draft.
    pub(crate) async fn begin_draft(&self, draft: &Draft) -> Result<(), ServiceError> {
        Ok(self.table.transact(vec![Write::create(draft.item(&self.keys))]).await?)
    }

    /// What there is under `id`.
    pub(crate) async fn find_draft(&self, id: &DraftId) -> Result<Found, ServiceError> {
        if let Some(item) = self.table.get(&id.key()).await? {
            return Ok(Found::Open(Box::new(Draft::read(id, &item, &self.keys)?)));
        }
        // Looked at second: a commit that happens in between deletes the draft and leaves its outcome.
        match self.table.get(&id.outcome_key()).await? {
            Some(item) => Ok(Found::Committed(item.read()?)),
            None => Ok(Found::Expired),
        }
    }

    /// Changes a draft and stores it. When it was changed elsewhere meanwhile, the change is made to what it has become.
    pub(crate) async fn change_draft(&self, id: &DraftId, change: impl Fn(&mut Draft)) -> Result<Found, ServiceError> {
        for _ in 0..ATTEMPTS {
            let Found::Open(mut draft) = self.find_draft(id).await? else { return self.find_draft(id).await };
            change(&mut draft);
            match self.table.transact(vec![Write::replace(draft.item(&self.keys), draft.version)]).await {
                Ok(()) => {
                    draft.version += 1;
                    return Ok(Found::Open(draft));
                }
                Err(TableError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ServiceError::Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_when_it_was_made_and_cannot_be_made_up() {
        let keys = Keys::from_master(&[1; 32]);
        let now: Moment = "2026-12-01 09:00".parse().unwrap();
        let id = DraftId::new(&keys, now);
        assert_eq!(DraftId::parse(&keys, id.as_str()), Some(id.clone()));
        assert_eq!(id.age(after(now, SignedDuration::from_millis(5_250))), SignedDuration::from_millis(5_250));

        let mut bytes = encoding::from_base32_sortable(id.as_str()).unwrap();
        bytes[5] ^= 1;
        assert_eq!(DraftId::parse(&keys, &encoding::base32_sortable(&bytes)), None, "another time");
        assert_eq!(DraftId::parse(&Keys::from_master(&[2; 32]), id.as_str()), None, "another key");
        for text in ["", "abc", "不是", "../../etc/passwd"] {
            assert_eq!(DraftId::parse(&keys, text), None);
        }
    }

    #[test]
    fn ids_sort_as_they_were_made() {
        let keys = Keys::from_master(&[1; 32]);
        let mut moment: Moment = "2026-12-01 09:00".parse().unwrap();
        let mut last = DraftId::new(&keys, moment);
        for by in [1, 1, 7, 31, 32, 1_000, 32_768, 86_400_000] {
            moment = after(moment, SignedDuration::from_millis(by));
            let next = DraftId::new(&keys, moment);
            assert!(last.as_str() < next.as_str(), "{last:?} {next:?}");
            last = next;
        }
    }

    /// Given out by the program before the time stood first.
    #[test]
    fn an_id_of_before_is_still_understood() {
        let keys = Keys::from_master(&[1; 32]);
        let now: Moment = "2026-12-01 09:00".parse().unwrap();
        let earlier = "mrswmz3infvgw3dnnzxxa4lsonvq4haquop3ixckzcge6";
        let id = DraftId::parse(&keys, earlier).unwrap();
        assert_eq!((id.as_str(), id.age(now)), (earlier, SignedDuration::ZERO));
        let last = earlier.len() - 1;
        let changed = format!("{}{}", &earlier[..last], if earlier.ends_with('a') { 'q' } else { 'a' });
        assert_eq!(DraftId::parse(&keys, &changed), None);
    }
}
