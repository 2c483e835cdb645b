//! Dates in words: days that there are not, weekdays that do not fit, a publication date that is not the page's, a month in the title that is not the
//! event's.

use std::ops::Range;

use domain::Moment;
use jiff::civil::{Date, Weekday};

use super::{rules, text::Hit};
use crate::{kinds::Event, markdown::prose::Passage};

/// A date as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Written {
    range: Range<usize>,
    year: Option<i16>,
    month: i8,
    day: i8,
}

impl Written {
    fn in_year(&self, year: i16) -> Option<Date> {
        Date::new(self.year.unwrap_or(year), self.month, self.day).ok()
    }
}

/// What a page says of its own time.
#[derive(Debug, Clone, Copy)]
pub struct Own<'a> {
    /// When it was published.
    pub date: Option<Moment>,
    /// What it announces.
    pub event: Option<&'a Event>,
    /// The present moment.
    pub now: Moment,
}

/// Everything that is wrong with the dates of `passage`.
pub fn look(passage: &Passage, own: Own<'_>) -> Vec<Hit> {
    let text = passage.text.as_str();
    let mut hits = Vec::new();
    for written in dates(text) {
        // A day of a year that is not told may be the 29th of February.
        if written.in_year(2024).is_none() {
            let message = format!("没有这一天：`{}`", &text[written.range.clone()]);
            hits.push(Hit::new(&rules::IMPOSSIBLE_DATE, written.range, message, "对照原稿改成真实的日期"));
            continue;
        }
        hits.extend(weekday(text, &written, own));
        hits.extend(published(text, &written, own));
    }
    if passage.key.as_deref() == Some("title") {
        hits.extend(month(text, own));
    }
    hits
}

/// `2026年12月5日（星期六）`
fn weekday(text: &str, written: &Written, own: Own<'_>) -> Option<Hit> {
    let rest = &text[written.range.end..];
    let inner = rest.trim_start_matches([' ', '（', '(', '，']);
    let word = ["星期", "周", "礼拜"].into_iter().find(|word| inner.starts_with(word))?;
    let sign = inner[word.len()..].chars().next()?;
    let told = match sign {
        '一' => Weekday::Monday,
        '二' => Weekday::Tuesday,
        '三' => Weekday::Wednesday,
        '四' => Weekday::Thursday,
        '五' => Weekday::Friday,
        '六' => Weekday::Saturday,
        '日' | '天' => Weekday::Sunday,
        _ => return None,
    };
    let year = own.event.map(|event| event.start).or(own.date).unwrap_or(own.now).date().year();
    let date = written.in_year(year)?;
    // What is announced in December may be in January.
    let later = own.event.is_none() && own.date.unwrap_or(own.now).date().month() > written.month;
    let next = written.year.is_none() && later && written.in_year(year + 1).is_some_and(|date| date.weekday() == told);
    if date.weekday() == told || next {
        return None;
    }
    let at = written.range.end + (rest.len() - inner.len());
    let right = domain::words::weekday(date);
    let message = format!("日期和星期对不上：`{}` 不是{word}{sign}", &text[written.range.clone()]);
    let hint = format!("{date} 是{right}；看看是日期写错了，还是星期写错了");
    Some(Hit::new(&rules::WRONG_WEEKDAY, at..at + word.len() + sign.len_utf8(), message, hint))
}

/// `发布时间：2026-11-05`
fn published(text: &str, written: &Written, own: Own<'_>) -> Option<Hit> {
    let own = own.date?.date();
    let before = text[..written.range.start].trim_end_matches([' ', '：', ':', '\u{a0}', '　']);
    let told = ["发布时间", "发布日期", "发表时间", "发布于"].iter().any(|word| before.ends_with(word));
    let same = written.in_year(own.year()) == Some(own);
    (told && !same).then(|| {
        let message = format!("这里的发布时间 `{}` 和页面的发布时间（{own}）不一样", &text[written.range.clone()]);
        Hit::new(
            &rules::DATE_MISMATCH,
            written.range.clone(),
            message,
            "删掉这一句：页面会按 `date` 自己写上发布时间；`date` 写错了就改它",
        )
    })
}

/// A month in the title of an event.
fn month(text: &str, own: Own<'_>) -> Option<Hit> {
    let event = own.event?;
    let at = text.find('月')?;
    let number = text[..at].trim_end();
    let digits = number.len() - number.trim_end_matches(|character: char| character.is_ascii_digit()).len();
    let (start, told) = if digits > 0 {
        (number.len() - digits, number[number.len() - digits..].parse::<i8>().ok()?)
    } else {
        const WORDS: [&str; 12] = ["十二", "十一", "十", "九", "八", "七", "六", "五", "四", "三", "二", "一"];
        let (index, word) = WORDS.iter().enumerate().find(|(_, word)| number.ends_with(**word))?;
        (number.len() - word.len(), 12 - index as i8)
    };
    let (first, last) = (event.start.date(), event.end.date());
    let fits = told == first.month() || told == last.month();
    (!fits && (1..=12).contains(&told)).then(|| {
        let range = start..at + '月'.len_utf8();
        let message = format!("标题写的是{}，活动却在 {} 月", &text[range.clone()], first.month());
        Hit::new(&rules::TITLE_MONTH, range, message, "改标题，或者改 `event.start`；改期的活动在标题里写新的月份")
    })
}

