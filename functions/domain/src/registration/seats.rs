//! Seats: how many are left, who may ask for them, and who gets them.

use crate::{
    session::{Attendance, Session, Way},
    time::Moment,
    words,
};

/// What one registration asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// How they want to take part; [`Attendance::Both`] is whichever has room.
    pub attendance: Attendance,
    /// How many people, the registrant included. All sit together or all wait.
    pub people: u32,
}

/// What others have of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// Seats in the room given out by registration.
    pub onsite: u32,
    /// Places online given out by registration.
    pub online: u32,
    /// Somebody waits who would take a seat in the room.
    pub waiting_onsite: bool,
    /// Somebody waits who would take a place online.
    pub waiting_online: bool,
    /// People whom the same firm has already registered, waiting ones included.
    pub firm: u32,
}

impl Taken {
    /// Seats given out in one way.
    pub fn of(&self, way: Way) -> u32 {
        match way {
            Way::Onsite => self.onsite,
            Way::Online => self.online,
        }
    }

    /// Whether somebody waits who would take a seat in one way.
    pub fn waiting(&self, way: Way) -> bool {
        match way {
            Way::Onsite => self.waiting_onsite,
            Way::Online => self.waiting_online,
        }
    }
}

/// What became of a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// They have their seats.
    Seated(Way),
    /// They wait for seats.
    Waitlisted,
    /// They were told why not.
    Refused(Why),
}

/// Why a registration is not taken, in words for the person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// It does not take place.
    #[error("本场活动已取消，不再接受报名")]
    Cancelled,
    /// Its new time is not known yet.
    #[error("本场活动改期，新的时间确定以后再报名")]
    Postponed,
    /// Too early.
    #[error("报名尚未开始，{}起可以报名", words::moment(*.opens))]
    NotOpen {
        /// When registration opens.
        opens: Moment,
    },
    /// Too late.
    #[error("报名已于{}截止", words::moment(*.deadline))]
    Closed {
        /// When it closed.
        deadline: Moment,
    },
    /// Not in this way.
    #[error("本场活动只有{}名额，请改选「{}」", .offered.words(), .offered.words())]
    NotOffered {
        /// The one way there is.
        offered: Attendance,
    },
    /// Nobody was named.
    #[error("请填写参加人数，至少 1 人")]
    Nobody,
    /// One registration names too many.
    #[error("一次报名最多 {limit} 人，请减少人数")]
    PartyLimit {
        /// Most people in one registration.
        limit: u32,
    },
    /// One firm sends too many.
    #[error("本场活动每家企业最多 {limit} 人，{}", remaining(*.left))]
    FirmLimit {
        /// Most people of one firm.
        limit: u32,
        /// How many more it may send.
        left: u32,
    },
    /// No seats, and nobody may wait.
    #[error("{}", full(*.left))]
    Full {
        /// Seats that are free, but too few for this party.
        left: u32,
    },
}

fn remaining(left: u32) -> String {
    match left {
        0 => "贵单位的名额已用完".to_owned(),
        left => format!("贵单位还可以报 {left} 人"),
    }
}

fn full(left: u32) -> String {
    match left {
        0 => "名额已满，本场活动不设候补".to_owned(),
        left => format!("剩余名额只有 {left} 个，本场活动不设候补，请减少人数"),
    }
}

/// Gives out seats, the room first: exactly what is written on the session, never more.
pub fn decide(session: &Session, taken: &Taken, request: Request, now: Moment) -> Outcome {
    if let Err(why) = admit(session, taken, request, now) {
        return Outcome::Refused(why);
    }
    let left = seats_left(session, taken);
    let wanted = || Way::ALL.into_iter().filter(|way| request.attendance.includes(*way));
    // Whoever waits was there first: a seat that came free is theirs, and a newcomer waits behind them.
    match wanted().find(|way| !taken.waiting(*way) && left.of(*way) >= request.people) {
        Some(way) => Outcome::Seated(way),
        None if session.waitlist => Outcome::Waitlisted,
        None => Outcome::Refused(Why::Full { left: wanted().map(|way| left.of(way)).max().unwrap_or(0) }),
    }
}

/// What may be said against a registration before any seat is counted.
pub fn admit(session: &Session, taken: &Taken, request: Request, now: Moment) -> Result<(), Why> {
    is_open(session, now)?;
    admits(session, taken.firm, request)
}

