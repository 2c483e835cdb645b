//! Limits and office hours as data: each district has its own, and ours are not law.

use jiff::civil::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `content/data/limits.yaml`. Working days unless said otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Office hours of a working day, in order: `[{from: "08:30", to: "12:00"}, …]`.
    pub office_hours: Vec<Hours>,
    /// Until this hour grade A counts as the same day.
    #[schemars(with = "String")]
    pub same_day_until: Time,
    /// First contact: by the end of this working day after receipt (1 = the next one).
    pub first_contact_days: u32,
    /// First contact of an urgent matter, in office hours.
    pub urgent_contact_hours: u32,
    /// Grade B: result.
    pub result_days: u32,
    /// Grade C: plan.
    pub plan_days: u32,
    /// Grade C: result.
    pub complex_result_days: u32,
    /// Grade C: result after its one extension.
    pub extended_result_days: u32,
    /// People one firm may send to a session, unless the session says otherwise.
    pub firm_limit: u32,
    /// People one registration may name.
    pub party_limit: u32,
}

/// A stretch of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// First minute.
    #[schemars(with = "String")]
    pub from: Time,
    /// The minute after the last.
    #[schemars(with = "String")]
    pub to: Time,
}
