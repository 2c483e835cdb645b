//! A draft as Markdown: every sign that Markdown would read is escaped, bold is written so that it is bold, and nothing but words, links and pictures is
//! left.

use std::fmt::Write;

use super::draft::{Block, Draft, Run, What};

/// The body. `pictures` are the names of the files of the draft's pictures; none for one that is not taken over.
pub fn body(draft: &Draft, pictures: &[Option<String>]) -> String {
    let writer = Writer { draft, pictures };
    let mut out = String::new();
    let mut lists = Lists::default();
    for block in &draft.blocks {
        let mut apart = true;
        let text = match block {
            Block::Heading(level, runs) => format!("{} {}", "#".repeat(usize::from(*level)), writer.line(runs)),
            Block::Paragraph(runs) => begun(writer.runs(runs)),
            Block::Quote(runs) => {
                writer.runs(runs).lines().map(|line| format!("> {line}\n")).collect::<String>().trim_end().to_owned()
            }
            Block::Item { numbered, depth, runs } => {
                let (mark, first) = lists.next(*numbered, *depth);
                apart = first;
                format!("{mark}{}", writer.line(runs))
            }
            Block::Table(rows) => writer.table(rows),
        };
        if !matches!(block, Block::Item { .. }) {
            lists = Lists::default();
        }
        if text.trim().is_empty() {
            continue;
        }
        out.push_str(if apart { "\n" } else { "" });
        out.push_str(&text);
        out.push('\n');
    }
    for (index, note) in draft.footnotes.iter().enumerate() {
        let _ = writeln!(out, "\n[^{}]: {}", index + 1, writer.line(note));
    }
    out
}

/// The lists that are open, each within the one before.
#[derive(Default)]
struct Lists(Vec<List>);

struct List {
    /// How deep the draft says that it lies: some begin deeper than at the first level.
    depth: usize,
    numbered: bool,
    count: usize,
    /// What stands before the words of its items: those of lists within it begin as far right.
    width: usize,
}

impl Lists {
    /// What stands before the next item's words, and whether it begins a list that is within no other.
    fn next(&mut self, numbered: bool, depth: usize) -> (String, bool) {
        while self.0.last().is_some_and(|list| list.depth > depth || list.depth == depth && list.numbered != numbered) {
            self.0.pop();
        }
        let outermost = self.0.is_empty();
        if self.0.last().is_none_or(|list| list.depth < depth) {
            self.0.push(List { depth, numbered, count: 0, width: 0 });
        }
        let indent = self.0.iter().rev().skip(1).map(|list| list.width).sum();
        let list = self.0.last_mut().expect("one was pushed if there was none");
        list.count += 1;
        let mark = if numbered { format!("{}. ", list.count) } else { "- ".to_owned() };
        list.width = mark.len();
        (format!("{}{mark}", " ".repeat(indent)), outermost)
    }
}

struct Writer<'a> {
    draft: &'a Draft,
    pictures: &'a [Option<String>],
}

impl Writer<'_> {
    /// Runs on one line.
    fn line(&self, runs: &[Run]) -> String {
        self.runs(runs).replace("\\\n", " ").replace('\n', " ")
    }

    fn runs(&self, runs: &[Run]) -> String {
        let mut out = String::new();
        let mut index = 0;
        while index < runs.len() {
            let link = &runs[index].link;
            let end = runs[index..].iter().position(|run| run.link != *link).map_or(runs.len(), |length| index + length);
            let words: String = runs[index..end].iter().map(|run| self.run(run)).collect();
            match link {
                Some(to) if !words.trim().is_empty() => {
                    let _ = write!(out, "[{}]({})", words.trim().replace("\\\n", " "), address(to));
                }
                _ => out.push_str(&words),
            }
            index = end;
        }
        out.trim().to_owned()
    }

    fn run(&self, run: &Run) -> String {
        match &run.what {
            What::Words(words) if run.bold => bold(words),
            What::Words(words) => escaped(words),
            What::Break => "\\\n".to_owned(),
            What::Footnote(index) => format!("[^{}]", index + 1),
            What::Picture(index) => self.pictures.get(*index).and_then(Option::as_ref).map_or_else(String::new, |name| {
                let words = self.draft.pictures.get(*index).map_or("", |picture| picture.words.as_str());
                format!("![{}]({})", escaped(words).replace('\n', " "), address(name))
            }),
        }
    }

    fn table(&self, rows: &[Vec<Vec<Run>>]) -> String {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut out = String::new();
        for (index, row) in rows.iter().enumerate() {
            out.push('|');
            for column in 0..columns {
                let cell = row.get(column).map_or_else(String::new, |runs| self.line(runs));
                let _ = write!(out, " {} |", cell.replace('|', "\\|"));
            }
            out.push('\n');
            if index == 0 {
                out.push_str(&format!("|{}\n", "---|".repeat(columns)));
            }
        }
        out.trim_end().to_owned()
    }
}

