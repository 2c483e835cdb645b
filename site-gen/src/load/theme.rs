//! Reads a theme: templates as text, assets as bytes, statics by name.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{
    Survey, content_files,
    findings::Findings,
    text,
    walk::{Entry, walk},
};
use crate::{build::Options, diagnostic::Diagnostic, source::Theme};

/// Where the theme called `name` lies, as diagnostics call it.
pub fn folder_of(name: &str) -> String {
    format!("themes/{name}")
}

/// The theme called `name`, below `themes/`.
pub fn theme(name: &str, options: &Options, survey: &mut Survey, findings: &mut Findings) -> Theme {
    let shown_as = folder_of(name);
    let entries = findings.take(walk(&options.root.join(&shown_as), &shown_as, &options.root));
    survey.add_theme(name, &entries);
    let mut theme = Theme { folder: shown_as.clone(), ..Theme::default() };
    let (mut templates, mut posters) = (Vec::new(), Vec::new());
    let mut assets = Vec::new();
    let mut statics = Vec::new();
    for entry in entries {
        let Some((folder, path)) = entry.path.split_once('/') else { continue };
        let path = path.to_owned();
        match folder {
            "templates" => templates.push(Entry { path, ..entry }),
            "posters" if path.ends_with(".svg") => posters.push(Entry { path, ..entry }),
            "assets" => assets.push(Entry { path, ..entry }),
            "static" => statics.push(Entry { path, ..entry }),
            _ => {}
        }
    }
    theme.templates = texts(templates, &format!("{shown_as}/templates"), findings);
    theme.posters = texts(posters, &format!("{shown_as}/posters"), findings);
    for entry in assets {
        match std::fs::read(&entry.location) {
            Ok(bytes) => {
                theme.assets.insert(entry.path, bytes);
            }
            Err(error) => {
                findings.push(Diagnostic::error(
                    format!("{shown_as}/assets/{}", entry.path),
                    "unreadable",
                    format!("读不到这个文件：{error}"),
                ));
            }
        }
    }
    theme.statics = content_files(statics);
    theme
}

/// The texts of templates by name, `shown_as` being what diagnostics call their folder.
fn texts(entries: Vec<Entry>, shown_as: &str, findings: &mut Findings) -> BTreeMap<String, String> {
    let read: Vec<_> = entries
        .into_par_iter()
        .map(|entry| (text::read(&entry.location, &format!("{shown_as}/{}", entry.path)), entry.path))
        .collect();
    let mut texts = BTreeMap::new();
    for (read, path) in read {
        match read {
            Ok(text) => {
                findings.keep(&format!("{shown_as}/{path}"), &text);
                texts.insert(path, text.to_string());
            }
            Err(unreadable) => findings.push(unreadable.diagnostic),
        }
    }
    texts
}
