//! `hook`: git hooks by which a push is checked before it is taken and published after it was (`receive`).
//!
//! What is written into the repository is a line of shell that calls this program with all that it has to know, so that whoever looks at the
//! hook sees what it does.

mod receive;
mod review;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context;

use super::git::Repository;
use crate::{
    cli::{HookOptions, HookStep, InstallOptions, ReceiveOptions, Target},
    failure::Failure,
    terminal::println,
};

/// The hooks that there are.
const HOOKS: [&str; 2] = ["pre-receive", "post-receive"];
/// By this line a hook is known to be ours.
const OURS: &str = "# xiangshang hook install 写的，再装一次会重写，不要手改；去掉它：xiangshang hook remove 仓库";

/// Installs or removes hooks, or is one.
pub async fn run(options: HookOptions) -> anyhow::Result<()> {
    match options.step {
        HookStep::Install(options) => install(&options),
        HookStep::Remove(options) => remove(&options.repo),
        HookStep::PreReceive(options) => receive::before(&options).await,
        HookStep::PostReceive(options) => receive::after(&options).await,
    }
}

fn install(options: &InstallOptions) -> anyhow::Result<()> {
    let repository = Repository::bare(&options.repo)?;
    let branch = repository.default_branch()?;
    let folder = repository.hooks()?;
    let places = HOOKS.map(|hook| place(&folder, hook));
    for place in &places {
        let Place::Taken(path) = place else { continue };
        let hint = "把它挪走，或者在它里面调用 xiangshang hook；用 Gitea、Forgejo 的，它们的 hooks/*.d 文件夹里可以并排放";
        return Err(Failure::new(format!("`{}` 已经有别人的钩子，没有动它", path.display()), hint).into());
    }
    let arguments = arguments(&options.receive)?;
    for (hook, place) in HOOKS.iter().zip(&places) {
        let path = place.path();
        write(path, &script(hook, &arguments)?).with_context(|| format!("不能写 `{}`", path.display()))?;
    }
    println!(
        "钩子装好了：推送到 `{}` 的内容先检查，收下就发布到 {}。\n接下来：git push 一次试试；看发布了什么：xiangshang publish --to {} --list",
        branch.trim_start_matches("refs/heads/"),
        in_words(&options.receive.publish_to),
        in_words(&options.receive.publish_to),
    );
    Ok(())
}

fn remove(path: &Path) -> anyhow::Result<()> {
    let folder = Repository::bare(path)?.hooks()?;
    let mut removed = 0;
    for hook in HOOKS {
        let Place::Ours(path) = place(&folder, hook) else { continue };
        fs::remove_file(&path).with_context(|| format!("不能删去 `{}`", path.display()))?;
        removed += 1;
    }
    if removed == 0 {
        return Err(Failure::new("这个仓库里没有 xiangshang 装的钩子，没有改动", "核对是不是这个仓库").into());
    }
    println!("钩子去掉了：推送不再检查，也不再发布。已经发布的网站没有动。");
    Ok(())
}

/// Where a hook goes, or why it cannot go there.
enum Place {
    Free(PathBuf),
    Ours(PathBuf),
    Taken(PathBuf),
}

impl Place {
    fn path(&self) -> &Path {
        let (Place::Free(path) | Place::Ours(path) | Place::Taken(path)) = self;
        path
    }
}

/// Forges put a hook of their own in each place, which calls all that lie in the folder of the same name with `.d`.
fn place(folder: &Path, hook: &str) -> Place {
    let beside = folder.join(format!("{hook}.d"));
    let path = if beside.is_dir() { beside.join("xiangshang") } else { folder.join(hook) };
    match fs::read(&path) {
        Ok(text) if String::from_utf8_lossy(&text).lines().any(|line| line == OURS) => Place::Ours(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => Place::Free(path),
        _ => Place::Taken(path),
    }
}

/// All that the program has to be told, with paths that mean the same wherever it is started.
fn arguments(options: &ReceiveOptions) -> anyhow::Result<Vec<String>> {
    let mut arguments = Vec::new();
    let mut add = |name: &str, value: &str| arguments.extend([name.to_owned(), value.to_owned()]);
    match &options.publish_to {
        Target::Folder(path) => add("--publish-to", &absolute(path)?),
        bucket @ Target::Bucket { .. } => add("--publish-to", &in_words(bucket)),
    }
    match &options.table {
        Some(table) => add("--table", &format!("dynamodb:{}", table.0)),
        None => {
            add("--data", &absolute(&options.place().data())?);
            add("--key", &absolute(&crate::open::key(&options.place())?)?);
        }
    }
    if let Some(url) = &options.base_url {
        add("--base-url", url);
    }
    if let Some(distribution) = &options.distribution {
        add("--distribution", distribution);
    }
    if let Some(now) = options.now {
        add("--now", &now.to_string());
    }
    Ok(arguments)
}

fn absolute(path: &Path) -> anyhow::Result<String> {
    let path = std::path::absolute(path).with_context(|| format!("不能用 `{}`", path.display()))?;
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Failure::new(format!("路径 `{}` 不是 UTF-8 编码", path.display()), "换一个用中文、字母和数字的路径").into()
    })
}

fn in_words(target: &Target) -> String {
    match target {
        Target::Folder(path) => path.display().to_string(),
        Target::Bucket { name, prefix } => format!("s3://{name}/{prefix}"),
    }
}

fn script(hook: &str, arguments: &[String]) -> anyhow::Result<String> {
    let program = absolute(&std::env::current_exe().context("不知道自己在哪里")?)?;
    let arguments: String = arguments.iter().map(|argument| format!(" {}", quoted(argument))).collect();
    Ok(format!("#!/bin/sh\n{OURS}\nexec {} hook {hook}{arguments}\n", quoted(&program)))
}

/// `text` as one word of shell, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A push that comes meanwhile runs the old hook or the new one.
fn write(path: &Path, script: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let part = path.with_extension("part");
    fs::write(&part, script)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&part, fs::Permissions::from_mode(0o755))?;
    }
    fs::rename(part, path)
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_word_of_shell_is_one_word_whatever_is_in_it() {
        for (text, word) in [("/srv/www", "'/srv/www'"), ("它's $HOME; `x`", "'它'\\''s $HOME; `x`'"), ("", "''")] {
            assert_eq!(quoted(text), word);
        }
    }
}
