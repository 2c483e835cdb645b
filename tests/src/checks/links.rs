//! Every link, picture, script and anchor of the pages leads somewhere on the wire.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use anyhow::{Context, Result};
use scraper::{ElementRef, Html, Selector};
use ureq::Agent;
use url::Url;

use super::Page;
use crate::Server;

/// Attributes that name one address.
const NAMING: [(&str, &str); 11] = [
    ("a", "href"),
    ("area", "href"),
    ("link", "href"),
    ("script", "src"),
    ("img", "src"),
    ("source", "src"),
    ("video", "src"),
    ("audio", "src"),
    ("iframe", "src"),
    ("form", "action"),
    ("button", "formaction"),
];

/// What leads nowhere on `pages`, which are served at `server`. Addresses that begin with `base` are the site's own as well.
pub fn complaints(server: &str, base: &str, pages: &[Page]) -> Result<Vec<String>> {
    let mut wire = Wire { agent: Server::agent(), known: BTreeMap::new() };
    let (server, base) = (Url::parse(server)?, Url::parse(base)?);
    let mut complaints = BTreeSet::new();
    for page in pages {
        let address = server.join(&page.url)?;
        let document = page.parsed();
        for (kind, named) in named(&document) {
            let Ok(mut target) = address.join(&named) else {
                complaints.insert(format!("{}: `{named}` is no address", page.url));
                continue;
            };
            if target.origin() == base.origin() {
                target = server.join(&target[url::Position::BeforePath..])?;
            }
            if target.origin() != server.origin() {
                continue;
            }
            if let Some(wrong) = wire.wrong(&target, kind)? {
                complaints.insert(format!("{}: `{named}` {wrong}", page.url));
            }
        }
    }
    Ok(complaints.into_iter().collect())
}

/// Kind of element and address, of all addresses that a page names.
fn named(document: &Html) -> Vec<(&'static str, String)> {
    let all = Selector::parse("*").expect("a selector that is written here");
    let mut named = Vec::new();
    for element in document.select(&all) {
        let value = element.value();
        for (name, attribute) in NAMING {
            if value.name() == name
                && let Some(address) = value.attr(attribute)
            {
                named.push((name, address.trim().to_owned()));
            }
        }
        if let Some(list) = value.attr("srcset") {
            let addresses = list.split(',').filter_map(|entry| entry.split_whitespace().next());
            named.extend(addresses.map(|address| ("img", address.to_owned())));
        }
        named.extend(said_in_the_head(element).map(|address| ("meta", address)));
    }
    named.retain(|(_, address)| !address.starts_with("tel:") && !address.starts_with("mailto:") && !address.starts_with("data:"));
    named
}

/// Addresses in `<meta>`: where to go on to, and what other sites show.
fn said_in_the_head(element: ElementRef) -> Option<String> {
    let value = element.value();
    if value.name() != "meta" {
        return None;
    }
    let content = value.attr("content")?;
    if value.attr("http-equiv").is_some_and(|what| what.eq_ignore_ascii_case("refresh")) {
        return content.split_once('=').map(|(_, address)| address.trim().to_owned());
    }
    matches!(value.attr("property"), Some("og:url" | "og:image")).then(|| content.to_owned())
}

/// What was asked for once is not asked for again.
struct Wire {
    agent: Agent,
    known: BTreeMap<String, Answer>,
}

struct Answer {
    status: u16,
    /// The anchors of a page.
    ids: HashSet<String>,
}

impl Wire {
    /// What is wrong with an address of ours, if anything is.
    fn wrong(&mut self, target: &Url, kind: &str) -> Result<Option<String>> {
        let answer = self.answer(&target[..url::Position::AfterQuery])?;
        // A form's address takes what is posted; whoever opens it is sent to the form's page, or told that it cannot be opened.
        let taken = matches!((kind, answer.status), ("form" | "button", 303 | 400..=403 | 405));
        if answer.status != 200 && !taken {
            return Ok(Some(format!("answers {}", answer.status)));
        }
        let Some(fragment) = target.fragment() else { return Ok(None) };
        let fragment = percent_decoded(fragment);
        Ok((!answer.ids.contains(&fragment)).then(|| format!("leads to a page without `#{fragment}`")))
    }

    fn answer(&mut self, address: &str) -> Result<&Answer> {
        if !self.known.contains_key(address) {
            let mut response = self.agent.get(address).call().with_context(|| format!("no answer from `{address}`"))?;
            let page = response.headers().get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
            let text = if page { response.body_mut().read_to_string()? } else { String::new() };
            let with_id = Selector::parse("[id]").expect("a selector that is written here");
            let ids = Html::parse_document(&text)
                .select(&with_id)
                .filter_map(|element| element.value().attr("id").map(str::to_owned))
                .collect();
            self.known.insert(address.to_owned(), Answer { status: response.status().as_u16(), ids });
        }
        Ok(&self.known[address])
    }
}

fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}
