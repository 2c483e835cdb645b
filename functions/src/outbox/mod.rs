//! The outbox: messages that must reach somebody, written in the same transaction as their cause and delivered after it.
//!
//! A message holds what it is about and a number, never a name or a telephone: those are opened at the moment of delivery. Open
//! messages are listed by when they are due, and those that a machine may deliver also by when that is to be tried next.
//!
//! 1. Whatever causes a message writes it ([`Message::write`]).
//! 2. `deliver` sends by the [`webhook`], where there is one for its kind, and leaves the rest to the call list.
//! 3. `office::calls` is the call list; who calls says what came of it.
//! 4. `contact` keeps what was tried, beside the case.

pub(crate) mod contact;
pub(crate) mod deliver;
pub mod webhook;

use domain::{Moment, value::TrackingNumber};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    draft::after,
    table::{Item, Key, NewItem, TableError, Write},
};

pub(crate) use domain::message::What;

/// The list of open messages, by when they are due.
pub(crate) const OPEN: &str = "OUTBOX";
/// The list of those that a machine may deliver, by when to try next.
const NEXT: &str = "OUTBOX#NEXT";

/// How long a message that was delivered is kept: as long as its cause could be written a second time.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 180);

/// A message that must reach somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) what: What,
    /// Whom it concerns: `XS…` or `XB…`.
    pub(crate) number: String,
    /// By when it must be delivered, where there is such a moment.
    pub(crate) due: Option<Moment>,
    /// It must not be delivered sooner.
    #[serde(default)]
    pub(crate) not_before: Option<Moment>,
    /// Tells it from other messages to the same number: its cause, the same when the cause is written again.
    #[serde(default)]
    pub(crate) key: String,
}

impl Message {
    /// A message that is caused once in the life of `number`. What can happen again says its own [`Message::key`].
    pub(crate) fn new(what: What, number: &TrackingNumber) -> Message {
        Message { what, number: number.to_string(), due: None, not_before: None, key: what.id().to_owned() }
    }

    /// The same, to be delivered by `moment`.
    pub(crate) fn due(self, moment: Moment) -> Message {
        Message { due: Some(moment), ..self }
    }

    /// The same, not to be delivered before `moment`.
    #[expect(dead_code, reason = "offers are given out soon")]
    pub(crate) fn not_before(self, moment: Moment) -> Message {
        Message { not_before: Some(moment), ..self }
    }

    /// The same for the cause `key`: `offered#3`.
    pub(crate) fn key(self, key: impl Into<String>) -> Message {
        Message { key: key.into(), ..self }
    }

    /// The write that puts it into the outbox of `number`. Refused by the table when the same cause has written it before.
    pub(crate) fn write(&self, number: &TrackingNumber, now: Moment) -> Write {
        let entry = Entry::of(self.clone());
        let next = self.what.may_be_sent(self.not_before.map_or(now, |moment| moment.max(now)));
        let key = Key::new(partition(number), &self.key);
        let due = listed_as_due(self.due.unwrap_or(now), now, number, &self.key);
        Write::create(entry.item(key, due, Some(next)))
    }
}

fn partition(number: &TrackingNumber) -> String {
    format!("OUTBOX#{number}")
}

/// Where a message is listed that is open from `now` on: by when it is due, then by when it was written. All of one session are due at the same
/// moment; what is written at the same time lies together.
fn listed_as_due(due: Moment, now: Moment, number: &TrackingNumber, key: &str) -> Key {
    let [due, now] = [due, now].map(|moment| moment.0.as_millisecond().max(0));
    Key::new(OPEN, format!("{due:016}#{now:016}#{number}#{key}"))
}

/// A message with what was tried so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    #[serde(flatten)]
    pub(crate) message: Message,
    #[serde(default)]
    pub(crate) state: State,
    /// How often it was sent by machine.
    #[serde(default)]
    pub(crate) attempts: u32,
    /// When a machine has delivered it: from then on it is never sent again.
    #[serde(default)]
    pub(crate) sent: Option<Moment>,
    /// Why it was not delivered the last time: no personal data.
    #[serde(default)]
    pub(crate) failure: Option<String>,
    /// How often somebody called and nobody answered.
    #[serde(default)]
    pub(crate) tries: u32,
}

