//! Rules of `site.yaml`, of the data files and of the forms.

use std::{collections::BTreeSet, path::Path};

use domain::{Problem, calendar::CalendarYear, form::Form, limits::Limits};

use super::{Report, unknown};
use crate::{
    load::words::{listed, nearest},
    slug::slug,
    source::{Category, Chain, Config, PlanItem, Series},
};

/// `site.yaml`. `themes` are the folders of `themes/`.
pub fn config(config: &Config, themes: &[String], report: &mut Report<'_>) {
    report.filled("name", &config.name, "站点名称");
    report.filled("organiser", &config.organiser, "主办单位");
    base_url(&config.base_url, report);
    if let Some(icp) = &config.icp
        && !is_icp(icp)
    {
        report
            .error("bad_icp", "icp", format!("不像 ICP 备案号：`{icp}`"))
            .hint("写成 `icp: 皖ICP备12345678号-1` 的样子，数字照备案系统里的写");
    }
    if config.site_code.is_none() {
        report
            .warning("no_site_code", "site_code", "没有写网站标识码（SiteIDCode）")
            .hint("领到标识码之后加一行 `site_code: 标识码`；没有领到之前可以先这样");
    }
    if !(1..=100).contains(&config.page_size) {
        report
            .error("bad_number", "page_size", format!("每页条数是 1 到 100，不能是 {}", config.page_size))
            .hint("写成 `page_size: 20`");
    }
    for (key, links) in [("navigation", &config.navigation), ("footer", &config.footer)] {
        for (index, link) in links.iter().enumerate() {
            report.filled(&format!("{key}.{index}.label"), &link.label, "文字");
            if !["/", "https://", "http://", "tel:", "mailto:"].iter().any(|start| link.url.starts_with(start)) {
                let right = format!("/{}/", link.url.trim_matches('/'));
                report
                    .error("bad_url", &format!("{key}.{index}.url"), format!("链接应当以 `/` 或 `https://` 开头：`{}`", link.url))
                    .hint(format!("写成 `url: {right}`"));
            }
        }
    }
    if let Some(forge) = &config.admin {
        if !url::Url::parse(&forge.url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.path() == "/")
            || forge.url.ends_with('/')
        {
            report
                .error("bad_url", "admin.url", format!("不是平台的网址：`{}`", forge.url))
                .hint("写成 `url: https://git.example.gov.cn`，末尾不带斜杠和路径");
        }
        if forge.repository.split('/').filter(|part| !part.is_empty()).count() != 2 {
            report
                .error("bad_value", "admin.repository", format!("不是仓库的名字：`{}`", forge.repository))
                .hint("写成 `repository: 单位或人/仓库`，就是仓库网址里平台网址后面的两段");
        }
        report.filled("admin.app_id", &forge.app_id, "客户端编号");
    }
    if !themes.contains(&config.theme) {
        let names = || themes.iter().map(String::as_str);
        let hint = match nearest(&config.theme, names()) {
            Some(meant) => format!("是不是想写 `theme: {meant}`？"),
            None if themes.is_empty() => "在项目最外层的 `themes/` 里放一个主题".to_owned(),
            None => format!("可以写 {}", listed(names())),
        };
        report.error("unknown_theme", "theme", format!("`themes/` 里没有叫 `{}` 的主题", config.theme)).hint(hint);
    }
}

fn base_url(written: &str, report: &mut Report<'_>) {
    let parsed = url::Url::parse(written).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let Some(parsed) = parsed else {
        let bare = written.trim().trim_start_matches('/').trim_end_matches('/');
        report
            .error("bad_base_url", "base_url", format!("不是网址：`{written}`"))
            .hint(format!("写成 `base_url: https://{bare}`"));
        return;
    };
    if written.ends_with('/') || parsed.query().is_some() || parsed.fragment().is_some() {
        let path = parsed.path().trim_end_matches('/');
        let right = format!("{}{path}", parsed.origin().ascii_serialization());
        report.error("bad_base_url", "base_url", "网址末尾不带斜杠和参数").hint(format!("写成 `base_url: {right}`"));
    }
}

/// `皖ICP备12345678号`, with or without `-1`, of any province.
fn is_icp(text: &str) -> bool {
    let mut characters = text.chars();
    if !characters.next().is_some_and(|province| !province.is_ascii() && province.is_alphabetic()) {
        return false;
    }
    let Some((number, rest)) = characters.as_str().strip_prefix("ICP备").and_then(|rest| rest.split_once('号')) else {
        return false;
    };
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|character| character.is_ascii_digit());
    is_number(number) && (rest.is_empty() || rest.strip_prefix('-').is_some_and(is_number))
}

