//! Seals personal fields before they reach the table, and makes them findable without opening them.
//!
//! A sealed field is bound to its item's key, its name and its item's version: moved elsewhere or put back later it does not
//! open. A blind index is a keyed hash: equal values have equal indexes, and without the key nothing is learnt from them.
//! All subkeys come from one master key by labelled HMACs, so that there is one thing to keep.
//!
//! A master key can be exchanged. Until nothing is left under the old one there are several: what is written is sealed and hashed with the one in
//! use, what is read is opened and looked for with all. What people keep (query codes, addresses) and what is said to other programs is made with a
//! lasting key instead: that of the query codes, which once came from the first master key and stays.

pub(crate) mod file;

use std::fmt;

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::Sha256;

use crate::{encoding, table::Key};

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
    /// It opens, and holds something else than it should. What serde_json says of it would quote what was sealed.
    #[error("a sealed field of `{0}` opens and cannot be understood")]
    Foreign(String),
}

/// What is needed to seal, open, find and sign. Never printed.
#[derive(Clone)]
pub struct Keys {
    /// Whatever is stored is written with it.
    current: Subkeys,
    /// Something may be stored that was written with one of them.
    others: Vec<Subkeys>,
    /// For what must stay the same whichever key is in use.
    lasting: Subkeys,
    sign: [u8; 32],
    code: [u8; 32],
}

/// What follows from one master key.
#[derive(Clone)]
struct Subkeys {
    id: [u8; ID],
    seal: [u8; 32],
    blind: [u8; 32],
    check: [u8; 32],
    /// Stands before its blind indexes, so that one tells whose it is. Those of the first master key have nothing there.
    mark: String,
}

impl Keys {
    /// The keys that follow from a master key that was never exchanged.
    pub fn from_master(master: &[u8; 32]) -> Keys {
        Keys::of(master, &[], code_key_of(master))
    }

    /// The keys while one is exchanged and after it was: `others` open and find what was written with them.
    pub(crate) fn of(master: &[u8; 32], others: &[[u8; 32]], code: [u8; 32]) -> Keys {
        let subkeys = |master: &[u8; 32]| Subkeys::of(master, code_key_of(master) == code);
        Keys {
            current: subkeys(master),
            others: others.iter().map(subkeys).collect(),
            lasting: Subkeys::of(&code, true),
            sign: derive(&code, "sign"),
            code,
        }
    }

    fn all(&self) -> impl Iterator<Item = &Subkeys> {
        std::iter::once(&self.current).chain(&self.others)
    }

    /// Whether there are keys beside the one in use.
    pub(crate) fn are_exchanged(&self) -> bool {
        !self.others.is_empty()
    }

    /// The id that sealed fields carry, so that a later key can be told from this one.
    pub fn id(&self) -> String {
        encoding::hex(&self.current.id)
    }

    /// A value by which the table knows its key; nothing can be opened with it.
    pub fn check_value(&self) -> String {
        self.current.check_value()
    }

    /// The same of all keys that something may be stored with, that in use first.
    pub(crate) fn check_values(&self) -> Vec<String> {
        self.all().map(Subkeys::check_value).collect()
    }

    /// The same of the key of the query codes.
    pub(crate) fn code_check(&self) -> String {
        self.lasting.check_value()
    }

    /// The key from which query codes are derived.
    pub fn code_key(&self) -> &[u8; 32] {
        &self.code
    }

