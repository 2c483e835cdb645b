//! Posters of a small site with the real theme's templates: which events have them, what stands on them, what the cache and the memory change.
//!
//! They are set in Noto Sans CJK, which `tests/run` installs.

use std::{
    collections::BTreeMap,
    fs,
    io::Cursor,
    path::{Path, PathBuf},
    sync::Mutex,
};

use site_gen::{
    build::{Built, Options, build},
    generator::{Changes, Generator},
    output::{Content, Output, Sink},
    write::WriteError,
};
use tempfile::TempDir;

use crate::given::copy;

const NOW: &str = "2026-11-24 09:00";

/// A site in a folder of its own, with one page for each of the names.
struct Site {
    root: TempDir,
    options: Options,
}

impl Site {
    fn new(events: &[(&str, &str, &str)]) -> Site {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = TempDir::new().expect("a folder");
        copy(&package.join("tests/sites/_shared"), root.path());
        let theme = root.path().join("themes/tiny");
        copy(&package.join("../themes/xiangshang/posters"), &theme.join("posters"));
        let shown = "{{ head.open_graph | length }}{% for meta in head.open_graph %}\n{{ meta.name }}={{ meta.content }}{% endfor %}\n\
            poster={% if poster %}{{ poster.png }} {{ poster.svg }} {{ poster.corrects }}{% endif %}\n";
        fs::write(theme.join("templates/event.html"), shown).expect("writes");
        let site = Site { options: Options::new(root.path(), NOW.parse().expect("a moment")), root };
        fs::create_dir_all(site.path("activities")).expect("makes");
        fs::write(site.path("activities/_index.md"), "---\ntitle: 活动\npages: activity\n---\n").expect("writes");
        fs::write(site.path("about.md"), "---\ntitle: 关于\n---\n\n一段话。\n").expect("writes");
        events.iter().for_each(|(name, title, event)| site.event(name, title, event));
        site
    }

    fn path(&self, below: &str) -> PathBuf {
        self.root.path().join("content").join(below)
    }

    fn event(&self, name: &str, title: &str, event: &str) {
        let defaults = [
            ("start", "2026-12-16 14:30"),
            ("end", "2026-12-16 16:30"),
            ("place", "区内某茶室"),
            ("attendance", "both"),
            ("audience", "民营企业负责人"),
            ("contact", "联系人"),
        ];
        let own = |key: &str| event.lines().any(|line| line.starts_with(&format!("{key}:")));
        let mut text = format!("---\ntitle: {title}\ndate: 2026-11-20 09:00\nevent:\n");
        for (key, value) in defaults.iter().filter(|(key, _)| !own(key)) {
            text += &format!("  {key}: {value}\n");
        }
        event.lines().for_each(|line| text += &format!("  {line}\n"));
        fs::write(self.path(&format!("activities/{name}.md")), text + "---\n\n一段话。\n").expect("writes");
    }

    fn build(&self) -> Built {
        let built = build(&self.options).expect("the site has a content folder");
        assert!(built.is_fine(), "{:?}", built.diagnostics);
        built
    }
}

fn outputs(built: Built) -> BTreeMap<String, Vec<u8>> {
    let bytes = |output: Output| match output.content {
        Content::Bytes(bytes) => (output.path, bytes),
        Content::File(path) => (output.path, fs::read(path).expect("reads")),
    };
    built.outputs.into_iter().map(bytes).collect()
}

/// The files of an event whose names begin so.
fn named<'a>(outputs: &'a BTreeMap<String, Vec<u8>>, event: &str, start: &str) -> Vec<(&'a str, &'a [u8])> {
    let start = format!("activities/{event}/{start}");
    outputs.iter().filter(|(path, _)| path.starts_with(&start)).map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect()
}

/// What a camera reads on a poster.
fn scanned(file: &[u8]) -> Vec<String> {
    let mut decoder = png::Decoder::new(Cursor::new(file));
    // A palette's colours instead of its numbers.
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a picture of some size")];
    let info = reader.next_frame(&mut pixels).expect("one frame");
    let (width, height) = (info.width as usize, info.height as usize);
    assert_eq!((width, height), (1080, 1920));
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[(y * width + x) * 3 + 1]);
    image.detect_grids().iter().map(|grid| grid.decode().expect("a code that can be read").1).collect()
}

