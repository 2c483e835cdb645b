//! Seals personal fields before they reach the table, and makes them findable without opening them.
//!
//! A sealed field is bound to its item's key, its name and its item's version: moved elsewhere or put back later it does not
//! open. A blind index is a keyed hash: equal values have equal indexes, and without the key nothing is learnt from them.
//! All subkeys come from one master key by labelled HMACs, so that there is one thing to keep.

pub(crate) mod file;

use std::fmt;

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use data_encoding::{BASE32_NOPAD, BASE64, HEXLOWER};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::table::Key;

/// The format of a sealed field; its first byte.
const FORMAT: u8 = 1;
/// The bytes of a key's id, which follow.
const ID: usize = 4;
/// The bytes of a nonce, which follow: so long that random ones never meet.
const NONCE: usize = 24;

/// A sealed field as it is stored: format, key id, nonce and ciphertext, in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// As it is stored.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What came back from outside; whether it opens is told when it is opened.
    pub(crate) fn from_text(text: String) -> Sealed {
        Sealed(text)
    }
}

/// Where a sealed field stands: what it is bound to.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Its item.
    pub key: &'a Key,
    /// Its name.
    pub field: &'a str,
    /// The version of the item that holds it.
    pub version: u64,
}

/// Why a sealed field did not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It was sealed by another key.
    #[error("a field was sealed with the key `{0}`, which is not the one in use")]
    OtherKey(String),
    /// It was changed, or it does not belong here.
    #[error("a sealed field of `{0}` does not open: it was changed or moved")]
    Broken(String),
}

/// What is needed to seal, open, find and sign. Never printed.
#[derive(Clone)]
pub struct Keys {
    id: [u8; ID],
    seal: [u8; 32],
    blind: [u8; 32],
    sign: [u8; 32],
    code: [u8; 32],
    check: [u8; 32],
}

impl Keys {
    /// The keys that follow from a master key.
    pub fn from_master(master: &[u8; 32]) -> Keys {
        let derive = |label: &str| keyed_hash(master, &[b"xiangshang/1/", label.as_bytes()]);
        let named = derive("id");
        let mut id = [0; ID];
        id.copy_from_slice(&named[..ID]);
        Keys {
            id,
            seal: derive("seal"),
            blind: derive("blind"),
            sign: derive("sign"),
            code: derive("code"),
            check: derive("check"),
        }
    }

    /// The id that sealed fields carry, so that a later key can be told from this one.
    pub fn id(&self) -> String {
        HEXLOWER.encode(&self.id)
    }

    /// A value by which the table knows its key; nothing can be opened with it.
    pub fn check_value(&self) -> String {
        HEXLOWER.encode(&self.check[..16])
    }

    /// The key from which query codes are derived.
    pub fn code_key(&self) -> &[u8; 32] {
        &self.code
    }

    /// Seals `text` for its place.
    pub fn seal(&self, place: Place<'_>, text: &str) -> Sealed {
        let nonce: [u8; NONCE] = random();
        let message = Payload { msg: text.as_bytes(), aad: &bound_to(place) };
        let ciphertext = self
            .cipher()
            .encrypt(&XNonce::from(nonce), message)
            .expect("a field is far smaller than the cipher's limit of 256 GB");
        let mut bytes = Vec::with_capacity(1 + ID + NONCE + ciphertext.len());
        bytes.push(FORMAT);
        bytes.extend(self.id);
        bytes.extend(nonce);
        bytes.extend(ciphertext);
        Sealed(BASE64.encode(&bytes))
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<String, SealError> {
        let broken = || SealError::Broken(place.key.to_string());
        let bytes = BASE64.decode(sealed.0.as_bytes()).map_err(|_| broken())?;
        if bytes.len() < 1 + ID + NONCE || bytes[0] != FORMAT {
            return Err(broken());
        }
        let (id, rest) = bytes[1..].split_at(ID);
        if id != self.id {
            return Err(SealError::OtherKey(HEXLOWER.encode(id)));
        }
        let (nonce, ciphertext) = rest.split_at(NONCE);
        let nonce = <[u8; NONCE]>::try_from(nonce).expect("split at its length");
        let message = Payload { msg: ciphertext, aad: &bound_to(place) };
        let plain = self.cipher().decrypt(&XNonce::from(nonce), message).map_err(|_| broken())?;
        String::from_utf8(plain).map_err(|_| broken())
    }

    /// The blind index of a field's value: 26 letters and digits, the same for the same value.
    pub fn blind(&self, field: &str, value: &str) -> String {
        let hash = keyed_hash(&self.blind, &[field.as_bytes(), b"\0", value.as_bytes()]);
        BASE32_NOPAD.encode(&hash[..16]).to_ascii_lowercase()
    }

    /// A signature of `bytes` for one purpose.
    pub fn sign(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        keyed_hash(&self.sign, &[purpose.as_bytes(), b"\0", bytes])
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.seal.into())
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.id())
    }
}

