//! Working days with 调休, counted from official data and never guessed silently.
//!
//! A year without a file is counted by weekends and every result that touched it says `official: false`. Nothing here panics:
//! beyond the last date that jiff knows, counting stops there.

use std::collections::BTreeMap;

use jiff::{
    SignedDuration,
    civil::{Date, Weekday},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    limits::{Hours, Limits},
    problem::Problem,
    time::{self, DateSchema, Moment},
};

/// The calendars of the years for which there is a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// One a year, ascending.
    pub years: Vec<CalendarYear>,
}

/// `content/data/calendar/YEAR.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarYear {
    /// The year.
    pub year: i16,
    /// The notice it was taken from.
    pub source: String,
    /// It is the State Council's notice; otherwise dates are marked 「暂按周末推算，待国务院公布后更新」.
    pub official: bool,
    /// Days off, first and last of each stretch.
    pub off: Vec<Stretch>,
    /// Weekend days worked.
    #[serde(deserialize_with = "time::dates")]
    #[schemars(with = "Vec<DateSchema>")]
    pub worked: Vec<Date>,
}

/// A stretch of days, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stretch {
    /// 国庆节、中秋节
    pub name: String,
    /// First day.
    #[serde(deserialize_with = "time::date")]
    #[schemars(with = "DateSchema")]
    pub from: Date,
    /// Last day.
    #[serde(deserialize_with = "time::date")]
    #[schemars(with = "DateSchema")]
    pub to: Date,
}

/// What a calendar says of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Offices are open.
    pub working: bool,
    /// The State Council says so; otherwise it was told by the weekday.
    pub official: bool,
}

/// A date found by counting working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The date.
    #[serde(deserialize_with = "time::date")]
    pub date: Date,
    /// Every day that was counted through is in an official calendar.
    pub official: bool,
}

/// A moment found by counting office hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountedMoment {
    /// The moment.
    pub at: Moment,
    /// Every day that was counted through is in an official calendar.
    pub official: bool,
}

impl Calendar {
    /// Whether `date` is worked.
    pub fn is_working_day(&self, date: Date) -> Day {
        let Some(year) = self.years.iter().find(|year| year.year == date.year()) else {
            return Day { working: !is_weekend(date), official: false };
        };
        let off = year.off.iter().any(|stretch| stretch.from <= date && date <= stretch.to);
        let working = year.worked.contains(&date) || (!off && !is_weekend(date));
        Day { working, official: year.official }
    }

    /// The `days`th working day after `date`: day 1 is the first working day that follows it. Day 0 is `date` itself, which is not
    /// counted and so need not be in any calendar.
    pub fn add_working_days(&self, date: Date, days: u32) -> Counted {
        let mut counted = Counted { date, official: true };
        let mut left = days;
        while left > 0 {
            let Ok(next) = counted.date.tomorrow() else { return Counted { official: false, ..counted } };
            let day = self.is_working_day(next);
            counted = Counted { date: next, official: counted.official && day.official };
            left -= u32::from(day.working);
        }
        counted
    }

    /// How many working days follow `from`, up to and including `to`; none when `to` is not later. It is what
    /// [`Calendar::add_working_days`] must be given to come from the one to the other.
    pub fn working_days_between(&self, from: Date, to: Date) -> u32 {
        let days = std::iter::successors(from.tomorrow().ok(), |day| day.tomorrow().ok()).take_while(|day| *day <= to);
        days.filter(|day| self.is_working_day(*day).working).count() as u32
    }

    /// When `hours` office hours will have passed since `moment`, as [`Calendar::add_office_time`].
    pub fn add_office_hours(&self, moment: Moment, hours: u32, limits: &Limits) -> CountedMoment {
        self.add_office_time(moment, SignedDuration::from_hours(i64::from(hours)), limits)
    }

