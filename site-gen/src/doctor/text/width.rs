//! Full width where half belongs, and half where full belongs.

use super::{Hit, after, before, is_han};
use crate::{
    doctor::rules::{HALF_PUNCTUATION, STRAIGHT_QUOTES, WIDE_LETTERS},
    load::words::half_width,
    markdown::prose::OPAQUE,
};

/// `２０２６`
pub fn letters(text: &str, hits: &mut Vec<Hit>) {
    let is_wide = |character: char| matches!(character, '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ');
    let mut from = 0;
    while let Some(at) = text[from..].find(is_wide).map(|at| from + at) {
        let end = text[at..].find(|character| !is_wide(character)).map_or(text.len(), |length| at + length);
        let right = half_width(&text[at..end]);
        let message = format!("数字和字母是全角的：`{}`", &text[at..end]);
        hits.push(Hit::new(&WIDE_LETTERS, at..end, message, format!("改成半角：{right}")).mended(right));
        from = end;
    }
}

/// `"相商"`, when what stands between begins or ends with a Han character, or Han characters stand around it.
pub fn quotes(text: &str, hits: &mut Vec<Hit>) {
    let places: Vec<usize> = memchr::memchr_iter(b'"', text.as_bytes()).collect();
    for pair in places.chunks_exact(2) {
        let (open, close) = (pair[0], pair[1]);
        let inner = &text[open + 1..close];
        let around = before(text, open).is_some_and(is_han) && after(text, close + 1).is_some_and(is_han);
        if !(inner.contains(is_han) || around && !inner.is_empty()) || inner.contains(OPAQUE) && !inner.contains(is_han) {
            continue;
        }
        let hint = format!("改成全角引号：“{inner}”");
        let mut hit = Hit::new(&STRAIGHT_QUOTES, open..close + 1, "中文里用了半角引号", hint);
        hit.edits = vec![(open..open + 1, "“".to_owned()), (close..close + 1, "”".to_owned())];
        hits.push(hit);
    }
}

/// A comma, a colon, a full stop behind a Han character.
pub fn punctuation(text: &str, hits: &mut Vec<Hit>) {
    for (at, byte) in text.bytes().enumerate() {
        let right = match byte {
            b',' => "，",
            b';' => "；",
            b':' => "：",
            b'?' => "？",
            b'!' => "！",
            b'.' => "。",
            _ => continue,
        };
        if !before(text, at).is_some_and(|character| is_han(character) || matches!(character, '”' | '》' | '）' | '」')) {
            continue;
        }
        let rest = &text[at + 1..];
        let spaces = rest.len() - rest.trim_start_matches(' ').len();
        let next = after(text, at + 1 + spaces);
        let ends = next.is_none_or(|next| next == '\n');
        let goes_on = next.is_some_and(|next| is_han(next) || matches!(next, '“' | '《' | '（' | '「'));
        let applies = match byte {
            b'.' => ends || goes_on && !rest.starts_with(' '),
            b'?' | b'!' => ends || goes_on,
            b':' => goes_on || next.is_some_and(|next| next.is_ascii_digit()),
            _ => goes_on || next.is_some_and(|next| next.is_ascii_alphanumeric()),
        };
        if applies {
            let end = at + 1 + if ends { 0 } else { spaces };
            let message = format!("中文里用了半角标点 `{}`", char::from(byte));
            hits.push(Hit::new(&HALF_PUNCTUATION, at..end, message, format!("改成全角的「{right}」")).mended(right));
        }
    }
}

/// `(` and `)` around Han characters.
pub fn brackets(text: &str, hits: &mut Vec<Hit>) {
    let mut from = 0;
    while let Some(open) = memchr::memchr(b'(', &text.as_bytes()[from..]).map(|at| from + at) {
        from = open + 1;
        let Some(length) = text[from..].find(['(', ')', '\n', '（', '）']) else { return };
        let close = from + length;
        let inner = &text[from..close];
        // With a pronunciation inside it is debris, which has no Han characters there.
        if text.as_bytes()[close] == b')' && inner.contains(is_han) {
            let message = format!("中文里用了半角括号：`({inner})`");
            let mut hit = Hit::new(&HALF_PUNCTUATION, open..close + 1, message, format!("改成全角括号：（{inner}）"));
            hit.edits = vec![(open..from, "（".to_owned()), (close..close + 1, "）".to_owned())];
            hits.push(hit);
            from = close + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::found, *};

    #[test]
    fn half_width_punctuation_is_found_behind_han_characters_only() {
        for (text, expected) in [
            ("企业,政策", vec![","]),
            ("企业, 政策", vec![", "]),
            ("时间:14:30", vec![":"]),
            ("讲完了.", vec!["."]),
            ("讲完了.下一场", vec!["."]),
            ("有问题?", vec!["?"]),
            ("1.企业 2.政策", vec![]),
            ("增长3.5%", vec![]),
            ("看 a.pdf", vec![]),
            ("14:30—17:00", vec![]),
            ("Word, Excel 都行", vec![]),
            ("第 3:2 条", vec![]),
        ] {
            assert_eq!(found(punctuation, text), expected, "{text}");
        }
    }

    #[test]
    fn quotes_and_brackets_around_han_characters_are_found() {
        for (text, expected) in [
            ("开展\"相商\"活动", vec!["\"相商\""]),
            ("用\"AI\"写", vec!["\"AI\""]),
            ("\"AI\" 讲座", vec![]),
            ("5\" 屏", vec![]),
            ("开展“相商”活动", vec![]),
        ] {
            assert_eq!(found(quotes, text), expected, "{text}");
        }
        for (text, expected) in [("示例(试运行)", vec!["(试运行)"]), ("(2026)", vec![]), ("业(yè)", vec![]), ("（甲）", vec![])]
        {
            assert_eq!(found(brackets, text), expected, "{text}");
        }
    }
}
