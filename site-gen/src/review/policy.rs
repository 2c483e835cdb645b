//! What holds in a repository: the list of editors and whether pages must be reviewed, as the published branch says so far. A push
//! cannot change by which rules it is judged.

use anyhow::bail;
use domain::Moment;

use super::{
    editors::{self, Editors},
    git::{Id, Versions},
};
use crate::{
    diagnostic::Diagnostic,
    load::{read_editors, yaml},
};

const SETTINGS: &str = "content/site.yaml";

/// The rules of one commit.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Who may do what.
    pub editors: Editors,
    /// Every page needs its three approvals before it is published.
    pub required: bool,
}

impl Policy {
    /// The rules that stand in `commit`; none when it has no list of editors.
    pub fn at(versions: &mut Versions, commit: &Id) -> anyhow::Result<Option<Policy>> {
        let Some((editors, mistakes)) = editors_at(versions, commit)? else { return Ok(None) };
        let Some(editors) = editors.filter(|_| !mistakes.iter().any(Diagnostic::is_error)) else {
            bail!("正式分支上的 `{}` 有错，认不出谁是谁\n提示：请能进服务器的人在仓库里把它改好，或者先停用钩子", editors::FILE);
        };
        let settings = versions.bytes(&format!("{commit}:{SETTINGS}"))?.unwrap_or_default();
        Ok(Some(Policy { editors, required: required(&String::from_utf8_lossy(&settings)) }))
    }
}

/// The list in `commit` and what is wrong with it; none when there is no list.
pub fn editors_at(versions: &mut Versions, commit: &Id) -> anyhow::Result<Option<(Option<Editors>, Vec<Diagnostic>)>> {
    let Some(bytes) = versions.bytes(&format!("{commit}:{}", editors::FILE))? else { return Ok(None) };
    let Ok(text) = String::from_utf8(bytes) else {
        let mistake = Diagnostic::error(editors::FILE, "not_utf8", "文件不是 UTF-8 编码").hint("用 UTF-8 编码重新保存");
        return Ok(Some((None, vec![mistake])));
    };
    // The moment is only for stand-ins of dates, of which a list has none.
    Ok(Some(read_editors(&text, Moment(jiff::Timestamp::UNIX_EPOCH))))
}

/// `review: required: true`. A file that cannot be read is no way around it.
fn required(settings: &str) -> bool {
    match yaml::tree(settings) {
        Ok(Some(tree)) => {
            let said = yaml::find(&tree, &["review", "required"]).map(|(_, value)| &settings[value.start..value.end]);
            said.is_some_and(|said| said != "false")
        }
        Ok(None) => false,
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::required;

    #[test]
    fn only_a_plain_no_or_nothing_switches_reviews_off() {
        for (settings, expected) in [
            ("", false),
            ("name: 相商未来\n", false),
            ("review:\n  required: false\n", false),
            ("review:\n  required: true\n", true),
            ("review: { required: true }\n", true),
            ("review:\n  required: yes\n", true),
            ("review: [\n", true),
        ] {
            assert_eq!(required(settings), expected, "{settings}");
        }
    }
}
