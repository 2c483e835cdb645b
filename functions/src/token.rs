//! Tokens: whoever has given number and code goes on without giving them again. A token is sealed, names a number for one purpose, and is
//! hidden in the forms of a page or, where it opens nothing but a calendar, stands in an address. It is neither stored nor a cookie.

use domain::{Moment, value::TrackingNumber};
use jiff::{SignedDuration, Timestamp};

use crate::{
    seal::{Keys, Place, Sealed},
    table::Key,
};

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To do something with a registration, for half an hour after number and code were given.
    Act,
    /// To post a file elsewhere. The page can be used for half an hour; what was posted is understood for a day, should the bucket call late.
    Post,
    /// To read the calendar file of a registration, for good: calendars ask for it again to hear of changes.
    Calendar,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Purpose::Act => "act",
            Purpose::Post => "post",
            Purpose::Calendar => "calendar",
        }
    }

    fn life(self) -> Option<SignedDuration> {
        match self {
            Purpose::Act => Some(SignedDuration::from_mins(30)),
            Purpose::Post => Some(SignedDuration::from_hours(24)),
            Purpose::Calendar => None,
        }
    }

    /// Whether its tokens outlive the exchange of the key. Those that open what is stored about a person do not: once the old key is dropped,
    /// whoever has it can make none.
    fn outlives_the_key(self) -> bool {
        match self {
            Purpose::Act => false,
            Purpose::Post | Purpose::Calendar => true,
        }
    }
}

impl crate::Service {
    /// A token with which whoever sees a page of `number` goes on.
    pub(crate) fn act_token(&self, number: &TrackingNumber) -> String {
        give(&self.keys, Purpose::Act, number, self.clock.now())
    }
}

/// A token for `number`, as it may stand in an address.
pub(crate) fn give(keys: &Keys, purpose: Purpose, number: &TrackingNumber, now: Moment) -> String {
    let (key, text) = (key(), format!("{number} {}", now.0.as_second()));
    let place = place(purpose, &key);
    let sealed = if purpose.outlives_the_key() { keys.seal_to_hand_out(place, &text) } else { keys.seal(place, &text) };
    sealed.as_str().trim_end_matches('=').replace('+', "-").replace('/', "_")
}

/// The number that a token names; none when we did not give it out for this purpose, or when its time is over.
pub(crate) fn read(keys: &Keys, purpose: Purpose, token: &str, now: Moment) -> Option<TrackingNumber> {
    let mut text = token.replace('-', "+").replace('_', "/");
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    let (key, sealed) = (key(), Sealed::from_text(text));
    let place = place(purpose, &key);
    let opened = if purpose.outlives_the_key() { keys.open_handed_out(place, &sealed) } else { keys.open(place, &sealed) };
    let opened = opened.ok()?;
    let (number, given) = opened.split_once(' ')?;
    let given = Timestamp::from_second(given.parse().ok()?).ok()?;
    let is_over = purpose.life().is_some_and(|life| now.0.duration_since(given) > life);
    if is_over { None } else { number.parse().ok() }
}

fn key() -> Key {
    Key::new("TOKEN", "TOKEN")
}

fn place(purpose: Purpose, key: &Key) -> Place<'_> {
    Place { key, field: purpose.name(), version: 1 }
}

#[cfg(test)]
mod tests {
    use domain::value::TrackingKind;

    use super::*;

    #[test]
    fn a_token_opens_for_its_purpose_and_its_time_only() {
        let keys = Keys::from_master(&[1; 32]);
        let at = |text: &str| text.parse::<Moment>().expect("a moment");
        let now = at("2026-12-01 09:00");
        let number = TrackingNumber::new(TrackingKind::Registration, now.date(), 7);
        let act = give(&keys, Purpose::Act, &number, now);
        assert!(act.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)), "{act}");
        for (purpose, token, later, found) in [
            (Purpose::Act, act.as_str(), "2026-12-01 09:30", true),
            (Purpose::Act, &act, "2026-12-01 09:30:01", false),
            (Purpose::Calendar, &act, "2026-12-01 09:00", false),
            (Purpose::Act, &act[1..], "2026-12-01 09:00", false),
            (Purpose::Act, "", "2026-12-01 09:00", false),
            (Purpose::Act, "不是", "2026-12-01 09:00", false),
            (Purpose::Calendar, &give(&keys, Purpose::Calendar, &number, now), "2028-12-01 09:00", true),
        ] {
            assert_eq!(read(&keys, purpose, token, at(later)), found.then_some(number), "{purpose:?} {token} {later}");
        }
        assert_eq!(read(&Keys::from_master(&[2; 32]), Purpose::Act, &act, now), None);
        assert!(!act.contains(&number.to_string()), "nobody reads the number in it");
    }

    #[test]
    fn whoever_has_a_dropped_key_makes_no_token_to_act_with_and_calendars_go_on() {
        let (old, new) = ([1; 32], [2; 32]);
        let codes = crate::seal::code_key_of(&old);
        let (before, both, after) = (Keys::from_master(&old), Keys::of(&new, &[old], codes), Keys::of(&new, &[], codes));
        let now: Moment = "2026-12-01 09:00".parse().expect("a moment");
        let number = TrackingNumber::new(TrackingKind::Registration, now.date(), 7);
        for (purpose, given_by, read_by, found) in [
            (Purpose::Act, &before, &both, true),
            (Purpose::Act, &before, &after, false),
            (Purpose::Act, &both, &after, true),
            (Purpose::Act, &both, &before, false),
            (Purpose::Post, &before, &after, true),
            (Purpose::Calendar, &before, &after, true),
        ] {
            let token = give(given_by, purpose, &number, now);
            assert_eq!(read(read_by, purpose, &token, now), found.then_some(number), "{purpose:?} {given_by:?} {read_by:?}");
        }
    }
}
