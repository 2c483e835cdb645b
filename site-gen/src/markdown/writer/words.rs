//! Paragraphs and the words in them: what is read aloud, searched and quoted, with the mistakes that stand among words.

use std::ops::Range;

use super::{Excerpt, OpenParagraph, Writer};
use crate::{
    diagnostic::Severity,
    markdown::{
        shortcode,
        text::{escape, joins_without_space},
    },
};

impl Writer<'_> {
    pub(super) fn start_paragraph(&mut self, range: Range<usize>) {
        if self.source[range.clone()].starts_with("{{") && self.shortcode_paragraph(range.clone()) {
            return;
        }
        let at = self.html.len();
        self.html.push_str("<p>");
        if self.excerpt == Excerpt::Waiting && self.nesting == 0 {
            self.excerpt = Excerpt::Open;
        }
        self.paragraph = Some(OpenParagraph { range, at, figure: false });
    }

    pub(super) fn end_paragraph(&mut self) {
        let figure = self.paragraph.take().is_some_and(|paragraph| paragraph.figure);
        self.end_block(if figure { "</figure>\n" } else { "</p>\n" });
        if self.excerpt == Excerpt::Open {
            let empty = self.rendered.body.excerpt.trim().is_empty();
            self.excerpt = if empty { Excerpt::Waiting } else { Excerpt::Taken };
        }
    }

    /// Text in which `{{` begins a shortcode.
    pub(super) fn text_with_shortcodes(&mut self, text: &str, range: Range<usize>) {
        let verbatim = self.source[range.clone()] == *text;
        if !verbatim {
            return self.text(text);
        }
        // A shortcode may have ended within this text.
        let mut at = if (range.start..range.end).contains(&self.done.end) { self.done.end } else { range.start };
        while let Some(begin) = opening(&self.source[at..range.end]).map(|found| at + found) {
            self.text(&self.source[at..begin]);
            at = match shortcode::parse(self.source, begin) {
                Ok(call) => {
                    self.inline_shortcode(&call);
                    call.range.end
                }
                Err(mistake) => {
                    let end = mistake.end;
                    self.report_mistake(mistake);
                    end
                }
            };
            if at > range.end {
                self.done = begin..at;
                return;
            }
        }
        self.notice_literal_marks(at);
        self.text(&self.source[at..range.end]);
    }

    /// Marks that stayed text: the parser hands them over as text of their own, so only the beginning is looked at.
    fn notice_literal_marks(&mut self, at: usize) {
        let (before, rest) = self.source.split_at(at);
        if before.ends_with('\\') {
            return;
        }
        if rest.starts_with("**")
            // Four of them hide digits: 138****1234.
            && !rest.starts_with("****")
            && !before.ends_with('*')
            && !std::mem::replace(&mut self.stars_reported, true)
        {
            let hint = "把标点移到 `**` 外面，如 `**要点**：说明`，或在 `**` 与文字之间留一个空格";
            let message = "这里的 `**` 没有变成粗体，会原样显示".to_owned();
            self.report(at..at + 2, Severity::Warning, "emphasis", message, Some(hint.to_owned()));
        }
        if let Some(label) = rest.strip_prefix("[^")
            && let Some(length) = label.find(|c: char| c == ']' || c.is_whitespace())
            && label[length..].starts_with(']')
        {
            let label = &label[..length];
            let message = format!("注释 `[^{label}]` 没有写内容");
            let hint = format!("另起一段写 `[^{label}]: 注释的内容`");
            self.report(at..at + length + 3, Severity::Error, "undefined_reference", message, Some(hint));
        }
    }

    /// Words that people read.
    pub(super) fn text(&mut self, text: &str) {
        let Some(first) = text.chars().next() else { return };
        self.settle_line_break(Some(first));
        self.plain(text);
        if self.image.is_none() {
            escape(&mut self.html, text);
        }
        self.last_character = text.chars().next_back();
    }

    /// The same words for whoever wants them without tags: a heading's anchor, a picture's alt text, the excerpt.
    pub(super) fn plain(&mut self, text: &str) {
        if let Some(image) = &mut self.image {
            image.alt.push_str(text);
            return;
        }
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(text);
        }
        if self.excerpt == Excerpt::Open {
            self.rendered.body.excerpt.push_str(text);
        }
    }

    /// Decides what a line break of the source was, now that the next character is known.
    pub(super) fn settle_line_break(&mut self, next: Option<char>) {
        let Some(at) = self.line_break.take() else { return };
        let joined = self.last_character.zip(next).is_some_and(|(before, after)| joins_without_space(before, after));
        if !joined {
            self.plain(" ");
            if self.image.is_none() {
                self.html.insert(at, '\n');
            }
        }
    }
}

/// Where `{{` stands. Every text of a document is looked through and hardly any has a brace, so the one byte is looked for first.
fn opening(text: &str) -> Option<usize> {
    memchr::memchr_iter(b'{', text.as_bytes()).find(|at| text.as_bytes().get(at + 1) == Some(&b'{'))
}

#[cfg(test)]
mod tests {
    use super::opening;

    #[test]
    fn a_shortcode_opens_with_two_braces() {
        for (text, at) in
            [("商会{{ contact }}", Some(6)), ("{ {{a", Some(2)), ("{{{", Some(0)), ("a{", None), ("{a{", None), ("", None)]
        {
            assert_eq!(opening(text), at, "{text}");
        }
    }
}
