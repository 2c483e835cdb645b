//! Checks what somebody typed against a form's declaration.

use std::collections::BTreeMap;

/// What was posted: each name with its values, in order, before any check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Raw(pub BTreeMap<String, Vec<String>>);

impl Raw {
    /// The first value posted under `name`, or an empty text.
    pub fn first(&self, name: &str) -> &str {
        self.0.get(name).and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// All values posted under `name`.
    pub fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

/// What is wrong with one field, in words that tell how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's id.
    pub field: String,
    /// 请填写 11 位手机号
    pub message: String,
}
