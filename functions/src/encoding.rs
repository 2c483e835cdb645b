//! Bytes as texts.
//!
//! The only door to three small libraries. data-encoding does all of it and chooses base and padding while it runs, which is 55 KB of each Lambda binary;
//! hex and base64 are below the SDK and the runtime anyway.

use base32::Alphabet;
use base64::{Engine, engine::general_purpose::STANDARD};

/// Digits and the letters from `a` to `v`: texts sort as their bytes do.
const SORTABLE: Alphabet = Alphabet::Rfc4648HexLower { padding: false };
/// The letters from `a` to `z` and the digits from 2 to 7, none of which is taken for another.
const LEGIBLE: Alphabet = Alphabet::Rfc4648Lower { padding: false };

/// Two lower-case digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

/// RFC 4648, section 4, padded.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// What [`base64()`] wrote, and nothing else.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// RFC 4648, section 6, in lower case and without padding: for names that somebody may have to read out.
pub(crate) fn base32(bytes: &[u8]) -> String {
    base32::encode(LEGIBLE, bytes)
}

/// What [`base32()`] wrote, in whichever case, and nothing else.
pub(crate) fn from_base32(text: &str) -> Option<Vec<u8>> {
    decoded(LEGIBLE, text)
}

/// RFC 4648, section 7, in lower case and without padding: for names that lie in an ordered table.
pub(crate) fn base32_sortable(bytes: &[u8]) -> String {
    base32::encode(SORTABLE, bytes)
}

/// What [`base32_sortable`] wrote, in whichever case, and nothing else.
pub(crate) fn from_base32_sortable(text: &str) -> Option<Vec<u8>> {
    decoded(SORTABLE, text)
}

/// The library reads over bits that make no whole byte: what it read has to be written as `text` is.
fn decoded(alphabet: Alphabet, text: &str) -> Option<Vec<u8>> {
    let text = text.to_ascii_lowercase();
    base32::decode(alphabet, &text).filter(|bytes| base32::encode(alphabet, bytes) == text)
}

#[cfg(test)]
mod tests {
    use data_encoding::{BASE32_NOPAD, BASE32HEX_NOPAD, BASE64, HEXLOWER};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_what_another_library_writes_and_is_read_back(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            prop_assert_eq!(hex(&bytes), HEXLOWER.encode(&bytes));
            prop_assert_eq!(base64(&bytes), BASE64.encode(&bytes));
            prop_assert_eq!(base32(&bytes), BASE32_NOPAD.encode(&bytes).to_lowercase());
            prop_assert_eq!(base32_sortable(&bytes), BASE32HEX_NOPAD.encode(&bytes).to_lowercase());
            prop_assert_eq!(from_base64(&base64(&bytes)), Some(bytes.clone()));
            prop_assert_eq!(from_base32(&base32(&bytes).to_uppercase()), Some(bytes.clone()));
            prop_assert_eq!(from_base32_sortable(&base32_sortable(&bytes).to_uppercase()), Some(bytes));
        }

        /// One letter of what was written is taken away, exchanged, or put in.
        #[test]
        fn from_another_text_nothing_is_read(
            bytes in proptest::collection::vec(any::<u8>(), 1..40),
            at in any::<proptest::sample::Index>(),
            change in 0..3,
            letter in "[A-Za-z0-9+/= é]",
        ) {
            let changed = |text: String| {
                let (head, tail) = text.split_at(at.index(text.len() + usize::from(change == 0)));
                format!("{head}{}{}", if change == 1 { "" } else { &letter }, if change == 0 { tail } else { &tail[1..] })
            };
            let text = changed(base64(&bytes));
            // The other library reads one text behind the other, too.
            let read = BASE64.decode(text.as_bytes()).ok().filter(|bytes| BASE64.encode(bytes) == text);
            prop_assert_eq!(from_base64(&text), read, "{}", text);
            let text = changed(base32(&bytes));
            prop_assert_eq!(from_base32(&text), BASE32_NOPAD.decode(text.to_ascii_uppercase().as_bytes()).ok(), "{}", text);
            let text = changed(base32_sortable(&bytes));
            prop_assert_eq!(from_base32_sortable(&text), BASE32HEX_NOPAD.decode(text.to_ascii_uppercase().as_bytes()).ok(), "{}", text);
        }
    }
}
