//! A failure in words for whoever typed the command, with what to do about it.

use std::fmt;

/// What went wrong and the remedy, both in Chinese.
#[derive(Debug)]
pub struct Failure {
    what: String,
    remedy: String,
}

impl Failure {
    /// A failure with its remedy.
    pub fn new(what: impl Into<String>, remedy: &str) -> Failure {
        Failure { what: what.into(), remedy: remedy.to_owned() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n怎么办：{}", self.what, self.remedy)
    }
}

impl std::error::Error for Failure {}
