//! Text as people type it on phones: mended silently, counted fairly, and searched for what they should not have told.

use std::ops::Range;

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::value::{CreditCode, Telephone};

/// Text as it is stored: what cannot be seen is gone, what has two encodings has one, lines end in LF, nothing hangs at the ends.
///
/// This is NFKC except for the signs that Chinese prose rightly uses and NFKC would spoil: `，` would become `,`, and `①2万元` a
/// telling `12万元`. [`fold`] is NFKC without exception, for values and comparisons.
pub fn normalise(typed: &str) -> String {
    let seen = typed.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    let mut text = String::with_capacity(seen.len());
    let mut rest = seen.as_str();
    while let Some((at, sign)) = rest.char_indices().find(|&(_, character)| belongs_to_prose(character)) {
        text.extend(compatible(&rest[..at], is_invisible));
        text.push(sign);
        rest = &rest[at + sign.len_utf8()..];
    }
    text.extend(compatible(rest, is_invisible));
    text.replace('\t', " ").trim().to_owned()
}

/// Normalised text on one line: for names, titles and other single answers.
pub fn one_line(typed: &str) -> String {
    normalise(typed).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// NFKC without what cannot be seen: for values whose signs carry no style, and for comparing.
pub fn fold(typed: &str) -> String {
    compatible(typed, is_invisible).collect::<String>().trim().to_owned()
}

/// Folded, without spaces and hyphens: what remains of a number however it was grouped.
pub fn compact(typed: &str) -> String {
    fold_without(typed, |character| character.is_whitespace() || is_dash(character))
}

/// The form under which names are compared: 相山（集团）公司 and `相山 (集团) 公司` are one firm.
pub fn search_key(typed: &str) -> String {
    fold_without(&fold(typed).to_lowercase(), char::is_whitespace)
}

/// Folded, and folded again where an accent has come next to its letter because what stood between them was taken out.
fn fold_without(typed: &str, is_dropped: fn(char) -> bool) -> String {
    compatible(&fold(typed), is_dropped).collect()
}

/// NFKC of what remains of `text`.
fn compatible(text: &str, is_dropped: fn(char) -> bool) -> impl Iterator<Item = char> {
    ComposingNormalizerBorrowed::new_nfkc().normalize_iter(text.chars().filter(move |character| !is_dropped(*character)))
}

/// How many characters a person would say a normalised text has.
pub fn count(text: &str) -> usize {
    text.chars().count()
}

/// Hyphens, dashes, and what input methods offer in their place.
pub fn is_dash(character: char) -> bool {
    matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2500}' | '\u{30fc}')
}

/// Signs that stay as they were typed: full-width punctuation, the ellipsis, circled numbers, units such as ㎡ and ℃.
fn belongs_to_prose(character: char) -> bool {
    matches!(
        character,
        '！' | '（' | '）' | '，' | '．' | '：' | '；' | '？' | '％' | '～' | '…' | '℃' | '№' | '\u{2460}'..='\u{24ff}' | '\u{3200}'..='\u{33ff}'
    )
}

/// Characters that nobody sees but a program may stumble over: controls, zero-width signs, marks that turn the writing direction.
fn is_invisible(character: char) -> bool {
    let control = character.is_control() && character != '\n' && character != '\t';
    control
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
                | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// Something in a text that its writer may not want to have told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sensitive {
    /// 居民身份证号, by its check digit.
    IdentityNumber,
    /// 银行卡号, by the Luhn check.
    BankCard,
    /// A mobile or landline number. Hotlines (400, 800) belong to nobody in person.
    Telephone,
}

impl Sensitive {
    /// Its name in a warning.
    pub fn words(self) -> &'static str {
        match self {
            Sensitive::IdentityNumber => "身份证号",
            Sensitive::BankCard => "银行卡号",
            Sensitive::Telephone => "电话号码",
        }
    }
}

