//! Rules of `editors.yaml`.

use std::collections::BTreeMap;

use super::Report;
use crate::{
    review::editors::{Editors, key},
    slug::slug,
};

/// The list of editors: everybody is one person, and known by what is nobody else's.
pub fn editors(editors: &Editors, report: &mut Report<'_>) {
    let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
    let mut keys: BTreeMap<&str, usize> = BTreeMap::new();
    let mut accounts: BTreeMap<String, usize> = BTreeMap::new();
    for (index, editor) in editors.editors.iter().enumerate() {
        let at = format!("editors.{index}");
        report.filled(&format!("{at}.name"), &editor.name, "称呼");
        if !is_id(&editor.id) {
            let right = slug(&editor.id);
            let hint = if right.is_empty() { "写成 `id: wang` 这样".to_owned() } else { format!("写成 `id: {right}`") };
            report.error("bad_id", &format!("{at}.id"), format!("代号只用小写字母、数字和连字符：`{}`", editor.id)).hint(hint);
        }
        if let Some(other) = ids.insert(&editor.id, index) {
            report.error("twice", &format!("{at}.id"), format!("第 {} 个人也叫 `{}`", other + 1, editor.id)).hint("换一个代号");
        }
        for (place, line) in editor.keys.iter().enumerate() {
            let path = format!("{at}.keys.{place}");
            match key(line) {
                None if line.contains("PRIVATE KEY") => report
                    .error("private_key", &path, "这是私钥，谁拿到它就能冒充这个人")
                    .hint("马上删掉，并用 `ssh-keygen -t ed25519` 换一对新的；这里写 `.pub` 文件里的那一行"),
                None => report
                    .error("bad_key", &path, "不像一行 SSH 公钥")
                    .hint("打开 `~/.ssh/id_ed25519.pub`，把 `ssh-ed25519 AAAA…` 那一行原样贴过来"),
                Some((_, blob)) => {
                    if let Some(other) = keys.insert(blob, index) {
                        report
                            .error("twice", &path, format!("第 {} 个人也用这把公钥，认不出是谁", other + 1))
                            .hint("一人一把；同一个人只写一次");
                    }
                }
            }
        }
        for (place, account) in editor.accounts.iter().enumerate() {
            let path = format!("{at}.accounts.{place}");
            report.filled(&path, account, "账号");
            if let Some(other) = accounts.insert(account.to_ascii_lowercase(), index).filter(|other| *other != index) {
                report
                    .error("twice", &path, format!("第 {} 个人也用账号 `{account}`，认不出是谁", other + 1))
                    .hint("一人一个账号");
            }
        }
        if editor.keys.is_empty() && editor.accounts.is_empty() {
            report
                .warning("unknown_editor", &at, format!("认不出 `{}`：没有公钥，也没有账号", editor.id))
                .hint("写上 `keys`（签提交用的公钥）或 `accounts`（代码托管平台的登录名）");
        }
    }
    if !editors.has_admin() {
        report
            .error("no_admin", "editors", "没有认得出的负责人，以后谁也改不了这份名单")
            .hint("至少给一个人写上 `admin: true`，并写上他的 `keys` 或 `accounts`");
    }
}

fn is_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !id.is_empty() && id.len() <= 40 && id.bytes().all(plain) && !id.starts_with('-')
}