#[test]
fn the_code_on_a_poster_leads_to_the_page_of_its_event() {
    let long =
        "关于组织民营企业负责人参加2026年数字化转型与AI应用（DeepSeek、ChatGPT）专题培训班暨“相商同心大讲堂”的通知".repeat(2);
    let site = Site::new(&[
        ("tea", "12 月下午茶", ""),
        (
            "long",
            &long,
            "place: 某地\naudience: 民营企业负责人、财务负责人、个体工商户、商会会员和有意在相山投资兴业的各地客商朋友，以及关心他们的人",
        ),
        ("online", "线上答疑", "attendance: online\nplace: 线上（会前发链接）"),
        ("days", "外出考察", "end: 2026-12-18 17:00"),
    ]);
    let outputs = outputs(site.build());
    for event in ["tea", "long", "online", "days"] {
        let [(png, picture), (svg, outlines)] = named(&outputs, event, "poster-")[..] else {
            panic!("{event} has two files: {:?}", outputs.keys())
        };
        assert_eq!(png.strip_suffix(".png"), svg.strip_suffix(".svg"));
        assert_eq!(scanned(picture), [format!("https://site.example/activities/{event}/")]);
        assert!(outlines.starts_with(b"<svg") && !outlines.windows(5).any(|window| window == b"<text"), "{svg}");
        let page = String::from_utf8_lossy(&outputs[&format!("activities/{event}/index.html")]).into_owned();
        assert!(page.contains(&format!("poster=/{png} /{svg} false")), "{page}");
        let share = named(&outputs, event, "share-")[0].0;
        assert!(page.contains(&format!("og:image=https://site.example/{share}")), "{page}");
    }
}

