//! The one place where a push is held against the approvals that its content needs (三审).

use std::path::Path;

use site_gen::diagnostic::Diagnostic;

/// What is missing of the approvals that the change from the commit `old` (zeros when there was none) to `new` needs, in the repository at
/// `folder`. Objects of a push that is not taken yet are found by the environment of the hook.
///
/// Nothing asks for approvals yet. Who pushes is what [`pusher`] says, or the signature of a commit.
pub fn missing(_folder: &Path, _old: &str, _new: &str, _pusher: Option<&str>) -> anyhow::Result<Vec<Diagnostic>> {
    Ok(Vec::new())
}

/// Who pushes, as the forge that runs the hook has found out: Gitea and Forgejo by the first name, GitLab by the second, gitolite by the third.
pub fn pusher() -> Option<String> {
    let said = |name| std::env::var(name).ok().filter(|name| !name.is_empty());
    ["GITEA_PUSHER_NAME", "GL_USERNAME", "GL_USER"].into_iter().find_map(said)
}
