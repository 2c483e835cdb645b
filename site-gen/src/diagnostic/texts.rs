//! The texts that diagnostics quote, and the way from a byte to a line and a column.

use std::{collections::BTreeMap, sync::Arc};

use super::Diagnostic;

/// The text of each file that was read, by the name diagnostics give it. A document and its entry here share one text.
#[derive(Debug, Clone, Default)]
pub struct Texts(BTreeMap<String, Arc<str>>);

impl Texts {
    /// Keeps the text of `file`.
    pub fn insert(&mut self, file: impl Into<String>, text: Arc<str>) {
        self.0.insert(file.into(), text);
    }

    /// Forgets the text of `file`.
    pub fn remove(&mut self, file: &str) {
        self.0.remove(file);
    }

    /// Forgets the texts of those files of which `wanted` does not say yes.
    pub fn retain(&mut self, wanted: impl Fn(&str) -> bool) {
        self.0.retain(|file, _| wanted(file));
    }

    /// The text of `file`, when it was read.
    pub fn get(&self, file: &str) -> Option<&Arc<str>> {
        self.0.get(file)
    }

    /// Every text with the name of its file, in the order of names.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Arc<str>)> {
        self.0.iter().map(|(file, text)| (file.as_str(), text))
    }

    /// Those that `diagnostics` quote.
    pub fn quoted_by(&self, diagnostics: &[Diagnostic]) -> Texts {
        let quoted = diagnostics.iter().filter_map(|diagnostic| self.0.get_key_value(&diagnostic.file));
        Texts(quoted.map(|(file, text)| (file.clone(), Arc::clone(text))).collect())
    }

    /// Takes over all texts of `other`.
    pub fn extend(&mut self, other: Texts) {
        self.0.extend(other.0);
    }
}

/// A place in a text as people count it: both numbers begin at 1, the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

/// Where the byte at `offset` stands. An offset beyond the end, or inside a character, is moved to the nearest before it.
pub fn place(text: &str, offset: usize) -> Place {
    let offset = floor_char_boundary(text, offset);
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place { line: memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1, column: before[line_start..].chars().count() + 1 }
}

/// `offset`, or the nearest place before it at which a character begins.
pub fn floor_char_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_from_one() {
        let text = "标题：x\ntags: 融资\n";
        for (offset, line, column) in
            [(0, 1, 1), (3, 1, 2), (9, 1, 4), (11, 2, 1), (17, 2, 7), (20, 2, 8), (24, 3, 1), (999, 3, 1)]
        {
            assert_eq!(place(text, offset), Place { line, column }, "offset {offset}");
        }
    }

    #[test]
    fn an_offset_inside_a_character_is_moved_to_its_beginning() {
        assert_eq!(place("标题", 4), Place { line: 1, column: 2 });
    }
}
