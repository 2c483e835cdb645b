//! Settings for Visual Studio Code: schemas for the YAML files, snippets for pages, and the check as a task whose findings show in the text.
//!
//! The YAML extension looks at whole files only, so it says nothing about the front matter of Markdown, and no extension that is widely used reads one by a JSON
//! Schema that a setting names. What works there is the snippets, and `site-gen check` as a task: its findings are underlined at their lines.

use std::{fs, path::Path};

use anyhow::{Context, bail};
use serde_json::{Map, Value as Json, json};

use super::fields::{self, Field, KINDS, Value, named};
use crate::commands::schema;

/// The files that each schema is for; the names are those of `site-gen schema`.
const WIRED: [(&str, &str); 10] = [
    ("site", "content/site.yaml"),
    ("editors", "content/editors.yaml"),
    ("form", "content/forms/*.yaml"),
    ("chains", "content/data/chains.yaml"),
    ("series", "content/data/series.yaml"),
    ("towns", "content/data/towns.yaml"),
    ("categories", "content/data/categories.yaml"),
    ("plan", "content/data/plan.yaml"),
    ("limits", "content/data/limits.yaml"),
    ("calendar", "content/data/calendar/*.yaml"),
];

/// Writes `.vscode/` below `root`. What to print. Settings of one's own stay.
pub fn write(root: &Path) -> anyhow::Result<String> {
    let folder = root.join(".vscode");
    fs::create_dir_all(folder.join("schemas")).with_context(|| format!("无法新建 `{}`", folder.display()))?;
    let mut files = vec![
        ("settings.json".to_owned(), with_ours(&folder.join("settings.json"))?),
        ("extensions.json".to_owned(), json!({ "recommendations": ["redhat.vscode-yaml"] })),
        ("tasks.json".to_owned(), tasks()),
        ("xiangshang.code-snippets".to_owned(), snippets()),
    ];
    for (name, _) in WIRED {
        let text = schema::run(Some(name))?;
        files.push((format!("schemas/{name}.json"), serde_json::from_str(&text).context("a schema is JSON")?));
    }
    for (name, value) in &files {
        let path = folder.join(name);
        let text = serde_json::to_string_pretty(value).context("settings are JSON")?;
        fs::write(&path, format!("{text}\n")).with_context(|| format!("无法写入 `{}`", path.display()))?;
    }
    Ok(format!(
        "已写好 {} 里的 {} 个文件\n下一步：用 Visual Studio Code 打开这个文件夹，按提示装上 YAML 扩展；在 .md 文件里输入“活动”“课程”等，选出模板\n",
        folder.display(),
        files.len()
    ))
}

/// The settings that are there, with ours in their places.
fn with_ours(path: &Path) -> anyhow::Result<Json> {
    let mut settings: Map<String, Json> = match fs::read_to_string(path) {
        Ok(text) => match serde_json::from_str(&text) {
            Ok(settings) => settings,
            Err(_) => bail!(
                "看不懂 `{}`（里面也许有注释），没有改动它\n提示：先把注释删掉，或者把这个文件改个名字，再运行一次",
                path.display()
            ),
        },
        Err(_) => Map::new(),
    };
    let wired: Map<String, Json> =
        WIRED.iter().map(|(name, files)| (format!(".vscode/schemas/{name}.json"), json!(files))).collect();
    settings.insert("yaml.schemas".to_owned(), Json::Object(wired));
    // Snippets are offered in Markdown only when asked for.
    settings.insert("[markdown]".to_owned(), json!({ "editor.quickSuggestions": { "other": true }, "editor.wordWrap": "on" }));
    settings.insert("files.encoding".to_owned(), json!("utf8"));
    settings.insert("files.eol".to_owned(), json!("\n"));
    Ok(Json::Object(settings))
}

