//! Collects what rules find in one part of a file, each at the place of its key.

use std::{cell::OnceCell, collections::BTreeSet};

use super::super::{
    typed::{Part, Read},
    yaml::{self, Node},
};
use crate::diagnostic::{Diagnostic, Span};

/// What was found so far in one part of a file.
pub struct Report<'a> {
    part: Part<'a>,
    /// Paths whose values are stand-ins.
    wrong: &'a BTreeSet<String>,
    /// Made when the first mistake is placed: most files have none.
    tree: OnceCell<Option<Node>>,
    diagnostics: Vec<Diagnostic>,
}

/// A mistake that was just reported and may be given a hint; nothing when it was about a stand-in.
pub struct Reported<'r>(Option<&'r mut Diagnostic>);

impl Reported<'_> {
    /// How to mend it.
    pub fn hint(self, hint: impl Into<String>) {
        if let Some(diagnostic) = self.0 {
            diagnostic.hint = Some(hint.into());
        }
    }
}

impl<'a> Report<'a> {
    /// Nothing found yet in `part`, which was read as `read`.
    pub fn new<T>(part: Part<'a>, read: &'a Read<T>) -> Report<'a> {
        let tree = match &read.tree {
            Some(tree) => OnceCell::from(Some(tree.clone())),
            None => OnceCell::new(),
        };
        Report { part, wrong: &read.wrong, tree, diagnostics: Vec::new() }
    }

    /// An error about the value at `path` (`event.end`).
    pub fn error(&mut self, code: &'static str, path: &str, message: impl Into<String>) -> Reported<'_> {
        let diagnostic = Diagnostic::error(self.part.file, code, message);
        self.push(path, diagnostic)
    }

    /// A warning about the value at `path`.
    pub fn warning(&mut self, code: &'static str, path: &str, message: impl Into<String>) -> Reported<'_> {
        let diagnostic = Diagnostic::warning(self.part.file, code, message);
        self.push(path, diagnostic)
    }

    /// A text that must not be empty.
    pub fn filled(&mut self, path: &str, text: &str, name: &str) {
        if text.trim().is_empty() {
            let key = path.rsplit('.').next().unwrap_or(path).to_owned();
            self.error("empty_value", path, format!("`{key}`（{name}）是空的")).hint(format!("在 `{key}:` 后面写上{name}"));
        }
    }

    /// The value at `path` is what the author wrote.
    pub fn sound(&self, path: &str) -> bool {
        let is_above =
            |wrong: &str| wrong.is_empty() || path == wrong || path.strip_prefix(wrong).is_some_and(|rest| rest.starts_with('.'));
        !self.wrong.iter().any(|wrong| is_above(wrong))
    }

    /// Everything found.
    pub fn finish(self) -> Vec<Diagnostic> {
        self.diagnostics
    }

    fn push(&mut self, path: &str, diagnostic: Diagnostic) -> Reported<'_> {
        if !self.sound(path) {
            return Reported(None);
        }
        let at = self.place(path);
        self.diagnostics.push(diagnostic.at(at));
        Reported(self.diagnostics.last_mut())
    }

    /// Where the value at `path` stands; when it is not written, the nearest that is around it.
    fn place(&self, path: &str) -> Span {
        let offset = self.part.at.start;
        let tree = self.tree.get_or_init(|| yaml::tree(self.part.yaml()).ok().flatten().map(|tree| tree.shifted(offset)));
        let Some(tree) = tree else { return self.part.head() };
        let steps: Vec<&str> = path.split('.').filter(|step| !step.is_empty()).collect();
        (1..=steps.len())
            .rev()
            .find_map(|length| {
                let (key, value) = yaml::find(tree, &steps[..length])?;
                // Around what is missing, the key says more than all that stands below it.
                Some(if length == steps.len() { value } else { key })
            })
            .unwrap_or_else(|| self.part.head())
    }
}
