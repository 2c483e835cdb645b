//! `content/editors.yaml`: who may write where and who may review what.
//!
//! The documentation of structs and fields here is Chinese because editors read it, as in `kinds`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The file, from the top of the repository.
pub const FILE: &str = "content/editors.yaml";

/// 编辑名单：谁能写哪里、谁能审什么。有了这个文件，推送到正式分支的每一处改动都要认得出是谁做的。
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Editors {
    /// 名单：一人一项。
    pub editors: Vec<Editor>,
    /// 不认人的文件夹：认不出是谁的改动，也可以进这些文件夹；不写就是哪里都不行。
    #[serde(default)]
    pub anyone: Vec<String>,
}

/// 一位编辑。
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Editor {
    /// 代号：小写字母、数字、连字符，定了就不改。
    pub id: String,
    /// 称呼：也可以只写科室与职务，如「办公室编辑」。
    pub name: String,
    /// 公钥：签提交用的 SSH 公钥，`.pub` 文件里的那一行。
    #[serde(default)]
    pub keys: Vec<String>,
    /// 账号：在代码托管平台（Gitea、Forgejo、GitHub 等）的登录名。
    #[serde(default)]
    pub accounts: Vec<String>,
    /// 能写的文件夹：从 `content/` 算起，如 `activities/`；`/` 是全部。
    #[serde(default)]
    pub writes: Vec<String>,
    /// 能审的：哪一审、哪些文件夹。
    #[serde(default)]
    pub reviews: Vec<Reviews>,
    /// 负责人：能改名单、站点设置、数据、表单、主题等人人受影响的文件。
    #[serde(default)]
    pub admin: bool,
}

/// 能审哪一审、哪些文件夹。
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reviews {
    /// 哪一审：`初审`、`复审` 或 `终审`。
    pub stage: Stage,
    /// 文件夹：从 `content/` 算起；`/` 是全部。
    pub folders: Vec<String>,
}

/// 三审中的一审。
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Stage {
    /// 初审
    #[serde(rename = "初审")]
    First,
    /// 复审
    #[serde(rename = "复审")]
    Second,
    /// 终审
    #[serde(rename = "终审")]
    Final,
}

impl Stage {
    /// In the order in which they are given.
    pub const ALL: [Stage; 3] = [Stage::First, Stage::Second, Stage::Final];

    /// As people write it.
    pub fn word(self) -> &'static str {
        match self {
            Stage::First => "初审",
            Stage::Second => "复审",
            Stage::Final => "终审",
        }
    }

    /// The stage called `word`.
    pub fn named(word: &str) -> Option<Stage> {
        Stage::ALL.into_iter().find(|stage| stage.word() == word)
    }
}

impl Editors {
    /// The editor with that account; forges do not tell capitals apart.
    pub fn with_account(&self, account: &str) -> Option<&Editor> {
        self.editors.iter().find(|editor| editor.accounts.iter().any(|known| known.eq_ignore_ascii_case(account)))
    }

    /// The editor called `id`.
    pub fn get(&self, id: &str) -> Option<&Editor> {
        self.editors.iter().find(|editor| editor.id == id)
    }

    /// Somebody whom nobody could recognise may change `path`.
    pub fn anyone_writes(&self, path: &str) -> bool {
        covered(&self.anyone, path)
    }

    /// Somebody is left who can change the list itself and can be recognised.
    pub fn has_admin(&self) -> bool {
        self.editors.iter().any(|editor| editor.admin && !(editor.keys.is_empty() && editor.accounts.is_empty()))
    }
}

impl Editor {
    /// May change `path`, which nothing protects.
    pub fn writes(&self, path: &str) -> bool {
        covered(&self.writes, path)
    }

    /// May give this stage to `path`.
    pub fn reviews(&self, stage: Stage, path: &str) -> bool {
        self.reviews.iter().any(|reviews| reviews.stage == stage && covered(&reviews.folders, path))
    }

    /// May give some stage to `path`.
    pub fn reviews_any(&self, path: &str) -> bool {
        self.reviews.iter().any(|reviews| covered(&reviews.folders, path))
    }
}

/// One of `folders` (below `content/`) holds `path` (from the top of the repository), or is it.
fn covered(folders: &[String], path: &str) -> bool {
    let Some(path) = path.strip_prefix("content/") else { return false };
    folders.iter().any(|folder| {
        let folder = folder.trim_matches('/');
        folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Type and base64 of a public key line; none when it is not one that signs. Options and comments are left out: what goes into the
/// list that `ssh-keygen` reads must not say more than which key it is.
pub fn key(line: &str) -> Option<(&str, &str)> {
    const TYPES: [&str; 7] = [
        "ssh-ed25519",
        "sk-ssh-ed25519@openssh.com",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "sk-ecdsa-sha2-nistp256@openssh.com",
        "ssh-rsa",
    ];
    let mut words = line.split_ascii_whitespace();
    let (kind, blob) = (words.next()?, words.next()?);
    let bytes = data_encoding::BASE64.decode(blob.as_bytes()).ok()?;
    // A key repeats its type inside: a length of four bytes, then the name.
    let named = bytes.get(4..4 + kind.len()) == Some(kind.as_bytes());
    (TYPES.contains(&kind) && named).then_some((kind, blob))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_covers_what_lies_in_it_and_nothing_that_only_begins_alike() {
        let folders = |folder: &str| vec![folder.to_owned()];
        for (folder, path, expected) in [
            ("/", "content/a.md", true),
            ("courses/", "content/courses/a.md", true),
            ("courses", "content/courses/2026/a.md", true),
            ("/courses/", "content/courses/a.md", true),
            ("courses", "content/courses-old/a.md", false),
            ("courses", "content/a.md", false),
            ("courses/a.md", "content/courses/a.md", true),
            ("/", "themes/xiangshang/templates/base.html", false),
            ("themes", "themes/a", false),
        ] {
            assert_eq!(covered(&folders(folder), path), expected, "{folder} {path}");
        }
    }

    #[test]
    fn a_key_is_its_type_and_its_bytes_and_nothing_else() {
        const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
        assert!(key(KEY).is_some());
        assert_eq!(key(&format!("{KEY} wang@office")).map(|(kind, _)| kind), Some("ssh-ed25519"));
        for wrong in [
            "",
            "ssh-ed25519",
            "ssh-ed25519 AAAA",
            "cert-authority ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
            "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
            "-----BEGIN OPENSSH PRIVATE KEY-----",
        ] {
            assert_eq!(key(wrong), None, "{wrong}");
        }
    }
}
