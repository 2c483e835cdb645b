//! What is wrong with values that fit their types: an end before its start, a series that there is not.
//!
//! Rules look at typed values; only a rule that is broken asks where its key stands. A rule says nothing about a value that is a
//! stand-in: the mistake behind it has been reported already.

mod editors;
mod event;
mod policy;
mod report;
mod sessions;
mod settings;
mod wording;

use std::collections::BTreeMap;

use domain::Moment;

pub use self::{
    editors::editors,
    report::Report,
    sessions::sessions,
    settings::{calendar, categories, chains, config, form, limits, plan, series},
};
use super::{
    typed::written,
    words::{listed, nearest, parts},
};
use crate::{
    diagnostic::Diagnostic,
    kinds::{Common, Kind, Page, Section},
    slug::slug,
    source::{Data, FormSource, FrontMatter},
};

/// What front matter may refer to.
pub struct Known<'a> {
    /// The build's moment.
    pub now: Moment,
    /// Chains and series.
    pub data: &'a Data,
    /// Forms.
    pub forms: &'a [FormSource],
    /// The theme's templates.
    pub templates: &'a BTreeMap<String, String>,
}

/// Every rule that this front matter breaks.
pub fn front_matter(front: &FrontMatter, mut report: Report<'_>, known: &Known<'_>) -> Vec<Diagnostic> {
    common(&front.common(), &mut report, known);
    match front {
        FrontMatter::Activity(activity) => event::event(&activity.event, &mut report),
        FrontMatter::Course(course) => event::course(course, &mut report),
        FrontMatter::Policy(found) => {
            policy::policy(found, &mut report, known.now);
            for (index, need) in found.conditions.needs.iter().enumerate() {
                let all = || known.data.categories.iter().map(|category| (category.value.as_str(), category.label.as_str()));
                unknown(
                    "unknown_need",
                    &format!("conditions.needs.{index}"),
                    "需求",
                    need,
                    all,
                    "data/categories.yaml",
                    &mut report,
                );
            }
        }
        FrontMatter::Resource(resource) => policy::resource(resource, &mut report, known.now),
        FrontMatter::Page(found) => page(found, &mut report, known),
        FrontMatter::Section(found) => section(found, &mut report, known),
    }
    report.finish()
}

fn common(page: &Common<'_>, report: &mut Report<'_>, known: &Known<'_>) {
    report.filled("title", page.title, "标题");
    if let Some(written) = page.slug {
        check_slug(written, page.title, report);
    }
    for (index, alias) in page.aliases.iter().enumerate() {
        if !alias.starts_with('/') || alias.contains(char::is_whitespace) {
            let path = format!("aliases.{index}");
            let right = format!(
                "/{}",
                alias
                    .trim()
                    .trim_start_matches("https://")
                    .split_once('/')
                    .map_or(alias.trim(), |(_, path)| path)
                    .trim_start_matches('/')
            );
            report
                .error("bad_alias", &path, format!("旧网址应当以 `/` 开头、不含空格：`{alias}`"))
                .hint(format!("写成 `{right}`"));
        }
    }
    words("tags", page.tags, report);
    words("chains", page.chains, report);
    for (index, chain) in page.chains.iter().enumerate() {
        let chains = || known.data.chains.iter().map(|chain| (chain.id.as_str(), chain.name.as_str()));
        unknown("unknown_chain", &format!("chains.{index}"), "产业链", chain, chains, "data/chains.yaml", report);
    }
    if let Some(series) = page.series {
        let all = || known.data.series.iter().map(|series| (series.id.as_str(), series.name.as_str()));
        unknown("unknown_series", "series", "系列", series, all, "data/series.yaml", report);
    }
    wording::wording("title", page.title, report);
    if let Some(summary) = page.summary {
        wording::wording("summary", summary, report);
    }
    // A draft does not appear anyway.
    if !page.draft {
        dates(page, report, known.now);
    }
}

fn check_slug(written: &str, title: &str, report: &mut Report<'_>) {
    let fits = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-';
    let starts_well = !written.starts_with('-') && !written.ends_with('-') && !written.contains("--");
    if written.chars().all(fits) && starts_well && !written.is_empty() {
        return;
    }
    let right = match slug(written) {
        empty if empty.is_empty() => slug(title),
        right => right,
    };
    report
        .error("bad_slug", "slug", format!("网址末段只能用小写字母、数字和连字符：`{written}`"))
        .hint(format!("写成 `slug: {right}`，或者删掉这一行，按文件名生成"));
}

/// Several words written as one list item.
fn words(key: &str, list: &[String], report: &mut Report<'_>) {
    for (index, word) in list.iter().enumerate() {
        let path = || format!("{key}.{index}");
        if word.trim().is_empty() {
            report.error("empty_value", &path(), format!("`{key}` 里有一项是空的")).hint("删掉这一项");
        } else if word.contains(['、', '，', '；', ',']) {
            let others = list.iter().map(String::as_str).flat_map(parts).collect::<Vec<_>>().join(", ");
            report
                .error("joined_words", &path(), format!("几个词连成了一项：`{word}`"))
                .hint(format!("列表里用半角逗号分开，写成 `{key}: [{others}]`"));
        }
    }
}

