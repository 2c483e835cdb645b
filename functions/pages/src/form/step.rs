//! A step's page: one question after another with what was typed, what is wrong and how to mend it.

use domain::form::{AnswerOption, Condition, Field, FieldError, FieldKind, Form, Raw, Step, is_asked};

use super::{
    checks::checks,
    target,
    view::{Control, ErrorView, FieldView, Hidden, OptionView, StepPage, When},
};

/// So many answers are shown at a glance as radio buttons; more are folded into a list.
const RADIO_LIMIT: usize = 7;

/// The page of step `index` (0-based) of `form` with what was typed so far and what is wrong with it.
///
/// `action` is where it posts, `back` the page before. Used by the generator for the static first step (with an empty
/// `raw` and no errors) and by the functions for every other page.
pub fn step_page(
    form: &Form,
    index: usize,
    raw: &Raw,
    errors: &[FieldError],
    action: &str,
    hidden: Vec<Hidden>,
    back: Option<String>,
) -> StepPage {
    let step = &form.steps[index];
    let posted = step.fields.iter().any(|field| raw.0.contains_key(&field.id));
    let asked: Vec<&Field> = step.fields.iter().filter(|field| is_shown(form, step, field, raw)).collect();
    let view = |field: &Field| field_view(form, step, field, raw, errors);
    let more: Vec<FieldView> = asked.iter().filter(|field| field.more).map(|field| view(field)).collect();
    StepPage {
        form: form.id.clone(),
        title: form.title.clone(),
        summary: form.summary.clone(),
        step: step.id.clone(),
        heading: step.title.clone(),
        number: index + 1,
        total: form.steps.len() + 1,
        action: action.to_owned(),
        hidden,
        fields: asked.iter().filter(|field| !field.more).map(|field| view(field)).collect(),
        more_open: asked.iter().any(|field| field.more && answered(field, raw)) || more.iter().any(|field| field.error.is_some()),
        more,
        further: Vec::new(),
        fresh: !posted,
        errors: error_views(errors, &asked.iter().map(|field| field.id.as_str()).collect::<Vec<_>>()),
        elsewhere: if index == 0 { form.elsewhere.clone() } else { Vec::new() },
        submit: if index + 1 == form.steps.len() { "下一步：核对" } else { "下一步" }.to_owned(),
        back,
    }
}

/// The steps after the first, with nothing typed, as a page may hold them to ask all in turn. None when a question of one depends on an answer
/// to an earlier one: whether it is asked at all is then for the functions to say.
pub fn further_steps(form: &Form, action: &str) -> Vec<StepPage> {
    let alone =
        |step: &Step| step.fields.iter().filter_map(|field| field.when.as_ref()).all(|when| on_page(step, when).is_some());
    if !form.steps.iter().skip(1).all(alone) {
        return Vec::new();
    }
    (1..form.steps.len()).map(|index| step_page(form, index, &Raw::default(), &[], action, Vec::new(), None)).collect()
}

/// The error summary: the questions of the page in their order, then whatever concerns none of them.
pub fn error_views(errors: &[FieldError], names: &[&str]) -> Vec<ErrorView> {
    let place = |error: &&FieldError| names.iter().position(|name| *name == error.field).unwrap_or(names.len());
    let mut sorted: Vec<&FieldError> = errors.iter().collect();
    sorted.sort_by_key(place);
    let view = |error: &FieldError| ErrorView {
        target: names.contains(&error.field.as_str()).then(|| target(&error.field)),
        message: error.message.clone(),
    };
    sorted.into_iter().map(view).collect()
}

/// A question that depends on an answer of an earlier page is on this page or not; one that depends on an answer of the
/// same page always is, because without JavaScript the answer is not known yet.
fn is_shown(form: &Form, step: &Step, field: &Field, raw: &Raw) -> bool {
    field.when.as_ref().is_none_or(|when| on_page(step, when).is_some()) || is_asked(form, field, raw)
}

fn on_page<'a>(step: &'a Step, when: &Condition) -> Option<&'a Field> {
    step.fields.iter().find(|other| other.id == when.field)
}

/// Something other than what stands there beforehand was answered.
fn answered(field: &Field, raw: &Raw) -> bool {
    raw.all(&field.id).iter().any(|value| !value.trim().is_empty() && Some(value) != field.default.as_ref())
}

fn field_view(form: &Form, step: &Step, field: &Field, raw: &Raw, errors: &[FieldError]) -> FieldView {
    // What is answered beforehand holds until something was posted under the name, here as in the check.
    let posted = raw.0.get(&field.id).map_or(field.default.as_slice(), Vec::as_slice);
    let chosen: Vec<&str> = posted.iter().map(String::as_str).collect();
    let answers = answers(field);
    let control = control(field, answers.len());
    let options = option_views(field, control, &answers, &chosen);
    let when = field.when.as_ref().and_then(|when| on_page(step, when).map(|other| when_view(when, other)));
    let limit = limit(field);
    let error = errors.iter().find(|error| error.field == field.id).map(|error| error.message.clone());
    let described_by = [
        field.hint.as_ref().map(|_| "hint"),
        when.as_ref().map(|_| "when"),
        limit.as_ref().map(|_| "limit"),
        error.as_ref().map(|_| "error"),
    ];
    let described_by: Vec<String> =
        described_by.into_iter().flatten().map(|part| format!("{}-{part}", target(&field.id))).collect();
    FieldView {
        name: field.id.clone(),
        label: field.label.clone(),
        hint: field.hint.clone(),
        control,
        input_type: if is_telephone(field) { "tel" } else { "text" }.to_owned(),
        inputmode: inputmode(field).map(str::to_owned),
        autocomplete: autocomplete(field),
        code: matches!(field.kind, FieldKind::CreditCode | FieldKind::Plate),
        rows: rows(field),
        min: is_text(field).then_some(field.min).flatten(),
        max: is_text(field).then_some(field.max).flatten(),
        limit,
        value: chosen.first().copied().unwrap_or_default().to_owned(),
        options,
        optional: !field.required,
        when,
        checks: checks(form, field),
        described_by: (!described_by.is_empty()).then(|| described_by.join(" ")),
        error,
    }
}

