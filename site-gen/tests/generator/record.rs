//! A build that would only do the same again does nothing, and does not take for the same what is not.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use domain::Moment;
use site_gen::{
    build::Options,
    commands::build::{Done, run},
    diagnostic::Colours,
};
use tempfile::TempDir;

use crate::given::copy;

/// A site whose files have lain there for a while, and its output folder.
struct Site {
    root: TempDir,
    options: Options,
}

impl Site {
    fn new() -> Site {
        let sites = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites");
        let root = TempDir::new().expect("a folder");
        copy(&sites.join("_shared"), root.path());
        fs::write(root.path().join("content/about.md"), "---\ntitle: 关于我们\n---\n\n第一句话。\n").expect("it can be written");
        let site = Site { options: Options::new(root.path(), moment("2026-11-24T09:00:00+08:00")), root };
        site.wait();
        site
    }

    fn output(&self) -> PathBuf {
        self.root.path().join("public")
    }

    fn page(&self) -> String {
        fs::read_to_string(self.output().join("about/index.html")).expect("the page is there")
    }

    fn build(&self) -> Done {
        let done = run(&self.options, &self.output(), false, Colours::Plain).expect("the folder is ours");
        assert!(done.fine, "{}", done.findings);
        done
    }

    /// Builds, and says whether anything was done.
    fn does_something(&self) -> bool {
        !self.build().summary.expect("a build that is fine is summed up").contains("不用再生成")
    }

    /// Until what was written is so old that its times can be relied on. What that takes is the grain of file systems.
    fn wait(&self) {
        std::thread::sleep(Duration::from_millis(2_100));
    }
}

fn moment(text: &str) -> Moment {
    text.parse().expect("a moment")
}

#[test]
fn what_is_the_same_is_not_made_again_and_everything_else_is() {
    let mut site = Site::new();
    assert!(site.does_something(), "there was nothing");
    assert!(!site.does_something());
    let about = site.root.path().join("content/about.md");
    let modified = fs::metadata(&about).and_then(|found| found.modified()).expect("a time");

    // Outputs: touched, other, gone. The list and the manifest count as well.
    for path in ["public/about/index.html", "public/sitemap.xml", "public.files"] {
        let path = site.root.path().join(path);
        let before = fs::read(&path).expect("it was built");
        fs::write(&path, [b"# ".as_slice(), &before].concat()).expect("it can be written");
        assert!(site.does_something(), "{} was changed", path.display());
        assert!(!site.does_something());
    }
    fs::remove_file(site.output().join("about/index.html")).expect("it was there");
    assert!(site.does_something(), "a page had gone");
    assert!(site.page().contains("第一句话"));

    // Somebody else's file in the folder is none of our business.
    fs::write(site.output().join("other.txt"), "x").expect("it can be written");
    assert!(!site.does_something());

    // Content: as long as before and with its old time, which can be set; the time of the last change cannot.
    fs::write(&about, "---\ntitle: 关于我们\n---\n\n第二句话。\n").expect("it can be written");
    File::options().write(true).open(&about).and_then(|file| file.set_modified(modified)).expect("a time can be set");
    assert!(site.does_something(), "a page says something else");
    assert!(site.page().contains("第二句话"));
    assert!(site.does_something(), "so soon after a change its times prove nothing");
    site.wait();
    assert!(site.does_something(), "the last build could not rely on them");
    assert!(!site.does_something());

    // A page that came, a template that changed, a page that went.
    let new = site.root.path().join("content/new.md");
    fs::write(&new, "---\ntitle: 新的一页\n---\n").expect("it can be written");
    assert!(site.does_something() && site.output().join("new/index.html").exists());
    fs::remove_file(&new).expect("it is there");
    assert!(site.does_something() && !site.output().join("new/index.html").exists());
    assert!(!site.does_something(), "all that is left is old");

    // What is asked for.
    site.options.base_url = Some("https://other.example".to_owned());
    assert!(site.does_something());
    site.options.drafts = true;
    assert!(site.does_something());
    assert!(!site.does_something());
    let done = run(&site.options, &site.output(), true, Colours::Plain).expect("the folder is ours");
    assert!(done.summary.expect("it is fine").contains("没有变化"), "asked to do it all the same");
}

