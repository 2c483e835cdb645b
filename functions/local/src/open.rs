//! Opens the functions on this machine's table and key, and says in Chinese why they cannot be opened.

use std::sync::Arc;

use functions::{
    Clock, Config, KeyError, KeySource, OpenError, Service, ServiceError,
    table::{
        Table,
        sqlite::{self, Sqlite},
    },
};

use crate::{
    cli::{NoKeyPlace, Place},
    failure::Failure,
};

/// The table in the data folder; both are made when they are not there.
pub fn table(place: &Place, clock: &Clock) -> anyhow::Result<Arc<dyn Table>> {
    let table = Sqlite::open(&place.data().join("xiangshang.sqlite"), clock.clone()).map_err(table_failure)?;
    Ok(Arc::new(table))
}

/// The functions on `table`, with the key that belongs to it.
pub async fn service(place: &Place, table: Arc<dyn Table>, clock: Clock, config: Config) -> anyhow::Result<Service> {
    let key = place.key().map_err(|NoKeyPlace| {
        Failure::new("不知道密钥文件该放哪里：系统没有告诉我用户的文件夹", "用 --key FILE 指明，不要和数据放在一起")
    })?;
    Service::open(table, &KeySource::File(key), clock, config).await.map_err(|OpenError::Key(error)| key_failure(error))
}

fn table_failure(error: sqlite::OpenError) -> anyhow::Error {
    match error {
        sqlite::OpenError::Newer { path, found, known } => Failure::new(
            format!("数据表 `{}` 是更新的版本写的（{found}，本程序只认到 {known}）", path.display()),
            "用那个新版本的 xiangshang，或恢复旧的备份",
        )
        .into(),
        sqlite::OpenError::Foreign(path) => {
            Failure::new(format!("`{}` 是别的程序的数据库", path.display()), "用 --data DIR 指明另一个数据文件夹").into()
        }
        sqlite::OpenError::Failed { path, reason } => {
            Failure::new(format!("不能打开数据表 `{}`：{reason}", path.display()), "检查磁盘空间，以及对这个文件夹有没有写的权限")
                .into()
        }
    }
}

fn key_failure(error: KeyError) -> anyhow::Error {
    match error {
        KeyError::Missing(path) => Failure::new(
            format!("密钥文件 `{}` 不见了，而数据里有用它加密的内容", path.display()),
            "把密钥文件的备份放回原处，或用 --key FILE 指明；没有它，姓名和电话无法打开",
        )
        .into(),
        KeyError::Other { found, expected } => Failure::new(
            format!("这把密钥（{found}）不是加密这些数据的那把（{expected}）"),
            "用 --key FILE 指明正确的密钥，或用 --data DIR 指明这把密钥的数据",
        )
        .into(),
        KeyError::Open { path, mode } => Failure::new(
            format!("密钥文件 `{}` 别人也能读（权限 {mode:o}）", path.display()),
            &format!("运行 chmod 600 '{}'", path.display()),
        )
        .into(),
        KeyError::Malformed(what) => Failure::new(format!("`{what}` 里不是密钥"), "从备份恢复它").into(),
        KeyError::Io { path, error } => anyhow::Error::new(error).context(format!("不能使用密钥文件 `{}`", path.display())),
        KeyError::Table(error) => anyhow::Error::new(error).context("不能读数据表"),
    }
}

/// Why an operation was not done, in words for the office.
pub fn service_failure(error: ServiceError) -> anyhow::Error {
    match error {
        ServiceError::UnknownNumber(number) => {
            Failure::new(format!("没有编号为 `{number}` 的诉求或报名"), "核对编号；最近的诉求用 xiangshang inbox 查看").into()
        }
        ServiceError::UnknownForm(form) => Failure::new(format!("网站里没有表单 `{form}`"), "检查 content/forms/").into(),
        ServiceError::UnknownSession(session) => {
            Failure::new(format!("没有场次 `{session}`"), "不写 --session 就会列出可以报的场次").into()
        }
        ServiceError::NoManifest => Failure::new("网站还没有生成过，所以不知道表单和场次", "先运行一次 xiangshang serve").into(),
        ServiceError::Seal(error) => anyhow::Error::new(error).context("加密的内容打不开"),
        error => anyhow::Error::new(error).context("这次没有办成，可以再试一次"),
    }
}
