//! The public scoreboard (成效): counts and rates of a period, each with its definition and with how many cases it is counted of. What few
//! cases stand behind is not shown, neither by itself nor by what it leaves of a total ([`suppress()`]).

mod suppress;

pub use suppress::{Shown, suppress};

use serde::{Deserialize, Serialize};

use crate::{
    appeal::firm::{Content, Solved},
    time::Moment,
};

/// What the scoreboard counts of one case: nothing that points to a firm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// When it was submitted.
    pub received: Moment,
    /// One of the five environments; empty when its category has none.
    pub environment: String,
    /// The category in words.
    pub category: String,
    /// Whether somebody spoke with the firm in time; none while that is not due and has not happened.
    pub contacted_in_time: Option<bool>,
    /// Whether there was a result in time; none while that is not due and has not happened, and for what left the usual way.
    pub answered_in_time: Option<bool>,
    /// What the firm said of the last answer.
    pub said: Option<(Solved, Content)>,
    /// The firm was asked twice and did not answer (未回应).
    pub silent: bool,
}

/// A time of which cases are counted by when they were received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// 本月, 今年
    pub name: String,
    /// Received at this moment or later.
    pub from: Moment,
    /// Received before this moment.
    pub before: Moment,
}

/// What is published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scoreboard {
    /// How this file is to be read.
    pub schema: u32,
    /// When it was counted.
    pub at: Moment,
    /// Fewer cases than this are not shown.
    pub threshold: u32,
    /// Each period by itself.
    pub periods: Vec<Counted>,
}

/// [`Scoreboard::schema`] of what is written here.
pub const SCHEMA: u32 = 1;

/// A period's figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    /// Which period.
    #[serde(flatten)]
    pub period: Period,
    /// How many cases; none when that is too few to be shown.
    pub received: Option<u32>,
    /// Rates, always all of them.
    pub rates: Vec<Rate>,
    /// How many of each environment, with its categories.
    pub environments: Vec<Group>,
}

/// A rate with what it is counted of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// 响应率
    pub name: String,
    /// What is divided by what.
    pub definition: String,
    /// How many of them; none when it is of too few to be shown.
    pub numerator: Option<u32>,
    /// Of how many (n); none when those are too few to be shown.
    pub denominator: Option<u32>,
}

impl Rate {
    /// In tenths of a per cent, rounded; none when it is not shown.
    pub fn per_mille(&self) -> Option<u32> {
        let (numerator, denominator) = (u64::from(self.numerator?), u64::from(self.denominator?));
        u32::try_from((numerator * 2000 + denominator) / (2 * denominator.max(1))).ok()
    }
}

/// An environment with its categories, or a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// How many cases; none when that is not shown.
    pub count: Option<u32>,
    /// Its parts; none of a category.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Group>,
}

/// An environment and its categories in the order in which they are shown, whether there are cases of it or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Its categories in words.
    pub categories: Vec<String>,
}

/// Counts `tallies` by period; fewer than `threshold` are not shown.
pub fn count(tallies: &[Tally], environments: &[Environment], periods: &[Period], threshold: u32, at: Moment) -> Scoreboard {
    let counted = periods.iter().map(|period| {
        let within: Vec<&Tally> =
            tallies.iter().filter(|tally| period.from <= tally.received && tally.received < period.before).collect();
        of_period(&within, environments, period, threshold)
    });
    Scoreboard { schema: SCHEMA, at, threshold, periods: counted.collect() }
}

