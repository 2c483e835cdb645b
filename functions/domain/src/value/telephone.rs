//! Telephone numbers as they are dialled in China: mobile, landline with area code, 400 and 800 hotlines.

use std::{fmt, str::FromStr};

use crate::value::{serialize_as_text, text};

/// A mobile number: `1[3-9]` and nine digits. There is no list of prefixes, because carriers keep adding some.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mobile(
    // Eleven ASCII digits as above.
    String,
);

impl Mobile {
    /// The eleven digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For whoever need not call: 138****1234.
    pub fn masked(&self) -> String {
        mask(&self.0, 3, 4)
    }
}

/// Why a text is not a mobile number, in words for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAMobile {
    /// It has another number of digits.
    #[error("请填写 11 位手机号，现在是 {0} 位")]
    Length(usize),
    /// It has eleven characters or none that can be counted, but does not start like a mobile number or has other characters.
    #[error("请填写 11 位手机号，以 13 到 19 开头，只含数字")]
    Shape,
}

impl FromStr for Mobile {
    type Err = NotAMobile;

    fn from_str(typed: &str) -> Result<Mobile, NotAMobile> {
        let digits = without_country(&text::compact(typed)).to_owned();
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotAMobile::Shape);
        }
        if digits.len() != 11 {
            return Err(NotAMobile::Length(digits.len()));
        }
        if is_mobile(&digits) { Ok(Mobile(digits)) } else { Err(NotAMobile::Shape) }
    }
}

impl fmt::Display for Mobile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serialize_as_text!(Mobile);

/// Any number a firm can be called at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Telephone {
    /// 13812345678
    Mobile(Mobile),
    /// 0561-3112345-801
    Landline(Landline),
    /// 400-123-4567
    Hotline(Hotline),
}

/// An area code, a number of seven or eight digits and perhaps an extension.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Landline {
    // `0` and two or three digits.
    area: String,
    // Seven or eight digits.
    number: String,
    // One to six digits.
    extension: Option<String>,
}

/// A 400 or 800 number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hotline(
    // Ten ASCII digits, the first three 400 or 800.
    String,
);

impl Telephone {
    /// For whoever need not call: 138****1234, 0561-***2345, 400-***-4567.
    pub fn masked(&self) -> String {
        match self {
            Telephone::Mobile(mobile) => mobile.masked(),
            Telephone::Landline(landline) => format!("{}-{}", landline.area, mask(&landline.number, 0, 4)),
            Telephone::Hotline(Hotline(digits)) => format!("{}-***-{}", &digits[..3], &digits[6..]),
        }
    }
}

/// Why a text is not a telephone number, in words for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotATelephone {
    /// A landline number without its area code.
    #[error("座机请加上区号，例如 0561-3112345")]
    AreaCode,
    /// Anything else.
    #[error("请填写 11 位手机号，或带区号的座机，例如 0561-3112345")]
    Shape,
}

impl FromStr for Telephone {
    type Err = NotATelephone;

    fn from_str(typed: &str) -> Result<Telephone, NotATelephone> {
        let typed = text::fold(typed).replace(text::is_dash, "-").replace(['(', ')', '转'], "-");
        let typed: String = typed.chars().filter(|character| !character.is_whitespace()).collect();
        let (typed, abroad) = match without_country(&typed) {
            rest if rest.len() < typed.len() => (rest, true),
            rest => (rest, false),
        };
        let parts: Vec<&str> = typed.split('-').filter(|part| !part.is_empty()).collect();
        if parts.is_empty() || parts.iter().any(|part| !part.bytes().all(|byte| byte.is_ascii_digit())) {
            return Err(NotATelephone::Shape);
        }
        let digits = parts.concat();
        if is_mobile(&digits) {
            return Ok(Telephone::Mobile(Mobile(digits)));
        }
        if digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800")) {
            return Ok(Telephone::Hotline(Hotline(digits)));
        }
        if digits.starts_with('0') {
            return landline(&parts).map(Telephone::Landline).ok_or(NotATelephone::Shape);
        }
        if abroad {
            // Behind +86 the area code loses its 0.
            let first = format!("0{}", parts[0]);
            let parts: Vec<&str> = std::iter::once(first.as_str()).chain(parts[1..].iter().copied()).collect();
            return landline(&parts).map(Telephone::Landline).ok_or(NotATelephone::Shape);
        }
        Err(if (7..=8).contains(&digits.len()) { NotATelephone::AreaCode } else { NotATelephone::Shape })
    }
}

impl fmt::Display for Telephone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Telephone::Mobile(mobile) => mobile.fmt(f),
            Telephone::Landline(Landline { area, number, extension: None }) => write!(f, "{area}-{number}"),
            Telephone::Landline(Landline { area, number, extension: Some(extension) }) => {
                write!(f, "{area}-{number}-{extension}")
            }
            Telephone::Hotline(Hotline(digits)) => write!(f, "{}-{}-{}", &digits[..3], &digits[3..6], &digits[6..]),
        }
    }
}

serialize_as_text!(Telephone);

/// Whether these digits are a mobile number.
fn is_mobile(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == 11 && bytes[0] == b'1' && (b'3'..=b'9').contains(&bytes[1]) && bytes.iter().all(u8::is_ascii_digit)
}

