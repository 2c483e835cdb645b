//! Small rules about text: escaping, Han characters, anchors.

use memchr::memchr3;

/// Appends `text` with the characters escaped that mean something between tags.
pub fn escape(html: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = memchr3(b'&', b'<', b'>', rest.as_bytes()) {
        html.push_str(&rest[..at]);
        html.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            _ => "&gt;",
        });
        rest = &rest[at + 1..];
    }
    html.push_str(rest);
}

/// Appends `text` escaped for an attribute in double quotes.
pub fn escape_attribute(html: &mut String, text: &str) {
    let mut parts = text.split('"');
    escape(html, parts.next().unwrap_or_default());
    for part in parts {
        html.push_str("&quot;");
        escape(html, part);
    }
}

/// Appends an address for `href` or `src`. Han characters stay readable; what HTML or URLs forbid is percent-encoded.
pub fn escape_address(html: &mut String, address: &str) {
    // Nearly all addresses are letters, digits and slashes.
    if address
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b':' | b'_' | b'#' | b'?' | b'='))
    {
        return html.push_str(address);
    }
    for character in address.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            ' ' => html.push_str("%20"),
            '"' => html.push_str("%22"),
            '<' => html.push_str("%3C"),
            '>' => html.push_str("%3E"),
            '\\' => html.push_str("%5C"),
            '`' => html.push_str("%60"),
            _ if character.is_control() => {}
            _ => html.push(character),
        }
    }
}

/// Percent signs decoded; what is not UTF-8 afterwards is left as it was written.
pub fn decode_percent(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |index: usize| bytes.get(index).and_then(|byte| char::from(*byte).to_digit(16));
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_owned())
}

/// A line break between two of these is no space: Chinese is written without any.
pub fn joins_without_space(before: char, after: char) -> bool {
    (is_han(before) && (is_han(after) || is_shared_punctuation(after))) || (is_shared_punctuation(before) && is_han(after))
}

/// Han characters, kana, and the punctuation that only East Asian text uses.
pub fn is_han(character: char) -> bool {
    matches!(character,
        '\u{2e80}'..='\u{2fdf}' | '\u{3000}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff01}'..='\u{ff60}' | '\u{20000}'..='\u{3ffff}')
}

/// Punctuation that Chinese shares with Western text: quotes, dashes, the ellipsis, the middle dot.
fn is_shared_punctuation(character: char) -> bool {
    matches!(character, '“' | '”' | '‘' | '’' | '—' | '…' | '·')
}

/// The anchor of a heading: its letters and digits in lower case, Han characters as they are, hyphens between words.
///
/// It depends on the heading's words alone, so a link to it lasts as long as the words do.
pub fn anchor(heading: &str) -> String {
    let mut anchor = String::with_capacity(heading.len());
    for character in heading.chars() {
        if character.is_alphanumeric() {
            anchor.extend(character.to_lowercase());
        } else if (character.is_whitespace() || matches!(character, '-' | '_')) && !anchor.ends_with('-') && !anchor.is_empty() {
            anchor.push('-');
        }
    }
    anchor.truncate(anchor.trim_end_matches('-').len());
    if anchor.is_empty() { "section".to_owned() } else { anchor }
}

/// The first `most` characters of `text`, with an ellipsis when some are left out.
pub fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text[..end].trim_end_matches(['，', '、', '；', '：', ' '])),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_break_between_han_characters_is_no_space() {
        for (before, after, joined) in [
            ('商', '会', true),
            ('，', '会', true),
            ('商', '。', true),
            ('”', '会', true),
            ('商', '“', true),
            ('商', 'A', false),
            ('5', '月', false),
            ('a', 'b', false),
            ('”', 'a', false),
            ('“', '”', false),
        ] {
            assert_eq!(joins_without_space(before, after), joined, "{before} {after}");
        }
    }

    #[test]
    fn an_anchor_is_made_of_the_words_of_its_heading() {
        for (heading, expected) in [
            ("报名方式", "报名方式"),
            ("一、怎么申请？", "一怎么申请"),
            ("What is New in 2026", "what-is-new-in-2026"),
            ("第 2 步：核对", "第-2-步核对"),
            ("  -- ", "section"),
            ("A_b - C", "a-b-c"),
        ] {
            assert_eq!(anchor(heading), expected, "{heading}");
        }
    }

    #[test]
    fn text_is_escaped_for_the_place_it_stands_in() {
        let mut html = String::new();
        escape(&mut html, "a<b & \"c\">");
        html.push('|');
        escape_attribute(&mut html, "\"a\" & <b>");
        html.push('|');
        escape_address(&mut html, "/课程/a b?x=1&y=\"2\"");
        assert_eq!(html, "a&lt;b &amp; \"c\"&gt;|&quot;a&quot; &amp; &lt;b&gt;|/课程/a%20b?x=1&amp;y=%222%22");
    }

    #[test]
    fn percent_signs_are_decoded_only_into_text() {
        for (written, decoded) in [("%E6%8A%A5", "报"), ("a%20b", "a b"), ("100%", "100%"), ("%ff", "%ff"), ("plain", "plain")] {
            assert_eq!(decode_percent(written), decoded);
        }
    }

    #[test]
    fn a_shortened_text_ends_in_an_ellipsis() {
        assert_eq!(shorten("相商未来", 4), "相商未来");
        assert_eq!(shorten("相商，未来", 3), "相商…");
    }
}
