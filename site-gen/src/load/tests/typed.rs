//! What it must hold: keys that there are, and values of their types.

use super::check;
use crate::kinds::Kind;

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
                "4:1 unknown_key 没有 `colour` 这个键 → 这里可以写 `aliases`、`author`、`chains`、`date`、`draft`、`example`、`expires`、`figures`、`form`、`series`、`silence`、`slug`、`source`、`summary`、`tags`、`template`、`title`、`updated`、`weight`",
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
