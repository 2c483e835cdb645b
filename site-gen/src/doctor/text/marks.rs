//! Marks that collide, marks that miss their other half, white space where none belongs, and what nobody sees.

use super::{Hit, after, before, is_chinese_mark, is_han};
use crate::{
    doctor::rules::{INVISIBLE, REPEATED_PUNCTUATION, SPACES, UNBALANCED},
    markdown::prose::{OPAQUE, Passage},
};

/// `，，` `。，` `。。。`
pub fn repeated(text: &str, hits: &mut Vec<Hit>) {
    let is_mark = |character: char| matches!(character, '，' | '。' | '、' | '；' | '：' | '！' | '？');
    let mut from = 0;
    while let Some(at) = text[from..].find(is_mark).map(|at| from + at) {
        let end = text[at..].find(|character| !is_mark(character)).map_or(text.len(), |length| at + length);
        from = end;
        let run = &text[at..end];
        let Some(first) = run.chars().next() else { continue };
        let count = run.chars().count();
        let same = run.chars().all(|character| character == first);
        // ？！ and ！！ are read as they are meant.
        let meant = count == 1 || run.chars().all(|character| matches!(character, '！' | '？')) && count <= 3 && !same;
        if meant {
            continue;
        }
        let (right, hint) = match (first, same) {
            ('。', true) if count >= 3 => (Some("……".to_owned()), "改成省略号「……」".to_owned()),
            (_, true) => (Some(first.to_string()), format!("留一个「{first}」")),
            _ => (None, "留一个，删掉另一个".to_owned()),
        };
        let hit = Hit::new(&REPEATED_PUNCTUATION, at..end, format!("标点重复了：`{run}`"), hint);
        hits.push(match right {
            Some(right) => hit.mended(right),
            None => hit,
        });
    }
    for dots in ["...", "．．．"] {
        if let Some(at) = text.find(dots)
            && before(text, at).is_some_and(is_han)
        {
            let end = at + text[at..].find(|character| !dots.contains(character)).unwrap_or(text.len() - at);
            let hit = Hit::new(&REPEATED_PUNCTUATION, at..end, "省略号写成了几个点", "改成省略号「……」");
            hits.push(hit.mended("……"));
        }
    }
}

/// White space at the beginning of a paragraph, beside Chinese punctuation, and wide or doubled between Han characters.
pub fn spaces(passage: &Passage, hits: &mut Vec<Hit>) {
    let text = passage.text.as_str();
    let is_space = |character: char| matches!(character, ' ' | '\t' | '\u{a0}' | '\u{3000}' | '\u{2002}' | '\u{2003}');
    let mut from = 0;
    while let Some(at) = text[from..].find(is_space).map(|at| from + at) {
        let end = text[at..].find(|character| !is_space(character)).map_or(text.len(), |length| at + length);
        from = end;
        let run = &text[at..end];
        let wide = run.contains(|character: char| character != ' ' && character != '\t');
        let (left, right) = (before(text, at), after(text, end));
        let spaces = |message: &str, hint: &str| Hit::new(&SPACES, at..end, message, hint);
        let is_quote = |character: char| matches!(character, '“' | '”' | '‘' | '’');
        let is_chinese = |character: Option<char>| {
            character.is_some_and(|character| is_han(character) || is_chinese_mark(character) || is_quote(character))
        };
        let around = at - left.map_or(0, char::len_utf8)..end + right.map_or(0, char::len_utf8);
        // `**要点。** 说明` needs its space, or it would not be bold.
        let mark_beside = (left.is_some_and(is_chinese_mark) && is_chinese(right)
            || right.is_some_and(is_chinese_mark) && is_chinese(left))
            && passage.stands_together(around);
        if left.is_none_or(|left| left == '\n') {
            if wide {
                hits.push(spaces("段落开头用空格缩进", "删掉空格，缩进由网站的样式来做").mended(""));
            }
        } else if right.is_none_or(|right| right == '\n') {
            if wide {
                hits.push(spaces("段落末尾有多余的空白", "删掉").mended(""));
            }
        } else if mark_beside {
            hits.push(spaces("标点旁边有多余的空格", "删掉空格").mended(""));
        } else if left.is_some_and(is_han) && right.is_some_and(is_han) && (wide || run.chars().count() > 1) {
            hits.push(spaces("文字中间有多余的空白", "删掉；分开的几项用顿号「、」或另起一行"));
        }
    }
}

