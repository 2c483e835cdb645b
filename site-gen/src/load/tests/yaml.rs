//! How front matter is written: what is no YAML, and the lines that part it from the text.

use super::check;
use crate::kinds::Kind;

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
