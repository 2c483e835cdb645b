//! Values from outside, each parsed once into a type that cannot be wrong.
//!
//! Parsing is forgiving in what costs nobody anything (full-width digits, spaces, hyphens, case) and strict in the rest. What a
//! parser refuses it explains in words for the person who typed it, so an error's text can stand beside the field.

pub mod check_in_code;
pub mod credit_code;
pub mod plate;
pub mod query_code;
pub mod telephone;
pub mod text;
pub mod tracking_number;

pub use check_in_code::CheckInCode;
pub use credit_code::CreditCode;
pub use plate::Plate;
pub use query_code::QueryCode;
pub use telephone::{Mobile, Telephone};
pub use tracking_number::{TrackingKind, TrackingNumber};

/// Reads and writes a value as its text, through `FromStr` and `Display`.
macro_rules! serialize_as_text {
    ($value:ty) => {
        impl serde::Serialize for $value {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $value {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$value, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
use serialize_as_text;
