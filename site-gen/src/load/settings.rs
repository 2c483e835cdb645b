//! Reads `site.yaml`, the data files and the forms.

use std::path::Path;

use domain::{
    appeal::scoreboard::{self, Scoreboard},
    form::{AnswerOption, Form, Options as AnswerOptions},
};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::{
    documents::{file_of, unread},
    findings::Findings,
    rules::{self, Report},
    text,
    typed::{self, Part, Read},
    walk::Entry,
    words::nearest,
};
use crate::{
    build::Options,
    diagnostic::Diagnostic,
    review::editors::Editors,
    source::{Category, Config, Data, FormSource},
};

/// The name of the file that says what the site is.
pub const CONFIG: &str = "site.yaml";

/// `content/site.yaml`.
pub fn config(options: &Options, findings: &mut Findings) -> Config {
    let location = options.root.join("content").join(CONFIG);
    let stand_in = || Read::<Config>::all_stand_ins(options.now).value.expect("a value made from its own schema fits");
    if !location.exists() {
        let hint = format!(
            "`{}` 应当是项目的最外层，里面有 `content/` 和 `themes/`；用 `--root` 指定，或者新建这个文件，写上：\nname: 站点名称\ntagline: 一句话介绍\nbase_url: https://…\norganiser: 主办单位\ntheme: xiangshang\nnavigation: []",
            options.root.display()
        );
        findings.push(Diagnostic::error(file_of(CONFIG), "no_config", "没有站点设置文件").hint(hint));
        return stand_in();
    }
    let themes = themes(options);
    read(&location, CONFIG, options, findings, |config, report| rules::config(config, &themes, report)).unwrap_or_else(stand_in)
}

/// The folders of `themes/`, sorted.
fn themes(options: &Options) -> Vec<String> {
    let folders = std::fs::read_dir(options.root.join("themes")).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        folders.filter(|entry| entry.path().is_dir()).filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| !name.starts_with('.'));
    names.sort();
    names
}

/// The name of the file that says who may write and review what.
pub const EDITORS: &str = "editors.yaml";

/// `content/editors.yaml`: nothing of it is shown anywhere, it is only held against its rules.
pub fn editors(options: &Options, findings: &mut Findings) {
    let location = options.root.join("content").join(EDITORS);
    if location.exists() {
        read(&location, EDITORS, options, findings, rules::editors);
    }
}

/// The list of editors that `text` is, and what is wrong with it.
pub fn read_editors(text: &str, now: domain::Moment) -> (Option<Editors>, Vec<Diagnostic>) {
    let file = file_of(EDITORS);
    let part = Part::whole(&file, text);
    let mut read = typed::read::<Editors>(part, now);
    if let Some(value) = &read.value {
        let mut report = Report::new(part, &read);
        rules::editors(value, &mut report);
        let found = report.finish();
        read.diagnostics.extend(found);
    }
    (read.value, read.diagnostics)
}

/// The data files, and what each is called without its ending.
const DATA_FILES: [&str; 6] = ["chains", "series", "towns", "categories", "plan", "limits"];

/// `content/data/**`.
pub fn data(entries: &[Entry], options: &Options, findings: &mut Findings) -> Data {
    let mut data = Data::default();
    let named = |name: &str| entries.iter().find(|entry| entry.path == format!("data/{name}.yaml"));
    macro_rules! read_data {
        ($name:literal, $rule:expr) => {
            named($name).and_then(|entry| read(&entry.location, &entry.path, options, findings, $rule))
        };
    }
    data.chains = read_data!("chains", |chains: &Vec<_>, report| rules::chains(chains, report)).unwrap_or_default();
    data.series = read_data!("series", |series: &Vec<_>, report| rules::series(series, report)).unwrap_or_default();
    data.towns = read_data!("towns", |_, _| ()).unwrap_or_default();
    data.categories =
        read_data!("categories", |categories: &Vec<_>, report| rules::categories(categories, report)).unwrap_or_default();
    data.plan = read_data!("plan", |plan: &Vec<_>, report| rules::plan(plan, &data.series, report)).unwrap_or_default();
    data.limits = read_data!("limits", rules::limits);
    for entry in entries {
        if entry.path.starts_with("data/calendar/") && entry.path.ends_with(".yaml") {
            let rule = |year: &_, report: &mut Report<'_>| rules::calendar(year, &entry.path, report);
            data.calendar.extend(read(&entry.location, &entry.path, options, findings, rule));
        } else if entry.path == SCOREBOARD {
            data.scoreboard = scoreboard(entry, options, findings);
        } else if !DATA_FILES.iter().any(|name| entry.path == format!("data/{name}.yaml")) {
            findings.push(unread_data(&entry.path));
        }
    }
    data.calendar.sort_by_key(|year| year.year);
    data
}