fn of_period(tallies: &[&Tally], environments: &[Environment], period: &Period, threshold: u32) -> Counted {
    let of = |environment: &Environment, category: &String| {
        number(tallies, |tally| tally.environment == environment.name && tally.category == *category)
    };
    let parts = |environment: &Environment| environment.categories.iter().map(|category| of(environment, category)).collect();
    let parts: Vec<Vec<u32>> = environments.iter().map(parts).collect();
    // What belongs to no environment or category of today is counted with none of them: a total is that of what stands below it.
    let cells: Vec<u32> = parts.iter().map(|parts| parts.iter().sum()).collect();
    let total: u32 = cells.iter().sum();
    let Shown { total: received, cells: shown } = suppress(total, &cells, threshold);
    let groups = environments.iter().zip(shown).zip(&parts);
    let groups = groups.map(|((environment, count), parts)| group(environment, count, parts, threshold));
    // Parts that their total would give away, and the total is shown: rare, so no environment is shown then.
    let groups: Option<Vec<Group>> = groups.collect();
    let groups = groups.unwrap_or_else(|| environments.iter().map(hidden).collect());
    // A rate's n would tell of a total that is not shown.
    let mut rates = rates(tallies, threshold);
    for rate in rates.iter_mut().filter(|_| received.is_none()) {
        (rate.numerator, rate.denominator) = (None, None);
    }
    Counted { period: period.clone(), received, rates, environments: groups }
}

/// An environment with what may be shown of its categories; none when what is hidden of them could be computed from `count`.
fn group(environment: &Environment, count: Option<u32>, cells: &[u32], threshold: u32) -> Option<Group> {
    // Of what is not shown no part is shown either: the parts would give it away.
    let Some(count) = count else { return Some(hidden(environment)) };
    let shown = suppress(count, cells, threshold);
    shown.total?;
    let parts = environment.categories.iter().zip(shown.cells);
    let parts = parts.map(|(name, count)| Group { name: name.clone(), count, parts: Vec::new() });
    Some(Group { name: environment.name.clone(), count: Some(count), parts: parts.collect() })
}

fn hidden(environment: &Environment) -> Group {
    let parts = environment.categories.iter().map(|name| Group { name: name.clone(), count: None, parts: Vec::new() });
    Group { name: environment.name.clone(), count: None, parts: parts.collect() }
}

fn rates(tallies: &[&Tally], threshold: u32) -> Vec<Rate> {
    let heard = number(tallies, |tally| tally.said.is_some());
    let silent = number(tallies, |tally| tally.silent);
    let said = |wanted: fn(&(Solved, Content)) -> bool| number(tallies, |tally| tally.said.as_ref().is_some_and(wanted));
    let shares = [
        (
            "响应率",
            "在承诺的时间内有人联系了企业的件数 ÷ 到了联系时间的件数",
            number(tallies, |tally| tally.contacted_in_time == Some(true)),
            number(tallies, |tally| tally.contacted_in_time.is_some()),
        ),
        (
            "办结率",
            "在办理时限内给了企业结果的件数 ÷ 到了办理时限的件数",
            number(tallies, |tally| tally.answered_in_time == Some(true)),
            number(tallies, |tally| tally.answered_in_time.is_some()),
        ),
        (
            "解决率",
            "企业说“解决了”的件数 ÷ 企业作了评价的件数；不满意、正在重办的算没有解决",
            said(|(solved, _)| *solved == Solved::Yes),
            heard,
        ),
        (
            "满意率",
            "企业说“满意”“基本满意”的件数 ÷ 企业作了评价的件数；不满意、正在重办的算不满意",
            said(|(_, content)| matches!(content, Content::Satisfied | Content::Mostly)),
            heard,
        ),
        ("未回应", "两次回访都没有联系上企业的件数 ÷ 应当回访的件数；既不算进解决率，也不算进满意率", silent, heard + silent),
    ];
    let rate = |(name, definition, numerator, denominator): (&str, &str, u32, u32)| {
        let shown = denominator >= threshold.max(1);
        Rate {
            name: name.to_owned(),
            definition: definition.to_owned(),
            numerator: shown.then_some(numerator),
            denominator: shown.then_some(denominator),
        }
    };
    shares.into_iter().map(rate).collect()
}

fn number(tallies: &[&Tally], wanted: impl Fn(&Tally) -> bool) -> u32 {
    u32::try_from(tallies.iter().filter(|tally| wanted(tally)).count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
