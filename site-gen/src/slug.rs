//! The part of an address that stands for a title or a file name: lower-case letters, digits and hyphens.

use pinyin::ToPinyin;

/// `text` as part of an address. Chinese becomes pinyin without tones, a syllable at a time; whatever else is not a letter or a
/// digit separates. The same text always gives the same slug; a text of which nothing is left gives an empty one.
pub fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    let mut parted = true;
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        // Names of files are mostly ASCII already, and none of the words is.
        if character.is_ascii() {
            rest = &rest[1..];
            if character.is_ascii_alphanumeric() {
                separate(&mut slug, parted);
                slug.push(character.to_ascii_lowercase());
            }
            parted = !character.is_ascii_alphanumeric();
            continue;
        }
        if let Some((word, syllables)) = WORDS.iter().find(|(word, _)| rest.starts_with(word)) {
            separate(&mut slug, true);
            slug.push_str(syllables);
            parted = true;
            rest = &rest[word.len()..];
            continue;
        }
        rest = &rest[character.len_utf8()..];
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

/// Words of the field in which a character is not read as it usually is. An entry is never changed: addresses depend on it.
const WORDS: [(&str, &str); 24] = [
    ("银行", "yin-hang"),
    ("商行", "shang-hang"),
    ("行业", "hang-ye"),
    ("行情", "hang-qing"),
    ("同行", "tong-hang"),
    ("会计", "kuai-ji"),
    ("长期", "chang-qi"),
    ("长效", "chang-xiao"),
    ("长远", "chang-yuan"),
    ("专长", "zhuan-chang"),
    ("重庆", "chong-qing"),
    ("重组", "chong-zu"),
    ("重新", "chong-xin"),
    ("重整", "chong-zheng"),
    ("都市", "du-shi"),
    ("着力", "zhuo-li"),
    ("着眼", "zhuo-yan"),
    ("率先", "shuai-xian"),
    ("给予", "ji-yu"),
    ("供给", "gong-ji"),
    ("调整", "tiao-zheng"),
    ("调解", "tiao-jie"),
    ("协调", "xie-tiao"),
    ("空调", "kong-tiao"),
];

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
            ("银行与会计行业", "yin-hang-yu-kuai-ji-hang-ye"),
            ("女企业家", "nv-qi-ye-jia"),
        ] {
            assert_eq!(slug(text), expected, "{text}");
        }
    }
}
