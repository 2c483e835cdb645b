//! Where an event stands at a moment, the session it declares, and the moments at which that changes.

use domain::{Moment, Session, limits::Limits};
use jiff::SignedDuration;

use crate::{
    kinds::{Event, Registration, Slot, Status},
    site::EventState,
    source::{Document, FrontMatter},
};

/// The event of an activity or a course.
pub fn event_of(document: &Document) -> Option<&Event> {
    match &document.front {
        FrontMatter::Activity(front) => Some(&front.event),
        FrontMatter::Course(front) => Some(&front.event),
        _ => None,
    }
}

/// Where `event` stands at `now`.
pub fn state(event: &Event, now: Moment) -> EventState {
    match event.status {
        Status::Cancelled => return EventState::Cancelled,
        Status::Postponed => return EventState::Postponed,
        Status::Scheduled => {}
    }
    if event.end <= now {
        return EventState::Past;
    }
    if event.start <= now {
        return EventState::Running;
    }
    match &event.registration {
        None => EventState::Announced,
        Some(registration) if registration.opens.is_some_and(|opens| now < opens) => EventState::NotYetOpen,
        Some(registration) if now > registration.deadline => EventState::Closed,
        Some(registration) if !has_seats(registration) => {
            if registration.waitlist {
                EventState::Waitlist
            } else {
                EventState::Full
            }
        }
        Some(_) => EventState::Open,
    }
}

fn has_seats(registration: &Registration) -> bool {
    if !registration.slots.is_empty() && registration.slots.iter().all(|slot| slot.taken) {
        return false;
    }
    registration.onsite_reserved < registration.onsite_seats || registration.online_reserved < registration.online_seats
}

/// The moments at which [`state`] gives another answer.
pub fn changes(event: &Event) -> impl Iterator<Item = Moment> {
    let registration = event.registration.as_ref();
    let opens = registration.and_then(|registration| registration.opens);
    // The deadline itself is the last moment at which a registration is taken: what changes, changes a second later.
    let closes = registration.and_then(|registration| registration.deadline.0.checked_add(SignedDuration::from_secs(1)).ok());
    [Some(event.start), Some(event.end), opens, closes.map(Moment)].into_iter().flatten()
}

/// The id of the session that `document` declares, unless it declares slots.
pub fn whole(document: &Document) -> Option<&str> {
    let registration = event_of(document)?.registration.as_ref()?;
    registration.slots.is_empty().then_some(registration.id.as_str())
}

/// The slots that `document` declares.
pub fn slots(document: &Document) -> &[Slot] {
    let registration = event_of(document).and_then(|event| event.registration.as_ref());
    registration.map_or(&[], |registration| &registration.slots)
}

/// The sessions that `document`, published at `url`, declares: one, or one a slot.
pub fn sessions(document: &Document, url: &str, limits: Option<&Limits>) -> Vec<Session> {
    let Some(whole) = session(document, url, limits) else { return Vec::new() };
    let slots = slots(document);
    if slots.is_empty() {
        return vec![whole];
    }
    let of_slot = |slot: &Slot| Session {
        id: slot.id.clone(),
        title: format!("{}（{}）", whole.title, hours(slot.start, slot.end)),
        start: slot.start,
        end: slot.end,
        onsite_reserved: if slot.taken { whole.onsite_seats } else { whole.onsite_reserved },
        online_reserved: if slot.taken { whole.online_seats } else { whole.online_reserved },
        deadline: whole.deadline.min(slot.start),
        ..whole.clone()
    };
    slots.iter().map(of_slot).collect()
}

/// 09:00—09:20
pub fn hours(start: Moment, end: Moment) -> String {
    format!("{}—{}", domain::words::time(start), domain::words::time(end))
}

fn session(document: &Document, url: &str, limits: Option<&Limits>) -> Option<Session> {
    let event = event_of(document)?;
    let registration = event.registration.as_ref()?;
    let common = document.front.common();
    let limit = |written: Option<u32>, of: fn(&Limits) -> u32, otherwise| written.or(limits.map(of)).unwrap_or(otherwise);
    Some(Session {
        id: registration.id.clone(),
        title: common.title.to_owned(),
        url: url.to_owned(),
        start: event.start,
        end: event.end,
        place: event.place.clone(),
        attendance: event.attendance,
        onsite_seats: registration.onsite_seats,
        online_seats: registration.online_seats,
        onsite_reserved: registration.onsite_reserved,
        online_reserved: registration.online_reserved,
        waitlist: registration.waitlist,
        opens: registration.opens,
        deadline: registration.deadline,
        party_limit: limit(registration.party_limit, |limits| limits.party_limit, 3),
        firm_limit: limit(registration.firm_limit, |limits| limits.firm_limit, 2),
        contact: event.contact.clone(),
        cancelled: event.status == Status::Cancelled,
        postponed: event.status == Status::Postponed,
        changed: common.updated.or(common.date),
        form: registration.form.clone(),
        example: common.example,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Moment {
        text.parse().expect("a moment")
    }

    fn event(change: impl FnOnce(&mut Event)) -> Event {
        let mut event = serde_json::from_str(
            r#"{
                "start": "2026-12-05 14:00", "end": "2026-12-05 17:00", "place": "会议室", "attendance": "both",
                "audience": "企业", "contact": "联系人",
                "registration": {
                    "id": "a", "onsite_seats": 2, "online_seats": 1, "opens": "2026-11-01 09:00", "deadline": "2026-12-04 18:00"
                }
            }"#,
        )
        .expect("an event");
        change(&mut event);
        event
    }

    fn registration(event: &mut Event) -> &mut Registration {
        event.registration.as_mut().expect("it has one")
    }

    #[test]
    fn an_event_goes_from_announced_to_past() {
        let event = event(|_| {});
        for (now, expected) in [
            ("2026-10-31 12:00", EventState::NotYetOpen),
            ("2026-11-01 09:00", EventState::Open),
            ("2026-12-04 18:00", EventState::Open),
            ("2026-12-04 18:00:01", EventState::Closed),
            ("2026-12-05 14:00", EventState::Running),
            ("2026-12-05 16:59:59", EventState::Running),
            ("2026-12-05 17:00", EventState::Past),
        ] {
            assert_eq!(state(&event, moment(now)), expected, "{now}");
        }
    }

    #[test]
    fn seats_and_status_decide_what_is_said_while_it_is_ahead() {
        let full = |event: &mut Event| (registration(event).onsite_reserved, registration(event).online_reserved) = (2, 1);
        let cases: [(Event, EventState); 6] = [
            (event(|event| registration(event).onsite_reserved = 2), EventState::Open),
            (event(full), EventState::Waitlist),
            (
                event(|event| {
                    full(event);
                    registration(event).waitlist = false;
                }),
                EventState::Full,
            ),
            (event(|event| event.status = Status::Postponed), EventState::Postponed),
            (event(|event| event.status = Status::Cancelled), EventState::Cancelled),
            (event(|event| event.registration = None), EventState::Announced),
        ];
        for (event, expected) in cases {
            assert_eq!(state(&event, moment("2026-11-20")), expected);
        }
    }

    #[test]
    fn the_state_changes_exactly_at_the_moments_that_are_told() {
        let event = event(|_| {});
        let mut moments: Vec<Moment> = changes(&event).collect();
        moments.sort();
        for moment in moments {
            let before = Moment(moment.0 - SignedDuration::from_secs(1));
            assert_ne!(state(&event, before), state(&event, moment), "{moment}");
        }
    }
}
