//! What a body says, without its tags: the headings and the lines that are searched and quoted. No string is found across two lines.

use serde::Serialize;

/// The words of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Text {
    /// Headings.
    pub headings: Vec<String>,
    /// Everything else: paragraphs, items, cells.
    pub lines: Vec<String>,
}

impl Text {
    /// Adds a line, unless it is empty.
    pub fn line(&mut self, line: impl Into<String>) {
        let line = line.into();
        if !line.trim().is_empty() {
            self.lines.push(line);
        }
    }

    /// Adds what `html` says, which was made by our own Markdown and is therefore well-formed.
    pub fn html(&mut self, html: &str) {
        let mut open = String::new();
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            words(&mut open, &rest[..at]);
            let tag = &rest[at..];
            if let Some(skipped) = skipped(tag) {
                rest = skipped;
                continue;
            }
            let end = end_of_tag(tag);
            let name = name(tag);
            if !is_inline(name) {
                let heading = tag.starts_with("</h") && matches!(name.as_bytes(), [b'h', b'1'..=b'6']);
                self.close(&mut open, heading);
            }
            rest = &tag[end..];
        }
        words(&mut open, rest);
        self.close(&mut open, false);
    }

    fn close(&mut self, open: &mut String, heading: bool) {
        let line = open.trim();
        if !line.is_empty() {
            (if heading { &mut self.headings } else { &mut self.lines }).push(line.to_owned());
        }
        open.clear();
    }
}

/// A text with its entities decoded.
pub(crate) fn entities(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    words(&mut decoded, text);
    decoded
}

/// Appends words with their entities decoded and each run of white space as one space.
fn words(open: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '\n']) {
        open.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = rest.find(';').filter(|end| *end < 10).and_then(|end| Some((entity(&rest[1..end])?, end + 1)));
        let (character, length) = match entity {
            Some(found) if rest.starts_with('&') => found,
            _ => (if rest.starts_with('&') { '&' } else { ' ' }, 1),
        };
        open.push(character);
        rest = &rest[length..];
    }
    open.push_str(rest);
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    })
}

/// What follows an element that nobody reads as words: comments, scripts, the marks of footnotes and their ways back.
fn skipped(tag: &str) -> Option<&str> {
    let after = |end: &str| Some(tag.find(end).map_or("", |at| &tag[at + end.len()..]));
    match name(tag) {
        "!--" => after("-->"),
        "script" if tag.starts_with("<script") => after("</script>"),
        "style" if tag.starts_with("<style") => after("</style>"),
        "sup" if tag.starts_with("<sup class=\"footnote\">") => after("</sup>"),
        "a" if tag.starts_with("<a class=\"footnote-back\"") => after("</a>"),
        _ => None,
    }
}

/// Where the tag at the beginning of `tag` ends; a quoted value may hold `>`.
pub(crate) fn end_of_tag(tag: &str) -> usize {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return at + 1,
            _ => {}
        }
    }
    tag.len()
}

/// What the tag at the beginning of `tag` is called; a comment is `!--`.
pub(crate) fn name(tag: &str) -> &str {
    if tag.starts_with("<!--") {
        return "!--";
    }
    let tag = tag.trim_start_matches(['<', '/']);
    &tag[..tag.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(tag.len())]
}

/// Words before and after it stand in one line.
fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "cite"
            | "code"
            | "data"
            | "del"
            | "dfn"
            | "em"
            | "i"
            | "img"
            | "input"
            | "ins"
            | "kbd"
            | "mark"
            | "q"
            | "ruby"
            | "rb"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "u"
            | "var"
            | "wbr"
            | "!--"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_lines_and_cells_are_told_apart() {
        let mut text = Text::default();
        text.html(concat!(
            "<p>相山区<strong>工商联</strong>与 <a title=\"a > b\" href=\"/x/\">A &amp; B</a>&#x4f1a;谈\n第二行。<sup class=\"footnote\"><a href=\"#fn-1\">1</a></sup></p>\n",
            "<h2 id=\"怎么办\">怎么<em>办</em></h2>\n<!-- 不读 --><div class=\"table\"><table><tr><td>甲</td><td>乙</td></tr></table></div>\n",
            "<ul><li>一</li><li><p>二</p></li></ul>上一行<br>\n下一行",
            "<section class=\"footnotes\"><ol><li id=\"fn-1\"><p>资料。 <a class=\"footnote-back\" href=\"#fnref-1\">↩</a></p></li></ol></section>"
        ));
        assert_eq!(text.headings, ["怎么办"]);
        assert_eq!(text.lines, ["相山区工商联与 A & B会谈 第二行。", "甲", "乙", "一", "二", "上一行", "下一行", "资料。"]);
    }

    #[test]
    fn what_only_looks_like_an_entity_stays() {
        let mut text = Text::default();
        text.html("R&D；AT&T &unknown; &lt;b&gt; &#0; 完");
        assert_eq!(text.lines, ["R&D；AT&T &unknown; <b> \0 完"]);
    }
}
