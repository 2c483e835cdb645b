//! Opens the functions on this machine's table and key, and says in Chinese why they cannot be opened.

use std::{path::PathBuf, sync::Arc};

use functions::{
    Clock, Config, KeyError, KeySource, OpenError, Service, ServiceError, Webhook, WebhookError,
    files::{Files, examine::examine, folder::Folder},
    table::{
        Table, TableError,
        sqlite::{self, Sqlite},
    },
};

use crate::{
    cli::{CloudTable, NoKeyPlace, Place, WebhookOptions},
    failure::{Failure, reason_in_words},
};

/// The table in the data folder; both are made when they are not there. Or the cloud's, which must be there.
pub fn table(place: &Place, clock: &Clock) -> anyhow::Result<Arc<dyn Table>> {
    if let Some(CloudTable(name)) = &place.table {
        return cloud(name, clock);
    }
    let table = Sqlite::open(&file(place)?, clock.clone()).map_err(table_failure)?;
    Ok(Arc::new(table))
}

#[cfg(feature = "cloud")]
fn cloud(name: &str, clock: &Clock) -> anyhow::Result<Arc<dyn Table>> {
    let table = functions::table::dynamodb::DynamoDb::from_environment(name.to_owned(), clock.clone());
    table.map(|table| Arc::new(table) as Arc<dyn Table>).map_err(|error| {
        let hint = "设好 AWS_REGION、AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY；用配置文件的先运行 eval \"$(aws configure export-credentials --format env)\"";
        Failure::new(format!("不知道怎样连到数据表 `{name}`：{error}"), hint).into()
    })
}

#[cfg(not(feature = "cloud"))]
fn cloud(name: &str, _: &Clock) -> anyhow::Result<Arc<dyn Table>> {
    let hint = "用 cargo build --release --package local --features cloud 重新生成 xiangshang";
    Err(Failure::new(format!("这个程序不会读写云上的数据表 `{name}`"), hint).into())
}

/// Where this machine's table is.
pub fn file(place: &Place) -> anyhow::Result<PathBuf> {
    if place.table.is_some() {
        let hint = "云上的表用按时间点恢复，见 docs/aws.md";
        return Err(Failure::new("这个命令只管本机的数据，不管云上的数据表", hint).into());
    }
    Ok(place.data().join("xiangshang.sqlite"))
}

/// Where this machine's files are.
pub fn files(place: &Place) -> Folder {
    Folder::open(place.data().join("files"))
}

/// Where the key is.
pub fn key(place: &Place) -> anyhow::Result<PathBuf> {
    place.key().map_err(|NoKeyPlace| {
        Failure::new("不知道密钥文件该放哪里：系统没有告诉我用户的文件夹", "用 --key FILE 指明，不要和数据放在一起").into()
    })
}

/// The functions on `table`, with the key that belongs to it.
pub async fn service(place: &Place, table: Arc<dyn Table>, clock: Clock, config: Config) -> anyhow::Result<Service> {
    let key = match &place.table {
        Some(_) => cloud_key()?,
        None => KeySource::File(key(place)?),
    };
    let service = Service::open(table, &key, clock, config).await.map_err(|OpenError::Key(error)| key_failure(error))?;
    match &place.table {
        Some(_) => with_bucket(service),
        None => Ok(service.with_files(Files::here(Arc::new(files(place)), examine))),
    }
}

/// With the cloud's files, when the environment names their bucket.
#[cfg(feature = "cloud")]
fn with_bucket(service: Service) -> anyhow::Result<Service> {
    use functions::files::bucket::Bucket;
    let Some(name) = std::env::var("XIANGSHANG_BUCKET").ok().filter(|name| !name.is_empty()) else { return Ok(service) };
    let bucket = Bucket::from_environment(&name).map_err(|error| {
        let hint = "设好 AWS_REGION、AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY";
        Failure::new(format!("不知道怎样连到附件桶 `{name}`：{error}"), hint)
    })?;
    Ok(service.with_files(Files::in_bucket(Arc::new(bucket))))
}

#[cfg(not(feature = "cloud"))]
fn with_bucket(service: Service) -> anyhow::Result<Service> {
    Ok(service)
}

