//! Registrations in the table: giving out seats, waiting, and what becomes of them.
//!
//! 1. `record` is what is stored of one registration, and all that its standing implies beside it: seats, a place in the queue, its
//!    firm's share. Each change is one transaction on a versioned head with an appended event and a message.
//! 2. `session` reads what a session has given out and who waits for it.
//! 3. `register` takes a new one.
//! 4. `queue` hands what came free to whoever waits first.
//! 5. `answers` is what registrants do later: change, cancel, answer an offer, come in; `check` is what staff do with one that a
//!    person had to look at.
//!    `rights` is what they may ask of what is stored about them.
//! 6. `settle` is what nobody asks for: offers that ran out, news of a session that reaches all of its registrants.
//! 7. `exchange` keeps telephones and firms apart while the key is exchanged with which they are hashed.
//! 8. `words` shows them to people, with what they can do now (`acts`); `roster` to staff.
//!
//! Nothing is hot: seats are bounded counters that only those touch who get or give back seats. Whoever waits is appended under a
//! time-ordered key and touches no counter, and whoever comes later waits behind them; places are computed on read. One telephone has one
//! live registration per session because both use the same primary key.

mod acts;
mod answers;
mod check;
mod exchange;
mod queue;
mod record;
mod register;
mod rights;
mod roster;
mod session;
mod settle;
mod tries;
mod words;

pub use answers::{Answered, Door};
pub(crate) use check::Checked;
pub use record::Registration;
pub(crate) use record::{Stored, head_of};
pub(crate) use register::{Registered, would_wait};
pub(crate) use rights::Corrected;
pub use roster::{RegistrationRow, Roster};
pub(crate) use session::{FIRM, PERSON, is_of_a_session};
pub(crate) use settle::{News, news_key};
pub(crate) use words::session_facts;
