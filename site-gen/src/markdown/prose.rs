//! The words of a document as a reader meets them, paragraph by paragraph, each byte with its place in the source.
//!
//! Code, addresses, shortcodes and HTML are not words: one [`OPAQUE`] character stands for each, so that what is before and after is not taken for
//! neighbours.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::{shortcode, writer};
use crate::diagnostic::Span;

/// Stands for what is not words.
pub const OPAQUE: char = '\u{fffc}';

/// A paragraph, a heading, a cell, the words of a picture, or one value of a front matter.
#[derive(Debug, Clone, Default)]
pub struct Passage {
    /// The words; a line break of the source is `\n`.
    pub text: String,
    /// Where it stands, when it is a value of front matter or of a data file: `event.place`.
    pub key: Option<String>,
    /// The words of links within it, as ranges of `text`.
    pub links: Vec<Range<usize>>,
    pieces: Vec<Piece>,
}

/// Bytes of a passage that stand together in the source.
#[derive(Debug, Clone, Copy)]
struct Piece {
    /// Where in the passage it begins.
    at: usize,
    /// Where in the source it stands.
    source: Span,
    /// The bytes are the same in both. Otherwise (`&nbsp;`) the piece is one thing.
    same: bool,
}

impl Passage {
    /// One value, written as it is read: `text` stands at `start` of the source.
    pub fn value(key: String, text: &str, start: usize) -> Passage {
        let mut passage = Passage { key: Some(key), ..Passage::default() };
        passage.words(text, start);
        passage
    }

    /// Where the bytes `range` of the passage stand in the source.
    pub fn span(&self, range: Range<usize>) -> Span {
        let start = self.place(range.start, false);
        let end = if range.end > range.start { self.place(range.end - 1, true) } else { start };
        Span::new(start, end.max(start))
    }

    /// Nothing but these bytes stands in the source where they stand: no marks of bold, no beginning of a link.
    pub fn stands_together(&self, range: Range<usize>) -> bool {
        self.pieces
            .windows(2)
            .filter(|pair| (range.start + 1..range.end).contains(&pair[1].at))
            .all(|pair| pair[0].source.end == pair[1].source.start)
    }

    /// Where the byte `at` begins in the source, or ends.
    fn place(&self, at: usize, end: bool) -> usize {
        let index = self.pieces.partition_point(|piece| piece.at <= at);
        let Some(piece) = index.checked_sub(1).map(|index| self.pieces[index]) else { return 0 };
        match (piece.same, end) {
            (true, _) => (piece.source.start + (at - piece.at) + usize::from(end)).min(piece.source.end),
            (false, false) => piece.source.start,
            (false, true) => piece.source.end,
        }
    }

    fn push(&mut self, text: &str, source: Span, same: bool) {
        if !text.is_empty() {
            self.pieces.push(Piece { at: self.text.len(), source, same });
            self.text.push_str(text);
        }
    }

    fn opaque(&mut self, source: Span) {
        self.push(OPAQUE.encode_utf8(&mut [0; 4]), source, false);
    }

    /// Words that stand at `start` as they are; addresses among them are not words.
    fn words(&mut self, text: &str, start: usize) {
        let mut from = 0;
        while let Some((at, length)) = address(&text[from..]) {
            let (begin, end) = (from + at, from + at + length);
            self.push(&text[from..begin], Span::new(start + from, start + begin), true);
            self.opaque(Span::new(start + begin, start + end));
            from = end;
        }
        self.push(&text[from..], Span::new(start + from, start + text.len()), true);
    }
}

/// The first address in `text` that is written out: where, and how long.
fn address(text: &str) -> Option<(usize, usize)> {
    let marks = ["://", "www.", "@"];
    // Every passage is looked through, and few have one.
    let mark = marks.iter().filter_map(|mark| text.find(mark)).min()?;
    let belongs = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'(' | b')' | b'|' | b'*' | b'`');
    let bytes = text.as_bytes();
    let before =
        bytes[..mark].iter().rev().take_while(|byte| belongs(**byte) && !matches!(**byte, b',' | b';' | b'!' | b'?')).count();
    let after = bytes[mark..].iter().take_while(|byte| belongs(**byte)).count();
    let written = &text[mark - before..mark + after];
    let length = written.trim_end_matches([',', ';', '.', '!', '?', '\'']).len();
    Some((mark - before, length.max(1)))
}

/// The words of `markdown`, which begins at `offset` of its file.
pub fn prose(markdown: &str, offset: usize) -> Vec<Passage> {
    let mut reader = Reader {
        source: markdown,
        offset,
        done: Vec::new(),
        open: Passage::default(),
        around: Vec::new(),
        links: Vec::new(),
        code: false,
        skip: 0,
    };
    for (event, range) in Parser::new_ext(markdown, writer::options()).into_offset_iter() {
        reader.event(event, range);
    }
    reader.flush();
    reader.done
}