/// The same whatever the hour: what one party and one firm may have, when the firm has registered `firm` others.
pub fn admits(session: &Session, firm: u32, request: Request) -> Result<(), Why> {
    let offered = session.attendance;
    if offered != Attendance::Both && request.attendance != Attendance::Both && request.attendance != offered {
        return Err(Why::NotOffered { offered });
    }
    if request.people == 0 {
        return Err(Why::Nobody);
    }
    if request.people > session.party_limit {
        return Err(Why::PartyLimit { limit: session.party_limit });
    }
    let left = session.firm_limit.saturating_sub(firm);
    if request.people > left {
        return Err(Why::FirmLimit { limit: session.firm_limit, left });
    }
    Ok(())
}

/// Whether registrations are taken at `now`, whatever seats there are: the first thing to tell somebody who opens the form.
pub fn is_open(session: &Session, now: Moment) -> Result<(), Why> {
    if session.cancelled {
        return Err(Why::Cancelled);
    }
    if session.postponed {
        return Err(Why::Postponed);
    }
    if let Some(opens) = session.opens.filter(|opens| now < *opens) {
        return Err(Why::NotOpen { opens });
    }
    if now > session.deadline {
        return Err(Why::Closed { deadline: session.deadline });
    }
    Ok(())
}

/// Seats that nobody has yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatsLeft {
    /// In the room.
    pub onsite: u32,
    /// Online.
    pub online: u32,
}

impl SeatsLeft {
    /// In one way.
    pub fn of(&self, way: Way) -> u32 {
        match way {
            Way::Onsite => self.onsite,
            Way::Online => self.online,
        }
    }
}

/// What is left of a session: its seats without those given out on paper and those taken.
pub fn seats_left(session: &Session, taken: &Taken) -> SeatsLeft {
    let left = |way| session.seats(way).saturating_sub(taken.of(way));
    SeatsLeft { onsite: left(Way::Onsite), online: left(Way::Online) }
}