/// What of that kind stands in `text`, each kind once, in the order of [`Sensitive`].
pub fn sensitive(text: &str) -> Vec<Sensitive> {
    let mut found: Vec<Sensitive> = numbers(&fold(text)).into_iter().map(|number| number.kind).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// What of that kind stands in `text`, each with its place in it, in the order of the text.
pub fn find_sensitive(text: &str) -> Vec<(Range<usize>, Sensitive)> {
    // Each character is folded by itself, so that it is known where every digit was written.
    let (mut folded, mut places) = (String::with_capacity(text.len()), Vec::with_capacity(text.len()));
    for (at, character) in text.char_indices() {
        let place = at..at + character.len_utf8();
        for plain in compatible(&text[place.clone()], is_invisible) {
            folded.push(plain);
            places.push(place.clone());
        }
    }
    numbers(&folded)
        .into_iter()
        .map(|number| (places[number.characters.start].start..places[number.characters.end - 1].end, number.kind))
        .collect()
}

/// A number that tells something.
struct Number {
    /// Which characters of the text it is.
    characters: Range<usize>,
    kind: Sensitive,
}

/// The numbers in a folded text.
fn numbers(text: &str) -> Vec<Number> {
    let groups = digit_groups(text);
    let mut found = Vec::new();
    let mut first = 0;
    while first < groups.len() {
        // A number may be written in groups (138 1234 5678), and two numbers may follow one another: the longest run of groups that
        // makes sense is one number.
        let run = 1 + groups[first + 1..].iter().take_while(|group| group.joined).count();
        let number = (1..=run.min(6)).rev().find_map(|length| {
            let digits: String = groups[first..first + length].iter().map(|group| group.digits.as_str()).collect();
            Some((length, kind_of(&digits)?))
        });
        match number {
            Some((length, kind)) => {
                let characters = groups[first].characters.start..groups[first + length - 1].characters.end;
                found.push(Number { characters, kind });
                first += length;
            }
            None => first += 1,
        }
    }
    found
}

/// Digits that stand together.
struct DigitGroup {
    digits: String,
    /// Which characters of the text they are.
    characters: Range<usize>,
    /// Only one space or hyphen is between it and the group before.
    joined: bool,
}

/// The groups of digits in a folded text. Digits inside of Latin words (a credit code, a model) are none.
fn digit_groups(text: &str) -> Vec<DigitGroup> {
    let characters: Vec<char> = text.chars().collect();
    let mut groups: Vec<DigitGroup> = Vec::new();
    let mut at = 0;
    let mut previous_end = None;
    while at < characters.len() {
        if !characters[at].is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        let end = characters[at..].iter().position(|c| !c.is_ascii_alphanumeric()).map_or(characters.len(), |length| at + length);
        let word: String = characters[at..end].iter().collect::<String>().to_ascii_uppercase();
        // An identity number may end in X.
        if word.strip_suffix('X').unwrap_or(&word).bytes().all(|byte| byte.is_ascii_digit()) {
            let between = previous_end.map(|previous: usize| &characters[previous..at]);
            let joined = matches!(between, Some([one]) if *one == ' ' || is_dash(*one));
            groups.push(DigitGroup { digits: word, characters: at..end, joined });
            previous_end = Some(end);
        } else {
            previous_end = None;
        }
        at = end;
    }
    groups
}

/// What these digits are.
fn kind_of(digits: &str) -> Option<Sensitive> {
    if is_identity_number(digits) {
        return Some(Sensitive::IdentityNumber);
    }
    // A credit code of digits only would pass for a bank card now and then.
    if is_bank_card(digits) && digits.parse::<CreditCode>().is_err() {
        return Some(Sensitive::BankCard);
    }
    match digits.parse::<Telephone>() {
        Ok(Telephone::Mobile(_) | Telephone::Landline(_)) => Some(Sensitive::Telephone),
        _ => None,
    }
}

/// 18 characters, a possible date of birth, and the check digit of GB 11643 (ISO 7064 MOD 11-2).
fn is_identity_number(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    let shaped = bytes.len() == 18 && bytes[..17].iter().all(u8::is_ascii_digit) && (b'1'..=b'9').contains(&bytes[0]);
    if !shaped {
        return false;
    }
    let number = |from: usize, to: usize| digits[from..to].parse::<i16>().expect("digits");
    let (year, month, day) = (number(6, 10), number(10, 12) as i8, number(12, 14) as i8);
    let born = (1850..2150).contains(&year) && jiff::civil::Date::new(year, month, day).is_ok();
    // Each digit weighs 2 to the power of its distance from the end, modulo 11.
    let sum = bytes[..17].iter().fold(0, |sum, digit| (sum + u32::from(digit - b'0')) * 2 % 11);
    let check = match (12 - sum) % 11 {
        10 => b'X',
        digit => b'0' + digit as u8,
    };
    born && bytes[17] == check
}

/// 16 to 19 digits that pass the Luhn check and start as cards do.
fn is_bank_card(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    let shaped =
        (16..=19).contains(&bytes.len()) && matches!(bytes[0], b'3'..=b'6' | b'9') && bytes.iter().all(u8::is_ascii_digit);
    let sum: u32 = bytes
        .iter()
        .rev()
        .enumerate()
        .map(|(position, digit)| match (position % 2, u32::from(digit.wrapping_sub(b'0'))) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .fold(0, u32::wrapping_add);
    shaped && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_cannot_be_seen_is_taken_out() {
        let cases = [
            ("  张三\u{3000}", "张三"),
            ("张\u{200b}三\u{feff}", "张三"),
            ("\u{202e}abc\u{202c}\u{2066}", "abc"),
            ("a\0b\u{7}c\u{85}d", "abcd"),
            ("一\r\n二\r三\n四", "一\n二\n三\n四"),
            ("一\t二", "一 二"),
            ("ＡＢＣ１２３", "ABC123"),
            ("e\u{301}", "é"),
            ("\u{2f08}", "人"),
        ];
        for (typed, text) in cases {
            assert_eq!(normalise(typed), text, "{typed:?}");
        }
    }

    #[test]
    fn chinese_punctuation_and_circled_numbers_stay() {
        let prose = "拖欠货款，已有３年：①2万元；②（另议）……面积300㎡？";
        assert_eq!(normalise(prose), "拖欠货款，已有3年：①2万元；②（另议）……面积300㎡？");
    }

    #[test]
    fn a_single_answer_has_one_line() {
        assert_eq!(one_line(" 淮北\r\n某某  公司\u{3000}"), "淮北 某某 公司");
    }

    #[test]
    fn names_are_compared_without_their_typing() {
        assert_eq!(search_key("相山（集团）有限公司"), search_key(" 相山 (集团) 有限公司"));
        assert_eq!(search_key("ＡＢＣ公司"), "abc公司");
        assert_eq!(search_key("C\u{b8}"), "ç", "NFKC of a lone cedilla is a space and a mark, which then joins its letter");
    }

    #[test]
    fn a_character_counts_once_however_it_is_encoded() {
        assert_eq!(count("淮北"), 2);
        assert_eq!(count(&normalise("e\u{301}\r\n１")), 3);
    }

    #[test]
    fn sensitive_numbers_are_found_where_they_are_written() {
        use Sensitive::*;
        let text = "身份证１１０１０５１９４９１２３１００２Ｘ，电话 138\u{200b} 1234 5678、0561-3112345，①2万元";
        let found: Vec<_> = find_sensitive(text).into_iter().map(|(range, kind)| (&text[range], kind)).collect();
        let expected = [
            ("１１０１０５１９４９１２３１００２Ｘ", IdentityNumber),
            ("138\u{200b} 1234 5678", Telephone),
            ("0561-3112345", Telephone),
        ];
        assert_eq!(found, expected);
        assert!(find_sensitive("").is_empty());
    }

    #[test]
    fn sensitive_numbers_are_found() {
        use Sensitive::*;
        let cases: [(&str, &[Sensitive]); 22] = [
            // Identity numbers: the first is the example of GB 11643.
            ("身份证11010519491231002X。", &[IdentityNumber]),
            ("11010519491231002x", &[IdentityNumber]),
            ("440524 18800101 0014", &[IdentityNumber]),
            ("１１０１０５１９４９１２３１００２Ｘ", &[IdentityNumber]),
            ("110105194912310021", &[]),
            ("11010519491331002X", &[]),
            // Cards: made-up numbers that pass the Luhn check.
            ("卡号6222021314000012347", &[]),
            ("卡号 6222 0213 1400 0012 348", &[BankCard]),
            ("4111111111111111", &[BankCard]),
            ("4111111111111112", &[]),
            // Telephones.
            ("请打13812345678找王经理", &[Telephone]),
            ("138 1234 5678", &[Telephone]),
            ("+86-13812345678", &[Telephone]),
            ("0561-3112345", &[Telephone]),
            ("客服400-123-4567", &[]),
            // Several, and numbers that are none of these.
            ("11010519491231002X 13812345678", &[IdentityNumber, Telephone]),
            ("2024-05-01 13812345678", &[Telephone]),
            ("4111-1111-1111-1111，13812345678，13912345678", &[BankCard, Telephone]),
            ("统一社会信用代码 91110000600037341L", &[]),
            ("订单2024050112345，金额1234567.89元", &[]),
            ("2026年11月24日 8:30 到 12:00，共 3 次", &[]),
            ("", &[]),
        ];
        for (text, found) in cases {
            assert_eq!(sensitive(text), found, "{text}");
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(typed in any::<String>()) {
            let once = normalise(&typed);
            prop_assert_eq!(normalise(&once), once.clone());
            prop_assert_eq!(one_line(&one_line(&typed)), one_line(&typed));
            prop_assert!(!once.chars().any(is_invisible));
        }

        #[test]
        fn folding_twice_changes_nothing(typed in any::<String>()) {
            prop_assert_eq!(fold(&fold(&typed)), fold(&typed));
            prop_assert_eq!(compact(&compact(&typed)), compact(&typed));
            prop_assert_eq!(search_key(&search_key(&typed)), search_key(&typed));
        }

        #[test]
        fn searching_never_panics(text in "[0-9０-９Xx +\\-—.，a]{0,60}") {
            sensitive(&text);
        }
    }
}
