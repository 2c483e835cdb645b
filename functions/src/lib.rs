//! The functions behind the forms: parse → load → decide → commit → answer.
//!
//! 1. [`http`] parses a request.
//! 2. `catalogue` and `draft` load what it is about: the site's declarations and what somebody has typed so far.
//! 3. The rules in `domain` decide.
//! 4. `appeals`, `registrations` and `intakes` commit what `submission` makes of it to the [`table`], all or nothing.
//! 5. `pages` answers, and [`log`] says by ids what became of it.
//!
//! A [`Service`] holds a table, the keys that seal what is personal, a clock and the site's manifest. [`router`] gives it to the
//! public under `/f/`; the methods of [`office`] are what staff do.

#[cfg(feature = "aws")]
pub mod account;
mod appeals;
mod catalogue;
pub mod clock;
mod draft;
mod encoding;
pub mod files;
pub mod http;
mod intakes;
pub mod keys;
#[cfg(feature = "lambda")]
pub mod lambda;
pub mod log;
pub mod office;
mod outbox;
mod outcome;
#[cfg(all(any(test, fuzzing), feature = "sqlite"))]
pub mod outside;
pub mod publication;
mod registrations;
pub mod reseal;
mod rights;
mod scheduled;
pub mod seal;
pub mod service;
mod submission;
pub mod table;
mod token;
mod track;

pub use clock::Clock;
pub use http::{jobs, router};
pub use keys::{KeyError, KeySource};
pub use outbox::webhook::{Webhook, WebhookError};
pub use registrations::{Answered, Door, Registration, RegistrationRow, Roster};
pub use rights::Proofs;
pub use scheduled::Ran;
pub use service::{Config, OpenError, PublishError, Service, ServiceError};
