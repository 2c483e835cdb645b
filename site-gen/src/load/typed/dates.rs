//! Dates and times as people write them, and how they are to be written.

use domain::Moment;
use jiff::{
    ToSpan,
    civil::{Date, DateTime, Time},
};

use crate::load::words::half_width;

/// What can be said of a text that is no date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advice {
    /// It was meant as this.
    Write(String),
    /// It names something that does not exist.
    Impossible(String),
    /// Nothing.
    Unknown,
}

/// For a text that should be a [`Moment`].
pub fn moment(text: &str) -> Advice {
    match parts(text) {
        Parts::Date(date, None) => Advice::Write(date.to_string()),
        Parts::Date(date, Some(time)) => Advice::Write(written(date.to_datetime(time))),
        Parts::EndOfDay(date) => match date.checked_add(1.day()) {
            Ok(next) => Advice::Write(written(next.to_datetime(Time::midnight()))),
            Err(_) => Advice::Unknown,
        },
        Parts::Impossible(reason) => Advice::Impossible(reason),
        Parts::Unknown => Advice::Unknown,
    }
}

/// For a text that should be a date without a time.
pub fn date(text: &str) -> Advice {
    if let Ok(moment) = text.parse::<Moment>() {
        return Advice::Write(moment.date().to_string());
    }
    match parts(text) {
        Parts::Date(date, _) | Parts::EndOfDay(date) => Advice::Write(date.to_string()),
        Parts::Impossible(reason) => Advice::Impossible(reason),
        Parts::Unknown => Advice::Unknown,
    }
}

/// For a text that should be a time of day.
pub fn time(text: &str) -> Advice {
    let text = half_width(text);
    match clock(&numbers(&text), &text) {
        Ok(Some(time)) => Advice::Write(time.strftime("%H:%M").to_string()),
        Ok(None) => Advice::Unknown,
        Err(reason) => Advice::Impossible(reason),
    }
}

/// A moment as editors write it.
pub fn written(local: DateTime) -> String {
    local.strftime("%Y-%m-%d %H:%M").to_string()
}

enum Parts {
    Date(Date, Option<Time>),
    EndOfDay(Date),
    Impossible(String),
    Unknown,
}

fn parts(text: &str) -> Parts {
    let text = half_width(text);
    let mut numbers = numbers(&text);
    // 20261205: the parts stand together.
    if let Some(&together) = numbers.first()
        && (19_000_101..=21_991_231).contains(&together)
    {
        numbers.splice(0..1, [together / 10_000, together / 100 % 100, together % 100]);
    }
    let [year, month, day, rest @ ..] = numbers.as_slice() else { return Parts::Unknown };
    // 5/12/2026 could be the fifth of December or the twelfth of May: better no advice than a wrong one.
    if !(1900..=2199).contains(year) {
        return Parts::Unknown;
    }
    let (Ok(year), Ok(month), Ok(day)) = (i16::try_from(*year), i8::try_from(*month), i8::try_from(*day)) else {
        return Parts::Unknown;
    };
    if !(1..=12).contains(&month) {
        return Parts::Impossible(format!("没有 {month} 月"));
    }
    let Ok(date) = Date::new(year, month, day) else {
        let last = Date::constant(year, month, 1).days_in_month();
        return Parts::Impossible(format!("{year} 年 {month} 月只有 {last} 天，没有 {day} 日"));
    };
    if rest.first() == Some(&24) && rest[1..].iter().all(|number| *number == 0) {
        return Parts::EndOfDay(date);
    }
    match clock(rest, &text) {
        Ok(time) => Parts::Date(date, time),
        Err(reason) => Parts::Impossible(reason),
    }
}

/// The time of day that `numbers` are; `text` says whether it is in the afternoon.
fn clock(numbers: &[u32], text: &str) -> Result<Option<Time>, String> {
    let [hour, rest @ ..] = numbers else { return Ok(None) };
    let minute = match rest.first() {
        Some(minute) => *minute,
        None if text.contains('半') => 30,
        None => 0,
    };
    let lower = text.to_lowercase();
    let afternoon = ["下午", "晚", "pm"].iter().any(|word| lower.contains(word));
    let hour = if afternoon && *hour < 12 { hour + 12 } else { *hour };
    if hour > 23 {
        return Err(format!("没有 {hour} 点，钟点写 00 到 23"));
    }
    if minute > 59 {
        return Err(format!("没有 {minute} 分，分钟写 00 到 59"));
    }
    let time = Time::new(i8::try_from(hour).unwrap_or(0), i8::try_from(minute).unwrap_or(0), 0, 0);
    Ok(time.ok())
}

/// The runs of digits in `text`; one that is too large to be part of a date ends it.
fn numbers(text: &str) -> Vec<u32> {
    text.split(|character: char| !character.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .map_while(|run| run.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_in_another_shape_is_shown_in_ours() {
        for (text, expected) in [
            ("2026/01/02", "2026-01-02"),
            ("2026.1.2", "2026-01-02"),
            ("2026-1-2", "2026-01-02"),
            ("20260102", "2026-01-02"),
            ("２０２６-０１-０２", "2026-01-02"),
            ("2026年1月2日", "2026-01-02"),
            ("2026年1月2日 下午2:30", "2026-01-02 14:30"),
            ("2026年1月2日下午两点", "2026-01-02"),
            ("2026-01-02 9点半", "2026-01-02 09:30"),
            ("2026-01-02 14：00", "2026-01-02 14:00"),
            ("2026-01-02 2pm", "2026-01-02 14:00"),
            ("2026-12-31 24:00", "2027-01-01 00:00"),
            ("2026-01-02T9:05", "2026-01-02 09:05"),
        ] {
            assert_eq!(moment(text), Advice::Write(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_advised_is_a_moment() {
        for text in ["2026/01/02", "2026年1月2日 下午2:30", "2026-12-31 24:00"] {
            let Advice::Write(written) = moment(text) else { panic!("{text}") };
            assert!(written.parse::<Moment>().is_ok(), "{written}");
        }
    }

    #[test]
    fn what_does_not_exist_is_said() {
        for (text, expected) in [
            ("2026-02-30", "2026 年 2 月只有 28 天，没有 30 日"),
            ("2026-13-01", "没有 13 月"),
            ("2026-01-02 25:00", "没有 25 点，钟点写 00 到 23"),
            ("2026-01-02 10:75", "没有 75 分，分钟写 00 到 59"),
        ] {
            assert_eq!(moment(text), Advice::Impossible(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn nothing_is_guessed_without_a_year() {
        for text in ["明天", "下周三", "12-05", "5/12/2026", "", "99999999999999"] {
            assert_eq!(moment(text), Advice::Unknown, "{text}");
        }
    }

    #[test]
    fn dates_and_times_alone() {
        assert_eq!(date("2026-12-05 14:00"), Advice::Write("2026-12-05".to_owned()));
        assert_eq!(date("2026/12/5"), Advice::Write("2026-12-05".to_owned()));
        assert_eq!(time("8:30"), Advice::Write("08:30".to_owned()));
        assert_eq!(time("下午２点半"), Advice::Write("14:30".to_owned()));
        assert_eq!(time("早上"), Advice::Unknown);
    }
}
