//! What a page transfers to a phone that has never been here: itself, its style sheets and scripts, as they come over the wire. Pictures are
//! not counted.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use scraper::{Html, Selector};
use url::Url;

use super::Page;
use crate::Server;

/// All of a page, without pictures.
const WHOLE: u64 = 40 * 1024;
/// Scripts of a page that is only read…
const READING: u64 = 3 * 1024;
/// …and of one where something is asked, found or filled in.
const ASKING: u64 = 10 * 1024;

/// What pages cost more than they may, and what they fetch that they may not.
pub fn complaints(server: &str, pages: &[Page]) -> Result<Vec<String>> {
    let mut complaints = BTreeSet::new();
    let mut weights = Weights { known: BTreeMap::new() };
    let server = Url::parse(server)?;
    for page in pages {
        let address = server.join(&page.url)?;
        let document = page.parsed();
        let (mut whole, mut scripts) = (weights.of(&address)?.0, 0);
        for (is_script, named) in fetched(&document) {
            let target = address.join(&named)?;
            if target.origin() != server.origin() {
                complaints.insert(format!("{}: fetches `{target}` from elsewhere", page.url));
                continue;
            }
            let (weight, has_font) = weights.of(&target)?;
            whole += weight;
            scripts += if is_script { weight } else { 0 };
            if has_font {
                complaints.insert(format!("{}: `{named}` asks for a font", page.url));
            }
        }
        let most = if asks(&document) { ASKING } else { READING };
        if whole > WHOLE {
            complaints.insert(format!("{}: {whole} bytes, {WHOLE} are allowed", page.url));
        }
        if scripts > most {
            complaints.insert(format!("{}: {scripts} bytes of scripts, {most} are allowed", page.url));
        }
    }
    Ok(complaints.into_iter().collect())
}

/// Somebody fills something in in the page's main part.
fn asks(document: &Html) -> bool {
    document.select(&selector("main form")).next().is_some()
}

/// Addresses of what a browser fetches for the page by itself, each with whether it is a script. Pictures are among them only when they lie
/// elsewhere: those of our own are not counted.
fn fetched(document: &Html) -> Vec<(bool, String)> {
    let mut fetched = Vec::new();
    for (css, attribute, is_script) in [
        ("link[rel~=stylesheet], link[rel~=preload], link[rel~=modulepreload], link[rel~=manifest]", "href", false),
        ("script[src]", "src", true),
        ("iframe[src], object[data], embed[src]", "src", false),
        ("img[src^=http], source[src^=http], video[src^=http], audio[src^=http], img[src^='//']", "src", false),
    ] {
        for element in document.select(&selector(css)) {
            fetched.extend(element.value().attr(attribute).map(|address| (is_script, address.to_owned())));
        }
    }
    fetched.sort();
    fetched.dedup();
    fetched
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).expect("a selector that is written here")
}

struct Weights {
    known: BTreeMap<String, (u64, bool)>,
}

impl Weights {
    /// Bytes of an answer's body as a browser gets it, and whether it asks for a font.
    fn of(&mut self, address: &Url) -> Result<(u64, bool)> {
        if let Some(known) = self.known.get(address.as_str()) {
            return Ok(*known);
        }
        let mut packed = Server::agent()
            .get(address.as_str())
            .header("accept-encoding", "gzip, br")
            .call()
            .with_context(|| format!("no answer from `{address}`"))?;
        let weight = packed.body_mut().read_to_vec()?.len() as u64;
        let plain = Server::agent().get(address.as_str()).call()?.body_mut().read_to_string()?;
        let found = (weight, plain.contains("@font-face"));
        self.known.insert(address.to_string(), found);
        Ok(found)
    }
}
