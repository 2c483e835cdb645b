//! Promotion: what becomes of seats that nobody has while people wait.

use jiff::SignedDuration;

use crate::{
    message::awake,
    registration::{Request, Taken, seats_left},
    session::{Session, Way},
    time::Moment,
};

/// Who waits first for seats in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiter {
    /// What they wait for.
    pub request: Request,
    /// They are at the screen: they have just begun to wait and are still to be answered.
    pub here: bool,
}

/// What whoever waits first is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promotion {
    /// The seats: they are there to hear of it.
    Seat(Way),
    /// An offer of the seats.
    Offer(Way),
    /// Nothing: there are too few seats for them, and they hold their place. Whoever is behind them waits too.
    Blocked,
    /// Nothing before this moment: they would be woken.
    Later(Moment),
    /// Nothing any more, or not while the session's time is unknown.
    Never,
}

/// What becomes of the seats that are left in `way` when `first` waits first for them.
pub fn promote(session: &Session, taken: &Taken, way: Way, first: Waiter, now: Moment) -> Promotion {
    if session.cancelled || session.postponed || now >= session.start {
        return Promotion::Never;
    }
    if !first.request.attendance.includes(way) || seats_left(session, taken).of(way) < first.request.people {
        return Promotion::Blocked;
    }
    if first.here {
        return Promotion::Seat(way);
    }
    match awake(now) {
        morning if morning >= session.start => Promotion::Never,
        morning if morning > now => Promotion::Later(morning),
        _ => Promotion::Offer(way),
    }
}

/// Nobody who has arranged to take part online is told on the last day to come to the room.
const MOVES_UNTIL: SignedDuration = SignedDuration::from_hours(24);

/// Whether a party that sits online and would have liked the room gets seats in it: when nobody waits for them.
pub fn may_move(session: &Session, taken: &Taken, people: u32, now: Moment) -> bool {
    let in_time = session.start.0.duration_since(now.0) > MOVES_UNTIL && awake(now) == now;
    let takes_place = !session.cancelled && !session.postponed;
    takes_place && in_time && !taken.waiting_onsite && seats_left(session, taken).onsite >= people
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{at, session},
        session::Attendance::{Both, Online, Onsite},
    };

    const DAY: &str = "2026-12-01 09:00";

    #[test]
    fn what_came_free_goes_to_whoever_waits_first() {
        // Ten seats in the room, twenty places online; it begins on 2026-12-05 at 14:00.
        let waits = |attendance, people, here| Waiter { request: Request { attendance, people }, here };
        let taken = |onsite, online| Taken { onsite, online, waiting_onsite: true, waiting_online: true, firm: 0 };
        let morning = |text: &str| Promotion::Later(at(text));
        let cases = [
            (taken(9, 20), Way::Onsite, waits(Onsite, 1, false), DAY, Promotion::Offer(Way::Onsite)),
            (taken(9, 20), Way::Onsite, waits(Both, 1, false), DAY, Promotion::Offer(Way::Onsite)),
            (taken(9, 20), Way::Onsite, waits(Onsite, 1, true), DAY, Promotion::Seat(Way::Onsite)),
            (taken(10, 19), Way::Online, waits(Both, 1, false), DAY, Promotion::Offer(Way::Online)),
            // Nothing is free, or too little: a party is not torn apart.
            (taken(10, 20), Way::Onsite, waits(Onsite, 1, false), DAY, Promotion::Blocked),
            (taken(9, 20), Way::Onsite, waits(Onsite, 2, true), DAY, Promotion::Blocked),
            (taken(12, 20), Way::Onsite, waits(Onsite, 1, false), DAY, Promotion::Blocked),
            // Another way than they wish.
            (taken(9, 20), Way::Onsite, waits(Online, 1, false), DAY, Promotion::Blocked),
            // At night nobody is woken, but whoever is at the screen is awake.
            (taken(9, 20), Way::Onsite, waits(Onsite, 1, false), "2026-12-01 21:00", morning("2026-12-02 08:00")),
            (taken(9, 20), Way::Onsite, waits(Onsite, 1, false), "2026-12-02 07:59", morning("2026-12-02 08:00")),
            (taken(9, 20), Way::Onsite, waits(Onsite, 1, true), "2026-12-01 23:00", Promotion::Seat(Way::Onsite)),
            // Until it begins.
            (taken(9, 20), Way::Onsite, waits(Onsite, 1, false), "2026-12-05 13:59", Promotion::Offer(Way::Onsite)),
            (taken(9, 20), Way::Onsite, waits(Onsite, 1, true), "2026-12-05 14:00", Promotion::Never),
        ];
        for (taken, way, first, now, promotion) in cases {
            assert_eq!(promote(&session(), &taken, way, first, at(now)), promotion, "{taken:?} {first:?} {now}");
        }
        for off in [Session { cancelled: true, ..session() }, Session { postponed: true, ..session() }] {
            let given = promote(&off, &taken(0, 0), Way::Onsite, waits(Onsite, 1, true), at(DAY));
            assert_eq!(given, Promotion::Never);
        }
        let early = Session { start: at("2026-12-02 08:00"), ..session() };
        let given = promote(&early, &taken(0, 0), Way::Onsite, waits(Onsite, 1, false), at("2026-12-02 06:00"));
        assert_eq!(given, Promotion::Never, "it begins before anybody may be woken");
    }

    #[test]
    fn the_room_is_given_to_those_online_only_when_nobody_waits_and_in_time() {
        let taken = |onsite, waiting_onsite| Taken { onsite, waiting_onsite, ..Taken::default() };
        for (taken, people, now, moves) in [
            (taken(8, false), 2, DAY, true),
            (taken(9, false), 2, DAY, false),
            (taken(8, true), 2, DAY, false),
            (taken(8, false), 2, "2026-12-01 22:00", false),
            (taken(8, false), 2, "2026-12-04 13:59", true),
            (taken(8, false), 2, "2026-12-04 14:00", false),
        ] {
            assert_eq!(may_move(&session(), &taken, people, at(now)), moves, "{taken:?} {now}");
        }
    }
}
