//! Looks at the lines of a text for what is usually typed wrong.

use super::{Edit, Finding};
use crate::{
    diagnostic::Span,
    load::words::{half_width, parts},
};

/// A line with its place.
#[derive(Clone, Copy)]
struct Line<'a> {
    start: usize,
    text: &'a str,
}

impl Line<'_> {
    fn indent(self) -> usize {
        self.text.len() - self.text.trim_start().len()
    }

    /// Nothing, or a comment.
    fn is_idle(self) -> bool {
        let text = self.text.trim_start();
        text.is_empty() || text.starts_with('#')
    }
}

/// What stands before a value on its line.
struct Entry<'a> {
    /// Inside a list item.
    item: bool,
    /// The key, when there is one.
    key: Option<&'a str>,
    /// Byte offset in the line of what parts key and value; the end of the key.
    colon: usize,
    /// The colon is full-width.
    wide: bool,
    /// Byte offset in the line at which the value begins.
    value: usize,
}

/// Everything found, in order; no two edits overlap.
pub fn look(text: &str) -> Vec<Finding> {
    let lines: Vec<Line<'_>> = lines(text);
    let mut findings = Vec::new();
    let mut index = 0;
    while index < lines.len() {
        let line = lines[index];
        index += 1;
        if line.is_idle() {
            continue;
        }
        if let Some(finding) = indentation(line) {
            join(&mut findings, finding, line, text);
        }
        let body = line.text.trim_start();
        if let Some(finding) = dash_without_space(line, body) {
            findings.push(finding);
            continue;
        }
        let Some(entry) = entry(line) else { continue };
        let value = line.text[entry.value..].trim_end();
        // A block's lines are text, whatever they look like.
        if is_block_header(value) {
            findings.extend(colon(line, &entry, value));
            let indent = line.indent();
            let inside = |line: &&Line<'_>| line.text.trim().is_empty() || line.indent() > indent;
            index += lines[index..].iter().take_while(inside).count();
            continue;
        }
        let following = &lines[index..];
        match opening(value).and_then(|open| lines_until_closed(value, open, following)) {
            Some(more) => {
                findings.extend(colon(line, &entry, value));
                index += more;
            }
            None => findings.extend(key_and_value(line, &entry, value)),
        }
    }
    findings
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    text.split('\n')
        .map(|text| {
            let line = Line { start, text };
            start += text.len() + 1;
            line
        })
        .collect()
}

/// The key that a line seems to set.
pub fn key_of(line: &str) -> Option<&str> {
    entry(Line { start: 0, text: line })?.key
}

/// Adds a finding about indentation. Lines that follow one another with the same mistake are one mistake, shown at the first.
fn join(findings: &mut Vec<Finding>, finding: Finding, line: Line<'_>, text: &str) {
    match findings.last_mut() {
        Some(last)
            if last.code == finding.code
                && last.edits.last().is_some_and(|edit| text[edit.span.end..line.start].matches('\n').count() == 1) =>
        {
            last.edits.extend(finding.edits);
        }
        _ => findings.push(finding),
    }
}

/// Tabs and wide spaces before the first word.
fn indentation(line: Line<'_>) -> Option<Finding> {
    let leading = &line.text[..line.indent()];
    let first = leading.find(|character| character != ' ')?;
    let spaces: usize = leading.chars().map(|character| if matches!(character, ' ' | '\u{a0}') { 1 } else { 2 }).sum();
    let (code, message, hint) = if leading.contains('\t') {
        ("tab", "缩进用了制表符（Tab）", "删掉制表符，改成空格；编辑器里可以设成「用空格代替 Tab」")
    } else {
        ("wide_space", "缩进用了全角空格", "删掉全角空格，改成半角空格")
    };
    Some(Finding {
        code,
        span: Span::new(line.start + first, line.start + leading.len()),
        message: message.to_owned(),
        hint: format!("{hint}，每一层两个：`{}{}`", " ".repeat(spaces), line.text.trim()),
        edits: vec![Edit { span: Span::new(line.start, line.start + leading.len()), with: " ".repeat(spaces) }],
    })
}

/// `-融资`
fn dash_without_space(line: Line<'_>, body: &str) -> Option<Finding> {
    let rest = body.strip_prefix('-').or_else(|| body.strip_prefix('－'))?;
    let first = rest.chars().next()?;
    if first.is_whitespace() && body.starts_with('-') || first == '-' || first.is_ascii_digit() {
        return None;
    }
    let at = line.start + line.indent();
    let dash = body.len() - rest.len();
    Some(Finding {
        code: "dash_space",
        span: Span::new(at, at + dash),
        message: if body.starts_with('-') { "`-` 后面缺一个空格" } else { "列表用了全角的 `－`" }.to_owned(),
        hint: format!("写成 `- {}`", rest.trim()),
        edits: vec![Edit { span: Span::new(at, at + dash), with: "- ".to_owned() }],
    })
}