/// `site-gen check`, each of whose findings is underlined.
fn tasks() -> Json {
    json!({
        "version": "2.0.0",
        "tasks": [{
            "label": "检查内容",
            "detail": "site-gen check：每处错误在它那一行标出来",
            "type": "process",
            "command": "site-gen",
            "args": ["check", "--format", "github"],
            "group": { "kind": "test", "isDefault": true },
            "presentation": { "reveal": "silent" },
            "problemMatcher": {
                "owner": "site-gen",
                "fileLocation": ["relative", "${workspaceFolder}"],
                "pattern": {
                    "regexp": FINDING,
                    "severity": 1, "file": 2, "line": 3, "column": 4, "message": 5
                }
            }
        }]
    })
}

/// A finding as `check --format github` prints it.
pub const FINDING: &str = r"^::(error|warning) file=([^,]+),line=(\d+),col=(\d+)[^:]*::(.*)$";

/// A snippet for each kind of page: what must be there, to be filled in with the tabulator, and what may be there as remarks.
fn snippets() -> Json {
    let snippets: Map<String, Json> = KINDS
        .into_iter()
        .map(|kind| {
            let (id, name) = named(kind);
            let body: Vec<String> = snippet(&fields::of(kind)).lines().map(str::to_owned).collect();
            let about = json!({ "scope": "markdown", "prefix": [name, id], "description": format!("{name}的页面信息和正文"), "body": body });
            (format!("新建{name}"), about)
        })
        .collect();
    Json::Object(snippets)
}

/// The body of a snippet.
pub fn snippet(fields: &[Field]) -> String {
    // Asked for although they may be left out.
    const ALSO: [&str; 3] = ["summary", "date", "draft"];
    let mut stops = 0;
    let mut text = String::from("---\n");
    for field in fields {
        if field.required || ALSO.contains(&field.key.as_str()) {
            line(field, "", &mut stops, &mut text);
        } else {
            text.push_str(&format!("# {}: {}\n", field.key, remark(field)));
        }
    }
    text.push_str("---\n\n$0\n");
    text
}

fn line(field: &Field, indent: &str, stops: &mut usize, text: &mut String) {
    if let Value::Fields(fields) = &field.value {
        text.push_str(&format!("{indent}{}:\n", field.key));
        let deeper = format!("{indent}  ");
        for field in fields {
            if field.required {
                line(field, &deeper, stops, text);
            } else {
                text.push_str(&format!("{deeper}# {}: {}\n", field.key, remark(field)));
            }
        }
        return;
    }
    let stop = blank(field, stops);
    match &field.value {
        Value::List(_) => text.push_str(&format!("{indent}{}:\n{indent}  - {stop}\n", field.key)),
        _ => text.push_str(&format!("{indent}{}: {stop}\n", field.key)),
    }
}

/// A place to fill in, with what could stand there.
fn blank(field: &Field, stops: &mut usize) -> String {
    *stops += 1;
    let stop = *stops;
    const TODAY: &str = "${CURRENT_YEAR}-${CURRENT_MONTH}-${CURRENT_DATE}";
    match &field.value {
        Value::Moment => format!("${{{stop}:{TODAY} 14:00}}"),
        Value::Date => format!("${{{stop}:{TODAY}}}"),
        Value::Time => format!("${{{stop}:14:00}}"),
        Value::Whole | Value::Number => format!("${{{stop}:1}}"),
        Value::YesNo => format!("${{{stop}|true,false|}}"),
        Value::Words(words) => {
            let words: Vec<&str> = words.iter().map(|(word, _)| word.as_str()).collect();
            format!("${{{stop}|{}|}}", words.join(","))
        }
        Value::Text | Value::List(_) | Value::Fields(_) => format!("${{{stop}:{}}}", field.name),
    }
}

