//! What happened to a case, in order, each event sealed to the one before it by a hash.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    appeal::{Act, Command, Head, Refused, Role, State, step},
    time::Moment,
};

/// One thing that happened. Appended, never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// 1 for the submission, then one more each.
    pub seq: u32,
    /// When.
    pub at: Moment,
    /// By whom.
    pub by: Role,
    /// What was done; some acts (延期) leave the state as it is.
    pub act: Act,
    /// The state before; none before the submission.
    pub from: Option<State>,
    /// The state after.
    pub to: State,
    /// What the firm reads, or a keyed hash of it: whoever keeps the words apart can erase them without breaking the chain.
    pub public_note: Option<String>,
    /// What only staff read, or a keyed hash of it.
    pub private_note: Option<String>,
    /// [`Event::hash`] of the event before; none before the submission.
    pub previous_hash: Option<String>,
}

/// What is said about an act.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// To the firm.
    pub public: Option<String>,
    /// To staff.
    pub private: Option<String>,
}

impl Event {
    /// The submission.
    pub(crate) fn first(by: Role, at: Moment) -> Event {
        Event {
            seq: 1,
            at,
            by,
            act: Act::Submit,
            from: None,
            to: State::Submitted,
            public_note: None,
            private_note: None,
            previous_hash: None,
        }
    }

    /// SHA-256 of the event's JSON, in hexadecimal. The JSON is canonical because a struct has one order of keys, serde_json writes no
    /// spaces, and a moment has one text.
    pub fn hash(&self) -> String {
        let json = serde_json::to_vec(self).expect("an event is plain data");
        Sha256::digest(json).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Does `command` and gives the case as it then is, with the event that tells of it. Both are to be stored together.
pub fn advance(
    head: &Head,
    last: &Event,
    command: Command,
    by: Role,
    notes: Notes,
    now: Moment,
) -> Result<(Head, Event), Refused> {
    let next = step(head, command, by, now)?;
    let event = Event {
        seq: last.seq + 1,
        at: now,
        by,
        act: command.act(head),
        from: Some(head.state),
        to: next.state,
        public_note: notes.public,
        private_note: notes.private,
        previous_hash: Some(last.hash()),
    };
    Ok((next, event))
}

/// The first event that does not fit the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("event {position} does not follow from the one before it: the record was changed")]
pub struct BrokenChain {
    /// Its place, from 1.
    pub position: usize,
}

/// Whether `events`, all that a case has, are as they were written. A cut-off end cannot be seen from here: the head's version tells
/// how many there must be.
pub fn verify_chain(events: &[Event]) -> Result<(), BrokenChain> {
    for (index, event) in events.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| &events[before]);
        let fits = event.seq as usize == index + 1
            && event.from == before.map(|before| before.to)
            && event.previous_hash == before.map(Event::hash);
        if !fits {
            return Err(BrokenChain { position: index + 1 });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        appeal::{Grade, Urgency, submit},
        fixtures::{at, calendar, limits},
    };

    fn chain() -> Vec<Event> {
        let submitted = submit(Role::Firm, Urgency::Normal, &calendar(), &limits(), at("2026-11-24 09:00"));
        let (mut head, mut events) = (submitted.head, vec![submitted.event]);
        let acts = [
            (Command::Plain(Act::Accept), Role::Collector),
            (Command::Grade(Grade::B), Role::Grader),
            (Command::Plain(Act::Assign), Role::Grader),
            (Command::Plain(Act::Take), Role::Handler),
        ];
        for (command, by) in acts {
            let notes = Notes { public: Some("已安排专人联系".to_owned()), private: None };
            let last = events.last().expect("the submission");
            let (next, event) = advance(&head, last, command, by, notes, at("2026-11-24 10:00")).expect("allowed");
            head = next;
            events.push(event);
        }
        assert_eq!(head.state, State::Working);
        events
    }

    #[test]
    fn a_whole_chain_holds_and_survives_storage() {
        let events = chain();
        assert_eq!(verify_chain(&events), Ok(()));
        let stored = serde_json::to_string(&events).expect("plain data");
        let read: Vec<Event> = serde_json::from_str(&stored).expect("the same");
        assert_eq!(verify_chain(&read), Ok(()));
        assert_eq!(verify_chain(&[]), Ok(()));
    }

    #[test]
    fn a_changed_chain_breaks_at_the_next_event() {
        type Case = (usize, fn(&mut Vec<Event>));
        let cases: [Case; 5] = [
            (3, |events| events[1].public_note = Some("别的话".to_owned())),
            (2, |events| events[0].at = at("2026-11-24 09:01")),
            (2, |events| drop(events.remove(1))),
            (2, |events| events.swap(1, 2)),
            (1, |events| events[0].from = Some(State::Closed)),
        ];
        for (position, tamper) in cases {
            let mut events = chain();
            tamper(&mut events);
            assert_eq!(verify_chain(&events), Err(BrokenChain { position }));
        }
    }

    #[test]
    fn the_hash_of_an_event_never_changes() {
        // Stored chains were hashed with this JSON: another order of keys or another way to write a moment would break them all.
        let event = Event::first(Role::Firm, at("2026-11-24 09:00"));
        let json = r#"{"seq":1,"at":"2026-11-24T09:00:00+08:00","by":"firm","act":"submit","from":null,"to":"submitted","public_note":null,"private_note":null,"previous_hash":null}"#;
        assert_eq!(serde_json::to_string(&event).expect("plain data"), json);
        assert_eq!(event.hash().len(), 64);
        assert_eq!(event.hash(), Sha256::digest(json).iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    }
}
