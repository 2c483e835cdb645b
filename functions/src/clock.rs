//! The one place where the functions read the present moment.
//!
//! Everything else is told `now`. A clock may run from another moment (`--now`, for demonstrations) or stand still and be
//! moved by hand (tests).

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::SystemTime,
};

use domain::Moment;
use jiff::{SignedDuration, Timestamp};

/// Tells the present moment. Clones tell the same time.
#[derive(Clone)]
pub struct Clock(Kind);

#[derive(Clone)]
enum Kind {
    /// The machine's clock, moved by a fixed distance.
    Running { ahead: SignedDuration },
    /// Milliseconds since 1970; moves only when told.
    Standing(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Clock {
        Clock(Kind::Running { ahead: SignedDuration::ZERO })
    }

    /// A clock that shows `moment` now and runs on from there.
    pub fn starting_at(moment: Moment) -> Clock {
        Clock(Kind::Running { ahead: moment.0.duration_since(machine()) })
    }

    /// A clock that stands at `moment` until it is moved with [`Clock::advance`].
    pub fn standing_at(moment: Moment) -> Clock {
        Clock(Kind::Standing(Arc::new(AtomicI64::new(moment.0.as_millisecond()))))
    }

    /// The present moment.
    pub fn now(&self) -> Moment {
        match &self.0 {
            Kind::Running { ahead } => Moment(machine().saturating_add(*ahead).unwrap_or(Timestamp::MAX)),
            Kind::Standing(at) => Moment(Timestamp::from_millisecond(at.load(Ordering::SeqCst)).unwrap_or(Timestamp::MAX)),
        }
    }

    /// Moves a standing clock forward, for this and all its clones. A running clock moves by itself and stays as it is.
    pub fn advance(&self, by: SignedDuration) {
        if let Kind::Standing(at) = &self.0 {
            at.fetch_add(i64::try_from(by.as_millis()).unwrap_or(0), Ordering::SeqCst);
        }
    }
}

/// What the machine's clock shows. Not jiff's own `now`, which panics where jiff's time ends and so compiles in all that jiff could say of a mistake.
fn machine() -> Timestamp {
    Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::MAX)
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_clock_moves_for_all_its_clones() {
        let clock = Clock::standing_at("2026-12-01 09:00".parse().unwrap());
        let clone = clock.clone();
        clock.advance(SignedDuration::from_mins(90));
        assert_eq!(clone.now().to_string(), "2026-12-01T10:30:00+08:00");
    }

    #[test]
    fn a_clock_started_elsewhere_runs_on_from_there() {
        let start: Moment = "2031-01-01 00:00".parse().unwrap();
        let clock = Clock::starting_at(start);
        let now = clock.now();
        assert!(now >= start && now.0.duration_since(start.0) < SignedDuration::from_secs(60), "{now}");
    }
}
