//! A mistake as a value: where, how bad, what, and how to mend it. Collected by every stage, printed once.

mod github;
mod human;
mod json;
mod texts;

pub use github::render_github;
pub use human::{Colours, render_human, summary};
pub use json::render_json;
pub use texts::{Place, Texts, floor_char_boundary, place};

/// One finding about content or theme.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Path relative to the root: `content/courses/2026-q4.md`.
    pub file: String,
    /// Where in the file; none when it concerns the file as a whole.
    pub span: Option<Span>,
    /// Refuses the build, or only warns.
    pub severity: Severity,
    /// A stable name for machines: `unknown_key`, `broken_link`.
    pub code: &'static str,
    /// What is wrong, in Chinese.
    pub message: String,
    /// How to mend it, in Chinese.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error about `file` as a whole; [`Diagnostic::at`] and [`Diagnostic::hint`] say more.
    pub fn error(file: impl Into<String>, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic { file: file.into(), span: None, severity: Severity::Error, code, message: message.into(), hint: None }
    }

    /// A warning about `file` as a whole.
    pub fn warning(file: impl Into<String>, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(file, code, message) }
    }

    /// The same, at a place.
    pub fn at(self, span: impl Into<Option<Span>>) -> Diagnostic {
        Diagnostic { span: span.into(), ..self }
    }

    /// The same, with the way to mend it.
    pub fn hint(self, hint: impl Into<String>) -> Diagnostic {
        Diagnostic { hint: Some(hint.into()), ..self }
    }

    /// It refuses the build.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Byte offsets in the file's text; line and column are computed from the text when printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// From `start` up to `end`.
    pub fn new(start: usize, end: usize) -> Span {
        Span { start, end }
    }

    /// The same place in a text in which `offset` bytes come before this one.
    pub fn shifted(self, offset: usize) -> Span {
        Span { start: self.start + offset, end: self.end + offset }
    }
}

/// How bad it is. What grows stale by itself only warns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The build is refused.
    Error,
    /// The build goes on.
    Warning,
}
