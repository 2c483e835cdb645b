//! Reads YAML into a type. What fits is read straight into it; only what does not is looked at closely:
//!
//! 1. `syntax` makes a tree of it, mending what is not YAML.
//! 2. `inspect` compares the tree with the type's own schema (`shape`) and says what does not fit; `advice` and `dates` know
//!    what it should have been.
//! 3. What the author meant, or a stand-in, is read into the type, so that later stages can look for mistakes of their own.

mod advice;
mod dates;
mod inspect;
pub mod shape;
mod syntax;

use std::collections::BTreeSet;

use domain::Moment;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

pub use self::dates::written;
use self::{
    inspect::{Setting, inspect},
    shape::Schema,
};
use super::yaml::{self, Node};
use crate::diagnostic::{Diagnostic, Span};

/// A part of a file that holds YAML.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// The file, as diagnostics call it.
    pub file: &'a str,
    /// All of its text.
    pub text: &'a str,
    /// Where in it the YAML stands.
    pub at: Span,
}

impl<'a> Part<'a> {
    /// A file that is YAML from its first to its last byte.
    pub fn whole(file: &'a str, text: &'a str) -> Part<'a> {
        Part { file, text, at: Span::new(0, text.len()) }
    }

    /// The YAML.
    pub fn yaml(&self) -> &'a str {
        &self.text[self.at.start..self.at.end]
    }

    /// Where to point when something is missing: the first line that says something, or the one above the YAML.
    pub fn head(&self) -> Span {
        let text = if self.at.start > 0 { &self.text[..self.at.start] } else { self.text };
        let mut offset = 0;
        for line in text.split_inclusive('\n') {
            let words = line.trim();
            if !words.is_empty() && !words.starts_with('#') {
                return Span::new(offset, offset + line.trim_end().len());
            }
            offset += line.len();
        }
        Span::new(0, 0)
    }
}

/// A value and what was wrong on the way to it.
#[derive(Debug)]
pub struct Read<T> {
    /// What was written, with stand-ins where it did not fit.
    pub value: Option<T>,
    /// Where the value is not the author's: `event.start`. The whole is when it holds the empty path.
    pub wrong: BTreeSet<String>,
    /// Mistakes.
    pub diagnostics: Vec<Diagnostic>,
    /// The tree, when it was needed; its places are those of the file.
    pub tree: Option<Node>,
}

impl<T: DeserializeOwned + JsonSchema> Read<T> {
    /// What comes of a file in which nothing was written.
    pub fn all_stand_ins(now: Moment) -> Read<T> {
        let value = serde_json::from_value(inspect::stand_in(Schema::of::<T>().shape(), now)).ok();
        Read { value, wrong: BTreeSet::from([String::new()]), diagnostics: Vec::new(), tree: None }
    }
}

/// Reads a part of a file into a type.
pub fn read<T: DeserializeOwned + JsonSchema>(part: Part<'_>, now: Moment) -> Read<T> {
    match yaml::read(part.yaml()) {
        Ok(value) => Read { value: Some(value), wrong: BTreeSet::new(), diagnostics: Vec::new(), tree: None },
        Err(refused) => diagnose(part, now, &refused),
    }
}

fn diagnose<T: DeserializeOwned + JsonSchema>(part: Part<'_>, now: Moment, refused: &yaml::Refused) -> Read<T> {
    let schema = Schema::of::<T>();
    let look = |reading: syntax::Reading| {
        let tree = reading.tree.map(|tree| tree.shifted(part.at.start));
        let setting = Setting { file: part.file, text: part.text, head: part.head(), now, lost: &reading.lost };
        let mut inspected = inspect(tree.as_ref(), schema.shape(), &setting);
        let unread = reading
            .diagnostics
            .into_iter()
            .map(|found| Diagnostic { span: found.span.map(|span| span.shifted(part.at.start)), ..found });
        inspected.diagnostics.extend(unread);
        (inspected, tree)
    };
    let (mut inspected, mut tree) = look(syntax::read(part.file, part.yaml()));
    if inspected.diagnostics.is_empty() {
        // The two parsers disagree: look for what usually is the matter, and else say what the strict one said.
        (inspected, tree) = look(syntax::mended(part.file, part.yaml()));
    }
    if inspected.diagnostics.is_empty() {
        let at = refused.at.map_or(part.head(), |at| Span::new(at, at + 1).shifted(part.at.start));
        inspected.diagnostics.push(
            Diagnostic::error(part.file, "yaml", format!("读不懂：{}", refused.reason))
                .at(at)
                .hint("检查这一行和上一行的缩进、冒号和引号；对照 `site-gen schema` 给出的写法"),
        );
    }
    Read { value: serde_json::from_value(inspected.value).ok(), wrong: inspected.wrong, diagnostics: inspected.diagnostics, tree }
}
