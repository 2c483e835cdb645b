//! `site-gen schema`: JSON Schema of whatever editors write, made from the types that read it.

use anyhow::ensure;
use domain::{
    calendar::CalendarYear,
    form::{AnswerOption, Form},
    limits::Limits,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{
    build::Options,
    editing::cms,
    kinds::{Activity, Course, Page, Policy, Resource, Section},
    load::{load, words},
    review::editors::Editors,
    source::{Category, Chain, Config, PlanItem, Series},
};

/// Something that has a schema.
struct Described {
    /// What it is asked for by.
    name: &'static str,
    /// What it is, for whoever reads the schema.
    title: &'static str,
    /// Makes it.
    schema: fn(&mut SchemaGenerator) -> Schema,
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// Kinds of pages, then settings, forms and data files.
const DESCRIBED: [Described; 16] = [
    Described { name: "activity", title: "活动页面", schema: of::<Activity> },
    Described { name: "course", title: "课程页面", schema: of::<Course> },
    Described { name: "policy", title: "政策页面", schema: of::<Policy> },
    Described { name: "resource", title: "三库页面", schema: of::<Resource> },
    Described { name: "page", title: "一般页面", schema: of::<Page> },
    Described { name: "section", title: "栏目首页 _index.md", schema: of::<Section> },
    Described { name: "site", title: "站点设置 site.yaml", schema: of::<Config> },
    Described { name: "editors", title: "编辑名单 editors.yaml", schema: of::<Editors> },
    Described { name: "form", title: "表单 forms/*.yaml", schema: of::<Form> },
    Described { name: "chains", title: "产业链 data/chains.yaml", schema: of::<Vec<Chain>> },
    Described { name: "series", title: "系列 data/series.yaml", schema: of::<Vec<Series>> },
    Described { name: "towns", title: "镇街与园区 data/towns.yaml", schema: of::<Vec<AnswerOption>> },
    Described { name: "categories", title: "诉求类别 data/categories.yaml", schema: of::<Vec<Category>> },
    Described { name: "plan", title: "年度计划 data/plan.yaml", schema: of::<Vec<PlanItem>> },
    Described { name: "limits", title: "时限 data/limits.yaml", schema: of::<Limits> },
    Described { name: "calendar", title: "工作日历 data/calendar/年份.yaml", schema: of::<CalendarYear> },
];

/// There is no schema of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("没有 `{name}` 的说明\n提示：{hint}")]
pub struct UnknownName {
    name: String,
    hint: String,
}

/// The schema called `name`; of everything when there is no name, one property each.
pub fn run(name: Option<&str>) -> Result<String, UnknownName> {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let (title, mut root) = match name {
        Some(name) => {
            let described = DESCRIBED.iter().find(|described| described.name == name).ok_or_else(|| unknown(name))?;
            (described.title, (described.schema)(&mut generator).to_value())
        }
        None => {
            let properties: Map<String, Value> = DESCRIBED
                .iter()
                .map(|described| {
                    let mut schema = (described.schema)(&mut generator).to_value();
                    schema["title"] = json!(described.title);
                    (described.name.to_owned(), schema)
                })
                .collect();
            ("相商未来的内容", json!({ "type": "object", "properties": properties }))
        }
    };
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!(title);
    root["$defs"] = Value::Object(generator.take_definitions(true));
    let mut text = serde_json::to_string_pretty(&root).expect("a schema is plain JSON");
    text.push('\n');
    Ok(text)
}

/// The settings of the editor in the browser, for the site below `options.root`.
pub fn cms(options: &Options) -> anyhow::Result<String> {
    ensure!(
        options.root.join("content").is_dir(),
        "没有 `{}` 这个文件夹\n提示：用 `--root` 指定放着 `content/` 和 `themes/` 的文件夹",
        options.root.join("content").display()
    );
    Ok(cms::config(&load(options).source))
}

fn unknown(name: &str) -> UnknownName {
    let names = || DESCRIBED.iter().map(|described| described.name);
    let hint = match words::nearest(name, names()) {
        Some(meant) => format!("是不是想写 `{meant}`？"),
        None => format!("可以写 {}", words::listed(names())),
    };
    UnknownName { name: name.to_owned(), hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(name: &str) -> Value {
        serde_json::from_str(&run(Some(name)).expect("known")).expect("JSON")
    }

    #[test]
    fn a_schema_describes_keys_and_words_in_chinese() {
        let schema = schema("activity");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        let activity = &schema["$defs"]["Activity"];
        assert_eq!(activity["additionalProperties"], false);
        assert_eq!(activity["properties"]["title"]["description"], "标题：页面的大标题，也是列表里的链接文字。");
        let words = schema["$defs"]["Attendance"]["oneOf"].as_array().expect("words");
        assert!(words.iter().any(|word| word["const"] == "onsite" && word["description"] == "现场"), "{words:?}");
    }

    #[test]
    fn every_key_of_a_page_is_described_in_chinese() {
        let all: Value = serde_json::from_str(&run(None).expect("all")).expect("JSON");
        for kind in ["Activity", "Course", "Policy", "Resource", "Page", "Section", "Event", "Registration", "Config"] {
            let properties = all["$defs"][kind]["properties"].as_object().unwrap_or_else(|| panic!("{kind} has no properties"));
            for (key, schema) in properties {
                let description = schema["description"].as_str().unwrap_or_default();
                assert!(!description.is_ascii(), "{kind}.{key} is described as `{description}`");
            }
        }
    }

    #[test]
    fn every_name_gives_a_schema_whose_references_lead_somewhere() {
        for described in &DESCRIBED {
            let schema = schema(described.name);
            let mut references = Vec::new();
            collect(&schema, &mut references);
            for reference in references {
                assert!(schema.pointer(reference.trim_start_matches('#')).is_some(), "{} refers to {reference}", described.name);
            }
        }
    }

    fn collect<'a>(schema: &'a Value, references: &mut Vec<&'a str>) {
        match schema {
            Value::Object(entries) => {
                references.extend(entries.get("$ref").and_then(Value::as_str));
                entries.values().for_each(|value| collect(value, references));
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
            _ => {}
        }
    }

    #[test]
    fn a_name_that_there_is_not_is_answered_with_the_nearest() {
        assert_eq!(run(Some("polciy")).expect_err("unknown").to_string(), "没有 `polciy` 的说明\n提示：是不是想写 `policy`？");
    }
}
