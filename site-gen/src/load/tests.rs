//! Broken pages, each with everything that is said about it.

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

#[test]
fn keys_that_are_unknown_missing_twice_or_misplaced() {
    check(&[
        (
            "a key in Chinese",
            Kind::Page,
            "---\n标题: 关于\n摘要: 介绍\n---\n",
            &[
                "2:1 unknown_key 没有 `标题` 这个键 → 是不是想写 `title`？",
                "3:1 unknown_key 没有 `摘要` 这个键 → 是不是想写 `summary`？",
            ],
        ),
        (
            "a full-width key",
            Kind::Page,
            "---\nｔｉｔｌｅ: 关于\n---\n",
            &["2:1 unknown_key 没有 `ｔｉｔｌｅ` 这个键 → 是不是想写 `title`？"],
        ),
        (
            "a key of another generator, and one of none",
            Kind::Page,
            "---\ntitle: 关于\ndescription: 介绍\ncolour: red\n---\n",
            &[
                "3:1 unknown_key 没有 `description` 这个键 → 是不是想写 `summary`？",
                "4:1 unknown_key 没有 `colour` 这个键 → 这里可以写 `aliases`、`author`、`chains`、`date`、`draft`、`example`、`expires`、`figures`、`form`、`series`、`slug`、`source`、`summary`、`tags`、`template`、`title`、`updated`、`weight`",
            ],
        ),
        (
            "a key twice",
            Kind::Page,
            "---\ntitle: 关于\ntitle: 又一个\n---\n",
            &["3:1 duplicate_key `title` 写了两次 → 第 2 行已经写过；留一个，删掉另一个"],
        ),
        (
            "a key at the wrong level",
            Kind::Activity,
            "---\ntitle: 下午茶\nstart: 2026-12-05 14:00\nevent:\n  title: 又一个\n  end: 2026-12-05 17:00\n  place: 三楼会议室\n  attendance: onsite\n  audience: 企业负责人\n  contact: 工商联\n---\n",
            &[
                "3:1 unknown_key 没有 `start` 这个键 → `start` 写在 `event:` 下面，比它多缩进两个空格",
                "5:3 unknown_key 没有 `title` 这个键 → `title` 不属于 `event`，写在最外层，前面不留空格",
            ],
        ),
        (
            "keys that are missing below another",
            Kind::Activity,
            "---\ntitle: 下午茶\nevent:\n  start: 2026-12-05 14:00\n  end: 2026-12-05 17:00\n---\n",
            &[
                "3:1 missing_key `event` 下面缺少 `attendance`（形式） → 在 `event:` 下面加一行 `attendance: onsite`，缩进两个空格",
                "3:1 missing_key `event` 下面缺少 `audience`（对象） → 在 `event:` 下面加一行 `audience: （对象）`，缩进两个空格",
                "3:1 missing_key `event` 下面缺少 `contact`（联系方式） → 在 `event:` 下面加一行 `contact: （联系方式）`，缩进两个空格",
                "3:1 missing_key `event` 下面缺少 `place`（地点） → 在 `event:` 下面加一行 `place: （地点）`，缩进两个空格",
            ],
        ),
        (
            "a key without a value",
            Kind::Page,
            "---\ntitle:\ntags:\n---\n",
            &["2:1 empty_value `title`（标题）是空的 → 在 `title:` 后面写上标题"],
        ),
        (
            "only spaces for a title",
            Kind::Page,
            "---\ntitle: \" \"\n---\n",
            &["2:8 empty_value `title`（标题）是空的 → 在 `title:` 后面写上标题"],
        ),
        ("an empty front matter", Kind::Page, "---\n---\n", &["1:1 missing_key 缺少 `title`（标题） → 加上 `title: 页面的标题`"]),
        (
            "a text instead of keys",
            Kind::Page,
            "---\n关于\n---\n",
            &["2:1 wrong_type 内容应当是一行一个「键: 内容」 → 写成 `键: 内容`，如 `title: 标题`；冒号是半角，后面空一格"],
        ),
        (
            "a list instead of keys",
            Kind::Page,
            "---\n- 关于\n---\n",
            &["2:1 wrong_type 内容应当是一行一个「键: 内容」 → 写成 `键: 内容`，如 `title: 标题`；冒号是半角，后面空一格"],
        ),
    ]);
}

