//! Rules of text: each looks at one passage and gives hits, which are ranges of the passage with what is wrong and how to mend it.
//!
//! The crate `autocorrect` was looked at first: it tells corrected lines rather than places and reasons, wants a space between Han characters and digits,
//! which our pages leave to the style sheet, and brings thirty grammars of programming languages. These rules say less and are sure of it.

mod marks;
mod paste;
mod script;
mod width;

use std::ops::Range;

use super::rules::Rule;
use crate::markdown::prose::Passage;

pub use paste::debris_of_pages;
pub use script::{is_traditional, simplified};

/// Something wrong with a passage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The rule that it breaks.
    pub rule: &'static Rule,
    /// Where in the passage.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub hint: String,
    /// What would mend it, as ranges of the passage and what goes there; nothing when a person must decide.
    pub edits: Vec<(Range<usize>, String)>,
}

impl Hit {
    /// One that a person must mend.
    pub fn new(rule: &'static Rule, range: Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> Hit {
        Hit { rule, range, message: message.into(), hint: hint.into(), edits: Vec::new() }
    }

    /// The same, mended by putting `text` in place of its range.
    pub fn mended(mut self, text: impl Into<String>) -> Hit {
        self.edits.push((self.range.clone(), text.into()));
        self
    }
}

/// Everything that is wrong with the words of `passage`.
pub fn look(passage: &Passage) -> Vec<Hit> {
    let mut hits = Vec::new();
    let text = passage.text.as_str();
    if text.is_ascii() {
        // A number, an English name: only what was left to be filled in can be wrong.
        paste::placeholders(text, &mut hits);
        return hits;
    }
    script::debris(text, &mut hits);
    script::mixed(text, &mut hits);
    width::letters(text, &mut hits);
    width::quotes(text, &mut hits);
    width::punctuation(text, &mut hits);
    width::brackets(text, &mut hits);
    marks::repeated(text, &mut hits);
    marks::spaces(passage, &mut hits);
    marks::unbalanced(text, &mut hits);
    marks::invisible(text, &mut hits);
    paste::mojibake(text, &mut hits);
    paste::placeholders(text, &mut hits);
    paste::pasted(text, &mut hits);
    if passage.key.is_some() {
        paste::entities(text, &mut hits);
    }
    hits
}

/// Han characters proper, without punctuation.
pub fn is_han(character: char) -> bool {
    matches!(character, '〇' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Punctuation that only Chinese has, or that stands in Chinese text.
fn is_chinese_mark(character: char) -> bool {
    matches!(
        character,
        '，' | '。' | '；' | '：' | '、' | '！' | '？' | '）' | '》' | '」' | '』' | '】' | '（' | '《' | '「' | '『' | '【'
    )
}

/// The character before the byte `at`.
fn before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

/// The character at the byte `at`.
fn after(text: &str, at: usize) -> Option<char> {
    text[at..].chars().next()
}

/// The places that `look` finds in a text.
#[cfg(test)]
fn found(look: fn(&str, &mut Vec<Hit>), text: &str) -> Vec<String> {
    let mut hits = Vec::new();
    look(text, &mut hits);
    hits.iter().map(|hit| text[hit.range.clone()].to_owned()).collect()
}
