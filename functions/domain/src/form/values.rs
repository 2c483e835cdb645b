//! Checked answers: what a form's fields hold once they are right.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::form::{AnswerOption, Field, FieldKind, Options};

/// Answers by their fields' ids. A field that was not answered, or not asked, is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Values(pub BTreeMap<String, Answer>);

impl Values {
    /// The answer to the field `id`.
    pub fn get(&self, id: &str) -> Option<&Answer> {
        self.0.get(id)
    }

    /// The answer to `id`, when it is a text.
    pub fn text(&self, id: &str) -> Option<&str> {
        match self.get(id) {
            Some(Answer::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The answers to `id`, when there may be several; otherwise none.
    pub fn many(&self, id: &str) -> &[String] {
        match self.get(id) {
            Some(Answer::Many(many)) => many,
            _ => &[],
        }
    }

    /// The answer to `id`, when it is a number.
    pub fn number(&self, id: &str) -> Option<u64> {
        match self.get(id) {
            Some(Answer::Number(number)) => Some(*number),
            _ => None,
        }
    }
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// A text in its normal form, a number or code in its own, a choice's value.
    Text(String),
    /// `choices` and `names`, in order.
    Many(Vec<String>),
    /// `count`
    Number(u64),
}

/// An answer as people read it: a choice by its label, several with 、 between them.
pub fn answer_in_words(field: &Field, answer: &Answer) -> String {
    let label = |value: &str| match field.kind {
        FieldKind::Choice | FieldKind::Choices => field
            .listed()
            .iter()
            .find(|option| option.value == value)
            .map_or_else(|| value.to_owned(), |option| option.label.clone()),
        _ => value.to_owned(),
    };
    match answer {
        Answer::Text(text) => label(text),
        Answer::Many(many) => many.iter().map(|value| label(value)).collect::<Vec<_>>().join("、"),
        Answer::Number(number) => number.to_string(),
    }
}

impl Field {
    /// The options that are written out; none on fields without options, or while these are still to be taken from a data file.
    pub fn listed(&self) -> &[AnswerOption] {
        match &self.options {
            Some(Options::Listed(options)) => options,
            Some(Options::From { .. }) | None => &[],
        }
    }
}
