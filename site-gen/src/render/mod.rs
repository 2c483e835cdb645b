//! Stage 3: the linked site becomes outputs. A pure function of its arguments; templates have no clock and no files.
//!
//! 1. [`assets()`] gives style sheets and scripts the hashed names that the frame must know before anything is rendered.
//! 2. `jobs` lists what is to be published, in order.
//! 3. Each job makes one context, holding only what its template shows (`contexts`), and renders it. Jobs know nothing of
//!    each other, so they run on all threads and the outputs are the same whatever the number of them.
//!
//! What is not HTML has a module of its own: `feed`, `sitemap`, `calendar`, `index`.

pub mod assets;
mod calendar;
mod card;
mod contexts;
mod feed;
mod head;
mod index;
mod jobs;
mod sitemap;
#[cfg(test)]
mod tests;
mod view;
mod words;

use std::collections::BTreeSet;

use pages::{TemplateError, Templates};
use rayon::prelude::*;

pub use assets::{Assets, assets};

use crate::{
    diagnostic::{Diagnostic, Severity, Span},
    output::{Content, Output},
    site::Site,
    source::Theme,
};

/// Everything the site publishes apart from the theme's assets, sorted by path.
///
/// A template that fails makes one diagnostic for each mistake, however many pages it spoils.
pub fn render(site: &Site, theme: &Theme) -> (Vec<Output>, Vec<Diagnostic>) {
    let diagnose = |error: TemplateError| diagnostic(&error, theme);
    let templates = match Templates::new(&theme.templates) {
        Ok(templates) => templates,
        Err(error) => return (Vec::new(), vec![diagnose(error)]),
    };
    let view = match view::View::new(site, &templates) {
        Ok(view) => view,
        Err(error) => return (Vec::new(), vec![diagnose(error)]),
    };

    let made: Vec<Result<Output, TemplateError>> = jobs::jobs(&view).par_iter().map(|job| job.output(&view)).collect();

    let mut outputs = Vec::with_capacity(made.len() + site.files.len() + theme.statics.len());
    let mut diagnostics = BTreeSet::new();
    for result in made {
        match result {
            Ok(output) => outputs.push(output),
            Err(error) => drop(diagnostics.insert(diagnose(error))),
        }
    }
    let statics = theme.statics.iter().map(|file| (&file.path, file));
    for (path, file) in site.files.iter().map(|(path, file)| (path, file)).chain(statics) {
        let path = path.trim_start_matches('/').to_owned();
        outputs.push(Output { path, content: Content::File(file.location.clone()) });
    }
    outputs.sort_by(|a, b| a.path.cmp(&b.path));
    (outputs, diagnostics.into_iter().collect())
}

/// A template's mistake where it stands.
fn diagnostic(error: &TemplateError, theme: &Theme) -> Diagnostic {
    let text = theme.templates.get(&error.template);
    let span = text.zip(error.line).map(|(text, line)| {
        let start = text.split_inclusive('\n').take(line - 1).map(str::len).sum::<usize>();
        let rest = text[start..].lines().next().unwrap_or_default();
        let column = error.column.map_or(0, |column| rest.chars().take(column - 1).map(char::len_utf8).sum());
        Span { start: start + column, end: start + rest.len() }
    });
    Diagnostic {
        file: format!("{}/templates/{}", theme.folder, error.template),
        span,
        severity: Severity::Error,
        code: "template",
        message: format!("主题模板有错：{}", error.message),
        hint: Some("模板用的是 Tera 2；上下文有哪些值，见 site-gen/src/render/contexts 里同名的结构".to_owned()),
    }
}
