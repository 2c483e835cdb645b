//! Broken pages, each with everything that is said about it.
//!
//! 1. Here: what the tests share, fifteen broken inputs of every sort, and any input whatever.
//! 2. `yaml`: how front matter is written.
//! 3. `typed`: what it must hold.
//! 4. `rules`: what it means.

mod rules;
mod typed;
mod yaml;

use std::{collections::BTreeMap, sync::Arc};

use domain::Moment;
use proptest::prelude::*;

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

/// Stands in a row's document for an event that is fine.
const EVENT: (&str, &str) = (
    "{event}",
    "event:\n  start: 2026-12-05 14:00\n  end: 2026-12-05 17:00\n  place: 三楼会议室\n  attendance: onsite\n  audience: 企业负责人\n  contact: 工商联\n",
);

/// What is typed, in words; the kind of page; the whole document; everything that is said about it.
type Row = (&'static str, Kind, &'static str, &'static [&'static str]);

fn check(rows: &[Row]) {
    for (name, kind, text, expected) in rows {
        assert_eq!(said(*kind, &text.replace(EVENT.0, EVENT.1)), *expected, "{name}");
    }
}

#[test]
fn the_fifteen_broken_inputs_get_their_place_reason_and_mend() {
    check(&[
        (
            "a typo in a key",
            Kind::Page,
            "---\ntitel: 关于\n---\n",
            &["2:1 unknown_key 没有 `titel` 这个键 → 是不是想写 `title`？"],
        ),
        (
            "no title",
            Kind::Page,
            "---\nsummary: 介绍\n---\n",
            &["1:1 missing_key 缺少 `title`（标题） → 加上 `title: 页面的标题`"],
        ),
        (
            "a full-width colon",
            Kind::Page,
            "---\ntags: [甲]\ntitle：关于\nsummary：介绍\n---\n",
            &[
                "3:6 wide_colon 冒号是全角的「：」，要用半角的 `:`，后面空一格 → 写成 `title: 关于`",
                "4:8 wide_colon 冒号是全角的「：」，要用半角的 `:`，后面空一格 → 写成 `summary: 介绍`",
            ],
        ),
        (
            "a date that does not exist",
            Kind::Page,
            "---\ntitle: 关于\ndate: 2026-02-30\n---\n",
            &[
                "3:7 bad_date `date`（发布时间）不存在：2026 年 2 月只有 28 天，没有 30 日 → 改成对的日期或时间，如 `date: 2026-12-05 14:00`",
            ],
        ),
        (
            "no date at all",
            Kind::Page,
            "---\ntitle: 关于\ndate: 明天\n---\n",
            &["3:7 bad_date `date`（发布时间）不是日期或时间：`明天` → 写成年-月-日的样子，如 `date: 2026-12-05 14:00`"],
        ),
        (
            "a future date",
            Kind::Page,
            "---\ntitle: 关于\ndate: 2027-01-01 08:00\n---\n",
            &["3:7 ?future_date 现在不会出现，到 2027-01-01 08:00 才发布 → 到时会自动出现；想现在就发布，把日期改到今天或更早"],
        ),
        (
            "an expiry that has passed",
            Kind::Page,
            "---\ntitle: 关于\nexpires: 2026-01-01\n---\n",
            &[
                "3:10 ?expired 已经在 2026-01-01 00:00 撤下，不会出现在网站上 → 想重新发布，改晚或删掉 `expires`；确实不用了，可以删掉这个文件",
            ],
        ),
        (
            "a future date without a zone is Shanghai's",
            Kind::Page,
            "---\ntitle: 关于\ndate: 2026-11-24 09:01\n---\n",
            &["3:7 ?future_date 现在不会出现，到 2026-11-24 09:01 才发布 → 到时会自动出现；想现在就发布，把日期改到今天或更早"],
        ),
        ("a past date without a zone is Shanghai's", Kind::Page, "---\ntitle: 关于\ndate: 2026-11-24 08:59\n---\n", &[]),
        (
            "tabs",
            Kind::Activity,
            "---\ntitle: 下午茶\nevent:\n\tstart: 2026-12-05 14:00\n\tend: 2026-12-05 17:00\n\tplace: 三楼会议室\n\tattendance: onsite\n\taudience: 企业负责人\n\tcontact: 工商联\n---\n",
            &[
                "4:1 tab 缩进用了制表符（Tab） → 删掉制表符，改成空格；编辑器里可以设成「用空格代替 Tab」，每一层两个：`  start: 2026-12-05 14:00`",
            ],
        ),
        (
            "an unclosed quote",
            Kind::Page,
            "---\ntitle: \"关于\nsummary: 介绍\nslug: About Us\n---\n",
            &[
                "2:8 unclosed_quote 引号没有收尾 → 写成 `title: \"关于\"`",
                "4:7 bad_slug 网址末段只能用小写字母、数字和连字符：`About Us` → 写成 `slug: about-us`，或者删掉这一行，按文件名生成",
            ],
        ),
        (
            "slashes in a date",
            Kind::Page,
            "---\ntitle: 关于\ndate: 2026/01/02\n---\n",
            &["3:7 bad_date `date`（发布时间）不是能识别的日期或时间：`2026/01/02` → 写成 `date: 2026-01-02`"],
        ),
        (
            "a text where a list belongs",
            Kind::Page,
            "---\ntitle: 关于\ntags: 融资\n---\n",
            &["3:7 wrong_type `tags`（标签）应当是一个列表 → 写成 `tags: [融资]`"],
        ),
        (
            "unknown terms",
            Kind::Page,
            "---\ntitle: 关于\nchains: [fod, 食品, 汽车]\nseries: 大讲堂\n---\n",
            &[
                "3:10 unknown_chain 没有叫 `fod` 的产业链 → 是不是想写 `food`（绿色食品）？",
                "3:15 unknown_chain 没有叫 `食品` 的产业链 → 是不是想写 `food`（绿色食品）？",
                "3:19 unknown_chain 没有叫 `汽车` 的产业链 → 可以写 `food`、`display`；要新加一个，写进 `content/data/chains.yaml`",
                "4:9 unknown_series 没有叫 `大讲堂` 的系列 → 是不是想写 `lectures`（相商同心大讲堂）？",
            ],
        ),
        (
            "no front matter",
            Kind::Page,
            "# 关于我们\n\n正文\n",
            &["1:1 no_front_matter 文件开头没有页面信息 → 在最前面加上：\n---\ntitle: 关于我们\n---"],
        ),
    ]);
}

