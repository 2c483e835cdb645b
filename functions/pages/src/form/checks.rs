//! What the page itself may say as one leaves a field: the words of `domain`'s check, asked for with answers that it refuses.
//!
//! Nothing is written down twice: the sentence in the page is the sentence that the server would answer with.

use domain::form::{Field, FieldKind, Form, Raw, Step, check_step};

use super::view::Checks;

/// The words for `field`; none for kinds that need more than a look (a check digit), which the server checks alone.
pub(super) fn checks(form: &Form, field: &Field) -> Checks {
    let refused = |typed: &str| refusal(form, field, typed);
    let empty = field.required.then(|| refused("")).flatten();
    match field.kind {
        FieldKind::Text | FieldKind::Paragraph => {
            Checks { empty, length: outside(field).and_then(|typed| refused(&typed)), ..Checks::default() }
        }
        FieldKind::Mobile => {
            Checks { empty, length: refused("1"), wrong: refused("21234567890"), kind: Some("mobile".to_owned()) }
        }
        _ => Checks { empty, ..Checks::default() },
    }
}

/// A text that is too short for the field, or too long where none is.
fn outside(field: &Field) -> Option<String> {
    let length = match (field.min, field.max) {
        (Some(min), _) if min > 1 => min - 1,
        (_, Some(max)) => max + 1,
        _ => return None,
    };
    Some("字".repeat(length as usize))
}

/// What the check says to `typed`, as if the field stood alone.
fn refusal(form: &Form, field: &Field, typed: &str) -> Option<String> {
    let field = Field { when: None, ..field.clone() };
    let raw = Raw([(field.id.clone(), vec![typed.to_owned()])].into());
    let step = Step { id: String::new(), title: String::new(), fields: vec![field] };
    let alone = Form { steps: vec![step], ..form.clone() };
    check_step(&alone, 0, &raw).err()?.into_iter().next().map(|error| error.message)
}
