//! `scoreboard`: the public figures (成效), counted from the cases, on a terminal or for the site.
//!
//! They are published by a file below `content/`, which the generator reads like any other: the home page says what it says, on one machine
//! and where the site is built elsewhere. Somebody writes it the first time; from then on `serve` keeps it up to date, until it is deleted.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context;
use domain::{
    Moment,
    appeal::scoreboard::{Counted, Rate, Scoreboard},
};
use functions::Service;

use crate::{
    cli::ScoreboardOptions,
    open::service_failure,
    terminal::{self, eprintln, print, println},
};

/// Prints the figures, and with `--write` publishes them.
pub async fn run(options: ScoreboardOptions) -> anyhow::Result<()> {
    let (service, clock) = super::open(&options.place).await?;
    let board = service.scoreboard().await.map_err(service_failure)?;
    for counted in &board.periods {
        print!("{}", in_words(counted, board.threshold));
    }
    println!("统计到{}。少于 {} 件的和能由此推算出来的不显示。", terminal::moment(clock.now()), board.threshold);
    if options.write {
        let path = file(&options.place.root);
        write(&path, &board)?;
        eprintln!("已写入 {}；网站首页下次生成时显示", path.display());
    } else {
        println!("公布到网站首页：xiangshang scoreboard --write");
    }
    Ok(())
}

/// Counts anew what somebody has published, once a day; whether it was written. What nobody has published stays unpublished.
pub async fn refresh(root: &Path, service: &Service, now: Moment) -> anyhow::Result<bool> {
    let path = file(root);
    let Ok(text) = fs::read_to_string(&path) else { return Ok(false) };
    // What cannot be read is somebody's own: the generator warns of it, and only they take it away.
    let before: Option<Scoreboard> = serde_json::from_str(&text).ok();
    if before.is_none_or(|before| before.at.date() >= now.date()) {
        return Ok(false);
    }
    let board = service.scoreboard().await.map_err(service_failure)?;
    write(&path, &board)?;
    Ok(true)
}

fn file(root: &Path) -> PathBuf {
    root.join("content/data/scoreboard.json")
}

fn write(path: &Path, board: &Scoreboard) -> anyhow::Result<()> {
    let cannot = || format!("不能写入 `{}`", path.display());
    let folder = path.parent().unwrap_or(Path::new("."));
    // Beside `content/`, whose watcher would take half a file for a change.
    let outside = folder.ancestors().nth(2).filter(|outside| outside.is_dir()).unwrap_or(folder);
    let mut beside = tempfile::Builder::new().prefix(".scoreboard-").tempfile_in(outside).with_context(cannot)?;
    let mut json = serde_json::to_string_pretty(board).context("不能写成 JSON")?;
    json.push('\n');
    beside.write_all(json.as_bytes()).with_context(cannot)?;
    // Unlike what names people, this is for everybody to read.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(beside.path(), fs::Permissions::from_mode(0o644)).with_context(cannot)?;
    }
    beside.persist(path).map_err(|error| error.error).with_context(cannot)?;
    Ok(())
}

fn in_words(counted: &Counted, least: u32) -> String {
    let number = |count: Option<u32>| count.map_or_else(|| "不显示".to_owned(), |count| count.to_string());
    let mut text = match counted.received {
        Some(count) => format!("{}收到 {count} 件\n", counted.period.name),
        None => format!("{}不足 {least} 件\n", counted.period.name),
    };
    let rates = counted.rates.iter().map(|rate| {
        let of = rate.numerator.zip(rate.denominator).map(|(numerator, denominator)| format!("{numerator}/{denominator}"));
        vec![rate.name.clone(), per_cent(rate), of.unwrap_or_default(), rate.definition.clone()]
    });
    text += &terminal::table(&["", "比率", "件数", "怎么算"], &rates.collect::<Vec<_>>());
    let groups = counted.environments.iter().map(|group| {
        let parts = group.parts.iter().map(|part| format!("{} {}", part.name, number(part.count)));
        vec![group.name.clone(), number(group.count), parts.collect::<Vec<_>>().join("，")]
    });
    text + "\n" + &terminal::table(&["环境", "件数", "类别"], &groups.collect::<Vec<_>>()) + "\n"
}

fn per_cent(rate: &Rate) -> String {
    rate.per_mille().map_or_else(|| "不显示".to_owned(), |tenths| format!("{}.{}%", tenths / 10, tenths % 10))
}
