//! What is kept from one model of a site to the next: rendered bodies and relations, each under what it was made of.
//!
//! A body is made of its document's text, of the addresses that there are, and, when it holds a shortcode, of the events to come. Only
//! what one of these says is other than before is rendered again.

use std::{
    collections::{HashMap, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    sync::Arc,
};

use rayon::prelude::*;

use super::{ground::Ground, links::Links, related::time};
use crate::{
    diagnostic::Diagnostic,
    markdown::{Facts, Named, Reference, Rendered},
    site::{Body, PageIndex, Site},
    source::Document,
};

/// The memory of a model.
#[derive(Debug, Default)]
pub struct Memo {
    /// Somebody will ask again; otherwise nothing is kept.
    keeps: bool,
    /// As it was laid when nothing about it was wrong, and the site that was made on it once that is given back.
    ground: Option<Ground>,
    site: Option<Site>,
    /// The present model is made on the ground of the last one.
    stood: bool,
    /// What links and events were when bodies were rendered.
    addresses: u64,
    events: u64,
    /// By where in memory their texts lie.
    bodies: HashMap<usize, Arc<Kept>>,
    relations: Option<(u64, Vec<Vec<PageIndex>>)>,
    prints: Prints,
}

/// A number for each page and section, another one whenever its text or its body is another.
#[derive(Debug, Clone, Default)]
pub struct Prints {
    /// By page.
    pub pages: Vec<u64>,
    /// By section.
    pub sections: Vec<u64>,
    /// Two models of one number have the same pages at the same addresses, in the same order and with the same relations.
    pub ground: u64,
}

/// A rendered body and what is to be checked about it.
#[derive(Debug)]
pub(super) struct Kept {
    /// What it was made of. As long as it is held here, no other text has its address.
    text: Arc<str>,
    /// A number for text and body.
    print: u64,
    pub body: Arc<Body>,
    pub anchors: Vec<String>,
    pub references: Vec<Reference>,
    pub pictures: Vec<Named>,
    pub diagnostics: Vec<Diagnostic>,
}

impl Memo {
    /// An empty memory that keeps what it sees.
    pub fn new() -> Memo {
        Memo { keeps: true, ..Memo::default() }
    }

    /// The prints of the last model; none are made by one that keeps nothing.
    pub fn prints(&self) -> &Prints {
        &self.prints
    }

    /// Takes back the site of the last model, when nobody needs it any more.
    pub fn give_back(&mut self, site: Site) {
        self.site = Some(site);
    }

    /// Forgets all but rendered bodies and relations: more than documents is other than before.
    pub fn keep_only_bodies(&mut self) {
        (self.ground, self.site) = (None, None);
    }

    /// Ground and site of the last model, when they are those of `documents`, too; their bodies and sessions are those of before.
    pub(super) fn recall(&mut self, documents: &[Arc<Document>]) -> Option<(Ground, Site)> {
        let last = self.ground.take().zip(self.site.take());
        let recalled = last.and_then(|(mut ground, site)| ground.follow(documents).then_some((ground, site)));
        self.stood = recalled.is_some();
        self.prints.ground += u64::from(!self.stood);
        recalled
    }

    /// The relations of pages, made anew by `make` when a page has other words, another time or another place than before, or when it is now
    /// otherwise whether they are `shown` at all.
    pub(super) fn related(
        &mut self,
        shown: bool,
        documents: &[&Document],
        terms: &[Vec<(usize, usize)>],
        make: impl FnOnce() -> Vec<Vec<PageIndex>>,
    ) -> Vec<Vec<PageIndex>> {
        if !self.keeps {
            return make();
        }
        let print = print(|hasher| {
            shown.hash(hasher);
            for (document, terms) in documents.iter().zip(terms) {
                (&document.path, time(document), terms).hash(hasher);
            }
        });
        match &self.relations {
            Some((before, relations)) if *before == print => relations.clone(),
            _ => {
                let relations = make();
                self.relations = Some((print, relations.clone()));
                relations
            }
        }
    }

    /// The bodies of `documents`, in their order, made by `render` where there is none from before.
    pub(super) fn bodies(
        &mut self,
        documents: &[&Document],
        links: &Links<'_>,
        facts: &Facts<'_>,
        render: impl Fn(&Document) -> Rendered + Sync,
    ) -> Vec<Arc<Kept>> {
        let make = |document: &&Document| Arc::new(Kept::of(document, render(document), self.keeps));
        if !self.keeps {
            return documents.par_iter().map(make).collect();
        }
        let addresses = if self.stood { self.addresses } else { print(|hasher| links.hash(hasher)) };
        let events = print(|hasher| facts.events.hash(hasher));
        let same_addresses = self.addresses == addresses;
        let same_events = self.events == events;
        let before = |document: &Document| {
            let kept = self.bodies.get(&document.text.as_ptr().addr()).filter(|_| same_addresses)?;
            let same = Arc::ptr_eq(&kept.text, &document.text) && (same_events || !document.markdown().contains("{{"));
            same.then(|| Arc::clone(kept))
        };
        let bodies: Vec<Arc<Kept>> =
            documents.par_iter().with_min_len(64).map(|document| before(document).unwrap_or_else(|| make(document))).collect();
        (self.addresses, self.events) = (addresses, events);
        self.bodies = bodies.iter().map(|kept| (kept.text.as_ptr().addr(), Arc::clone(kept))).collect();
        bodies
    }

    /// Keeps what the site with the pages and sections that `bodies` belong to was made on, when it `stands`: nothing was wrong with it.
    pub(super) fn keep(&mut self, bodies: &[Arc<Kept>], ground: Ground, stands: bool) {
        if self.keeps {
            let (pages, sections) = bodies.split_at(ground.pages.len());
            let prints = |bodies: &[Arc<Kept>]| bodies.iter().map(|body| body.print).collect();
            self.prints = Prints { pages: prints(pages), sections: prints(sections), ground: self.prints.ground };
            self.ground = Some(ground).filter(|_| stands);
        }
    }
}

impl Kept {
    fn of(document: &Document, rendered: Rendered, with_print: bool) -> Kept {
        let Rendered { body, anchors, references, pictures, diagnostics } = rendered;
        let print = if with_print { print(|hasher| (&*document.text, &body).hash(hasher)) } else { 0 };
        Kept { text: Arc::clone(&document.text), print, body: Arc::new(body), anchors, references, pictures, diagnostics }
    }
}

/// A number for what `write` gives the hasher: the same in every run of the program.
pub fn print(write: impl FnOnce(&mut DefaultHasher)) -> u64 {
    let mut hasher = DefaultHasher::new();
    write(&mut hasher);
    hasher.finish()
}
