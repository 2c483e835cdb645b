//! The tables of the editors' manual: what each key of the front matter means, by kind of page.

use super::fields::{self, Field, KINDS, Value, named};

/// The page `content/manual/keys.md`, whole.
pub fn page() -> String {
    let mut text = String::from(
        "---\ntitle: 页面信息里的每一项\nsummary: 文件开头两条 --- 之间能写哪些键，各是什么意思。由程序按自己读的样子列出，不会和程序对不上。\nweight: 40\n---\n\n\
         页面开头两行 `---` 之间的是**页面信息**，一行一个键：键在冒号前面，值在冒号后面，冒号后面空一格。\n\n\
         标着“必填”的不能省，其余不需要就整行不写。`event.place` 这样带点的，写在 `event:` 下面，前面空两格。写错了不要紧：检查的时候会说哪个文件、第几行、该怎么改。\n\n\
         时间写成 `2026-12-05 14:00`，日期写成 `2026-12-05`，都按北京时间。\n",
    );
    let kinds: Vec<(&str, Vec<Field>)> = KINDS.into_iter().map(|kind| (named(kind).1, fields::of(kind))).collect();
    let shared: Vec<Field> = match kinds.split_first() {
        Some(((_, first), others)) => {
            first.iter().filter(|field| others.iter().all(|(_, fields)| fields.contains(field))).cloned().collect()
        }
        None => Vec::new(),
    };
    text.push_str("\n## 每一种页面都有的\n\n");
    table(&shared, &mut text);
    for (name, fields) in kinds {
        let own: Vec<Field> = fields.into_iter().filter(|field| !shared.contains(field)).collect();
        text.push_str(&format!("\n## {name}另有的\n\n"));
        table(&own, &mut text);
    }
    text
}

fn table(fields: &[Field], text: &mut String) {
    text.push_str("| 键 | 是什么 | 怎么写 |\n|---|---|---|\n");
    for field in fields {
        row(field, "", text);
    }
}

/// The key and, below it, the keys that stand in it.
fn row(field: &Field, above: &str, text: &mut String) {
    let path = format!("{above}{}", field.key);
    let must = if field.required { "（必填）" } else { "" };
    // 「开始时间」 is a time, as its name says.
    let written = Some(shape(&field.value)).filter(|shape| !field.name.ends_with(shape.as_str())).unwrap_or_default();
    let parts = [field.hint.trim_end_matches('。'), &written];
    let how: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    text.push_str(&format!("| `{path}` | {}{must} | {} |\n", field.name, how.join("；").replace('|', "\\|")));
    let mut inner = &field.value;
    while let Value::List(items) = inner {
        inner = items;
    }
    if let Value::Fields(fields) = inner {
        for field in fields {
            row(field, &format!("{path}."), text);
        }
    }
}

fn shape(value: &Value) -> String {
    match value {
        Value::Text | Value::Fields(_) => String::new(),
        Value::Moment => "时间".to_owned(),
        Value::Date => "日期".to_owned(),
        Value::Time => "时刻，如 `14:00`".to_owned(),
        Value::Whole => "整数".to_owned(),
        Value::Number => "数字".to_owned(),
        Value::YesNo => "`true` 是，`false` 否".to_owned(),
        Value::Words(words) => words.iter().map(|(word, meaning)| format!("`{word}` {meaning}")).collect::<Vec<_>>().join("、"),
        Value::List(items) => match shape(items) {
            one if one.is_empty() => "可以写几项，每项前面一个短横线".to_owned(),
            one => format!("可以写几项：{one}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::page;

    #[test]
    fn the_manual_says_what_the_types_say() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content/manual/keys.md");
        let written = fs::read_to_string(file).expect("the manual has a page of keys");
        assert!(written == page(), "content/manual/keys.md is not as `site-gen schema --manual` prints it: write it anew");
    }
}
