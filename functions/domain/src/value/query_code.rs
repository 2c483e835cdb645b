//! Query codes: the eight digits that, with the tracking number, open a case to the person who made it.

use std::{fmt, str::FromStr};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::value::{TrackingNumber, text};

/// How many codes there are.
const CODES: u32 = 100_000_000;

/// Eight digits, shown as 1234-5678.
///
/// A code is a secret: it has no `PartialEq` that could leak by its timing, only [`QueryCode::matches`], and its `Debug` shows nothing.
#[derive(Clone, Copy)]
pub struct QueryCode(
    // Less than CODES.
    u32,
);

impl QueryCode {
    /// The code of `number` that is valid while the case's counter is `counter`. It is derived, so it need not be stored to be
    /// shown again, and raising the counter revokes it.
    pub fn derive(key: &[u8], number: &TrackingNumber, counter: u32) -> QueryCode {
        // 2³² is no multiple of 10⁸, so the numbers above the last multiple are passed over: every code is equally likely.
        let unbiased = u32::MAX - u32::MAX % CODES;
        let code = (0u32..)
            .flat_map(|block| {
                let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
                mac.update(number.to_string().as_bytes());
                mac.update(&counter.to_be_bytes());
                mac.update(&block.to_be_bytes());
                let bytes: [u8; 32] = mac.finalize().into_bytes().into();
                bytes.as_chunks::<4>().0.iter().map(|chunk| u32::from_be_bytes(*chunk)).collect::<Vec<_>>()
            })
            .find(|candidate| *candidate < unbiased)
            .expect("blocks go on until a candidate is found");
        QueryCode(code % CODES)
    }

    /// Whether both are the same, in constant time.
    pub fn matches(&self, other: &QueryCode) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// The text is no query code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("请填写回执上的 8 位查询码")]
pub struct NotAQueryCode;

impl FromStr for QueryCode {
    type Err = NotAQueryCode;

    fn from_str(typed: &str) -> Result<QueryCode, NotAQueryCode> {
        let typed = text::compact(typed);
        if typed.len() != 8 || !typed.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotAQueryCode);
        }
        typed.parse().map(QueryCode).map_err(|_| NotAQueryCode)
    }
}

impl fmt::Display for QueryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:04}", self.0 / 10_000, self.0 % 10_000)
    }
}

impl fmt::Debug for QueryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QueryCode(****-****)")
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::value::TrackingKind;

    fn number(random: u64) -> TrackingNumber {
        TrackingNumber::new(TrackingKind::Appeal, date(2026, 11, 24), random)
    }

    #[test]
    fn a_code_depends_on_key_number_and_counter_and_on_nothing_else() {
        let code = QueryCode::derive(b"key", &number(1), 0);
        assert!(code.matches(&QueryCode::derive(b"key", &number(1), 0)));
        assert!(!code.matches(&QueryCode::derive(b"another key", &number(1), 0)));
        assert!(!code.matches(&QueryCode::derive(b"key", &number(2), 0)));
        assert!(!code.matches(&QueryCode::derive(b"key", &number(1), 1)));
    }

    #[test]
    fn what_a_person_makes_of_a_code_is_read() {
        for typed in ["0123-4567", "01234567", " 0123 4567 ", "０１２３－４５６７", "0123—4567"] {
            assert!(typed.parse::<QueryCode>().expect(typed).matches(&QueryCode(1_234_567)), "{typed}");
        }
        for typed in ["", "1234567", "123456789", "1234567a", "+1234567", "一二三四五六七八"] {
            assert_eq!(typed.parse::<QueryCode>().map(|_| ()), Err(NotAQueryCode), "{typed}");
        }
    }

    #[test]
    fn a_code_is_shown_in_two_groups_and_never_in_a_log() {
        assert_eq!(QueryCode(1_234_567).to_string(), "0123-4567");
        assert_eq!(format!("{:?}", QueryCode(1_234_567)), "QueryCode(****-****)");
    }

    #[test]
    fn codes_are_spread_evenly() {
        // The first digit of 2,000 codes: 200 of each are expected, and five standard deviations are about 67.
        let mut counts = [0u32; 10];
        for random in 0..2_000 {
            counts[(QueryCode::derive(b"key", &number(random), 0).0 / 10_000_000) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (133..267).contains(count)), "{counts:?}");
    }
}
