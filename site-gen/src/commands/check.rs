//! `site-gen check`: everything that is wrong with content and theme, and nothing written; `mend` is its `--fix`.

use std::{fs, path::Path};

use anyhow::{Context, ensure};
use clap::ValueEnum;

use crate::{
    build::Options,
    diagnostic::{Colours, Diagnostic, Texts, render_github, render_human, render_json, summary},
    doctor::{self, examine},
};

/// For whom the findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// 给人看
    #[default]
    Human,
    /// 给程序读
    Json,
    /// 代码托管平台的标注
    Github,
}

/// What a check came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What to print.
    pub text: String,
    /// Nothing stands in the way of a build; warnings may be there.
    pub fine: bool,
}

/// Checks the site below `options.root`. An error is wrong use (no such folder).
pub fn run(options: &Options, format: Format, colours: Colours) -> anyhow::Result<Checked> {
    run_with(options, &[], format, colours)
}

/// The same; `names` are people who must not appear on pages.
pub fn run_with(options: &Options, names: &[String], format: Format, colours: Colours) -> anyhow::Result<Checked> {
    let examined = examine(options, names)?;
    Ok(checked(&examined.diagnostics, &examined.texts, format, colours))
}

/// The names in the file at `path`. An error when it cannot be read, or holds none.
pub fn names(path: &Path) -> anyhow::Result<Vec<String>> {
    let list = fs::read_to_string(path).with_context(|| {
        format!("读不到名单 `{}`\n提示：名单要是 UTF-8 编码的文本，一行一个姓名，或者台账的 CSV", path.display())
    })?;
    let names = doctor::names(&list);
    ensure!(!names.is_empty(), "名单 `{}` 里没有姓名\n提示：一行写一个姓名，或者用带「联系人」一列的台账 CSV", path.display());
    Ok(names)
}

/// Findings as `format` wants them.
pub fn checked(diagnostics: &[Diagnostic], texts: &Texts, format: Format, colours: Colours) -> Checked {
    let text = match format {
        Format::Human if diagnostics.is_empty() => format!("{}\n", summary(diagnostics)),
        Format::Human => render_human(diagnostics, texts, colours),
        Format::Json => render_json(diagnostics, texts),
        Format::Github => render_github(diagnostics, texts),
    };
    Checked { text, fine: !diagnostics.iter().any(Diagnostic::is_error) }
}
