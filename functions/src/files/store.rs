//! Where the bytes of files lie: the contract that a folder and a bucket keep. `tests/services/attachments.rs` holds both to it.

use std::{future::Future, pin::Pin};

/// What a method of [`Store`] gives.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Keeps bytes under names. Names are ours: up to 64 of a–z and 0–9, random, never used twice.
pub trait Store: Send + Sync + 'static {
    /// Keeps `bytes` as `name`. Once this is answered they survive a power cut; when it fails, all of them are there or none.
    fn put<'a>(&'a self, name: &'a str, bytes: Vec<u8>) -> Answer<'a, ()>;

    /// What is kept as `name`; nothing when nothing is.
    fn get<'a>(&'a self, name: &'a str) -> Answer<'a, Option<Vec<u8>>>;

    /// Removes what is kept as `name`, if anything is.
    fn remove<'a>(&'a self, name: &'a str) -> Answer<'a, ()>;
}

/// Lets browsers post what nobody has looked at yet to a place of its own, under tokens that we give out.
pub trait Posting: Send + Sync + 'static {
    /// The form that posts one file under `token` and then leads to the address `back`. Good for half an hour.
    fn post(&self, token: &str, back: &str) -> Post;

    /// What was posted under `token`, if anything was.
    fn posted<'a>(&'a self, token: &'a str) -> Answer<'a, Option<Posted>>;

    /// Removes what was posted under `token`.
    fn let_go<'a>(&'a self, token: &'a str) -> Answer<'a, ()>;
}

/// A form that posts a file elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Where to.
    pub action: String,
    /// The same without a path: what a page's policy has to name.
    pub origin: String,
    /// Names and values that are posted before the file.
    pub fields: Vec<(String, String)>,
}

/// What a browser has posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// What its sender calls it; empty without scripts.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Why bytes were not kept or found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the files cannot be reached: {0}")]
pub struct StoreError(pub String);

/// Whether `name` may be one of ours, so that no name ever leads to another place.
pub(super) fn check(name: &str) -> Result<(), StoreError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if (1..=64).contains(&name.len()) && name.bytes().all(plain) {
        Ok(())
    } else {
        Err(StoreError(format!("`{}` is no name of a file", name.escape_default())))
    }
}
