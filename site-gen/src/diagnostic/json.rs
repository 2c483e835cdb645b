//! Diagnostics for programs: one JSON object.

use serde::Serialize;

use super::{Diagnostic, Place, Severity, Texts, place};

#[derive(Serialize)]
struct Report<'a> {
    errors: usize,
    warnings: usize,
    diagnostics: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    file: &'a str,
    line: Option<usize>,
    column: Option<usize>,
    end: Option<End>,
    severity: &'static str,
    code: &'static str,
    message: &'a str,
    hint: Option<&'a str>,
}

#[derive(Serialize)]
struct End {
    line: usize,
    column: usize,
}

/// `{"errors":1,"warnings":0,"diagnostics":[{"file":…,"line":…,"column":…,"end":{…},"severity":…,"code":…,"message":…,"hint":…}]}`.
/// Lines and columns begin at 1, columns count characters, `end` is the place after the last character.
pub fn render_json(diagnostics: &[Diagnostic], texts: &Texts) -> String {
    let entries: Vec<_> = diagnostics.iter().map(|diagnostic| entry(diagnostic, texts)).collect();
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let report = Report { errors, warnings: diagnostics.len() - errors, diagnostics: entries };
    let mut json = serde_json::to_string_pretty(&report).expect("plain texts and numbers always fit JSON");
    json.push('\n');
    json
}

fn entry<'a>(diagnostic: &'a Diagnostic, texts: &Texts) -> Entry<'a> {
    let places = places(diagnostic, texts);
    Entry {
        file: &diagnostic.file,
        line: places.map(|(start, _)| start.line),
        column: places.map(|(start, _)| start.column),
        end: places.map(|(_, end)| End { line: end.line, column: end.column }),
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        code: diagnostic.code,
        message: &diagnostic.message,
        hint: diagnostic.hint.as_deref(),
    }
}

/// Where a diagnostic's place begins and ends, when it has one and its text is known.
pub(super) fn places(diagnostic: &Diagnostic, texts: &Texts) -> Option<(Place, Place)> {
    let span = diagnostic.span?;
    let text = texts.get(&diagnostic.file)?;
    Some((place(text, span.start), place(text, span.end)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::Span;

    #[test]
    fn every_part_of_a_diagnostic_is_in_the_json() {
        let mut texts = Texts::default();
        texts.insert("content/a.md", Arc::from("---\n标题: x\n"));
        let diagnostics = [
            Diagnostic::error("content/a.md", "unknown_key", "没有“标题”").at(Span::new(4, 10)).hint("写 `title`"),
            Diagnostic::warning("content/b.md", "unreadable", "读不到"),
        ];
        let json: serde_json::Value = serde_json::from_str(&render_json(&diagnostics, &texts)).expect("valid JSON");
        assert_eq!(
            json,
            serde_json::json!({
                "errors": 1,
                "warnings": 1,
                "diagnostics": [
                    {
                        "file": "content/a.md", "line": 2, "column": 1, "end": { "line": 2, "column": 3 },
                        "severity": "error", "code": "unknown_key", "message": "没有“标题”", "hint": "写 `title`",
                    },
                    {
                        "file": "content/b.md", "line": null, "column": null, "end": null,
                        "severity": "warning", "code": "unreadable", "message": "读不到", "hint": null,
                    },
                ],
            })
        );
    }
}
