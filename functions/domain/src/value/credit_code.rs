//! 统一社会信用代码 (GB 32100-2015): the 18 characters by which a firm is known.

use std::{fmt, str::FromStr};

use crate::value::{serialize_as_text, text};

/// The alphabet, in the order of its values: no I O S V Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Weights of the first seventeen characters.
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// A credit code with a right check character.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreditCode(
    // 18 characters of ALPHABET, the last one the check character of the others.
    String,
);

impl CreditCode {
    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not a credit code, in words for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotACreditCode {
    /// It has another number of characters.
    #[error("请填写 18 位统一社会信用代码，现在是 {0} 位；没有的请填「暂无」")]
    Length(usize),
    /// It has a character outside of the alphabet.
    #[error("统一社会信用代码里不会有「{found}」，请对照营业执照改正{}", suggestion(.found))]
    Character {
        /// The first such character.
        found: char,
    },
    /// The check character does not fit the others.
    #[error("统一社会信用代码有一位对不上，请对照营业执照逐位核对；没有的请填「暂无」")]
    Check,
}

/// Letters left out of the alphabet because they look like a digit.
fn suggestion(found: &char) -> &'static str {
    match found {
        'O' => "（是不是数字 0？）",
        'I' => "（是不是数字 1？）",
        'Z' => "（是不是数字 2？）",
        'S' => "（是不是数字 5？）",
        'V' => "（是不是字母 U 或 Y？）",
        _ => "",
    }
}

impl FromStr for CreditCode {
    type Err = NotACreditCode;

    fn from_str(typed: &str) -> Result<CreditCode, NotACreditCode> {
        let code = text::compact(typed).to_uppercase();
        let length = code.chars().count();
        if length != 18 {
            return Err(NotACreditCode::Length(length));
        }
        let mut values = [0; 18];
        for (value, found) in values.iter_mut().zip(code.chars()) {
            let position = ALPHABET.iter().position(|&letter| char::from(letter) == found);
            *value = position.ok_or(NotACreditCode::Character { found })?;
        }
        let sum: usize = values.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
        // The outer remainder matters: without it a sum divisible by 31 would ask for a 32nd character.
        let check = (31 - sum % 31) % 31;
        if values[17] == check { Ok(CreditCode(code)) } else { Err(NotACreditCode::Check) }
    }
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serialize_as_text!(CreditCode);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn real_codes_are_taken() {
        for code in [
            "91110000600037341L",
            "91350100M000100Y43",
            "91310000775785552L",
            "91440300708461136T",
            // The weighted sum of these three is divisible by 31.
            "91340603C6B36JMWD0",
            "913406034TUA93NGT0",
            "91340603KXPXL8L710",
        ] {
            assert_eq!(code.parse::<CreditCode>().map(|code| code.to_string()), Ok(code.to_owned()));
        }
    }

    #[test]
    fn what_a_keyboard_does_to_a_code_is_mended() {
        for typed in
            ["91350100m000100y43", " 9135 0100 M000 100Y 43 ", "9135-0100-M000-100Y43", "９１３５０１００Ｍ０００１００Ｙ４３"]
        {
            assert_eq!(typed.parse::<CreditCode>().expect(typed).as_str(), "91350100M000100Y43");
        }
    }

    #[test]
    fn letters_may_stand_in_front_and_any_region_is_allowed() {
        for front in ["A1", "N1", "Y1"] {
            let seventeen = format!("{front}999999MA2ABCDEF");
            let codes = ALPHABET.iter().filter(|&&check| format!("{seventeen}{}", check as char).parse::<CreditCode>().is_ok());
            assert_eq!(codes.count(), 1, "exactly one check character fits {seventeen}");
        }
    }

    #[test]
    fn a_wrong_code_is_explained() {
        let cases = [
            ("91350100M000100Y4A", NotACreditCode::Check),
            ("91350100M000100Y4", NotACreditCode::Length(17)),
            ("", NotACreditCode::Length(0)),
            ("91350100MO00100Y43", NotACreditCode::Character { found: 'O' }),
            ("91350100M000100Y4三", NotACreditCode::Character { found: '三' }),
        ];
        for (typed, why) in cases {
            assert_eq!(typed.parse::<CreditCode>(), Err(why), "{typed}");
        }
        let words = NotACreditCode::Character { found: 'O' }.to_string();
        assert_eq!(words, "统一社会信用代码里不会有「O」，请对照营业执照改正（是不是数字 0？）");
    }

    proptest! {
        #[test]
        fn one_wrong_character_never_passes(position in 0usize..18, off_by in 1usize..31) {
            let mut code = *b"91350100M000100Y43";
            let right = ALPHABET.iter().position(|letter| *letter == code[position]).expect("a valid code");
            code[position] = ALPHABET[(right + off_by) % 31];
            let code = String::from_utf8(code.to_vec()).expect("ASCII");
            prop_assert_eq!(code.parse::<CreditCode>(), Err(NotACreditCode::Check));
        }
    }
}
