//! Offers: seats that are held for whoever waited, until they say whether they want them.
//!
//! The clock starts when they have been told, not when the seat came free: nobody loses a seat to a message that could not be sent. No
//! offer is made while people sleep, and none outlives the beginning of its session. ([`crate::message::awake`] knows when people sleep.)

use jiff::SignedDuration;

use crate::{registration::Offer, session::Session, time::Moment};

/// How long seats are held.
const HELD: SignedDuration = SignedDuration::from_hours(24);
/// How long when the session is [`NEAR`].
const HELD_NEAR: SignedDuration = SignedDuration::from_hours(2);
/// A session is near when it begins within this time.
const NEAR: SignedDuration = SignedDuration::from_hours(24);

/// Until when seats of `session` are held for somebody who is told at `told`.
pub fn held_until(session: &Session, told: Moment) -> Moment {
    let near = session.start.0.duration_since(told.0) < NEAR;
    let held = if near { HELD_NEAR } else { HELD };
    told.0.checked_add(held).map_or(session.start, Moment).min(session.start)
}

/// When an offer runs out: at the end of its time, and in any case when the session begins.
pub fn runs_out(session: &Session, offer: &Offer) -> Moment {
    offer.until.map_or(session.start, |until| until.min(session.start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{at, session},
        session::Way,
    };

    #[test]
    fn seats_are_held_for_a_day_or_two_hours_and_never_beyond_the_beginning() {
        // The session begins on 2026-12-05 at 14:00.
        for (told, until) in [
            ("2026-12-01 09:00", "2026-12-02 09:00"),
            ("2026-12-04 14:00", "2026-12-05 14:00"),
            ("2026-12-04 14:00:01", "2026-12-04 16:00:01"),
            ("2026-12-05 11:00", "2026-12-05 13:00"),
            ("2026-12-05 13:00", "2026-12-05 14:00"),
            ("2026-12-05 15:00", "2026-12-05 14:00"),
        ] {
            assert_eq!(held_until(&session(), at(told)), at(until), "{told}");
        }
    }

    #[test]
    fn an_offer_that_nobody_heard_of_runs_out_when_the_session_begins() {
        let offer = |until: Option<&str>| Offer { way: Way::Onsite, until: until.map(at) };
        assert_eq!(runs_out(&session(), &offer(None)), session().start);
        assert_eq!(runs_out(&session(), &offer(Some("2026-12-02 09:00"))), at("2026-12-02 09:00"));
        // The session was moved forward after they had been told.
        let sooner = Session { start: at("2026-12-01 18:00"), ..session() };
        assert_eq!(runs_out(&sooner, &offer(Some("2026-12-02 09:00"))), at("2026-12-01 18:00"));
    }
}
