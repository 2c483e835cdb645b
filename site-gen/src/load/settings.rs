//! Reads `site.yaml`, the data files and the forms.

use std::{path::Path, sync::Arc};

use domain::form::{AnswerOption, Options as AnswerOptions};
use serde::de::DeserializeOwned;

use super::{findings::Findings, text, typed, walk::Entry};
use crate::{
    build::Options,
    diagnostic::{Diagnostic, Span},
    source::{Config, Data, FormSource},
};

/// The name of the file that says what the site is.
pub const CONFIG: &str = "site.yaml";

/// `content/site.yaml`.
pub fn config(content: &Path, _options: &Options, findings: &mut Findings) -> Config {
    read(&content.join(CONFIG), CONFIG, findings).unwrap_or_else(stand_in)
}

/// A site without a name, for looking on when `site.yaml` cannot be read.
fn stand_in() -> Config {
    Config {
        name: String::new(),
        tagline: String::new(),
        base_url: "https://example.invalid".to_owned(),
        site_code: None,
        organiser: String::new(),
        telephone: None,
        address: None,
        icp: None,
        police: None,
        service: Default::default(),
        theme: String::new(),
        navigation: Vec::new(),
        footer: Vec::new(),
        page_size: 20,
        raw_html: false,
    }
}

/// `content/data/**`.
pub fn data(entries: &[Entry], _options: &Options, findings: &mut Findings) -> Data {
    let mut data = Data::default();
    for entry in entries {
        match entry.path.as_str() {
            "data/chains.yaml" => data.chains = read_entry(entry, findings).unwrap_or_default(),
            "data/series.yaml" => data.series = read_entry(entry, findings).unwrap_or_default(),
            "data/towns.yaml" => data.towns = read_entry(entry, findings).unwrap_or_default(),
            "data/categories.yaml" => data.categories = read_entry(entry, findings).unwrap_or_default(),
            "data/plan.yaml" => data.plan = read_entry(entry, findings).unwrap_or_default(),
            "data/limits.yaml" => data.limits = read_entry(entry, findings),
            path if path.starts_with("data/calendar/") && path.ends_with(".yaml") => {
                data.calendar.extend(read_entry::<domain::calendar::CalendarYear>(entry, findings));
            }
            path => findings.push(
                Diagnostic::warning(format!("content/{path}"), "unknown_data", "没有程序读这个数据文件")
                    .hint("`data/` 里只有 chains.yaml、series.yaml、towns.yaml、categories.yaml、plan.yaml、limits.yaml 和 calendar/年份.yaml"),
            ),
        }
    }
    data.calendar.sort_by_key(|year| year.year);
    data
}

/// `content/forms/*.yaml`, with options that stand in data files written out.
pub fn forms(entries: &[Entry], data: &Data, _options: &Options, findings: &mut Findings) -> Vec<FormSource> {
    let mut forms = Vec::new();
    for entry in entries {
        let Some(mut form) = read_entry::<domain::form::Form>(entry, findings) else { continue };
        for field in form.steps.iter_mut().flat_map(|step| &mut step.fields) {
            if let Some(AnswerOptions::From { from }) = &field.options {
                field.options = Some(AnswerOptions::Listed(answers(from, data)));
            }
        }
        forms.push(FormSource { path: entry.path.clone(), form });
    }
    forms
}

/// The entries of a data file as answers of a form.
fn answers(from: &str, data: &Data) -> Vec<AnswerOption> {
    let answer = |value: &str, label: &str, hint: Option<&String>| AnswerOption {
        value: value.to_owned(),
        label: label.to_owned(),
        hint: hint.cloned(),
    };
    match from {
        "chains" => data.chains.iter().map(|chain| answer(&chain.id, &chain.name, None)).collect(),
        "towns" => data.towns.clone(),
        "categories" => {
            data.categories.iter().map(|category| answer(&category.value, &category.label, category.hint.as_ref())).collect()
        }
        _ => Vec::new(),
    }
}

fn read_entry<T: DeserializeOwned>(entry: &Entry, findings: &mut Findings) -> Option<T> {
    read(&entry.location, &entry.path, findings)
}

fn read<T: DeserializeOwned>(location: &Path, path: &str, findings: &mut Findings) -> Option<T> {
    let file = format!("content/{path}");
    let text: Arc<str> = match text::read(location, &file) {
        Ok(text) => text,
        Err(unreadable) => {
            if let Some(text) = &unreadable.quotable {
                findings.keep(&file, text);
            }
            findings.push(unreadable.diagnostic);
            return None;
        }
    };
    findings.keep(&file, &text);
    findings.take(typed::read(&file, &text, Span::new(0, text.len())))
}
