//! Broken pages, each with everything that is said about it.

use std::{collections::BTreeMap, sync::Arc};

use domain::Moment;

use super::{documents, rules::Known};
use crate::{
    diagnostic::{Diagnostic, Severity, place},
    kinds::Kind,
    source::{Chain, Data, Series},
};

fn now() -> Moment {
    "2026-11-24 09:00".parse().expect("a moment")
}

fn data() -> Data {
    let chain = |id: &str, name: &str| Chain { id: id.to_owned(), name: name.to_owned(), since: None, until: None };
    let series = |id: &str, name: &str| Series { id: id.to_owned(), name: name.to_owned(), summary: String::new(), page: None };
    Data {
        chains: vec![chain("food", "绿色食品"), chain("display", "光电显示")],
        series: vec![series("lectures", "相商同心大讲堂"), series("teas", "相商大咖下午茶")],
        ..Data::default()
    }
}

/// What is said about a document of `kind`, a line each: `LINE:COLUMN code message → hint`.
fn said(kind: Kind, text: &str) -> Vec<String> {
    let data = data();
    let templates = BTreeMap::from([("board.html".to_owned(), String::new()), ("page.html".to_owned(), String::new())]);
    let known = Known { now: now(), data: &data, forms: &[], templates: &templates };
    let (_, mut diagnostics) = documents::document("a.md", Arc::from(text), kind, &known);
    diagnostics.sort();
    diagnostics.iter().map(|diagnostic| line(diagnostic, text)).collect()
}

fn line(diagnostic: &Diagnostic, text: &str) -> String {
    let at = diagnostic.span.map_or_else(String::new, |span| {
        let place = place(text, span.start);
        format!("{}:{} ", place.line, place.column)
    });
    let mark = if diagnostic.severity == Severity::Warning { "?" } else { "" };
    let hint = diagnostic.hint.as_deref().unwrap_or_default();
    format!("{at}{mark}{} {} → {hint}", diagnostic.code, diagnostic.message)
}

const EVENT: &str = "event:\n  start: 2026-12-05 14:00\n  end: 2026-12-05 17:00\n  place: 三楼会议室\n  attendance: onsite\n  audience: 企业负责人\n  contact: 工商联\n";

#[test]
fn probe() {
    for (kind, text) in [
        (Kind::Page, "---\ntitel: 关于\n---\n".to_owned()),
        (Kind::Page, "---\nsummary: 没有标题\n---\n".to_owned()),
        (Kind::Page, "---\ntitle：关于\n---\n".to_owned()),
        (Kind::Page, "---\ntags: [a]\ntitle：关于\nsummary：介绍\ndraft: 是\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\ndate: 2026-02-30\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\ndate: 明天\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\ndate: 2027-01-01 08:00\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\nexpires: 2026-01-01\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\ndate: 2026/01/02\n---\n".to_owned()),
        (Kind::Activity, format!("---\ntitle: 下午茶\n{}---\n", EVENT.replace("  start", "\tstart"))),
        (Kind::Activity, format!("---\ntitle: 下午茶\n{}---\n", EVENT.replace("\n  ", "\n\t"))),
        (Kind::Page, "---\ntitle: \"关于\nsummary: 介绍\nslug: About Us\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: \"关于”\nsummary: 介绍\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: \"关于\"我们\nsummary: 介绍\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\ntags: 融资\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\ntags: 融资、用工\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\ntags: [融资、用工, 税费]\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\ntags: [融资，用工]\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\ntags: 【融资，用工】\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\ntags: [融资, 用工\nsummary: x\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\nchains: [fod]\nseries: 大讲堂\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\nchains: [食品, 汽车]\nseries: tea\n---\n".to_owned()),
        (Kind::Page, "# 关于我们\n\n正文\n".to_owned()),
        (Kind::Page, "".to_owned()),
        (Kind::Page, "---\ntitle: 关于\nsummary: x\n\n# 标题\n\n正文\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\n\n正文\n\n---\n\n正文\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\ntitle: 又一个\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 通知: 关于报名\n---\n".to_owned()),
        (Kind::Page, "---\ntitle:关于\nsummary: x\n---\n".to_owned()),
        (Kind::Page, "---\n标题: 关于\n摘要: x\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\ndescription: x\ncolour: red\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\nweight: １０\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: [关于]\ntags:\n---\n".to_owned()),
        (Kind::Page, "---\ntitle:\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\ntags:\n  -融资\n  - 用工\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\n   summary: x\ndraft: false\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\nform: appael\ntemplate: bord.html\naliases: [old]\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: 关于\nfigures:\n  - 105 件\n  - value: 3\n---\n".to_owned()),
        (Kind::Page, "---\n关于\n---\n".to_owned()),
        (Kind::Page, "---\n---\n".to_owned()),
        (Kind::Page, "---\n- a\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: @关于\n---\n".to_owned()),
        (Kind::Page, "---\ntitle: [重要] 关于\n---\n".to_owned()),
        (Kind::Activity, "---\ntitle: 下午茶\nstart: 2026-12-05 14:00\nevent:\n  end: 2026-12-05\n  titel: x\n  attendance: 现场\n---\n".to_owned()),
        (Kind::Activity, "---\ntitle: 下午茶\nevent: 明天下午\n---\n".to_owned()),
        (Kind::Activity, format!("---\ntitle: 下午茶\n{}---\n", EVENT.replace("17:00", "13:00"))),
        (Kind::Activity, format!("---\ntitle: 下午茶\n{EVENT}  registration:\n    id: T1\n    deadline: 2026-12-06\n    opens: 2026-12-07\n    party_limit: 5\n---\n")),
        (Kind::Activity, format!("---\ntitle: 下午茶\n{EVENT}  registration:\n    id: t1\n    deadline: 2026-12-05\n    onsite_seats: 10\n    online_seats: 3\n    onsite_reserved: 11\n---\n")),
        (Kind::Policy, "---\ntitle: 办法\nissuer: 国务院\nvalidity: 已废止\naudience: 企业\nchecked: 2025-01-01\n---\n".to_owned()),
        (Kind::Policy, "---\ntitle: 办法\nissuer: 国务院\nvalidity: repealed\naudience: 企业\nchecked: 2025-01-01\nissued: 2026-01-01\neffective: 2025-01-01\npoints: [a,b,c,d]\n---\n".to_owned()),
        (Kind::Section, "---\ntitle: 课程\npages: courses\ncolumn_type: 政策\n---\n".to_owned()),
    ] {
        println!("{text}");
        for line in said(kind, &text) {
            println!("    {line}");
        }
        println!("=======");
    }
}
