//! A mistake in something declared: a form, a calendar, the limits. Found by rules here, placed and printed by the generator.

/// One mistake, with the way to it inside the declaration so that whoever read the file can point at its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Keys and positions from the root: `["steps", "0", "fields", "2", "min"]`.
    pub path: Vec<String>,
    /// What is wrong, in Chinese.
    pub message: String,
    /// How to mend it, in Chinese.
    pub hint: String,
}

impl Problem {
    /// A mistake at `path` (`"steps.0.fields.2.min"`).
    pub(crate) fn at(path: &str, message: impl Into<String>, hint: impl Into<String>) -> Problem {
        let path = path.split('.').map(str::to_owned).collect();
        Problem { path, message: message.into(), hint: hint.into() }
    }
}
