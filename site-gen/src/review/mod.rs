//! Who may write what, and three reviews (三审) before anything is published, on git alone and without any forge's help.
//!
//! 1. [`editors`] is the list of people, `paths` what concerns everybody, `policy` what holds in a commit.
//! 2. `git` is the door to git; `people` recognises who made a commit: by signature, by what the server recorded ([`mod@record`]), or by the
//!    forge's account.
//! 3. `claims` reads approvals out of messages, `reviewed` tells which words of a page they are about, `standing` whether they still hold.
//! 4. [`verify()`] judges a push, `list` tells what waits for whom, `approve` makes an approval.
//!
//! Everything is judged by the list and the settings that the published branch holds before a push. What is trusted: the server and its hooks,
//! whoever is an administrator in the list, `ssh-keygen`, and for accounts the forge.

pub mod approve;
pub mod claims;
pub mod editors;
pub mod git;
pub mod list;
pub mod paths;
pub mod people;
pub mod policy;
pub mod record;
pub mod reviewed;
pub mod standing;
mod verify;

use std::path::Path;

pub use self::record::is_reserved;
use crate::diagnostic::Diagnostic;

/// What stands in the way of moving the published branch of `repo` from `old` to `new`, as a pre-receive hook is told them; `pusher` is the
/// account by which a forge has let the push in. Nothing stands in the way when the list is empty. An error means that git could
/// not be asked, and the push is to be refused.
pub fn verify(repo: &Path, old: &str, new: &str, pusher: Option<&str>) -> anyhow::Result<Vec<Diagnostic>> {
    verify::verify(&git::Git::of(repo), old, new, pusher)
}

/// Writes down by which account commits came, once a push of any branch was accepted: a post-receive hook of a forge calls it, so that approvals
/// without signatures are still known later.
pub fn record(repo: &Path, old: &str, new: &str, pusher: &str) -> anyhow::Result<()> {
    let git = git::Git::of(repo);
    let (old, new) = (git.commit(old)?, git.commit(new)?);
    match new {
        Some(new) => record::record(&git, old.as_ref(), &new, pusher),
        None => Ok(()),
    }
}

/// Text of somebody else's as it may stand in a terminal: what would move its cursor is shown as `�`, what is long is cut.
pub fn printable(text: &str) -> String {
    const LONGEST: usize = 200;
    text.chars().take(LONGEST).map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}
