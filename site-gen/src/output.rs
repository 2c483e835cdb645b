//! What a build publishes: paths with their bytes, or with the file to copy them from.

use std::{path::PathBuf, sync::Mutex};

use crate::write::WriteError;

/// One published file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Path below the output folder, with `/` and without one in front: `courses/index.html`.
    pub path: String,
    /// What it holds.
    pub content: Content,
}

impl Output {
    /// A text made by the build.
    pub fn text(path: impl Into<String>, text: impl Into<String>) -> Output {
        Output { path: path.into(), content: Content::Bytes(text.into().into_bytes()) }
    }

    /// How many bytes the build made for it.
    pub fn made(&self) -> u64 {
        match &self.content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::File(_) => 0,
        }
    }

    /// The text, when it was made by the build and is UTF-8.
    pub fn as_text(&self) -> Option<&str> {
        match &self.content {
            Content::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            Content::File(_) => None,
        }
    }
}

/// Where outputs go, one by one and from all threads.
pub trait Sink: Sync {
    /// Takes one.
    fn put(&self, output: Output) -> Result<(), WriteError>;

    /// Is told of one that is the same as the last time.
    fn keep(&self) {}

    /// Nothing that is handed over is kept or looked at: what takes long and cannot fail need not be made.
    fn keeps_nothing(&self) -> bool {
        false
    }

    /// What was handed over the last time is still there.
    fn has_the_last(&self) -> bool {
        false
    }
}

/// Keeps them all.
impl Sink for Mutex<Vec<Output>> {
    fn put(&self, output: Output) -> Result<(), WriteError> {
        self.lock().expect("nobody panics while one output is pushed").push(output);
        Ok(())
    }
}

/// Keeps none: a check only wants to know whether they can be made.
impl Sink for () {
    fn keeps_nothing(&self) -> bool {
        true
    }

    fn put(&self, _: Output) -> Result<(), WriteError> {
        Ok(())
    }
}

/// What a published file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Made by the build.
    Bytes(Vec<u8>),
    /// Copied untouched from this file when it is written.
    File(PathBuf),
}

/// The file of the page at `url`: a folder's `index.html`, or the address itself when it names a file.
pub fn page_path(url: &str) -> String {
    let path = url.trim_start_matches('/');
    if path.is_empty() || path.ends_with('/') { [path, "index.html"].concat() } else { path.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::page_path;

    #[test]
    fn a_folder_is_published_as_its_index() {
        for (url, path) in [("/", "index.html"), ("/courses/", "courses/index.html"), ("/404.html", "404.html")] {
            assert_eq!(page_path(url), path);
        }
    }
}