#[test]
fn nobody_is_invited_to_what_is_over_or_does_not_take_place() {
    let events = [
        ("past", "上个月的茶", "start: 2026-10-16 14:30\nend: 2026-10-16 16:30"),
        ("cancelled", "不办了", "status: cancelled\nstatus_note: 不办了。"),
        ("postponed", "改期", "status: postponed\nstatus_note: 改期。"),
        ("tea", "12 月下午茶", ""),
    ];
    let site = Site::new(&events);
    let drawn = outputs(site.build());
    for (event, ..) in events {
        let [(png, picture), (svg, _)] = named(&drawn, event, "poster-")[..] else { panic!("{event} has two files") };
        assert_eq!(scanned(picture), [format!("https://site.example/activities/{event}/")]);
        let page = String::from_utf8_lossy(&drawn[&format!("activities/{event}/index.html")]).into_owned();
        let corrects = ["cancelled", "postponed"].contains(&event);
        assert!(page.ends_with(&format!("poster=/{png} /{svg} {corrects}\n")), "{page}");
        assert!(page.contains("og:image="), "{page}");
    }

    // Letters are drawn as outlines; the name of a shape stays a name.
    let named_after = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9' \
        id='{% if outcome %}{{ outcome.kind }} {{ outcome.words }} {{ outcome.afterwards or \"-\" }}{% else %}ahead{% endif %}'/></svg>";
    fs::write(site.root.path().join("themes/tiny/posters/poster.svg"), named_after).expect("writes");
    let past = site.path("activities/past.md");
    let text = fs::read_to_string(&past).expect("reads");
    fs::write(&past, text.replacen("---\n\n", "minutes:\n  text: 谈了两件事。\n---\n\n", 1)).expect("writes");
    let said = outputs(site.build());
    for (event, expected) in [
        ("past", "past 已结束 会后小结"),
        ("cancelled", "cancelled 已取消 -"),
        ("postponed", "postponed 改期 -"),
        ("tea", "ahead"),
    ] {
        let outlines = String::from_utf8_lossy(named(&said, event, "poster-")[1].1).into_owned();
        assert!(outlines.contains(&format!("id=\"{expected}\"")), "{outlines}");
    }
}

#[test]
fn the_cache_changes_no_byte() {
    let site = Site::new(&[("tea", "12 月下午茶", "")]);
    let first = outputs(site.build());
    assert_eq!(outputs(site.build()), first, "from the cache");
    for entry in fs::read_dir(site.root.path().join(".cache/posters")).expect("a folder") {
        fs::write(entry.expect("an entry").path(), "damaged").expect("writes");
    }
    assert_eq!(outputs(site.build()), first, "from a damaged one");
    fs::remove_dir_all(site.root.path().join(".cache")).expect("removes");
    assert_eq!(outputs(site.build()), first, "from none");
    site.event("tea", "12 月下午茶", "place: 另一个茶室");
    let later = outputs(site.build());
    assert_ne!(named(&later, "tea", "poster-")[0].0, named(&first, "tea", "poster-")[0].0, "phones keep pictures for long");
}

#[test]
fn without_a_font_the_build_says_so_once_and_goes_on() {
    let site = Site::new(&[("tea", "12 月下午茶", ""), ("other", "另一次", "")]);
    let config = site.path("site.yaml");
    let text = fs::read_to_string(&config).expect("reads");
    fs::write(&config, format!("{text}poster_font: fonts/none.otf\n")).expect("writes");
    let built = site.build();
    let said: Vec<_> = built.diagnostics.iter().filter(|found| found.code == "poster_font").collect();
    assert_eq!(said.len(), 1, "{:?}", built.diagnostics);
    assert!(said[0].hint.as_ref().is_some_and(|hint| hint.contains("fonts/none.otf")), "{said:?}");
    assert_eq!(built.looked_at, [(site.root.path().join("fonts/none.otf"), None)]);
    let outputs = outputs(built);
    assert!(named(&outputs, "tea", "poster-").is_empty() && named(&outputs, "tea", "share-").is_empty());
    assert!(String::from_utf8_lossy(&outputs["activities/tea/index.html"]).ends_with("poster=\n"));
}

/// What a build hands over.
#[derive(Default)]
struct Handed {
    paths: Vec<String>,
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

/// What one build of many makes of the posters' files, and how many there are to be.
fn again(generator: &mut Generator, changes: &Changes, put_off: bool) -> (usize, usize) {
    let now = NOW.parse().expect("a moment");
    let open = |paths| Ok(Handed { paths, ..Handed::default() });
    let (built, handed) = generator.build(now, changes, put_off, open).expect("the site has a content folder");
    let handed = handed.unwrap_or_else(|| panic!("{:?}", built.diagnostics));
    generator.published();
    let is_poster = |path: &&String| path.contains("/poster-") || path.contains("/share-");
    let made = handed.made.into_inner().expect("nobody panicked");
    (made.iter().filter(is_poster).count(), handed.paths.iter().filter(is_poster).count())
}

#[test]
fn posters_are_made_when_nobody_waits_and_only_those_that_changed() {
    let site = Site::new(&[("tea", "12 月下午茶", ""), ("other", "另一次", "")]);
    let mut generator = Generator::new(site.options.clone());
    assert_eq!(again(&mut generator, &Changes::Anything, true), (0, 6), "a page is seen before its poster is drawn");
    assert!(generator.owes());
    assert_eq!(again(&mut generator, &Changes::none(), false), (6, 6));
    assert!(!generator.owes());

    let edited = |name: &str| Changes::Only { documents: [name.to_owned()].into(), theme: false };
    fs::write(site.path("about.md"), "---\ntitle: 关于\n---\n\n另一段话。\n").expect("writes");
    assert_eq!(again(&mut generator, &edited("about.md"), false), (0, 6), "an edit of something else draws nothing");
    site.event("tea", "12 月下午茶", "place: 另一个茶室");
    assert_eq!(again(&mut generator, &edited("activities/tea.md"), true), (0, 6));
    assert!(generator.owes());
    assert_eq!(again(&mut generator, &Changes::none(), false), (3, 6), "only the one that says something else");
    assert!(!generator.owes());
}

#[test]
fn many_posters_are_drawn_a_few_at_a_time_so_that_an_edit_need_not_wait_for_all() {
    let names: Vec<String> = (0..5).map(|number| format!("tea-{number}")).collect();
    let events: Vec<(&str, &str, &str)> = names.iter().map(|name| (name.as_str(), name.as_str(), "")).collect();
    let site = Site::new(&events);
    let mut generator = Generator::new(site.options.clone());
    assert_eq!(again(&mut generator, &Changes::Anything, true), (0, 15));
    let (first, _) = again(&mut generator, &Changes::none(), false);
    assert!((1..15).contains(&first) && generator.owes(), "{first} of 15");
    let (second, _) = again(&mut generator, &Changes::none(), false);
    assert_eq!(first + second, 15);
    assert!(!generator.owes());
}

#[test]
fn a_broken_template_is_told_to_whoever_made_the_change_and_never_owed() {
    let site = Site::new(&[("tea", "12 月下午茶", "")]);
    let template = site.root.path().join("themes/tiny/posters/poster.svg");
    fs::write(&template, "<svg>{{ title | fit(size=3) }}</svg>").expect("writes");
    let mut generator = Generator::new(site.options.clone());
    let now = NOW.parse().expect("a moment");
    for put_off in [true, false] {
        let open = |paths| Ok(Handed { paths, ..Handed::default() });
        let (built, handed) = generator.build(now, &Changes::Anything, put_off, open).expect("the site has a content folder");
        assert!(handed.is_none());
        let found = built.diagnostics.iter().find(|found| found.is_error()).expect("it is told");
        assert_eq!(found.file, "themes/tiny/posters/poster.svg");
        assert!(!generator.owes());
    }
    // What only shows when it is drawn is told then, and not tried again until something is other than now.
    fs::write(&template, "<svg>").expect("writes");
    let open = |paths| Ok(Handed { paths, ..Handed::default() });
    let (built, _) = generator.build(now, &Changes::Anything, true, open).expect("the site has a content folder");
    assert!(built.is_fine(), "{:?}", built.diagnostics);
    generator.published();
    assert!(generator.owes());
    let open = |paths| Ok(Handed { paths, ..Handed::default() });
    let (built, handed) = generator.build(now, &Changes::none(), false, open).expect("the site has a content folder");
    assert!(handed.is_none() && !built.is_fine());
    assert!(!generator.owes());
}
