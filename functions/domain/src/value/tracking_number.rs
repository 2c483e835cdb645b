//! Tracking numbers: short enough to be read out on the telephone, guarded against slips, and counting nothing.

use std::{fmt, str::FromStr};

use jiff::civil::Date;

use crate::value::{serialize_as_text, text};

/// What a tracking number is the number of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrackingKind {
    /// 诉求: `XS`, five random digits.
    Appeal,
    /// 报名: `XB`, eight random digits.
    Registration,
}

impl TrackingKind {
    fn prefix(self) -> &'static str {
        match self {
            TrackingKind::Appeal => "XS",
            TrackingKind::Registration => "XB",
        }
    }

    /// How many random digits it has. A day has few appeals and many registrations, and a registration's number is the code
    /// at the door as well.
    fn random_digits(self) -> usize {
        match self {
            TrackingKind::Appeal => 5,
            TrackingKind::Registration => 8,
        }
    }
}

/// `XS` or `XB`, the day as yymmdd, random digits, and an ISO 7064 MOD 11,10 check digit over all digits before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrackingNumber {
    kind: TrackingKind,
    // Of this century.
    date: Date,
    // Less than 10 to the power of `kind.random_digits()`.
    random: u32,
}

impl TrackingNumber {
    /// The number made on `date` from a random number. `random` is reduced to as many digits as the kind has: from 64
    /// random bits each result is as likely as any other to one part in 10¹¹.
    ///
    /// # Panics
    ///
    /// When `date` is not in 2000–2099: the number has two digits for the year.
    pub fn new(kind: TrackingKind, date: Date, random: u64) -> TrackingNumber {
        assert!((2000..2100).contains(&date.year()), "a tracking number has two digits for the year");
        let random = random % 10_u64.pow(kind.random_digits() as u32);
        TrackingNumber { kind, date, random: u32::try_from(random).expect("at most eight digits") }
    }

    /// What it is the number of.
    pub fn kind(&self) -> TrackingKind {
        self.kind
    }

    /// The day it was made.
    pub fn date(&self) -> Date {
        self.date
    }

    /// All digits but the check digit.
    fn digits(&self) -> String {
        let (year, month, day) = (self.date.year() - 2000, self.date.month(), self.date.day());
        format!("{year:02}{month:02}{day:02}{:0width$}", self.random, width = self.kind.random_digits())
    }
}

/// Why a text is not a tracking number, in words for the person who typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotATrackingNumber {
    /// Wrong letters, length or date.
    #[error("请填写回执上的编号：XS 或 XB 开头，后面是 12 位或 15 位数字")]
    Shape,
    /// The check digit does not fit: one digit is wrong, or two are swapped.
    #[error("编号有一位对不上，请对照回执再核对一遍")]
    Check,
}

impl FromStr for TrackingNumber {
    type Err = NotATrackingNumber;

    /// Reads what a person types: in any case and width, with spaces and hyphens, also without the letters, since the number of
    /// digits tells the kind.
    fn from_str(typed: &str) -> Result<TrackingNumber, NotATrackingNumber> {
        let typed = text::compact(typed).to_uppercase();
        let kinds = [TrackingKind::Appeal, TrackingKind::Registration];
        let named = kinds.iter().find_map(|&kind| Some((kind, typed.strip_prefix(kind.prefix())?)));
        let counted = || kinds.iter().find(|kind| typed.len() == 7 + kind.random_digits()).map(|&kind| (kind, typed.as_str()));
        let (kind, digits) = named.or_else(counted).ok_or(NotATrackingNumber::Shape)?;
        if digits.len() != 7 + kind.random_digits() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotATrackingNumber::Shape);
        }
        let (digits, check) = digits.split_at(digits.len() - 1);
        if check != check_digit(digits).to_string() {
            return Err(NotATrackingNumber::Check);
        }
        let two = |at: usize| digits[at..at + 2].parse::<i8>().expect("two digits");
        let date = Date::new(2000 + i16::from(two(0)), two(2), two(4)).map_err(|_| NotATrackingNumber::Shape)?;
        Ok(TrackingNumber { kind, date, random: digits[6..].parse().expect("at most eight digits") })
    }
}

