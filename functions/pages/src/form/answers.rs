//! 核对: what was answered, in words, and the agreements asked for.

use domain::form::{Field, FieldError, FieldKind, Form, Options, Raw, Step};

use super::{holds, target};
use crate::service::{ConsentView, ReviewRow};

/// A row for each answered question, in the order in which they were asked. `page` is the address of a step's page; 更改
/// leads to the question on it.
pub fn review_rows(form: &Form, raw: &Raw, page: impl Fn(&Step) -> String) -> Vec<ReviewRow> {
    let mut rows = Vec::new();
    for step in &form.steps {
        for field in &step.fields {
            let asked = field.when.as_ref().is_none_or(|when| holds(when, raw));
            let value = if asked { words(field, raw) } else { String::new() };
            if !value.is_empty() {
                rows.push(ReviewRow {
                    label: field.label.clone(),
                    value,
                    change: format!("{}#{}", page(step), target(&field.id)),
                });
            }
        }
    }
    rows
}

/// The agreements with what was ticked; nothing is ticked beforehand.
pub fn consent_views(form: &Form, raw: &Raw, errors: &[FieldError]) -> Vec<ConsentView> {
    let view = |consent: &domain::form::Consent| ConsentView {
        name: consent.id.clone(),
        label: consent.label.clone(),
        required: consent.required,
        checked: !raw.first(&consent.id).is_empty(),
        error: errors.iter().find(|error| error.field == consent.id).map(|error| error.message.clone()),
    };
    form.consents.iter().map(view).collect()
}

/// The answer as people read it: the labels of choices, the lines of a text.
fn words(field: &Field, raw: &Raw) -> String {
    let label = |value: &str| match &field.options {
        Some(Options::Listed(options)) => {
            options.iter().find(|option| option.value == value).map_or(value.to_owned(), |option| option.label.clone())
        }
        _ => value.to_owned(),
    };
    match field.kind {
        FieldKind::Choices => {
            let labels: Vec<String> =
                raw.all(&field.id).iter().filter(|value| !value.is_empty()).map(|value| label(value)).collect();
            labels.join("、")
        }
        FieldKind::Choice => label(raw.first(&field.id)),
        _ => raw.first(&field.id).trim().replace("\r\n", "\n"),
    }
}
