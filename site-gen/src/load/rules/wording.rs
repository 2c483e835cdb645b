//! Signs that a text was pasted together: full-width digits, straight quotes around Han characters, the debris of scraping.

use super::{super::words::half_width, Report};

/// Looks at the text at `path`.
pub fn wording(path: &str, text: &str, report: &mut Report<'_>) {
    if text.chars().any(is_wide_letter) {
        let right: String = text
            .chars()
            .map(|character| if is_wide_letter(character) { half_width(&character.to_string()) } else { character.to_string() })
            .collect();
        report.warning("wide_letters", path, "数字和字母是全角的").hint(format!("改成半角：{right}"));
    }
    if let Some(inner) = straight_quotes(text) {
        report.warning("straight_quotes", path, "中文里用了半角引号").hint(format!("改成全角引号：“{inner}”"));
    }
    if let Some(debris) = debris(text) {
        let character = debris.chars().next().map_or_else(String::new, String::from);
        report
            .error("debris", path, format!("夹着转码留下的注音：`{debris}`"))
            .hint(format!("删掉括号和拼音，把「{character}」改成简体字"));
    }
}

fn is_wide_letter(character: char) -> bool {
    matches!(character, '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ')
}

fn is_han(character: char) -> bool {
    matches!(character, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}')
}

/// What stands between the first pair of straight quotes, when it begins with a Han character.
fn straight_quotes(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once('"')?;
    let (inner, _) = rest.split_once('"')?;
    inner.starts_with(is_han).then_some(inner)
}

/// `業(yè)`: a character that a converter could not turn into its simplified form, with its pronunciation.
fn debris(text: &str) -> Option<&str> {
    let is_pinyin = |inner: &str| {
        !inner.is_empty()
            && inner.len() <= 8
            && inner.chars().all(|letter| letter.is_lowercase() && !is_han(letter))
            && !inner.is_ascii()
    };
    // Every title and summary is looked through, and hardly any has a bracket.
    memchr::memchr(b'(', text.as_bytes())?;
    text.char_indices().filter(|(_, character)| is_han(*character)).find_map(|(at, character)| {
        let rest = text[at + character.len_utf8()..].strip_prefix('(')?;
        let (inner, _) = rest.split_once(')')?;
        is_pinyin(inner).then(|| &text[at..at + character.len_utf8() + inner.len() + 2])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debris_is_a_character_with_its_pronunciation() {
        for (text, expected) in [
            ("企業(yè)家", Some("業(yè)")),
            ("服務(wù)企業(yè)", Some("務(wù)")),
            ("企业(家)", None),
            ("企业(QR)", None),
            ("小微(micro)企业", None),
            ("企业", None),
        ] {
            assert_eq!(debris(text), expected, "{text}");
        }
    }

    #[test]
    fn straight_quotes_around_han_are_found() {
        for (text, expected) in [
            ("开展\"相商\"活动", Some("相商")),
            ("5\"屏\"", Some("屏")),
            ("\"AI\" 讲座", None),
            ("开展“相商”活动", None),
            ("5\" 屏", None),
        ] {
            assert_eq!(straight_quotes(text), expected, "{text}");
        }
    }
}
