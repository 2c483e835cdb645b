//! A failure in words for whoever typed the command, with what to do about it.

use std::{fmt, io};

/// What went wrong and the remedy, both in Chinese.
#[derive(Debug)]
pub struct Failure {
    what: String,
    remedy: String,
}

impl Failure {
    /// A failure with its remedy.
    pub fn new(what: impl Into<String>, remedy: &str) -> Failure {
        Failure { what: what.into(), remedy: remedy.to_owned() }
    }
}

/// An error for whoever typed the command. What the system says in English is said in Chinese with what to do about it, as far as it is known.
pub fn words(error: &anyhow::Error) -> String {
    let mut parts: Vec<String> = error.chain().map(ToString::to_string).collect();
    match error.root_cause().downcast_ref::<io::Error>().and_then(of_the_system) {
        Some((what, remedy)) => {
            parts.pop();
            parts.push(what.to_owned());
            format!("{}\n怎么办：{remedy}", parts.join("："))
        }
        None => parts.join("："),
    }
}

/// What the system refused and the remedy.
fn of_the_system(error: &io::Error) -> Option<(&'static str, &'static str)> {
    Some(match error.kind() {
        io::ErrorKind::NotFound => ("没有这个文件，或者它的文件夹还没有建", "核对路径；文件夹没有的先建好"),
        io::ErrorKind::PermissionDenied => ("没有权限", "换一个有权限的用户运行，例如 sudo -u xiangshang …，或换一个位置"),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ("磁盘满了", "腾出空间再试，或换一个位置"),
        io::ErrorKind::ReadOnlyFilesystem => ("磁盘是只读的", "换一个位置"),
        io::ErrorKind::IsADirectory => ("这是文件夹", "写明文件名"),
        io::ErrorKind::NotADirectory => ("路径中间有一段不是文件夹", "核对路径"),
        io::ErrorKind::AlreadyExists => ("这个名字已经是一个文件", "核对路径，换一个名字"),
        io::ErrorKind::InvalidData => ("里面不是文字", "核对是不是这个文件"),
        _ => return None,
    })
}

/// The same for what was kept only in words: those of the system's errors, and of SQLite's.
pub fn reason_in_words(reason: &str) -> (String, &'static str) {
    const KNOWN: [(&[&str], &str, &str); 6] = [
        (&["disk is full", "os error 28", "os error 122"], "磁盘满了", "腾出空间再试，或换一个位置"),
        (
            &["readonly", "os error 13", "os error 30", "os error 1)"],
            "没有写的权限",
            "换一个有权限的用户运行，例如 sudo -u xiangshang …，或换一个位置",
        ),
        (&["not a database"], "这不是数据文件", "核对是不是这个文件"),
        (&["malformed", "damaged"], "文件坏了", "用最近一份好的备份恢复：xiangshang restore 备份 --force"),
        (
            &["os error 2)", "os error 20)", "unable to open"],
            "没有这个文件夹，或者建不了",
            "核对路径，以及对这个文件夹有没有写的权限",
        ),
        (&["os error 17)", "os error 21)"], "路径里有一段已经是别的文件或文件夹", "核对路径，换一个名字"),
    ];
    let known = KNOWN.iter().find(|(signs, ..)| signs.iter().any(|sign| reason.contains(sign)));
    match known {
        Some((_, what, remedy)) => ((*what).to_owned(), remedy),
        None => (reason.to_owned(), "检查磁盘空间，以及对这个文件夹有没有写的权限"),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n怎么办：{}", self.what, self.remedy)
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn what_the_system_says_is_said_in_chinese_with_what_to_do() {
        let error = std::fs::read("nowhere/x").context("不能读 `nowhere/x`").expect_err("it is not there");
        let words = words(&error);
        assert_eq!(words, "不能读 `nowhere/x`：没有这个文件，或者它的文件夹还没有建\n怎么办：核对路径；文件夹没有的先建好");
    }

    #[test]
    fn a_failure_keeps_its_own_remedy() {
        let error = anyhow::Error::new(Failure::new("没有备份", "再试一次")).context("停下了");
        assert_eq!(words(&error), "停下了：没有备份\n怎么办：再试一次");
    }

    #[test]
    fn what_sqlite_says_is_said_in_chinese() {
        for (reason, what) in [
            ("database or disk is full", "磁盘满了"),
            ("attempt to write a readonly database", "没有写的权限"),
            ("file is not a database", "这不是数据文件"),
            ("database disk image is malformed", "文件坏了"),
            ("it is damaged: row 3 missing from index", "文件坏了"),
            ("No such file or directory (os error 2)", "没有这个文件夹，或者建不了"),
            ("something else", "something else"),
        ] {
            assert_eq!(reason_in_words(reason).0, what, "{reason}");
        }
    }
}
