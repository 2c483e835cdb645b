//! A registration form narrowed to what one session offers: nobody is asked what has one answer.

use crate::session::{Attendance, Session};

use super::{AnswerOption, Field, Form, Options};

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

    fn registration() -> Form {
        let field = |id: &str, kind: &str| serde_json::json!({ "id": id, "label": id, "kind": kind });
        let mut attendance = field("attendance", "choice");
        attendance["options"] =
            serde_json::json!(["onsite", "online", "both"].map(|value| serde_json::json!({ "value": value, "label": value })));
        let mut party = field("party", "count");
        party["max"] = 3.into();
        serde_json::from_value(serde_json::json!({
            "id": "registration", "version": 1, "title": "报名", "summary": "", "act": "确认并提交报名", "service": "registration",
            "steps": [{ "id": "attendee", "title": "谁来参加", "fields": [
                field("name", "text"), attendance, party, field("companions", "names"), field("plate", "plate"),
            ] }],
            "consents": [], "retention": { "months": 6, "after": "event" },
        }))
        .unwrap()
    }

    fn session(attendance: Attendance, party_limit: u32) -> Session {
        let at = |text: &str| text.parse().unwrap();
        Session {
            id: "djt-2026-q4".to_owned(),
            title: "讲堂".to_owned(),
            url: "/courses/q4/".to_owned(),
            start: at("2026-12-05 14:00"),
            end: at("2026-12-05 17:00"),
            place: String::new(),
            attendance,
            onsite_seats: 10,
            online_seats: 10,
            onsite_reserved: 0,
            online_reserved: 0,
            waitlist: true,
            opens: None,
            deadline: at("2026-12-04 18:00"),
            party_limit,
            firm_limit: 2,
            contact: String::new(),
            cancelled: false,
            example: true,
        }
    }

    #[test]
    fn only_what_a_session_offers_is_asked() {
        type Case = (Attendance, u32, &'static [&'static str], &'static [&'static str], Option<&'static str>);
        let cases: &[Case] = &[
            (Attendance::Both, 3, &["name", "attendance", "party", "companions", "plate"], &["onsite", "online", "both"], None),
            (Attendance::Onsite, 2, &["name", "attendance", "party", "companions", "plate"], &["onsite"], Some("onsite")),
            (Attendance::Online, 1, &["name", "attendance"], &["online"], Some("online")),
        ];
        for (attendance, party, asked, offered, default) in cases {
            let form = registration().for_session(&session(*attendance, *party));
            let ids: Vec<&str> = form.fields().map(|field| field.id.as_str()).collect();
            assert_eq!(&ids, asked, "{attendance:?} {party}");
            let field = form.field("attendance").unwrap();
            let Some(Options::Listed(options)) = &field.options else { panic!("options are listed") };
            let values: Vec<&str> = options.iter().map(|option| option.value.as_str()).collect();
            assert_eq!(&values, offered);
            assert_eq!(field.default.as_deref(), *default);
            assert_eq!(form.field("party").and_then(|field| field.max), (*party > 1).then_some(*party));
            assert_eq!(form.field("companions").and_then(|field| field.max), (*party > 1).then_some(party - 1));
        }
    }
}
