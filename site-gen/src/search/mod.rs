//! The search index: static files by which the theme's `search.js` finds every string of two characters or more, exactly.
//!
//! 1. [`text`] takes the words out of a page: title, headings, lines. [`folding`] is the rule by which two writings are the same.
//! 2. [`grams`] gives every string of two, three and four characters a number. A page keeps the numbers of its strings, each with the best
//!    place it stands in (title, heading, text): four bytes a string, nothing else is held of all pages at once.
//! 3. `shards` turns them round, a part of all numbers at a time: for each string the pages that hold it.
//!
//! What is published, below `/search/`:
//!
//! | file | holds | fetched |
//! |---|---|---|
//! | `index.json` | the version, how many pages and shards there are | once, as the page opens; never from a cache unasked |
//! | `g/HEX.json` | a shard: strings by their keys, pages by their numbers | one for a query of up to four characters |
//! | `p/NUMBER.json` | a page's words: what is verified and quoted | for results that are shown |
//! | `filters.json` | the pages of each column, month, chain and form | once somebody filters |
//!
//! Up to four characters a shard gives the answer. A longer query takes the pages that have all of its fours and looks into their words,
//! which an excerpt needs anyway.
//!
//! **No cache mixes two builds.** Files are fetched as `…?v=VERSION`, and the version is a hash of all of them. Should a cache not look at
//! that, or a build be published in between: each file also names the numbering of pages it was made for, and the script begins anew when it is another one.
//! Names that hold the version themselves would have every file written and uploaded again whenever a word changes; so a change of
//! words touches only the shards that hold them.
//!
//! **Why no library.** Pagefind 1.6 was measured on 5,000 Chinese pages: 17 s and 2.6 GB to index, 86 KiB and WebAssembly for a first
//! query, 598 hits for a word that stands nowhere, because it cuts words. MiniSearch 7.2 and FlexSearch 0.8 with pairs of characters as tokens load their
//! index as a whole, 5.9 and 2.3 MB packed, give wrong pages too for a third of all queries, and something for nearly every string that stands nowhere
//! (`site-gen/benches/search --libraries`). tantivy was only read about: it finds tokens, not strings, and positions, by which an answer would be exact,
//! cost 50 to 150 KB a query. fst stores 3 million distinct strings well, but in one file, which a static server hands out whole. What is taken
//! from a library here is Unicode (`icu_normalizer`, as in `domain`). Figures stand in `site-gen/BENCHMARKS.md`.

pub mod folding;
pub mod grams;
mod shards;
pub mod text;

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

pub use self::text::Text;
use self::{grams::Gram, shards::PageGrams};
use crate::{
    output::{Content, Output, Sink},
    write::WriteError,
};

/// Where the script begins.
pub const ENTRY: &str = "/search/index.json";

/// Part of the numbering: another one whenever the format of the files changes.
const FORMAT: &str = "1";

/// So many bytes of HTML make one more shard worth while…
const BYTES_A_SHARD: usize = 1536;
/// …up to 4,096 of them.
const MOST_BITS: u32 = 12;

/// A page as it is searched and shown among results.
#[derive(Debug, Serialize)]
pub struct Entry<'a> {
    /// Address.
    pub url: &'a str,
    /// Title.
    pub title: &'a str,
    /// 课程 · 2026年12月29日 · 报名中
    pub note: String,
    /// One or two sentences, shown where no words of the page are quoted.
    pub summary: Option<&'a str>,
    /// Headings and lines.
    #[serde(flatten)]
    pub text: Text,
}

/// The pages that have a value, by filter and value.
pub type Filters = BTreeMap<&'static str, BTreeMap<String, Vec<u32>>>;

/// The files of an index, known before any of them is made.
#[derive(Debug)]
pub struct Index {
    pages: usize,
    /// There are `1 << bits` shards.
    bits: u32,
    numbering: String,
}