#[test]
fn values_of_another_type() {
    check(&[
        (
            "a Chinese comma in a text where a list belongs",
            Kind::Page,
            "---\ntitle: 关于\ntags: 融资、用工\n---\n",
            &["3:7 wrong_type `tags`（标签）应当是一个列表 → 写成 `tags: [融资, 用工]`"],
        ),
        (
            "a Chinese comma in a list",
            Kind::Page,
            "---\ntitle: 关于\ntags: [融资、用工, 税费]\n---\n",
            &["3:8 joined_words 几个词连成了一项：`融资、用工` → 列表里用半角逗号分开，写成 `tags: [融资, 用工, 税费]`"],
        ),
        (
            "full-width brackets",
            Kind::Page,
            "---\ntitle: 关于\ntags: 【融资，用工】\n---\n",
            &["3:7 wrong_type `tags`（标签）应当是一个列表 → 写成 `tags: [融资, 用工]`"],
        ),
        (
            "a list where one value belongs",
            Kind::Page,
            "---\ntitle: [关于]\n---\n",
            &["2:8 wrong_type `title`（标题）只写一个，不写成列表 → 写成 `title: 关于`"],
        ),
        (
            "a text where keys belong",
            Kind::Activity,
            "---\ntitle: 下午茶\nevent: 明天下午\n---\n",
            &[
                "3:8 wrong_type `event`（活动信息）应当是一行一个「键: 内容」 → 另起一行、缩进两个空格，一行写一个键：\nevent:\n  start: 2026-12-05 14:00",
            ],
        ),
        (
            "texts where entries belong",
            Kind::Page,
            "---\ntitle: 关于\nfigures:\n  - 105 件\n  - value: 3\n---\n",
            &[
                "4:5 wrong_type `figures` 的每一项应当是一行一个「键: 内容」 → 写成 `- value: （数字）`，其余的键写在它下面，与它对齐",
                "5:5 missing_key 这一项缺少 `label`（说明） → 加一行 `label: （说明）`，与上下的键对齐",
            ],
        ),
        (
            "full-width digits",
            Kind::Page,
            "---\ntitle: 关于\nweight: １０\n---\n",
            &["3:9 bad_number `weight`（排序）里是全角数字：`１０` → 写成 `weight: 10`"],
        ),
        (
            "a number with its unit",
            Kind::Page,
            "---\ntitle: 关于\nweight: 10分\n---\n",
            &["3:9 bad_number `weight`（排序）只写数字，不带别的字：`10分` → 写成 `weight: 10`"],
        ),
        (
            "yes in Chinese",
            Kind::Page,
            "---\ntitle: 关于\ndraft: 是\n---\n",
            &["3:8 bad_value `draft`（草稿）只能写 true（是）或 false（否），不能写 `是` → 写成 `draft: true`"],
        ),
        (
            "a word in Chinese",
            Kind::Policy,
            "---\ntitle: 办法\nissuer: 国务院\nvalidity: 已废止\naudience: 企业\nchecked: 2026-11-01\n---\n",
            &[
                "4:11 bad_value `validity`（效力）不能写 `已废止` → 是不是想写 `validity: repealed`？可以写 `current`（现行）、`amended`（已修改）、`repealed`（已废止）",
            ],
        ),
        (
            "a word misspelt",
            Kind::Section,
            "---\ntitle: 课程\npages: courses\ncolumn_type: 政策\n---\n",
            &[
                "3:8 bad_value `pages`（页面类型）不能写 `courses` → 是不是想写 `pages: course`？可以写 `activity`（活动）、`course`（课程）、`policy`（政策）、`resource`（资源）、`page`（一般页面）、`section`（栏目）",
                "4:14 bad_value 没有叫 `政策` 的栏目类别 → 是不是想写 `column_type: 政策文件`？",
            ],
        ),
        (
            "straight quotes and full-width digits in a title",
            Kind::Page,
            "---\ntitle: 开展\"相商\"活动２次\n---\n",
            &[
                "2:8 ?straight_quotes 中文里用了半角引号 → 改成全角引号：“相商”",
                "2:8 ?wide_letters 数字和字母是全角的 → 改成半角：开展\"相商\"活动2次",
            ],
        ),
        (
            "debris of scraping",
            Kind::Page,
            "---\ntitle: 服務(wù)企業(yè)\n---\n",
            &["2:8 debris 夹着转码留下的注音：`務(wù)` → 删掉括号和拼音，把「務」改成简体字"],
        ),
    ]);
}

