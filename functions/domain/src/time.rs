//! Moments and dates in Asia/Shanghai, the only zone of this project: a fixed +08:00 with no summer time.

use std::{borrow::Cow, fmt, str::FromStr};

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    fmt::{StdFmtWrite, temporal::DateTimePrinter},
    tz::{Offset, TimeZone},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Asia/Shanghai. China has kept +08:00 without summer time since 1991, so no zone database is needed.
pub fn shanghai() -> TimeZone {
    TimeZone::fixed(Offset::constant(8))
}

/// A point in time, written and read in Shanghai's local time: `2026-12-05 14:00`, with seconds where they matter, or `2026-12-05` (midnight).
///
/// A text without a zone means Shanghai, because that is what an editor means; peers read it as UTC. Programs write `T` for the space, parts of a
/// second, and behind seconds or minutes a zone, `Z` or `+08:00`; that is read, too, and no other shape is.
/// It is always shown and serialised as `2026-12-05T14:00:00+08:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub Timestamp);

impl Moment {
    /// The moment at which clocks in Shanghai show `local`. Where jiff's moments end, some hours before its civil times do, it is the
    /// last there is: `9999-12-31` still falls on that day.
    pub fn from_local(local: DateTime) -> Moment {
        let end = if local.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
        Moment(local.to_zoned_datetime(shanghai()).map_or(end, |zoned| zoned.timestamp()))
    }

    /// What clocks in Shanghai show at this moment.
    pub fn local(self) -> DateTime {
        self.0.to_zoned_datetime(shanghai()).datetime()
    }

    /// In UTC and in the basic format of ISO 8601, without hyphens and colons: `20261205T060000Z`. So calendar files and signed requests write it.
    pub fn basic(self) -> String {
        let utc = Offset::UTC.to_datetime(self.0);
        let (date, time) = (utc.date(), utc.time());
        let (year, month, day) = (date.year(), date.month(), date.day());
        format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", time.hour(), time.minute(), time.second())
    }

    /// The day in Shanghai on which this moment falls.
    pub fn date(self) -> Date {
        self.local().date()
    }
}

/// The same time of day so many months later: on the same day of the month, or on its last. Where time ends, nothing is later.
pub fn after_months(moment: Moment, months: u32) -> Moment {
    let local = moment.local();
    let months = i64::from(local.month()) - 1 + i64::from(months);
    let (years, months) = (months / 12, (months % 12) as i8);
    let year = i16::try_from(i64::from(local.year()) + years).ok();
    let first = year.and_then(|year| Date::new(year, months + 1, 1).ok());
    let day = first.and_then(|first| Date::new(first.year(), first.month(), local.day().min(first.days_in_month())).ok());
    day.map_or(Moment(Timestamp::MAX), |day| Moment::from_local(day.to_datetime(local.time())))
}

/// Why a text is not a moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date or a date with a time")]
pub struct NotAMoment(pub String);

impl FromStr for Moment {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<Moment, NotAMoment> {
        let moment = written_moment(text).ok_or_else(|| NotAMoment(text.to_owned()))?;
        // In Shanghai the first hours of the year 0 elsewhere, or the last of 9999, belong to a year that is not written with four digits.
        if (0..=9999).contains(&moment.local().year()) { Ok(moment) } else { Err(NotAMoment(text.to_owned())) }
    }
}

// Read here and not by jiff: it reads many shapes of which an editor means none, and with its reader everything that it could say of a mistake becomes part
// of each Lambda binary (0.1 MB), to say what `NotAMoment` says.

fn written_moment(text: &str) -> Option<Moment> {
    let (date, rest) = text.split_at_checked(10)?;
    let date = written_date(date)?;
    if rest.is_empty() {
        return Some(Moment::from_local(date.to_datetime(Time::midnight())));
    }
    let rest = rest.strip_prefix([' ', 'T'])?;
    let (time, zone) = rest.split_at(rest.find(['Z', '+', '-']).unwrap_or(rest.len()));
    let local = date.to_datetime(written_time(time)?);
    match zone.split_at_checked(1) {
        None => Some(Moment::from_local(local)),
        Some(("Z", "")) => Offset::UTC.to_timestamp(local).ok().map(Moment),
        Some((sign @ ("+" | "-"), distance)) => {
            let (hours, minutes) = distance.split_once(':')?;
            let east = number(hours, 2)? * 3600 + number(minutes, 2).filter(|minutes| *minutes < 60)? * 60;
            let offset = Offset::from_seconds(if sign == "+" { east } else { -east }).ok()?;
            offset.to_timestamp(local).ok().map(Moment)
        }
        Some(_) => None,
    }
}

