//! `site-gen check --fix`: shows what would be mended as a diff, and writes it when it is told to. Each file gets its new text in one step, and only when
//! it still holds what was shown.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use similar::{ChangeTag, TextDiff};
use tempfile::NamedTempFile;

use crate::{diagnostic::Colours, doctor::Mended};

/// What would be mended, as a diff of lines.
pub fn diff(mended: &[Mended], colours: Colours) -> String {
    let (red, green, bold, plain) = match colours {
        Colours::Plain => ("", "", "", ""),
        Colours::Ansi => ("\u{1b}[31m", "\u{1b}[32m", "\u{1b}[1m", "\u{1b}[0m"),
    };
    let mut out = String::new();
    for Mended { file, before, after, places } in mended {
        out.push_str(&format!("{bold}{file}{plain}（{places} 处）\n"));
        let diff = TextDiff::from_lines(before, after);
        for group in diff.grouped_ops(1) {
            for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
                let line = change.value().trim_end_matches('\n');
                let number = |index: Option<usize>| index.map_or(String::new(), |index| (index + 1).to_string());
                out.push_str(&match change.tag() {
                    ChangeTag::Delete => format!("{red}{:>5} - {line}{plain}\n", number(change.old_index())),
                    ChangeTag::Insert => format!("{green}{:>5} + {line}{plain}\n", number(change.new_index())),
                    ChangeTag::Equal => format!("{:>5}   {line}\n", number(change.old_index())),
                });
            }
            out.push('\n');
        }
    }
    out
}

/// 「3 个文件，7 处」
pub fn summary(mended: &[Mended]) -> String {
    format!("{} 个文件，{} 处", mended.len(), mended.iter().map(|mended| mended.places).sum::<usize>())
}

/// Writes what was shown. An error names the file that could not be written; those before it are written, those behind it are not.
pub fn write(root: &Path, mended: &[Mended]) -> anyhow::Result<()> {
    for (done, mended) in mended.iter().enumerate() {
        write_one(root, mended).with_context(|| {
            let before = if done == 0 { String::new() } else { format!("，前面 {done} 个文件已经改好") };
            format!("没有改 `{}`{before}", mended.file)
        })?;
    }
    Ok(())
}

fn write_one(root: &Path, mended: &Mended) -> anyhow::Result<()> {
    let path = located(root, &mended.file)?;
    let bytes = fs::read(&path).context("读不到这个文件")?;
    let written = Written::of(&bytes).filter(|written| written.text == mended.before);
    let Some(written) = written else { bail!("它刚刚被别的程序改过\n提示：再运行一次 `site-gen check --fix`") };
    let folder = path.parent().context("文件不在任何文件夹里")?;
    let mut file = NamedTempFile::new_in(folder).context("无法在它旁边新建文件")?;
    file.write_all(&written.like(&mended.after)).context("写不进去")?;
    file.as_file().set_permissions(fs::metadata(&path)?.permissions()).context("无法保持它的权限")?;
    file.as_file().sync_all().context("写不进去")?;
    file.persist(&path).context("无法替换它")?;
    Ok(())
}

/// Where the file really lies. A link that leads out of the site is not followed.
fn located(root: &Path, file: &str) -> anyhow::Result<PathBuf> {
    let root = root.canonicalize().context("找不到网站的文件夹")?;
    let path = root.join(file).canonicalize().context("找不到这个文件")?;
    ensure!(path.starts_with(&root), "它是一个链接，指向网站之外的 `{}`\n提示：到那里去改", path.display());
    Ok(path)
}

/// A text and how it stands in its file.
struct Written {
    text: String,
    mark: bool,
    /// Every line ends in CRLF.
    returns: bool,
}

impl Written {
    fn of(bytes: &[u8]) -> Option<Written> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (text, mark) = text.strip_prefix('\u{feff}').map_or((text, false), |text| (text, true));
        let returns = text.contains("\r\n") && text.matches('\n').count() == text.matches("\r\n").count();
        Some(Written { text: text.replace("\r\n", "\n").replace('\r', "\n"), mark, returns })
    }

    /// `text` as bytes of the same kind.
    fn like(&self, text: &str) -> Vec<u8> {
        let text = if self.returns { text.replace('\n', "\r\n") } else { text.to_owned() };
        let mark: &[u8] = if self.mark { b"\xef\xbb\xbf" } else { b"" };
        [mark, text.as_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn site(bytes: &[u8]) -> (TempDir, PathBuf) {
        let folder = TempDir::new().expect("a folder");
        fs::create_dir_all(folder.path().join("content")).expect("made");
        let path = folder.path().join("content/a.md");
        fs::write(&path, bytes).expect("written");
        (folder, path)
    }

    fn mended(before: &str, after: &str) -> Mended {
        Mended { file: "content/a.md".to_owned(), before: before.to_owned(), after: after.to_owned(), places: 1 }
    }

    #[test]
    fn a_file_keeps_its_mark_and_its_line_ends() {
        let (folder, path) = site("\u{feff}甲\r\n乙,丙\r\n".as_bytes());
        write(folder.path(), &[mended("甲\n乙,丙\n", "甲\n乙，丙\n")]).expect("written");
        assert_eq!(fs::read_to_string(&path).expect("read"), "\u{feff}甲\r\n乙，丙\r\n");
        let left: Vec<_> = fs::read_dir(folder.path().join("content")).expect("listed").collect();
        assert_eq!(left.len(), 1, "nothing is left beside it");
    }

    #[test]
    fn what_was_changed_meanwhile_is_left_alone() {
        let (folder, path) = site("别的".as_bytes());
        let error = write(folder.path(), &[mended("甲", "乙")]).expect_err("it is another text");
        assert!(format!("{error:#}").contains("改过"), "{error:#}");
        assert_eq!(fs::read_to_string(&path).expect("read"), "别的");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_site_is_not_followed() {
        let (folder, path) = site(b"");
        let outside = TempDir::new().expect("a folder");
        let target = outside.path().join("a.md");
        fs::write(&target, "甲").expect("written");
        fs::remove_file(&path).expect("removed");
        std::os::unix::fs::symlink(&target, &path).expect("linked");
        assert!(write(folder.path(), &[mended("甲", "乙")]).is_err());
        assert_eq!(fs::read_to_string(&target).expect("read"), "甲");
    }

    #[test]
    fn a_diff_shows_both_lines_with_their_numbers() {
        let shown = diff(&[mended("甲\n乙,丙\n丁\n", "甲\n乙，丙\n丁\n")], Colours::Plain);
        assert_eq!(shown, "content/a.md（1 处）\n    1   甲\n    2 - 乙,丙\n    2 + 乙，丙\n    3   丁\n\n");
    }
}
