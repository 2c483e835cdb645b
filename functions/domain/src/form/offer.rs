//! A registration form narrowed to what one session offers: nobody is asked what has one answer.

use crate::{
    form::{AnswerOption, Field, Form, Options},
    session::{Attendance, Session},
};

impl Form {
    /// The form as it is asked, checked and shown for `session`.
    ///
    /// Ways of taking part that the session does not offer are not asked, a party is no larger than the session allows,
    /// and who cannot come by car is not asked for a number plate.
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
        "party" | "companions" => session.party_limit > 1,
        "plate" => session.attendance != Attendance::Online,
        _ => true,
    }
}

fn narrow(field: &mut Field, session: &Session) {
    match (field.id.as_str(), &mut field.options) {
        ("attendance", Some(Options::Listed(options))) => {
            options.retain(|option| is_offered(option, session.attendance));
            if let [only] = options.as_slice() {
                field.default = Some(only.value.clone());
            }
        }
        ("party", _) => field.max = Some(field.max.map_or(session.party_limit, |max| max.min(session.party_limit))),
        ("companions", _) => field.max = Some(session.party_limit.saturating_sub(1)),
        _ => {}
    }
}

fn is_offered(option: &AnswerOption, attendance: Attendance) -> bool {
    match attendance {
        Attendance::Both => true,
        Attendance::Onsite => option.value == "onsite",
        Attendance::Online => option.value == "online",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixtures, form::fixtures::registration};

    #[test]
    fn only_what_a_session_offers_is_asked() {
        type Case = (Attendance, u32, &'static [&'static str], &'static [&'static str], Option<&'static str>);
        let cases: &[Case] = &[
            (Attendance::Both, 3, &["party", "companions", "plate"], &["onsite", "online", "both"], None),
            (Attendance::Onsite, 2, &["party", "companions", "plate"], &["onsite"], Some("onsite")),
            (Attendance::Online, 1, &[], &["online"], Some("online")),
        ];
        for (attendance, party, asked, offered, default) in cases {
            let session = Session { attendance: *attendance, party_limit: *party, ..fixtures::session() };
            let form = registration().for_session(&session);
            let ids: Vec<&str> = form.fields().map(|field| field.id.as_str()).collect();
            assert_eq!(ids, [&["name", "mobile", "company", "attendance"], *asked].concat(), "{attendance:?} {party}");
            let field = form.field("attendance").expect("always asked");
            let values: Vec<&str> = field.listed().iter().map(|option| option.value.as_str()).collect();
            assert_eq!(&values, offered);
            assert_eq!(field.default.as_deref(), *default);
            assert_eq!(form.field("party").and_then(|field| field.max), (*party > 1).then_some(*party));
            assert_eq!(form.field("companions").and_then(|field| field.max), (*party > 1).then_some(party - 1));
        }
    }
}
