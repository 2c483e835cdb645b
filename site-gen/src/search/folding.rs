//! The one rule by which two writings count as the same. The theme's `search.js` follows it to the letter; `folding.json` holds cases for
//! both.
//!
//! 1. A text is composed (NFC), so that a letter and its accent are one character.
//! 2. Each character is folded by itself: compatibility form (NFKC), then lower case. What a keyboard or an input method chooses by chance
//!    becomes the same: brackets (`〔2017〕`, `[2017]`, `（2017）`), quotation marks, dashes, middle dots. Soft hyphens and marks without width are dropped.
//! 3. White space, line breaks among it, is one space between two letters or digits of the alphabets (`is_narrow`), and nothing elsewhere: in Chinese text
//!    it is a matter of taste (第 2 步, 第2步), but `small and` must not hold `land`.

use std::str::Chars;

use icu_normalizer::ComposingNormalizerBorrowed;

/// Appends `text`, folded.
pub fn fold(text: &str, into: &mut Vec<char>) {
    if text.chars().all(is_composed) {
        fold_composed(text.chars(), into);
    } else {
        fold_composed(ComposingNormalizerBorrowed::new_nfc().normalize(text).chars(), into);
    }
}

fn fold_composed(text: Chars<'_>, into: &mut Vec<char>) {
    let begin = into.len();
    let mut space = false;
    let mut push = |character: char| {
        if is_space(character) {
            space = true;
        } else if !is_dropped(character) {
            let before = into.len() > begin && is_narrow(into[into.len() - 1]);
            if std::mem::take(&mut space) && before && is_narrow(character) {
                into.push(' ');
            }
            into.push(character);
        }
    };
    for character in text {
        match character {
            '\u{4e00}'..='\u{9fff}' | '。' | '、' => push(character),
            'a'..='z' | '0'..='9' => push(character),
            '\0'..='\x7f' => push(alike(character.to_ascii_lowercase())),
            // The full-width forms of ASCII.
            '\u{ff01}'..='\u{ff5e}' => {
                let narrow = char::from_u32(character as u32 - 0xfee0).expect("below 0x7f");
                push(alike(narrow.to_ascii_lowercase()));
            }
            _ => {
                let compatible = ComposingNormalizerBorrowed::new_nfkc().normalize_iter(std::iter::once(character));
                compatible.flat_map(char::to_lowercase).for_each(|character| push(alike(character)));
            }
        }
    }
}

/// Composing leaves it alone, whatever stands beside it: the characters that nearly all texts are made of.
fn is_composed(character: char) -> bool {
    matches!(character, '\0'..='\u{2ff}' | '\u{2010}'..='\u{205f}' | '\u{3000}'..='\u{3029}' | '\u{4e00}'..='\u{9fff}' | '\u{ff01}'..='\u{ff5e}')
}

/// One writing for what is told apart by nobody who searches.
fn alike(character: char) -> char {
    match character {
        '[' | '〔' | '【' | '〖' => '(',
        ']' | '〕' | '】' | '〗' => ')',
        '“' | '”' | '„' | '‟' => '"',
        '‘' | '’' | '‚' | '‛' => '\'',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '•' | '‧' | '・' => '·',
        '〜' => '~',
        _ => character,
    }
}

fn is_space(character: char) -> bool {
    matches!(character,
        '\t'..='\r' | ' ' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

fn is_dropped(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

/// Letters and digits of alphabets, which are written with spaces between words.
fn is_narrow(character: char) -> bool {
    matches!(character, '0'..='9' | 'a'..='z' | '\u{c0}'..='\u{1fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_that_the_script_keeps_too() {
        let cases: Vec<(String, String)> = serde_json::from_str(include_str!("folding.json")).expect("a list of pairs");
        for (written, expected) in cases {
            let mut folded = Vec::new();
            fold(&written, &mut folded);
            assert_eq!(folded.iter().collect::<String>(), expected, "{written:?}");
        }
    }

    #[test]
    fn a_folded_text_folds_to_itself() {
        for text in ["国办发〔2017〕47号", "ＡＢＣ　Ｄ", "ISO 9001 认证", "“最后一公里”——14:00～17:00", "㈱ ½ ﬁ Å"]
        {
            let (mut once, mut twice) = (Vec::new(), Vec::new());
            fold(text, &mut once);
            fold(&once.iter().collect::<String>(), &mut twice);
            assert_eq!(once, twice, "{text}");
        }
    }
}
