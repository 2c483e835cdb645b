//! The rules of 相商未来: what a form asks, what an appeal and a registration may become, which days are worked.
//!
//! Nothing here reads a file, a clock or a socket. The present moment is an argument, text from outside is parsed once
//! into a type that cannot be wrong, and every decision is a plain function that answers in the field's own words.

pub mod time;
pub mod value;

pub mod calendar;
pub mod limits;
pub mod words;

pub mod consent;
pub mod erasure;
pub mod form;

pub mod appeal;
pub mod attachment;
pub mod message;
pub mod registration;
pub mod session;

pub mod problem;

#[cfg(test)]
mod fixtures;

pub use problem::Problem;
pub use session::{Announced, Attendance, Session, SessionId, Way};
pub use time::Moment;