fn entry(line: Line<'_>) -> Option<Entry<'_>> {
    let mut at = line.indent();
    let mut item = false;
    while let Some(rest) = line.text[at..].strip_prefix("- ") {
        item = true;
        at = line.text.len() - rest.trim_start().len();
    }
    let rest = &line.text[at..];
    let without_key = Entry { item, key: None, colon: at, wide: false, value: at };
    let end = rest.find([':', '：']).unwrap_or(rest.len());
    let key = rest[..end].trim_end();
    let wide = rest[end..].starts_with('：');
    let is_word = !key.is_empty() && key.chars().all(|character| character.is_alphanumeric() || matches!(character, '_' | '-'));
    let is_ascii_word = is_word && half_width(key).starts_with(|character: char| character.is_ascii_alphabetic());
    // In a list of texts 「融资：扩产」 is a text, not a key.
    let is_key = end < rest.len() && if is_ascii_word { true } else { is_word && !item && key.chars().count() <= 8 };
    let after = if wide { end + '：'.len_utf8() } else { end + 1 };
    if !is_key || (!wide && rest[after..].starts_with("//")) {
        return item.then_some(without_key);
    }
    let value = line.text.len() - rest[after..].trim_start_matches([' ', '\u{3000}', '\t']).len();
    Some(Entry { item, key: Some(key), colon: at + key.len(), wide, value })
}

/// The full-width colon, or the missing space behind an ordinary one.
fn colon(line: Line<'_>, entry: &Entry<'_>, value: &str) -> Option<Finding> {
    let key = entry.key?;
    let between = &line.text[entry.colon..entry.value];
    let span = Span::new(line.start + entry.colon, line.start + entry.value);
    let (code, message, shown) = if entry.wide {
        ("wide_colon", "冒号是全角的「：」，要用半角的 `:`，后面空一格", "：".len())
    } else if !value.is_empty() && !between.ends_with([' ', '\t']) {
        ("colon_space", "冒号后面缺一个空格", 1)
    } else {
        return None;
    };
    let offset = between.find([':', '：']).unwrap_or(0);
    Some(Finding {
        code,
        span: Span::new(span.start + offset, span.start + offset + shown),
        message: message.to_owned(),
        hint: format!("写成 `{}`", if value.is_empty() { format!("{key}:") } else { format!("{key}: {value}") }),
        edits: vec![Edit { span, with: ": ".to_owned() }],
    })
}

/// What is wrong with the colon and with the value. At most one edit touches each.
fn key_and_value(line: Line<'_>, entry: &Entry<'_>, value: &str) -> Vec<Finding> {
    let mut findings: Vec<Finding> = colon(line, entry, value).into_iter().collect();
    findings.extend(self::value(line, entry, value));
    findings
}

fn value(line: Line<'_>, entry: &Entry<'_>, value: &str) -> Option<Finding> {
    let first = value.chars().next()?;
    let start = line.start + entry.value;
    let whole = Span::new(start, start + value.len());
    let lead = match entry.key {
        Some(key) => format!("{key}: "),
        None => "- ".to_owned(),
    };
    let found = |code, span, message: &str, right: String| {
        Some(Finding {
            code,
            span,
            message: message.to_owned(),
            hint: format!("写成 `{lead}{right}`"),
            edits: vec![Edit { span: whole, with: right }],
        })
    };
    match first {
        '"' | '\'' => match closing(value, first) {
            None => {
                let inner = value[1..].trim_end_matches(['”', '’', '＂', '“']);
                let message = if inner.len() < value.len() - 1 {
                    "开头是半角引号，结尾却是全角引号"
                } else {
                    "引号没有收尾"
                };
                let comma = inner.trim_end_matches([',', '，']);
                found("unclosed_quote", Span::new(start, start + 1), message, quoted(comma.trim_end()))
            }
            Some(end) => {
                let rest = value[end + 1..].trim_start();
                if rest.is_empty() || rest.starts_with('#') {
                    return None;
                }
                let at = start + value.len() - rest.len();
                found("quote_inside", Span::new(at, start + value.len()), "引号收尾之后还有内容", quoted(value))
            }
        },
        '[' | '{' => match bracket_end(value) {
            None => {
                let close = if first == '[' { ']' } else { '}' };
                let message = format!("`{first}` 没有用 `{close}` 收尾");
                let inner = value[1..].trim_end_matches(['］', '】', '｝', ',', '，']).trim_end();
                found("unclosed_bracket", Span::new(start, start + 1), &message, format!("{first}{inner}{close}"))
            }
            Some(end) => {
                let rest = value[end..].trim_start();
                if rest.is_empty() || rest.starts_with('#') {
                    return None;
                }
                found("needs_quotes", whole, "文字以方括号开头，会被当成列表", quoted(value))
            }
        },
        '［' | '【'
            if entry
                .key
                .is_some_and(|key| matches!(key, "tags" | "chains" | "aliases" | "abilities" | "services" | "points")) =>
        {
            found("wide_bracket", whole, "列表用了全角的括号", format!("[{}]", parts(value).join(", ")))
        }
        '@' | '`' | '%' => found("needs_quotes", whole, &format!("文字不能以 `{first}` 开头"), quoted(value)),
        '*' | '&' | '!' if !value[1..].starts_with(|character: char| character.is_ascii_alphanumeric()) => {
            found("needs_quotes", whole, &format!("文字不能以 `{first}` 开头"), quoted(value))
        }
        _ => {
            let colon = value.find(": ").or_else(|| value.ends_with(':').then(|| value.len() - 1))?;
            // `a: b: c` in an unquoted text; a comment may hold what it likes.
            if value.find(" #").is_some_and(|comment| comment < colon) {
                return None;
            }
            let at = start + colon;
            found("colon_in_value", Span::new(at, at + 1), "文字里的半角冒号会被当成另一个键", quoted(value))
        }
    }
}

/// Where the quote that begins `value` is closed.
fn closing(value: &str, quote: char) -> Option<usize> {
    let bytes = value.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == '"' => at += 2,
            b'\'' if quote == '\'' && bytes.get(at + 1) == Some(&b'\'') => at += 2,
            byte if byte == quote as u8 => return Some(at),
            _ => at += 1,
        }
    }
    None
}

