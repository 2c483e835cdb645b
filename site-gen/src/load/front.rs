//! Finds the front matter: the lines between `---` at the top of a document. What was meant is found as well when a fence is
//! missing or miswritten, so that its keys can still be checked.

use crate::diagnostic::{Diagnostic, Span};

/// The two parts of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Front {
    /// Where the YAML stands; empty when there is none.
    pub at: Span,
    /// Where the Markdown begins.
    pub body: usize,
    /// What is wrong with the fences.
    pub problem: Option<Diagnostic>,
}

/// Parts the document `file`.
pub fn part(file: &str, text: &str) -> Front {
    let Some((first, opening)) = lines(text).enumerate().find(|(_, line)| !line.text.trim().is_empty()) else {
        let problem =
            Diagnostic::error(file, "empty_file", "文件是空的").hint(format!("写上页面信息和正文：\n{}", template("页面的标题")));
        return Front { at: Span::new(0, 0), body: text.len(), problem: Some(problem) };
    };
    match fence(opening.text) {
        Fence::Right => closed(file, text, (first, opening), None),
        Fence::Wrong => {
            let problem = miswritten(file, opening, "开头");
            closed(file, text, (first, opening), Some(problem))
        }
        Fence::None => unopened(file, text, (first, opening)),
    }
}

/// When a document's front matter has no closing fence but a line of `---` further down in its text was taken for one: the
/// document parted where its keys end. None when the keys reach as far as `front` says.
pub fn part_by_keys(file: &str, text: &str, front: &Front) -> Option<Front> {
    let opening = lines(text).position(|line| line.end() >= front.at.start)?;
    let unclosed = unclosed(file, text, opening);
    let (keys_end, taken_end) = (unclosed.at.end, front.at.end);
    // Prose is parted from the keys by a blank line; without one the line is a key that went wrong.
    let prose = text.get(keys_end..taken_end).is_some_and(|rest| rest.starts_with('\n') && !rest.trim().is_empty());
    (front.problem.is_none() && prose && keys_end > unclosed.at.start).then_some(unclosed)
}

#[derive(Clone, Copy)]
struct Line<'a> {
    start: usize,
    text: &'a str,
}

impl Line<'_> {
    /// The byte at which the next line begins, were there one.
    fn end(self) -> usize {
        self.start + self.text.len() + 1
    }

    fn span(self) -> Span {
        Span::new(self.start, self.start + self.text.trim_end().len())
    }
}

/// The lines of `text`, one by one: of most documents only the first few are looked at.
fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split('\n').map(move |text| {
        let line = Line { start, text };
        start = line.end();
        line
    })
}

enum Fence {
    Right,
    Wrong,
    None,
}

/// `---`, or what looks like it: another number of hyphens, dashes, full-width hyphens.
fn fence(line: &str) -> Fence {
    let line = line.trim_end();
    if line == "---" {
        return Fence::Right;
    }
    let is_dash = |character| matches!(character, '-' | '—' | '–' | '－' | '―' | '─' | '＿' | '_' | '−');
    if line.trim_start().chars().all(is_dash) && line.trim_start().chars().count() >= 2 { Fence::Wrong } else { Fence::None }
}

fn miswritten(file: &str, line: Line<'_>, which: &str) -> Diagnostic {
    Diagnostic::error(file, "fence", format!("{which}的分隔线写成了 `{}`", line.text.trim()))
        .at(line.span())
        .hint("改成三个半角短横线 `---`，前后不要空格")
}

