//! What a value should have been, in words that can be typed as they stand.

use serde_json::{Value, json};

use super::{
    dates::{self, Advice},
    shape::{Expected, Fields, Shape, Word},
};
use crate::load::{
    words::{half_width, nearest, parts, plain},
    yaml,
};

/// Why a scalar was refused. The message follows the key's name.
#[derive(Debug)]
pub struct Refused {
    /// The diagnostic's code.
    pub code: &'static str,
    /// 「不是日期：`2026/01/02`」
    pub message: String,
    /// 「写成 `start: 2026-01-02`」
    pub hint: String,
}

/// Reads a scalar as what is expected; `plain` tells that it has no quotes.
pub fn scalar(text: &str, plain: bool, expected: &Expected<'_>, key: &str) -> Result<Value, Refused> {
    match expected {
        Expected::Text if text.trim().is_empty() => {
            Err(Refused {
                code: "empty_value", message: "是空的".to_owned(), hint: "写上内容；没有就删掉这一行".to_owned()
            })
        }
        Expected::Text => Ok(json!(text)),
        Expected::Moment if text.parse::<domain::Moment>().is_ok() => Ok(json!(text)),
        Expected::Moment => Err(no_date(text, dates::moment(text), key, "日期或时间", "2026-12-05 14:00")),
        Expected::Date if text.parse::<jiff::civil::Date>().is_ok() && text.len() == 10 => Ok(json!(text)),
        Expected::Date => Err(no_date(text, dates::date(text), key, "日期", "2026-12-05")),
        Expected::Time if text.parse::<jiff::civil::Time>().is_ok() => Ok(json!(text)),
        Expected::Time => Err(no_date(text, dates::time(text), key, "钟点", "08:30")),
        Expected::Whole(least, most) => whole(text, plain, *least, *most, key),
        Expected::Number => number(text, plain, key),
        Expected::YesNo => yes_no(text, plain, key),
        Expected::Words(words) => word(text, words, key),
        _ => Ok(json!(text)),
    }
}

fn no_date(text: &str, advice: Advice, key: &str, what: &str, example: &str) -> Refused {
    let (message, hint) = match advice {
        Advice::Write(right) => (format!("不是能识别的{what}：`{text}`"), format!("写成 `{}`", line(key, &right))),
        Advice::Impossible(reason) => (format!("不存在：{reason}"), format!("改成对的{what}，如 `{}`", line(key, example))),
        Advice::Unknown => (format!("不是{what}：`{text}`"), format!("写成年-月-日的样子，如 `{}`", line(key, example))),
    };
    let hint = if what == "钟点" { hint.replace("写成年-月-日的样子", "写成时:分的样子") } else { hint };
    Refused { code: "bad_date", message, hint }
}

/// 「`capacity: 100`」, or the value alone when there is no key.
fn line(key: &str, value: &str) -> String {
    if key.is_empty() { value.to_owned() } else { format!("{key}: {value}") }
}

fn whole(text: &str, plain: bool, least: i64, most: i64, key: &str) -> Result<Value, Refused> {
    if plain && let Ok(number) = text.parse::<i64>() {
        if (least..=most).contains(&number) {
            return Ok(json!(number));
        }
        let message = if number < least { format!("不能小于 {least}") } else { format!("不能大于 {most}") };
        return Err(Refused { code: "bad_number", message, hint: format!("写 {least} 到 {most} 之间的整数") });
    }
    Err(no_number(text, plain, key, "整数", "100"))
}

fn number(text: &str, plain: bool, key: &str) -> Result<Value, Refused> {
    match text.parse::<f64>() {
        Ok(number) if plain && number.is_finite() => Ok(json!(number)),
        _ => Err(no_number(text, plain, key, "数字", "2.5")),
    }
}

fn no_number(text: &str, plain: bool, key: &str, what: &str, example: &str) -> Refused {
    let code = "bad_number";
    let half = half_width(text);
    let kept = if what == "整数" { "0123456789" } else { "0123456789." };
    let digits: String = half.chars().filter(|character| kept.contains(*character)).collect();
    // 1.5 as a whole number must not become 15.
    let fraction = what == "整数" && half.contains('.');
    if digits.is_empty() || fraction || half.trim_start().starts_with('-') {
        return Refused {
            code,
            message: format!("不是{what}：`{text}`"),
            hint: format!("写阿拉伯数字，如 `{}`", line(key, example)),
        };
    }
    let message = if half != text {
        format!("里是全角数字：`{text}`")
    } else if !plain {
        "加了引号，成了文字".to_owned()
    } else {
        format!("只写数字，不带别的字：`{text}`")
    };
    Refused { code, message, hint: format!("写成 `{}`", line(key, &digits)) }
}

