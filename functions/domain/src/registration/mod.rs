//! Registrations: who gets a seat, who waits, and what becomes of them until the session is over.
//!
//! 1. [`request()`] reads what somebody asks for.
//! 2. [`decide`] gives seats, a place in the queue, or a reason why not.
//! 3. [`life`] is the table of what a registration can go through, and the record of what it went through.
//! 4. [`promote`] hands what came free to whoever waits first; [`offer`] says how long it is held for them.
//! 5. [`change`] and [`check_in`] are what a registrant does later.
//!
//! Every rule is asked with what is taken at that moment; whoever stores its answer does so under a condition that the count is
//! still the same, and asks again when it is not.

pub mod change;
pub mod check_in;
pub mod life;
pub mod offer;
pub mod promote;
mod request;
mod seats;

pub use change::Change;
pub use life::{Act, By, Event, Offer, Refusal, Stage, Standing, Turn};
pub use promote::Promotion;
pub use request::request;
pub use seats::{Outcome, Request, SeatsLeft, Taken, Why, admit, admits, decide, is_open, seats_in_words, seats_left};
