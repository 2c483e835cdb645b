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

use super::{links::Links, related::time};
use crate::{
    diagnostic::Diagnostic,
    markdown::{Facts, Named, Reference, Rendered},
    site::{Body, PageIndex},
    source::Document,
};

/// The memory of a model.
#[derive(Debug, Default)]
pub struct Memo {
    /// Somebody will ask again; otherwise nothing is kept.
    keeps: bool,
    addresses: u64,
    events: u64,
    bodies: HashMap<String, Arc<Kept>>,
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
}

/// A rendered body and what is to be checked about it.
#[derive(Debug)]
pub struct Kept {
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

    /// The relations of pages, made anew by `make` when a page has other words, another time or another place than before.
    pub fn related(
        &mut self,
        documents: &[&Document],
        terms: &[Vec<(usize, usize)>],
        make: impl FnOnce() -> Vec<Vec<PageIndex>>,
    ) -> Vec<Vec<PageIndex>> {
        if !self.keeps {
            return make();
        }
        let print = print(|hasher| {
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
    pub fn bodies(
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
        let addresses = print(|hasher| links.hash(hasher));
        let events = print(|hasher| facts.events.hash(hasher));
        let same_addresses = self.addresses == addresses;
        let same_events = self.events == events;
        let before = |document: &Document| {
            let kept = self.bodies.get(&document.path).filter(|_| same_addresses)?;
            let same = Arc::ptr_eq(&kept.text, &document.text) && (same_events || !document.markdown().contains("{{"));
            same.then(|| Arc::clone(kept))
        };
        let bodies: Vec<Arc<Kept>> =
            documents.par_iter().with_min_len(64).map(|document| before(document).unwrap_or_else(|| make(document))).collect();
        (self.addresses, self.events) = (addresses, events);
        self.bodies = documents.iter().map(|document| document.path.clone()).zip(bodies.iter().cloned()).collect();
        bodies
    }

    /// Keeps the prints of the pages and sections that `bodies` belong to, so many of them pages.
    pub fn keep_prints(&mut self, bodies: &[Arc<Kept>], pages: usize) {
        if self.keeps {
            let (pages, sections) = bodies.split_at(pages);
            let prints = |bodies: &[Arc<Kept>]| bodies.iter().map(|body| body.print).collect();
            self.prints = Prints { pages: prints(pages), sections: prints(sections) };
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
