//! Working days with 调休, counted from official data and never guessed silently.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    #[schemars(with = "Vec<String>")]
    pub worked: Vec<Date>,
}

/// A stretch of days, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stretch {
    /// 国庆节、中秋节
    pub name: String,
    /// First day.
    #[schemars(with = "String")]
    pub from: Date,
    /// Last day.
    #[schemars(with = "String")]
    pub to: Date,
}
