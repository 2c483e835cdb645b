//! The whole generator in one function: load → model → render, then `write` for whoever wants files.

use std::path::PathBuf;

use domain::Moment;

/// What a build is asked for. Nothing else decides what comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The folder that holds `content/` and `themes/`.
    pub root: PathBuf,
    /// Replaces `base_url` of `content/site.yaml`.
    pub base_url: Option<String>,
    /// The present moment: decides what is published and where each event stands.
    pub now: Moment,
    /// Drafts are made too.
    pub drafts: bool,
    /// Threads; as many as there are processors when absent. The output does not depend on it.
    pub jobs: Option<usize>,
}

impl Options {
    /// A plain build of `root` at `now`.
    pub fn new(root: impl Into<PathBuf>, now: Moment) -> Options {
        Options { root: root.into(), base_url: None, now, drafts: false, jobs: None }
    }
}
