//! What must hold of every page of the built site, told by programs of others where there are any.
//!
//! | module | asks | by |
//! |---|---|---|
//! | [`markup`] | is it valid HTML and CSS | the Nu HTML checker |
//! | [`links`] | does every link and anchor lead somewhere | html5ever, and the wire |
//! | [`looks`] | can everybody see and use it | axe-core in Chromium |
//! | [`keyboard`] | does Tab lead everywhere, visibly | Chromium |
//! | [`paper`] | what comes out of a printer | Chromium |
//! | [`readers`] | do other programs read feeds and calendars | feed-rs and feedsmith, icalendar and ical.js |
//! | [`scripts`] | do old browsers understand the scripts | acorn |
//! | [`weight`] | what does a page cost | the wire |
//!
//! Each gives its complaints in words; that none of them is deaf is shown in `tests/system/whole_site.rs` on pages made wrong.

pub mod keyboard;
pub mod links;
pub mod looks;
pub mod markup;
pub mod paper;
pub mod readers;
pub mod scripts;
pub mod weight;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use scraper::{Html, Selector};
use serde_json::Value;
use site_gen::{build::Options, commands, diagnostic::Colours};

use crate::{
    Site,
    server::{NOW, project_root},
};

/// One built page.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its path in the site: `/courses/2026-q4/`.
    pub url: String,
    /// Its text.
    pub text: String,
}

impl Page {
    /// The page as a browser's parser reads it.
    pub fn parsed(&self) -> Html {
        Html::parse_document(&self.text)
    }
}

/// The site's own address, which pages name in their heads.
pub const BASE: &str = "https://xiangshang.example";

/// Builds `site` as it is at the tests' moment into a folder beside its content.
pub fn build(site: &Site) -> Result<PathBuf> {
    let now = NOW.parse().ok().context("a moment")?;
    let options = Options { base_url: Some(BASE.to_owned()), ..Options::new(site.root(), now) };
    let folder = site.root().join("built");
    let done = commands::build::run(&options, &folder, true, Colours::Plain)?;
    ensure!(done.fine, "the site has mistakes:\n{}", done.findings);
    Ok(folder)
}

/// Every page of `site`, and the address that they name.
pub fn built(site: &Site) -> Result<(Vec<Page>, String)> {
    Ok((pages(&build(site)?)?, BASE.to_owned()))
}

/// Every page below `folder`, by address.
pub fn pages(folder: &Path) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for file in files(folder)? {
        let Some(path) = file.strip_suffix(".html") else { continue };
        let url = match path.strip_suffix("index") {
            Some(folder) => format!("/{folder}"),
            None => format!("/{file}"),
        };
        pages.push(Page { url, text: fs::read_to_string(folder.join(&file))? });
    }
    ensure!(!pages.is_empty(), "`{}` holds no page", folder.display());
    Ok(pages)
}

/// Every file below `folder`, by its path there, sorted.
pub fn files(folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(folder.join(&below)).with_context(|| format!("cannot read `{}`", folder.display()))? {
            let entry = entry?;
            let name = entry.file_name().into_string().ok().context("a file's name is UTF-8")?;
            let path = if below.is_empty() { name } else { format!("{below}/{name}") };
            if entry.file_type()?.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

/// As few pages as show every part of the theme between them: each class that stands on some page stands on one of these. Templates differ in
/// their classes, so each template is among them.
pub fn one_of_each(pages: &[Page]) -> Vec<&Page> {
    let every = Selector::parse("body, body *").expect("a selector that is written here");
    let mut shown: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for page in pages {
        let document = page.parsed();
        let parts = document.select(&every).flat_map(|element| {
            let name = element.value().name().to_owned();
            element.value().classes().map(|class| format!(".{class}")).chain([name]).collect::<Vec<_>>()
        });
        shown.insert(&page.url, parts.collect());
    }
    let mut missing: BTreeSet<String> = shown.values().flatten().cloned().collect();
    let mut chosen = Vec::new();
    // The page with the most that is still missing, again and again.
    while let Some(page) = pages.iter().max_by_key(|page| (shown[page.url.as_str()].intersection(&missing).count(), &page.url)) {
        let news: Vec<String> = shown[page.url.as_str()].intersection(&missing).cloned().collect();
        if news.is_empty() {
            break;
        }
        news.iter().for_each(|part| {
            missing.remove(part);
        });
        chosen.push(page);
    }
    chosen.sort_by(|one, other| one.url.cmp(&other.url));
    chosen
}

/// The sentences that a script in the page gave.
fn said(found: &Value) -> Result<Vec<String>> {
    let found = found.as_array().with_context(|| format!("the page cannot be looked at: {found}"))?;
    Ok(found.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// Where `tests/run` has installed what others wrote to check with.
fn checkers() -> Result<PathBuf> {
    let folder = env::var_os("CHECKERS").map_or_else(|| project_root().join("target/tools/checkers"), PathBuf::from);
    ensure!(folder.join("node_modules").is_dir(), "`{}` holds no checkers; `tests/run` installs them", folder.display());
    Ok(folder)
}
