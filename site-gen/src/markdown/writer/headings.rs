//! Headings, and the ids by which they are linked to.

use std::{fmt::Write, ops::Range};

use pulldown_cmark::{CowStr, HeadingLevel};

use super::{OpenHeading, Writer};
use crate::{
    diagnostic::Severity,
    markdown::text::{anchor, escape_attribute},
    site::Heading,
};

/// Ids that the theme's frame has: a heading must not take them.
const FRAME_IDS: [&str; 6] = ["main", "content", "menu", "search", "top", "footer"];

impl<'a> Writer<'a> {
    pub(super) fn start_heading(&mut self, level: HeadingLevel, id: Option<CowStr<'a>>, range: Range<usize>) {
        let mut level = level as u8;
        if level == 1 {
            level = 2;
            self.report(
                range.clone(),
                Severity::Warning,
                "heading_level",
                "页面标题已经是一级标题，正文从二级开始".to_owned(),
                Some("改用 `##`".to_owned()),
            );
        }
        write!(self.html, "<h{level}").expect("writing to a string cannot fail");
        self.heading = Some(OpenHeading { at: self.html.len(), level, id, text: String::new() });
        self.html.push('>');
    }

    pub(super) fn end_heading(&mut self, range: Range<usize>) {
        let heading = self.heading.take().expect("a heading ends after it has begun");
        self.end_block(match heading.level {
            2 => "</h2>\n",
            3 => "</h3>\n",
            4 => "</h4>\n",
            5 => "</h5>\n",
            _ => "</h6>\n",
        });
        let text = heading.text.trim();
        let id = match heading.id {
            Some(id) => {
                if self.used_ids.contains(&*id) || FRAME_IDS.contains(&&*id) {
                    self.report(
                        range,
                        Severity::Error,
                        "duplicate_anchor",
                        format!("锚点 `{id}` 已经用过了"),
                        Some("换一个没有用过的名字".to_owned()),
                    );
                }
                id.into_string()
            }
            None => self.free_id(anchor(text)),
        };
        let mut attribute = String::with_capacity(id.len() + 6);
        attribute.push_str(" id=\"");
        escape_attribute(&mut attribute, &id);
        attribute.push('"');
        self.html.insert_str(heading.at, &attribute);
        if heading.level <= 3 {
            self.rendered.body.headings.push(Heading { level: heading.level, id: id.clone(), text: text.to_owned() });
        }
        self.used_ids.insert(id.clone());
        self.rendered.anchors.push(id);
    }

    /// `id`, or with the first number after it that makes it free.
    fn free_id(&self, id: String) -> String {
        let taken = |id: &str| self.used_ids.contains(id) || FRAME_IDS.contains(&id);
        if !taken(&id) {
            return id;
        }
        (2..).map(|number| format!("{id}-{number}")).find(|id| !taken(id)).expect("numbers do not run out")
    }
}
