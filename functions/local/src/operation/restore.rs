//! `restore`: puts a backup in place of the table. The backup is copied beside it, checked and opened with the key first; what was
//! there before is kept. At each moment there is either the old table or the new one under its name.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context;
use functions::{
    Clock, Config, KeySource, Service,
    files::{copy, folder::Folder},
    table::sqlite::{self, Sqlite},
};

use super::backup::{files_of, named, sync};
use crate::{
    cli::RestoreOptions,
    failure::{Failure, reason_in_words},
    open,
    terminal::println,
};

/// What belongs to a table beside its file.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// Restores.
pub async fn run(options: RestoreOptions) -> anyhow::Result<()> {
    let table = open::file(&options.place)?;
    let data = options.place.data();
    let key = open::key(&options.place)?;
    if !options.file.is_file() {
        return Err(Failure::new(format!("没有文件 `{}`", options.file.display()), "核对备份文件的名字").into());
    }
    if table.exists() && !options.force {
        return Err(Failure::new(
            format!("`{}` 里已经有数据，没有恢复", data.display()),
            "只想演练就用 --data DIR 恢复到别处；确实要换掉就加 --force，原来的数据会留在旁边",
        )
        .into());
    }
    let cannot = || format!("不能写 `{}`", data.display());
    fs::create_dir_all(&data).with_context(cannot)?;
    // Held until the end: nobody opens the table while it is exchanged.
    let alone = sqlite::close_to_others(&table).with_context(cannot)?;
    let Some(_alone) = alone else {
        return Err(Failure::new(
            format!("有 xiangshang 正在用 `{}`，没有恢复", data.display()),
            "先停止 serve（例如 systemctl stop xiangshang），再恢复",
        )
        .into());
    };

    remove_leftovers(&data);
    let copy = Copy(data.join(format!("restore-{}.sqlite", std::process::id())));
    fs::copy(&options.file, &copy.0).with_context(|| format!("不能复制 `{}`", options.file.display()))?;
    make_private(&copy.0).with_context(cannot)?;
    let whole = sqlite::check(&copy.0).map_err(|error| match error {
        sqlite::OpenError::Failed { reason, .. } => unusable(&options.file, &reason_in_words(&reason).0),
        sqlite::OpenError::Foreign(_) => unusable(&options.file, "这是别的程序的数据库"),
        error => open::table_failure(error).context("备份不能用，没有恢复"),
    })?;
    opens_with(&copy.0, &key).await.context("没有恢复")?;
    let checked = copy.0.clone();
    let names = tokio::task::spawn_blocking(move || named(&checked)).await??;
    let files = open::files(&options.place);
    // Before the table takes its name, so that it never names what is not there yet.
    let restored = copy::copy(&names, &Folder::open(files_of(&options.file)), &files).with_context(cannot)?;
    fs::File::open(&copy.0).and_then(|file| file.sync_all()).with_context(cannot)?;

    let kept = if table.exists() { Some(keep(&table, &data).with_context(cannot)?) } else { None };
    fs::rename(&copy.0, &table).with_context(cannot)?;
    sync(&data).with_context(cannot)?;
    println!("已恢复到 {}（{} 条记录），检查无误，密钥相符。", data.display(), whole.items);
    if restored.whole > 0 {
        println!("企业传来的文件（{} 份）在 {}。", restored.whole, files.path().display());
    }
    if restored.missing > 0 {
        println!("注意：有 {} 份企业传来的文件没有找到，它们应该在 {}。", restored.missing, files_of(&options.file).display());
        println!("把那个文件夹放到备份旁边，再恢复一次（加 --force）。");
    }
    if let Some(kept) = kept {
        // What only the old table names goes with it.
        copy::part(&names, &files, &kept.join("files")).with_context(cannot)?;
        println!("原来的数据留在 {}，确认不再需要后请删掉。", kept.display());
    }
    println!("备份之后收到的诉求和报名不在里面：请对照电话单和收件箱，给那段时间的人打电话。");
    Ok(())
}

fn unusable(file: &Path, why: &str) -> anyhow::Error {
    let what = format!("备份不能用，没有恢复：`{}`：{why}", file.display());
    Failure::new(what, "换一份备份，或重新抄一遍：备份写完时都检查过，坏的多半是抄到一半断了").into()
}

/// Removes what a restore left that was broken off; nobody else is at it, for this one has the table to itself.
fn remove_leftovers(data: &Path) {
    let Ok(entries) = fs::read_dir(data) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.to_string_lossy().starts_with("restore-") && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether the key is the one that the backup was sealed with. Brings an older backup to this program's schema, too.
async fn opens_with(copy: &Path, key: &Path) -> anyhow::Result<()> {
    let clock = Clock::system();
    let opened = Sqlite::open(copy, clock.clone()).map_err(open::table_failure)?;
    let source = KeySource::File(key.to_owned());
    let service = Service::open(std::sync::Arc::new(opened), &source, clock, Config::default()).await;
    service.map(drop).map_err(|functions::OpenError::Key(error)| open::key_failure(error))
}

/// Keeps the table that stands there, with what belongs to it, in a folder beside.
fn keep(table: &Path, data: &Path) -> io::Result<PathBuf> {
    let now = Clock::system().now().local().strftime("%Y%m%d-%H%M%S").to_string();
    let folder = data.join(format!("before-{now}"));
    fs::create_dir(&folder)?;
    let named = |suffix: &str| {
        let mut name = table.file_name().unwrap_or_default().to_owned();
        name.push(suffix);
        name
    };
    // The old table keeps its name until the new one takes it. What SQLite has beside it must go before: it would be taken for
    // the new table's.
    if fs::hard_link(table, folder.join(named(""))).is_err() {
        fs::copy(table, folder.join(named("")))?;
    }
    for suffix in COMPANIONS {
        let companion = table.with_file_name(named(suffix));
        if companion.exists() {
            fs::rename(companion, folder.join(named(suffix)))?;
        }
    }
    sync(&folder)?;
    Ok(folder)
}

fn make_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// The copy that is checked; gone, with what SQLite left beside it, when it did not become the table.
struct Copy(PathBuf);

impl Drop for Copy {
    fn drop(&mut self) {
        for suffix in COMPANIONS.into_iter().chain(["", ".lock"]) {
            let mut name = self.0.clone().into_os_string();
            name.push(suffix);
            let _ = fs::remove_file(name);
        }
    }
}
