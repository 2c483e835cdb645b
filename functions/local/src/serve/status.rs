//! What the last build left behind: everything that pages, the reload script and the terminal are told of it.

use serde::Serialize;
use site_gen::diagnostic::{Diagnostic, Texts, floor_char_boundary, place};

/// The state of the site after a build. Sent to every open page whenever it changes.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Status {
    /// Names what is published; it changes whenever a page may look different.
    pub build: String,
    /// Counts builds, good and bad.
    pub revision: u64,
    /// What refuses to be published, in the order of files; empty after a good build.
    pub mistakes: Vec<Mistake>,
    /// There is something to serve: this build or an earlier one.
    #[serde(skip)]
    pub published: bool,
    /// Version of the manifest that the functions follow: their pages may look different though no file does.
    #[serde(skip)]
    pub manifest: Option<String>,
}

/// One mistake as the page shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// `content/courses/2026-q4.md:3:8`; empty when it concerns no file.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub hint: Option<String>,
    /// The line it stands in.
    pub quote: Option<Quote>,
}

/// A line of a file with what is wrong in it. Marked, not underlined with carets: those do not line up under Han characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// Before the mark, on the same line.
    pub before: String,
    /// What is meant.
    pub marked: String,
    /// After the mark.
    pub after: String,
}

impl Mistake {
    /// A mistake that stands in no file.
    pub fn new(message: impl Into<String>, hint: Option<&str>) -> Mistake {
        Mistake { message: message.into(), hint: hint.map(str::to_owned), ..Mistake::default() }
    }

    /// A finding of the build, with its line quoted from `texts`.
    pub fn of(diagnostic: &Diagnostic, texts: &Texts) -> Mistake {
        let text = texts.get(&diagnostic.file);
        let (place, quote) = match (diagnostic.span, text) {
            (Some(span), Some(text)) => {
                let at = place(text, span.start);
                (format!("{}:{}:{}", diagnostic.file, at.line, at.column), Some(quote(text, span.start, span.end)))
            }
            _ => (diagnostic.file.clone(), None),
        };
        Mistake { place, message: diagnostic.message.clone(), hint: diagnostic.hint.clone(), quote }
    }
}

fn quote(text: &str, start: usize, end: usize) -> Quote {
    let start = floor_char_boundary(text, start);
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
    let end = floor_char_boundary(text, end).clamp(start, line_end);
    Quote {
        before: text[line_start..start].to_owned(),
        marked: text[start..end].to_owned(),
        after: text[end..line_end].trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use site_gen::diagnostic::Span;

    #[test]
    fn a_finding_is_quoted_with_its_line_and_place() {
        let mut texts = Texts::default();
        texts.insert("content/a.md", "---\ntitel: 大讲堂\r\n---\n正文".into());
        let whole = Diagnostic::error("content/a.md", "unknown_key", "不认识 `titel`").hint("写 `title`");
        let cases = [
            (Some(Span::new(4, 9)), "content/a.md:2:1", Some(("", "titel", ": 大讲堂"))),
            (Some(Span::new(11, 14)), "content/a.md:2:8", Some(("titel: ", "大", "讲堂"))),
            (Some(Span::new(26, 999)), "content/a.md:4:1", Some(("", "正文", ""))),
            (Some(Span::new(4, 24)), "content/a.md:2:1", Some(("", "titel: 大讲堂\r", ""))),
            (None, "content/a.md", None),
        ];
        for (span, place, quote) in cases {
            let mistake = Mistake::of(&whole.clone().at(span), &texts);
            assert_eq!(mistake.place, place);
            let quote =
                quote.map(|(before, marked, after)| Quote { before: before.into(), marked: marked.into(), after: after.into() });
            assert_eq!(mistake.quote, quote);
            assert_eq!(mistake.hint.as_deref(), Some("写 `title`"));
        }
    }
}