/// Marks at both ends stay outside: beside a Han character they would keep `**` from being read.
fn bold(words: &str) -> String {
    let is_word = |character: char| character.is_alphanumeric();
    let (Some(start), Some((last, character))) =
        (words.find(is_word), words.char_indices().rev().find(|(_, character)| is_word(*character)))
    else {
        return escaped(words);
    };
    let end = last + character.len_utf8();
    format!("{}**{}**{}", escaped(&words[..start]), escaped(&words[start..end]), escaped(&words[end..]))
}

/// `text` without anything that Markdown would read.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek().copied();
        let beside_words = before.is_alphanumeric() && next.is_some_and(char::is_alphanumeric);
        let read = match character {
            '\\' | '`' | '*' | '[' | ']' | '<' => true,
            '_' => !beside_words,
            '~' => next == Some('~') || before == '~',
            '&' => next.is_some_and(|next| next.is_ascii_alphanumeric() || next == '#'),
            '{' => before == '{',
            _ => false,
        };
        if read {
            out.push('\\');
        }
        out.push(if character == '\n' { ' ' } else { character });
        before = character;
    }
    out
}

/// A paragraph whose first sign would make something else of it.
fn begun(text: String) -> String {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let numbers = (1..=9).contains(&digits) && text[digits..].starts_with(['.', ')']);
    if numbers {
        return format!("{}\\{}", &text[..digits], &text[digits..]);
    }
    if text.starts_with(['#', '+', '-', '>', '=', '|', ':']) { format!("\\{text}") } else { text }
}

/// An address in the brackets of a link.
fn address(to: &str) -> String {
    to.replace(' ', "%20").replace('(', "%28").replace(')', "%29").replace('<', "%3C").replace('>', "%3E")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(blocks: Vec<Block>) -> String {
        body(&Draft { blocks, ..Draft::default() }, &[])
    }

    fn strong(words: &str) -> Run {
        Run { bold: true, ..Run::words(words) }
    }

    #[test]
    fn bold_is_written_so_that_it_is_bold() {
        for (runs, expected) in [
            (vec![strong("要点："), Run::words("先看清单")], "\n**要点**：先看清单\n"),
            (vec![Run::words("开展"), strong("“相商”"), Run::words("活动")], "\n开展“**相商**”活动\n"),
            (vec![strong("：")], "\n：\n"),
            (vec![strong(" 好 "), Run::words("的")], "\n**好** 的\n"),
        ] {
            assert_eq!(written(vec![Block::Paragraph(runs)]), expected);
        }
    }

    #[test]
    fn signs_that_markdown_would_read_are_escaped() {
        for (words, expected) in [
            ("1. 不是列表", "\n1\\. 不是列表\n"),
            ("# 不是标题", "\n\\# 不是标题\n"),
            ("- 不是列表", "\n\\- 不是列表\n"),
            ("a*b*c 和 [d](e) 和 <b>", "\na\\*b\\*c 和 \\[d\\](e) 和 \\<b>\n"),
            ("{{ contact }} &nbsp; A&B", "\n{\\{ contact }} \\&nbsp; A\\&B\n"),
            ("snake_case 和 _强调_", "\nsnake_case 和 \\_强调\\_\n"),
        ] {
            assert_eq!(written(vec![Block::Paragraph(vec![Run::words(words)])]), expected);
        }
    }

    #[test]
    fn lists_tables_links_and_pictures_are_written() {
        let item = |numbered, depth, words: &str| Block::Item { numbered, depth, runs: vec![Run::words(words)] };
        let text = written(vec![
            item(true, 0, "甲"),
            item(false, 1, "乙"),
            item(true, 0, "丙"),
            Block::Paragraph(vec![Run::words("丁")]),
        ]);
        assert_eq!(text, "\n1. 甲\n   - 乙\n2. 丙\n\n丁\n");
        let cell = |words: &str| vec![Run::words(words)];
        assert_eq!(
            written(vec![Block::Table(vec![vec![cell("甲"), cell("乙|丙")], vec![cell("丁")]])]),
            "\n| 甲 | 乙\\|丙 |\n|---|---|\n| 丁 |  |\n"
        );
        let link = Run { link: Some("https://a.example/b (c)".to_owned()), ..Run::words("原文") };
        assert_eq!(written(vec![Block::Paragraph(vec![Run::words("看"), link])]), "\n看[原文](https://a.example/b%20%28c%29)\n");
    }
}