/// The key of the cloud's table. Never made here: a key that only this machine knew would lock the functions out.
fn cloud_key() -> anyhow::Result<KeySource> {
    match std::env::var("XIANGSHANG_KEY") {
        Ok(key) if !key.is_empty() => Ok(KeySource::Given(key)),
        _ => Err(Failure::new("没有云上数据表的密钥", "设好环境变量 XIANGSHANG_KEY，内容是部署时的 SealingKey").into()),
    }
}

/// Why a file is not opened as the table, in words for the office.
pub fn table_failure(error: sqlite::OpenError) -> anyhow::Error {
    match error {
        sqlite::OpenError::Newer { path, found, known } => Failure::new(
            format!("数据表 `{}` 是更新的版本写的（{found}，本程序只认到 {known}）", path.display()),
            "用那个新版本的 xiangshang，或恢复旧的备份",
        )
        .into(),
        sqlite::OpenError::Foreign(path) => {
            Failure::new(format!("`{}` 是别的程序的数据库", path.display()), "用 --data DIR 指明另一个数据文件夹").into()
        }
        sqlite::OpenError::Replaced(path) => {
            Failure::new(format!("正在用备份恢复 `{}`，或在换密钥", path.display()), "等它做完再运行").into()
        }
        sqlite::OpenError::Failed { path, reason } => {
            let (why, remedy) = reason_in_words(&reason);
            Failure::new(format!("不能打开数据表 `{}`：{why}", path.display()), remedy).into()
        }
    }
}

/// Why the key does not serve, in words for the office.
pub fn key_failure(error: KeyError) -> anyhow::Error {
    match error {
        KeyError::Missing(path) => Failure::new(
            format!("密钥文件 `{}` 不见了，而数据里有用它加密的内容", path.display()),
            "把密钥文件的备份放回原处，或用 --key FILE 指明；没有它，姓名和电话无法打开",
        )
        .into(),
        KeyError::Other { found, expected } => Failure::new(
            format!("这把密钥（{found}）不是加密这些数据的那把（{expected}）"),
            "用 --key FILE 指明正确的密钥，或用 --data DIR 指明这把密钥的数据。换过密钥的：以前的备份要用做备份那时的密钥文件；\
             换完以后旧密钥不能再用，把现在的密钥文件的副本整份放回去",
        )
        .into(),
        KeyError::Codes(_) => {
            Failure::new("用这把密钥，所有查询码都会变", "密钥文字里少了 `.code:` 开头的那一段：从副本里把整份放回去").into()
        }
        KeyError::Exchanged => Failure::new(
            "已经在换密钥，没有再换",
            "先把这一次换完：xiangshang keys reseal，再 xiangshang keys retire；看换到哪一步：xiangshang keys",
        )
        .into(),
        KeyError::Open { path, mode } => Failure::new(
            format!("密钥文件 `{}` 别人也能读（权限 {mode:o}）", path.display()),
            &format!("运行 chmod 600 '{}'", path.display()),
        )
        .into(),
        KeyError::Malformed(what) => Failure::new(format!("`{what}` 里不是密钥"), "从备份恢复它").into(),
        KeyError::Io { path, error } => anyhow::Error::new(error).context(format!("不能使用密钥文件 `{}`", path.display())),
        KeyError::Table(error) => broken_table(error),
    }
}

/// Why a table that is there does not do its part, in words for the office.
pub fn broken_table(error: TableError) -> anyhow::Error {
    const REFUSED: [&str; 5] = ["AccessDenied", "UnrecognizedClient", "InvalidSignature", "ExpiredToken", "InvalidAccessKeyId"];
    match error {
        TableError::Unavailable { .. } => Failure::new(
            "数据表现在用不了：正忙、磁盘满了，或者连不上",
            "过一会儿再试；一直这样，本机的看磁盘（df -h），云上的看网络和 AWS_REGION",
        )
        .into(),
        TableError::Failed(reason) if reason.contains("ResourceNotFound") => {
            let remedy = "核对 --table 的名字（部署输出里的 TableName）和 AWS_REGION";
            Failure::new("云上没有这张数据表", remedy).into()
        }
        TableError::Failed(reason) if REFUSED.iter().any(|sign| reason.contains(sign)) => {
            let remedy = "核对 AWS_ACCESS_KEY_ID、AWS_SECRET_ACCESS_KEY 和 AWS_REGION；临时的密钥会过期，重新取一次";
            Failure::new("云上不让读写这张数据表", remedy).into()
        }
        TableError::Failed(reason) => {
            let (why, remedy) = reason_in_words(&reason);
            Failure::new(format!("数据表出了错：{why}"), remedy).into()
        }
        error => anyhow::Error::new(error).context("这次没有办成，可以再试一次"),
    }
}

