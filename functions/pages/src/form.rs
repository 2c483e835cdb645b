//! A form's step as a page: one question after another with what was typed, what is wrong and how to mend it.

use domain::form::{FieldError, Form, Raw};
use serde::{Deserialize, Serialize};

/// One page of questions. Templates see it as `step`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepPage {
    /// The form's id.
    pub form: String,
    /// The form's title, the page's h1 on the first step.
    pub title: String,
    /// The form's lead; shown on the first step.
    pub summary: String,
    /// The step's id.
    pub step: String,
    /// The step's heading.
    pub heading: String,
    /// 1-based.
    pub number: usize,
    /// Of so many, 核对 included.
    pub total: usize,
    /// Where the form is posted.
    pub action: String,
    /// Hidden values: the declaration's version, the session.
    pub hidden: Vec<Hidden>,
    /// The questions.
    pub fields: Vec<FieldView>,
    /// What is wrong, in the order of the fields; empty when nothing is.
    pub errors: Vec<ErrorView>,
    /// What is not taken here; shown on the first step.
    pub elsewhere: Vec<domain::form::Elsewhere>,
    /// The label of the button.
    pub submit: String,
    /// The previous page, if any.
    pub back: Option<String>,
}

/// A value that goes along unseen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// Field name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// One question with what was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldView {
    /// Name, and the element's id is `field-NAME`.
    pub name: String,
    /// What is asked.
    pub label: String,
    /// A line beneath.
    pub hint: Option<String>,
    /// `text`, `paragraph`, `radio`, `checkbox`, `select`.
    pub control: Control,
    /// `type` of an input: `text`, `tel`.
    pub input_type: String,
    /// `inputmode`, where it helps.
    pub inputmode: Option<String>,
    /// `autocomplete`, where there is a token.
    pub autocomplete: Option<String>,
    /// Most characters, for the counter.
    pub max: Option<u32>,
    /// What was typed.
    pub value: String,
    /// The answers of a choice.
    pub options: Vec<OptionView>,
    /// Marked 选填.
    pub optional: bool,
    /// Folded under 「更多」.
    pub more: bool,
    /// `NAME` and values of the field it depends on; JavaScript may hide it, without JavaScript its hint says when it is needed.
    pub when: Option<domain::form::Condition>,
    /// What is wrong with it, same words as in the summary.
    pub error: Option<String>,
}

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// `<input>`
    Text,
    /// `<textarea>`
    Paragraph,
    /// A group of radio buttons (up to seven answers).
    Radio,
    /// A group of check boxes.
    Checkbox,
    /// `<select>` (more than seven answers).
    Select,
}

/// One answer of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionView {
    /// What is posted.
    pub value: String,
    /// What is read.
    pub label: String,
    /// A line beneath.
    pub hint: Option<String>,
    /// Chosen.
    pub checked: bool,
}

/// An entry of the error summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorView {
    /// `field-NAME` or, for a group, its first control.
    pub target: String,
    /// How to mend it.
    pub message: String,
}

/// The page of step `index` (0-based) of `form` with what was typed so far and what is wrong with it.
///
/// `next` labels the button; `action` is where it posts. Used by the generator for the static first step (with an empty
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
    let _ = (raw, errors);
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
        fields: Vec::new(),
        errors: Vec::new(),
        elsewhere: if index == 0 { form.elsewhere.clone() } else { Vec::new() },
        submit: "继续".to_owned(),
        back,
    }
}
