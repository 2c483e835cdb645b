//! Personal data on pages: numbers that tell who somebody is or where to call them, and names from a list that is not for the public.

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, MatchKind};
use domain::value::{
    Telephone,
    text::{Sensitive, find_sensitive},
};

use super::{rules, text::Hit};
use crate::source::Config;

/// What may stand on pages, and what must not.
pub struct Private {
    public: BTreeSet<Telephone>,
    names: Option<AhoCorasick>,
}

impl Private {
    /// The telephones that `config` has made public, and `names` that must not appear.
    pub fn new(config: &Config, names: &[String]) -> Private {
        let public = config.telephone.iter().chain(&config.public_telephones).filter_map(|number| number.parse().ok()).collect();
        let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(names);
        Private { public, names: finder.ok().filter(|_| !names.is_empty()) }
    }

    /// What of that stands in `text`.
    pub fn look(&self, text: &str) -> Vec<Hit> {
        let mut hits: Vec<Hit> = find_sensitive(text)
            .into_iter()
            .filter(|(range, kind)| *kind != Sensitive::Telephone || !self.is_public(&text[range.clone()]))
            .map(|(range, kind)| {
                // A finding is printed in other people's terminals: it does not repeat what should not be there.
                let (rule, hint) = match kind {
                    Sensitive::IdentityNumber => {
                        (&rules::IDENTITY_NUMBER, "删掉；身份证号任何时候都不登在网页上，已经推送过的请告诉管理员清理历史")
                    }
                    Sensitive::BankCard => {
                        (&rules::BANK_CARD, "删掉；收款账号确要公布的，写一条 `silence`，说明是哪个单位的公开账号")
                    }
                    Sensitive::Telephone => (
                        &rules::TELEPHONE,
                        "私人号码请删掉；确是对外公布的办公电话，写进 `content/site.yaml` 的 `public_telephones`",
                    ),
                };
                let tail: String = text[range.clone()]
                    .chars()
                    .rev()
                    .filter(|character| character.is_alphanumeric())
                    .take(4)
                    .collect::<Vec<_>>()
                    .into_iter()
                    .rev()
                    .collect();
                Hit::new(rule, range, format!("这里有{}（末四位 {tail}）", kind.words()), hint)
            })
            .collect();
        for found in self.names.iter().flat_map(|names| names.find_iter(text)) {
            let hint = "确认是不是名单里的那个人：是，就删掉或者征得本人同意；同名的，写一条 `silence`";
            hits.push(Hit::new(&rules::LEDGER_NAME, found.start()..found.end(), "这里的姓名在不公开的名单里", hint));
        }
        hits
    }

    fn is_public(&self, written: &str) -> bool {
        written.parse::<Telephone>().is_ok_and(|number| self.public.contains(&number))
    }
}

/// The names of a list: one a line, or the columns of people in a ledger with a header.
pub fn names(list: &str) -> Vec<String> {
    const COLUMNS: [&str; 3] = ["联系人", "姓名", "联系人姓名"];
    let list = list.trim_start_matches('\u{feff}');
    // A ledger has texts of several lines in quotes.
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(list.as_bytes());
    let mut rows = reader.records().filter_map(Result::ok);
    let Some(first) = rows.next() else { return Vec::new() };
    let columns: Vec<usize> =
        first.iter().enumerate().filter(|(_, name)| COLUMNS.contains(name)).map(|(index, _)| index).collect();
    if columns.is_empty() {
        return people(std::iter::once(first).chain(rows).filter_map(|row| row.get(0).map(str::to_owned)));
    }
    people(rows.flat_map(|row| columns.iter().filter_map(|index| row.get(*index).map(str::to_owned)).collect::<Vec<_>>()))
}

/// Those of `names` that can be looked for, each once: one character is no name, and a whole sentence neither.
pub fn people(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let names: BTreeSet<String> = names.into_iter().map(|name| name.trim().to_owned()).collect();
    names.into_iter().filter(|name| (2..=20).contains(&name.chars().count())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_names_is_plain_or_a_ledger() {
        assert_eq!(names("张三丰\n李四\n\n王\n"), ["张三丰", "李四"]);
        assert_eq!(names("\u{feff}序号,企业名称,联系人\r\n1,某公司,张三丰\r\n"), ["张三丰"]);
        assert_eq!(names("摘要,联系人\n\"甲,乙\n丙\",张三丰\n"), ["张三丰"]);
        assert!(names("").is_empty());
    }
}