/// `data/chains.yaml`.
pub fn chains(chains: &[Chain], report: &mut Report<'_>) {
    ids(chains.iter().map(|chain| (chain.id.as_str(), chain.name.as_str())), "id", report);
    for (index, chain) in chains.iter().enumerate() {
        if let (Some(since), Some(until)) = (chain.since, chain.until)
            && until < since
        {
            report
                .error("until_before_since", &format!("{index}.until"), format!("截止年份早于起始年份（{since}）"))
                .hint("两个年份对调；还在办的删掉 `until`");
        }
    }
}

/// `data/series.yaml`.
pub fn series(series: &[Series], report: &mut Report<'_>) {
    ids(series.iter().map(|series| (series.id.as_str(), series.name.as_str())), "id", report);
}

/// `data/categories.yaml`.
pub fn categories(categories: &[Category], report: &mut Report<'_>) {
    ids(categories.iter().map(|category| (category.value.as_str(), category.label.as_str())), "value", report);
    for (index, category) in categories.iter().enumerate() {
        if !ENVIRONMENTS.contains(&category.environment.as_str()) {
            let meant = ENVIRONMENTS.into_iter().find(|environment| category.environment.contains(environment));
            let hint =
                meant.map_or_else(|| format!("可以写 {}", listed(ENVIRONMENTS)), |meant| format!("写成 `environment: {meant}`"));
            report
                .error("bad_value", &format!("{index}.environment"), format!("没有叫 `{}` 的环境", category.environment))
                .hint(hint);
        }
    }
}

/// 五大环境
const ENVIRONMENTS: [&str; 5] = ["要素", "政务", "市场", "法治", "创新"];

/// `data/plan.yaml`.
pub fn plan(plan: &[PlanItem], known: &[Series], report: &mut Report<'_>) {
    for (index, item) in plan.iter().enumerate() {
        let all = || known.iter().map(|series| (series.id.as_str(), series.name.as_str()));
        unknown("unknown_series", &format!("{index}.series"), "系列", &item.series, all, "data/series.yaml", report);
    }
}

/// `data/limits.yaml`.
pub fn limits(limits: &Limits, report: &mut Report<'_>) {
    problems(limits.problems(), "bad_limits", report);
}

/// `data/calendar/YEAR.yaml`.
pub fn calendar(year: &CalendarYear, path: &str, report: &mut Report<'_>) {
    let stem = Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if stem != year.year.to_string() {
        report
            .error("file_name", "year", format!("文件名是 `{stem}.yaml`，里面写的却是 {} 年", year.year))
            .hint(format!("文件改名为 `{}.yaml`，或者改正 `year`", year.year));
    }
    problems(year.problems(), "bad_calendar", report);
}

/// `forms/ID.yaml`, and the same with its options written out: some mistakes only show then.
pub fn form(form: &Form, written_out: &Form, path: &str, report: &mut Report<'_>) {
    let stem = Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if stem != form.id {
        report
            .error("file_name", "id", format!("文件名是 `{stem}.yaml`，表单的编号却是 `{}`", form.id))
            .hint(format!("写成 `id: {stem}`，或者给文件改名"));
    }
    let mut found = form.problems();
    // An unknown data file gives no options; that there are none is only its consequence.
    if found.is_empty() {
        found = written_out.problems();
    }
    problems(found, "bad_form", report);
}

/// What `domain` says about a declaration.
fn problems(problems: Vec<Problem>, code: &'static str, report: &mut Report<'_>) {
    for problem in problems {
        report.error(code, &problem.path.join("."), problem.message).hint(problem.hint);
    }
}

/// Ids that are parts of addresses: their shape, and that none stands twice. `all` gives ids with names.
fn ids<'a>(all: impl Iterator<Item = (&'a str, &'a str)>, key: &str, report: &mut Report<'_>) {
    let mut seen = BTreeSet::new();
    for (index, (id, name)) in all.enumerate() {
        let path = format!("{index}.{key}");
        let fits =
            |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || matches!(character, '-' | '_');
        if id.is_empty() || !id.chars().all(fits) {
            let right = match slug(id) {
                empty if empty.is_empty() => slug(name),
                right => right,
            };
            report
                .error("bad_id", &path, format!("编号只能用小写字母、数字和连字符：`{id}`"))
                .hint(format!("写成 `{key}: {right}`"));
        } else if !seen.insert(id) {
            report.error("duplicate_id", &path, format!("编号 `{id}` 用了两次")).hint("每一项用不同的编号");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_icp;

    #[test]
    fn an_icp_number_has_its_shape() {
        for (text, fits) in [
            ("皖ICP备12345678号-1", true),
            ("京ICP备05000001号", true),
            ("皖ICP备12345678", false),
            ("皖ICP备１２３号-1", false),
            ("皖icp备12345678号-1", false),
            ("ICP备12345678号-1", false),
            ("皖ICP备12345678号-", false),
            ("皖ICP证12345678号-1", false),
            ("", false),
        ] {
            assert_eq!(is_icp(text), fits, "{text}");
        }
    }
}