#[test]
fn what_is_no_yaml_is_mended_and_the_rest_still_read() {
    check(&[
        (
            "no space behind a colon",
            Kind::Page,
            "---\ntitle:关于\nsummary: 介绍\n---\n",
            &["2:6 colon_space 冒号后面缺一个空格 → 写成 `title: 关于`"],
        ),
        (
            "a colon in a value",
            Kind::Page,
            "---\ntitle: 通知: 关于报名\n---\n",
            &["2:10 colon_in_value 文字里的半角冒号会被当成另一个键 → 写成 `title: \"通知: 关于报名\"`"],
        ),
        (
            "a quote that ends full-width",
            Kind::Page,
            "---\ntitle: \"关于”\nsummary: 介绍\n---\n",
            &["2:8 unclosed_quote 开头是半角引号，结尾却是全角引号 → 写成 `title: \"关于\"`"],
        ),
        (
            "words behind a quote",
            Kind::Page,
            "---\ntitle: \"关于\"我们\nsummary: 介绍\n---\n",
            &[
                "2:8 ?straight_quotes 中文里用了半角引号 → 改成全角引号：“关于”",
                "2:12 quote_inside 引号收尾之后还有内容 → 写成 `title: '\"关于\"我们'`",
            ],
        ),
        (
            "an unclosed bracket",
            Kind::Page,
            "---\ntitle: 关于\ntags: [融资, 用工\nsummary: 介绍\n---\n",
            &["3:7 unclosed_bracket `[` 没有用 `]` 收尾 → 写成 `tags: [融资, 用工]`"],
        ),
        (
            "brackets that are no list",
            Kind::Page,
            "---\ntitle: [重要] 关于\n---\n",
            &["2:8 needs_quotes 文字以方括号开头，会被当成列表 → 写成 `title: \"[重要] 关于\"`"],
        ),
        (
            "a sign that YAML keeps for itself",
            Kind::Page,
            "---\ntitle: @关于\n---\n",
            &["2:8 needs_quotes 文字不能以 `@` 开头 → 写成 `title: \"@关于\"`"],
        ),
        (
            "no space behind a hyphen",
            Kind::Page,
            "---\ntitle: 关于\ntags:\n  -融资\n  - 用工\n---\n",
            &["4:3 dash_space `-` 后面缺一个空格 → 写成 `- 融资`"],
        ),
        (
            "a line too deep",
            Kind::Page,
            "---\ntitle: 关于\n   summary: 介绍\ndraft: 是\n---\n",
            &[
                "3:4 indentation 这一行的缩进和上下文对不齐 → 这一行前面有 3 个空格，应当是 0 个",
                "4:8 bad_value `draft`（草稿）只能写 true（是）或 false（否），不能写 `是` → 写成 `draft: true`",
            ],
        ),
        (
            "a full-width space",
            Kind::Activity,
            "---\ntitle: 下午茶\nevent:\n  start: 2026-12-05 14:00\n  end: 2026-12-05 17:00\n\u{3000}place: 三楼会议室\n  attendance: onsite\n  audience: 企业负责人\n  contact: 工商联\n---\n",
            &["6:1 wide_space 缩进用了全角空格 → 删掉全角空格，改成半角空格，每一层两个：`  place: 三楼会议室`"],
        ),
        (
            "lines that say nothing",
            Kind::Page,
            "---\ntitle: 关于\n}{ ]\ndraft: 是\n---\n",
            &[
                "3:1 yaml 读不懂这一行的写法 → 检查这一行和上一行：写成 `键: 内容`，冒号是半角、后面空一格；同一层前面的空格数一样；内容里有冒号、引号、方括号时整段用引号括起来",
                "4:8 bad_value `draft`（草稿）只能写 true（是）或 false（否），不能写 `是` → 写成 `draft: true`",
            ],
        ),
        (
            "text that only looks wrong inside a block",
            Kind::Page,
            "---\ntitel: 关于\nsummary: |\n  时间：下午\n  备注: \"未完\n---\n",
            &["2:1 unknown_key 没有 `titel` 这个键 → 是不是想写 `title`？"],
        ),
    ]);
}

