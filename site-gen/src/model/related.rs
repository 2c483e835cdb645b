//! Pages that share something: the same series, industry chains, tags.

use std::cmp::Reverse;

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

/// The related pages of every page, best first: those that share the most, then the newer. `terms` are the `(taxonomy, term)` indexes of
/// each page.
pub fn related(documents: &[&Document], terms: &[Vec<(usize, usize)>], taxonomies: &[Taxonomy]) -> Vec<Vec<PageIndex>> {
    let newness = newness(documents);
    // One table of scores a thread, emptied after each page, and never more than the best few in order: with a sorted list for
    // each page this stage took half of a build of 10,000 pages.
    let scratch = || (vec![0_u32; documents.len()], Vec::new());
    let of_page = |(scores, touched): &mut (Vec<u32>, Vec<PageIndex>), page: PageIndex| {
        for (taxonomy, term) in &terms[page] {
            let taxonomy = &taxonomies[*taxonomy];
            let weight = weight(&taxonomy.id);
            for other in taxonomy.terms[*term].pages.iter().take(LOOKED_AT).filter(|other| weight > 0 && **other != page) {
                if scores[*other] == 0 {
                    touched.push(*other);
                }
                scores[*other] += weight;
            }
        }
        let mut best = [(0, 0, 0); MOST];
        for other in touched.drain(..) {
            let mut rank = (std::mem::take(&mut scores[other]), newness[other], other);
            for place in &mut best {
                if rank > *place {
                    std::mem::swap(&mut rank, place);
                }
            }
        }
        best.into_iter().filter(|(score, ..)| *score > 0).map(|(.., other)| other).collect()
    };
    (0..documents.len()).into_par_iter().map_init(scratch, of_page).collect()
}

/// The place of each page when all are sorted by time, the newest last; of two of one time the one whose path comes first is the
/// newer.
fn newness(documents: &[&Document]) -> Vec<u32> {
    let mut order: Vec<PageIndex> = (0..documents.len()).collect();
    order.sort_by_cached_key(|page| (time(documents[*page]), Reverse(*page)));
    let mut newness = vec![0; documents.len()];
    for (place, page) in (0..).zip(order) {
        newness[page] = place;
    }
    newness
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
