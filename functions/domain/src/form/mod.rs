//! Forms: what a declaration says, and what is wrong with what somebody typed.
//!
//! 1. [`declaration`] is what an author writes; `problems` finds what cannot be right about it.
//! 2. `offer` narrows a registration to what one session offers.
//! 3. [`check`] takes what was posted, reads each answer by its kind, and gives either [`Values`] or what is wrong, all at once.
//! 4. [`values`] are right answers, ready to be stored and shown.
//! 5. `correction` is what of it may be put right later.

pub mod check;
mod correction;
pub mod declaration;
#[cfg(test)]
pub(crate) mod fixtures;
mod offer;
mod problems;
mod read;
pub mod values;

pub use check::{FieldError, Raw, Warning, check_all, check_consents, check_step, is_asked, warnings};
pub use correction::correction;
pub use declaration::{
    AnswerOption, Condition, Consent, Elsewhere, Field, FieldKind, Form, Options, Privacy, ReceiptWords, Retention,
    RetentionStart, Service, Step,
};
pub use read::NO_CREDIT_CODE;
pub use values::{Answer, Values, answer_in_words};