impl WebhookOptions {
    /// The webhook that the command line and the environment describe, if any.
    pub fn open(&self) -> anyhow::Result<Option<Webhook>> {
        let (url, templates) = (self.webhook.as_deref(), self.webhook_templates.as_deref());
        Webhook::configured(url, templates, self.webhook_secret_file.as_deref()).map_err(webhook_failure)
    }
}

fn webhook_failure(error: WebhookError) -> anyhow::Error {
    match error {
        WebhookError::Address(url) => Failure::new(
            format!("通知的地址 `{url}` 不能用"),
            "要写 https://…；只有发给本机的才可以写 http://127.0.0.1:端口，因为里面有电话号码",
        ),
        WebhookError::Templates(text) => Failure::new(
            format!("通知的模板 `{text}` 看不懂"),
            "写成 种类=模板，用逗号隔开，例如 offered=SMS_1,seated=SMS_2；种类有 registered released waitlisted offered offer_lapsed seated declined left_waitlist moved_onsite changed cancelled session_cancelled session_moved",
        ),
        WebhookError::NoSecret => Failure::new(
            "通知没有签名密钥",
            "设环境变量 XIANGSHANG_WEBHOOK_SECRET，或用 --webhook-secret-file FILE 指明一个权限 600 的文件；不能写在命令行里",
        ),
        WebhookError::ShortSecret => Failure::new("通知的签名密钥太短", "至少 16 个字符；用 openssl rand -hex 32 生成一个"),
        WebhookError::Open { path, mode } => {
            Failure::new(format!("签名密钥文件 `{path}` 别人也能读（权限 {mode:o}）"), &format!("运行 chmod 600 '{path}'"))
        }
        WebhookError::Io { path, error } => {
            Failure::new(format!("不能读签名密钥文件 `{path}`：{error}"), "核对 --webhook-secret-file 的路径和权限")
        }
    }
    .into()
}

/// Why an operation was not done, in words for the office.
pub fn service_failure(error: ServiceError) -> anyhow::Error {
    match error {
        ServiceError::UnknownNumber(number) => {
            let remedy =
                "核对编号：XS 或 XB 开头，后面都是数字。诉求和登记用 xiangshang inbox 查看，报名用 xiangshang roster 场次";
            Failure::new(format!("没有编号为 `{number}` 的诉求、登记或报名"), remedy).into()
        }
        ServiceError::UnknownForm(form) => Failure::new(format!("网站里没有表单 `{form}`"), "检查 content/forms/").into(),
        ServiceError::UnknownSession(session) => {
            let remedy = "场次的 id 写在活动页面开头的 `registration` 里；xiangshang register 会列出可以报的场次";
            Failure::new(format!("没有场次 `{session}`"), remedy).into()
        }
        ServiceError::NothingToCall(number) => {
            Failure::new(format!("`{number}` 没有要打的电话，没有记录"), "核对编号；该打的电话用 xiangshang calls 查看").into()
        }
        ServiceError::NoManifest => Failure::new(
            "网站还没有生成过，所以不知道表单和场次",
            "先运行一次 xiangshang serve；网站在别处生成的，先运行 xiangshang publish",
        )
        .into(),
        ServiceError::Table(error) => broken_table(error),
        ServiceError::Busy => Failure::new("太多人同时在办同一件事，没有办成", "再试一次").into(),
        ServiceError::Store(error) => Failure::new(
            format!("文件出了错：{error}"),
            "本机的看数据文件夹里的 files/ 在不在、磁盘满没满；刚恢复过数据的，备份旁边的 xiangshang-files 文件夹也要一起恢复；云上的要设 XIANGSHANG_BUCKET",
        )
        .into(),
        ServiceError::Seal(error) => anyhow::Error::new(error).context("加密的内容打不开"),
    }
}
