//! A grade that the rules propose, with reasons. A person confirms it; whoever decides otherwise says why.

use crate::appeal::{Grade, Head};

/// What is known of a matter before it is graded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Matter<'a> {
    /// The environment that its category belongs to: 要素, 政务, 市场, 法治 or 创新.
    pub environment: &'a str,
    /// 涉及单位, as the firm wrote it.
    pub units: &'a str,
    /// The firm says to whom it has reported it before.
    pub reported: bool,
}

/// A proposed grade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The grade.
    pub grade: Grade,
    /// Why, a sentence each.
    pub reasons: Vec<String>,
}

/// Environments whose matters hardly ever go without money, land, an approval or an inspection: never of grade A.
const NEEDS_A_PROCESS: [&str; 3] = ["要素", "法治", "创新"];

/// Proposes a grade: C where two units or more are named, the matter is an old one, or answers failed twice; B where money, land or an
/// approval is likely; A otherwise.
pub fn suggest(head: &Head, matter: Matter<'_>) -> Suggestion {
    let mut complex = Vec::new();
    let units = matter.units.split(['、', '，', ',', '；', ';', '/', ' ', '\n']).filter(|unit| unit.chars().count() > 1).count();
    if units > 1 {
        complex.push(format!("涉及 {units} 家单位"));
    }
    if matter.reported {
        complex.push("以前反映过，没有解决".to_owned());
    }
    // Each round but the first began because an answer had failed; a second dispute begins none, and is not known any more once a case was
    // closed and taken up again.
    let failed = head.round - 1 + u32::from(head.disputes > 1);
    if failed > 1 {
        complex.push(format!("至少有 {failed} 次答复没有让企业满意"));
    }
    if !complex.is_empty() {
        return Suggestion { grade: Grade::C, reasons: complex };
    }
    if NEEDS_A_PROCESS.contains(&matter.environment) {
        let reason = "这一类多半涉及资金、用地、审批或检查，要走程序".to_owned();
        return Suggestion { grade: Grade::B, reasons: vec![reason] };
    }
    Suggestion { grade: Grade::A, reasons: vec!["一家单位能答复，看不出涉及资金、用地或审批".to_owned()] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        appeal::{Role, Urgency, submit},
        fixtures::{at, calendar, limits},
    };

    #[test]
    fn a_grade_is_proposed_with_its_reasons() {
        let head = submit(Role::Firm, Urgency::Normal, &calendar(), &limits(), at("2026-11-24 09:00")).head;
        let once = Head { disputes: 1, round: 2, ..head.clone() };
        let twice = Head { disputes: 2, ..once.clone() };
        let closed_between = Head { round: 3, ..once.clone() };
        for (head, environment, units, reported, grade, reasons) in [
            (&head, "政务", "", false, Grade::A, 1),
            (&head, "政务", "区市场监管局", false, Grade::A, 1),
            (&head, "要素", "区自然资源局", false, Grade::B, 1),
            (&head, "政务", "区住建局、供电公司", false, Grade::C, 1),
            (&head, "法治", "某某建设公司，区住建局", true, Grade::C, 2),
            (&once, "政务", "", false, Grade::A, 1),
            (&twice, "政务", "", false, Grade::C, 1),
            (&closed_between, "政务", "", false, Grade::C, 1),
        ] {
            let suggestion = suggest(head, Matter { environment, units, reported });
            assert_eq!((suggestion.grade, suggestion.reasons.len()), (grade, reasons), "{environment} {units}");
        }
    }
}