proptest! {
    /// Whatever is typed, reading it ends, and every place is one of the text.
    #[test]
    fn nothing_that_is_typed_breaks_the_loader(front in "(---\n)?([a-z]{1,6}|title|event|tags|[：:\"'\\[\\]{}|>&*!%@`#, \t\u{3000}\n-]|相商|\n  |: |- ){0,40}(\n---\n)?.{0,20}") {
        for kind in [Kind::Page, Kind::Activity, Kind::Section] {
            let data = data();
            let templates = BTreeMap::new();
            let known = Known { now: now(), data: &data, forms: &[], templates: &templates };
            let (document, diagnostics) = documents::document("a.md", Arc::from(front.as_str()), kind, &known);
            prop_assert!(document.is_some());
            for diagnostic in diagnostics {
                if let Some(span) = diagnostic.span {
                    prop_assert!(span.start <= span.end && span.end <= front.len() + 1, "{diagnostic:?}");
                }
            }
        }
    }

    /// Also bytes that are no text.
    #[test]
    fn no_bytes_break_the_loader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("content")).expect("made");
        std::fs::write(folder.path().join("content/a.md"), [b"---\n", bytes.as_slice()].concat()).expect("written");
        std::fs::write(folder.path().join("content/site.yaml"), &bytes).expect("written");
        let loaded = super::load(&crate::build::Options::new(folder.path(), now()));
        prop_assert!(loaded.diagnostics.iter().any(Diagnostic::is_error));
    }
}
