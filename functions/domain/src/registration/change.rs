//! What a registrant may change without registering anew: how many come, who they are, and in which way.

use crate::{
    form::{FieldError, Form, Raw, Values, check_all},
    registration::{Refusal, Request, Stage, Standing, Taken, admits, is_open, request, seats_left},
    session::{Attendance, Session},
    time::Moment,
};

/// What a registration is to be from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// How they wish to take part.
    pub attendance: Attendance,
    /// Everybody beside the registrant, by name.
    pub companions: Vec<String>,
}

/// The questions that can be answered anew.
pub(crate) const ASKED: [&str; 3] = ["attendance", "party", "companions"];

impl Change {
    /// Reads what was posted: `attendance`, `party` and `companions` as the form asks them for `session`. What is wrong comes back by field.
    pub fn read(form: &Form, raw: &Raw, session: &Session) -> Result<Change, Vec<FieldError>> {
        let form = Change::form(form, session);
        let values = check_all(&form, raw)?;
        let Request { attendance, .. } = request(&values, session)?;
        Ok(Change { attendance, companions: values.many("companions").to_vec() })
    }

    /// The form with only the questions that can be answered anew, as they are asked for `session`.
    pub fn form(form: &Form, session: &Session) -> Form {
        let mut form = form.for_session(session);
        for step in &mut form.steps {
            step.fields.retain(|field| ASKED.contains(&field.id.as_str()));
        }
        form.steps.retain(|step| !step.fields.is_empty());
        form
    }

    /// What it asks for.
    pub fn request(&self) -> Request {
        Request { attendance: self.attendance, people: u32::try_from(self.companions.len() + 1).unwrap_or(u32::MAX) }
    }

    /// The answers it replaces, as they are stored.
    pub fn values(&self) -> Values {
        use crate::form::Answer;
        let attendance = match self.attendance {
            Attendance::Onsite => "onsite",
            Attendance::Online => "online",
            Attendance::Both => "both",
        };
        let mut values = Values::default();
        values.0.insert("attendance".to_owned(), Answer::Text(attendance.to_owned()));
        values.0.insert("party".to_owned(), Answer::Number(u64::from(self.request().people)));
        values.0.insert("companions".to_owned(), Answer::Many(self.companions.clone()));
        values
    }
}

/// Where a registration stands after a change, or why it stays as it is. Seats that they have are never lost by asking for others.
///
/// `taken` counts the registration itself. More people and another way need seats that are free and that nobody waits for, and an open
/// registration; fewer people and other names are fine until the session begins. Whoever waits keeps the turn.
pub fn change(
    session: &Session,
    taken: &Taken,
    standing: &Standing,
    before: Request,
    after: Request,
    now: Moment,
) -> Result<Standing, Refusal> {
    if session.cancelled {
        return Err(Refusal::SessionCancelled);
    }
    if now >= session.start {
        return Err(Refusal::Started);
    }
    let way = match standing {
        Standing::Waiting(_) => None,
        Standing::Seated(way) => Some(*way),
        other => return Err(other.stage().into()),
    };
    let grows = after.people > before.people;
    if grows || after.attendance != before.attendance {
        is_open(session, now)?;
    }
    // A limit that was lowered meanwhile does not stand in the way of sending fewer.
    if grows || after.people == 0 || after.attendance != before.attendance {
        let others = if grows { taken.firm.saturating_sub(before.people) } else { 0 };
        admits(session, others, after)?;
    }
    let Some(way) = way else { return Ok(standing.clone()) };
    let (way, needed) = if after.attendance.includes(way) {
        (way, after.people.saturating_sub(before.people))
    } else {
        (way.other(), after.people)
    };
    let left = if taken.waiting(way) { 0 } else { seats_left(session, taken).of(way) };
    if needed > left {
        return Err(Refusal::NoRoom { way, left });
    }
    Ok(Standing::Seated(way))
}