#[test]
fn fences_that_are_missing_or_miswritten() {
    check(&[
        ("an empty file", Kind::Page, "", &["empty_file 文件是空的 → 写上页面信息和正文：\n---\ntitle: 页面的标题\n---"]),
        (
            "no closing fence",
            Kind::Page,
            "---\ntitle: 关于\ndraft: 是\n\n# 标题\n\n正文\n",
            &[
                "1:1 unclosed_front_matter 页面信息以 `---` 开头，却没有 `---` 收尾 → 在第 3 行后面加一行 `---`",
                "3:8 bad_value `draft`（草稿）只能写 true（是）或 false（否），不能写 `是` → 写成 `draft: true`",
            ],
        ),
        (
            "no closing fence, and a rule further down",
            Kind::Page,
            "---\ntitle: 关于\n\n正文\n\n---\n\n正文\n",
            &["1:1 unclosed_front_matter 页面信息以 `---` 开头，却没有 `---` 收尾 → 在第 2 行后面加一行 `---`"],
        ),
        (
            "a fence of dashes",
            Kind::Page,
            "---\ntitle: 关于\n———\n正文\n",
            &["3:1 fence 结尾的分隔线写成了 `———` → 改成三个半角短横线 `---`，前后不要空格"],
        ),
        (
            "no opening fence",
            Kind::Page,
            "title: 关于\n---\n正文\n",
            &["1:1 no_front_matter 页面信息前面缺一行 `---` → 在第一行前面加一行 `---`"],
        ),
        (
            "TOML",
            Kind::Page,
            "+++\ntitle = \"关于\"\n+++\n正文\n",
            &["1:1 fence 页面信息用了 `+++`（TOML），这里用的是 YAML → 分隔线改成 `---`，`title = \"标题\"` 改成 `title: 标题`"],
        ),
    ]);
}