/// The figures that a program has counted.
const SCOREBOARD: &str = "data/scoreboard.json";

/// A scoreboard as it was written, or none and a warning: a site without figures is better than no site, and than figures that somebody
/// has made up.
fn scoreboard(entry: &Entry, options: &Options, findings: &mut Findings) -> Option<Scoreboard> {
    let file = file_of(&entry.path);
    let text = match text::read(&entry.location, &file) {
        Ok(text) => text,
        Err(unreadable) => {
            unread(*unreadable, findings);
            return None;
        }
    };
    let hint = "不要手写：删掉它，运行 xiangshang scoreboard --write 重新统计";
    match serde_json::from_str::<Scoreboard>(&text) {
        Ok(board) if board.schema == scoreboard::SCHEMA && board.at <= options.now => Some(board),
        Ok(board) if board.schema == scoreboard::SCHEMA => {
            findings.push(Diagnostic::warning(file, "scoreboard_ahead", "统计的时刻还没有到，没有显示").hint(hint));
            None
        }
        _ => {
            findings.push(Diagnostic::warning(file, "bad_scoreboard", "看不懂这份统计，没有显示").hint(hint));
            None
        }
    }
}

/// A file in `data/` that nothing reads.
fn unread_data(path: &str) -> Diagnostic {
    let name = path.trim_start_matches("data/");
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let hint = match nearest(stem, DATA_FILES) {
        Some(meant) => format!("是不是想叫 `data/{meant}.yaml`？"),
        None => format!("`data/` 里只有 {} 和 `calendar/年份.yaml`", DATA_FILES.map(|name| format!("`{name}.yaml`")).join("、")),
    };
    Diagnostic::warning(file_of(path), "unknown_data", "没有程序读这个数据文件").hint(hint)
}

/// `content/forms/*.yaml`, with options that stand in data files written out.
pub fn forms(entries: &[Entry], data: &Data, options: &Options, findings: &mut Findings) -> Vec<FormSource> {
    let mut forms = Vec::new();
    for entry in entries {
        if !entry.path.ends_with(".yaml") {
            let hint = format!("改名为 `{}.yaml`", entry.path.rsplit_once('.').map_or(entry.path.as_str(), |(stem, _)| stem));
            findings.push(Diagnostic::warning(file_of(&entry.path), "unknown_data", "`forms/` 里只读 `.yaml` 文件").hint(hint));
            continue;
        }
        let rule =
            |form: &Form, report: &mut Report<'_>| rules::form(form, &written_out(form.clone(), data), &entry.path, report);
        let form = read::<Form>(&entry.location, &entry.path, options, findings, rule);
        forms.extend(form.map(|form| FormSource { path: entry.path.clone(), form: written_out(form, data) }));
    }
    forms
}

/// A form whose options all stand in it.
fn written_out(mut form: Form, data: &Data) -> Form {
    for field in form.steps.iter_mut().flat_map(|step| &mut step.fields) {
        if let Some(AnswerOptions::From { from }) = &field.options {
            field.options = Some(AnswerOptions::Listed(answers(from, data)));
        }
    }
    form
}

/// The entries of a data file as answers of a form.
fn answers(from: &str, data: &Data) -> Vec<AnswerOption> {
    let answer = |value: &str, label: &str, hint: Option<&String>| AnswerOption {
        value: value.to_owned(),
        label: label.to_owned(),
        hint: hint.cloned(),
        environment: None,
    };
    match from {
        "chains" => data.chains.iter().map(|chain| answer(&chain.id, &chain.name, None)).collect(),
        "towns" => data.towns.clone(),
        "categories" => {
            let answer = |category: &Category| AnswerOption {
                environment: Some(category.environment.clone()),
                ..answer(&category.value, &category.label, category.hint.as_ref())
            };
            data.categories.iter().map(answer).collect()
        }
        _ => Vec::new(),
    }
}

/// Reads a YAML file and holds it against its rules.
fn read<T: DeserializeOwned + JsonSchema>(
    location: &Path,
    path: &str,
    options: &Options,
    findings: &mut Findings,
    rule: impl FnOnce(&T, &mut Report<'_>),
) -> Option<T> {
    let file = file_of(path);
    let text = match text::read(location, &file) {
        Ok(text) => text,
        Err(unreadable) => {
            unread(*unreadable, findings);
            return None;
        }
    };
    findings.keep(&file, &text);
    let part = Part::whole(&file, &text);
    let mut read = typed::read::<T>(part, options.now);
    if let Some(value) = &read.value {
        let mut report = Report::new(part, &read);
        rule(value, &mut report);
        let found = report.finish();
        read.diagnostics.extend(found);
    }
    findings.take((read.value, read.diagnostics))
}