/// A reference to an entry of a data file. `known` gives ids with their names.
fn unknown<'a, I: Iterator<Item = (&'a str, &'a str)>>(
    code: &'static str,
    path: &str,
    what: &str,
    written: &str,
    known: impl Fn() -> I,
    file: &str,
    report: &mut Report<'_>,
) {
    if known().any(|(id, _)| id == written) || written.contains(['、', '，', '；', ',']) || written.trim().is_empty() {
        return;
    }
    let by_name = known().find(|(_, name)| {
        *name == written || (written.chars().count() > 1 && (name.contains(written) || written.contains(name)))
    });
    let meant = by_name.map(|(id, _)| id).or_else(|| nearest(written, known().map(|(id, _)| id)));
    let hint = match meant {
        Some(meant) => {
            let name = known().find(|(id, _)| *id == meant).map_or("", |(_, name)| name);
            format!("是不是想写 `{meant}`（{name}）？")
        }
        None => match known().map(|(id, _)| id).collect::<Vec<_>>() {
            ids if ids.is_empty() => format!("先在 `content/{file}` 里加上它"),
            ids => format!("可以写 {}；要新加一个，写进 `content/{file}`", listed(ids)),
        },
    };
    report.error(code, path, format!("没有叫 `{written}` 的{what}")).hint(hint);
}

fn dates(page: &Common<'_>, report: &mut Report<'_>, now: Moment) {
    let shown = |moment: Moment| written(moment.local());
    if let (Some(date), Some(expires)) = (page.date, page.expires)
        && expires <= date
        && report.sound("date")
    {
        report
            .error("expires_before_date", "expires", format!("撤下时间不晚于发布时间（{}），页面永远不会出现", shown(date)))
            .hint("把 `expires` 改到 `date` 之后；不需要自动撤下就删掉这一行");
        return;
    }
    if let (Some(date), Some(updated)) = (page.date, page.updated)
        && updated < date
        && report.sound("date")
    {
        report
            .error("updated_before_date", "updated", format!("修改时间早于发布时间（{}）", shown(date)))
            .hint("两个时间对调，或者删掉 `updated`");
    }
    if let Some(date) = page.date
        && date > now
    {
        report
            .warning("future_date", "date", format!("现在不会出现，到 {} 才发布", shown(date)))
            .hint("到时会自动出现；想现在就发布，把日期改到今天或更早");
    }
    if let Some(expires) = page.expires
        && expires <= now
    {
        report
            .warning("expired", "expires", format!("已经在 {} 撤下，不会出现在网站上", shown(expires)))
            .hint("想重新发布，改晚或删掉 `expires`；确实不用了，可以删掉这个文件");
    }
}

fn page(page: &Page, report: &mut Report<'_>, known: &Known<'_>) {
    if let Some(form) = &page.form
        && !known.forms.iter().any(|known| known.form.id == *form)
    {
        let forms = || known.forms.iter().map(|known| known.form.id.as_str());
        let hint = match nearest(form, forms()) {
            Some(meant) => format!("是不是想写 `form: {meant}`？"),
            None if known.forms.is_empty() => "表单声明在 `content/forms/` 里，现在一个也没有".to_owned(),
            None => format!("可以写 {}；表单在 `content/forms/` 里", listed(forms())),
        };
        report.error("unknown_form", "form", format!("没有叫 `{form}` 的表单")).hint(hint);
    }
    template(page.template.as_deref(), report, known);
}

fn section(section: &Section, report: &mut Report<'_>, known: &Known<'_>) {
    if section.pages == Kind::Section {
        report
            .error("bad_value", "pages", "栏目里的页面不能再是栏目")
            .hint("写里面页面的类型，如 `pages: page`；下一级栏目在自己的文件夹里放一个 `_index.md`");
    }
    if let Some(written) = &section.column_type
        && !COLUMN_TYPES.contains(&written.as_str())
    {
        let like = || COLUMN_TYPES.into_iter().find(|known| known.contains(written.as_str()) && !written.is_empty());
        let hint = match nearest(written, COLUMN_TYPES).or_else(like) {
            Some(meant) => format!("是不是想写 `column_type: {meant}`？"),
            None => format!("可以写 {}", listed(COLUMN_TYPES)),
        };
        report.error("bad_value", "column_type", format!("没有叫 `{written}` 的栏目类别")).hint(hint);
    }
    template(section.template.as_deref(), report, known);
}

/// 《政府网站发展指引》, ColumnType.
const COLUMN_TYPES: [&str; 18] = [
    "首页",
    "概况信息",
    "机构职能",
    "负责人信息",
    "工作动态",
    "政策文件",
    "信息公开指南",
    "信息公开目录",
    "信息公开年报",
    "依法申请公开",
    "数据发布",
    "数据开放",
    "政策解读",
    "回应关切",
    "办事服务",
    "咨询投诉",
    "征集调查",
    "在线访谈",
];

fn template(template: Option<&str>, report: &mut Report<'_>, known: &Known<'_>) {
    let Some(template) = template else { return };
    // Without a theme, the missing theme is the mistake.
    if known.templates.contains_key(template) || known.templates.is_empty() {
        return;
    }
    let names = || known.templates.keys().map(String::as_str).filter(|name| !name.contains('/'));
    let stems = names().map(|name| name.trim_end_matches(".html"));
    let hint = match nearest(template.trim_end_matches(".html"), stems) {
        Some(meant) => format!("是不是想写 `template: {meant}.html`？"),
        None => format!("主题里有 {}；不需要特别的模板就删掉这一行", listed(names())),
    };
    report.error("unknown_template", "template", format!("主题里没有叫 `{template}` 的模板")).hint(hint);
}
