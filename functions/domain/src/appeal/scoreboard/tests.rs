use proptest::prelude::*;

use super::*;
use crate::fixtures::at;

fn environments() -> Vec<Environment> {
    let environment = |name: &str, categories: &[&str]| Environment {
        name: name.to_owned(),
        categories: categories.iter().map(|category| (*category).to_owned()).collect(),
    };
    vec![
        environment("要素", &["融资", "用工", "用地用房"]),
        environment("政务", &["政务服务"]),
        environment("法治", &["法律", "执法检查"]),
    ]
}

fn tally(environment: &str, category: &str) -> Tally {
    Tally {
        received: at("2026-11-24 09:00"),
        environment: environment.to_owned(),
        category: category.to_owned(),
        contacted_in_time: None,
        answered_in_time: None,
        said: None,
        silent: false,
    }
}

fn november() -> Period {
    Period { name: "本月".to_owned(), from: at("2026-11-01 00:00"), before: at("2026-12-01 00:00") }
}

fn counted(tallies: &[Tally], threshold: u32) -> Counted {
    count(tallies, &environments(), &[november()], threshold, at("2026-11-30 18:00")).periods.remove(0)
}

#[test]
fn each_rate_is_of_those_that_it_is_said_to_be_of() {
    let said = |solved, content| Tally { said: Some((solved, content)), ..tally("要素", "融资") };
    let tallies = [
        said(Solved::Yes, Content::Satisfied),
        said(Solved::Yes, Content::Unsaid),
        said(Solved::Partly, Content::Mostly),
        said(Solved::No, Content::Dissatisfied),
        Tally { silent: true, ..tally("要素", "用工") },
        Tally { contacted_in_time: Some(true), answered_in_time: Some(false), ..tally("要素", "用工") },
        Tally { contacted_in_time: Some(false), answered_in_time: Some(true), ..tally("政务", "政务服务") },
        Tally { contacted_in_time: Some(true), ..tally("政务", "政务服务") },
    ];
    let rates = counted(&tallies, 1).rates;
    let found: Vec<_> =
        rates.iter().map(|rate| (rate.name.as_str(), rate.numerator, rate.denominator, rate.per_mille())).collect();
    let expected = [
        ("响应率", Some(2), Some(3), Some(667)),
        ("办结率", Some(1), Some(2), Some(500)),
        ("解决率", Some(2), Some(4), Some(500)),
        ("满意率", Some(2), Some(4), Some(500)),
        ("未回应", Some(1), Some(5), Some(200)),
    ];
    assert_eq!(found, expected);
    let few: Vec<_> = counted(&tallies, 4).rates.iter().map(|rate| rate.denominator).collect();
    assert_eq!(few, [None, None, Some(4), Some(4), Some(5)]);
    let none = counted(&[], 5);
    assert!(
        none.rates.iter().all(|rate| rate.denominator.is_none() && rate.per_mille().is_none()),
        "nothing is divided by nothing"
    );
}

#[test]
fn a_period_counts_what_was_received_in_it() {
    let on = |moment| Tally { received: at(moment), ..tally("要素", "融资") };
    let tallies = [on("2026-10-31 23:59"), on("2026-11-01 00:00"), on("2026-11-30 23:59"), on("2026-12-01 00:00")];
    assert_eq!(counted(&tallies, 1).received, Some(2));
}

#[test]
fn parts_of_what_is_not_shown_are_not_shown() {
    let mut tallies = vec![tally("要素", "融资"); 12];
    tallies.extend(vec![tally("要素", "用工"); 3]);
    tallies.extend(vec![tally("政务", "政务服务"); 6]);
    tallies.extend(vec![tally("法治", "法律"); 2]);
    let counted = counted(&tallies, 5);
    assert_eq!(counted.received, Some(23));
    let counts: Vec<_> = counted.environments.iter().map(|group| (group.name.as_str(), group.count)).collect();
    assert_eq!(counts, [("要素", Some(15)), ("政务", None), ("法治", None)], "the smallest other goes with the small one");
    let parts = |environment: usize| counted.environments[environment].parts.iter().map(|part| part.count).collect::<Vec<_>>();
    assert_eq!(parts(0), [Some(12), None, None]);
    assert_eq!((parts(1), parts(2)), (vec![None], vec![None, None]));
}

#[test]
fn parts_that_their_total_gives_away_take_it_with_them() {
    let mut tallies = vec![tally("法治", "法律"); 4];
    tallies.extend(vec![tally("法治", "执法检查"); 4]);
    tallies.extend(vec![tally("要素", "融资"); 30]);
    let counted = counted(&tallies, 5);
    assert_eq!(counted.received, Some(38));
    assert!(
        counted.environments.iter().all(|group| group.count.is_none() && group.parts.iter().all(|part| part.count.is_none()))
    );
}

#[test]
fn the_file_says_what_each_figure_is() {
    let board = count(&[], &environments(), &[november()], 5, at("2026-11-30 18:00"));
    let json = serde_json::to_value(&board).expect("plain data");
    assert_eq!(json["periods"][0]["name"], "本月");
    assert_eq!(json["periods"][0]["rates"][0]["numerator"], serde_json::Value::Null);
    assert!(json["periods"][0]["rates"][0]["definition"].as_str().is_some_and(|words| words.contains('÷')));
    assert_eq!(serde_json::from_value::<Scoreboard>(json).expect("what was written is read"), board);
}

proptest! {
    /// What is shown adds up, and no number between nothing and the threshold is among it.
    #[test]
    fn no_small_number_is_shown(counts in prop::collection::vec(0_usize..12, 6), threshold in 2_u32..8) {
        let places = [("要素", "融资"), ("要素", "用工"), ("要素", "用地用房"), ("政务", "政务服务"), ("法治", "法律"), ("法治", "执法检查")];
        let tallies: Vec<Tally> =
            counts.iter().zip(places).flat_map(|(count, (environment, category))| vec![tally(environment, category); *count]).collect();
        let counted = counted(&tallies, threshold);
        let groups = counted.environments.iter();
        let all = groups.clone().flat_map(|group| group.parts.iter()).chain(groups).map(|group| group.count).chain([counted.received]);
        for count in all.flatten() {
            prop_assert!(count == 0 || count >= threshold, "{counted:?}");
        }
        for group in &counted.environments {
            let parts: Option<Vec<u32>> = group.parts.iter().map(|part| part.count).collect();
            if let (Some(parts), Some(count)) = (parts, group.count) {
                prop_assert_eq!(parts.iter().sum::<u32>(), count);
            }
            prop_assert!(group.count.is_some() || group.parts.iter().all(|part| part.count.is_none()));
        }
    }
}