/// The byte after the bracket that closes the one at the beginning of `value`.
fn bracket_end(value: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, character) in value.char_indices() {
        match (quote, character) {
            (Some(open), character) if character == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + character.len_utf8());
                }
            }
            _ => {}
        }
    }
    None
}

/// The sign that would have to close what `value` opens and does not close.
fn opening(value: &str) -> Option<char> {
    match value.chars().next()? {
        quote @ ('"' | '\'') if closing(value, quote).is_none() => Some(quote),
        bracket @ ('[' | '{') if bracket_end(value).is_none() => Some(if bracket == '[' { ']' } else { '}' }),
        _ => None,
    }
}

/// How many of the `following` lines belong to a value that goes on below, when `close` closes it before the next key begins.
fn lines_until_closed(value: &str, close: char, following: &[Line<'_>]) -> Option<usize> {
    // A value that has a full-width closing sign was closed in the author's mind.
    if value.ends_with(['”', '’', '】', '］']) {
        return None;
    }
    for (index, line) in following.iter().enumerate() {
        if close != ']'
            && close != '}'
            && entry(*line).is_some_and(|entry| entry.key.is_some() && !entry.item)
            && line.indent() == 0
        {
            return None;
        }
        if line.text.trim_end().ends_with(close) {
            return Some(index + 1);
        }
        if entry(*line).is_some_and(|entry| entry.key.is_some()) && !matches!(close, '}') && line.indent() == 0 {
            return None;
        }
    }
    None
}

fn is_block_header(value: &str) -> bool {
    value.strip_prefix(['|', '>']).is_some_and(|rest| {
        rest.split('#').next().unwrap_or_default().trim().chars().all(|character| matches!(character, '+' | '-' | '0'..='9'))
    })
}

/// A text in whichever quotes need no escaping.
fn quoted(text: &str) -> String {
    if text.contains(['"', '\\']) { format!("'{}'", text.replace('\'', "''")) } else { format!("\"{text}\"") }
}

/// How far `line` should be indented, when that is what is wrong with it.
pub fn expected_indent(text: &str, line: Span) -> Option<usize> {
    let content = Line { start: line.start, text: &text[line.start..line.end] };
    entry(content)?.key?;
    let has = content.indent();
    let above: Vec<Line<'_>> = lines(&text[..line.start]).into_iter().filter(|line| !line.is_idle()).collect();
    let previous = above.last()?;
    if has > previous.indent() {
        // Deeper than a line that already has its value.
        let entry = entry(*previous)?;
        let filled = !previous.text[entry.value..].trim().is_empty();
        return (filled && !entry.item).then(|| previous.indent());
    }
    let open = above.iter().map(|line| line.indent()).filter(|indent| *indent <= previous.indent());
    let nearest = open.min_by_key(|indent| indent.abs_diff(has))?;
    (nearest != has).then_some(nearest)
}
