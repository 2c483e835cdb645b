//! Forms: what a declaration says, and what is wrong with what somebody typed.

pub mod check;
pub mod declaration;
mod offer;

pub use check::{FieldError, Raw};
pub use declaration::{
    AnswerOption, Condition, Consent, Elsewhere, Field, FieldKind, Form, Options, Privacy, Retention, RetentionStart, Service,
    Step,
};
