//! The year's plan against what has been arranged. These warn, since they come about by themselves.

use jiff::ToSpan;

use super::{Finding, rules};
use crate::{
    diagnostic::Texts,
    load::yaml,
    site::{Progress, Site},
};

const FILE: &str = "content/data/plan.yaml";

/// How many days before its end a planned occasion should have its page.
const AHEAD: i64 = 30;

/// Planned occasions that are overdue, or near and not arranged.
pub fn look(site: &Site, texts: &Texts) -> Vec<Finding> {
    let today = site.now.date();
    let soon = today.saturating_add(AHEAD.days());
    let mut found = Vec::new();
    for (index, item) in site.data.plan.iter().enumerate() {
        let series = site
            .data
            .series
            .iter()
            .find(|series| series.id == item.series)
            .map_or(item.series.as_str(), |series| series.name.as_str());
        let place = || texts.get(FILE).and_then(|text| yaml::locate(text, &[&index.to_string(), "due"]));
        let what = format!("「{series}」{}（{}）", item.label, item.topic);
        match site.progress(item) {
            Progress::Overdue => found.push(rules::PLAN_OVERDUE.found(
                FILE,
                place(),
                format!("{what}应在 {} 前办完，还没有办", item.due),
                "办过的，在这一项写上 `page:`，指向那一页；没有办的，补办，或者改计划",
            )),
            Progress::Planned if item.due <= soon => found.push(rules::PLAN_UNARRANGED.found(
                FILE,
                place(),
                format!("{what} {} 到期，还没有安排", item.due),
                "运行 `site-gen new` 建好页面，在这一项写上 `page:`，指向那一页",
            )),
            Progress::Done | Progress::Arranged | Progress::Planned => {}
        }
    }
    found
}
