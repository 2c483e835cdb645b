//! What one registration asks for, read from the checked answers to its form.

use crate::{
    form::{FieldError, Values},
    registration::{Request, Why},
    session::{Attendance, Session},
};

/// Reads a request from checked answers to the registration form (`attendance`, `party`, `companions`), against what the session
/// offers. Everybody who comes is named: `companions` are the people beside the registrant.
pub fn request(values: &Values, session: &Session) -> Result<Request, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, message: String| errors.push(FieldError { field: field.to_owned(), message });

    let attendance = match values.text("attendance") {
        Some("onsite") => Attendance::Onsite,
        Some("online") => Attendance::Online,
        Some("both") => Attendance::Both,
        // Not asked when there is but one way.
        _ => session.attendance,
    };
    let offered = session.attendance;
    if offered != Attendance::Both && attendance != Attendance::Both && attendance != offered {
        wrong("attendance", Why::NotOffered { offered }.to_string());
    }

    let companions = values.many("companions").len();
    let people = match values.number("party") {
        Some(party) => u32::try_from(party).unwrap_or(0),
        None => u32::try_from(companions).unwrap_or(u32::MAX).saturating_add(1),
    };
    if people == 0 {
        wrong("party", Why::Nobody.to_string());
    } else if people > session.party_limit {
        wrong("party", Why::PartyLimit { limit: session.party_limit }.to_string());
    } else if companions + 1 != people as usize {
        let message = match people {
            1 => "参加人数是 1 人，请不要填写同行人员，或改正人数".to_owned(),
            people => format!("参加人数是 {people} 人，请另外写出 {} 位同行人员的姓名，现在是 {companions} 位", people - 1),
        };
        wrong("companions", message);
    }
    if errors.is_empty() { Ok(Request { attendance, people }) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use Attendance::{Both, Online, Onsite};

    use super::*;
    use crate::{fixtures::session, form::Answer};

    fn values(attendance: Option<&str>, party: Option<u64>, companions: &[&str]) -> Values {
        let mut values = Values::default();
        if let Some(attendance) = attendance {
            values.0.insert("attendance".to_owned(), Answer::Text(attendance.to_owned()));
        }
        if let Some(party) = party {
            values.0.insert("party".to_owned(), Answer::Number(party));
        }
        if !companions.is_empty() {
            values.0.insert("companions".to_owned(), Answer::Many(companions.iter().map(|&name| name.to_owned()).collect()));
        }
        values
    }

    #[test]
    fn a_request_is_read_from_the_form() {
        let cases = [
            (values(Some("onsite"), Some(1), &[]), Onsite, 1),
            (values(Some("both"), Some(2), &["李四"]), Both, 2),
            (values(Some("online"), None, &[]), Online, 1),
            (values(Some("online"), None, &["李四", "王五"]), Online, 3),
            (values(None, None, &[]), Both, 1),
        ];
        for (values, attendance, people) in cases {
            assert_eq!(request(&values, &session()), Ok(Request { attendance, people }), "{values:?}");
        }
    }

    #[test]
    fn a_request_that_the_session_cannot_meet_is_sent_back_to_its_field() {
        let onsite_only = Session { attendance: Onsite, online_seats: 0, party_limit: 2, ..session() };
        let cases = [
            (values(Some("online"), None, &[]), "attendance", "本场活动只有现场名额，请改选「现场」"),
            (values(None, Some(3), &["李四", "王五"]), "party", "一次报名最多 2 人，请减少人数"),
            (values(None, Some(2), &[]), "companions", "参加人数是 2 人，请另外写出 1 位同行人员的姓名，现在是 0 位"),
            (values(None, Some(1), &["李四"]), "companions", "参加人数是 1 人，请不要填写同行人员，或改正人数"),
        ];
        for (values, field, message) in cases {
            let error = FieldError { field: field.to_owned(), message: message.to_owned() };
            assert_eq!(request(&values, &onsite_only), Err(vec![error]));
        }
    }
}
