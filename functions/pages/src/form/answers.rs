//! 核对: what was answered, in words, and the agreements asked for.

use domain::form::{Consent, FieldError, Form, Raw, Step, Values, answer_in_words};

use super::target;
use crate::service::{ConsentView, ReviewRow};

/// A row for each answered question, in the order in which they were asked and as it will be stored, so that one sees what was mended.
/// `page` is the address of a step's page; 更改 leads to the question on it.
pub fn review_rows(form: &Form, values: &Values, page: impl Fn(&Step) -> String) -> Vec<ReviewRow> {
    let mut rows = Vec::new();
    for step in &form.steps {
        for field in &step.fields {
            if let Some(answer) = values.get(&field.id) {
                rows.push(ReviewRow {
                    label: field.label.clone(),
                    value: answer_in_words(field, answer),
                    change: format!("{}#{}", page(step), target(&field.id)),
                });
            }
        }
    }
    rows
}

/// The agreements with what was ticked; nothing is ticked beforehand.
pub fn consent_views(form: &Form, raw: &Raw, errors: &[FieldError]) -> Vec<ConsentView> {
    let view = |consent: &Consent| ConsentView {
        name: consent.id.clone(),
        label: consent.label.clone(),
        required: consent.required,
        checked: !raw.first(&consent.id).is_empty(),
        error: errors.iter().find(|error| error.field == consent.id).map(|error| error.message.clone()),
    };
    form.consents.iter().map(view).collect()
}
