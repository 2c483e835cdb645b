//! Links and names outside of Markdown: the menu, the footer, data files, front matter.

use super::{event::event_of, front, links::Links};
use crate::{
    diagnostic::{Diagnostic, Severity, Texts},
    kinds::{Attachment, Minutes},
    load::yaml,
    markdown::{Broken, Resolver, Target},
    source::{Document, FrontMatter, Source},
};

/// What is wrong with the links and names of `source` outside of Markdown. Of documents still to come only mistakes are told: what they
/// lead to may be there by then.
pub fn check(
    source: &Source,
    published: &[&Document],
    coming: &[&Document],
    links: &Links<'_>,
    texts: &Texts,
) -> Vec<Diagnostic> {
    let mut checks = Checks { source, links, texts, found: Vec::new() };
    checks.config();
    checks.data();
    for document in published {
        checks.document(document);
    }
    let mut later = Checks { found: Vec::new(), ..checks };
    for document in coming {
        later.document(document);
    }
    checks.found.extend(later.found.into_iter().filter(Diagnostic::is_error));
    checks.found
}

struct Checks<'a> {
    source: &'a Source,
    links: &'a Links<'a>,
    texts: &'a Texts,
    found: Vec<Diagnostic>,
}

impl Checks<'_> {
    fn config(&mut self) {
        let lists = [("navigation", &self.source.config.navigation), ("footer", &self.source.config.footer)];
        for (key, links) in lists {
            for (index, link) in links.iter().enumerate() {
                let index = index.to_string();
                self.yaml_link("content/site.yaml", &[key, &index, "url"], &link.url);
            }
        }
    }

    fn data(&mut self) {
        for (index, series) in self.source.data.series.iter().enumerate() {
            if let Some(page) = &series.page {
                self.yaml_link("content/data/series.yaml", &[&index.to_string(), "page"], page);
            }
        }
        for (index, item) in self.source.data.plan.iter().enumerate() {
            if let Some(page) = &item.page {
                self.yaml_link("content/data/plan.yaml", &[&index.to_string(), "page"], page);
            }
        }
    }

    fn document(&mut self, document: &Document) {
        match &document.front {
            FrontMatter::Policy(front) => {
                if let Some(replaced_by) = &front.replaced_by {
                    self.link(document, &["replaced_by"], replaced_by);
                }
                self.attachments(document, &["files"], &front.files);
            }
            FrontMatter::Activity(front) => self.occasion(document, &front.files, front.minutes.as_ref()),
            FrontMatter::Course(front) => self.occasion(document, &front.files, front.minutes.as_ref()),
            FrontMatter::Page(_) | FrontMatter::Section(_) | FrontMatter::Resource(_) => {}
        }
        if let Some(registration) = event_of(document).and_then(|event| event.registration.as_ref())
            && !self
                .source
                .forms
                .iter()
                .any(|source| source.form.service == domain::form::Service::Registration && source.form.id == registration.form)
        {
            let message = format!("活动可以报名，但没有报名表单 `{}`", registration.form);
            let hint = format!("在 `content/forms/` 里放一个 `{}.yaml`，写明 `service: registration`", registration.form);
            self.found.push(
                Diagnostic::error(format!("content/{}", document.path), "no_form", message)
                    .at(front::locate(document, &["event", "registration"]))
                    .hint(hint),
            );
        }
    }

    /// What an occasion hands out, before and after.
    fn occasion(&mut self, document: &Document, files: &[Attachment], minutes: Option<&Minutes>) {
        self.attachments(document, &["files"], files);
        if let Some(minutes) = minutes {
            self.attachments(document, &["minutes", "files"], &minutes.files);
        }
    }

    /// The files that stand at the key `at`.
    fn attachments(&mut self, document: &Document, at: &[&str], files: &[Attachment]) {
        for (index, attachment) in files.iter().enumerate() {
            self.link(document, &[at, &[&index.to_string(), "path"]].concat(), &attachment.path);
        }
    }

    // In both, the place is looked for only when there is something to tell.

    fn yaml_link(&mut self, file: &str, path: &[&str], target: &str) {
        if let Some(diagnostic) = problem(self.links, file, "", target) {
            let place = self.texts.get(file).and_then(|text| yaml::locate(text, path));
            self.found.push(diagnostic.at(place));
        }
    }

    fn link(&mut self, document: &Document, path: &[&str], target: &str) {
        if let Some(diagnostic) = problem(self.links, &format!("content/{}", document.path), &document.path, target) {
            self.found.push(diagnostic.at(front::locate(document, path)));
        }
    }
}

fn problem(links: &Links<'_>, file: &str, from: &str, target: &str) -> Option<Diagnostic> {
    let (broken, severity) = match links.link(from, target) {
        Ok(Target::Hidden { why, .. }) => (why, Severity::Warning),
        Ok(_) => return None,
        Err(broken) => (broken, Severity::Error),
    };
    let Broken { message, hint } = broken;
    Some(Diagnostic { file: file.to_owned(), span: None, severity, code: "broken_link", message, hint })
}