/// Quotes and brackets that have no other half.
pub fn unbalanced(text: &str, hits: &mut Vec<Hit>) {
    const PAIRS: [(char, char, &str); 5] =
        [('“', '”', "引号"), ('（', '）', "括号"), ('《', '》', "书名号"), ('「', '」', "引号"), ('【', '】', "括号")];
    // What stands between may be something else than words.
    if text.contains(OPAQUE) {
        return;
    }
    for (open, close, name) in PAIRS {
        let mut waiting: Vec<usize> = Vec::new();
        let mut lone = None;
        for (at, character) in text.char_indices() {
            if character == open {
                waiting.push(at);
            } else if character == close && waiting.pop().is_none() && !numbers(&text[..at]) {
                lone = lone.or(Some((at, character)));
            }
        }
        let lone = lone.or(waiting.last().map(|at| (*at, open)));
        if let Some((at, character)) = lone {
            let other = if character == open { close } else { open };
            let message = format!("{name}「{character}」没有配对");
            let hint = format!("补上「{other}」，或者删掉这一个");
            hits.push(Hit::new(&UNBALANCED, at..at + character.len_utf8(), message, hint));
        }
    }
}

/// 「1）」「一）」 number an item.
fn numbers(before: &str) -> bool {
    let start = before
        .rfind([' ', '\n', '；', '，', '。', '：'])
        .map_or(0, |at| at + before[at..].chars().next().map_or(0, char::len_utf8));
    let number = &before[start..];
    (1..=3).contains(&number.chars().count())
        && number.chars().all(|character| character.is_ascii_alphanumeric() || "一二三四五六七八九十".contains(character))
}

/// Zero-width characters, marks that turn the writing direction, soft hyphens.
pub fn invisible(text: &str, hits: &mut Vec<Hit>) {
    let is_invisible = |character: char| matches!(character, '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let mut from = 0;
    while let Some(at) = text[from..].find(is_invisible).map(|at| from + at) {
        let end = text[at..].find(|character| !is_invisible(character)).map_or(text.len(), |length| at + length);
        from = end;
        let around: String =
            before(text, at).into_iter().chain(after(text, end)).filter(|character| *character != '\n').collect();
        let number = text[at..].chars().next().map_or(0, |character| character as u32);
        let message = format!("「{around}」之间有看不见的字符（U+{number:04X}），搜索和复制都会出错");
        hits.push(Hit::new(&INVISIBLE, at..end, message, "删掉它；多半是从别处复制来的").mended(""));
    }
}

#[cfg(test)]
mod tests {
    use super::{super::found, *};

    #[test]
    fn marks_that_collide_are_found() {
        for (text, expected) in [
            ("好，，再说", vec!["，，"]),
            ("好。，再说", vec!["。，"]),
            ("等等。。。", vec!["。。。"]),
            ("等等...", vec!["..."]),
            ("真的？！", vec![]),
            ("好。”他说，“行。", vec![]),
            ("1...3", vec![]),
        ] {
            assert_eq!(found(repeated, text), expected, "{text}");
        }
    }

    #[test]
    fn white_space_is_found_where_none_belongs() {
        for (text, expected) in [
            ("　　企业", vec!["　　"]),
            ("企业\u{a0}", vec!["\u{a0}"]),
            ("企业 ，政策", vec![" "]),
            ("企业， 政策", vec![" "]),
            ("相山　工商", vec!["　"]),
            ("第一章 总则", vec![]),
            ("2026 年 7 月", vec![]),
            ("企业，AI 和", vec![]),
            ("说， “行”", vec![" "]),
        ] {
            let mut hits = Vec::new();
            spaces(&Passage::value(String::new(), text, 0), &mut hits);
            assert_eq!(hits.iter().map(|hit| &text[hit.range.clone()]).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn halves_without_their_other_half_are_found() {
        for (text, expected) in [
            ("“相商未来", vec!["“"]),
            ("相商”未来", vec!["”"]),
            ("《条例", vec!["《"]),
            ("（一）甲；1）乙", vec![]),
            ("“甲（乙）丙”", vec![]),
        ] {
            assert_eq!(found(unbalanced, text), expected, "{text}");
        }
    }
}
