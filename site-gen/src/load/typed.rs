//! Reads YAML into a type and says what is wrong when it does not fit.

use serde::de::DeserializeOwned;

use super::yaml;
use crate::diagnostic::{Diagnostic, Span};

/// Reads `text[from..to]` of `file` into a type.
pub fn read<T: DeserializeOwned>(file: &str, text: &str, range: Span) -> (Option<T>, Vec<Diagnostic>) {
    match yaml::read(&text[range.start..range.end]) {
        Ok(value) => (Some(value), Vec::new()),
        Err(refused) => {
            let at = refused.at.map(|at| Span::new(at, at + 1).shifted(range.start));
            (None, vec![Diagnostic::error(file, "yaml", refused.reason).at(at)])
        }
    }
}