#[test]
fn values_that_contradict_each_other_or_nothing_answers_to() {
    check(&[
        (
            "an end before its start",
            Kind::Activity,
            "---\ntitle: 下午茶\nevent:\n  start: 2026-12-05 14:00\n  end: 2026-12-05 13:00\n  place: 三楼会议室\n  attendance: onsite\n  audience: 企业负责人\n  contact: 工商联\n---\n",
            &["5:8 end_before_start 结束时间不晚于开始时间（2026-12-05 14:00） → 改成开始之后的时间，如 `end: 2026-12-05 16:00`"],
        ),
        (
            "registration without seats, closing late, opening later",
            Kind::Activity,
            "---\ntitle: 下午茶\n{event}  registration:\n    id: T1\n    deadline: 2026-12-06\n    opens: 2026-12-07\n    party_limit: 5\n    firm_limit: 0\n---\n",
            &[
                "10:3 no_seats 开放报名，却一个名额也没有 → 在 `registration:` 下面写上名额，如 `onsite_seats: 60`；不需要报名的，删掉整段 `registration:`",
                "11:9 bad_session_id 场次编号只能用小写字母、数字和连字符：`T1` → 写成 `id: t1`",
                "12:15 deadline_after_start 报名截止晚于活动开始（2026-12-05 14:00） → 改成开始或更早的时间，如 `deadline: 2026-12-05 14:00`",
                "13:12 opens_after_deadline 报名开始不早于报名截止（2026-12-06 00:00），没有人能报名 → 改早一些；发布后就能报名的，删掉这一行",
                "14:18 bad_number 一次报名的人数是 1 到 3，不能是 5 → 写 `party_limit: 1`、`2` 或 `3`；人多的企业可以分几次报",
                "15:17 bad_number 每家企业 0 人，没有人能报名 → 写 1 或更大的数；不写就按 `data/limits.yaml`",
            ],
        ),
        (
            "seats that the way of attending has not",
            Kind::Activity,
            "---\ntitle: 下午茶\n{event}  registration:\n    id: t1\n    deadline: 2026-12-05\n    onsite_seats: 10\n    online_seats: 3\n    onsite_reserved: 11\n---\n",
            &[
                "14:19 seats_and_attendance 形式不包括线上，却有线上名额 3 个 → 删掉这一行；线上也办的，写 `attendance: both`（只办线上写 `online`）",
                "15:22 reserved_over_seats 现场已占 11 个，多于名额 10 个 → 写 10 或更小的数，或者增加名额",
            ],
        ),
        (
            "both ways, seats for one",
            Kind::Activity,
            "---\ntitle: 下午茶\nevent:\n  start: 2026-12-05 14:00\n  end: 2026-12-05 17:00\n  place: 三楼会议室\n  attendance: both\n  audience: 企业负责人\n  contact: 工商联\n  registration:\n    id: t1\n    deadline: 2026-12-05\n    onsite_seats: 10\n---\n",
            &[
                "10:3 seats_and_attendance 形式包括线上，线上却没有名额 → 在 `registration:` 下面写 `online_seats:` 加名额数；不办线上的，改 `attendance`",
            ],
        ),
        (
            "cancelled without a word",
            Kind::Activity,
            "---\ntitle: 下午茶\n{event}  status: cancelled\n---\n",
            &[
                "10:11 ?no_status_note 活动取消了，却没有告诉读者的话 → 在 `event:` 下面加一行 `status_note: 因场地原因取消，已报名的企业由工作人员逐一电话告知`",
            ],
        ),
        (
            "a policy out of order",
            Kind::Policy,
            "---\ntitle: 办法\nissuer: 国务院\nvalidity: repealed\naudience: 企业\nchecked: 2025-01-01\nissued: 2026-01-01\neffective: 2025-01-01\npoints: [a, b, c, d]\n---\n",
            &[
                "4:11 ?no_replacement 已废止，却没有写新文件在哪里 → 有新文件的加一行 `replaced_by: /policies/新文件.md`",
                "6:10 ?checked_long_ago 上次核对是 2025-01-01，已经超过一年 → 核对内容之后改成 `checked: 2026-11-24`",
                "8:12 effective_before_issued 施行日期早于公布日期（2026-01-01） → 核对原文；自公布之日起施行的写 `effective: 2026-01-01`",
                "9:19 too_many_points 要点最多三条，现在有 4 条 → 留下读者最该知道的三条，其余写进正文",
            ],
        ),
        (
            "a policy past its time, checked tomorrow",
            Kind::Policy,
            "---\ntitle: 办法\nissuer: 国务院\nvalidity: current\naudience: 企业\nchecked: 2026-11-25\nuntil: 2026-10-31\n---\n",
            &[
                "6:10 checked_in_future 核对日期 2026-11-25 还没有到 → 写真正核对的那一天，如 `checked: 2026-11-24`",
                "7:8 ?past_validity 有效期到 2026-10-31 为止，却仍写着现行 → 核对是否延期：延期的改 `until`，到期的改成 `validity: repealed`",
            ],
        ),
        (
            "expiry before publication",
            Kind::Page,
            "---\ntitle: 关于\ndate: 2026-01-02\nexpires: 2026-01-01\nupdated: 2026-01-01\n---\n",
            &[
                "4:10 expires_before_date 撤下时间不晚于发布时间（2026-01-02 00:00），页面永远不会出现 → 把 `expires` 改到 `date` 之后；不需要自动撤下就删掉这一行",
            ],
        ),
        (
            "an update before publication",
            Kind::Page,
            "---\ntitle: 关于\ndate: 2026-01-02\nupdated: 2026-01-01\n---\n",
            &["4:10 updated_before_date 修改时间早于发布时间（2026-01-02 00:00） → 两个时间对调，或者删掉 `updated`"],
        ),
        (
            "names that there are not",
            Kind::Page,
            "---\ntitle: 关于\nform: appael\ntemplate: bord.html\naliases: [old]\n---\n",
            &[
                "3:7 unknown_form 没有叫 `appael` 的表单 → 表单声明在 `content/forms/` 里，现在一个也没有",
                "4:11 unknown_template 主题里没有叫 `bord.html` 的模板 → 是不是想写 `template: board.html`？",
                "5:11 bad_alias 旧网址应当以 `/` 开头、不含空格：`old` → 写成 `/old`",
            ],
        ),
        (
            "a course without hours",
            Kind::Course,
            "---\ntitle: 课\nhours: 0\n{event}---\n",
            &["3:8 bad_number 课时应当大于 0、不超过 200，现在是 0 → 写课时数，如 `hours: 2.5`；说不准就删掉这一行"],
        ),
        (
            "a stand-in is not judged",
            Kind::Activity,
            "---\ntitle: 下午茶\nevent:\n  start: 十二月\n  end: 2026-12-05 17:00\n  place: 三楼会议室\n  attendance: onsite\n  audience: 企业负责人\n  contact: 工商联\n  registration:\n    id: t1\n    deadline: 2026-12-05\n    onsite_seats: 多\n---\n",
            &[
                "4:10 bad_date `start`（开始时间）不是日期或时间：`十二月` → 写成年-月-日的样子，如 `start: 2026-12-05 14:00`",
                "13:19 bad_number `onsite_seats`（现场名额）不是整数：`多` → 写阿拉伯数字，如 `onsite_seats: 100`",
            ],
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
