//! The name under which a file is shown: what its sender called it, without anything that a program might take for more than a name.

use super::Kind;
use crate::value::text;

/// A file without a name of its own.
pub const DEFAULT_NAME: &str = "附件";

/// Characters of a name.
const LONGEST: usize = 40;

/// The name under which a file of this kind is shown: its last part, on one line, with the extension of what it really is.
pub fn shown_name(given: &str, kind: Kind) -> String {
    let folded = text::fold(given);
    let last = folded.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = match last.rsplit_once('.') {
        Some((stem, extension)) if is_extension(extension) => stem,
        _ => last,
    };
    let kept: String = stem.chars().map(|character| if is_plain(character) { character } else { ' ' }).collect();
    let words = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    let no_ends = ['.', ' ', '-', '_'];
    let name: String = words.trim_matches(no_ends).chars().take(LONGEST).collect();
    let name = if name.is_empty() { DEFAULT_NAME } else { name.trim_end_matches(no_ends) };
    format!("{name}.{}", kind.extension())
}

fn is_extension(text: &str) -> bool {
    (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Not what a shell, a file system or a page gives a meaning to.
fn is_plain(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, ' ' | '-' | '_' | '.' | '(' | ')' | '+' | '、' | '·' | '《' | '》')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_name_and_nothing_more() {
        for (given, kind, shown) in [
            ("供电合同.pdf", Kind::Pdf, "供电合同.pdf"),
            ("现场 照片（门口）.JPG", Kind::Jpeg, "现场 照片(门口).jpg"),
            ("../../etc/passwd", Kind::Pdf, "passwd.pdf"),
            ("..／..／合同．ｐｄｆ", Kind::Pdf, "合同.pdf"),
            ("C:\\Users\\王\\合同.docx", Kind::Docx, "合同.docx"),
            ("发票.exe", Kind::Png, "发票.png"),
            ("发票.pdf.exe", Kind::Pdf, "发票.pdf.pdf"),
            ("发票\u{202e}fdp.exe", Kind::Pdf, "发票fdp.pdf"),
            ("<img src=x onerror=alert(1)>.png", Kind::Png, "img src x onerror alert(1).png"),
            ("$(rm -rf ~);`id`|a.ofd", Kind::Ofd, "(rm -rf ) id a.ofd"),
            ("", Kind::Ofd, "附件.ofd"),
            ("..", Kind::Jpeg, "附件.jpg"),
            ("\0\r\n", Kind::Jpeg, "附件.jpg"),
            (".bashrc", Kind::Jpeg, "bashrc.jpg"),
            ("版本2.0说明", Kind::Pdf, "版本2.0说明.pdf"),
        ] {
            assert_eq!(shown_name(given, kind), shown, "{given:?}");
        }
        assert_eq!(shown_name(&"长".repeat(500), Kind::Pdf).chars().count(), 44);
        // Cut off behind a sign that no name ends with.
        assert_eq!(shown_name(&format!("{}.{}", "长".repeat(39), "短".repeat(9)), Kind::Pdf), format!("{}.pdf", "长".repeat(39)));
    }
}