/// All of `markdown` but its words: two texts with the same outline differ in words alone.
pub fn outline(markdown: &str) -> Vec<String> {
    Parser::new_ext(markdown, writer::options())
        .filter(|event| !matches!(event, Event::Text(_) | Event::SoftBreak))
        .map(|event| format!("{event:?}"))
        .collect()
}

struct Reader<'a> {
    source: &'a str,
    offset: usize,
    done: Vec<Passage>,
    open: Passage,
    /// Passages that the words of a picture interrupt.
    around: Vec<Passage>,
    /// Where in the open passage the words of open links begin; none for one whose words are its address.
    links: Vec<Option<usize>>,
    code: bool,
    /// Up to where a shortcode has been read already.
    skip: usize,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        let span = Span::new(range.start, range.end).shifted(self.offset);
        match event {
            Event::Start(Tag::CodeBlock(_)) => {
                self.flush();
                self.code = true;
            }
            Event::End(TagEnd::CodeBlock) => self.code = false,
            Event::Start(Tag::Image { .. }) => self.around.push(std::mem::take(&mut self.open)),
            Event::End(TagEnd::Image) => {
                self.flush();
                self.open = self.around.pop().unwrap_or_default();
                self.open.opaque(span);
            }
            Event::Start(Tag::Link { .. }) => self.links.push(Some(self.open.text.len())),
            Event::End(TagEnd::Link) => {
                if let Some(Some(start)) = self.links.pop() {
                    self.open.links.push(start..self.open.text.len());
                }
            }
            Event::Start(tag) if !is_inline(&tag) => self.flush(),
            Event::End(tag) if !is_inline_end(tag) => self.flush(),
            Event::Text(text) if !self.code => self.text(&text, range),
            Event::SoftBreak => self.open.push("\n", Span::new(span.start, span.end), false),
            Event::Code(_)
            | Event::HardBreak
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => self.open.opaque(span),
            _ => {}
        }
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        let start = range.start.max(self.skip).min(range.end);
        let written = &self.source[start..range.end];
        if start == range.start && written != text {
            return self.open.push(text, Span::new(range.start, range.end).shifted(self.offset), false);
        }
        let mut from = start;
        // A shortcode holds quotes and addresses, and the parser may part it into several texts.
        while let Some(at) = self.source[from..range.end].find("{{").map(|at| from + at) {
            self.open.words(&self.source[from..at], from + self.offset);
            let end = shortcode::parse(self.source, at).map_or_else(|mistake| mistake.end, |call| call.range.end);
            self.open.opaque(Span::new(at, end).shifted(self.offset));
            self.skip = end;
            if end >= range.end {
                return;
            }
            from = end;
        }
        self.open.words(&self.source[from..range.end], from + self.offset);
    }

    fn flush(&mut self) {
        let passage = std::mem::take(&mut self.open);
        if !passage.text.is_empty() {
            self.done.push(passage);
        }
    }
}

fn is_inline(tag: &Tag<'_>) -> bool {
    matches!(tag, Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Superscript | Tag::Subscript)
}

fn is_inline_end(tag: TagEnd) -> bool {
    matches!(tag, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Superscript | TagEnd::Subscript)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(markdown: &str) -> Vec<String> {
        prose(markdown, 0).into_iter().map(|passage| passage.text.replace(OPAQUE, "▯")).collect()
    }

    #[test]
    fn words_are_what_a_reader_meets() {
        for (markdown, expected) in [
            ("甲**乙**丙\n丁\n\n戊", vec!["甲乙丙\n丁", "戊"]),
            ("## 标题 {#x}\n\n- 一\n- 二 `码`", vec!["标题", "一", "二 ▯"]),
            ("```\n码\n```\n\n后", vec!["后"]),
            ("看[这里](/a.md)。", vec!["看这里。"]),
            ("![厅](hall.jpg)在", vec!["厅", "▯在"]),
            ("| 甲 | 乙 |\n|---|---|\n| 丙 | 丁 |", vec!["甲", "乙", "丙", "丁"]),
            ("{{ button to=\"/a/\" label=\"提诉求\" }}后", vec!["▯后"]),
            ("写信到 someone@example.cn，或上 https://a.example/x?y=1。", vec!["写信到 ▯，或上 ▯。"]),
            ("甲&nbsp;乙", vec!["甲\u{a0}乙"]),
            ("<b>甲</b>", vec!["▯甲▯"]),
        ] {
            assert_eq!(texts(markdown), expected, "{markdown}");
        }
    }

    #[test]
    fn each_byte_knows_its_place() {
        let markdown = "前**企业，**&nbsp;后\n又\\\"一\n";
        let passages = prose(markdown, 100);
        let passage = &passages[0];
        for (word, written) in [("企业，", "企业，"), ("\u{a0}", "&nbsp;"), ("后", "后"), ("又", "又"), ("一", "一")]
        {
            let at = passage.text.find(word).expect("there");
            let span = passage.span(at..at + word.len());
            assert_eq!(&markdown[span.start - 100..span.end - 100], written, "{word}");
        }
    }
}
