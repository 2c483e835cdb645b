//! How much two appeals say the same: staff look at those of one firm or one telephone side by side before two units work on one matter.

use std::collections::BTreeMap;

use crate::value::text::search_key;

/// From here on two appeals of one firm or one telephone are worth a look side by side.
///
/// Chosen by the table below: the same matter told in other words comes to 0.40, another matter at the same place to 0.30. Whoever is
/// shown two that are not alike loses a glance, whoever is not shown two that are lets two units work on one matter, so it lies nearer
/// to the second. What begins with the same courtesies and goes on about something else is shown in vain; that is borne.
pub const ALIKE: f64 = 0.35;

/// What is compared of an appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said<'a> {
    /// 标题
    pub title: &'a str,
    /// 具体情况
    pub description: &'a str,
}

/// Dice's coefficient over pairs of neighbouring characters, 0 to 1: twice the pairs that both have, by all pairs of both. Width, case,
/// spaces and punctuation do not count.
///
/// `strsim::sorensen_dice` divides by bytes and so gives a third of it for Chinese.
pub fn likeness(one: Said<'_>, other: Said<'_>) -> f64 {
    let (one, other) = (pairs(one), pairs(other));
    let all: usize = one.values().chain(other.values()).sum();
    if all == 0 {
        return 0.0;
    }
    let both: usize = one.iter().map(|(pair, count)| *count.min(other.get(pair).unwrap_or(&0))).sum();
    (2 * both) as f64 / all as f64
}

/// How often each pair stands in title and description; none spans both.
fn pairs(said: Said<'_>) -> BTreeMap<(char, char), usize> {
    let mut pairs = BTreeMap::new();
    for text in [said.title, said.description] {
        let characters: Vec<char> = search_key(text).chars().filter(|character| character.is_alphanumeric()).collect();
        for pair in characters.windows(2) {
            *pairs.entry((pair[0], pair[1])).or_default() += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ROAD: Said<'_> = Said {
        title: "厂区门口的路坏了半年",
        description: "从六月开始，厂区门口的路面塌陷，货车进不来，每天要多绕八公里，耽误交货。",
    };
    const LOAN: Said<'_> = Said {
        title: "贷款到期无法续贷",
        description: "我公司在某银行的流动资金贷款下月到期，银行口头告知不再续贷，请协调。",
    };
    const WORKERS: Said<'_> = Said {
        title: "招不到熟练缝纫工",
        description: "订单增加，缺缝纫工三十人，开了六千元工资也招不到，希望帮助对接职校。",
    };

    /// What firms might write, judged by hand: whether a clerk would say that it is the same matter.
    #[test]
    fn the_same_matter_is_found_in_other_words_and_another_matter_is_not() {
        let said = |title, description| Said { title, description };
        for (one, other, same) in [
            (ROAD, ROAD, true),
            (ROAD, said("厂区门口的路坏了半年多", "六月以来厂区门口路面塌陷，货车进不来，每天要多绕八公里，影响交货。"), true),
            (
                ROAD,
                said(
                    "门口道路塌陷没人修",
                    "我们厂门口的路面从六月就塌陷了，货车进不来，只能绕行八公里，经常耽误交货，请尽快修。",
                ),
                true,
            ),
            (
                ROAD,
                said(
                    "厂区门口的路还没修好",
                    "上个月反映过厂区门口的路面塌陷，到现在没人来，货车进不来，每天多绕八公里，下周客户要来看厂，急。",
                ),
                true,
            ),
            (
                ROAD,
                said("厂区门口的路灯不亮", "厂区门口的路灯从八月开始不亮，夜班工人下班看不清路，摔了两个人，请派人修。"),
                false,
            ),
            (LOAN, said("流动资金贷款续贷难", "我公司在某银行有一笔流动资金贷款，下月到期，银行说不再续贷，请帮忙协调。"), true),
            (
                LOAN,
                said(
                    "申请设备贷款贴息",
                    "我公司今年买了两条生产线，用的是某银行的设备贷款，想申请贴息，不知道找哪个部门、要什么材料。",
                ),
                false,
            ),
            (WORKERS, said("订单多缺工人", "我厂订单增加，还缺缝纫工三十人，工资开到六千元也招不到，希望对接职业学校。"), true),
            (
                WORKERS,
                said("工人社保补贴没有到账", "去年申报的三十人社保补贴，说是六月到账，至今没有收到，打电话没人接。"),
                false,
            ),
            (said("ＡＢ栋停电", "ＡＢ栋每周二停电１２小时"), said("ab栋停电", "AB 栋，每周二停电12小时！"), true),
            (ROAD, LOAN, false),
            (said("", ""), said("", ""), false),
        ] {
            let score = likeness(one, other);
            assert_eq!(score >= ALIKE, same, "{score:.2} {one:?} {other:?}");
        }
    }

    #[test]
    fn half_of_the_pairs_is_a_half() {
        // 甲乙 乙丙 and 甲乙 乙丁
        let said = |title| Said { title, description: "" };
        assert_eq!(likeness(said("甲乙丙"), said("甲乙丁")), 0.5);
        assert_eq!(likeness(said("甲，乙 丙"), said("甲乙丙")), 1.0);
    }

    proptest! {
        #[test]
        fn likeness_is_the_same_both_ways_and_between_nothing_and_all(
            (a, b, c, d) in ("\\PC{0,12}", "[甲乙丙 a，]{0,30}", "[甲乙丙 A。]{0,12}", "\\PC{0,30}")
        ) {
            let (one, other) = (Said { title: &a, description: &b }, Said { title: &c, description: &d });
            let score = likeness(one, other);
            prop_assert!((0.0..=1.0).contains(&score));
            prop_assert_eq!(score, likeness(other, one));
            prop_assert!(pairs(one).is_empty() || likeness(one, one) == 1.0);
        }
    }
}
