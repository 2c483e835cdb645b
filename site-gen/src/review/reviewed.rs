//! What of a file is reviewed: all that a reader is told.
//!
//! Front matter holds most of what pages of policies, resources and events say, so it is reviewed like the text below it; only a short
//! list of housekeeping keys may change without anybody's approval being lost: whether and when a page is shown, when it was last looked at,
//! how many seats the telephone has taken. How YAML is written (quotes, order, blank lines) is no change: the editor in the browser writes
//! it anew each time.

use crate::load::{
    front,
    yaml::{self, Node, Value},
};

/// Keys, by their path, whose values say nothing that would have to be reviewed. `status` is one: a meeting is called off at once.
const HOUSEKEEPING: [&str; 10] = [
    "draft",
    "date",
    "updated",
    "expires",
    "checked",
    "weight",
    "event.status",
    "event.registration.onsite_reserved",
    "event.registration.online_reserved",
    "event.registration.slots.*.taken",
];

/// A version of a file as a reviewer looks at it. Two that are equal say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewed {
    /// Stands for what is said.
    pub words: Words,
    /// A page that is not published.
    pub draft: bool,
}

/// A hash of what a file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words(blake3::Hash);

/// A page: what its front matter and its text say.
pub fn page(bytes: &[u8]) -> Reviewed {
    let whole = || Reviewed { words: Words(blake3::hash(bytes)), draft: false };
    let Ok(text) = std::str::from_utf8(bytes) else { return whole() };
    let parted = front::part("", text);
    if parted.problem.is_some() {
        return whole();
    }
    let Ok(Some(tree)) = yaml::tree(&text[parted.at.start..parted.at.end]) else { return whole() };
    let mut hasher = blake3::Hasher::new();
    if !say(&tree, &mut Vec::new(), &mut hasher) {
        return whole();
    }
    hasher.update(b"\0body\0");
    hasher.update(text[parted.body..].trim().as_bytes());
    Reviewed { words: Words(hasher.finalize()), draft: is_draft(&tree) }
}

/// Any other file, by the name that git gives to its bytes.
pub fn file(blob: &str) -> Reviewed {
    Reviewed { words: Words(blake3::hash(blob.as_bytes())), draft: false }
}

/// `draft: true`, once and in plain words. Anything else counts as published, so that it is looked at.
fn is_draft(tree: &Node) -> bool {
    let Value::Map(entries) = &tree.value else { return false };
    let mut said = entries.iter().filter(|(key, _)| key.text() == Some("draft"));
    let only = said.next().filter(|_| said.next().is_none());
    only.is_some_and(|(_, value)| matches!(&value.value, Value::Scalar { text, plain: true } if text == "true"))
}

/// Hashes a value without its housekeeping, keys in the order of their names. False when it says something by reference or says a key
/// twice, which can be read in more than one way: then every byte counts.
fn say(node: &Node, path: &mut Vec<String>, hasher: &mut blake3::Hasher) -> bool {
    match &node.value {
        Value::Alias => return false,
        Value::Scalar { text, plain } => {
            // Whether it is quoted matters only where it could be a number, a truth or nothing.
            let kind = if *plain && is_ambiguous(text) { b"p" } else { b"s" };
            hasher.update(kind);
            length(text.len(), hasher);
            hasher.update(text.as_bytes());
        }
        Value::List(items) => {
            hasher.update(b"[");
            length(items.len(), hasher);
            path.push("*".to_owned());
            let fine = items.iter().all(|item| say(item, path, hasher));
            path.pop();
            return fine;
        }
        Value::Map(entries) => {
            let mut named: Vec<(&str, &Node)> = Vec::with_capacity(entries.len());
            for (key, value) in entries {
                let Some(name) = key.text() else { return false };
                named.push((name, value));
            }
            named.sort_by_key(|(name, _)| *name);
            if named.windows(2).any(|pair| pair[0].0 == pair[1].0) {
                return false;
            }
            hasher.update(b"{");
            for (name, value) in named {
                path.push(name.to_owned());
                let housekeeping = HOUSEKEEPING.contains(&path.join(".").as_str());
                let fine = housekeeping || {
                    length(name.len(), hasher);
                    hasher.update(name.as_bytes());
                    say(value, path, hasher)
                };
                path.pop();
                if !fine {
                    return false;
                }
            }
            hasher.update(b"}");
        }
    }
    true
}

/// Before each text stands its length, so that no two texts run into one.
fn length(length: usize, hasher: &mut blake3::Hasher) {
    hasher.update(&(length as u64).to_le_bytes());
}

/// Unquoted it may be something else than a text.
fn is_ambiguous(text: &str) -> bool {
    text.is_empty()
        || text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '+' | '.' | '~'))
        || ["true", "false", "yes", "no", "on", "off", "null"].contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "---\ntitle: 茶\ndate: 2026-11-01\ndraft: true\nevent:\n  place: 会客厅\n  status: scheduled\n  registration: { id: a, onsite_reserved: 1 }\n---\n正文\n";

    #[test]
    fn what_says_the_same_is_the_same() {
        let page = page(PAGE.as_bytes());
        assert!(page.draft);
        for (from, to) in [
            ("draft: true\n", ""),
            ("draft: true", "draft: false"),
            ("date: 2026-11-01", "date: 2026-12-01"),
            ("onsite_reserved: 1", "onsite_reserved: 9"),
            ("status: scheduled", "status: cancelled"),
            ("title: 茶", "title: \"茶\""),
            ("title: 茶\ndate: 2026-11-01\n", "date: 2026-11-01\ntitle: 茶\n"),
            ("---\n正文\n", "---\n\n正文\n\n"),
        ] {
            assert!(PAGE.contains(from), "{from}");
            assert_eq!(super::page(PAGE.replace(from, to).as_bytes()).words, page.words, "{from} → {to}");
        }
    }

    #[test]
    fn what_says_something_else_is_not_the_same() {
        let page = page(PAGE.as_bytes());
        for (from, to) in [
            ("title: 茶", "title: 酒"),
            ("会客厅", "会议室"),
            ("正文", "正 文"),
            ("id: a", "id: b"),
            ("---\n正文", "---\ndraft: true\n正文"),
            ("title: 茶", "title: 茶\nsummary: 一"),
            ("status: scheduled", "status: scheduled\n  status_note: 改到下周"),
            ("  status: scheduled", "  date: 一"),
            ("draft: true", "draft: true\ndraft: false"),
            ("title: 茶", "title: &a 茶\nsummary: *a"),
        ] {
            assert!(PAGE.contains(from), "{from}");
            assert_ne!(super::page(PAGE.replace(from, to).as_bytes()).words, page.words, "{from} → {to}");
        }
    }

    #[test]
    fn only_a_plain_true_is_a_draft() {
        for (written, draft) in [
            ("draft: true", true),
            ("draft: true # 写好再删", true),
            ("draft: false", false),
            ("draft: \"true\"", false),
            ("draft: True", false),
            ("draft: true\ndraft: false", false),
            ("x: { draft: true }", false),
            ("title: a", false),
        ] {
            assert_eq!(page(format!("---\n{written}\n---\n").as_bytes()).draft, draft, "{written}");
        }
        assert!(!page(b"---\ndraft: true\n").draft, "no closing fence");
        assert!(!page(b"\xff").draft);
    }
}
