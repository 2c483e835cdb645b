//! Limits and office hours as data: each district has its own, and ours are not law.

use jiff::civil::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    problem::Problem,
    time::{self, TimeSchema},
};

/// `content/data/limits.yaml`. Working days unless said otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Office hours of a working day, in order: `[{from: "08:30", to: "12:00"}, …]`.
    pub office_hours: Vec<Hours>,
    /// Until this hour grade A counts as the same day.
    #[serde(deserialize_with = "time::time")]
    #[schemars(with = "TimeSchema")]
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
    /// Grade C: the firm hears how far the work is at least every so many days.
    #[serde(default = "a_week")]
    pub report_days: u32,
    /// People one firm may send to a session, unless the session says otherwise.
    pub firm_limit: u32,
    /// People one registration may name.
    pub party_limit: u32,
    /// Fewer cases than this are not shown on the scoreboard.
    #[serde(default = "few")]
    pub scoreboard_least: u32,
}

/// Below this, what is hidden could be computed: of fewer than two that are not none there is only one number.
const LEAST: u32 = 3;

/// Behind fewer than five, those who know the district would see a single firm.
fn few() -> u32 {
    5
}

/// Five working days.
fn a_week() -> u32 {
    5
}

/// A stretch of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// First minute.
    #[serde(deserialize_with = "time::time")]
    #[schemars(with = "TimeSchema")]
    pub from: Time,
    /// The minute after the last.
    #[serde(deserialize_with = "time::time")]
    #[schemars(with = "TimeSchema")]
    pub to: Time,
}

impl Limits {
    /// The end of a day's office hours; midday's pause does not count. Without office hours, the day's last minute.
    pub fn office_closes(&self) -> Time {
        self.office_hours.iter().map(|hours| hours.to).max().unwrap_or(Time::constant(23, 59, 0, 0))
    }

    /// What cannot be right about `content/data/limits.yaml`.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.office_hours.is_empty() {
            let hint = "例如 `office_hours: [{from: \"08:30\", to: \"12:00\"}, {from: \"14:30\", to: \"17:30\"}]`";
            problems.push(Problem::at("office_hours", "没有写办公时间，算不出几点前联系企业", hint));
        }
        for (index, hours) in self.office_hours.iter().enumerate() {
            if hours.to <= hours.from {
                let message = format!("办公时间的结束 {} 不晚于开始 {}", short(hours.to), short(hours.from));
                problems.push(Problem::at(
                    &format!("office_hours.{index}.to"),
                    message,
                    "上午、下午各写一段，先写 `from` 后写 `to`",
                ));
            }
            if index > 0 && hours.from < self.office_hours[index - 1].to {
                let message = format!("办公时间 {} 开始的一段与前一段重叠或颠倒", short(hours.from));
                problems.push(Problem::at(&format!("office_hours.{index}.from"), message, "按先后顺序写，不要重叠"));
            }
        }
        let at_least_one = [
            ("first_contact_days", self.first_contact_days),
            ("urgent_contact_hours", self.urgent_contact_hours),
            ("result_days", self.result_days),
            ("plan_days", self.plan_days),
            ("complex_result_days", self.complex_result_days),
            ("report_days", self.report_days),
            ("firm_limit", self.firm_limit),
            ("party_limit", self.party_limit),
        ];
        for (key, value) in at_least_one {
            if value == 0 {
                problems.push(Problem::at(key, format!("`{key}` 不能是 0"), "写一个不小于 1 的整数"));
            }
        }
        if self.scoreboard_least < LEAST {
            let message = format!("少于 {} 件的才不显示，太少了，会让人猜出是哪一家企业", self.scoreboard_least);
            problems.push(Problem::at("scoreboard_least", message, "写一个不小于 3 的整数，一般是 5"));
        }
        if self.extended_result_days < self.complex_result_days {
            let message = "延期后的办结时限短于原时限";
            problems.push(Problem::at("extended_result_days", message, "`extended_result_days` 应不小于 `complex_result_days`"));
        }
        problems
    }
}

/// 08:30
fn short(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        crate::fixtures::limits()
    }

    #[test]
    fn our_own_limits_are_fine() {
        assert_eq!(limits().problems(), []);
        assert_eq!(limits().office_closes(), Time::constant(17, 30, 0, 0));
    }

    #[test]
    fn impossible_limits_are_found() {
        type Case = (&'static str, fn(&mut Limits));
        let cases: [Case; 7] = [
            ("office_hours", |limits| limits.office_hours.clear()),
            ("office_hours.0.to", |limits| limits.office_hours[0].to = limits.office_hours[0].from),
            ("office_hours.1.from", |limits| limits.office_hours[1].from = Time::constant(11, 0, 0, 0)),
            ("first_contact_days", |limits| limits.first_contact_days = 0),
            ("party_limit", |limits| limits.party_limit = 0),
            ("scoreboard_least", |limits| limits.scoreboard_least = 2),
            ("extended_result_days", |limits| limits.extended_result_days = 14),
        ];
        for (path, spoil) in cases {
            let mut limits = limits();
            spoil(&mut limits);
            let found: Vec<String> = limits.problems().iter().map(|problem| problem.path.join(".")).collect();
            assert_eq!(found, [path]);
        }
    }
}