    /// Seals `text` for its place.
    pub fn seal(&self, place: Place<'_>, text: &str) -> Sealed {
        self.current.seal(place, text)
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<String, SealError> {
        let mut opened = self.current.open(place, sealed);
        for other in &self.others {
            match opened {
                Err(SealError::OtherKey(_)) => opened = other.open(place, sealed),
                _ => break,
            }
        }
        opened
    }

    /// Opens what was sealed for this place and reads it as JSON: from bytes, as the items of the table are, so that no second reader is compiled in.
    pub(crate) fn read<T: DeserializeOwned>(&self, place: Place<'_>, sealed: &Sealed) -> Result<T, SealError> {
        let opened = self.open(place, sealed)?;
        serde_json::from_slice(opened.as_bytes()).map_err(|_| SealError::Foreign(place.key.to_string()))
    }

    /// Whether `text` is sealed with one of the keys.
    pub(crate) fn is_sealed(&self, text: &str) -> bool {
        self.all().any(|keys| keys.has_sealed(text))
    }

    /// Whether it is with one beside that in use.
    pub(crate) fn is_sealed_by_others(&self, text: &str) -> bool {
        self.others.iter().any(|other| other.has_sealed(text))
    }

    /// Seals what is handed out, not stored, and goes on when the key is exchanged.
    pub(crate) fn seal_to_hand_out(&self, place: Place<'_>, text: &str) -> Sealed {
        self.lasting.seal(place, text)
    }

    /// Opens what comes back of it.
    pub(crate) fn open_handed_out(&self, place: Place<'_>, sealed: &Sealed) -> Result<String, SealError> {
        self.lasting.open(place, sealed)
    }

    /// The blind index of a field's value: letters and digits, the same for the same value. Whoever stores one in a further place lets `reseal`
    /// know of it, or nothing is found there once the key is exchanged.
    pub fn blind(&self, field: &str, value: &str) -> String {
        self.current.blind(field, value)
    }

    /// The same by all keys, that in use first: whatever was stored with any of them is found.
    pub(crate) fn blinds(&self, field: &str, value: &str) -> Vec<String> {
        self.all().map(|keys| keys.blind(field, value)).collect()
    }

    /// Whether a blind index was made with the key in use.
    pub(crate) fn is_blind_now(&self, blind: &str) -> bool {
        blind.split_once('-').map_or("", |(id, _)| id) == self.current.mark.trim_end_matches('-')
    }

    /// A keyed hash that stays the same when the key is exchanged: for addresses, for what is said to other programs, for what cannot be
    /// hashed anew because it is not stored. Nobody is found by one.
    pub(crate) fn lasting(&self, field: &str, value: &str) -> String {
        self.lasting.blind(field, value)
    }

    /// A signature of `bytes` for one purpose.
    pub fn sign(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        keyed_hash(&self.sign, &[purpose.as_bytes(), b"\0", bytes])
    }
}

impl Subkeys {
    fn of(master: &[u8; 32], is_first: bool) -> Subkeys {
        let named = derive(master, "id");
        let mut id = [0; ID];
        id.copy_from_slice(&named[..ID]);
        let mark = if is_first { String::new() } else { format!("{}-", encoding::hex(&id)) };
        Subkeys { id, seal: derive(master, "seal"), blind: derive(master, "blind"), check: derive(master, "check"), mark }
    }

    fn check_value(&self) -> String {
        encoding::hex(&self.check[..16])
    }

    fn seal(&self, place: Place<'_>, text: &str) -> Sealed {
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
        Sealed(encoding::base64(&bytes))
    }

    fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<String, SealError> {
        let broken = || SealError::Broken(place.key.to_string());
        let bytes = encoding::from_base64(&sealed.0).ok_or_else(broken)?;
        if bytes.len() < 1 + ID + NONCE || bytes[0] != FORMAT {
            return Err(broken());
        }
        let (id, rest) = bytes[1..].split_at(ID);
        if id != self.id {
            return Err(SealError::OtherKey(encoding::hex(id)));
        }
        let (nonce, ciphertext) = rest.split_at(NONCE);
        let nonce = <[u8; NONCE]>::try_from(nonce).expect("split at its length");
        let message = Payload { msg: ciphertext, aad: &bound_to(place) };
        let plain = self.cipher().decrypt(&XNonce::from(nonce), message).map_err(|_| broken())?;
        String::from_utf8(plain).map_err(|_| broken())
    }

    fn has_sealed(&self, text: &str) -> bool {
        let bytes = encoding::from_base64(text).unwrap_or_default();
        bytes.len() > 1 + ID + NONCE && bytes[0] == FORMAT && bytes[1..1 + ID] == self.id
    }

    fn blind(&self, field: &str, value: &str) -> String {
        let hash = keyed_hash(&self.blind, &[field.as_bytes(), b"\0", value.as_bytes()]);
        format!("{}{}", self.mark, encoding::base32(&hash[..16]))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.seal.into())
    }
}

fn derive(master: &[u8; 32], label: &str) -> [u8; 32] {
    keyed_hash(master, &[b"xiangshang/1/", label.as_bytes()])
}

