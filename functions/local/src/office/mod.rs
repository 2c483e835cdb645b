//! What the office needs before it has a desk. Each command opens the same table as `serve`, which may run meanwhile.

pub mod calls;
pub mod case;
pub mod check;
pub mod erasures;
pub mod inbox;
pub mod ledger;
pub mod roster;
pub mod scoreboard;
pub mod take;
pub mod work;

use std::{fs, io};

use anyhow::Context;
use functions::{Clock, Config, Service, ServiceError, office::Operator};
use pages::Manifest;

use crate::{
    cli::{Place, Who},
    failure::Failure,
    open,
};

/// The functions, opened for one command. Where there are no data none are made: whoever is in the wrong folder would take an empty
/// inbox for the truth.
pub async fn open(place: &Place) -> anyhow::Result<(Service, Clock)> {
    if place.table.is_none() && !open::file(place)?.is_file() {
        let remedy = "数据在别处就用 --root DIR 或 --data DIR 指明；还没有用过的，先运行一次 xiangshang serve";
        return Err(Failure::new(format!("`{}` 里没有数据", place.data().display()), remedy).into());
    }
    open_or_make(place).await
}

/// The same; a table that is not there is made.
pub async fn open_or_make(place: &Place) -> anyhow::Result<(Service, Clock)> {
    let clock = place.now.map_or_else(Clock::system, Clock::starting_at);
    let table = open::table(place, &clock)?;
    let service = open::service(place, table, clock.clone(), Config::default()).await?;
    Ok((service, clock))
}

/// The forms and sessions of the last good build; or, where the site's folder is one that `publish` publishes to, of what is live there.
pub fn manifest(place: &Place) -> anyhow::Result<Manifest> {
    let built = place.root.join("public.manifest.json");
    let live = fs::canonicalize(place.root.join("current")).ok().filter(|_| !built.exists());
    let path = live.map_or(built, |live| live.with_extension("manifest.json"));
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(open::service_failure(ServiceError::NoManifest)),
        Err(error) => return Err(error).with_context(|| format!("不能读 `{}`", path.display())),
    };
    serde_json::from_str(&text).map_err(|_| {
        let what = format!("`{}` 不是这个版本的 xiangshang 写的", path.display());
        Failure::new(what, "运行一次 xiangshang serve，它会重新写好").into()
    })
}

/// A number as people read it out or copy it: in lower case, with spaces.
fn number(typed: &str) -> String {
    typed.to_uppercase().chars().filter(|character| !character.is_whitespace()).collect()
}

/// Who acts. A record without a name would be none.
fn operator(who: &Who) -> anyhow::Result<Operator> {
    let user = || std::env::var(if cfg!(windows) { "USERNAME" } else { "USER" }).ok();
    match who.operator.clone().or_else(user).map(|name| name.trim().to_owned()) {
        Some(name) if !name.is_empty() => Ok(Operator(name)),
        _ => Err(Failure::new("不知道是谁在操作，这一步要记进记录", "加上 --operator 姓名").into()),
    }
}

/// Why something is done that the record keeps: without a reason nothing is done.
fn reason<'a>(given: Option<&'a str>, nothing: &str) -> anyhow::Result<&'a str> {
    match given.map(str::trim) {
        Some(reason) if !reason.is_empty() => Ok(reason),
        _ => Err(Failure::new(format!("没有写理由，{nothing}"), "写明理由，例如 --reason 首次联系").into()),
    }
}
