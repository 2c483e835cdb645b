//! `publish`: makes a site live, in a folder that web servers on this machine read, or in a bucket.
//!
//! **In which order.** What is refused must not be seen by anybody, and whatever dies in between must leave pages and functions that fit each other:
//!
//! 1. The site is built, whole, where nobody looks. Mistakes in content end it here.
//! 2. Its styles and scripts are put within reach of the pages that are live now: names hold hashes, so nothing changes by that.
//! 3. The functions are told (`manifest`). They may refuse: somebody has registered for a session that is not in the site any more.
//! 4. Only then its pages take the place of the old ones.
//!
//! Functions understand pages of the last 30 days, so old pages with new functions are fine for as long as it takes, and old functions with new
//! pages, which are not, never happen. Whoever dies between 3 and 4 leaves the former; the next publication finds the same manifest
//! committed already and goes on to 4. Service pages of the new manifest name styles that 2 has put there.

#[cfg(feature = "cloud")]
mod bucket;
#[cfg(unix)]
mod folder;
pub mod manifest;
#[cfg(unix)]
pub mod releases;
pub mod site;

pub use manifest::changes;

use crate::{
    cli::{PublishOptions, Target},
    failure::Failure,
};

/// Publishes, or does what else is asked of a place where something is published.
pub async fn run(options: PublishOptions) -> anyhow::Result<()> {
    match &options.to {
        None => manifest::run(&options).await,
        Some(Target::Folder(path)) => to_folder(&options, path).await,
        Some(Target::Bucket { name, prefix }) => to_bucket(&options, name, prefix).await,
    }
}

#[cfg(unix)]
async fn to_folder(options: &PublishOptions, path: &std::path::Path) -> anyhow::Result<()> {
    if options.distribution.is_some() || options.gzip || options.no_folder_pages {
        let hint = "发布到文件夹时去掉 --distribution、--gzip 和 --no-folder-pages";
        return Err(Failure::new("这个选项只用于 s3:// 的桶", hint).into());
    }
    folder::run(options, path).await
}

#[cfg(not(unix))]
async fn to_folder(_: &PublishOptions, _: &std::path::Path) -> anyhow::Result<()> {
    let hint = "在 Linux 上发布；这台机器上可以用 xiangshang serve 预览";
    Err(Failure::new("这个系统上不能发布到文件夹：一下子换上要靠符号链接", hint).into())
}

#[cfg(feature = "cloud")]
async fn to_bucket(options: &PublishOptions, name: &str, prefix: &str) -> anyhow::Result<()> {
    bucket::run(options, name, prefix).await
}

#[cfg(not(feature = "cloud"))]
async fn to_bucket(_: &PublishOptions, name: &str, _: &str) -> anyhow::Result<()> {
    let hint = "用 cargo build --release --package local --features cloud 重新生成 xiangshang";
    Err(Failure::new(format!("这个程序不会传到桶 `{name}`"), hint).into())
}
