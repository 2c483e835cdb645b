//! Diagnostics as workflow commands: the code host shows them beside the lines of a change.

use std::fmt::Write;

use super::{Diagnostic, Severity, Texts, json::places};

/// One `::error file=…,line=…,col=…::…` a line.
pub fn render_github(diagnostics: &[Diagnostic], texts: &Texts) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let command = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let _ = write!(out, "::{command} file={}", property(&diagnostic.file));
        if let Some((start, end)) = places(diagnostic, texts) {
            let _ = write!(out, ",line={},col={},endLine={},endColumn={}", start.line, start.column, end.line, end.column);
        }
        let _ = write!(out, ",title={}::{}", property(diagnostic.code), data(&diagnostic.message));
        if let Some(hint) = &diagnostic.hint {
            let _ = write!(out, "%0A提示：{}", data(hint));
        }
        out.push('\n');
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// In a property the characters that end it are escaped too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::Span;

    #[test]
    fn what_would_end_a_command_is_escaped() {
        let mut texts = Texts::default();
        texts.insert("content/a,b:c.md", Arc::from("标题: x\n"));
        let diagnostics = [
            Diagnostic::error("content/a,b:c.md", "x", "100% 不对\n第二行：a, b").at(Span::new(8, 9)).hint("改"),
            Diagnostic::warning("content/b.md", "y", "小心"),
        ];
        assert_eq!(
            render_github(&diagnostics, &texts),
            "::error file=content/a%2Cb%3Ac.md,line=1,col=5,endLine=1,endColumn=6,title=x::100%25 不对%0A第二行：a, b%0A提示：改\n\
             ::warning file=content/b.md,title=y::小心\n"
        );
    }
}