/// Whether a registration may be cancelled.
pub fn may_cancel(session: Option<&Session>, stage: Stage, now: Moment) -> Result<(), Refusal> {
    match stage {
        Stage::Checked | Stage::Waiting | Stage::Offered | Stage::Seated => {}
        other => return Err(other.into()),
    }
    if session.is_some_and(|session| !session.postponed && now >= session.start) { Err(Refusal::Started) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use Attendance::{Both, Online, Onsite};

    use super::*;
    use crate::{
        fixtures::{at, session},
        registration::{Offer, Turn},
        session::Way,
    };

    const DAY: &str = "2026-12-01 09:00";

    fn asks(attendance: Attendance, people: u32) -> Request {
        Request { attendance, people }
    }

    #[test]
    fn a_change_is_made_where_there_is_room_and_never_costs_a_seat() {
        let session = Session { firm_limit: 3, ..session() };
        let onsite = Standing::Seated(Way::Onsite);
        let waiting = Standing::Waiting(Turn("1".to_owned()));
        let free = Taken { onsite: 1, firm: 1, ..Taken::default() };
        let full = Taken { onsite: 10, online: 20, firm: 1, ..Taken::default() };
        let queued = Taken { waiting_onsite: true, ..free };
        let of_a_large_firm = Taken { firm: 3, ..free };
        let late = "2026-12-04 18:00";
        let no_room = |way, left| Err(Refusal::NoRoom { way, left });
        let cases = [
            // (what stands, taken, before, after, now, outcome)
            (&onsite, free, asks(Onsite, 1), asks(Onsite, 3), DAY, Ok(onsite.clone())),
            (&onsite, free, asks(Onsite, 1), asks(Online, 2), DAY, Ok(Standing::Seated(Way::Online))),
            (&onsite, free, asks(Onsite, 1), asks(Both, 1), DAY, Ok(onsite.clone())),
            (&onsite, full, asks(Onsite, 1), asks(Onsite, 2), DAY, no_room(Way::Onsite, 0)),
            (&onsite, full, asks(Onsite, 1), asks(Online, 1), DAY, no_room(Way::Online, 0)),
            (&onsite, queued, asks(Onsite, 1), asks(Onsite, 2), DAY, no_room(Way::Onsite, 0)),
            (&onsite, full, asks(Onsite, 2), asks(Onsite, 1), DAY, Ok(onsite.clone())),
            (&onsite, Taken { onsite: 9, ..free }, asks(Onsite, 1), asks(Onsite, 3), DAY, no_room(Way::Onsite, 1)),
            (&waiting, full, asks(Onsite, 1), asks(Both, 2), DAY, Ok(waiting.clone())),
            // After the deadline fewer may come, and others; not more, and not in another way.
            (&onsite, free, asks(Onsite, 2), asks(Onsite, 1), late, Ok(onsite.clone())),
            (&onsite, free, asks(Onsite, 2), asks(Onsite, 2), late, Ok(onsite.clone())),
            (
                &onsite,
                free,
                asks(Onsite, 1),
                asks(Onsite, 2),
                late,
                Err(Refusal::Why(crate::registration::Why::Closed { deadline: session.deadline })),
            ),
            (&onsite, free, asks(Onsite, 2), asks(Onsite, 1), "2026-12-05 14:00", Err(Refusal::Started)),
            (
                &onsite,
                of_a_large_firm,
                asks(Onsite, 1),
                asks(Onsite, 2),
                DAY,
                Err(Refusal::Why(crate::registration::Why::FirmLimit { limit: 3, left: 1 })),
            ),
            (&Standing::Cancelled, free, asks(Onsite, 1), asks(Onsite, 1), DAY, Err(Refusal::Cancelled)),
            (
                &Standing::Offered(Offer { way: Way::Onsite, until: None }),
                free,
                asks(Onsite, 2),
                asks(Onsite, 1),
                DAY,
                Err(Refusal::Offered),
            ),
        ];
        for (standing, taken, before, after, now, outcome) in cases {
            let done = change(&session, &taken, standing, before, after, at(now));
            assert_eq!(done, outcome, "{standing:?} {taken:?} {before:?} {after:?} {now}");
        }
    }

    #[test]
    fn a_refusal_says_that_nothing_is_lost() {
        for (refusal, words) in [
            (Refusal::NoRoom { way: Way::Onsite, left: 0 }, "现场名额已满，改不了。您原来的报名不变"),
            (Refusal::NoRoom { way: Way::Online, left: 2 }, "线上名额只剩 2 个，不够。您原来的报名不变"),
        ] {
            assert_eq!(refusal.to_string(), words);
        }
    }

    #[test]
    fn a_registration_is_cancelled_until_its_session_begins() {
        let session = session();
        let off = Session { postponed: true, ..session.clone() };
        for (session, stage, now, outcome) in [
            (Some(&session), Stage::Seated, "2026-12-05 13:59", Ok(())),
            (Some(&session), Stage::Seated, "2026-12-05 14:00", Err(Refusal::Started)),
            (Some(&off), Stage::Seated, "2026-12-05 14:00", Ok(())),
            (Some(&session), Stage::Waiting, DAY, Ok(())),
            (Some(&session), Stage::Attended, DAY, Err(Refusal::Attended)),
            (None, Stage::Offered, DAY, Ok(())),
        ] {
            assert_eq!(may_cancel(session, stage, at(now)), outcome, "{stage:?} {now}");
        }
    }
}
