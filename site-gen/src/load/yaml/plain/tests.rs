//! What is read as plain is what the library reads.

use std::path::Path;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::{kinds, load::front, load::yaml::by_library};

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    title: String,
    summary: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    count: Option<u32>,
    weight: Option<i32>,
    hours: Option<f32>,
    #[serde(default)]
    draft: bool,
    sort: Option<Sort>,
    event: Option<Box<Sample>>,
    #[serde(default)]
    agenda: Vec<Sample>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sort {
    Date,
    Title,
}

/// What may stand behind a key or in a list; some of it means something to YAML.
const VALUES: [&str; 63] = [
    "商会",
    "a",
    "12",
    "0",
    "007",
    "0x1f",
    "1_000",
    "-3",
    "+4",
    "1.5",
    "1e3",
    ".5",
    "5.",
    "12345678901",
    "true",
    "false",
    "True",
    "yes",
    "null",
    "~",
    "Null",
    "date",
    "title",
    "\"引 号\"",
    "\"\"",
    "''",
    "'a'",
    "'a''b'",
    "\"a\\nb\"",
    "\"a\" b",
    "\"a",
    "a\"b",
    "a: b",
    "a:b",
    "a:",
    "a #b",
    "a# b",
    "# a",
    "[a, b]",
    "[]",
    "[a,]",
    "[ \"a\" , b ]",
    "[a: b]",
    "[a, [b]]",
    "[a",
    "{a: b}",
    "{}",
    "{ title: a, count: 1 }",
    "{title: \"a, b\", tags: x}",
    "[a:b, https://a.cn/b?c]",
    "{title: https://a.cn}",
    "{title: a:}",
    "|",
    ">",
    "&a b",
    "*a",
    "!t a",
    "%a",
    "@a",
    "- a",
    "?",
    "2026-11-05 09:00",
    "2023-12-18T11:15:00+08:00",
];

const KEYS: [&str; 11] = ["title", "summary", "tags", "count", "weight", "hours", "draft", "sort", "event", "agenda", "other"];

fn line() -> impl Strategy<Value = String> {
    let value =
        prop_oneof![4 => prop::sample::select(&VALUES[..]).prop_map(|value| format!(" {value}")), 2 => Just(String::new())];
    let entry = (prop::sample::select(&KEYS[..]), value).prop_map(|(key, value)| format!("{key}:{value}"));
    let item = prop::sample::select(&VALUES[..]).prop_map(str::to_owned);
    let content = prop_oneof![
        6 => entry.clone(),
        2 => item.prop_map(|item| format!("- {item}")),
        2 => entry.prop_map(|entry| format!("-  {entry}")),
        1 => prop::sample::select(&["", "  ", "# a", "---", "...", "b", "\ttitle: a", "title: a\u{2028}b"][..]).prop_map(str::to_owned),
    ];
    (prop::sample::select(&[0_usize, 0, 0, 2, 2, 4, 1][..]), content)
        .prop_map(|(indent, content)| format!("{}{content}", " ".repeat(indent)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_as_plain_is_what_the_library_reads(lines in prop::collection::vec(line(), 0..7), titled in any::<bool>()) {
        let text = format!("{}{}\n", if titled { "title: 题\n" } else { "" }, lines.join("\n"));
        if let Ok(value) = read::<Sample>(&text) {
            prop_assert_eq!(Ok(value), by_library::<Sample>(&text), "{}", text);
        }
    }
}

#[test]
fn usual_front_matter_is_plain() {
    let text = "title: \"题：一\"\nsummary: 第 3 次，a-b\ntags: [融资, \"用 工\"]\ncount: 12\nhours: 2.5\ndraft: true\nsort: date\n\
                event:\n  title: 内\n  tags:\n    - a\n    - 'b'\n  weight: 0\nagenda:\n- title: 甲\n  count: 1\n- title: 乙\n";
    assert_eq!(read::<Sample>(text).map_err(|Strange| text), by_library::<Sample>(text).map_err(|_| ""));
}

#[test]
fn what_is_not_plain_is_left_to_the_library() {
    for text in [
        "",
        "title: |\n  a\n",
        "title: a\n  b\n",
        "title: &a b\n",
        "title: null\n",
        "title: a # b\n",
        "- a\n",
        "title: [a]\n",
        "title: a\nother: b\n",
    ] {
        assert_eq!(read::<Sample>(text), Err(Strange), "{text:?}");
    }
}

/// The pages of the real site are read so, and as the library reads them.
#[test]
fn the_policies_of_this_site_are_read_alike() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content/policies");
    let mut plain = 0;
    for entry in std::fs::read_dir(folder).expect("the site has policies") {
        let path = entry.expect("an entry").path();
        if path.ends_with("_index.md") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("it is text");
        let at = front::part("x", &text).at;
        let yaml = &text[at.start..at.end];
        if let Ok(front) = read::<kinds::Policy>(yaml) {
            assert_eq!(Ok(front), by_library::<kinds::Policy>(yaml), "{}", path.display());
            plain += 1;
        }
    }
    assert!(plain > 0, "none of them is plain");
}
