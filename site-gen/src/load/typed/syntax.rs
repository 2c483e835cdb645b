//! YAML that is not YAML: what was typed instead of what was meant, line by line.
//!
//! A parser stops at the first place it cannot understand, which is seldom the place of the mistake. Here the usual mistakes are
//! looked for in the lines themselves, each is mended in a copy, and the copy is parsed; a line that still cannot be
//! understood is reported and left out. So one file shows all its mistakes at once, and its sound lines are still read.

mod lines;

use crate::{
    diagnostic::{Diagnostic, Span, floor_char_boundary},
    load::yaml::{self, Node, Refused},
};

/// A part of the text that is read as something else.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edit {
    span: Span,
    with: String,
}

/// A mistake with what is to be read in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    code: &'static str,
    span: Span,
    message: String,
    hint: String,
    edits: Vec<Edit>,
}

/// What could be made of a text. All places are those of the text as it was written.
#[derive(Debug, Default)]
pub struct Reading {
    /// The sound part.
    pub tree: Option<Node>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Keys on lines that were left out.
    pub lost: Vec<String>,
}

/// Reads `text` as a tree whatever is wrong with it.
pub fn read(file: &str, text: &str) -> Reading {
    match yaml::tree(text) {
        Ok(tree) if !tree.as_ref().is_some_and(|tree| is_suspicious(tree, text, true)) => Reading { tree, ..Reading::default() },
        _ => mended(file, text),
    }
}

/// A bare text is where a colon or the space behind it is missing, and a text without quotes that goes on over several lines is
/// where the space behind a hyphen is.
fn is_suspicious(node: &Node, text: &str, is_root: bool) -> bool {
    match &node.value {
        yaml::Value::Scalar { plain, .. } => *plain && (is_root || text[node.span.start..node.span.end].contains('\n')),
        yaml::Value::List(items) => items.iter().any(|item| is_suspicious(item, text, false)),
        yaml::Value::Map(entries) => entries.iter().any(|(_, value)| is_suspicious(value, text, false)),
        yaml::Value::Alias => false,
    }
}

/// How many lines are given up before the rest of the file is.
const MOST_LOST: usize = 12;

/// Reads `text` with the usual mistakes mended, whether or not a parser minds them.
pub fn mended(file: &str, text: &str) -> Reading {
    let findings = lines::look(text);
    let mut reading = Reading::default();
    let mut edits: Vec<Edit> = Vec::new();
    for finding in findings {
        reading.diagnostics.push(Diagnostic::error(file, finding.code, finding.message).at(finding.span).hint(finding.hint));
        edits.extend(finding.edits);
    }
    edits.sort_by_key(|edit| edit.span);
    loop {
        let attempt = apply(text, &edits);
        match yaml::tree(&attempt) {
            Ok(tree) => {
                reading.tree = tree.map(|tree| tree.moved(&back(&edits)));
                return reading;
            }
            Err(refused) => {
                let at = original(&edits, refused.at.unwrap_or(attempt.len()));
                let Some(line) = line_to_leave_out(text, &edits, at) else { return reading };
                if reading.lost.len() >= MOST_LOST {
                    return reading;
                }
                let known = reading
                    .diagnostics
                    .iter()
                    .any(|diagnostic| diagnostic.span.is_some_and(|span| span.start >= line.start && span.start <= line.end));
                if !known {
                    reading.diagnostics.push(unreadable(file, text, line, &refused));
                }
                reading.lost.push(lines::key_of(&text[line.start..line.end]).unwrap_or_default().to_owned());
                edits.retain(|edit| edit.span.end <= line.start || edit.span.start >= line.end);
                edits.push(Edit { span: line, with: String::new() });
                edits.sort_by_key(|edit| edit.span);
            }
        }
    }
}

/// `text` with all `edits`, which are in order and do not overlap.
fn apply(text: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut done = 0;
    for edit in edits {
        out.push_str(&text[done..edit.span.start]);
        out.push_str(&edit.with);
        done = edit.span.end;
    }
    out.push_str(&text[done..]);
    out
}

/// Where a place of the edited text stands in the text as it was written.
fn original(edits: &[Edit], at: usize) -> usize {
    let mut longer: isize = 0;
    for edit in edits {
        let start = edit.span.start.wrapping_add_signed(longer);
        if at < start {
            break;
        }
        if at < start + edit.with.len() {
            return (edit.span.start + (at - start)).min(edit.span.end);
        }
        if at == start + edit.with.len() {
            return edit.span.end;
        }
        longer += edit.with.len() as isize - (edit.span.end - edit.span.start) as isize;
    }
    at.wrapping_add_signed(-longer)
}

/// Moves a place of the edited text to where it stands in the text as it was written.
fn back(edits: &[Edit]) -> impl Fn(Span) -> Span {
    |span| {
        let start = original(edits, span.start);
        Span::new(start, original(edits, span.end).max(start))
    }
}

/// The line at `at`, or the nearest before it that has not been left out yet and is not blank.
fn line_to_leave_out(text: &str, edits: &[Edit], at: usize) -> Option<Span> {
    let mut end_of_search = floor_char_boundary(text, at);
    loop {
        let start = text[..end_of_search].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        let line = Span::new(start, end);
        let left_out = edits.iter().any(|edit| edit.span == line && edit.with.is_empty());
        if !left_out && !text[start..end].trim().is_empty() {
            return Some(line);
        }
        end_of_search = start.checked_sub(1)?;
    }
}

fn unreadable(file: &str, text: &str, line: Span, refused: &Refused) -> Diagnostic {
    let content = &text[line.start..line.end];
    let inner = Span::new(line.start + (content.len() - content.trim_start().len()), line.start + content.trim_end().len());
    if refused.reason == yaml::TOO_DEEP {
        return Diagnostic::error(file, "too_deep", "这里一层套一层，套得太深了")
            .at(inner)
            .hint("页面信息最多三四层，检查方括号和花括号有没有多写");
    }
    if let Some(spaces) = lines::expected_indent(text, line) {
        let has = content.len() - content.trim_start().len();
        return Diagnostic::error(file, "indentation", "这一行的缩进和上下文对不齐")
            .at(inner)
            .hint(format!("这一行前面有 {has} 个空格，应当是 {spaces} 个"));
    }
    Diagnostic::error(file, "yaml", "读不懂这一行的写法")
        .at(inner)
        .hint("检查这一行和上一行：写成 `键: 内容`，冒号是半角、后面空一格；同一层前面的空格数一样；内容里有冒号、引号、方括号时整段用引号括起来")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_an_edited_text_are_found_in_the_written_one() {
        let text = "a：1\nb: 2\n";
        let edits = [Edit { span: Span::new(1, 4), with: ": ".to_owned() }];
        let edited = apply(text, &edits);
        assert_eq!(edited, "a: 1\nb: 2\n");
        for word in ["a", "1", "b", "2"] {
            let (there, here) = (edited.find(word).expect("there"), text.find(word).expect("here"));
            assert_eq!(original(&edits, there), here, "{word}");
        }
    }

    #[test]
    fn a_line_that_cannot_be_understood_does_not_hide_the_rest() {
        let text = "title: 甲\n   }{ ]\ntags: [a]\nsummary: ]x[\ndraft: true\n";
        let reading = read("x", text);
        let tree = reading.tree.expect("the sound lines are read");
        assert!(yaml::find(&tree, &["title"]).is_some(), "{tree:?}");
        assert!(yaml::find(&tree, &["draft"]).is_some(), "{tree:?}");
        assert!(!reading.diagnostics.is_empty());
    }
}
