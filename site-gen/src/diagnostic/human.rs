//! Diagnostics for people: the line quoted, a caret under the place, the way to mend it below.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde::{Deserialize, Serialize};

use super::{Diagnostic, Severity, Texts, floor_char_boundary, place};

/// Whether to colour what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Colours {
    /// For a pipe, a file, a test.
    #[default]
    Plain,
    /// For a terminal.
    Ansi,
}

/// All of them with a summary below; an empty text when there is nothing to say.
pub fn render_human(diagnostics: &[Diagnostic], texts: &Texts, colours: Colours) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    let renderer = match colours {
        Colours::Plain => Renderer::plain(),
        Colours::Ansi => Renderer::styled(),
    };
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&renderer.render(&[group(diagnostic, texts.get(&diagnostic.file).map(|text| &**text))]));
        out.push_str("\n\n");
    }
    out.push_str(&summary(diagnostics));
    out.push('\n');
    out
}

/// 「2 个错误，1 个警告」
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    match (errors, diagnostics.len() - errors) {
        (0, 0) => "没有发现问题".to_owned(),
        (errors, 0) => format!("{errors} 个错误"),
        (0, warnings) => format!("{warnings} 个警告"),
        (errors, warnings) => format!("{errors} 个错误，{warnings} 个警告"),
    }
}

fn group<'a>(diagnostic: &'a Diagnostic, text: Option<&'a str>) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR.with_name("错误"),
        Severity::Warning => Level::WARNING.with_name("警告"),
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code);
    let group = match (diagnostic.span, text) {
        (Some(span), Some(text)) => title.element(quoted(&diagnostic.file, text, span.start, span.end)),
        _ => title.element(Origin::path(diagnostic.file.as_str())),
    };
    match &diagnostic.hint {
        Some(hint) => group.element(Level::HELP.with_name("提示").message(hint.as_str())),
        None => group,
    }
}

/// The first line of the place, with the part of it that is meant. What spans several lines is meant by its beginning.
fn quoted<'a>(file: &'a str, text: &'a str, start: usize, end: usize) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let start = floor_char_boundary(text, start);
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
    let end = floor_char_boundary(text, end).clamp(start, line_end);
    Snippet::source(&text[line_start..line_end])
        .line_start(place(text, start).line)
        .path(file)
        .annotation(AnnotationKind::Primary.span(start - line_start..end - line_start))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::Span;

    fn rendered(text: &str, diagnostic: Diagnostic) -> String {
        let mut texts = Texts::default();
        texts.insert("content/a.md", Arc::from(text));
        render_human(&[diagnostic], &texts, Colours::Plain)
    }

    #[test]
    fn the_caret_stands_under_its_word_also_behind_full_width_characters() {
        let text = "---\ntitle: 相商\nsummary: 企业，titel 在这里\n";
        let at = text.find("titel").expect("there");
        let diagnostic = Diagnostic::error("content/a.md", "unknown_key", "没有 `titel` 这个键")
            .at(Span::new(at, at + 5))
            .hint("是不是想写 `title`？");
        assert_eq!(
            rendered(text, diagnostic),
            "\
错误[unknown_key]: 没有 `titel` 这个键
 --> content/a.md:3:13
  |
3 | summary: 企业，titel 在这里
  |                ^^^^^
  |
  = 提示: 是不是想写 `title`？

1 个错误
"
        );
    }

    #[test]
    fn a_place_over_several_lines_is_shown_by_its_first() {
        let text = "a:\n  b: 1\n  c: 2\n";
        let out = rendered(text, Diagnostic::warning("content/a.md", "x", "不对").at(Span::new(5, 17)));
        assert_eq!(out, "警告[x]: 不对\n --> content/a.md:2:3\n  |\n2 |   b: 1\n  |   ^^^^\n\n1 个警告\n");
    }

    #[test]
    fn places_at_the_very_end_and_beyond_it_are_shown() {
        for (text, start) in [("a: 1\n", 5), ("a: 1", 4), ("", 0), ("a: 1\n", 99)] {
            let out = rendered(text, Diagnostic::error("content/a.md", "x", "不对").at(Span::new(start, start)));
            assert!(out.contains("content/a.md:"), "{out}");
        }
    }

    #[test]
    fn a_file_as_a_whole_is_named_without_a_line() {
        let out = rendered("", Diagnostic::error("content/b.md", "x", "不对").hint("改"));
        assert_eq!(out, "错误[x]: 不对\n--> content/b.md\n = 提示: 改\n\n1 个错误\n");
    }

    #[test]
    fn the_summary_names_only_what_there_is() {
        let error = Diagnostic::error("a", "x", "");
        let warning = Diagnostic::warning("a", "x", "");
        for (diagnostics, expected) in [
            (vec![], "没有发现问题"),
            (vec![error.clone()], "1 个错误"),
            (vec![warning.clone(), warning.clone()], "2 个警告"),
            (vec![error, warning], "1 个错误，1 个警告"),
        ] {
            assert_eq!(summary(&diagnostics), expected);
        }
    }

    #[test]
    fn colours_only_when_asked() {
        let diagnostic = [Diagnostic::error("a", "x", "不对")];
        assert!(!render_human(&diagnostic, &Texts::default(), Colours::Plain).contains('\u{1b}'));
        assert!(render_human(&diagnostic, &Texts::default(), Colours::Ansi).contains('\u{1b}'));
    }
}
