//! Photographs beside pages: what a page shows, what is published, and what is said of those that cannot be shown.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use image::{Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use site_gen::{
    build::{Built, Options, build},
    diagnostic::{Colours, render_human},
    generator::{Changes, Generator},
    output::{Content, Output, Sink},
    write::WriteError,
};
use tempfile::TempDir;

use crate::given::copy;

const NOW: &str = "2026-11-24 09:00";

struct Site {
    root: TempDir,
    options: Options,
}

impl Site {
    fn new(page: &str, files: &[(&str, Vec<u8>)]) -> Site {
        let root = TempDir::new().expect("a folder");
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites/_shared"), root.path());
        let site = Site { options: Options::new(root.path(), NOW.parse().expect("a moment")), root };
        site.write("news/_index.md", b"---\ntitle: \xe5\x8a\xa8\xe6\x80\x81\n---\n");
        site.write("news/tea.md", format!("---\ntitle: 茶会\n---\n\n{page}\n").as_bytes());
        files.iter().for_each(|(name, bytes)| site.write(&format!("news/{name}"), bytes));
        site
    }

    fn path(&self, below: &str) -> PathBuf {
        self.root.path().join("content").join(below)
    }

    fn write(&self, below: &str, bytes: &[u8]) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().expect("a folder")).expect("makes");
        fs::write(path, bytes).expect("writes");
    }

    fn build(&self) -> Built {
        build(&self.options).expect("the site has a content folder")
    }
}

/// A photograph: noise and gradients, which no encoder finds easy.
fn photograph(width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| {
        let noise = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)) >> 27;
        Rgb([(x * 200 / width) as u8 + noise as u8, (y * 200 / height) as u8 + noise as u8, 80])
    });
    let mut file = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut file, 92)).expect("encodes");
    file
}

fn outputs(built: Built) -> BTreeMap<String, Vec<u8>> {
    let bytes = |output: Output| match output.content {
        Content::Bytes(bytes) => (output.path, bytes),
        Content::File(path) => (output.path, fs::read(path).expect("reads")),
    };
    built.outputs.into_iter().map(bytes).collect()
}

fn said(built: &Built) -> String {
    render_human(&built.diagnostics, &built.texts, Colours::Plain)
}

#[test]
fn a_page_offers_widths_of_a_photograph_and_each_is_there() {
    let page = "![会场](hall.jpg \"会场一角\")\n\n再看一张：![门口](door,1.jpg)\n\n![标志](mark.svg)\n\n![小图](small.png)";
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"20\" height=\"10\"/>".to_vec();
    let mut small = Vec::new();
    RgbImage::new(40, 30).write_with_encoder(image::codecs::png::PngEncoder::new(&mut small)).expect("encodes");
    let files = [
        ("hall.jpg", photograph(2000, 1200)),
        ("door,1.jpg", photograph(600, 900)),
        ("mark.svg", svg.clone()),
        ("small.png", small.clone()),
    ];
    let site = Site::new(page, &files);
    let built = site.build();
    assert!(built.is_fine(), "{}", said(&built));
    let outputs = outputs(built);
    let html = String::from_utf8_lossy(&outputs["news/tea/index.html"]).into_owned();

    let hall = html.split_once("<figure>").and_then(|(_, rest)| rest.split_once("</figure>")).expect("a figure").0;
    assert!(hall.starts_with("<picture><source type=\"image/webp\" srcset=\"/news/hall-"), "{hall}");
    assert!(hall.contains(" width=\"960\" height=\"576\" decoding=\"async\"></picture><figcaption>会场一角"), "{hall}");
    assert_eq!(html.matches("loading=\"lazy\"").count(), 3, "all but the first: {html}");
    assert!(html.contains("src=\"/news/mark.svg\" alt=\"标志\""), "{html}");
    assert!(html.contains("src=\"/news/small.png\" alt=\"小图\" width=\"40\" height=\"30\""), "{html}");
    assert_eq!(outputs["news/mark.svg"], svg);
    assert_eq!(outputs["news/small.png"], small);

    let mut offered = 0;
    for set in html.split("srcset=\"").skip(1) {
        for candidate in set.split('"').next().expect("a value").split(", ") {
            let (address, width) = candidate.split_once(' ').expect("an address and a width");
            let file = &outputs[address.trim_start_matches('/').replace("%2C", ",").as_str()];
            let found = imagesize::blob_size(file).expect("a picture");
            assert_eq!(format!("{}w", found.width), width, "{address}");
            offered += 1;
        }
    }
    assert_eq!(offered, 2 * 3 + 2 * 2);
    let largest = |extension: &str| {
        let is = |path: &&String| path.starts_with("news/hall-") && path.ends_with(extension);
        outputs.iter().filter(|(path, _)| is(path)).map(|(_, bytes)| bytes.len()).max().expect("there are some")
    };
    assert!(largest(".webp") < largest(".jpg"), "{} {}", largest(".webp"), largest(".jpg"));
}

