//! From pages with their grams to grams with their pages.
//!
//! A gram's number has three parts: its group (at most 8 bits), its shard within the group (at most 4) and its key. A page keeps its grams by
//! group, so that a group can be turned round without looking at the others; with the place a gram takes 32 bits.
//!
//! A shard is a list of numbers in base 32, written with 64 signs: those of the second half say that the number goes on. For each gram, in the order of keys:
//! how much larger its key is than the one before, `4 · pages in text + 2 · any in headings + any in titles`, how many pages have it in
//! titles and headings where there are any, and then the pages of title, heading and text, each as its distance from the one before.
//! As text it passes through every server, proxy and compressor; compressed it is as small as the same numbers in binary.

use super::{Place, grams::Gram, grams::KEY_BITS};

/// Groups are turned round one at a time on each thread.
const MOST_GROUP_BITS: u32 = 8;

const PLACE_BITS: u32 = 2;

/// How many groups `1 << bits` shards are made in, as a power of two.
pub fn group_bits(bits: u32) -> u32 {
    bits.min(MOST_GROUP_BITS)
}

/// The grams of one page: by group, in order, each once.
pub struct PageGrams {
    /// Shard within the group, key, place.
    grams: Box<[u32]>,
    /// Where the grams of each group end.
    ends: Box<[u32]>,
}

impl PageGrams {
    fn group(&self, group: usize) -> &[u32] {
        let begin = if group == 0 { 0 } else { self.ends[group - 1] };
        &self.grams[begin as usize..self.ends[group] as usize]
    }
}

/// Gathers the grams of one page.
pub struct Collector {
    bits: u32,
    /// Group above, then as in [`PageGrams`].
    found: Vec<u64>,
}

impl Collector {
    /// For an index of `1 << bits` shards.
    pub fn new(bits: u32) -> Collector {
        Collector { bits, found: Vec::with_capacity(8 * 1024) }
    }

    /// Adds a gram that stands at `place`.
    pub fn add(&mut self, gram: Gram, place: Place) {
        let (shard, key) = gram.place(self.bits);
        let number = u64::from(shard) << (KEY_BITS + PLACE_BITS) | u64::from(key) << PLACE_BITS | place as u64;
        self.found.push(number);
    }

    /// All of them; of a gram that stands in several places the best one counts.
    pub fn finish(mut self) -> PageGrams {
        self.found.sort_unstable();
        self.found.dedup_by_key(|number| *number >> PLACE_BITS);
        let within = self.bits - group_bits(self.bits) + KEY_BITS + PLACE_BITS;
        let grams = self.found.iter().map(|number| (*number & ((1 << within) - 1)) as u32).collect();
        let end = |group| self.found.partition_point(|number| number >> within <= group) as u32;
        PageGrams { grams, ends: (0..1 << group_bits(self.bits)).map(end).collect() }
    }
}

/// The shards of a group, each with its number.
pub fn of_group(pages: &[PageGrams], group: usize, bits: u32) -> Vec<(usize, String)> {
    let length = pages.iter().map(|page| page.group(group).len()).sum();
    // Shard and key above, then page, then place: sorted by gram, and for each gram by page.
    let mut found: Vec<u64> = Vec::with_capacity(length);
    for (page, grams) in pages.iter().enumerate() {
        let at = |gram: u32| u64::from(gram >> PLACE_BITS) << 34 | (page as u64) << PLACE_BITS | u64::from(gram & 3);
        found.extend(grams.group(group).iter().copied().map(at));
    }
    found.sort_unstable();

    let within = bits - group_bits(bits);
    let mut rest = found.as_slice();
    let mut shards = Vec::with_capacity(1 << within);
    for shard in 0..1_u64 << within {
        let end = rest.partition_point(|number| number >> (34 + KEY_BITS) <= shard);
        let (own, others) = rest.split_at(end);
        shards.push(((group << within) + shard as usize, written(own)));
        rest = others;
    }
    shards
}

/// One shard.
fn written(found: &[u64]) -> String {
    let mut text = String::with_capacity(found.len() * 3);
    let mut lists: [Vec<u32>; 3] = Default::default();
    let mut last = 0;
    for gram in found.chunk_by(|one, other| one >> 34 == other >> 34) {
        lists.iter_mut().for_each(Vec::clear);
        gram.iter().for_each(|number| lists[(number & 3) as usize].push((number >> PLACE_BITS) as u32));
        let [titles, headings, texts] = &lists;
        let key = (gram[0] >> 34) as u32 & ((1 << KEY_BITS) - 1);
        write(&mut text, key - last);
        last = key;
        write(&mut text, 4 * texts.len() as u32 + 2 * u32::from(!headings.is_empty()) + u32::from(!titles.is_empty()));
        for list in [titles, headings] {
            if !list.is_empty() {
                write(&mut text, list.len() as u32);
            }
        }
        lists.iter().for_each(|list| write_distances(&mut text, list));
    }
    text
}

/// A list of pages by itself: how many, and each as its distance from the one before.
pub fn list(pages: &[u32]) -> String {
    let mut text = String::new();
    write(&mut text, pages.len() as u32);
    write_distances(&mut text, pages);
    text
}

fn write_distances(text: &mut String, pages: &[u32]) {
    let mut next = 0;
    for page in pages {
        write(text, page - next);
        next = page + 1;
    }
}

fn write(text: &mut String, mut number: u32) {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    while number >= 32 {
        text.push(char::from(SIGNS[(32 + number % 32) as usize]));
        number /= 32;
    }
    text.push(char::from(SIGNS[number as usize]));
}
