//! Lists the files of a folder, sorted by path. Whatever an editor, an operating system or git leaves behind is passed over.

use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use walkdir::WalkDir;

use crate::{diagnostic::Diagnostic, stamp::Stamp};

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Path below the folder, with `/`.
    pub path: String,
    /// Where it lies.
    pub location: PathBuf,
    /// How it looked when it was found.
    pub stamp: Stamp,
}

/// The files below `folder`, which diagnostics call `shown_as`. Links that lead out of `root` and of `folder` are refused:
/// a site must not publish what lies elsewhere on the machine.
pub fn walk(folder: &Path, shown_as: &str, root: &Path) -> (Vec<Entry>, Vec<Diagnostic>) {
    let mut entries = Vec::new();
    let mut diagnostics = Vec::new();
    if !folder.is_dir() {
        return (entries, diagnostics);
    }
    let homes: Vec<PathBuf> = [root, folder].iter().filter_map(|home| home.canonicalize().ok()).collect();
    let mut found = WalkDir::new(folder).follow_links(true).into_iter();
    while let Some(next) = found.next() {
        let entry = match next {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().map_or_else(|| shown_as.to_owned(), |path| shown(path, folder, shown_as));
                diagnostics.push(unlisted(path, &error));
                continue;
            }
        };
        let is_folder = entry.file_type().is_dir();
        if entry.depth() > 0 && is_left_behind(&entry.file_name().to_string_lossy()) {
            if is_folder {
                found.skip_current_dir();
            }
            continue;
        }
        if entry.path_is_symlink() && !stays_within(entry.path(), &homes) {
            diagnostics.push(
                Diagnostic::error(shown(entry.path(), folder, shown_as), "link_outside", "这是一个指向项目之外的链接，不会发布")
                    .hint("把文件本身复制进来，不要用链接"),
            );
            if is_folder {
                found.skip_current_dir();
            }
            continue;
        }
        if is_folder {
            continue;
        }
        match relative(entry.path(), folder) {
            Some(path) => {
                // Gone since the folder was listed: as if it had never been there.
                let Ok(metadata) = entry.metadata() else { continue };
                entries.push(Entry { path, location: entry.into_path(), stamp: Stamp::of(&metadata) });
            }
            None => diagnostics.push(
                Diagnostic::error(shown(entry.path(), folder, shown_as), "file_name", "文件名不是 UTF-8 编码，无法用作网址")
                    .hint("给文件换一个名字，用中文、小写字母、数字和连字符都可以"),
            ),
        }
    }
    entries.sort_by(|one, other| one.path.cmp(&other.path));
    (entries, diagnostics)
}

/// Dotfiles, swap and backup files of editors, lock files of office programs, folder settings of operating systems.
/// `.well-known` is kept: hosts are verified through it.
pub fn is_left_behind(name: &str) -> bool {
    if name.starts_with('.') {
        return name != ".well-known";
    }
    name.starts_with("~$")
        || name.ends_with('~')
        || (name.starts_with('#') && name.ends_with('#'))
        || ["Thumbs.db", "desktop.ini", "4913", "__MACOSX"].contains(&name)
        || [".swp", ".swo", ".swx", ".bak", ".tmp", ".orig", ".rej", ".crdownload"].iter().any(|end| name.ends_with(end))
}

fn stays_within(path: &Path, homes: &[PathBuf]) -> bool {
    path.canonicalize().is_ok_and(|target| homes.iter().any(|home| target.starts_with(home)))
}

fn unlisted(file: String, error: &walkdir::Error) -> Diagnostic {
    if error.loop_ancestor().is_some() {
        return Diagnostic::error(file, "link_loop", "这个链接指回了它所在的文件夹，会没完没了").hint("删掉这个链接");
    }
    let reason = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
    Diagnostic::error(file, "unreadable", format!("读不到：{reason}"))
        .hint("看看文件还在不在，有没有读取权限；如果是链接，看看它指向的文件还在不在")
}

/// The path below `folder`, which it begins with, with `/`; when all its names are UTF-8.
fn relative(path: &Path, folder: &Path) -> Option<String> {
    let below = path.as_os_str().as_encoded_bytes().get(folder.as_os_str().len()..)?;
    Some(std::str::from_utf8(below).ok()?.trim_start_matches(MAIN_SEPARATOR).replace(MAIN_SEPARATOR, "/"))
}

fn shown(path: &Path, folder: &Path, shown_as: &str) -> String {
    let below = path.strip_prefix(folder).unwrap_or(path);
    let names: Vec<_> = std::iter::once(shown_as.into()).chain(below.iter().map(|name| name.to_string_lossy())).collect();
    names.join("/")
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    #[test]
    fn links_are_followed_within_the_root_and_refused_out_of_it() {
        let elsewhere = tempfile::tempdir().expect("a folder");
        fs::write(elsewhere.path().join("secret.md"), "x").expect("written");
        let root = tempfile::tempdir().expect("a folder");
        let content = root.path().join("content");
        fs::create_dir_all(content.join("a")).expect("made");
        fs::write(content.join("a/page.md"), "x").expect("written");
        fs::write(content.join(".hidden.md"), "x").expect("written");
        symlink(content.join("a/page.md"), content.join("again.md")).expect("linked");
        symlink(elsewhere.path().join("secret.md"), content.join("secret.md")).expect("linked");
        symlink(elsewhere.path(), content.join("folder")).expect("linked");
        symlink(&content, content.join("a/loop")).expect("linked");
        symlink(content.join("nowhere"), content.join("dangling.md")).expect("linked");

        let (entries, diagnostics) = walk(&content, "content", root.path());
        let paths: Vec<_> = entries.iter().map(|entry| entry.path.as_str()).collect();
        assert_eq!(paths, ["a/page.md", "again.md"]);
        let mut said: Vec<_> = diagnostics.iter().map(|diagnostic| (diagnostic.file.as_str(), diagnostic.code)).collect();
        said.sort_unstable();
        assert_eq!(
            said,
            [
                ("content/a/loop", "link_loop"),
                ("content/dangling.md", "unreadable"),
                ("content/folder", "link_outside"),
                ("content/secret.md", "link_outside"),
            ]
        );
    }

    #[test]
    fn what_editors_and_systems_leave_behind_is_passed_over() {
        let root = tempfile::tempdir().expect("a folder");
        for name in [".git", ".DS_Store", ".a.md.swp", "a.md~", "~$plan.docx", "#a.md#", "Thumbs.db", "a.md.bak"] {
            fs::write(root.path().join(name), "x").expect("written");
        }
        fs::create_dir_all(root.path().join("static/.well-known")).expect("made");
        fs::write(root.path().join("static/.well-known/proof.txt"), "x").expect("written");
        fs::write(root.path().join("a.md"), "x").expect("written");
        let (entries, diagnostics) = walk(root.path(), "content", root.path());
        let paths: Vec<_> = entries.iter().map(|entry| entry.path.as_str()).collect();
        assert_eq!(paths, ["a.md", "static/.well-known/proof.txt"]);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
    }
}
