//! A registration form narrowed to what one session offers: nobody is asked what has one answer.

use crate::{
    form::{Field, Form},
    session::{Attendance, Session},
};

impl Form {
    /// The form as it is asked, checked and shown for `session`.
    ///
    /// Where there is one way of taking part it is not asked, nor is a condition on it told; a party is no larger than the session
    /// allows, and who cannot come by car is not asked for a number plate.
    pub fn for_session(&self, session: &Session) -> Form {
        let mut form = self.clone();
        for step in &mut form.steps {
            step.fields.retain(|field| is_asked(field, session));
            for field in &mut step.fields {
                narrow(field, session);
            }
        }
        form
    }
}

fn is_asked(field: &Field, session: &Session) -> bool {
    match field.id.as_str() {
        "attendance" => only_way(session).is_none(),
        "party" | "companions" => session.party_limit > 1,
        "plate" => session.attendance != Attendance::Online,
        _ => match (only_way(session), &field.when) {
            (Some(way), Some(when)) if when.field == "attendance" => when.is.iter().any(|value| value == way),
            _ => true,
        },
    }
}

fn narrow(field: &mut Field, session: &Session) {
    match field.id.as_str() {
        "party" => field.max = Some(field.max.map_or(session.party_limit, |max| max.min(session.party_limit))),
        "companions" => field.max = Some(session.party_limit.saturating_sub(1)),
        _ => {}
    }
    // The question that it depends on is not asked, and `is_asked` knew the answer.
    if only_way(session).is_some() && field.when.as_ref().is_some_and(|when| when.field == "attendance") {
        field.when = None;
    }
}

/// The answer that needs no question.
fn only_way(session: &Session) -> Option<&'static str> {
    match session.attendance {
        Attendance::Both => None,
        Attendance::Onsite => Some("onsite"),
        Attendance::Online => Some("online"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixtures, form::fixtures::registration};

    #[test]
    fn only_what_a_session_offers_is_asked() {
        type Case = (Attendance, u32, &'static [&'static str]);
        let cases: &[Case] = &[
            (Attendance::Both, 3, &["attendance", "party", "companions", "plate"]),
            (Attendance::Onsite, 2, &["party", "companions", "plate"]),
            (Attendance::Online, 1, &[]),
        ];
        for (attendance, party, asked) in cases {
            let session = Session { attendance: *attendance, party_limit: *party, ..fixtures::session() };
            let form = registration().for_session(&session);
            let ids: Vec<&str> = form.fields().map(|field| field.id.as_str()).collect();
            assert_eq!(ids, [&["name", "mobile", "company"], *asked].concat(), "{attendance:?} {party}");
            assert_eq!(form.field("party").and_then(|field| field.max), (*party > 1).then_some(*party));
            assert_eq!(form.field("companions").and_then(|field| field.max), (*party > 1).then_some(party - 1));
        }
    }
    #[test]
    fn a_condition_on_the_one_way_there_is_holds_without_being_told() {
        let onsite = Session { attendance: Attendance::Onsite, ..fixtures::session() };
        let plate = |form: Form| form.field("plate").expect("asked").when.clone();
        assert_eq!(plate(registration().for_session(&onsite)), None);
        assert!(plate(registration().for_session(&fixtures::session())).is_some());
    }
}