/// Name and hint on one line. In a snippet, `$` and `}` mean something else.
fn remark(field: &Field) -> String {
    let words = if field.hint.is_empty() { field.name.clone() } else { format!("{}：{}", field.name, field.hint) };
    words.replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kinds::{Activity, Course, Kind, Page, Policy, Resource, Section},
        load::{front, yaml},
    };

    /// What the editor makes of a snippet when nobody types anything.
    fn expanded(snippet: &str) -> String {
        let mut text = snippet.to_owned();
        for (variable, value) in [("CURRENT_YEAR", "2026"), ("CURRENT_MONTH", "12"), ("CURRENT_DATE", "05")] {
            text = text.replace(&format!("${{{variable}}}"), value);
        }
        text = text.replace("$0", "正文");
        while let Some(start) = text.find("${") {
            let end = start + text[start..].find('}').expect("closed");
            let inner = &text[start + 2..end];
            let inner = inner.trim_start_matches(|digit: char| digit.is_ascii_digit());
            let value = match inner.strip_prefix('|') {
                Some(words) => words.split(',').next().expect("a word").trim_end_matches('|').to_owned(),
                None => inner.trim_start_matches(':').to_owned(),
            };
            text.replace_range(start..=end, &value);
        }
        text.replace("\\}", "}").replace("\\$", "$")
    }

    #[test]
    fn every_snippet_is_a_page_of_its_kind_as_it_stands() {
        for kind in KINDS {
            let text = expanded(&snippet(&fields::of(kind)));
            let parted = front::part("x", &text);
            assert!(parted.problem.is_none(), "{text}");
            let yaml = &text[parted.at.start..parted.at.end];
            let read = match kind {
                Kind::Activity => yaml::read::<Activity>(yaml).err(),
                Kind::Course => yaml::read::<Course>(yaml).err(),
                Kind::Policy => yaml::read::<Policy>(yaml).err(),
                Kind::Resource => yaml::read::<Resource>(yaml).err(),
                Kind::Page => yaml::read::<Page>(yaml).err(),
                Kind::Section => yaml::read::<Section>(yaml).err(),
            };
            assert_eq!(read, None, "{text}");
            for field in fields::of(kind) {
                assert!(
                    text.contains(&format!("{}: ", field.key)) || text.contains(&format!("{}:\n", field.key)),
                    "{}",
                    field.key
                );
            }
        }
    }

    #[test]
    fn the_task_understands_what_the_check_prints() {
        use std::sync::Arc;

        use crate::diagnostic::{Diagnostic, Span, Texts, render_github};
        let mut texts = Texts::default();
        texts.insert("content/茶.md", Arc::from("titel: 茶\n"));
        let found =
            Diagnostic::error("content/茶.md", "unknown_key", "没有 `titel`: 这个键").at(Span::new(0, 5)).hint("写 `title`");
        let printed = render_github(&[found], &texts);
        let pattern = jsonschema::validator_for(&json!({ "pattern": FINDING })).expect("a pattern");
        assert!(pattern.is_valid(&json!(printed.trim_end())), "{printed}");
        assert!(!pattern.is_valid(&json!("2 个错误")));
    }

    #[test]
    fn settings_of_ones_own_stay_and_every_schema_that_is_wired_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join(".vscode")).expect("made");
        let settings = folder.path().join(".vscode/settings.json");
        fs::write(&settings, "{ \"editor.fontSize\": 18 }").expect("written");
        write(folder.path()).expect("written");
        write(folder.path()).expect("written again");
        let read: Json = serde_json::from_str(&fs::read_to_string(&settings).expect("read")).expect("JSON");
        assert_eq!(read["editor.fontSize"], 18);
        for schema in read["yaml.schemas"].as_object().expect("schemas").keys() {
            let schema = fs::read_to_string(folder.path().join(schema)).expect("a schema");
            assert!(serde_json::from_str::<Json>(&schema).expect("JSON")["$schema"].is_string());
        }
        fs::write(&settings, "{ // mine\n}").expect("written");
        assert!(write(folder.path()).expect_err("comments").to_string().contains("没有改动它"));
        assert_eq!(fs::read_to_string(&settings).expect("read"), "{ // mine\n}");
    }
}
