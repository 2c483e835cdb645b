//! The part of an address that stands for a title or a file name: lower-case letters, digits and hyphens.

use pinyin::ToPinyin;

/// `text` as part of an address. Chinese becomes pinyin without tones, a syllable at a time; whatever else is not a letter or a
/// digit separates. The same text always gives the same slug; a text of which nothing is left gives an empty one.
pub fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    let mut parted = true;
    for character in text.chars() {
        if let Some(syllable) = character.to_pinyin() {
            separate(&mut slug, true);
            // As one types it: addresses are ASCII.
            slug.extend(syllable.plain().chars().map(|letter| if letter == 'ü' { 'v' } else { letter }));
            parted = true;
        } else if let Some(plain) = half_width(character).filter(char::is_ascii_alphanumeric) {
            separate(&mut slug, parted);
            slug.push(plain.to_ascii_lowercase());
            parted = false;
        } else {
            parted = true;
        }
    }
    slug
}

fn separate(slug: &mut String, parted: bool) {
    if parted && !slug.is_empty() {
        slug.push('-');
    }
}

/// The ASCII character that a full-width one stands for, or the character itself.
fn half_width(character: char) -> Option<char> {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(character as u32 - 0xfee0),
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn titles_become_pinyin() {
        for (text, expected) in [
            ("同心大讲堂", "tong-xin-da-jiang-tang"),
            ("2026-q4", "2026-q4"),
            ("2026年第4季度", "2026-nian-di-4-ji-du"),
            ("《民营经济促进法》解读", "min-ying-jing-ji-cu-jin-fa-jie-du"),
            ("AI 与Ｑ３ 展望", "ai-yu-q3-zhan-wang"),
            ("Hello, World!", "hello-world"),
            ("——", ""),
            ("女企业家", "nv-qi-ye-jia"),
        ] {
            assert_eq!(slug(text), expected, "{text}");
        }
    }
}
