//! Check-in codes: six digits that are said at the door. They open nothing but the door.

use std::{fmt, str::FromStr};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::value::{TrackingNumber, serialize_as_text, text};

/// How many codes there are.
const CODES: u32 = 1_000_000;

/// Six digits, shown as `123 456`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckInCode(
    // Less than CODES.
    u32,
);

impl CheckInCode {
    /// The code of `number`. With so few digits two registrations of one session may have the same: whoever stores the second takes the
    /// next `attempt`, and keeps it.
    pub fn derive(key: &[u8], number: &TrackingNumber, attempt: u32) -> CheckInCode {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
        // Another purpose than that of a query code, which begins with its number.
        mac.update(b"check-in ");
        mac.update(number.to_string().as_bytes());
        mac.update(&attempt.to_be_bytes());
        let bytes: [u8; 32] = mac.finalize().into_bytes().into();
        let [a, b, c, d, e, f, g, h, ..] = bytes;
        // From 64 bits each code is as likely as any other to one part in 10¹³.
        let code = u64::from_be_bytes([a, b, c, d, e, f, g, h]) % u64::from(CODES);
        CheckInCode(u32::try_from(code).expect("less than CODES"))
    }

    /// Its six digits without a space, as they are stored.
    pub fn digits(&self) -> String {
        format!("{:06}", self.0)
    }
}

/// The text is no check-in code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("请填写 6 位签到码")]
pub struct NotACheckInCode;

impl FromStr for CheckInCode {
    type Err = NotACheckInCode;

    fn from_str(typed: &str) -> Result<CheckInCode, NotACheckInCode> {
        let typed = text::compact(typed);
        if typed.len() != 6 || !typed.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotACheckInCode);
        }
        typed.parse().map(CheckInCode).map_err(|_| NotACheckInCode)
    }
}

impl fmt::Display for CheckInCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03} {:03}", self.0 / 1_000, self.0 % 1_000)
    }
}

serialize_as_text!(CheckInCode);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;

    use super::*;
    use crate::value::TrackingKind;

    fn number(random: u64) -> TrackingNumber {
        TrackingNumber::new(TrackingKind::Registration, date(2026, 12, 1), random)
    }

    #[test]
    fn a_code_follows_from_key_number_and_attempt() {
        let code = CheckInCode::derive(b"key", &number(1), 0);
        assert_eq!(code, CheckInCode::derive(b"key", &number(1), 0));
        let others = [(&b"other"[..], number(1), 0), (b"key", number(2), 0), (b"key", number(1), 1)];
        for (key, number, attempt) in others {
            assert_ne!(code, CheckInCode::derive(key, &number, attempt));
        }
        let codes: BTreeSet<CheckInCode> = (0..1_000).map(|n| CheckInCode::derive(b"key", &number(n), 0)).collect();
        assert!(codes.len() > 990, "they are spread");
    }

    #[test]
    fn what_is_said_at_the_door_is_read() {
        for typed in ["012345", "012 345", "０１２－３４５", " 012345 "] {
            assert_eq!(typed.parse::<CheckInCode>().map(|code| code.to_string()), Ok("012 345".to_owned()), "{typed}");
        }
        for typed in ["", "12345", "1234567", "12345a", "+12345", "XB2612010000000100"] {
            assert_eq!(typed.parse::<CheckInCode>(), Err(NotACheckInCode), "{typed}");
        }
        let code: CheckInCode = "012345".parse().expect("six digits");
        assert_eq!(serde_json::to_string(&code).expect("a text"), "\"012 345\"");
        assert_eq!(serde_json::from_str::<CheckInCode>("\"012 345\"").expect("a text"), code);
    }
}
