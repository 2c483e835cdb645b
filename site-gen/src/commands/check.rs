//! `site-gen check`: everything that is wrong with content and theme, and nothing written.

use clap::ValueEnum;

use crate::{
    build::{Options, build_into},
    diagnostic::{Colours, Diagnostic, Texts, render_github, render_human, render_json, summary},
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
    let (built, _) = build_into(options, &|_| {}, |_| Ok(()))?;
    Ok(checked(&built.diagnostics, &built.texts, format, colours))
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