/// The key of the query codes, as it follows from the first master key.
pub(crate) fn code_key_of(master: &[u8; 32]) -> [u8; 32] {
    derive(master, "code")
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
        let mut bytes = encoding::from_base64(&sealed.0).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        assert!(matches!(keys().open(place, &Sealed(encoding::base64(&bytes))), Err(SealError::Broken(_))));
        assert!(matches!(keys().open(place, &Sealed(encoding::base64(&bytes[..9]))), Err(SealError::Broken(_))));
        assert!(matches!(keys().open(place, &Sealed("不是".into())), Err(SealError::Broken(_))));
        let other = Keys::from_master(&[8; 32]);
        assert_eq!(other.open(place, &sealed), Err(SealError::OtherKey(keys().id())));
    }

    #[test]
    fn what_was_sealed_as_json_is_read_and_what_is_none_is_not_quoted() {
        let key = Key::new("CASE#XS1", "ANSWERS");
        let place = Place { key: &key, field: "contact", version: 1 };
        assert_eq!(keys().read(place, &keys().seal(place, r#"["王建国"]"#)), Ok(vec!["王建国".to_owned()]));
        let error = keys().read::<Vec<u8>>(place, &keys().seal(place, r#"["王建国"]"#)).expect_err("a name is no number");
        assert_eq!(error.to_string(), format!("a sealed field of `{key}` opens and cannot be understood"));
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
    fn while_a_key_is_exchanged_both_open_and_find_and_the_one_in_use_writes() {
        let (old, new) = ([7; 32], [8; 32]);
        let both = Keys::of(&new, &[old], code_key_of(&old));
        let key = Key::new("CASE#XS1", "ANSWERS");
        let place = Place { key: &key, field: "mobile", version: 1 };
        let sealed = keys().seal(place, "13800138000");
        assert_eq!(both.open(place, &sealed).expect("the other key is known"), "13800138000");
        assert!(both.is_sealed_by_others(sealed.as_str()));
        let anew = both.seal(place, "13800138000");
        assert!(
            both.is_sealed(anew.as_str()) && !both.is_sealed_by_others(anew.as_str()) && !both.is_sealed_by_others("13800138000")
        );
        assert!(matches!(keys().open(place, &anew), Err(SealError::OtherKey(_))));
        assert!(matches!(both.open(Place { version: 2, ..place }, &sealed), Err(SealError::Broken(_))));

        let blinds = both.blinds("mobile", "13800138000");
        assert_eq!(blinds, [both.blind("mobile", "13800138000"), keys().blind("mobile", "13800138000")]);
        assert!(both.is_blind_now(&blinds[0]) && !both.is_blind_now(&blinds[1]));
        let back = Keys::of(&old, &[new], code_key_of(&old));
        assert!(!back.is_blind_now(&blinds[0]) && back.is_blind_now(&blinds[1]), "the first key's have no mark");
        let third = Keys::of(&[9; 32], &[new], code_key_of(&old));
        assert!(blinds.iter().all(|blind| !third.is_blind_now(blind)));
    }

    #[test]
    fn what_people_keep_outlives_the_key() {
        let (old, new) = ([7; 32], [8; 32]);
        let later = Keys::of(&new, &[], code_key_of(&old));
        let key = Key::new("TOKEN", "TOKEN");
        let place = Place { key: &key, field: "calendar", version: 1 };
        let token = keys().seal_to_hand_out(place, "XB1");
        assert_eq!(later.open_handed_out(place, &token).expect("its key lasts"), "XB1");
        assert_eq!(later.lasting("address", "203.0.113.0/24"), keys().lasting("address", "203.0.113.0/24"));
        assert_eq!(later.sign("draft", b"1"), keys().sign("draft", b"1"));
        assert_eq!(later.code_key(), keys().code_key());
        assert!(later.open(place, &token).is_err(), "and opens nothing that is stored");
        assert_ne!(keys().lasting("mobile", "13800138000"), keys().blind("mobile", "13800138000"));
    }

    #[test]
    fn keys_do_not_show_themselves() {
        let shown = format!("{:?}", keys());
        assert_eq!(shown, format!("Keys({})", keys().id()));
        assert_eq!(shown.len(), "Keys()".len() + 8);
    }
}
