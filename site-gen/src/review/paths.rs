//! What kind of place a path is.

use super::editors::FILE;

/// What may be done to a path, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A page or a file beside one: those who write in its folder.
    Content,
    /// What concerns the whole site, or runs: an administrator.
    Protected,
    /// No name for a file of a site: nobody.
    Impossible,
}

/// Settings, data and forms concern every page; files of `static/` are published as they are, scripts among them; what lies outside
/// `content/` (the theme, programs, rules of the forge) is published or run. The list of editors says who may do all this.
pub fn place(path: &str) -> Place {
    let odd = |part: &str| part.is_empty() || part == "." || part == ".." || part.eq_ignore_ascii_case(".git");
    if path.contains(|character: char| character.is_control() || character == '\u{fffd}') || path.split('/').any(odd) {
        return Place::Impossible;
    }
    let Some(below) = path.strip_prefix("content/") else { return Place::Protected };
    let is_protected = path == FILE
        || below == "site.yaml"
        || ["data/", "forms/", "static/"].iter().any(|folder| below.starts_with(folder))
        // `.gitattributes` changes what git hands out.
        || below.split('/').any(|part| part.starts_with(".git"));
    if is_protected { Place::Protected } else { Place::Content }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_concerns_everybody_is_protected() {
        for (path, expected) in [
            ("content/a.md", Place::Content),
            ("content/courses/图.png", Place::Content),
            ("content/database.md", Place::Content),
            ("content/editors.yaml", Place::Protected),
            ("content/site.yaml", Place::Protected),
            ("content/data/plan.yaml", Place::Protected),
            ("content/forms/appeal.yaml", Place::Protected),
            ("content/static/a.js", Place::Protected),
            ("content/.gitattributes", Place::Protected),
            ("themes/xiangshang/templates/base.html", Place::Protected),
            (".ci/run", Place::Protected),
            ("README.md", Place::Protected),
            ("content", Place::Protected),
            ("content/../themes/a", Place::Impossible),
            ("content//a.md", Place::Impossible),
            ("content/.GIT/config", Place::Impossible),
            ("content/a\nb.md", Place::Impossible),
            ("content/\u{1b}[2J.md", Place::Impossible),
        ] {
            assert_eq!(place(path), expected, "{path:?}");
        }
    }
}
