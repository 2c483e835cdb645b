//! The word that was probably meant.

/// Full-width letters, digits, signs and spaces as their ordinary forms; everything else as it is.
pub fn half_width(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\u{3000}' | '\u{a0}' => ' ',
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(character as u32 - 0xfee0).unwrap_or(character),
            other => other,
        })
        .collect()
}

/// The word among `words` that `word` was probably meant to be; none when nothing is near.
pub fn nearest<'a>(word: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = plain(word);
    let allowed = match plain.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        6..=8 => 2,
        _ => 3,
    };
    words
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&plain, &self::plain(candidate)), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A word without what does not matter: width, case, and which of `-`, `_` and space parts it.
pub fn plain(word: &str) -> String {
    half_width(word).trim().to_lowercase().replace(['-', ' '], "_")
}

/// `words` in backticks, parted by 、.
pub fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join("、")
}

/// The parts of a text that was meant as a list: 「融资、用工」, `融资, 用工`, `[融资，用工`.
pub fn parts(text: &str) -> Vec<&str> {
    text.trim_matches(['[', ']', '［', '］', '【', '】'])
        .split(['、', '，', ',', '；', ';', '\n'])
        .map(|part| part.trim().trim_matches(['"', '\'', '“', '”', '「', '」']))
        .filter(|part| !part.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_near() {
        let words = ["title", "tags", "summary", "party_limit", "start", "draft"];
        for (word, expected) in [
            ("titel", Some("title")),
            ("Title", Some("title")),
            ("ｔｉｔｌｅ", Some("title")),
            ("tag", Some("tags")),
            ("sumary", Some("summary")),
            ("party-limit", Some("party_limit")),
            ("strat", Some("start")),
            ("colour", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, words), expected, "{word}");
        }
    }

    #[test]
    fn a_list_written_as_a_text_is_taken_apart() {
        for (text, expected) in [
            ("融资", vec!["融资"]),
            ("融资、用工", vec!["融资", "用工"]),
            ("融资，用工, 税费", vec!["融资", "用工", "税费"]),
            ("【融资，“用工”】", vec!["融资", "用工"]),
            ("", vec![]),
        ] {
            assert_eq!(parts(text), expected, "{text}");
        }
    }
}
