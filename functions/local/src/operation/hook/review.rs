//! The one place where a push is held against the approvals that its content needs (三审), if the site asks for any.

use std::path::Path;

use site_gen::{diagnostic::Diagnostic, review};

/// Whether a branch or tag by this name is the server's own, so that no push may move it.
pub fn is_reserved(name: &str) -> bool {
    review::is_reserved(name)
}

/// What is missing of the approvals that the change from the commit `old` (zeros when there was none) to `new` needs, in the repository at
/// `folder`. Objects of a push that is not taken yet are found by the environment of the hook. `pusher` is what [`pusher`] says.
pub fn missing(folder: &Path, old: &str, new: &str, pusher: Option<&str>) -> anyhow::Result<Vec<Diagnostic>> {
    review::verify(folder, old, new, pusher)
}

/// Notes by which account commits came, once a push of any branch was taken.
pub fn remember(folder: &Path, old: &str, new: &str, pusher: &str) -> anyhow::Result<()> {
    review::record(folder, old, new, pusher)
}

/// Who pushes, as the forge that runs the hook has found out: Gitea and Forgejo by the first name, GitLab by the second, gitolite by the third.
pub fn pusher() -> Option<String> {
    let said = |name| std::env::var(name).ok().filter(|name| !name.is_empty());
    ["GITEA_PUSHER_NAME", "GL_USERNAME", "GL_USER"].into_iter().find_map(said)
}
