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

#[cfg(test)]
mod tests {
    use crate::{
        build::Options,
        diagnostic::place,
        load::{load, read_editors},
    };

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

    /// `LINE code` of each finding.
    fn said(text: &str) -> Vec<String> {
        let (_, found) = read_editors(text, "2026-11-24 09:00".parse().expect("a moment"));
        let line = |span: Option<crate::diagnostic::Span>| span.map_or(0, |span| place(text, span.start).line);
        found.iter().map(|found| format!("{} {}", line(found.span), found.code)).collect()
    }

    #[test]
    fn everybody_on_the_list_is_one_person_and_somebody_can_change_it() {
        let chief = format!("editors:\n  - id: chief\n    name: 负责人\n    admin: true\n    keys: [{KEY}]\n");
        let with = |more: &str| said(&format!("{chief}{more}"));
        assert_eq!(said(&chief), Vec::<String>::new());
        assert_eq!(
            with("  - { id: a, name: 甲, accounts: [a], reviews: [{ stage: 初审, folders: [/] }] }\n"),
            Vec::<String>::new()
        );
        assert_eq!(with("  - { id: chief, name: 甲, accounts: [a] }\n"), ["6 twice"]);
        assert_eq!(with(&format!("  - {{ id: a, name: 甲, keys: [{KEY} other] }}\n")), ["6 twice"]);
        assert_eq!(with("  - { id: a, name: 甲, accounts: [x] }\n  - { id: b, name: 乙, accounts: [X] }\n"), ["7 twice"]);
        assert_eq!(with("  - { id: 王, name: 甲, accounts: [x] }\n"), ["6 bad_id"]);
        assert_eq!(with("  - { id: a, name: 甲, keys: [nonsense] }\n"), ["6 bad_key"]);
        assert_eq!(with("  - { id: a, name: 甲, keys: ['-----BEGIN OPENSSH PRIVATE KEY-----'] }\n"), ["6 private_key"]);
        assert_eq!(with("  - { id: a, name: 甲 }\n"), ["6 unknown_editor"]);
        assert_eq!(with("  - { id: a, name: 甲, accounts: [a], reviews: [{ stage: 三审, folders: [/] }] }\n").len(), 1);
        assert_eq!(said("editors:\n  - { id: a, name: 甲, accounts: [a] }\n"), ["2 no_admin"]);
    }

    #[test]
    fn the_list_is_checked_with_the_site_and_published_nowhere() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("content")).expect("made");
        std::fs::write(folder.path().join("content/editors.yaml"), "editors: []\n").expect("written");
        let loaded = load(&Options::new(folder.path(), "2026-11-24 09:00".parse().expect("a moment")));
        assert!(loaded.diagnostics.iter().any(|found| found.code == "no_admin"), "{:?}", loaded.diagnostics);
        assert!(loaded.source.files.is_empty() && loaded.source.statics.is_empty());
    }
}
