//! `backup`: a copy of the table as it is at one moment, made while the server runs. It is written beside its place, read from end to
//! end, and only then takes its name: a file that has the name is a good backup. The files that firms have sent along lie in a folder beside it.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context;
use functions::{
    Clock,
    files::{
        copy::{self, Copied},
        folder::Folder,
    },
    table::sqlite::{self, Sqlite},
};

use crate::{
    cli::BackupOptions,
    failure::{Failure, reason_in_words},
    open,
    terminal::println,
};

/// Backs up.
pub async fn run(options: BackupOptions) -> anyhow::Result<()> {
    let table = open::file(&options.place)?;
    if !table.is_file() {
        return Err(Failure::new(
            format!("`{}` 里没有数据", options.place.data().display()),
            "用 --data DIR 指明数据文件夹（里面有 xiangshang.sqlite）",
        )
        .into());
    }
    let file = options.file.clone();
    if file.is_dir() {
        return Err(Failure::new(format!("`{}` 是文件夹", file.display()), "写明文件名，例如 相商未来-20261201.sqlite").into());
    }
    if file.exists() && !file.is_file() {
        return Err(Failure::new(format!("`{}` 不是普通文件", file.display()), "换一个文件名").into());
    }
    if file.exists() && !options.force {
        return Err(Failure::new(
            format!("`{}` 已经有了，没有备份", file.display()),
            "换个文件名（例如带上日期），或加 --force 换掉旧的",
        )
        .into());
    }
    // Half a backup beside its place would lie there for ever.
    let (beside, working) = (beside(&file), file.clone());
    let sent = open::files(&options.place);
    let copy = beside.clone();
    let (whole, files) = tokio::select! {
        done = tokio::task::spawn_blocking(move || back_up(&table, &sent, &working, copy)) => done??,
        () = crate::serve::told_to_stop() => {
            let _ = fs::remove_file(beside);
            return Err(Failure::new("停下了，没有备份", "再运行一次；原来的备份没有动").into());
        }
    };
    println!("已备份到 {}（{} 条记录，{} KB），检查无误。", options.file.display(), whole.items, whole.bytes.div_ceil(1024));
    say_files(&files_of(&options.file), files);
    let key = open::key(&options.place)?;
    println!("密钥不在备份里。它在 {}，请另外抄存一份，不要和备份放在一起：", key.display());
    println!("没有密钥，备份里的姓名和电话谁也打不开。");
    if !key.is_file() {
        println!("注意：现在 {} 里没有密钥。如果它在别处，用 --key FILE 指明。", key.display());
    }
    Ok(())
}

fn back_up(table: &Path, files: &Folder, file: &Path, beside: PathBuf) -> anyhow::Result<(sqlite::Whole, Copied)> {
    let cannot = || format!("不能写 `{}`", file.display());
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).with_context(cannot)?;
    let beside = Beside(beside);
    let whole = sqlite::back_up(table, &beside.0).map_err(|error| match error {
        sqlite::OpenError::Failed { path, reason } if path == beside.0 => {
            let (why, remedy) = reason_in_words(&reason);
            Failure::new(format!("没有备份：不能写 `{}`：{why}", file.display()), remedy).into()
        }
        error => open::table_failure(error).context("没有备份"),
    })?;
    // Listed after the table was copied: of what the copy names only that is missing which was erased meanwhile.
    let names = named(table).context("没有备份")?;
    let copies = Folder::open(files_of(file));
    let copied = copy::copy(&names, files, &copies).with_context(cannot)?;
    fs::rename(&beside.0, file).with_context(cannot)?;
    sync(folder).with_context(cannot)?;
    Ok((whole, copied))
}

/// Where the files of a backup lie: one folder for all backups beside it, since a file never changes and most are in every backup.
pub(super) fn files_of(file: &Path) -> PathBuf {
    file.with_file_name("xiangshang-files")
}

/// The names of the files that the table at `path` names.
pub(super) fn named(path: &Path) -> anyhow::Result<BTreeSet<String>> {
    let table = Sqlite::open(path, Clock::system()).map_err(open::table_failure)?;
    let names = tokio::runtime::Handle::current().block_on(copy::named(&table));
    names.map_err(open::broken_table)
}

/// Says where the files lie, and what is missing of them.
fn say_files(folder: &Path, files: Copied) {
    if files.whole > 0 {
        println!("企业传来的文件（{} 份，加密的）在 {}，几次备份共用，抄存时一起抄。", files.whole, folder.display());
    }
    if files.missing > 0 {
        println!("注意：有 {} 份文件在数据文件夹的 files/ 里找不到，没有备份到。", files.missing);
    }
}

/// A name in the same folder that nobody else uses.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    file.with_file_name(name)
}

/// A file that is gone when it did not get its name.
struct Beside(PathBuf);

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Makes the names in a folder survive a power cut.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { fs::File::open(folder)?.sync_all() } else { Ok(()) }
}