#[test]
fn a_record_holds_until_the_site_changes_by_itself() {
    let mut site = Site::new();
    assert!(site.does_something());
    site.options.now = moment("2026-11-24T23:59:59+08:00");
    assert!(!site.does_something());
    site.options.now = moment("2026-11-25T00:00:00+08:00");
    assert!(site.does_something(), "pages count days");
    assert!(!site.does_something());
    site.options.now = moment("2026-11-24T23:59:59+08:00");
    assert!(site.does_something(), "nothing is known of the time before");
}

#[test]
fn a_damaged_record_is_ignored() {
    let site = Site::new();
    assert!(site.does_something());
    let record = site.root.path().join("public.built");
    let whole = fs::read(&record).expect("it was left");
    assert!(!site.does_something());
    let page = site.output().join("about/index.html");
    // From here on there is something to do: whichever byte is lost or other, nobody may take the record for one that says otherwise.
    fs::write(&page, "broken").expect("it can be written");
    for at in (0..whole.len()).step_by(whole.len() / 40) {
        for damaged in [whole[..at].to_vec(), [&whole[..at], &whole[at + 1..]].concat(), {
            let mut other = whole.clone();
            other[at] ^= 1;
            other
        }] {
            fs::write(&record, damaged).expect("it can be written");
            fs::write(&page, "broken").expect("it can be written");
            assert!(site.does_something(), "byte {at}");
            assert!(site.page().contains("第一句话"), "byte {at}");
        }
    }
    fs::remove_file(&record).expect("it was left again");
    assert!(site.does_something());
    assert!(!site.does_something());
}

#[test]
fn what_is_wrong_is_said_each_time() {
    let site = Site::new();
    let about = site.root.path().join("content/about.md");
    fs::write(&about, "---\ntitle: 关于我们\n---\n\n看[这里](/nowhere/)。\n").expect("it can be written");
    site.wait();
    for _ in 0..2 {
        let done = run(&site.options, &site.output(), false, Colours::Plain).expect("the folder is ours");
        assert!(!done.fine && done.findings.contains("/nowhere/"), "{}", done.findings);
    }
    let warned = "---\ntitle: 关于我们\nexpires: 2027-01-01 09:00\ndate: 2026-12-31 09:00\n---\n";
    fs::write(&about, warned).expect("it can be written");
    site.wait();
    for _ in 0..3 {
        assert!(site.build().findings.contains("2026-12-31 09:00"), "the third time nothing is done, but said");
    }
    assert!(!site.does_something());
    // A file from the future: its times prove nothing, ever.
    fs::write(&about, "---\ntitle: 关于我们\n---\n").expect("it can be written");
    let tomorrow = SystemTime::now() + Duration::from_secs(86_400);
    File::options().write(true).open(&about).and_then(|file| file.set_modified(tomorrow)).expect("a time can be set");
    site.wait();
    assert!(site.does_something());
    assert!(site.does_something());
}

#[test]
fn a_font_that_comes_or_goes_is_noticed_though_it_lies_outside_of_the_site() {
    let site = Site::new();
    let path = |below: &str| site.root.path().join(below);
    let config = fs::read_to_string(path("content/site.yaml")).expect("it is there");
    fs::write(path("content/site.yaml"), format!("{config}poster_font: font.ttf\n")).expect("it can be written");
    for folder in ["themes/tiny/posters", "content/activities"] {
        fs::create_dir_all(path(folder)).expect("made");
    }
    fs::write(path("themes/tiny/posters/poster.svg"), "<svg/>").expect("it can be written");
    fs::write(path("content/activities/_index.md"), "---\ntitle: 活动\npages: activity\n---\n").expect("it can be written");
    let event = "---\ntitle: 茶会\nevent:\n  start: 2026-12-16 14:30\n  end: 2026-12-16 16:30\n  place: 某地\n  \
        attendance: onsite\n  audience: 企业\n  contact: 某人\n---\n";
    fs::write(path("content/activities/tea.md"), event).expect("it can be written");
    site.wait();
    assert!(site.build().findings.contains("`font.ttf` 不存在"));
    assert!(!site.does_something());
    fs::write(path("font.ttf"), "no font").expect("it can be written");
    assert!(site.build().findings.contains("用不了"));
    assert!(!site.does_something());
    fs::remove_file(path("font.ttf")).expect("it was there");
    assert!(site.does_something());
    assert!(!site.does_something());
}
