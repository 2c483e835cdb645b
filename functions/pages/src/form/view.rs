//! What the form templates see.

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
    /// Questions folded under 「更多」.
    pub more: Vec<FieldView>,
    /// The steps that follow, where a page with JavaScript asks all in turn and sends them at once. Without, each is a page of its own.
    pub further: Vec<StepPage>,
    /// They are unfolded: one of them was answered or has to be mended.
    pub more_open: bool,
    /// Nothing was typed yet: what the device has kept may be filled in.
    pub fresh: bool,
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
    /// How it is answered.
    pub control: Control,
    /// `type` of an input: `text`, `tel`.
    pub input_type: String,
    /// `inputmode`, where it helps.
    pub inputmode: Option<String>,
    /// `autocomplete`, where there is a token.
    pub autocomplete: Option<String>,
    /// A code or a number plate: capitals, no spelling mended by the keyboard.
    pub code: bool,
    /// Lines of a paragraph.
    pub rows: u32,
    /// Fewest characters of a text.
    pub min: Option<u32>,
    /// Most characters of a text.
    pub max: Option<u32>,
    /// The same in words, where a counter stands: 20 到 2000 个字.
    pub limit: Option<String>,
    /// What was typed.
    pub value: String,
    /// The answers of a choice.
    pub options: Vec<OptionView>,
    /// Marked 选填.
    pub optional: bool,
    /// Asked only then, by another answer on the same page.
    pub when: Option<When>,
    /// What is wrong with it, same words as in the summary.
    pub error: Option<String>,
    /// Ids of the hint, the limit and the error: `aria-describedby`.
    pub described_by: Option<String>,
    /// What the page itself may say as one leaves the field.
    pub checks: Checks,
}

/// What JavaScript may say before the server does, in the server's words. It never refuses anything.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Checks {
    /// When it is left empty.
    pub empty: Option<String>,
    /// When it has fewer characters than `min` or more than `max`; the last number in it is how many there are.
    pub length: Option<String>,
    /// When it is not what `kind` says.
    pub wrong: Option<String>,
    /// `mobile`, the one shape that JavaScript knows.
    pub kind: Option<String>,
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

/// When a question is asked. JavaScript hides it otherwise; without JavaScript `words` say when it is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct When {
    /// The other question's name.
    pub field: String,
    /// The answers that ask this one, with spaces between them.
    pub is: String,
    /// “有多急”选“急”或“特急”时填写
    pub words: String,
}

/// One answer of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionView {
    /// The element's id; `field-NAME` for the first.
    pub id: String,
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
    /// `field-NAME`, for a group its first control; none when it is about no question on the page.
    pub target: Option<String>,
    /// How to mend it.
    pub message: String,
}
