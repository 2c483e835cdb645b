//! The outbox: messages that must reach somebody, written in the same transaction as their cause and delivered after it.
//!
//! A message holds what it is about and a number, never a name or a telephone: those are opened at the moment of delivery. Open
//! messages are listed by when they are due, and those that a machine may deliver also by when that is to be tried next.

use domain::{Moment, value::TrackingNumber};
use serde::{Deserialize, Serialize};

use crate::table::{Index, Key, NewItem, Write};

pub(crate) use domain::message::What;

/// The list of open messages, by when they are due.
const OPEN: &str = "OUTBOX";
/// The list of those that a machine may deliver, by when to try next.
const NEXT: &str = "OUTBOX#NEXT";

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
    #[expect(dead_code, reason = "offers are given out soon")]
    pub(crate) fn key(self, key: impl Into<String>) -> Message {
        Message { key: key.into(), ..self }
    }

    /// The write that puts it into the outbox of `number`. Refused by the table when the same cause has written it before.
    pub(crate) fn write(&self, number: &TrackingNumber, now: Moment) -> Write {
        let key = Key::new(format!("OUTBOX#{number}"), &self.key);
        let due = self.due.unwrap_or(now);
        let next = self.what.may_be_sent(self.not_before.map_or(now, |moment| moment.max(now)));
        let listed =
            |list: &str, moment: Moment| Key::new(list, format!("{:016}#{number}#{}", moment.0.as_millisecond(), self.key));
        Write::create(NewItem::json(key, self).listed(Index::First, listed(OPEN, due)).listed(Index::Second, listed(NEXT, next)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_the_first_shape_is_still_understood() {
        let stored = r#"{"what":"first_contact","number":"XS261201123450","due":"2026-12-02T17:30:00+08:00"}"#;
        let message: Message = serde_json::from_str(stored).unwrap();
        assert_eq!((message.what, message.not_before, message.key.as_str()), (What::FirstContact, None, ""));
    }

    #[test]
    fn an_offer_at_night_is_listed_for_the_morning() {
        let number: TrackingNumber = TrackingNumber::new(
            domain::value::TrackingKind::Registration,
            "2026-12-01 09:00".parse::<Moment>().unwrap().date(),
            7,
        );
        let at = |text: &str| text.parse::<Moment>().unwrap();
        let message = Message::new(What::Offered, &number).due(at("2026-12-05 12:00"));
        let Write::Put { item, .. } = message.write(&number, at("2026-12-01 22:15")) else { panic!("it is stored") };
        let listed = |index: usize| item.index[index].as_ref().unwrap().sort.clone();
        assert!(listed(0).starts_with(&format!("{:016}#{number}#offered", at("2026-12-05 12:00").0.as_millisecond())));
        assert!(listed(1).starts_with(&format!("{:016}#{number}#offered", at("2026-12-02 08:00").0.as_millisecond())));
    }
}
