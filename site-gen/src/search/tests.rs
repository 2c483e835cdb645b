//! What the script does with an index is tested with the script, in a browser: `tests/tests/system/search.rs`. Here: what the files are.

use std::sync::Mutex;

use super::*;

const URLS: [&str; 3] = ["/a/", "/b/", "/c/"];

fn entry(number: usize) -> Entry<'static> {
    let mut text = Text::default();
    text.html(["<h2>融资</h2><p>贷款。</p>", "<p>融资，贷款。</p>", "<p>贷款</p>"][number]);
    let title = ["甲", "贷款", "乙"][number];
    Entry { url: URLS[number], title, note: "政策".to_owned(), summary: None, text }
}

fn made(index: &Index) -> Vec<Output> {
    let outputs = Mutex::<Vec<Output>>::default();
    let filters = Filters::from([("column", BTreeMap::from([("policies".to_owned(), vec![0, 2])]))]);
    let made = index.make(entry, &filters, &outputs).expect("a list takes everything");
    let mut outputs = outputs.into_inner().expect("nobody panicked");
    outputs.sort_by(|one, other| one.path.cmp(&other.path));
    assert_eq!((made.files, index.files()), (outputs.len(), outputs.len()));
    assert_eq!(made.bytes, outputs.iter().map(Output::made).sum::<u64>());
    outputs
}

fn text<'a>(outputs: &'a [Output], path: &str) -> &'a str {
    outputs.iter().find(|output| output.path == path).and_then(Output::as_text).expect("it is there")
}

#[test]
fn all_files_are_known_before_they_are_made() {
    let index = Index::new(URLS.into_iter(), 10 * 1024);
    let mut paths: Vec<String> = index.paths().collect();
    paths.sort();
    assert_eq!(made(&index).into_iter().map(|output| output.path).collect::<Vec<_>>(), paths);
}

#[test]
fn a_page_keeps_its_words() {
    let outputs = made(&Index::new(URLS.into_iter(), 0));
    let page: serde_json::Value = serde_json::from_str(text(&outputs, "search/p/0.json")).expect("JSON");
    let numbering = page["numbering"].clone();
    let expected = serde_json::json!({
        "numbering": numbering, "url": "/a/", "title": "甲", "note": "政策", "summary": null, "headings": ["融资"], "lines": ["贷款。"],
    });
    assert_eq!(page, expected);
    let filters: serde_json::Value = serde_json::from_str(text(&outputs, "search/filters.json")).expect("JSON");
    assert_eq!(filters, serde_json::json!({ "numbering": numbering, "filters": { "column": { "policies": "CAB" } } }));
}

#[test]
fn a_shard_lists_keys_and_pages_by_where_the_string_stands() {
    let outputs = made(&Index::new(URLS.into_iter(), 0));
    let shard: serde_json::Value = serde_json::from_str(text(&outputs, "search/g/000.json")).expect("JSON");
    let grams = shard["grams"].as_str().expect("a text");
    // 贷款 stands in the title of page 1 and in the text of 0 and 2: head 4 · 2 + 1, one title, page 1, pages 0 and 2.
    assert!(grams.contains("JBBAB"), "{grams}");
    // 融资 stands in a heading of page 0 and in the text of page 1: head 4 · 1 + 2, one heading, page 0, page 1.
    assert!(grams.contains("GBAB"), "{grams}");
}

#[test]
fn the_version_tells_of_every_change_and_the_numbering_only_of_other_pages() {
    let of = |urls: &[&'static str], bytes| {
        let outputs = made(&Index::new(urls.iter().copied(), bytes));
        let entry: serde_json::Value = serde_json::from_str(text(&outputs, "search/index.json")).expect("JSON");
        (entry["version"].clone(), entry["numbering"].clone(), entry["bits"].clone())
    };
    let before = of(&URLS, 0);
    assert_eq!(before, of(&URLS, 0));
    let other_pages = of(&["/a/", "/c/", "/b/"], 0);
    assert_ne!((&before.0, &before.1), (&other_pages.0, &other_pages.1));
    let more_shards = of(&URLS, 100 * 1024);
    assert_ne!((&before.1, &before.2), (&more_shards.1, &more_shards.2));
}

#[test]
fn the_number_of_shards_follows_the_amount_of_text() {
    for (bytes, bits) in [(0, 0), (2000, 0), (33 * 1024, 5), (6 << 20, 12), (1 << 40, 12)] {
        assert_eq!(Index::new(URLS.into_iter(), bytes).bits, bits, "{bytes}");
    }
}

#[test]
fn the_files_are_the_same_whatever_the_number_of_threads() {
    let index = Index::new(URLS.into_iter(), 1 << 40);
    let on = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads").install(|| made(&index));
    assert_eq!(on(1), on(4));
}

#[test]
fn shards_of_a_larger_index_do_not_stay() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let public = folder.path().join("public");
    for bytes in [1 << 20, 0] {
        let outputs = made(&Index::new(URLS.into_iter(), bytes));
        crate::write::write(&outputs, &public).expect("there is room");
        let shards = std::fs::read_dir(public.join("search/g")).expect("a folder").count();
        assert_eq!(shards, outputs.iter().filter(|output| output.path.starts_with("search/g/")).count());
    }
}
