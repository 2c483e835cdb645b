//! Markdown to HTML: the only door to pulldown-cmark.
//!
//! 1. [`render`] walks the parser's events once and writes straight into one buffer (`writer`).
//! 2. Links and pictures are resolved as they are met, by a [`Resolver`] that knows every address of the site ([`resolve`]).
//! 3. `{{ name key="value" }}` is a shortcode with checked arguments ([`shortcode`]).
//!
//! [`prose`] gives the words of a document with their places, for whoever reads them rather than shows them.
//!
//! A mistake becomes a diagnostic at its own bytes and the walk goes on, so that an author mends all of them at once. Anchors of
//! other pages cannot be checked before those are rendered: they are handed back as [`Reference`]s.

mod footnotes;
pub mod prose;
pub mod resolve;
pub mod shortcode;
pub mod text;
mod writer;

#[cfg(test)]
mod tests;

use crate::{
    diagnostic::{Diagnostic, Span},
    site::Body,
    source::Document,
};

pub use resolve::{Broken, Picture, Resolver, Target, Widths};
pub use shortcode::{EventLine, Facts};

/// What a document is rendered with; the same for all documents of a site.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// Knows every address of the site.
    pub resolver: &'a dyn Resolver,
    /// What shortcodes say.
    pub facts: &'a Facts<'a>,
    /// HTML in Markdown is passed through instead of refused.
    pub raw_html: bool,
}

/// A rendered document and what is still to be checked about it.
#[derive(Debug, Clone, Default)]
pub struct Rendered {
    /// The HTML, its headings and its first words.
    pub body: Body,
    /// The ids of all its headings, whatever their level.
    pub anchors: Vec<String>,
    /// Links to anchors, of this page and of others.
    pub references: Vec<Reference>,
    /// Pictures that are made smaller, and where the page names them.
    pub pictures: Vec<Named>,
    /// Mistakes.
    pub diagnostics: Vec<Diagnostic>,
}

/// A picture in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The picture's file, below `content/`.
    pub path: String,
    /// Where its address is written.
    pub span: Span,
}

/// A link to an anchor, to be checked when all pages are rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The URL of the page that must have the anchor; none for the page itself.
    pub page: Option<String>,
    /// The anchor, without `#`, percent signs decoded.
    pub anchor: String,
    /// Where the link's address is written.
    pub span: Span,
}

/// Renders the Markdown of `document`.
pub fn render(document: &Document, setting: Setting<'_>) -> Rendered {
    writer::Writer::new(document, setting).run()
}
