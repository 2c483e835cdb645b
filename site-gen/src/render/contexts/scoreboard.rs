//! The scoreboard of the home page in words. What is not shown is said not to be shown, never 0.

use domain::{
    appeal::scoreboard::{Counted, Rate, Scoreboard},
    words,
};
use serde::Serialize;

/// What the home page shows of it.
#[derive(Debug, Serialize)]
pub struct ScoreboardView {
    /// 2026年11月30日（周一）18:00
    at: String,
    /// Fewer are not shown.
    least: u32,
    periods: Vec<PeriodView>,
}

#[derive(Debug, Serialize)]
struct PeriodView {
    /// 本月
    name: String,
    /// 2026年11月1日
    since: String,
    /// 收到 26 件
    received: String,
    rates: Vec<RateView>,
    /// None when not one may be shown.
    environments: Vec<CountView>,
}

#[derive(Debug, Serialize)]
struct RateView {
    name: String,
    /// 962: how long its bar is. None when it may not be shown.
    per_mille: Option<u32>,
    /// 96.2
    per_cent: Option<String>,
    /// 26 件里有 25 件
    of: String,
    definition: String,
}

#[derive(Debug, Serialize)]
struct CountView {
    name: String,
    count: String,
}

/// The whole board.
pub fn scoreboard(board: &Scoreboard) -> ScoreboardView {
    ScoreboardView {
        at: words::moment(board.at),
        least: board.threshold,
        periods: board.periods.iter().map(|counted| period(counted, board.threshold)).collect(),
    }
}

fn period(counted: &Counted, least: u32) -> PeriodView {
    let shown = counted.environments.iter().any(|group| group.count.is_some_and(|count| count > 0));
    let environments = counted.environments.iter().filter(|_| shown).map(|group| CountView {
        name: group.name.clone(),
        count: group.count.map_or_else(|| "不显示".to_owned(), |count| format!("{count} 件")),
    });
    PeriodView {
        name: counted.period.name.clone(),
        since: words::date(counted.period.from.date()),
        received: match counted.received {
            Some(count) => format!("收到 {count} 件"),
            None => format!("不足 {least} 件"),
        },
        rates: counted.rates.iter().map(|shown| rate(shown, least)).collect(),
        environments: environments.collect(),
    }
}

fn rate(rate: &Rate, least: u32) -> RateView {
    let of = match (rate.numerator, rate.denominator) {
        (Some(numerator), Some(denominator)) => format!("{denominator} 件里有 {numerator} 件"),
        _ => format!("不足 {least} 件，不显示"),
    };
    let per_mille = rate.per_mille();
    let per_cent = per_mille.map(|tenths| format!("{}.{}", tenths / 10, tenths % 10));
    RateView { name: rate.name.clone(), per_mille, per_cent, of, definition: rate.definition.clone() }
}
