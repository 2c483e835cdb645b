//! What of a form may be put right later: who somebody is and how they are reached.

use crate::{
    form::{FieldKind, Form, Service, Step, Values, check::holds},
    registration::change,
};

/// `form` with only these questions, in one step: those that stand with the telephone. Of a registration not those that change what it
/// takes. A question that depends on one of another step is asked when `values`, what was answered, say so.
pub fn correction(form: &Form, values: &Values) -> Form {
    let with_telephone = form.steps.iter().find(|step| step.fields.iter().any(|field| field.kind == FieldKind::Mobile));
    let mut fields = with_telephone.map(|step| step.fields.clone()).unwrap_or_default();
    if form.service == Service::Registration {
        fields.retain(|field| !change::ASKED.contains(&field.id.as_str()));
    }
    let kept: Vec<String> = fields.iter().map(|field| field.id.clone()).collect();
    fields.retain_mut(|field| match &field.when {
        Some(condition) if !kept.contains(&condition.field) => {
            let asked = holds(condition, values);
            field.when = None;
            asked
        }
        _ => true,
    });
    let step = Step { id: "correction".to_owned(), title: "更正我的信息".to_owned(), fields };
    Form { steps: vec![step], act: "保存更正".to_owned(), elsewhere: Vec::new(), ..form.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::{
        Answer,
        fixtures::{appeal, registration},
    };

    fn asked(form: &Form, values: &Values) -> Vec<String> {
        correction(form, values).fields().map(|field| field.id.clone()).collect()
    }

    #[test]
    fn only_what_tells_who_somebody_is_can_be_put_right() {
        let of_appeal = asked(&appeal(), &Values::default());
        assert!(of_appeal.contains(&"company".to_owned()) && of_appeal.contains(&"mobile".to_owned()), "{of_appeal:?}");
        assert!(!of_appeal.contains(&"description".to_owned()) && !of_appeal.contains(&"title".to_owned()), "{of_appeal:?}");
    }

    #[test]
    fn what_a_registration_takes_is_changed_elsewhere_and_a_question_keeps_its_condition() {
        let onsite = |way: &str| Values([("attendance".to_owned(), Answer::Text(way.to_owned()))].into_iter().collect());
        let of_registration = asked(&registration(), &onsite("onsite"));
        assert!(of_registration.contains(&"mobile".to_owned()), "{of_registration:?}");
        assert!(!of_registration.iter().any(|id| change::ASKED.contains(&id.as_str())), "{of_registration:?}");
        let conditional =
            registration().fields().find(|field| field.when.as_ref().is_some_and(|when| when.field == "attendance")).cloned();
        let Some(conditional) = conditional else { return };
        assert!(of_registration.contains(&conditional.id), "{of_registration:?}");
        assert!(!asked(&registration(), &onsite("online")).contains(&conditional.id));
    }
}