#[test]
fn what_cannot_be_shown_is_said_where_the_page_names_it() {
    let whole = photograph(700, 500);
    let mut damaged = Vec::new();
    let picture = RgbImage::from_fn(700, 500, |x, y| Rgb([(x % 251) as u8, (y % 241) as u8, (x * y % 239) as u8]));
    picture.write_with_encoder(image::codecs::png::PngEncoder::new(&mut damaged)).expect("encodes");
    let mut enormous = damaged.clone();
    enormous[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    for (name, bytes, words, hint) in [
        ("cut.jpg", whole[..whole.len() / 2].to_vec(), "不完整", "再拷贝一次"),
        ("page.jpg", b"<html>".to_vec(), "不是 JPEG，也不是 PNG", "另存为"),
        ("enormous.png", enormous, "宽 60000、高 60000", "缩小"),
        ("damaged.png", damaged, "是坏的", "换一张"),
    ] {
        let site = Site::new(&format!("第一段。\n\n又一段，![会场]({name})"), &[(name, bytes)]);
        let built = site.build();
        assert!(!built.is_fine());
        let said = said(&built);
        assert!(said.contains(words) && said.contains(hint), "{said}");
        // Front matter takes three lines; the address stands after 「又一段，![会场](」.
        assert!(said.contains("content/news/tea.md:7:11"), "{said}");
    }
}

#[test]
fn a_picture_without_words_is_refused() {
    let site = Site::new("![](hall.jpg)", &[("hall.jpg", photograph(600, 400))]);
    let built = site.build();
    assert!(!built.is_fine() && said(&built).contains("图片没有文字说明"), "{}", said(&built));
}

#[test]
fn the_cache_changes_no_byte_and_two_builds_may_run_at_once() {
    let site = Site::new("![会场](hall.jpg)", &[("hall.jpg", photograph(1700, 1000))]);
    let (one, other) = std::thread::scope(|scope| {
        let build = || scope.spawn(|| outputs(site.build()));
        let (one, other) = (build(), build());
        (one.join().expect("it builds"), other.join().expect("it builds"))
    });
    assert_eq!(one, other);
    assert_eq!(outputs(site.build()), one);
    let cache = site.root.path().join(".cache/pictures");
    assert_eq!(fs::read_dir(&cache).expect("a folder").count(), 6);
    for entry in fs::read_dir(&cache).expect("a folder") {
        fs::write(entry.expect("an entry").path(), "damaged").expect("writes");
    }
    assert_eq!(outputs(site.build()), one);
    fs::remove_dir_all(&cache).expect("removes");
    assert_eq!(outputs(site.build()), one);
}

#[test]
fn a_site_without_pictures_keeps_nothing() {
    let site = Site::new("一段话。", &[]);
    assert!(site.build().is_fine());
    assert!(!site.root.path().join(".cache").exists());
}

/// What a build hands over.
#[derive(Default)]
struct Handed {
    made: Mutex<Vec<String>>,
}

impl Sink for Handed {
    fn put(&self, output: Output) -> Result<(), WriteError> {
        self.made.lock().expect("nobody panicked").push(output.path);
        Ok(())
    }

    fn has_the_last(&self) -> bool {
        true
    }
}

#[test]
fn an_edit_of_words_makes_no_picture_and_reads_none() {
    let site = Site::new("![会场](hall.jpg)", &[("hall.jpg", photograph(1000, 600))]);
    let mut generator = Generator::new(site.options.clone());
    let mut again = |changes: &Changes| {
        let now = NOW.parse().expect("a moment");
        let (built, handed) =
            generator.build(now, changes, true, |_| Ok(Handed::default())).expect("the site has a content folder");
        let handed = handed.unwrap_or_else(|| panic!("{}", said(&built)));
        generator.published();
        handed.made.into_inner().expect("nobody panicked")
    };
    let pictures = |made: &[String]| made.iter().filter(|path| path.contains("hall")).count();
    assert_eq!(pictures(&again(&Changes::Anything)), 5, "four and the file itself");

    // Were it read, it would be missing.
    fs::remove_file(site.path("news/hall.jpg")).expect("removes");
    fs::remove_dir_all(site.root.path().join(".cache")).expect("removes");
    site.write("news/tea.md", "---\ntitle: 茶会\n---\n\n改了几个字。\n\n![会场](hall.jpg)\n".as_bytes());
    let made = again(&Changes::Only { documents: ["news/tea.md".to_owned()].into(), theme: false });
    assert!(made.contains(&"news/tea/index.html".to_owned()), "{made:?}");
    assert_eq!(pictures(&made), 0, "{made:?}");
}
