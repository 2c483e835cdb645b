//! Dates and times in Chinese words, the same on every page, receipt and list.

use jiff::civil::{Date, Weekday};

use crate::{appeal::Deadline, calendar::Counted, time::Moment};

/// What is said beside a date counted by weekends because the State Council has not yet published that year's holidays.
pub const UNOFFICIAL: &str = "暂按周末推算，待国务院公布后更新";

/// 2026年12月5日
pub fn date(date: Date) -> String {
    format!("{}年{}", date.year(), day(date))
}

/// 12月5日, where the year is clear.
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
    let local = moment.local();
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// 2026年12月5日（周六）14:00
pub fn moment(moment: Moment) -> String {
    format!("{}{}", date_with_weekday(moment.date()), time(moment))
}

/// 2026年12月5日（周六）14:00—17:00, or both days when it ends on another.
pub fn span(start: Moment, end: Moment) -> String {
    let (first, last) = (start.date(), end.date());
    if first == last {
        format!("{}—{}", moment(start), time(end))
    } else if first.year() == last.year() {
        format!("{} 至 {}（{}）{}", moment(start), day(last), weekday(last), time(end))
    } else {
        format!("{} 至 {}", moment(start), moment(end))
    }
}

/// 2026年12月7日（周一）17:30前, with the remark when the calendar is not official.
pub fn deadline(deadline: Deadline) -> String {
    format!("{}前{}", moment(deadline.at), remark(deadline.official))
}

/// 2026年12月7日（周一）, with the remark when the calendar is not official.
pub fn counted(counted: Counted) -> String {
    format!("{}{}", date_with_weekday(counted.date), remark(counted.official))
}

fn remark(official: bool) -> String {
    if official { String::new() } else { format!("（{UNOFFICIAL}）") }
}

fn date_with_weekday(on: Date) -> String {
    format!("{}（{}）", date(on), weekday(on))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().expect("a moment")
    }

    #[test]
    fn a_time_span_names_each_day_once() {
        let cases = [
            ("2026-12-05 14:00", "2026-12-05 17:00", "2026年12月5日（周六）14:00—17:00"),
            ("2026-12-05 09:05", "2026-12-06 17:30", "2026年12月5日（周六）09:05 至 12月6日（周日）17:30"),
            ("2026-12-31 20:00", "2027-01-01 00:30", "2026年12月31日（周四）20:00 至 2027年1月1日（周五）00:30"),
            // Days are those of Shanghai, wherever the moment was written down.
            ("2026-12-04T17:00:00Z", "2026-12-05T02:00:00+08:00", "2026年12月5日（周六）01:00—02:00"),
        ];
        for (start, end, words) in cases {
            assert_eq!(span(at(start), at(end)), words);
        }
    }

    #[test]
    fn a_guessed_deadline_says_so() {
        let deadline_at = |official| deadline(Deadline { at: at("2027-01-05 17:30"), official });
        assert_eq!(deadline_at(true), "2027年1月5日（周二）17:30前");
        assert_eq!(deadline_at(false), "2027年1月5日（周二）17:30前（暂按周末推算，待国务院公布后更新）");
    }
}
