//! The generator on whole sites: what comes out of right ones, what is said of wrong ones, that what it remembers changes nothing, and what
//! its commands do in people's folders.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod given;

mod diagnostics;
mod doctor;
mod import;
mod memory;
mod pictures;
mod posters;
mod record;
mod review;
mod schema;
mod sites;