impl fmt::Display for TrackingNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits();
        write!(f, "{}{digits}{}", self.kind.prefix(), check_digit(&digits))
    }
}

serialize_as_text!(TrackingNumber);

/// ISO 7064 MOD 11,10: finds every wrong digit and nearly every swap of neighbours.
fn check_digit(digits: &str) -> u32 {
    let product = digits.bytes().fold(10, |product, digit| {
        let sum = (product + u32::from(digit - b'0')) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_check_digit_is_that_of_the_standard() {
        // 0794 → 5 is the example of ISO 7064; the others are an OIB and a German tax number.
        for (digits, check) in [("0794", 5), ("6943515153", 0), ("8609574271", 9)] {
            assert_eq!(check_digit(digits), check, "{digits}");
        }
    }

    #[test]
    fn a_number_says_its_kind_and_its_day() {
        let number = TrackingNumber::new(TrackingKind::Appeal, date(2026, 1, 5), 7);
        assert!(number.to_string().starts_with("XS26010500007"));
        assert_eq!(number.to_string().len(), 14);
        let number = TrackingNumber::new(TrackingKind::Registration, date(2026, 12, 5), u64::MAX);
        assert!(number.to_string().starts_with("XB26120509551615"));
        assert_eq!(number.to_string().len(), 17);
    }

    #[test]
    fn what_a_person_makes_of_a_number_is_read() {
        let number = TrackingNumber::new(TrackingKind::Appeal, date(2026, 11, 24), 12345);
        let written = number.to_string();
        let digits = &written[2..];
        let full_width: String = written.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).expect("full-width form")).collect();
        for typed in [
            written.clone(),
            written.to_lowercase(),
            format!(" XS 261124-12345-{} ", &written[13..]),
            full_width,
            digits.to_owned(),
            format!("\u{200b}{written}\u{feff}"),
        ] {
            assert_eq!(typed.parse(), Ok(number), "{typed}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for typed in ["", "XS", "XS2611241234", "XB26112412345", "XC26112412345", "XS2611241234五0", "XS二六1124123450"] {
            assert_eq!(typed.parse::<TrackingNumber>(), Err(NotATrackingNumber::Shape), "{typed}");
        }
        let impossible_day = format!("XS26133112345{}", check_digit("26133112345"));
        assert_eq!(impossible_day.parse::<TrackingNumber>(), Err(NotATrackingNumber::Shape));
    }

    fn number() -> impl Strategy<Value = TrackingNumber> {
        let kind = prop_oneof![Just(TrackingKind::Appeal), Just(TrackingKind::Registration)];
        (kind, 0i32..36_525, any::<u64>()).prop_map(|(kind, day, random)| {
            let date = date(2000, 1, 1).saturating_add(jiff::Span::new().days(day));
            TrackingNumber::new(kind, date, random)
        })
    }

    proptest! {
        #[test]
        fn a_number_is_read_back(number in number()) {
            prop_assert_eq!(number.to_string().parse(), Ok(number));
        }

        #[test]
        fn one_wrong_digit_is_always_found(number in number(), position in 0usize..12, off_by in 1u8..10) {
            let mut written = number.to_string().into_bytes();
            let digit = &mut written[2 + position];
            *digit = b'0' + (*digit - b'0' + off_by) % 10;
            let written = String::from_utf8(written).expect("ASCII");
            prop_assert!(written.parse::<TrackingNumber>().is_err());
        }

        #[test]
        fn reading_never_panics(typed in "\\PC{0,24}") {
            let _ = typed.parse::<TrackingNumber>();
        }
    }
}
