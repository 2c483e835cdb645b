//! At the door: who may come in, and when.

use jiff::SignedDuration;

use crate::{
    registration::{Refusal, Standing},
    session::{Session, Way},
    time::Moment,
    words,
};

/// How long before a session begins people may check in.
const BEFORE: SignedDuration = SignedDuration::from_hours(2);

/// What the door says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckIn {
    /// Come in.
    Welcome(Way),
    /// Come in; they had checked in before, which does no harm.
    Again(Way),
    /// Not now, or not with this registration.
    Refused(NotIn),
}

/// Why somebody is not checked in, in words for the door.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotIn {
    /// Nobody has this code.
    #[error("没有这个签到码，请核对 6 位数字，或按姓名在名单里找")]
    Unknown,
    /// Too early.
    #[error("签到还没有开始，{}开始", words::moment(*.from))]
    Early {
        /// From when on.
        from: Moment,
    },
    /// It is over.
    #[error("本场活动已经结束，不能再签到")]
    Over,
    /// Its new time is not known yet.
    #[error("本场活动改期，新的时间还没有确定")]
    Postponed,
    /// They have no seats.
    #[error("还在候补，没有席位")]
    Waiting,
    /// Anything else that stands in the way.
    #[error(transparent)]
    Refusal(#[from] Refusal),
}

/// From when until when people check in.
pub fn window(session: &Session) -> (Moment, Moment) {
    (session.start.0.checked_sub(BEFORE).map_or(session.start, Moment), session.end)
}

/// What the door says to a registration.
pub fn check_in(session: &Session, standing: &Standing, now: Moment) -> CheckIn {
    let refused = CheckIn::Refused;
    if session.cancelled {
        return refused(Refusal::SessionCancelled.into());
    }
    if session.postponed {
        return refused(NotIn::Postponed);
    }
    let (from, until) = window(session);
    match standing {
        Standing::Attended(way) => CheckIn::Again(*way),
        Standing::Seated(_) if now < from => refused(NotIn::Early { from }),
        Standing::Seated(_) if now > until => refused(NotIn::Over),
        Standing::Seated(way) => CheckIn::Welcome(*way),
        Standing::Waiting(_) => refused(NotIn::Waiting),
        other => refused(Refusal::from(other.stage()).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{at, session},
        registration::Turn,
    };

    #[test]
    fn the_door_opens_two_hours_before_and_closes_at_the_end() {
        // From 14:00 to 17:00 on 2026-12-05.
        let early = || CheckIn::Refused(NotIn::Early { from: at("2026-12-05 12:00") });
        let (seated, came) = (Standing::Seated(Way::Onsite), Standing::Attended(Way::Onsite));
        let waiting = Standing::Waiting(Turn("1".to_owned()));
        let refused = |refusal: Refusal| CheckIn::Refused(refusal.into());
        for (standing, now, said) in [
            (&seated, "2026-12-05 11:59:59", early()),
            (&seated, "2026-12-05 12:00", CheckIn::Welcome(Way::Onsite)),
            (&seated, "2026-12-05 17:00", CheckIn::Welcome(Way::Onsite)),
            (&seated, "2026-12-05 17:00:01", CheckIn::Refused(NotIn::Over)),
            (&came, "2026-12-05 14:30", CheckIn::Again(Way::Onsite)),
            (&waiting, "2026-12-05 13:00", CheckIn::Refused(NotIn::Waiting)),
            (&Standing::Cancelled, "2026-12-05 13:00", refused(Refusal::Cancelled)),
            (&Standing::Lapsed, "2026-12-05 13:00", refused(Refusal::Lapsed)),
        ] {
            assert_eq!(check_in(&session(), standing, at(now)), said, "{standing:?} {now}");
        }
        let off = Session { cancelled: true, ..session() };
        assert_eq!(check_in(&off, &seated, at("2026-12-05 13:00")), refused(Refusal::SessionCancelled));
    }
}