/// The number behind +86, 0086 or 86. A bare 86 counts only where a whole mobile number follows.
fn without_country(number: &str) -> &str {
    for prefix in ["+86", "0086"] {
        if let Some(rest) = number.strip_prefix(prefix) {
            return rest.trim_start_matches('-');
        }
    }
    match number.strip_prefix("86").map(|rest| rest.trim_start_matches('-')) {
        Some(rest) if is_mobile(&rest.replace('-', "")) => rest,
        _ => number,
    }
}

/// The landline number in these runs of digits, which hyphens kept apart: the first one begins with the area code's 0.
fn landline(parts: &[&str]) -> Option<Landline> {
    let digits = parts.concat();
    // Beijing (010) and the cities of 02x have three digits; every other area code has four.
    let area_length = match parts[0].len() {
        length @ 3..=4 => length,
        _ if digits.starts_with("01") || digits.starts_with("02") => 3,
        _ => 4,
    };
    let fits = |digits: &str| (7..=8).contains(&digits.len().saturating_sub(area_length));
    let (main, extension) = match parts {
        [front @ .., last] if !front.is_empty() && fits(&front.concat()) && last.len() <= 6 => {
            (front.concat(), Some((*last).to_owned()))
        }
        _ if fits(&digits) => (digits, None),
        _ => return None,
    };
    let (area, number) = main.split_at(area_length);
    Some(Landline { area: area.to_owned(), number: number.to_owned(), extension })
}

/// `digits` with everything but the first and last few hidden.
fn mask(digits: &str, first: usize, last: usize) -> String {
    let hidden = digits.len() - first - last;
    format!("{}{}{}", &digits[..first], "*".repeat(hidden), &digits[digits.len() - last..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mobile_number_is_mended() {
        for typed in [
            "13812345678",
            "138 1234 5678",
            "138-1234-5678",
            "+86 13812345678",
            "+86-138-1234-5678",
            "008613812345678",
            "8613812345678",
            "１３８１２３４５６７８",
            "＋８６　138－1234－5678",
            "\u{200b}13812345678\u{202c}",
        ] {
            assert_eq!(typed.parse::<Mobile>().expect(typed).as_str(), "13812345678");
            assert_eq!(typed.parse::<Telephone>().expect(typed).to_string(), "13812345678");
        }
    }

    #[test]
    fn a_wrong_mobile_number_is_explained() {
        let cases = [
            ("1381234567", NotAMobile::Length(10)),
            ("138123456789", NotAMobile::Length(12)),
            ("12812345678", NotAMobile::Shape),
            ("23812345678", NotAMobile::Shape),
            ("1381234567a", NotAMobile::Shape),
            ("", NotAMobile::Length(0)),
        ];
        for (typed, why) in cases {
            assert_eq!(typed.parse::<Mobile>(), Err(why), "{typed}");
        }
    }

    #[test]
    fn landlines_and_hotlines_are_mended() {
        let cases = [
            ("0561-3112345", "0561-3112345"),
            ("05613112345", "0561-3112345"),
            ("（0561）3112345", "0561-3112345"),
            ("0561 311 2345", "0561-3112345"),
            ("0561-311-2345", "0561-3112345"),
            ("+86 561 3112345", "0561-3112345"),
            ("0561—3112345—801", "0561-3112345-801"),
            ("05613112345转801", "0561-3112345-801"),
            ("01062345678", "010-62345678"),
            ("010-62345678", "010-62345678"),
            ("+861062345678", "010-62345678"),
            ("021-6234567", "021-6234567"),
            ("4001234567", "400-123-4567"),
            ("800-123-4567", "800-123-4567"),
            ("40012-34567", "400-123-4567"),
        ];
        for (typed, shown) in cases {
            assert_eq!(typed.parse::<Telephone>().map(|telephone| telephone.to_string()), Ok(shown.to_owned()), "{typed}");
        }
    }

    #[test]
    fn a_wrong_telephone_number_is_explained() {
        let cases = [
            ("3112345", NotATelephone::AreaCode),
            ("62345678", NotATelephone::AreaCode),
            ("0561-31123", NotATelephone::Shape),
            ("0561-3112345-1234567", NotATelephone::Shape),
            ("12345", NotATelephone::Shape),
            ("", NotATelephone::Shape),
            ("-", NotATelephone::Shape),
            ("打我电话", NotATelephone::Shape),
            ("+86", NotATelephone::Shape),
        ];
        for (typed, why) in cases {
            assert_eq!(typed.parse::<Telephone>(), Err(why), "{typed}");
        }
    }

    #[test]
    fn a_masked_number_keeps_what_one_recognises() {
        let cases = [
            ("13812341234", "138****1234"),
            ("0561-3112345", "0561-***2345"),
            ("010-62345678-9", "010-****5678"),
            ("400-123-4567", "400-***-4567"),
        ];
        for (typed, masked) in cases {
            assert_eq!(typed.parse::<Telephone>().expect(typed).masked(), masked);
        }
    }

    #[test]
    fn a_number_is_read_back_from_its_text() {
        let telephone: Telephone = "0561-3112345-801".parse().expect("a landline");
        let json = serde_json::to_string(&telephone).expect("text");
        assert_eq!(json, r#""0561-3112345-801""#);
        assert_eq!(serde_json::from_str::<Telephone>(&json).expect("the same"), telephone);
    }
}
