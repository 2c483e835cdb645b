//! By when the firm hears from somebody.

use serde::{Deserialize, Serialize};

use crate::{appeal::Urgency, calendar::Calendar, limits::Limits, time::Moment};

/// The last moment at which something promised may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// That moment.
    pub at: Moment,
    /// It was counted in official calendars; otherwise it is shown with [`crate::words::UNOFFICIAL`] and counted again later.
    pub official: bool,
}

/// The receipt's one promise: somebody calls by the end of the next working day's office hours, or, when it is urgent, before two
/// office hours have passed (both numbers are in `limits`). What is urgent is never promised later than what is not.
pub fn first_contact_by(received: Moment, urgency: Urgency, calendar: &Calendar, limits: &Limits) -> Deadline {
    let due = calendar.add_working_days(received.date(), limits.first_contact_days);
    let usual = Deadline { at: Moment::from_local(due.date.to_datetime(limits.office_closes())), official: due.official };
    match urgency {
        Urgency::Normal => usual,
        Urgency::Urgent | Urgency::Critical => {
            let soon = calendar.add_office_hours(received, limits.urgent_contact_hours, limits);
            if soon.at <= usual.at { Deadline { at: soon.at, official: soon.official } } else { usual }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{at, calendar, limits};

    #[test]
    fn the_first_contact_is_promised_in_working_time() {
        let cases = [
            ("2026-11-24 16:00", Urgency::Normal, "2026-11-25 17:30", true),
            ("2026-11-24 00:00", Urgency::Normal, "2026-11-25 17:30", true),
            ("2026-11-28 10:00", Urgency::Normal, "2026-11-30 17:30", true),
            ("2026-09-30 23:59", Urgency::Normal, "2026-10-08 17:30", true),
            ("2026-12-31 09:00", Urgency::Normal, "2027-01-01 17:30", false),
            ("2026-11-24 09:00", Urgency::Urgent, "2026-11-24 11:00", true),
            ("2026-11-24 17:00", Urgency::Critical, "2026-11-25 10:00", true),
            ("2026-10-03 12:00", Urgency::Urgent, "2026-10-08 10:30", true),
        ];
        for (received, urgency, by, official) in cases {
            let deadline = first_contact_by(at(received), urgency, &calendar(), &limits());
            assert_eq!(deadline, Deadline { at: at(by), official }, "{received} {urgency:?}");
        }
    }

    #[test]
    fn an_urgent_matter_is_not_promised_later_than_an_ordinary_one() {
        let slow = Limits { urgent_contact_hours: 100, ..limits() };
        let deadline = first_contact_by(at("2026-11-24 09:00"), Urgency::Urgent, &calendar(), &slow);
        assert_eq!(deadline.at, at("2026-11-25 17:30"));
    }
}
