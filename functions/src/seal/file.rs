//! Seals whole files. Each has a key of its own, which stands sealed in its record: when the table's key is exchanged no file is written anew,
//! and without its record a file is noise.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};

use super::{NONCE, random};
use crate::encoding;

/// The format of a sealed file; its first byte.
const FORMAT: u8 = 1;

/// The key of one file.
pub(crate) struct FileKey([u8; 32]);

impl FileKey {
    /// A new one.
    pub(crate) fn new() -> FileKey {
        FileKey(random())
    }

    /// As it is put into the file's record.
    pub(crate) fn to_text(&self) -> String {
        encoding::base64(&self.0)
    }

    /// As it comes out of there.
    pub(crate) fn from_text(text: &str) -> Option<FileKey> {
        encoding::from_base64(text)?.try_into().ok().map(FileKey)
    }

    /// Seals `bytes` as the file called `name`: under another name it does not open.
    pub(crate) fn seal(&self, name: &str, bytes: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE] = random();
        let message = Payload { msg: bytes, aad: name.as_bytes() };
        let sealed = XChaCha20Poly1305::new(&self.0.into()).encrypt(&XNonce::from(nonce), message);
        let sealed = sealed.expect("a file is far smaller than the cipher's limit of 256 GB");
        [&[FORMAT], &nonce[..], &sealed].concat()
    }

    /// Opens what was sealed as `name`; nothing when a single bit of it is another one.
    pub(crate) fn open(&self, name: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (&FORMAT, rest) = sealed.split_first()? else { return None };
        let (nonce, sealed) = rest.split_at_checked(NONCE)?;
        let nonce = <[u8; NONCE]>::try_from(nonce).expect("split at its length");
        let message = Payload { msg: sealed, aad: name.as_bytes() };
        XChaCha20Poly1305::new(&self.0.into()).decrypt(&XNonce::from(nonce), message).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_opens_with_its_key_under_its_name_and_unchanged_only() {
        let key = FileKey::new();
        let sealed = key.seal("a", b"%PDF");
        assert_eq!(FileKey::from_text(&key.to_text()).and_then(|key| key.open("a", &sealed)).as_deref(), Some(&b"%PDF"[..]));
        assert!(!sealed.windows(4).any(|window| window == b"%PDF"));
        assert_eq!(key.open("b", &sealed), None);
        assert_eq!(FileKey::new().open("a", &sealed), None);
        for place in [0, 10, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert_eq!(key.open("a", &changed), None, "byte {place}");
        }
        assert_eq!(key.open("a", &sealed[..20]), None);
        assert_eq!(key.open("a", b""), None);
    }
}