/// The dates in a text: `12月5日`, `2026 年 12 月 5 日`, `2026-12-05`, `2026/12/5`.
fn dates(text: &str) -> Vec<Written> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find('月').map(|at| from + at) {
        from = at + '月'.len_utf8();
        found.extend(in_words(text, at));
    }
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let end = at + bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        found.extend(in_digits(text, at, end));
        at = end;
    }
    found
}

/// The date around the 月 at `at`.
fn in_words(text: &str, at: usize) -> Option<Written> {
    let (month_start, month) = number_before(&text[..at])?;
    let rest = &text[at + '月'.len_utf8()..];
    let digits = rest.trim_start_matches(' ');
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let day = digits[..length].parse::<i8>().ok().filter(|_| length <= 2)?;
    let sign = digits[length..].trim_start_matches(' ');
    let sign = sign.strip_prefix('日').or_else(|| sign.strip_prefix('号'))?;
    let end = text.len() - sign.len();
    let year = text[..month_start]
        .trim_end_matches(' ')
        .strip_suffix('年')
        .and_then(number_before)
        .filter(|(_, year)| (1900..=2199).contains(year));
    let start = year.map_or(month_start, |(start, _)| start);
    Some(Written { range: start..end, year: year.map(|(_, year)| year), month: i8::try_from(month).unwrap_or(99), day })
}

/// The number at the end of a text, and where it begins.
fn number_before(text: &str) -> Option<(usize, i16)> {
    let text = text.trim_end_matches(' ');
    let digits = text.bytes().rev().take_while(u8::is_ascii_digit).count();
    let start = text.len() - digits;
    Some((start, text[start..].parse().ok().filter(|_| (1..=4).contains(&digits))?))
}

/// The date that begins with the four digits from `start` to `end`.
fn in_digits(text: &str, start: usize, end: usize) -> Option<Written> {
    let year: i16 = text[start..end].parse().ok().filter(|year| end - start == 4 && (1900..=2199).contains(year))?;
    let lone = text[..start]
        .bytes()
        .next_back()
        .is_none_or(|byte| !matches!(byte, b'-' | b'/' | b'.' | b'_') && !byte.is_ascii_alphanumeric());
    let between = text.as_bytes().get(end).copied().filter(|byte| matches!(byte, b'-' | b'/') && lone)?;
    let part = |from: usize| {
        let length = text[from..].bytes().take_while(u8::is_ascii_digit).count();
        text[from..from + length].parse::<i8>().ok().filter(|_| length <= 2).map(|number| (number, from + length))
    };
    let (month, end) = part(end + 1)?;
    let (day, end) = part(end + 1).filter(|_| text.as_bytes().get(end) == Some(&between))?;
    let whole = text.as_bytes().get(end).is_none_or(|byte| !matches!(byte, b'-' | b'/') && !byte.is_ascii_alphanumeric());
    whole.then_some(Written { range: start..end, year: Some(year), month, day })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_found_as_people_write_them() {
        for (text, expected) in [
            ("2026年12月5日", vec![(Some(2026), 12, 5, "2026年12月5日")]),
            ("定于 12 月 5 日举行", vec![(None, 12, 5, "12 月 5 日")]),
            ("2026-12-05 和 2026/1/5", vec![(Some(2026), 12, 5, "2026-12-05"), (Some(2026), 1, 5, "2026/1/5")]),
            ("3 个月，5 月，2026年", vec![]),
            ("编号 djt-2026-12-05", vec![]),
            ("电话 0561-3112345", vec![]),
        ] {
            let found: Vec<_> =
                dates(text).into_iter().map(|date| (date.year, date.month, date.day, &text[date.range])).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn weekdays_are_counted() {
        let own = Own { date: "2026-11-24 09:00".parse().ok(), event: None, now: "2026-11-24 09:00".parse().expect("a moment") };
        for (text, wrong) in [
            ("2026年12月5日（星期六）", false),
            ("2026年12月5日（周日）", true),
            ("12月5日，星期六", false),
            ("12月5日 周一", true),
            ("12月5日前后", false),
            ("2月29日", false),
            ("2026年2月30日", true),
            ("13月1日", true),
        ] {
            let hits = look(&Passage::value("summary".to_owned(), text, 0), own);
            assert_eq!(!hits.is_empty(), wrong, "{text}: {hits:?}");
        }
    }
}
