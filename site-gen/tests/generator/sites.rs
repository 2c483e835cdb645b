//! Small sites, one a folder of `tests/sites/`, built whole and compared with what stands beside them:
//!
//! * `expected/**`: outputs; those that are listed are compared, the others are not.
//! * `paths.txt`: all outputs, where there is such a file.
//! * `findings.txt`: what is said about the content; nothing may be said where there is no such file.
//!
//! `sites/_shared` holds a theme as small as can be and what a site needs at least; a site's own files take precedence.
//!
//! `UPDATE_EXPECTED=1 cargo test -p site-gen --test generator sites` writes the files anew; read the difference before you keep it. To have
//! another output compared, add an empty file of its name first.

use std::{
    fs,
    path::{Path, PathBuf},
};

use domain::Moment;
use similar::TextDiff;
use site_gen::{
    build::{Built, Options, build},
    diagnostic::{Colours, render_human},
    output::{Content, Output},
    write::write,
};
use tempfile::TempDir;

use crate::given::copy;

/// Every site is built at nine in the morning of 24 November 2026.
const NOW: &str = "2026-11-24 09:00";

/// A site in a folder of its own.
struct SiteTest {
    /// Where its expectations stand.
    folder: PathBuf,
    /// Where it was laid out.
    root: TempDir,
    options: Options,
}

impl SiteTest {
    fn from_dir(name: &str) -> SiteTest {
        let sites = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites");
        let root = TempDir::new().expect("a folder");
        copy(&sites.join("_shared"), root.path());
        copy(&sites.join(name).join("content"), &root.path().join("content"));
        let options = Options::new(root.path(), moment(NOW));
        SiteTest { folder: sites.join(name), root, options }
    }

    fn with_drafts(mut self) -> SiteTest {
        self.options.drafts = true;
        self
    }

    fn at(mut self, now: &str) -> SiteTest {
        self.options.now = moment(now);
        self
    }

    fn build(&self) -> Built {
        build(&self.options).expect("the site has a content folder")
    }

    /// Compares all that stands beside the site.
    fn check_all(&self) {
        let built = self.build();
        let findings = render_human(&built.diagnostics, &built.texts, Colours::Plain);
        self.compare("findings.txt", &findings);
        let paths: String = built.outputs.iter().map(|output| format!("{}\n", output.path)).collect();
        if self.folder.join("paths.txt").exists() {
            self.compare("paths.txt", &paths);
        }
        for path in files(&self.folder.join("expected")) {
            let output = built.outputs.iter().find(|output| output.path == path);
            let output = output.unwrap_or_else(|| panic!("there is no output `{path}`; there are:\n{paths}{findings}"));
            self.compare(&format!("expected/{path}"), &text(output));
        }
    }

    /// Compares with a file beside the site; where there is none, nothing is expected.
    fn compare(&self, file: &str, found: &str) {
        let path = self.folder.join(file);
        if std::env::var_os("UPDATE_EXPECTED").is_some() && (path.exists() || !found.is_empty()) {
            fs::write(&path, found).expect("the expectations can be written");
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if expected != found {
            let difference = TextDiff::from_lines(expected.as_str(), found);
            panic!("{}\n{}", path.display(), difference.unified_diff().header("expected", "found"));
        }
    }
}

fn moment(text: &str) -> Moment {
    text.parse().expect("a moment")
}

fn text(output: &Output) -> String {
    match &output.content {
        Content::Bytes(bytes) => String::from_utf8(bytes.clone()).expect("compared outputs are text"),
        Content::File(path) => fs::read_to_string(path).expect("compared outputs are text"),
    }
}

/// All files below `folder`, by path, sorted.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(folder).expect("below it").to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn lines_of_chinese_are_joined_without_a_space() {
    SiteTest::from_dir("markdown/soft_breaks").check_all();
}

#[test]
fn tables_alerts_footnotes_tasks_definitions_and_pictures() {
    SiteTest::from_dir("markdown/everything").check_all();
}

#[test]
fn shortcodes_say_what_markdown_cannot() {
    SiteTest::from_dir("markdown/shortcodes").check_all();
}

#[test]
fn html_is_refused_at_its_place() {
    SiteTest::from_dir("markdown/raw_html_refused").check_all();
}

#[test]
fn html_is_passed_through_where_the_site_allows_it() {
    SiteTest::from_dir("markdown/raw_html_allowed").check_all();
}

#[test]
fn links_may_be_paths_of_markdown_files() {
    SiteTest::from_dir("links/by_path").check_all();
}

#[test]
fn every_broken_link_is_told_at_its_place_with_the_nearest_right_one() {
    SiteTest::from_dir("links/broken").check_all();
}

#[test]
fn what_will_be_wrong_when_a_page_appears_is_told_at_once() {
    SiteTest::from_dir("links/to_come").check_all();
}

