//! Plain texts: a paragraph a line, or lines that were broken at a width and parted by blank ones.

use super::{
    charset,
    draft::{Block, Draft, Run},
};

/// Reads the text in `bytes`.
pub fn read(bytes: &[u8]) -> Draft {
    let decoded = charset::decode(bytes);
    let mut draft = Draft::default();
    draft.notes.extend(decoded.damaged.then(|| "文件里有不成字的字节，可能传坏了：请对照原稿看一遍".to_owned()));
    let text = decoded.text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = text.lines().collect();
    let broken = is_broken_at_a_width(&lines);
    let mut open = String::new();
    let close = |open: &mut String, draft: &mut Draft| {
        if !open.trim().is_empty() {
            draft.blocks.push(block(std::mem::take(open)));
        }
        open.clear();
    };
    for line in lines {
        let begins = line.starts_with(['\u{3000}', '\t']) || line.starts_with("  ");
        if line.trim().is_empty() || !broken || begins {
            close(&mut open, &mut draft);
        }
        let ascii = open.ends_with(|character: char| character.is_ascii_alphanumeric());
        if ascii && line.starts_with(|character: char| character.is_ascii_alphanumeric()) {
            open.push(' ');
        }
        open.push_str(line.trim_end());
    }
    close(&mut open, &mut draft);
    draft
}

/// Most lines end without a mark, and nearly as far right as the longest.
fn is_broken_at_a_width(lines: &[&str]) -> bool {
    let full: Vec<&&str> = lines.iter().filter(|line| !line.trim().is_empty()).collect();
    let longest = full.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let broken = full.iter().filter(|line| {
        let ends = line.trim_end().ends_with(['。', '！', '？', '：', '；', '”', '.', ':']);
        !ends && line.chars().count() + 4 >= longest
    });
    (20..=90).contains(&longest) && broken.count() * 2 > full.len()
}

/// A line as what it is: `- 一` and `1. 一` are items.
fn block(line: String) -> Block {
    let trimmed = line.trim();
    for mark in ["- ", "* ", "• ", "● ", "· "] {
        if let Some(words) = trimmed.strip_prefix(mark) {
            return Block::Item { numbered: false, depth: 0, runs: vec![Run::words(words)] };
        }
    }
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=2).contains(&digits)
        && let Some(words) = [". ", "、", "．"].iter().find_map(|mark| trimmed[digits..].strip_prefix(mark))
    {
        return Block::Item { numbered: true, depth: 0, runs: vec![Run::words(words)] };
    }
    Block::Paragraph(vec![Run::words(line)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        read(text.as_bytes()).blocks.iter().map(Block::text).collect()
    }

    #[test]
    fn a_line_is_a_paragraph_unless_lines_were_broken_at_a_width() {
        assert_eq!(texts("标题\r\n　　第一段。\r\n　　第二段。\r\n"), ["标题", "　　第一段。", "　　第二段。"]);
        let broken = "区工商联上周走访了三家食品企业，企业负责人说旺季用工\n最难，希望有人帮着牵线，区工商联当场联系了两所职业学\n校，下周就来谈，谈好以后再把名单发给企业负责人逐个看\n一遍。\n\n第二段。\n";
        assert_eq!(texts(broken).len(), 2, "{:?}", texts(broken));
        assert_eq!(texts(""), Vec::<String>::new());
    }
}
