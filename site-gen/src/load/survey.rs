//! How everything that a site is made of looks, without reading any of it: by it a build knows that there is nothing to do.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{
    theme::folder_of,
    walk::{Entry, walk},
};
use crate::stamp::Stamp;

/// The files of a site's content and of its theme, and how each looked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// The theme's name.
    theme: String,
    /// Paths below the site's folder, in the order in which they are read.
    files: Vec<(String, Stamp)>,
}

impl Survey {
    pub(super) fn new(folder: &str, entries: &[Entry]) -> Survey {
        let mut survey = Survey::default();
        survey.add(folder, entries);
        survey
    }

    pub(super) fn add_theme(&mut self, name: &str, entries: &[Entry]) {
        name.clone_into(&mut self.theme);
        self.add(&folder_of(name), entries);
    }

    fn add(&mut self, folder: &str, entries: &[Entry]) {
        self.files.extend(entries.iter().map(|entry| (format!("{folder}/{}", entry.path), entry.stamp)));
    }

    /// Nothing below `root` came, went or changed since.
    pub fn is_still(&self, root: &Path) -> bool {
        survey(root, &self.theme).is_some_and(|now| now == *self)
    }

    /// The last moment at which something about a file changed, in nanoseconds since 1970.
    pub fn latest(&self) -> i64 {
        self.files.iter().map(|(_, stamp)| stamp.latest()).max().unwrap_or(i64::MIN)
    }
}

/// Looks at the files of the site in `root` with its theme; nothing when something about them is wrong.
pub fn survey(root: &Path, theme: &str) -> Option<Survey> {
    let (content, wrong) = walk(&root.join("content"), "content", root);
    let folder = folder_of(theme);
    let (of_theme, also_wrong) = walk(&root.join(&folder), &folder, root);
    if !wrong.is_empty() || !also_wrong.is_empty() {
        return None;
    }
    let mut survey = Survey::new("content", &content);
    survey.add_theme(theme, &of_theme);
    Some(survey)
}