/// What a sealed field is bound to, each part with its length so that no two places give the same bytes.
fn bound_to(place: Place<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in [place.key.partition.as_str(), place.key.sort.as_str(), place.field] {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    bytes.extend(place.version.to_be_bytes());
    bytes
}

fn keyed_hash(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC takes keys of any length");
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into_bytes().into()
}

/// Random bytes from the operating system.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::from_master(&[7; 32])
    }

    #[test]
    fn a_sealed_field_opens_only_where_it_was_sealed() {
        let key = Key::new("CASE#XS1", "ANSWERS");
        let place = Place { key: &key, field: "contact", version: 1 };
        let sealed = keys().seal(place, "王建国");
        assert_eq!(keys().open(place, &sealed).unwrap(), "王建国");

        let elsewhere = Key::new("CASE#XS2", "ANSWERS");
        for other in [Place { key: &elsewhere, ..place }, Place { field: "mobile", ..place }, Place { version: 2, ..place }] {
            assert!(matches!(keys().open(other, &sealed), Err(SealError::Broken(_))), "{other:?}");
        }
    }

    #[test]
    fn the_bounds_of_a_place_cannot_be_shifted() {
        let (one, other) = (Key::new("CASE#1", "A"), Key::new("CASE#", "1A"));
        let sealed = keys().seal(Place { key: &one, field: "f", version: 1 }, "x");
        assert!(keys().open(Place { key: &other, field: "f", version: 1 }, &sealed).is_err());
    }

    #[test]
    fn a_changed_or_cut_field_does_not_open_and_another_key_is_named() {
        let key = Key::new("CASE#XS1", "ANSWERS");
        let place = Place { key: &key, field: "contact", version: 1 };
        let sealed = keys().seal(place, "王建国");
        let mut bytes = BASE64.decode(sealed.0.as_bytes()).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        assert!(matches!(keys().open(place, &Sealed(BASE64.encode(&bytes))), Err(SealError::Broken(_))));
        assert!(matches!(keys().open(place, &Sealed(BASE64.encode(&bytes[..9]))), Err(SealError::Broken(_))));
        assert!(matches!(keys().open(place, &Sealed("不是".into())), Err(SealError::Broken(_))));
        let other = Keys::from_master(&[8; 32]);
        assert_eq!(other.open(place, &sealed), Err(SealError::OtherKey(keys().id())));
    }

    #[test]
    fn sealing_twice_gives_different_bytes_and_a_blind_index_the_same() {
        let key = Key::new("CASE#XS1", "ANSWERS");
        let place = Place { key: &key, field: "mobile", version: 1 };
        assert_ne!(keys().seal(place, "13800138000"), keys().seal(place, "13800138000"));
        assert_eq!(keys().blind("mobile", "13800138000"), keys().blind("mobile", "13800138000"));
        assert_ne!(keys().blind("mobile", "13800138000"), keys().blind("company", "13800138000"));
        assert_ne!(keys().blind("mobile", "13800138000"), Keys::from_master(&[8; 32]).blind("mobile", "13800138000"));
    }

    #[test]
    fn keys_do_not_show_themselves() {
        let shown = format!("{:?}", keys());
        assert_eq!(shown, format!("Keys({})", keys().id()));
        assert_eq!(shown.len(), "Keys()".len() + 8);
    }
}