fn closed(file: &str, text: &str, (index, opening): (usize, Line<'_>), problem: Option<Diagnostic>) -> Front {
    let start = opening.end().min(text.len());
    for line in lines(text).skip(index + 1) {
        let problem = match fence(line.text) {
            Fence::Right => problem,
            Fence::Wrong if !line.text.starts_with(' ') => Some(miswritten(file, line, "结尾")),
            _ => continue,
        };
        return Front { at: Span::new(start, line.start), body: line.end().min(text.len()), problem };
    }
    unclosed(file, text, index)
}

fn unclosed(file: &str, text: &str, opening: usize) -> Front {
    let lines: Vec<Line<'_>> = lines(text).collect();
    let mut last = opening;
    for (index, line) in lines.iter().enumerate().skip(opening + 1) {
        if line.text.trim().is_empty() {
            continue;
        }
        // After a blank line, `# …` is a heading and no comment.
        let heading = line.text.starts_with('#') && index > last + 1;
        if heading || !(line.text.starts_with([' ', '\t', '#']) || line.text.starts_with("- ") || is_key(line.text)) {
            break;
        }
        last = index;
    }
    let opened = lines[opening];
    let hint = if last == opening {
        "在页面信息写完之后加一行 `---`".to_owned()
    } else {
        format!("在第 {} 行后面加一行 `---`", last + 1)
    };
    let problem =
        Diagnostic::error(file, "unclosed_front_matter", "页面信息以 `---` 开头，却没有 `---` 收尾").at(opened.span()).hint(hint);
    let end_of_text = lines.last().map_or(0, |line| line.start + line.text.len());
    let end = lines[last].end().min(end_of_text);
    Front { at: Span::new(opened.end().min(end_of_text).min(end), end), body: end, problem: Some(problem) }
}

/// `title: …`, with whichever colon.
fn is_key(line: &str) -> bool {
    let Some(colon) = line.find([':', '：']) else { return false };
    let key = line[..colon].trim_end();
    !key.is_empty() && key.chars().all(|character| character.is_alphanumeric() || matches!(character, '_' | '-'))
}

fn unopened(file: &str, text: &str, (first, line): (usize, Line<'_>)) -> Front {
    let nothing = |problem| Front { at: Span::new(0, 0), body: 0, problem: Some(problem) };
    if line.text.trim() == "+++" {
        return nothing(
            Diagnostic::error(file, "fence", "页面信息用了 `+++`（TOML），这里用的是 YAML")
                .at(line.span())
                .hint("分隔线改成 `---`，`title = \"标题\"` 改成 `title: 标题`"),
        );
    }
    let closing = || lines(text).skip(first).find(|line| matches!(fence(line.text), Fence::Right));
    if is_key(line.text)
        && let Some(closing) = closing()
    {
        let problem = Diagnostic::error(file, "no_front_matter", "页面信息前面缺一行 `---`")
            .at(line.span())
            .hint("在第一行前面加一行 `---`");
        return Front { at: Span::new(line.start, closing.start), body: closing.end().min(text.len()), problem: Some(problem) };
    }
    let title = line.text.trim_start_matches(['#', ' ']).trim();
    let title = if title.is_empty() || title.chars().count() > 40 { "页面的标题" } else { title };
    nothing(
        Diagnostic::error(file, "no_front_matter", "文件开头没有页面信息")
            .at(line.span())
            .hint(format!("在最前面加上：\n{}", template(title))),
    )
}

fn template(title: &str) -> String {
    format!("---\ntitle: {title}\n---")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_parted_at_its_fences() {
        for (text, yaml, body, code) in [
            ("---\ntitle: a\n---\n正文\n", "title: a\n", "正文\n", None),
            ("\n---  \ntitle: a\n--- \n正文", "title: a\n", "正文", None),
            ("---\n---\n", "", "", None),
            ("---\n---", "", "", None),
            ("---\ntitle: a\n---", "title: a\n", "", None),
            ("", "", "", Some("empty_file")),
            (" \n\n", "", "", Some("empty_file")),
            ("# 标题\n正文\n", "", "# 标题\n正文\n", Some("no_front_matter")),
            ("title: a\n---\n正文\n", "title: a\n", "正文\n", Some("no_front_matter")),
            ("+++\ntitle = \"a\"\n+++\n", "", "+++\ntitle = \"a\"\n+++\n", Some("fence")),
            ("---\ntitle: a\n———\n正文\n---\n", "title: a\n", "正文\n---\n", Some("fence")),
            ("－－－\ntitle: a\n---\n正文\n", "title: a\n", "正文\n", Some("fence")),
            (
                "---\ntitle: a\ntags:\n  - b\n\n# 标题\n正文\n",
                "title: a\ntags:\n  - b\n",
                "\n# 标题\n正文\n",
                Some("unclosed_front_matter"),
            ),
            ("---\ntitle: a", "title: a", "", Some("unclosed_front_matter")),
            ("---", "", "", Some("unclosed_front_matter")),
            ("---\n", "", "", Some("unclosed_front_matter")),
            ("---\n正文\n", "", "正文\n", Some("unclosed_front_matter")),
        ] {
            let front = part("x", text);
            assert_eq!((&text[front.at.start..front.at.end], &text[front.body..]), (yaml, body), "{text:?}");
            assert_eq!(front.problem.map(|problem| problem.code), code, "{text:?}");
        }
    }

    #[test]
    fn a_rule_in_the_text_is_not_the_end_of_an_unclosed_front_matter() {
        let text = "---\ntitle: a\n\n正文一段。\n\n---\n又一段。\n";
        let taken = part("x", text);
        let parted = part_by_keys("x", text, &taken).expect("the keys end before");
        assert_eq!(&text[parted.at.start..parted.at.end], "title: a\n");
        assert_eq!(parted.problem.expect("said").hint.as_deref(), Some("在第 2 行后面加一行 `---`"));
        let sound = "---\ntitle: a\ntags: [b]\n---\n正文\n";
        assert_eq!(part_by_keys("x", sound, &part("x", sound)), None);
    }
}
