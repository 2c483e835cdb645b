//! What a load has found so far: mistakes, and the texts they quote.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Texts};

/// Collects while files are read; parallel readers give theirs back as values.
#[derive(Debug, Default)]
pub struct Findings {
    diagnostics: Vec<Diagnostic>,
    texts: Texts,
}

impl Findings {
    /// Goes on from what an earlier load found.
    pub fn of(diagnostics: Vec<Diagnostic>, texts: Texts) -> Findings {
        Findings { diagnostics, texts }
    }

    /// Forgets all about `file`.
    pub fn forget(&mut self, file: &str) {
        self.diagnostics.retain(|diagnostic| diagnostic.file != file);
        self.texts.remove(file);
    }

    /// Adds one mistake.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Adds the mistakes that came with a value, and hands the value on.
    pub fn take<T>(&mut self, (value, diagnostics): (T, Vec<Diagnostic>)) -> T {
        self.diagnostics.extend(diagnostics);
        value
    }

    /// Keeps the text of `file`.
    pub fn keep(&mut self, file: &str, text: &Arc<str>) {
        self.texts.insert(file, Arc::clone(text));
    }

    /// Everything found, in the order of files and places.
    pub fn finish(mut self) -> (Vec<Diagnostic>, Texts) {
        self.diagnostics.sort();
        self.diagnostics.dedup();
        (self.diagnostics, self.texts)
    }
}
