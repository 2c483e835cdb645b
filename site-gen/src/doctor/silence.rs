//! What editors have silenced: in a page's front matter for that page, in `site.yaml` for the whole site, each with a reason. A silence that silences
//! nothing is told, and so is one without a reason.

use std::collections::HashMap;

use super::{Finding, rules};
use crate::{
    diagnostic::{Diagnostic, Severity, Span, Texts},
    kinds::Silence,
    load::{front, words::nearest, yaml},
    source::{CONFIG, Source},
};

/// Warnings of a build, which may be silenced as well. Its errors may not: no site comes of them.
const WARNINGS: [&str; 15] = [
    "broken_link",
    "checked_long_ago",
    "emphasis",
    "expired",
    "future_date",
    "heading_level",
    "hidden_link",
    "hidden_unchecked",
    "no_replacement",
    "no_site_code",
    "no_status_note",
    "past_validity",
    "scoreboard_ahead",
    "unknown_data",
    "unknown_size",
];

/// A silence and the file in which it stands.
struct Entry<'a> {
    file: &'a str,
    index: usize,
    silence: &'a Silence,
    used: bool,
}

/// What is left of `found` when the silences of `source` are kept; with what is wrong with them.
pub fn apply(found: Vec<Finding>, source: &Source, texts: &Texts) -> Vec<Finding> {
    let lists: Vec<(String, &[Silence])> = source.silences().collect();
    let mut entries: Vec<Entry<'_>> = lists
        .iter()
        .flat_map(|(file, silences)| {
            silences.iter().enumerate().map(move |(index, silence)| Entry { file, index, silence, used: false })
        })
        .collect();
    let mut by_file: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, entry) in entries.iter().enumerate() {
        by_file.entry(entry.file).or_default().push(at);
    }
    let mut left: Vec<Finding> = Vec::with_capacity(found.len());
    for finding in found {
        let Diagnostic { file, code, severity, .. } = &finding.diagnostic;
        // An error of a build stays whatever is written.
        let may = rules::named(code).is_some() || *severity == Severity::Warning;
        let own = by_file.get(file.as_str()).into_iter().flatten();
        let everywhere = by_file.get(CONFIG).into_iter().flatten();
        let silenced: Vec<usize> =
            own.chain(everywhere).copied().filter(|at| may && entries[*at].silence.rule == *code).collect();
        if silenced.is_empty() {
            left.push(finding);
        }
        for at in silenced {
            entries[at].used = true;
        }
    }
    left.extend(entries.iter().filter_map(|entry| wrong(entry, texts)));
    left
}

/// What is wrong with a silence.
fn wrong(entry: &Entry<'_>, texts: &Texts) -> Option<Finding> {
    let Silence { rule, why } = entry.silence;
    let known = rules::named(rule).is_some() || WARNINGS.contains(&rule.as_str()) || entry.used;
    let (error, code, key, message, hint) = if !known {
        let names = rules::ALL.iter().map(|rule| rule.name).chain(WARNINGS);
        let hint = nearest(rule, names).map_or(
            "运行 `site-gen check --rules` 看有哪些规则；生成网站的错误不能不管".to_owned(),
            |meant| format!("是不是想写 `rule: {meant}`？"),
        );
        (true, "unknown_silence", "rule", format!("没有叫 `{rule}` 的规则可以不提示"), hint)
    } else if why.trim().chars().count() < 4 {
        (
            true,
            "silence_without_reason",
            "why",
            format!("不再提示 `{rule}`，却没有写清原因"),
            "在 `why:` 后面写一句话，让后来的人知道为什么可以不管".to_owned(),
        )
    } else if !entry.used {
        (
            false,
            "unused_silence",
            "rule",
            format!("`{rule}` 已经没有要提示的了"),
            "删掉这一条，免得以后真有问题时看不见".to_owned(),
        )
    } else {
        return None;
    };
    // A key that is not there has been told by whoever read the file.
    let at = locate(texts, entry, key)?;
    let new = if error { Diagnostic::error } else { Diagnostic::warning };
    Some(Finding { diagnostic: new(entry.file.to_owned(), code, message).at(at).hint(hint), edits: Vec::new() })
}

fn locate(texts: &Texts, entry: &Entry<'_>, key: &str) -> Option<Span> {
    let text = texts.get(entry.file)?;
    let at = if entry.file == CONFIG { Span::new(0, text.len()) } else { front::part(entry.file, text).at };
    let index = entry.index.to_string();
    Some(yaml::locate(&text[at.start..at.end], &["silence", &index, key])?.shifted(at.start))
}
