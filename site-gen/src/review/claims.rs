//! What a commit's message says was approved: lines like `初审: content/courses/a.md`.
//!
//! An approval is a line in the message of a commit that changes nothing, and no key in the page's front matter: it then touches no file, so it cannot
//! collide with anybody's edit and changes nothing that it approves; the signature of the commit holds together who, which stage, which page and every byte of it;
//! whoever copies, rebases or squashes the commit loses the signature, and the approval with it. It is no trailer of git's, whose names are ASCII only:
//! this is a line that somebody can type into any program's box for messages.

use super::editors::Stage;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which stage.
    pub stage: Stage,
    /// From the top of the repository.
    pub path: String,
}

/// All such lines of a message.
pub fn claims(message: &str) -> Vec<Claim> {
    message.lines().filter_map(claim).collect()
}

fn claim(line: &str) -> Option<Claim> {
    let (stage, path) = line.trim().split_once([':', '：'])?;
    let (stage, path) = (Stage::named(stage.trim_end())?, path.trim().trim_start_matches('/'));
    if path.is_empty() {
        return None;
    }
    let path = if path.starts_with("content/") { path.to_owned() } else { format!("content/{path}") };
    Some(Claim { stage, path })
}

/// The message of a commit that gives `stage` to `paths`.
pub fn message(stage: Stage, paths: &[String]) -> String {
    let what = match paths {
        [path] => path.clone(),
        paths => format!("{} 等 {} 个文件", paths.first().map_or("", String::as_str), paths.len()),
    };
    let lines: String = paths.iter().map(|path| format!("{}: {path}\n", stage.word())).collect();
    format!("{}通过：{what}\n\n{lines}", stage.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let paths = ["content/a.md".to_owned(), "content/courses/十二月 讲座.md".to_owned()];
        let read: Vec<String> = claims(&message(Stage::Second, &paths)).into_iter().map(|claim| claim.path).collect();
        assert_eq!(read, paths);
    }

    #[test]
    fn a_claim_is_a_line_of_its_own() {
        let claim = |stage, path: &str| Claim { stage, path: path.to_owned() };
        for (message, expected) in [
            ("初审: content/a.md", vec![claim(Stage::First, "content/a.md")]),
            ("初审：a.md", vec![claim(Stage::First, "content/a.md")]),
            ("改\n\n终审 : /content/a.md \r\n", vec![claim(Stage::Final, "content/a.md")]),
            ("> 初审: content/a.md", vec![]),
            ("* 初审: content/a.md", vec![]),
            ("请 初审: content/a.md", vec![]),
            ("初审:", vec![]),
            ("初审通过: content/a.md", vec![]),
        ] {
            assert_eq!(claims(message), expected, "{message}");
        }
    }
}