/// Who is to do something about a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// `deliver`, at its next moment.
    #[default]
    Waiting,
    /// Staff: it is on the call list.
    Call,
    /// Nobody: it could not be sent and is not worth a call. Staff see it.
    Undelivered,
    /// Nobody: it reached them, or is not needed any more.
    Done,
}

impl Entry {
    fn of(message: Message) -> Entry {
        Entry { message, state: State::Waiting, attempts: 0, sent: None, failure: None, tries: 0 }
    }

    /// Its item: listed as open under `due`, and by `next` when `deliver` is to look at it then.
    fn item(&self, key: Key, due: Key, next: Option<Moment>) -> NewItem {
        let next =
            next.map(|next| Key::new(NEXT, format!("{:016}#{}#{}", next.0.as_millisecond(), self.message.number, key.sort)));
        NewItem { index: [Some(due), next], ..NewItem::json(key, self) }
    }
}

/// An entry as it was read.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) entry: Entry,
    pub(crate) number: TrackingNumber,
    /// By when it is due.
    pub(crate) due: Moment,
    /// Where it is listed by that.
    listed: Key,
    /// When `deliver` looks at it.
    pub(crate) next: Option<Moment>,
    key: Key,
    version: u64,
}

impl Found {
    /// Understands an item of the outbox; none when it is no longer open.
    pub(crate) fn read(item: Item) -> Result<Option<Found>, TableError> {
        let entry: Entry = item.read()?;
        let [Some(listed), next] = item.index else { return Ok(None) };
        let unreadable = || TableError::Failed(format!("the message `{}` cannot be understood", item.key));
        let moment = |key: &Key| {
            let milliseconds = key.sort.split('#').next().and_then(|text| text.parse().ok());
            milliseconds.and_then(|at| Timestamp::from_millisecond(at).ok()).map(Moment).ok_or_else(unreadable)
        };
        Ok(Some(Found {
            number: entry.message.number.parse().map_err(|_| unreadable())?,
            due: moment(&listed)?,
            listed,
            next: next.as_ref().map(moment).transpose()?,
            entry,
            version: item.version,
            key: item.key,
        }))
    }

    /// The write that keeps `entry` in its place, looked at again at `next`. It stays where it is listed as due.
    pub(crate) fn keep(&self, entry: &Entry, next: Option<Moment>) -> Write {
        Write::replace(entry.item(self.key.clone(), self.listed.clone(), next), self.version)
    }

    /// The write that ends it. Its key stays taken for a while, so that its cause does not write it again.
    pub(crate) fn end(&self, entry: &Entry, now: Moment) -> Write {
        let entry = Entry { state: State::Done, ..entry.clone() };
        Write::replace(NewItem::json(self.key.clone(), &entry).expiring(after(now, KEPT)), self.version)
    }

    /// What a receiver drops doubles by: the number alone would tell who sent it.
    pub(crate) fn cause(&self) -> String {
        format!("{}#{}", self.number, self.key.sort)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_the_first_shape_is_still_understood() {
        let stored = r#"{"what":"first_contact","number":"XS261201123450","due":"2026-12-02T17:30:00+08:00"}"#;
        let message: Message = serde_json::from_str(stored).expect("the first shape");
        assert_eq!((message.what, message.not_before, message.key.as_str()), (What::FirstContact, None, ""));
        let entry: Entry = serde_json::from_str(stored).expect("the first shape");
        assert_eq!((entry.message, entry.state, entry.tries), (message, State::Waiting, 0));
    }

    #[test]
    fn an_offer_at_night_is_listed_for_the_morning() {
        let at = |text: &str| text.parse::<Moment>().expect("a moment");
        let number: TrackingNumber =
            TrackingNumber::new(domain::value::TrackingKind::Registration, at("2026-12-01 09:00").date(), 7);
        let message = Message::new(What::Offered, &number).due(at("2026-12-05 12:00"));
        let Write::Put { item, .. } = message.write(&number, at("2026-12-01 22:15")) else { panic!("it is stored") };
        let listed = |index: usize| item.index[index].as_ref().expect("a waiting message is listed by both").sort.clone();
        let [due, now] = ["2026-12-05 12:00", "2026-12-01 22:15"].map(|text| at(text).0.as_millisecond());
        assert_eq!(listed(0), format!("{due:016}#{now:016}#{number}#offered"));
        assert!(listed(1).starts_with(&format!("{:016}#{number}#offered", at("2026-12-02 08:00").0.as_millisecond())));
    }
}
