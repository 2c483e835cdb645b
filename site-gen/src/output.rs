//! What a build publishes: paths with their bytes, or with the file to copy them from.

use std::path::PathBuf;

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

    /// The page at `url` (`/courses/`): its file is the folder's `index.html`.
    pub fn page(url: &str, html: Vec<u8>) -> Output {
        Output { path: page_path(url), content: Content::Bytes(html) }
    }

    /// The text, when it was made by the build and is UTF-8.
    pub fn as_text(&self) -> Option<&str> {
        match &self.content {
            Content::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            Content::File(_) => None,
        }
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
    if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() }
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