/// The answers to choose from; a small count is chosen rather than typed.
fn answers(field: &Field) -> Vec<AnswerOption> {
    match field.kind {
        FieldKind::Choice | FieldKind::Choices => field.listed().to_vec(),
        FieldKind::Count => match (field.min.unwrap_or(0), field.max) {
            (least, Some(most)) if most >= least && ((most - least) as usize) < RADIO_LIMIT => (least..=most)
                .map(|number| AnswerOption {
                    value: number.to_string(),
                    label: number.to_string(),
                    hint: None,
                    environment: None,
                })
                .collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn control(field: &Field, answers: usize) -> Control {
    match field.kind {
        FieldKind::Choices => Control::Checkbox,
        FieldKind::Choice if answers > RADIO_LIMIT => Control::Select,
        FieldKind::Choice => Control::Radio,
        FieldKind::Count if answers > 0 => Control::Radio,
        FieldKind::Paragraph | FieldKind::Names => Control::Paragraph,
        FieldKind::Text
        | FieldKind::Mobile
        | FieldKind::Telephone
        | FieldKind::CreditCode
        | FieldKind::Count
        | FieldKind::Plate => Control::Text,
    }
}

fn option_views(field: &Field, control: Control, answers: &[AnswerOption], chosen: &[&str]) -> Vec<OptionView> {
    // A list begins with no answer. A radio button cannot be let go of, so an optional question has one that takes the answer back.
    let none = match (control, field.required) {
        (Control::Select, true) => Some("请选择"),
        (Control::Select, false) => Some("不选"),
        (Control::Radio, false) if field.default.is_none() => Some("不选"),
        _ => None,
    };
    let nothing = chosen.iter().all(|value| value.is_empty());
    let none = none.map(|label| ("", label, None, nothing));
    let listed = answers.iter().map(|answer| {
        let checked = chosen.contains(&answer.value.as_str());
        (answer.value.as_str(), answer.label.as_str(), answer.hint.clone(), checked)
    });
    // The taking back stands last among radio buttons, first in a list.
    let all: Vec<_> =
        if control == Control::Select { none.into_iter().chain(listed).collect() } else { listed.chain(none).collect() };
    let id = |index| if index == 0 { target(&field.id) } else { format!("{}-{}", target(&field.id), index + 1) };
    all.into_iter()
        .enumerate()
        .map(|(index, (value, label, hint, checked))| OptionView {
            id: id(index),
            value: value.to_owned(),
            label: label.to_owned(),
            hint,
            checked,
        })
        .collect()
}

/// The condition in words, so that it need not be written into the hint as well.
fn when_view(when: &Condition, other: &Field) -> When {
    let answers = answers(other);
    let label = |value: &String| {
        answers.iter().find(|answer| answer.value == *value).map_or(value.clone(), |answer| answer.label.clone())
    };
    let chosen: Vec<String> = when.is.iter().map(|value| format!("“{}”", label(value))).collect();
    When {
        field: when.field.clone(), is: when.is.join(" "), words: format!("“{}”选{}时填写。", other.label, chosen.join("或"))
    }
}

/// The limits in words, where a counter stands.
fn limit(field: &Field) -> Option<String> {
    if field.kind != FieldKind::Paragraph {
        return None;
    }
    match (field.min.filter(|min| *min > 1), field.max?) {
        (Some(min), max) => Some(format!("{min} 到 {max} 个字")),
        (None, max) => Some(format!("最多 {max} 个字")),
    }
}

fn is_text(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Text | FieldKind::Paragraph)
}

fn is_telephone(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Mobile | FieldKind::Telephone)
}

fn inputmode(field: &Field) -> Option<&'static str> {
    match field.kind {
        FieldKind::Mobile | FieldKind::Telephone => Some("tel"),
        FieldKind::Count => Some("numeric"),
        _ => None,
    }
}

/// The declared token. A code or somebody else's name is nothing that a browser should fill in on its own.
fn autocomplete(field: &Field) -> Option<String> {
    let guess = match field.kind {
        FieldKind::CreditCode | FieldKind::Plate | FieldKind::Names => Some("off".to_owned()),
        _ => None,
    };
    field.autocomplete.clone().or(guess)
}

/// A paragraph's height tells how much is expected.
fn rows(field: &Field) -> u32 {
    match (field.kind, field.max) {
        (FieldKind::Names, Some(most)) => most.clamp(2, 6),
        (FieldKind::Paragraph, Some(most)) if most > 500 => 8,
        _ => 4,
    }
}
