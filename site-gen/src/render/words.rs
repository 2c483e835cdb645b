//! Dates, times and sizes as people read them.

use domain::Moment;
use jiff::civil::{Date, Weekday};
use serde::Serialize;

/// A date or time for `<time>`: what machines read and what people read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stamp {
    /// `2026-12-05` or `2026-12-05T14:00:00+08:00`
    pub iso: String,
    /// What people read.
    pub words: String,
}

/// 2026年12月5日
pub fn date(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// 12月5日
pub fn day(date: Date) -> String {
    format!("{}月{}日", date.month(), date.day())
}

/// 周六
pub fn weekday(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "周一",
        Weekday::Tuesday => "周二",
        Weekday::Wednesday => "周三",
        Weekday::Thursday => "周四",
        Weekday::Friday => "周五",
        Weekday::Saturday => "周六",
        Weekday::Sunday => "周日",
    }
}

/// 14:00
pub fn time(moment: Moment) -> String {
    moment.local().strftime("%H:%M").to_string()
}

/// 2026年12月5日（周六）14:00
pub fn moment(moment: Moment) -> String {
    let on = moment.date();
    format!("{}（{}）{}", date(on), weekday(on), time(moment))
}

/// 2026年12月5日（周六）14:00—17:00, or both days when it ends on another.
pub fn span(start: Moment, end: Moment) -> String {
    let (first, last) = (start.date(), end.date());
    if first == last {
        return format!("{}—{}", moment(start), time(end));
    }
    let last_words = if first.year() == last.year() { day(last) } else { date(last) };
    format!("{} 至 {last_words}（{}）{}", moment(start), weekday(last), time(end))
}

/// 2026-12-05 09:00, as the label `PubDate` writes it.
pub fn published(moment: Moment) -> String {
    moment.local().strftime("%Y-%m-%d %H:%M").to_string()
}

/// The date of `moment` for `<time>`.
pub fn date_stamp(date_of: Date) -> Stamp {
    Stamp { iso: date_of.to_string(), words: date(date_of) }
}

/// 1.2 MB, with one digit after the point from a megabyte on.
pub fn size(bytes: u64) -> String {
    const MB: u64 = 1024 * 1024;
    if bytes >= MB {
        format!("{}.{} MB", bytes / MB, bytes % MB * 10 / MB)
    } else {
        format!("{} KB", bytes.div_ceil(1024).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn a_span_names_its_second_day_only_when_there_is_one() {
        for (start, end, words) in [
            ("2026-12-05 14:00", "2026-12-05 17:00", "2026年12月5日（周六）14:00—17:00"),
            ("2026-12-05 14:00", "2026-12-06 09:05", "2026年12月5日（周六）14:00 至 12月6日（周日）09:05"),
            ("2026-12-31 20:00", "2027-01-01 01:00", "2026年12月31日（周四）20:00 至 2027年1月1日（周五）01:00"),
        ] {
            assert_eq!(span(at(start), at(end)), words);
        }
    }

    #[test]
    fn sizes_are_never_nothing() {
        for (bytes, words) in [(0, "1 KB"), (1024, "1 KB"), (1025, "2 KB"), (1_572_864, "1.5 MB"), (20_971_520, "20.0 MB")] {
            assert_eq!(size(bytes), words);
        }
    }

    #[test]
    fn a_time_is_told_in_shanghai() {
        assert_eq!(published(at("2026-12-31T16:30:00Z")), "2027-01-01 00:30");
    }
}