fn yes_no(text: &str, is_plain: bool, key: &str) -> Result<Value, Refused> {
    if is_plain && let "true" | "false" | "True" | "False" | "TRUE" | "FALSE" = text {
        return Ok(json!(text.eq_ignore_ascii_case("true")));
    }
    let hint = match plain(text).as_str() {
        "yes" | "y" | "on" | "1" | "true" | "是" | "对" | "有" | "要" | "开" => format!("写成 `{}`", line(key, "true")),
        "no" | "n" | "off" | "0" | "false" | "否" | "不" | "无" | "没有" | "不要" | "关" => {
            format!("写成 `{}`", line(key, "false"))
        }
        _ => format!("写 `{}` 或 `{}`", line(key, "true"), line(key, "false")),
    };
    Err(Refused { code: "bad_value", message: format!("只能写 true（是）或 false（否），不能写 `{text}`"), hint })
}

fn word(text: &str, words: &[Word<'_>], key: &str) -> Result<Value, Refused> {
    if let Some(word) = words.iter().find(|word| word.word == text) {
        return Ok(json!(word.word));
    }
    let means =
        |word: &&Word<'_>| word.meaning.is_some_and(|meaning| !text.is_empty() && (meaning == text || meaning.contains(text)));
    let meant = nearest(text, words.iter().map(|word| word.word)).or_else(|| words.iter().find(means).map(|word| word.word));
    let all: Vec<String> = words
        .iter()
        .map(|word| match word.meaning {
            Some(meaning) => format!("`{}`（{meaning}）", word.word),
            None => format!("`{}`", word.word),
        })
        .collect();
    let hint = match meant {
        Some(meant) => format!("是不是想写 `{}`？可以写 {}", line(key, meant), all.join("、")),
        None => format!("可以写 {}", all.join("、")),
    };
    Err(Refused { code: "bad_value", message: format!("不能写 `{text}`"), hint })
}

/// Message and hint for a list or a mapping where one value belongs.
pub fn not_a_scalar(node: &yaml::Node, expected: &Expected<'_>, key: &str) -> (String, String) {
    let example = match expected {
        Expected::Words(words) => words.first().map_or("…", |word| word.word),
        expected => example_value(expected),
    };
    match &node.value {
        yaml::Value::List(items) => {
            let first = items.first().and_then(yaml::Node::text).unwrap_or(example);
            ("只写一个，不写成列表".to_owned(), format!("写成 `{}`", line(key, first)))
        }
        _ => (
            "应当是一个值，不是若干个「键: 内容」".to_owned(),
            format!("写成 `{}`；内容里有冒号或花括号就用引号括起来", line(key, example)),
        ),
    }
}

/// How something that is not a list is written as one.
pub fn as_list(node: &yaml::Node, item: Shape<'_>, key: &str) -> String {
    match (item.expected(), node.text()) {
        (Expected::Map(fields), _) => {
            let first = fields.required().next().and_then(|key| example(key, fields.get(key)?)).unwrap_or_default();
            match key {
                "" => format!("一项一段，每一项前面加 `- `：\n- {first}"),
                key => format!("另起一行写，每一项前面加 `- `：\n{key}:\n  - {first}"),
            }
        }
        (_, Some(text)) => {
            let parts = parts(text);
            // Sentences hold commas of their own and are long: they go below one another.
            if parts.iter().all(|part| part.chars().count() <= 12) {
                format!("写成 `{}`", line(key, &format!("[{}]", parts.join(", "))))
            } else {
                format!("另起一行写，每一条前面加 `- `：\n{key}:\n  - {text}")
            }
        }
        _ => format!("写成 `{}`", line(key, "[甲, 乙]")),
    }
}

/// For a value that fits none of several shapes.
pub fn either(key: &str) -> String {
    match key {
        "options" => "把选项一条条列出来（`- { value: …, label: … }`），或者写 `options: { from: chains }`".to_owned(),
        _ => "对照 `site-gen schema` 给出的写法".to_owned(),
    }
}

/// A line that could stand for `key`: `start: 2026-12-05 14:00`.
pub fn example(key: &str, shape: Shape<'_>) -> Option<String> {
    if key.is_empty() {
        return None;
    }
    match shape.expected() {
        Expected::Words(words) => Some(line(key, words.first()?.word)),
        Expected::List(_) => Some(line(key, "[甲, 乙]")),
        Expected::Map(fields) => {
            let lines = fields.required().filter_map(|inner| example(inner, fields.get(inner)?));
            Some(format!("{key}:\n{}", lines.map(|line| indented(&line)).collect::<Vec<_>>().join("\n")))
        }
        Expected::Either(_) => Some(format!("{key}:")),
        // Examples of both together must not contradict each other.
        Expected::Moment if key == "end" => Some("end: 2026-12-05 17:00".to_owned()),
        Expected::Text if key == "title" => Some("title: 页面的标题".to_owned()),
        Expected::Text => Some(line(key, &shape.name().map_or_else(|| "…".to_owned(), |name| format!("（{name}）")))),
        expected => Some(line(key, example_value(&expected))),
    }
}

fn indented(lines: &str) -> String {
    lines.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

/// A line in backticks; several lines below one another.
pub fn as_typed(lines: &str) -> String {
    if lines.contains('\n') { format!("：\n{lines}") } else { format!(" `{lines}`") }
}

fn example_value(expected: &Expected<'_>) -> &'static str {
    match expected {
        Expected::Moment => "2026-12-05 14:00",
        Expected::Date => "2026-12-05",
        Expected::Time => "08:30",
        Expected::Whole(..) => "20",
        Expected::Number => "2.5",
        Expected::YesNo => "true",
        _ => "…",
    }
}

/// The key that an unknown one was meant to be: written in another way, in Chinese, as other generators call it, or misspelt.
pub fn meant_key<'a>(name: &str, fields: Fields<'a>) -> Option<&'a str> {
    let known = |wanted: &str| fields.keys().find(|key| *key == wanted);
    let name_plain = plain(name);
    known(&name_plain)
        .or_else(|| fields.keys().find(|key| fields.get(key).and_then(Shape::name) == Some(name.trim())))
        .or_else(|| SYNONYMS.iter().filter(|(other, _)| *other == name_plain).find_map(|(_, ours)| known(ours)))
        .or_else(|| nearest(name, fields.keys()))
}

/// Words of other generators, of forms and of everyday speech. The first of ours that exists at the place is meant.
const SYNONYMS: &[(&str, &str)] = &[
    ("description", "summary"),
    ("desc", "summary"),
    ("excerpt", "summary"),
    ("abstract", "summary"),
    ("subtitle", "summary"),
    ("intro", "summary"),
    ("name", "title"),
    ("heading", "title"),
    ("published", "date"),
    ("publishdate", "date"),
    ("publish_date", "date"),
    ("pubdate", "date"),
    ("lastmod", "updated"),
    ("modified", "updated"),
    ("expirydate", "expires"),
    ("expiry_date", "expires"),
    ("expire", "expires"),
    ("unpublishdate", "expires"),
    ("permalink", "slug"),
    ("url", "slug"),
    ("redirect_from", "aliases"),
    ("alias", "aliases"),
    ("categories", "tags"),
    ("category", "tags"),
    ("keywords", "tags"),
    ("layout", "template"),
    ("type", "pages"),
    ("order", "weight"),
    ("location", "place"),
    ("venue", "place"),
    ("address", "place"),
    ("begin", "start"),
    ("from", "start"),
    ("to", "end"),
    ("finish", "end"),
    ("capacity", "onsite_seats"),
    ("seats", "onsite_seats"),
    ("limit", "onsite_seats"),
    ("price", "fee"),
    ("cost", "fee"),
    ("tel", "contact"),
    ("phone", "contact"),
    ("mode", "attendance"),
    ("form", "attendance"),
    ("closes", "deadline"),
    ("close", "deadline"),
    ("open", "opens"),
    ("publisher", "issuer"),
    ("no", "number"),
    ("text", "label"),
    ("href", "url"),
    ("link", "url"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_mended_but_never_changed() {
        for (text, plain, hint) in [
            ("１００", true, "写成 `seats: 100`"),
            ("100人", true, "写成 `seats: 100`"),
            ("1,000", true, "写成 `seats: 1000`"),
            ("100", false, "写成 `seats: 100`"),
            ("1.5", true, "写阿拉伯数字，如 `seats: 100`"),
            ("-5个", true, "写阿拉伯数字，如 `seats: 100`"),
            ("一百", true, "写阿拉伯数字，如 `seats: 100`"),
            ("-5", true, "写 0 到 4294967295 之间的整数"),
        ] {
            let refused = whole(text, plain, 0, u32::MAX.into(), "seats").expect_err(text);
            assert_eq!(refused.hint, hint, "{text}");
        }
        assert_eq!(whole("100", true, 0, 1000, "seats").ok(), Some(json!(100)));
    }

    #[test]
    fn yes_and_no_in_other_words() {
        for (text, hint) in
            [("是", "写成 `draft: true`"), ("NO", "写成 `draft: false`"), ("也许", "写 `draft: true` 或 `draft: false`")]
        {
            assert_eq!(yes_no(text, true, "draft").expect_err(text).hint, hint);
        }
        assert_eq!(yes_no("true", true, "draft").ok(), Some(json!(true)));
        assert!(yes_no("true", false, "draft").is_err());
    }
}