/// `2026-12-05`
fn written_date(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (number(parts.next()?, 4)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

/// `14:00`, `14:00:30` and, as programs write it, parts of a second behind a point.
fn written_time(text: &str) -> Option<Time> {
    let mut parts = text.splitn(3, ':');
    let (hour, minute) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let (second, part) = parts.next().map_or(("00", None), |seconds| match seconds.split_once('.') {
        Some((second, part)) => (second, Some(part)),
        None => (seconds, None),
    });
    let nanosecond = match part {
        Some(part) => number(part, part.len().clamp(1, 9))? * 10_i32.pow(9 - part.len() as u32),
        None => 0,
    };
    Time::new(hour.try_into().ok()?, minute.try_into().ok()?, number(second, 2)?.try_into().ok()?, nanosecond).ok()
}

/// A number of just so many digits, nine at most.
fn number(text: &str, digits: usize) -> Option<i32> {
    let written = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if written { text.parse().ok() } else { None }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A site writes several on every page, and a format would be read anew for each of them.
        const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(0));
        PRINTER.print_datetime(&self.local(), StdFmtWrite(&mut *f)).map_err(|_| fmt::Error)?;
        f.write_str("+08:00")
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Moment, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Reads a date as [`pattern::DATE`] says, for `#[serde(deserialize_with = "…")]`.
pub fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    read(deserializer, written_date, "a date")
}

/// Reads a list of dates, each as [`date`] does.
pub fn dates<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Date>, D::Error> {
    #[derive(Deserialize)]
    struct One(#[serde(deserialize_with = "date")] Date);

    Ok(Vec::<One>::deserialize(deserializer)?.into_iter().map(|One(date)| date).collect())
}

/// Reads a time of day as [`pattern::TIME`] says, or with parts of a second behind it, for `#[serde(deserialize_with = "…")]`.
pub fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
    read(deserializer, written_time, "a time of day")
}

fn read<'de, D: Deserializer<'de>, T>(deserializer: D, written: fn(&str) -> Option<T>, what: &str) -> Result<T, D::Error> {
    let text = Cow::<'de, str>::deserialize(deserializer)?;
    written(&text).ok_or_else(|| serde::de::Error::custom(format_args!("`{text}` is not {what}")))
}

/// How a moment, a date or a time of day is written, as a regular expression for JSON Schema. Editors underline what does not
/// fit it, and the generator knows by it which advice helps when a value does not fit.
pub mod pattern {
    /// [`super::Moment`]
    pub const MOMENT: &str = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?$";
    /// [`jiff::civil::Date`]
    pub const DATE: &str = r"^\d{4}-\d{2}-\d{2}$";
    /// [`jiff::civil::Time`]
    pub const TIME: &str = r"^\d{2}:\d{2}(:\d{2})?$";
}

/// Describes a text of a fixed shape to JSON Schema.
macro_rules! text_schema {
    ($type:ty, $name:literal, $pattern:expr) => {
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

/// Stands for [`jiff::civil::Date`] in `#[schemars(with = "…")]`: jiff does not know schemars.
pub struct DateSchema;

/// Stands for [`jiff::civil::Time`] in `#[schemars(with = "…")]`.
pub struct TimeSchema;

text_schema!(Moment, "Moment", pattern::MOMENT);
text_schema!(DateSchema, "Date", pattern::DATE);
text_schema!(TimeSchema, "Time", pattern::TIME);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> String {
        text.parse::<Moment>().map_or_else(|error| error.to_string(), |moment| moment.to_string())
    }

    #[test]
    fn a_moment_without_a_zone_is_one_in_shanghai() {
        let cases = [
            ("2026-12-05 14:00", "2026-12-05T14:00:00+08:00"),
            ("2026-12-05T14:00:30", "2026-12-05T14:00:30+08:00"),
            ("2026-12-05", "2026-12-05T00:00:00+08:00"),
            ("2026-12-31T16:30:00Z", "2027-01-01T00:30:00+08:00"),
            ("2026-12-05T14:00:00+08:00", "2026-12-05T14:00:00+08:00"),
            ("2026-12-05T14:00:00+09:00", "2026-12-05T13:00:00+08:00"),
            // What is less than a second is not written, and rounds nothing up.
            ("2026-12-31T15:59:59.999Z", "2026-12-31T23:59:59+08:00"),
        ];
        for (text, moment) in cases {
            assert_eq!(read(text), moment);
        }
    }

    proptest! {
        #[test]
        fn what_is_read_means_what_jiff_reads(
            date in "[0-9]{4}-[0-2][0-9]-[0-4][0-9]",
            time in "([ T][0-2][0-9]:[0-6][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?)?",
            zone in "(Z|[+-][0-2][0-9]:[0-6][0-9])?",
        ) {
            let text = format!("{date}{time}{}", if time.is_empty() { "" } else { &zone });
            let by_jiff = match text.parse::<Timestamp>() {
                Ok(timestamp) => Some(Moment(timestamp)),
                Err(_) => text.parse().ok().map(Moment::from_local),
            };
            let by_jiff = by_jiff.filter(|moment| (0..=9999).contains(&moment.local().year()));
            prop_assert_eq!(text.parse::<Moment>().ok(), by_jiff, "{}", text);
            prop_assert_eq!(written_date(&date), date.parse().ok());
            prop_assert_eq!(time.get(1..).and_then(written_time), time.get(1..).and_then(|time| time.parse().ok()));
        }

        /// Each letter of what could be read is taken away, exchanged, and put in once more.
        #[test]
        fn of_what_is_nearly_a_moment_nothing_is_read_that_jiff_refuses(
            date in "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])",
            time in "([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]0[0-9]:[0-5][0-9])?)?)?",
        ) {
            let text = date + &time;
            for at in 0..=text.len() {
                let (head, tail) = text.split_at(at);
                let less = tail.get(1..).unwrap_or_default();
                for letter in ["", "0", "9", "T", "t", "Z", "z", ":", ".", ",", " ", "+", "-", "０", "\u{2212}"] {
                    for near in [format!("{head}{letter}{less}"), format!("{head}{letter}{tail}")] {
                        let by_jiff = near.parse::<Timestamp>().is_ok() || near.parse::<DateTime>().is_ok();
                        prop_assert!(by_jiff || near.parse::<Moment>().is_err(), "{}", near);
                    }
                }
            }
        }

        #[test]
        fn months_are_counted_as_jiff_counts_them(start in -5_000_000_000_i64..9_000_000_000, months in 0_u32..20_000) {
            let start = Moment(Timestamp::from_second(start).expect("a time of ours"));
            let by_jiff = start.local().checked_add(jiff::Span::new().months(i64::from(months)));
            prop_assert_eq!(after_months(start, months), by_jiff.map_or(Moment(Timestamp::MAX), Moment::from_local));
            prop_assert_eq!(after_months(start, u32::MAX), Moment(Timestamp::MAX));
        }
    }

    #[test]
    fn the_basic_format_is_in_utc() {
        let moment: Moment = "2026-12-05 07:30".parse().expect("a moment");
        assert_eq!(moment.basic(), "20261204T233000Z");
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in ["", "2026", "2026/12/05", "20261205", "2026-02-30", "2026-12-05 25:00", "明天", "二〇二六年十二月五日"]
        {
            assert_eq!(read(text), format!("`{text}` is not a date or a date with a time"));
        }
    }

    #[test]
    fn the_end_of_time_is_a_moment_of_its_last_day() {
        for text in ["9999-12-31", "9999-12-31 23:59"] {
            let moment: Moment = text.parse().expect("people write this for what never ends");
            assert_eq!(moment.date(), Date::constant(9999, 12, 31));
        }
        assert_eq!(Moment::from_local(DateTime::MIN), Moment(Timestamp::MIN));
    }
}
