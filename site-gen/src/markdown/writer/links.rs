//! Links and pictures: resolved, checked and written.

use std::{fmt::Write, ops::Range};

use pulldown_cmark::CowStr;

use super::{OpenImage, OpenLink, Writer, span};
use crate::{
    diagnostic::Severity,
    markdown::{
        Named, Reference,
        resolve::{Broken, Target, Widths},
        text::{decode_percent, escape, escape_address, escape_attribute},
    },
};

impl<'a> Writer<'a> {
    pub(super) fn start_link(&mut self, target: &str, title: &str, class: &str, written: Range<usize>) {
        let has_tag = self.link_tag(target, title, class, written);
        self.links.push(OpenLink { at: self.html.len(), has_tag });
    }

    /// Writes `<a …>`; without a target that exists there is none, and the build is told.
    fn link_tag(&mut self, target: &str, title: &str, class: &str, written: Range<usize>) -> bool {
        let resolved = match self.setting.resolver.link(&self.document.path, target) {
            Ok(resolved) => resolved,
            Err(Broken { message, hint }) => {
                self.report(written, Severity::Error, "broken_link", message, hint);
                return false;
            }
        };
        let (href, classes, rel) = match resolved {
            Target::Outside => (target.to_owned(), format!("external {class}"), " rel=\"noopener\""),
            Target::Direct => (target.to_owned(), class.to_owned(), ""),
            Target::Inside { href, page, anchor } => {
                self.refer(page, anchor, &written);
                (href, class.to_owned(), "")
            }
            Target::Hidden { why: Broken { message, hint }, page, anchor } => {
                self.refer(page, anchor, &written);
                self.report(written, Severity::Warning, "hidden_link", message, hint);
                return false;
            }
        };
        self.html.push_str("<a");
        if !classes.is_empty() {
            write!(self.html, " class=\"{}\"", classes.trim_end()).expect("writing to a string cannot fail");
        }
        self.html.push_str(rel);
        self.html.push_str(" href=\"");
        escape_address(&mut self.html, &href);
        self.html.push('"');
        if !title.is_empty() {
            self.html.push_str(" title=\"");
            escape_attribute(&mut self.html, title);
            self.html.push('"');
        }
        self.html.push('>');
        true
    }

    /// Keeps an anchor for when the anchors of all pages are known.
    fn refer(&mut self, page: Option<String>, anchor: Option<String>, written: &Range<usize>) {
        if let Some(anchor) = anchor {
            let span = span(self.document, written);
            self.rendered.references.push(Reference { page, anchor: decode_percent(&anchor), span });
        }
    }

    pub(super) fn end_link(&mut self, range: Range<usize>) {
        let link = self.links.pop().expect("a link ends after it has begun");
        if self.html.len() == link.at {
            self.report(
                range,
                Severity::Error,
                "empty_link",
                "链接没有文字，读屏软件读不出来".to_owned(),
                Some("在方括号里写明它通向哪里，如 `[政策原文](…)`".to_owned()),
            );
        }
        if link.has_tag {
            self.html.push_str("</a>");
        }
    }

    pub(super) fn start_image(&mut self, target: CowStr<'a>, title: CowStr<'a>, range: Range<usize>, written: Range<usize>) {
        self.settle_line_break(None);
        self.last_character = None;
        if let Some(paragraph) = &mut self.paragraph
            && self.source[paragraph.range.clone()].trim() == &self.source[range]
        {
            paragraph.figure = true;
            self.html.truncate(paragraph.at);
            self.html.push_str("<figure>");
        }
        self.image = Some(OpenImage { target, title, alt: String::new(), written, inside: 0 });
    }

    pub(super) fn end_image(&mut self) {
        let image = self.image.take().expect("a picture ends after it has begun");
        if image.alt.trim().is_empty() {
            self.report(
                image.written.clone(),
                Severity::Error,
                "missing_alt",
                "图片没有文字说明，看不见图的人不知道它是什么".to_owned(),
                Some(format!("在方括号里写一句，如 `![会议现场]({})`", image.target)),
            );
        }
        let picture = match self.setting.resolver.picture(&self.document.path, &image.target) {
            Ok(picture) => picture,
            Err(Broken { message, hint }) => return self.report(image.written, Severity::Error, "broken_image", message, hint),
        };
        if let Some(Widths { path, webp, sizes, .. }) = &picture.widths {
            let span = span(self.document, &image.written);
            self.rendered.pictures.push(Named { path: path.clone(), span });
            self.html.push_str("<picture><source type=\"image/webp\"");
            self.source_set(webp, sizes);
            self.html.push('>');
        }
        self.html.push_str("<img src=\"");
        escape_address(&mut self.html, &picture.src);
        self.html.push('"');
        if let Some(Widths { original, sizes, .. }) = &picture.widths {
            self.source_set(original, sizes);
        }
        self.html.push_str(" alt=\"");
        escape_attribute(&mut self.html, image.alt.trim());
        self.html.push('"');
        match picture.size {
            Some((width, height)) => {
                write!(self.html, " width=\"{width}\" height=\"{height}\"").expect("writing to a string cannot fail");
            }
            None => self.report(
                image.written,
                Severity::Warning,
                "unknown_size",
                format!("读不出图片 `{}` 的宽和高，页面打开时文字会跳动", image.target),
                Some("另存为 PNG、JPEG 或 WebP，或在 SVG 里写明 width 和 height".to_owned()),
            ),
        }
        self.pictures += 1;
        // The first picture is likely on the first screen; the others wait until one scrolls near them.
        self.html.push_str(if self.pictures > 1 { " loading=\"lazy\" decoding=\"async\">" } else { " decoding=\"async\">" });
        if picture.widths.is_some() {
            self.html.push_str("</picture>");
        }
        let figure = self.paragraph.as_ref().is_some_and(|paragraph| paragraph.figure);
        if figure && !image.title.is_empty() {
            self.html.push_str("<figcaption>");
            escape(&mut self.html, &image.title);
            self.html.push_str("</figcaption>");
        }
    }

    fn source_set(&mut self, widths: &[(String, u32)], sizes: &str) {
        self.html.push_str(" srcset=\"");
        for (index, (address, width)) in widths.iter().enumerate() {
            self.html.push_str(if index == 0 { "" } else { ", " });
            // A comma at its end would belong to the list.
            escape_address(&mut self.html, &address.replace(',', "%2C"));
            write!(self.html, " {width}w").expect("writing to a string cannot fail");
        }
        write!(self.html, "\" sizes=\"{sizes}\"").expect("writing to a string cannot fail");
    }
}
