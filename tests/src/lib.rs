//! Whole-system tests: the real binary, the real content, a real browser, a process that is really killed.
//!
//! [`Site`] is a copy of the project's content and themes in a folder of its own; [`Server`] is `xiangshang serve` running on it;
//! [`Browser`] is Chromium behind chromedriver, a phone or a desktop, with JavaScript or without.

pub mod browser;
pub mod checks;
pub mod server;

pub use browser::{Browser, Cost, Device};
pub use server::{Server, Site};