/// What making an index came to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Made {
    /// Files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl Index {
    /// The index of pages at `urls`, the oldest first, whose bodies have `bytes` between them.
    pub fn new<'a>(urls: impl Iterator<Item = &'a str>, bytes: usize) -> Index {
        let bits = (bytes / BYTES_A_SHARD).max(1).next_power_of_two().trailing_zeros().min(MOST_BITS);
        let mut hasher = blake3::Hasher::new();
        let mut pages = 0;
        hasher.update(FORMAT.as_bytes()).update(&bits.to_le_bytes());
        for url in urls {
            hasher.update(url.as_bytes()).update(b"\n");
            pages += 1;
        }
        Index { pages, bits, numbering: hasher.finalize().to_hex()[..8].to_owned() }
    }

    /// How many files there are.
    pub fn files(&self) -> usize {
        2 + self.pages + (1 << self.bits)
    }

    /// Where they lie.
    pub fn paths(&self) -> impl Iterator<Item = String> {
        let shards = (0..1 << self.bits).map(shard_path);
        let pages = (0..self.pages).map(page_path);
        shards.chain(pages).chain([FILTERS.to_owned(), ENTRY.trim_start_matches('/').to_owned()])
    }

    /// Makes them all; `entry` gives the page of a number.
    pub fn make<'a>(
        &self,
        entry: impl Fn(usize) -> Entry<'a> + Sync,
        filters: &Filters,
        sink: &impl Sink,
    ) -> Result<Made, WriteError> {
        let numbering = self.numbering.as_str();
        let put = |path: String, bytes: Vec<u8>| {
            let print = (*blake3::hash(&bytes).as_bytes(), bytes.len());
            sink.put(Output { path, content: Content::Bytes(bytes) }).map(|()| print)
        };
        let page = |number: usize| {
            let entry = entry(number);
            let grams = self.grams(&entry);
            let file = json(&PageFile { numbering, entry });
            Ok::<_, WriteError>((grams, put(page_path(number), file)?))
        };
        let (grams, mut prints): (Vec<PageGrams>, Vec<_>) =
            (0..self.pages).into_par_iter().map(page).collect::<Result<Vec<_>, _>>()?.into_iter().unzip();

        let groups = 0..1 << shards::group_bits(self.bits);
        let shard = |(number, list): (usize, String)| put(shard_path(number), json(&ShardFile { numbering, grams: list }));
        let of_group = |group| shards::of_group(&grams, group, self.bits).into_iter().map(shard).collect::<Result<Vec<_>, _>>();
        let made = groups.into_par_iter().map(of_group).collect::<Result<Vec<_>, _>>()?;
        prints.extend(made.into_iter().flatten());

        let listed = filters.iter().map(|(name, values)| {
            let lists = values.iter().map(|(value, pages)| (value.as_str(), shards::list(pages)));
            (*name, lists.collect::<BTreeMap<_, _>>())
        });
        prints.push(put(FILTERS.to_owned(), json(&FiltersFile { numbering, filters: listed.collect() }))?);

        let mut hasher = blake3::Hasher::new();
        for (print, _) in &prints {
            hasher.update(print);
        }
        let version = &hasher.finalize().to_hex()[..10];
        let file = json(&EntryFile { version, numbering, pages: self.pages, bits: self.bits });
        prints.push(put(ENTRY.trim_start_matches('/').to_owned(), file)?);
        Ok(Made { files: prints.len(), bytes: prints.iter().map(|(_, length)| *length as u64).sum() })
    }

    /// All grams of a page, each with the best place it stands in.
    fn grams(&self, entry: &Entry<'_>) -> PageGrams {
        let mut grams = shards::Collector::new(self.bits);
        let mut line = Vec::new();
        let mut add = |text: &str, place: Place| {
            line.clear();
            folding::fold(text, &mut line);
            grams::of_line(&line, |gram: Gram| grams.add(gram, place));
        };
        add(entry.title, Place::Title);
        entry.text.headings.iter().for_each(|heading| add(heading, Place::Heading));
        entry.summary.into_iter().for_each(|summary| add(summary, Place::Text));
        entry.text.lines.iter().for_each(|line| add(line, Place::Text));
        grams.finish()
    }
}

/// Where a string stands in a page; better ones first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In its title.
    Title = 0,
    /// In a heading.
    Heading = 1,
    /// Elsewhere.
    Text = 2,
}

const FILTERS: &str = "search/filters.json";

fn shard_path(number: usize) -> String {
    format!("search/g/{number:03x}.json")
}

fn page_path(number: usize) -> String {
    format!("search/p/{number}.json")
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("texts, numbers and maps from text, which JSON holds")
}

#[derive(Serialize)]
struct EntryFile<'a> {
    version: &'a str,
    numbering: &'a str,
    pages: usize,
    bits: u32,
}

#[derive(Serialize)]
struct ShardFile<'a> {
    numbering: &'a str,
    grams: String,
}

#[derive(Serialize)]
struct PageFile<'a> {
    numbering: &'a str,
    #[serde(flatten)]
    entry: Entry<'a>,
}

#[derive(Serialize)]
struct FiltersFile<'a> {
    numbering: &'a str,
    filters: BTreeMap<&'a str, BTreeMap<&'a str, String>>,
}

#[cfg(test)]
mod tests;
