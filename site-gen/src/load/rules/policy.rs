//! Rules of policies and of the three libraries: dates in order, what is no longer in force leads on, nothing too old unchecked.

use domain::Moment;
use jiff::{ToSpan, civil::Date};

use super::Report;
use crate::kinds::{Policy, Resource, Validity};

/// A policy.
pub fn policy(policy: &Policy, report: &mut Report<'_>, now: Moment) {
    report.filled("issuer", &policy.issuer, "发文机关");
    report.filled("audience", &policy.audience, "适用对象");
    if policy.points.len() > 3 {
        report
            .error("too_many_points", "points.3", format!("要点最多三条，现在有 {} 条", policy.points.len()))
            .hint("留下读者最该知道的三条，其余写进正文");
    }
    if let (Some(issued), Some(effective)) = (policy.issued, policy.effective)
        && effective < issued
        && report.sound("issued")
    {
        report
            .error("effective_before_issued", "effective", format!("施行日期早于公布日期（{issued}）"))
            .hint(format!("核对原文；自公布之日起施行的写 `effective: {issued}`"));
    }
    if let (Some(from), Some(until)) = (policy.effective.or(policy.issued), policy.until)
        && until < from
        && report.sound("effective")
    {
        report
            .error("until_before_effective", "until", format!("有效期至早于施行日期（{from}）"))
            .hint("核对原文；长期有效的删掉这一行");
    }
    if policy.validity != Validity::Current && policy.replaced_by.is_none() {
        let state = if policy.validity == Validity::Amended { "修改" } else { "废止" };
        report
            .warning("no_replacement", "validity", format!("已{state}，却没有写新文件在哪里"))
            .hint("有新文件的加一行 `replaced_by: /policies/新文件.md`");
    }
    if policy.validity == Validity::Current
        && let Some(until) = policy.until
        && until < now.date()
    {
        report
            .warning("past_validity", "until", format!("有效期到 {until} 为止，却仍写着现行"))
            .hint("核对是否延期：延期的改 `until`，到期的改成 `validity: repealed`");
    }
    if let Some(original) = &policy.original {
        report.filled("original.name", &original.name, "来源名称");
        if let Some(url) = &original.url
            && !url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        {
            report
                .error("bad_url", "original.url", format!("不是网址：`{url}`"))
                .hint("写 `https://` 开头的完整网址；没有核实过的就删掉这一行");
        }
    }
    for (index, revision) in policy.history.iter().enumerate() {
        report.filled(&format!("history.{index}.what"), &revision.what, "变化");
    }
    checked(policy.checked, report, now);
}

/// An entry of a library.
pub fn resource(resource: &Resource, report: &mut Report<'_>, now: Moment) {
    report.filled("provider", &resource.provider, "提供单位");
    report.filled("audience", &resource.audience, "适合对象");
    report.filled("contact", &resource.contact, "对接方式");
    if resource.services.is_empty() {
        report.error("empty_value", "services", "`services`（服务内容）一条也没有").hint("另起一行写，每一条前面加 `- `");
    }
    if resource.stale_from().is_some_and(|stale| stale <= now) {
        report
            .warning("hidden_unchecked", "checked", format!("上次核对是 {}，已经超过一年，从网站上撤下了", resource.checked))
            .hint(format!("打电话核对一遍，再改成 `checked: {}`，它就会回来", now.date()));
    } else {
        checked(resource.checked, report, now);
    }
}

fn checked(checked: Date, report: &mut Report<'_>, now: Moment) {
    let today = now.date();
    if checked > today {
        report
            .error("checked_in_future", "checked", format!("核对日期 {checked} 还没有到"))
            .hint(format!("写真正核对的那一天，如 `checked: {today}`"));
    } else if checked < today.saturating_sub(1.year()) {
        report
            .warning("checked_long_ago", "checked", format!("上次核对是 {checked}，已经超过一年"))
            .hint(format!("核对内容之后改成 `checked: {today}`"));
    }
}