/// 还有 12 个现场名额、8 个线上名额; or that it is full, and whether one may wait.
pub fn seats_in_words(session: &Session, taken: &Taken) -> String {
    let left = seats_left(session, taken);
    let parts: Vec<String> = [(left.onsite, "现场"), (left.online, "线上")]
        .iter()
        .filter(|(seats, _)| *seats > 0)
        .map(|(seats, way)| format!("{seats} 个{way}名额"))
        .collect();
    match (parts.is_empty(), session.waitlist) {
        (false, _) => format!("还有 {}", parts.join("、")),
        (true, true) => "名额已满，可以候补".to_owned(),
        (true, false) => "名额已满".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use Attendance::{Both, Online, Onsite};
    use proptest::prelude::*;

    use super::*;
    use crate::fixtures::{at, session};

    const NOW: &str = "2026-11-24 09:00";

    #[test]
    fn seats_are_given_out_in_the_room_first_and_then_people_wait() {
        let free = Taken::default();
        let room_full = Taken { onsite: 10, ..free };
        let all_full = Taken { onsite: 10, online: 20, ..free };
        let one_left = Taken { onsite: 9, online: 20, ..free };
        let cases = [
            (free, Onsite, 1, Outcome::Seated(Way::Onsite)),
            (free, Online, 2, Outcome::Seated(Way::Online)),
            (free, Both, 2, Outcome::Seated(Way::Onsite)),
            (room_full, Onsite, 1, Outcome::Waitlisted),
            (room_full, Both, 1, Outcome::Seated(Way::Online)),
            (room_full, Online, 1, Outcome::Seated(Way::Online)),
            (all_full, Both, 1, Outcome::Waitlisted),
            (one_left, Both, 1, Outcome::Seated(Way::Onsite)),
            // A party is not torn apart.
            (one_left, Both, 2, Outcome::Waitlisted),
            // Somebody waits for the room already; online nobody does.
            (Taken { onsite: 9, waiting_onsite: true, ..free }, Onsite, 1, Outcome::Waitlisted),
            (Taken { onsite: 9, waiting_onsite: true, ..free }, Both, 1, Outcome::Seated(Way::Online)),
            (Taken { online: 19, waiting_online: true, ..free }, Online, 1, Outcome::Waitlisted),
            // More was given out than there is, because seats were taken away later.
            (Taken { onsite: 12, ..free }, Onsite, 1, Outcome::Waitlisted),
        ];
        for (taken, attendance, people, outcome) in cases {
            assert_eq!(decide(&session(), &taken, Request { attendance, people }, at(NOW)), outcome, "{taken:?} {attendance:?}");
        }
    }

    #[test]
    fn seats_given_out_on_paper_are_not_given_out_again() {
        let session = Session { onsite_seats: 10, onsite_reserved: 4, ..session() };
        let decide = |onsite| {
            let taken = Taken { onsite, ..Taken::default() };
            decide(&session, &taken, Request { attendance: Onsite, people: 1 }, at(NOW))
        };
        assert_eq!(decide(5), Outcome::Seated(Way::Onsite));
        assert_eq!(decide(6), Outcome::Waitlisted);
    }

    #[test]
    fn a_refusal_says_why_in_words() {
        let session = session();
        let cancelled = Session { cancelled: true, ..session.clone() };
        let postponed = Session { postponed: true, ..session.clone() };
        let onsite_only = Session { attendance: Onsite, online_seats: 0, ..session.clone() };
        let no_waitlist = Session { waitlist: false, ..session.clone() };
        let large_firms = Session { waitlist: false, firm_limit: 9, ..session.clone() };
        let free = Taken::default();
        let cases = [
            (&cancelled, free, Onsite, 1, NOW, "本场活动已取消，不再接受报名"),
            (&postponed, free, Onsite, 1, NOW, "本场活动改期，新的时间确定以后再报名"),
            (&session, free, Onsite, 1, "2026-11-20 08:59", "报名尚未开始，2026年11月20日（周五）09:00起可以报名"),
            (&session, free, Onsite, 1, "2026-12-04 17:31", "报名已于2026年12月4日（周五）17:30截止"),
            (&onsite_only, free, Online, 1, NOW, "本场活动只有现场名额，请改选「现场」"),
            (&session, free, Onsite, 0, NOW, "请填写参加人数，至少 1 人"),
            (&session, free, Onsite, 4, NOW, "一次报名最多 3 人，请减少人数"),
            (&session, free, Onsite, 3, NOW, "本场活动每家企业最多 2 人，贵单位还可以报 2 人"),
            (&session, Taken { firm: 1, ..free }, Onsite, 2, NOW, "本场活动每家企业最多 2 人，贵单位还可以报 1 人"),
            (&session, Taken { firm: 2, ..free }, Onsite, 1, NOW, "本场活动每家企业最多 2 人，贵单位的名额已用完"),
            (&no_waitlist, Taken { onsite: 10, ..free }, Onsite, 1, NOW, "名额已满，本场活动不设候补"),
            (&large_firms, Taken { onsite: 9, ..free }, Onsite, 3, NOW, "剩余名额只有 1 个，本场活动不设候补，请减少人数"),
        ];
        for (session, taken, attendance, people, now, words) in cases {
            match decide(session, &taken, Request { attendance, people }, at(now)) {
                Outcome::Refused(why) => assert_eq!(why.to_string(), words),
                other => panic!("{words}: {other:?}"),
            }
        }
    }

    #[test]
    fn registration_is_open_from_its_first_to_its_last_moment() {
        let session = session();
        assert_eq!(is_open(&session, at("2026-11-20 09:00")), Ok(()));
        assert_eq!(is_open(&session, session.deadline), Ok(()));
        assert_eq!(is_open(&Session { opens: None, ..session }, at("2020-01-01 00:00")), Ok(()));
    }

    #[test]
    fn what_is_left_is_said_in_words() {
        let cases = [
            (Both, 0, 0, true, "还有 10 个现场名额、20 个线上名额"),
            (Both, 10, 0, true, "还有 20 个线上名额"),
            (Onsite, 3, 0, true, "还有 7 个现场名额"),
            (Both, 10, 20, true, "名额已满，可以候补"),
            (Onsite, 10, 0, false, "名额已满"),
        ];
        for (attendance, onsite, online, waitlist, words) in cases {
            let session = Session { attendance, waitlist, ..session() };
            assert_eq!(seats_in_words(&session, &Taken { onsite, online, ..Taken::default() }), words);
        }
    }

    proptest! {
        #[test]
        fn no_seat_is_given_out_twice(requests in prop::collection::vec((0u8..3, 1u32..4), 0..60), reserved in 0u32..10) {
            let session = Session { firm_limit: 3, onsite_reserved: reserved, ..session() };
            let mut taken = Taken::default();
            for (way, people) in requests {
                let attendance = [Onsite, Online, Both][usize::from(way)];
                match decide(&session, &taken, Request { attendance, people }, at(NOW)) {
                    Outcome::Seated(Way::Onsite) => taken.onsite += people,
                    Outcome::Seated(Way::Online) => taken.online += people,
                    Outcome::Waitlisted => {
                        taken.waiting_onsite |= attendance.includes(Way::Onsite);
                        taken.waiting_online |= attendance.includes(Way::Online);
                    }
                    Outcome::Refused(why) => prop_assert!(false, "{why}"),
                }
            }
            prop_assert!(taken.onsite + reserved <= session.onsite_seats);
            prop_assert!(taken.online <= session.online_seats);
        }
    }
}
