//! What may stand in a cell of a spreadsheet, whatever somebody typed.

use std::borrow::Cow;

/// Most UTF-16 units of a cell: Excel cuts what is longer, or spreads it over the cells that follow.
const MOST: usize = 32_767;
/// Stands at the end of what was cut.
const CUT: &str = "……（太长，只写了开头）";

/// `typed` as a cell that no spreadsheet runs as a formula, refuses to open or cuts by itself. An apostrophe stands before what would be
/// run, in .xlsx too, where it is not needed: whoever saves that as CSV would bring the formula back to life.
pub fn harmless(typed: &str) -> Cow<'_, str> {
    const STARTS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    let mut text = Cow::Borrowed(typed);
    if typed.contains('\r') {
        text = Cow::Owned(typed.replace("\r\n", "\n").replace('\r', "\n"));
    }
    if text.contains(is_unfit) {
        text = Cow::Owned(text.chars().filter(|character| !is_unfit(*character)).collect());
    }
    if text.starts_with(['\t', '\n']) || text.trim_start().starts_with(STARTS) {
        text = Cow::Owned(format!("'{text}"));
    }
    match cut(&text) {
        Some(short) => Cow::Owned(short),
        None => text,
    }
}

/// XML has no place for it, and no spreadsheet shows it.
fn is_unfit(character: char) -> bool {
    (character.is_control() && !matches!(character, '\t' | '\n')) || matches!(character, '\u{fffe}' | '\u{ffff}')
}

/// The beginning of what is too long, never half of a character.
fn cut(text: &str) -> Option<String> {
    // A character has at most as many UTF-16 units as bytes.
    if text.len() <= MOST || text.encode_utf16().count() <= MOST {
        return None;
    }
    let room = MOST - CUT.encode_utf16().count();
    let mut units = 0;
    let kept = text.chars().take_while(|character| {
        units += character.len_utf16();
        units <= room
    });
    Some(kept.chain(CUT.chars()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_never_becomes_a_formula() {
        for (typed, cell) in [
            ("=1+1", "'=1+1"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\n=1"),
            ("\u{0}=1", "'=1"),
            ("  =1", "'  =1"),
            ("＝1+1", "'＝1+1"),
            ("1=1", "1=1"),
            ("相山区某某食品厂", "相山区某某食品厂"),
            ("", ""),
        ] {
            assert_eq!(harmless(typed), cell, "{typed:?}");
        }
    }

    #[test]
    fn what_xml_cannot_hold_is_left_out_and_lines_end_alike() {
        assert_eq!(harmless("一\r\n二\r三\u{b}\u{1b}[31m\u{7f}\u{85}\u{ffff}\t四😀ש"), "一\n二\n三[31m\t四😀ש");
    }

    #[test]
    fn what_is_too_long_is_cut_between_two_characters_and_says_so() {
        assert_eq!(harmless(&"字".repeat(MOST)), "字".repeat(MOST));
        for long in ["字".repeat(MOST + 1), "😀".repeat(MOST), format!("a{}", "😀".repeat(MOST))] {
            let cell = harmless(&long);
            let units = cell.encode_utf16().count();
            assert!((MOST - 1..=MOST).contains(&units) && cell.ends_with(CUT), "{units}");
            assert!(long.starts_with(cell.trim_end_matches(CUT)));
        }
    }
}