    /// When so much office time will have passed since `moment`. Without any office hours in `limits`, which a check of the content
    /// reports, time passes as on a clock.
    pub fn add_office_time(&self, moment: Moment, time: SignedDuration, limits: &Limits) -> CountedMoment {
        let mut left = time;
        let local = moment.local();
        let mut counted = Counted { date: local.date(), official: true };
        let open = stretches(limits);
        if open.is_empty() {
            return CountedMoment { at: Moment(moment.0.saturating_add(left).unwrap_or(moment.0)), official: false };
        }
        loop {
            let day = self.is_working_day(counted.date);
            counted.official &= day.official;
            for stretch in open.iter().filter(|_| day.working) {
                // Of the first day, only what is still to come.
                let from = if counted.date == local.date() { stretch.from.max(local.time()) } else { stretch.from };
                let length = from.duration_until(stretch.to).max(SignedDuration::ZERO);
                if length > SignedDuration::ZERO && left <= length {
                    let since = Moment::from_local(counted.date.to_datetime(from));
                    let at = Moment(since.0.saturating_add(left).unwrap_or(since.0));
                    return CountedMoment { at, official: counted.official };
                }
                left -= length;
            }
            let Ok(next) = counted.date.tomorrow() else { return CountedMoment { at: moment, official: false } };
            counted.date = next;
        }
    }

    /// How much office time lies between two moments; none when `to` is not later. It is what [`Calendar::add_office_time`] must be given to
    /// come from the one to the other, when that is within office hours.
    pub fn office_time_between(&self, from: Moment, to: Moment, limits: &Limits) -> SignedDuration {
        let open = stretches(limits);
        if to <= from {
            return SignedDuration::ZERO;
        }
        if open.is_empty() {
            return to.0.duration_since(from.0);
        }
        let (from, to) = (from.local(), to.local());
        let days = std::iter::successors(Some(from.date()), |day| day.tomorrow().ok()).take_while(|day| *day <= to.date());
        let mut time = SignedDuration::ZERO;
        for day in days.filter(|day| self.is_working_day(*day).working) {
            for stretch in &open {
                let begins = if day == from.date() { stretch.from.max(from.time()) } else { stretch.from };
                let ends = if day == to.date() { stretch.to.min(to.time()) } else { stretch.to };
                time += begins.duration_until(ends).max(SignedDuration::ZERO);
            }
        }
        time
    }
}

/// The stretches of office hours that are any.
fn stretches(limits: &Limits) -> Vec<Hours> {
    limits.office_hours.iter().copied().filter(|stretch| stretch.from < stretch.to).collect()
}

impl CalendarYear {
    /// What cannot be right about this file: each would shift a deadline without anybody noticing.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut off: BTreeMap<Date, usize> = BTreeMap::new();
        for (index, stretch) in self.off.iter().enumerate() {
            for (key, date) in [("from", stretch.from), ("to", stretch.to)] {
                if date.year() != self.year {
                    let message = format!("「{}」的 {date} 不在 {} 年", stretch.name, self.year);
                    problems.push(Problem::at(
                        &format!("off.{index}.{key}"),
                        message,
                        "每个文件只写一年，跨年的假期分写在两个文件里",
                    ));
                }
            }
            if stretch.to < stretch.from {
                let message = format!("「{}」的结束日 {} 早于开始日 {}", stretch.name, stretch.to, stretch.from);
                problems.push(Problem::at(&format!("off.{index}.to"), message, "`from` 写第一天，`to` 写最后一天"));
                continue;
            }
            // A slip in the year would make a stretch of decades; it was reported above and need not be walked.
            let days = std::iter::successors(Some(stretch.from), |day| day.tomorrow().ok()).take_while(|day| *day <= stretch.to);
            let mut doubled = false;
            for day in days.take(366) {
                doubled |= off.insert(day, index).is_some();
            }
            if doubled {
                let message = format!("「{}」与另一段假期有重叠的日子", stretch.name);
                problems.push(Problem::at(&format!("off.{index}"), message, "每个放假日只写一次，连在一起的假期写成一段"));
            }
        }
        for (index, day) in self.worked.iter().enumerate() {
            let path = format!("worked.{index}");
            if day.year() != self.year {
                let message = format!("调休上班日 {day} 不在 {} 年", self.year);
                problems.push(Problem::at(&path, message, "每个文件只写一年"));
            }
            if self.worked[..index].contains(day) {
                problems.push(Problem::at(&path, format!("调休上班日 {day} 写了两次"), "删去其中一个"));
            }
            if off.contains_key(day) {
                problems.push(Problem::at(&path, format!("{day} 既是放假日又是调休上班日"), "对照国务院办公厅通知，只留一处"));
            }
            if !is_weekend(*day) {
                problems.push(Problem::at(&path, format!("{day} 不是周六或周日，本来就上班"), "`worked` 只写因调休上班的周末"));
            }
        }
        problems
    }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests;
