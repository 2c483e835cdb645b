//! Pages that share something: the same series, industry chains, tags.

use std::{cmp::Reverse, collections::HashMap};

use domain::Moment;
use rayon::prelude::*;

use super::event::event_of;
use crate::{
    site::{PageIndex, Taxonomy},
    source::Document,
};

/// How many are named.
const MOST: usize = 3;

/// How many of a term's pages are looked at: a word that everything has says little, and must not cost the square of the site.
const LOOKED_AT: usize = 200;

/// The related pages of every page, best first. `terms` are the `(taxonomy, term)` indexes of each page.
pub fn related(documents: &[&Document], terms: &[Vec<(usize, usize)>], taxonomies: &[Taxonomy]) -> Vec<Vec<PageIndex>> {
    (0..documents.len())
        .into_par_iter()
        .map(|page| {
            let mut scores: HashMap<PageIndex, u32> = HashMap::new();
            for (taxonomy, term) in &terms[page] {
                let taxonomy = &taxonomies[*taxonomy];
                let weight = weight(&taxonomy.id);
                for other in taxonomy.terms[*term].pages.iter().take(LOOKED_AT).filter(|other| weight > 0 && **other != page) {
                    *scores.entry(*other).or_default() += weight;
                }
            }
            let mut found: Vec<(PageIndex, u32)> = scores.into_iter().collect();
            found.sort_by_key(|(other, score)| (Reverse(*score), Reverse(time(documents[*other])), *other));
            found.truncate(MOST);
            found.into_iter().map(|(other, _)| other).collect()
        })
        .collect()
}

/// What sharing a term of this taxonomy counts for.
fn weight(taxonomy: &str) -> u32 {
    match taxonomy {
        "series" => 3,
        "chains" => 2,
        "tags" => 2,
        _ => 0,
    }
}

/// The time by which the newer of two pages is told.
pub fn time(document: &Document) -> Option<Moment> {
    event_of(document).map(|event| event.start).or(document.front.common().date)
}
