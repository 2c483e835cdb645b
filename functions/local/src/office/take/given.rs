//! Answers that the command line gives: `--json` first, `--set` over it.

use std::{fs, io::Read};

use anyhow::Context;
use domain::form::{Field, FieldKind, Form, Options, Raw};
use serde_json::Value;

use crate::{cli::TakeOptions, failure::Failure};

/// All answers that were given, by field, in the form in which a page would post them.
pub fn read(form: &Form, options: &TakeOptions) -> anyhow::Result<Raw> {
    let mut raw = Raw::default();
    if let Some(path) = &options.json {
        let text = if path.as_os_str() == "-" {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("不能读标准输入")?;
            text
        } else {
            fs::read_to_string(path).with_context(|| format!("不能读 `{}`", path.display()))?
        };
        let value: Value = serde_json::from_str(&text).with_context(|| format!("`{}` 不是 JSON", path.display()))?;
        add_json(form, value, &mut raw)?;
    }
    let mut set = Raw::default();
    for (name, value) in &options.set {
        let value = posted(form, name, value)?;
        set.0.entry(name.clone()).or_default().push(value);
    }
    raw.0.extend(set.0);
    for (name, values) in &mut raw.0 {
        join_lines(form, name, values);
    }
    Ok(raw)
}

fn add_json(form: &Form, value: Value, raw: &mut Raw) -> anyhow::Result<()> {
    let Value::Object(object) = value else {
        return Err(Failure::new("JSON 的最外层要是一个对象", "写成 {\"company\": \"…\", \"mobile\": \"…\"}").into());
    };
    for (name, value) in object {
        let values = match value {
            Value::Array(values) => values,
            Value::Null => Vec::new(),
            value => vec![value],
        };
        let mut texts = Vec::new();
        for value in values {
            match value {
                Value::String(text) => texts.push(posted(form, &name, &text)?),
                Value::Number(number) => texts.push(posted(form, &name, &number.to_string())?),
                Value::Bool(true) => texts.push(posted(form, &name, "yes")?),
                // A box that is not ticked is not posted.
                Value::Bool(false) => drop(posted(form, &name, "")?),
                _ => {
                    return Err(Failure::new(
                        format!("JSON 里 `{name}` 的写法不对"),
                        "写一段文字、一个数、true、false 或文字的列表",
                    )
                    .into());
                }
            }
        }
        if !texts.is_empty() {
            raw.0.insert(name, texts);
        }
    }
    Ok(())
}

/// The value as a page would post it: the words of a choice become its value.
fn posted(form: &Form, name: &str, text: &str) -> anyhow::Result<String> {
    if let Some(field) = form.field(name) {
        return Ok(choice(field, text).unwrap_or_else(|| text.to_owned()));
    }
    if form.consents.iter().any(|consent| consent.id == name) {
        let agreed = ["yes", "y", "on", "true", "1", "是", "同意"].contains(&text.trim().to_lowercase().as_str());
        return Ok(if agreed { "yes".to_owned() } else { String::new() });
    }
    let fields: Vec<String> = form.fields().map(|field| format!("{}（{}）", field.id, field.label)).collect();
    let consents: Vec<&str> = form.consents.iter().map(|consent| consent.id.as_str()).collect();
    let known = format!("可以写的有：{}；同意事项：{}", fields.join("、"), consents.join("、"));
    Err(Failure::new(format!("表单里没有 `{name}`"), &known).into())
}

/// The value of the option of which `text` is the value or the label.
pub fn choice(field: &Field, text: &str) -> Option<String> {
    let Some(Options::Listed(options)) = &field.options else { return None };
    let text = text.trim();
    let option =
        options.iter().find(|option| option.value == text).or_else(|| options.iter().find(|option| option.label == text));
    option.map(|option| option.value.clone())
}

/// Names stand in one field, one a line.
fn join_lines(form: &Form, name: &str, values: &mut Vec<String>) {
    if form.field(name).is_some_and(|field| field.kind == FieldKind::Names) && values.len() > 1 {
        *values = vec![values.join("\n")];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::office::take::dialogue::tests::form;

    fn with(json: &str, set: &[(&str, &str)]) -> anyhow::Result<Raw> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("answers.json");
        fs::write(&path, json)?;
        let mut arguments = vec!["xiangshang".to_owned(), "appeal".into(), "--json".into(), path.display().to_string()];
        for (name, value) in set {
            arguments.extend(["--set".to_owned(), format!("{name}={value}")]);
        }
        let cli = <crate::cli::Cli as clap::Parser>::try_parse_from(arguments)?;
        match cli.command {
            Some(crate::cli::Command::Appeal(options)) => read(&form(), &options),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_set_stands_over_what_the_file_says() {
        let raw = with(
            r#"{"title": "旧的", "category": "融资", "party": 2, "companions": ["李四", "王五"], "handle": true, "news": false, "wish": null}"#,
            &[("title", "新的=好的"), ("urgency", "urgent")],
        )
        .unwrap();
        for (name, values) in [
            ("title", vec!["新的=好的"]),
            ("category", vec!["finance"]),
            ("urgency", vec!["urgent"]),
            ("companions", vec!["李四\n王五"]),
            ("party", vec!["2"]),
            ("handle", vec!["yes"]),
            ("news", vec![]),
            ("wish", vec![]),
        ] {
            assert_eq!(raw.all(name), values, "{name}");
        }
    }

    #[test]
    fn a_wrong_name_is_told_with_all_that_are_right() {
        for (json, set, message) in [
            (r#"{"titel": "x"}"#, vec![], "表单里没有 `titel`"),
            ("{}", vec![("mobil", "1")], "表单里没有 `mobil`"),
            ("[]", vec![], "JSON 的最外层要是一个对象"),
            (r#"{"title": {}}"#, vec![], "JSON 里 `title` 的写法不对"),
            ("{", vec![], "不是 JSON"),
        ] {
            let error = format!("{:#}", with(json, &set).unwrap_err());
            assert!(error.contains(message), "{error}");
        }
        let error = with("{}", &[("mobil", "1")]).unwrap_err().to_string();
        assert!(error.contains("mobile（手机号）") && error.contains("handle"), "{error}");
    }
}
