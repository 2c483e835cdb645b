//! A mistake as a value: where, how bad, what, and how to mend it. Collected by every stage, printed once.

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

/// Byte offsets in the file's text; line and column are computed from the text when printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// How bad it is. What grows stale by itself only warns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The build is refused.
    Error,
    /// The build goes on.
    Warning,
}