#[test]
fn the_twenty_first_page_begins_a_second_list() {
    SiteTest::from_dir("site/pagination").check_all();
}

#[test]
fn courses_lead_to_the_one_before_and_the_one_after() {
    SiteTest::from_dir("site/neighbours").check_all();
}

#[test]
fn drafts_and_what_is_to_come_or_over_are_left_out() {
    SiteTest::from_dir("site/visibility").check_all();
}

#[test]
fn old_addresses_lead_on_and_statics_pass_untouched() {
    SiteTest::from_dir("site/aliases_and_statics").check_all();
}

#[test]
fn two_that_want_one_address_are_told_of_each_other() {
    SiteTest::from_dir("site/two_pages_one_url").check_all();
}

#[test]
fn chinese_names_become_pinyin_and_tags_that_sound_alike_stay_apart() {
    SiteTest::from_dir("site/pinyin").check_all();
}

#[test]
fn events_say_where_they_stand() {
    SiteTest::from_dir("site/events").check_all();
}

#[test]
fn each_slot_of_a_reception_day_is_a_session_with_a_page_to_book_it() {
    let site = SiteTest::from_dir("site/slots");
    site.check_all();
    let manifest = site.build().manifest.expect("a manifest");
    let sessions: Vec<_> = manifest.sessions.iter().map(|session| (session.id.as_str(), session.title.as_str())).collect();
    assert_eq!(sessions, [("jdr-1-0900", "接待日（09:00—09:20）"), ("jdr-1-0920", "接待日（09:20—09:40）")]);
    assert_eq!((manifest.sessions[0].onsite_reserved, manifest.sessions[1].onsite_reserved), (0, 1));
}

#[test]
fn drafts_come_along_when_they_are_asked_for() {
    let built = SiteTest::from_dir("site/visibility").with_drafts().build();
    assert!(built.outputs.iter().any(|output| output.path == "draft/index.html"));
}

#[test]
fn what_is_to_come_appears_at_its_moment_and_what_expires_goes() {
    for (now, future, expired) in [
        ("2026-10-31 23:59", false, true),
        ("2026-11-01 09:00", false, false),
        ("2026-12-01 08:59:59", false, false),
        ("2026-12-01 09:00", true, false),
    ] {
        let built = SiteTest::from_dir("site/visibility").at(now).build();
        let has = |path: &str| built.outputs.iter().any(|output| output.path == path);
        assert_eq!((has("future/index.html"), has("expired/index.html")), (future, expired), "{now}");
    }
}

#[test]
fn the_next_change_is_the_first_moment_that_makes_a_difference() {
    for (site, now, next) in [
        // The registration opens and closes, the event begins and ends; otherwise midnight.
        ("site/events", "2026-11-20 08:00", "2026-11-20 09:00"),
        ("site/events", "2026-11-20 09:00", "2026-11-21 00:00"),
        ("site/events", "2026-12-04 12:00", "2026-12-04 18:00:01"),
        ("site/events", "2026-12-05 12:00", "2026-12-05 14:00"),
        ("site/events", "2026-12-05 14:00", "2026-12-05 17:00"),
        // A page appears or expires; a draft counts for nothing.
        ("site/visibility", "2026-12-01 01:00", "2026-12-01 09:00"),
        ("site/visibility", "2026-11-01 01:00", "2026-11-01 09:00"),
        ("site/visibility", "2026-12-31 23:59:59", "2027-01-01 00:00"),
    ] {
        let built = SiteTest::from_dir(site).at(now).build();
        assert_eq!(built.next_change, Some(moment(next)), "{site} {now}");
    }
}

#[test]
fn the_output_is_the_same_whatever_the_number_of_threads() {
    let mut site = SiteTest::from_dir("site/pagination");
    site.options.jobs = Some(1);
    let one = site.build();
    site.options.jobs = Some(8);
    let eight = site.build();
    assert!(one.is_fine() && one.outputs.len() > 30);
    assert_eq!(one.outputs, eight.outputs);
}

#[test]
fn a_second_build_writes_nothing_and_what_is_stale_is_removed() {
    let site = SiteTest::from_dir("site/pagination");
    let folder = site.root.path().join("public");
    let first = write(&site.build().outputs, &folder).expect("the folder is new");
    let second = write(&site.build().outputs, &folder).expect("the folder is ours");
    assert_eq!((second.written, second.unchanged, second.removed), (0, first.written, 0));

    fs::remove_file(site.root.path().join("content/news/n01.md")).expect("it is there");
    write(&site.build().outputs, &folder).expect("the folder is ours");
    assert!(!folder.join("news/n01").exists());
    assert!(!folder.join("news/page").exists(), "twenty pages need no second list");
}

#[test]
fn nothing_is_published_while_something_is_wrong() {
    let built = SiteTest::from_dir("links/broken").build();
    assert!(!built.is_fine());
    assert_eq!((built.outputs.len(), built.manifest), (0, None));
}
