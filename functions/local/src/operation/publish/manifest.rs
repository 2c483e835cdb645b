//! The manifest of a site on its way to the table: what changes by it for those who register, and why it may be refused.

use std::{fs, io, path::Path};

use anyhow::Context;
use domain::Attendance;
use functions::{
    PublishError,
    publication::{ComesOrGoes, Publication, SessionChange},
};
use pages::Manifest;

use crate::{
    cli::{Place, PublishOptions},
    failure::Failure,
    office, open,
    open::broken_table,
    terminal::println,
};

/// `publish` without a place: commits the manifest of a site that was built elsewhere, or only says what would change.
pub async fn run(options: &PublishOptions) -> anyhow::Result<()> {
    let manifest = office::manifest(&options.place)?;
    let (service, _) = office::open_or_make(&options.place).await?;
    let publication = service.compare(&manifest).await.map_err(publish_failure)?;
    if publication.same {
        println!("没有改动：数据表里已经是这一版（{}）。", publication.version);
        return Ok(());
    }
    let changes = changes(&publication);
    for line in &changes {
        println!("{line}");
    }
    if changes.is_empty() {
        println!("场次和表单没有改动，只有页面的模板或说明有改动。");
    }
    if options.dry_run {
        println!("\n以上只是预览，什么都没有改。要提交：xiangshang publish");
        return Ok(());
    }
    service.publish(manifest).await.map_err(publish_failure)?;
    println!("\n已提交（{}）。正在运行的服务几秒内就会换用它。", publication.version);
    Ok(())
}

/// Makes the functions follow `manifest`, and gives what changes by it for those who register. Doing it again does nothing, but for what an
/// attempt that died has left undone.
pub async fn commit(place: &Place, manifest: Manifest) -> anyhow::Result<Vec<String>> {
    let (service, _) = office::open_or_make(place).await?;
    let publication = service.compare(&manifest).await.map_err(publish_failure)?;
    service.publish(manifest).await.map_err(publish_failure)?;
    Ok(news(&publication))
}

/// What committing `manifest` would change, or why it would be refused. Where there are no data yet nobody has registered, and none are made.
pub async fn preview(place: &Place, manifest: &Manifest) -> anyhow::Result<Vec<String>> {
    if place.table.is_none() && !open::file(place)?.is_file() {
        return Ok(Vec::new());
    }
    let (service, _) = office::open(place).await?;
    service.compare(manifest).await.map(|publication| news(&publication)).map_err(publish_failure)
}

/// A site that was never published changes nothing for anybody.
fn news(publication: &Publication) -> Vec<String> {
    if publication.first || publication.same { Vec::new() } else { changes(publication) }
}

/// The manifest at `path`, when there is one: a site without forms has none.
pub fn read(path: &Path) -> anyhow::Result<Option<Manifest>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("不能读 `{}`", path.display())),
    };
    serde_json::from_str(&text).map(Some).map_err(|_| {
        let what = format!("`{}` 不是这个版本的 xiangshang 写的", path.display());
        Failure::new(what, "从内容重新发布一次").into()
    })
}

/// What a publication changes, a line each.
pub fn changes(publication: &Publication) -> Vec<String> {
    let mut lines: Vec<String> = publication.sessions.iter().flat_map(session_lines).collect();
    for form in &publication.forms {
        lines.push(match (form.before, form.now) {
            (Some(before), Some(now)) => format!("表单 {}：第 {before} 版 → 第 {now} 版，旧页面 30 天内仍能提交", form.id),
            (None, Some(now)) => format!("表单 {}：新增（第 {now} 版）", form.id),
            (_, None) => format!("表单 {}：撤下，旧页面 30 天内仍能提交", form.id),
        });
    }
    lines
}

fn session_lines(session: &SessionChange) -> Vec<String> {
    let name = format!("场次 {}「{}」", session.id, session.title);
    let mut lines = match &session.change {
        ComesOrGoes::New(onsite, online) => {
            let seats = [(onsite, "现场"), (online, "线上")];
            let seats: Vec<String> =
                seats.iter().filter(|(seats, _)| **seats > 0).map(|(seats, way)| format!("{way} {seats} 个名额")).collect();
            vec![format!("{name}：新增，{}", if seats.is_empty() { "没有名额".to_owned() } else { seats.join("，") })]
        }
        ComesOrGoes::Gone => vec![format!("{name}：撤下（没有人报名）")],
        ComesOrGoes::Stays(changes) => changes.iter().map(|change| format!("{name}：{}", change.words())).collect(),
    };
    for (way, taken, seats) in &session.over {
        let way = if *way == Attendance::Online { "线上" } else { "现场" };
        lines.push(format!("{name}：{way}已有 {taken} 人，多于现在的 {seats} 个名额。已报名的人都保留，只是不再接受新的报名"));
    }
    if session.unnoticed {
        lines.push(format!(
            "{name}：页面的 `updated` 没有变新，手机日历会以为没有变动。写上 `updated: 现在的日期和时间`，再生成一次网站"
        ));
    }
    lines
}

/// Why a manifest was not published, in words for whoever publishes.
fn publish_failure(error: PublishError) -> anyhow::Error {
    match error {
        PublishError::SessionsVanished { sessions } => Failure::new(
            format!("没有提交：场次 {} 已经有人报名，不能从内容里删掉", sessions.join("、")),
            "把它的页面放回来；如果不办了，写上 `cancelled: true`，报名的人会收到取消的消息",
        )
        .into(),
        PublishError::FormChanged { form, version } => Failure::new(
            format!("没有提交：表单 `{form}` 的问题改了，版本号 `version: {version}` 却没有变"),
            "把 `version` 加 1，再生成一次网站：已经打开的旧页面才能照旧版本提交",
        )
        .into(),
        PublishError::Template(error) => {
            Failure::new(format!("没有提交：办事页面的模板有错：{error}"), "改好 themes/ 里的模板，再生成一次网站").into()
        }
        PublishError::Table(error) => broken_table(error).context("没有提交"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::session::Change;
    use functions::publication::FormChange;

    #[test]
    fn what_changes_is_said_a_line_each() {
        let session =
            |id: &str, change, over| SessionChange { id: id.into(), title: "沙龙".into(), change, over, unnoticed: id == "b" };
        let publication = Publication {
            version: "v".into(),
            same: false,
            first: false,
            sessions: vec![
                session("a", ComesOrGoes::New(80, 0), vec![]),
                session(
                    "b",
                    ComesOrGoes::Stays(vec![Change::Seats { way: Attendance::Onsite, before: 80, now: 60 }, Change::Cancelled]),
                    vec![(Attendance::Onsite, 70, 60)],
                ),
                session("c", ComesOrGoes::Gone, vec![]),
            ],
            forms: vec![
                FormChange { id: "appeal".into(), before: Some(1), now: Some(2) },
                FormChange { id: "lead".into(), before: None, now: Some(1) },
            ],
        };
        let expected = "\
场次 a「沙龙」：新增，现场 80 个名额
场次 b「沙龙」：现场名额 80 → 60
场次 b「沙龙」：取消：已报名和候补的人会收到消息
场次 b「沙龙」：现场已有 70 人，多于现在的 60 个名额。已报名的人都保留，只是不再接受新的报名
场次 b「沙龙」：页面的 `updated` 没有变新，手机日历会以为没有变动。写上 `updated: 现在的日期和时间`，再生成一次网站
场次 c「沙龙」：撤下（没有人报名）
表单 appeal：第 1 版 → 第 2 版，旧页面 30 天内仍能提交
表单 lead：新增（第 1 版）";
        assert_eq!(changes(&publication).join("\n"), expected);
    }
}
