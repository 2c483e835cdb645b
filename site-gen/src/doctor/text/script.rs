//! Traditional characters where simplified ones belong: the debris of converters (`業(yè)`), and single characters that were left. What counts as
//! traditional is read out of OpenCC's tables; a character that is right in simplified text as well (乾 in 乾坤, 著 in 著名) is not looked for.

use std::sync::LazyLock;

use hanconv::RawDictionary::{STCharacters, TSCharacters};

use super::{Hit, is_han};
use crate::doctor::rules::{DEBRIS, MIXED_SCRIPT};

/// Traditional text in simplified characters.
pub fn simplified(text: &str) -> String {
    hanconv::t2s(text)
}

/// `業(yè)`: a character that a converter could not turn into its simplified form, with its pronunciation.
pub fn debris(text: &str, hits: &mut Vec<Hit>) {
    for (at, character) in text.char_indices().filter(|(_, character)| is_han(*character)) {
        let rest = &text[at + character.len_utf8()..];
        let Some((open, close)) = [('(', ')'), ('（', '）')].into_iter().find(|(open, _)| rest.starts_with(*open)) else {
            continue;
        };
        let inner = &rest[open.len_utf8()..];
        let Some(length) = inner.find(close).filter(|length| *length <= 9) else { continue };
        if !is_pronunciation(&inner[..length]) {
            continue;
        }
        let end = at + character.len_utf8() + open.len_utf8() + length + close.len_utf8();
        let right = simplified(&character.to_string());
        // 「婺（wù）源」 tells how a rare character is read, and 「咖啡(café)」 what it is called elsewhere.
        if right.starts_with(character) {
            continue;
        }
        let hint = format!("改成「{right}」");
        hits.push(Hit::new(&DEBRIS, at..end, format!("夹着转码留下的注音：`{}`", &text[at..end]), hint).mended(right));
    }
}

/// Latin letters in lower case with a tone among them.
fn is_pronunciation(text: &str) -> bool {
    let is_letter = |letter: char| letter.is_lowercase() && !is_han(letter);
    !text.is_empty() && text.chars().all(is_letter) && text.chars().any(|letter| "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ".contains(letter))
}

/// Traditional characters. One hit for all of a passage: whoever mends one mends all.
pub fn mixed(text: &str, hits: &mut Vec<Hit>) {
    let found: Vec<(usize, char)> = text.char_indices().filter(|(_, character)| is_traditional(*character)).collect();
    // With its pronunciation behind it, it is debris and has been told.
    let told = |at: usize| hits.iter().any(|hit| hit.rule == &DEBRIS && hit.range.contains(&at));
    let found: Vec<(usize, char)> = found.into_iter().filter(|(at, _)| !told(*at)).collect();
    let Some((first, character)) = found.first().copied() else { return };
    let right = |character: char| simplified(&character.to_string());
    let shown: Vec<String> = found.iter().take(6).map(|(_, character)| format!("{character}→{}", right(*character))).collect();
    let more = if found.len() > 6 { format!(" 等 {} 个", found.len()) } else { String::new() };
    let hint = format!("改成简体：{}{more}；人名、书名确要用繁体的，写一条 `silence`", shown.join("、"));
    let message = format!("夹着繁体字「{character}」");
    let mut hit = Hit::new(&MIXED_SCRIPT, first..first + character.len_utf8(), message, hint);
    hit.edits = found.iter().map(|(at, character)| (*at..at + character.len_utf8(), right(*character))).collect();
    hits.push(hit);
}

/// A character that simplified text never has.
pub fn is_traditional(character: char) -> bool {
    is_han(character) && TRADITIONAL.has(character)
}

static TRADITIONAL: LazyLock<Set> = LazyLock::new(|| {
    let mut set = Set::default();
    for line in TSCharacters.lines() {
        let mut words = line.split_whitespace().filter_map(|word| word.chars().next());
        let Some(character) = words.next() else { continue };
        if words.all(|other| other != character) {
            set.add(character);
        }
    }
    // Some are simplified characters in their own right: 后 is the simplified 後 and the old 后.
    for line in STCharacters.lines() {
        if let Some(character) = line.chars().next() {
            set.remove(character);
        }
    }
    set
});

/// A set of characters of the basic plane: all text is asked about, character by character.
struct Set(Vec<u64>);

impl Default for Set {
    fn default() -> Set {
        Set(vec![0; 0x1_0000 / 64])
    }
}

impl Set {
    fn add(&mut self, character: char) {
        if let Some(word) = self.0.get_mut(character as usize / 64) {
            *word |= 1 << (character as usize % 64);
        }
    }

    fn remove(&mut self, character: char) {
        if let Some(word) = self.0.get_mut(character as usize / 64) {
            *word &= !(1 << (character as usize % 64));
        }
    }

    fn has(&self, character: char) -> bool {
        self.0.get(character as usize / 64).is_some_and(|word| word & (1 << (character as usize % 64)) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_never_simplified_is_traditional() {
        for character in "業務務與為國發後裏臺灣個說這時會來對開關門問間業學實應點電話".chars().filter(|c| !"会来".contains(*c))
        {
            assert!(is_traditional(character), "{character}");
        }
        for character in "企业乾坤著名后干里面台州征于余瞭藉口系准升松丑斗谷几千卜云向术朴制表了只舍蒙".chars()
        {
            assert!(!is_traditional(character), "{character}");
        }
    }

    #[test]
    fn debris_is_a_character_with_its_pronunciation() {
        for (text, expected) in [
            ("企業(yè)家", vec!["業(yè)"]),
            ("服務(wù)企業（yè）", vec!["務(wù)", "業（yè）"]),
            ("企业(家)", vec![]),
            ("企业(QR)", vec![]),
            ("小微(micro)企业", vec![]),
            ("咖啡(café)", vec![]),
            ("婺（wù）源", vec![]),
        ] {
            let mut hits = Vec::new();
            debris(text, &mut hits);
            assert_eq!(hits.iter().map(|hit| &text[hit.range.clone()]).collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
