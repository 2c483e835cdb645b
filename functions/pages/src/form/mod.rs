//! Forms as pages: a step with its questions, and 核对 with what was answered.
//!
//! Everything a template shows is decided here and arrives as words: which control a question has, what describes it, what
//! is wrong with it. The generator shows the first step as a static page; the functions show the rest, and the first
//! again when something has to be mended.

mod answers;
mod checks;
mod step;
mod view;

pub use answers::{consent_views, review_rows};
pub use step::{error_views, further_steps, step_page};
pub use view::{Checks, Control, ErrorView, FieldView, Hidden, OptionView, StepPage, When};

/// The element that an error about `field` leads to: the control itself, or the first of a group.
pub(crate) fn target(field: &str) -> String {
    format!("field-{field}")
}
