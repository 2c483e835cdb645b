//! Moments and dates in Asia/Shanghai, the only zone of this project: a fixed +08:00 with no summer time.

use std::{borrow::Cow, fmt, str::FromStr};

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    fmt::{StdFmtWrite, temporal::DateTimePrinter},
    tz::{Offset, TimeZone},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Asia/Shanghai. China has kept +08:00 without summer time since 1991, so no zone database is needed.
pub fn shanghai() -> TimeZone {
    TimeZone::fixed(Offset::constant(8))
}

/// A point in time, written and read in Shanghai's local time: `2026-12-05 14:00`, `2026-12-05` (midnight) or RFC 3339.
///
/// A text without a zone means Shanghai, because that is what an editor means; peers read it as UTC.
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

    /// The day in Shanghai on which this moment falls.
    pub fn date(self) -> Date {
        self.local().date()
    }
}

/// The same time of day so many months later: on the same day of the month, or on its last. Where time ends, nothing is later.
pub fn after_months(moment: Moment, months: u32) -> Moment {
    let later = moment.local().checked_add(jiff::Span::new().months(i64::from(months.min(12_000))));
    later.map_or(Moment(Timestamp::MAX), Moment::from_local)
}

/// Why a text is not a moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date or a date with a time")]
pub struct NotAMoment(pub String);

impl FromStr for Moment {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<Moment, NotAMoment> {
        let refused = || NotAMoment(text.to_owned());
        // jiff reads many shapes; only those that say year, month and day with hyphens are dates to an editor.
        let shaped = text.len() >= 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
        if !shaped {
            return Err(refused());
        }
        let moment = match text.parse::<Timestamp>() {
            Ok(timestamp) => Moment(timestamp),
            Err(_) => Moment::from_local(text.parse().map_err(|_| refused())?),
        };
        // In Shanghai the first hours of the year 0 elsewhere, or the last of 9999, belong to a year that is not written with four digits.
        if (0..=9999).contains(&moment.local().year()) { Ok(moment) } else { Err(refused()) }
    }
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
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
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
