//! What a generator remembers never shows: after any change, what it leaves is byte for byte what a build without memory makes.
//!
//! The real site, its lists cut short so that many pages have several, is changed at random: pages appear, go, move, get other words, tags,
//! dates, links and mistakes; a template, an asset, a form or a data file changes; hours pass. After each change both ways are taken and compared.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use domain::Moment;
use proptest::{prelude::*, test_runner::Config};
use site_gen::{
    build::{Options, build},
    diagnostic::Diagnostic,
    generator::{Changes, Generator},
    output::{Content, Output, Sink},
    write::WriteError,
};
use tempfile::TempDir;

use crate::given::copy;

/// How many changes in a row, and how often. Together some hundreds.
const CHANGES: usize = 25;
const RUNS: u32 = 8;

/// What somebody does to the site. Numbers choose among what there is.
#[derive(Debug, Clone)]
enum Change {
    AddPolicy { tags: u8, day: u8 },
    AddCourse { tags: u8, day: u8 },
    Remove(u8),
    Rename(u8),
    Retitle(u8, u8),
    Retag(u8, u8),
    Redate(u8, u8),
    Reschedule(u8, u8),
    Append(u8, Words),
    ToggleDraft(u8),
    Repeal(u8, u8),
    Break(u8),
    Touch(u8),
    Summarise(u8, u8),
    Section,
    Template,
    BreakTemplate,
    AddTemplate,
    Style,
    Script,
    Form,
    Data,
    Wait { minutes: u16 },
}

/// What is written at the end of a page.
#[derive(Debug, Clone, Copy)]
enum Words {
    Paragraph(u8),
    Link(u8),
    Events,
    Heading(u8),
}

fn change() -> impl Strategy<Value = Change> {
    let words = prop_oneof![
        any::<u8>().prop_map(Words::Paragraph),
        any::<u8>().prop_map(Words::Link),
        Just(Words::Events),
        any::<u8>().prop_map(Words::Heading),
    ];
    let two = (any::<u8>(), any::<u8>());
    prop_oneof![
        2 => two.prop_map(|(tags, day)| Change::AddPolicy { tags, day }),
        2 => two.prop_map(|(tags, day)| Change::AddCourse { tags, day }),
        1 => any::<u8>().prop_map(Change::Remove),
        1 => any::<u8>().prop_map(Change::Rename),
        3 => two.prop_map(|(page, number)| Change::Retitle(page, number)),
        3 => two.prop_map(|(page, tags)| Change::Retag(page, tags)),
        3 => two.prop_map(|(page, day)| Change::Redate(page, day)),
        2 => two.prop_map(|(page, day)| Change::Reschedule(page, day)),
        4 => (any::<u8>(), words).prop_map(|(page, words)| Change::Append(page, words)),
        1 => any::<u8>().prop_map(Change::ToggleDraft),
        1 => two.prop_map(|(page, by)| Change::Repeal(page, by)),
        1 => any::<u8>().prop_map(Change::Break),
        1 => any::<u8>().prop_map(Change::Touch),
        3 => two.prop_map(|(page, number)| Change::Summarise(page, number)),
        1 => Just(Change::Section),
        2 => Just(Change::Template),
        1 => Just(Change::BreakTemplate),
        1 => Just(Change::AddTemplate),
        1 => Just(Change::Style),
        1 => Just(Change::Script),
        1 => Just(Change::Form),
        1 => Just(Change::Data),
        2 => (1..3000_u16).prop_map(|minutes| Change::Wait { minutes }),
    ]
}

/// The site, and the pages that are changed: those that a test adds, and some of the real ones.
struct Site {
    root: TempDir,
    now: Moment,
    pages: Vec<String>,
    made: u32,
}

/// The template that is changed.
const TEMPLATE: &str = "themes/xiangshang/templates/policy.html";

const TAGS: [&str; 5] = ["融资", "用工", "税收", "现金流", "知识产权"];

impl Site {
    fn new() -> Site {
        let root = TempDir::new().expect("a folder");
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for part in ["content", "themes"] {
            copy(&repository.join(part), &root.path().join(part));
        }
        let config = root.path().join("content/site.yaml");
        let text = fs::read_to_string(&config).expect("it is there");
        fs::write(&config, text.replace("page_size: 20", "page_size: 3")).expect("writes");
        let pages = ["about.md", "programmes/lectures.md", "policies/sme-payment.md", "resources/legal-labour.md"];
        let pages = pages.into_iter().map(str::to_owned).collect();
        Site { root, now: "2026-11-24 09:00".parse().expect("a moment"), pages, made: 0 }
    }

    /// What is drawn is kept for all sites, and for the next run: it is the same whoever draws it.
    fn options(&self) -> Options {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
        Options { cache, ..Options::new(self.root.path(), self.now) }
    }

    fn path(&self, below: &str) -> PathBuf {
        self.root.path().join("content").join(below)
    }

    fn page(&self, number: u8) -> &str {
        &self.pages[usize::from(number) % self.pages.len()]
    }

    /// The pages, to go back to.
    fn remember(&self) -> (Vec<String>, BTreeMap<PathBuf, String>) {
        let read = |page: &String| (self.path(page), fs::read_to_string(self.path(page)).expect("it is there"));
        let template = self.root.path().join(TEMPLATE);
        let template = (template.clone(), fs::read_to_string(template).expect("it is there"));
        (self.pages.clone(), self.pages.iter().map(read).chain([template]).collect())
    }

    /// Goes back, and tells which files were touched by that.
    fn restore(&mut self, (pages, texts): (Vec<String>, BTreeMap<PathBuf, String>), touched: Vec<PathBuf>) -> Vec<PathBuf> {
        self.pages = pages;
        for path in &touched {
            match texts.get(path) {
                Some(text) => fs::write(path, text).expect("writes"),
                None => fs::remove_file(path).expect("it is new"),
            }
        }
        touched
    }

    /// Makes the change and tells which files were touched.
    fn make(&mut self, change: &Change) -> Vec<PathBuf> {
        self.made += 1;
        let made = self.made;
        match *change {
            Change::AddPolicy { tags, day } => {
                let front = format!(
                    "title: 文件{made}\ndate: {}\ntags: {}\nissuer: 国务院\nvalidity: current\naudience: 中小企业\nchecked: 2026-11-20\n",
                    date(day),
                    tag_list(tags)
                );
                self.add(format!("policies/p{made}.md"), &front)
            }
            Change::AddCourse { tags, day } => {
                let front = format!(
                    "title: 课{made}\ndate: 2026-11-02 09:00\ntags: {}\nseries: lectures\nevent:\n  start: {} 14:00\n  end: {} 17:00\n  place: 会议室\n  attendance: both\n  audience: 企业\n  contact: 联系人\n  registration:\n    id: djt-x{made}\n    onsite_seats: 9\n    online_seats: 9\n    deadline: {} 12:00\n",
                    tag_list(tags),
                    event_day(day),
                    event_day(day),
                    event_day(day)
                );
                self.add(format!("courses/c{made}.md"), &front)
            }
            Change::Remove(page) => {
                let index = usize::from(page) % self.pages.len();
                // The real ones are linked to.
                if index < 4 {
                    return Vec::new();
                }
                let page = self.pages.remove(index);
                let path = self.path(&page);
                fs::remove_file(&path).expect("it is there");
                vec![path]
            }
            Change::Rename(page) => {
                let index = usize::from(page) % self.pages.len();
                if index < 4 {
                    return Vec::new();
                }
                let (folder, _) = self.pages[index].split_once('/').expect("it lies in a section");
                let renamed = format!("{folder}/r{made}.md");
                let (from, to) = (self.path(&self.pages[index]), self.path(&renamed));
                fs::rename(&from, &to).expect("it is there");
                self.pages[index] = renamed;
                vec![from, to]
            }
            Change::Retitle(page, number) => self.replace(page, "title: ", &format!("title: 题{number}")),
            Change::Summarise(page, number) => self.edit(page, |text| {
                let without: Vec<&str> = text.split('\n').filter(|line| !line.starts_with("summary: ")).collect();
                without.join("\n").replacen("---\n", &format!("---\nsummary: 摘要{number}。\n"), 1)
            }),
            Change::Retag(page, tags) => self.replace(page, "tags: ", &format!("tags: {}", tag_list(tags))),
            Change::Redate(page, day) => self.replace(page, "date: ", &format!("date: {}", date(day))),
            Change::Reschedule(page, day) => self.replace(page, "  start: ", &format!("  start: {} 08:30", event_day(day))),
            Change::Append(page, words) => {
                let words = match words {
                    Words::Paragraph(number) => format!("第 {number} 段。"),
                    Words::Link(to) => format!("见[那一页](/{})。", self.page(to)),
                    Words::Events => "{{ events limit=\"2\" }}".to_owned(),
                    Words::Heading(number) => format!("## 小标题{number}\n\n见[上面](#小标题{number})。"),
                };
                self.edit(page, |text| format!("{text}\n{words}\n"))
            }
            Change::ToggleDraft(page) => self.edit(page, |text| match text.contains("\ndraft: true\n") {
                true => text.replace("\ndraft: true\n", "\n"),
                false => text.replacen("---\n", "---\ndraft: true\n", 1),
            }),
            Change::Repeal(page, by) => {
                let by = self.page(by).to_owned();
                self.replace(page, "validity: ", &format!("validity: repealed\nreplaced_by: /{by}"))
            }
            Change::Break(page) => {
                let broken = "[哪里](/nowhere/)";
                self.edit(page, |text| match text.contains(broken) {
                    true => text.replace(broken, "哪里"),
                    false => format!("{text}\n{broken}\n"),
                })
            }
            Change::Touch(page) => self.edit(page, str::to_owned),
            Change::Section => self.append("content/policies/_index.md", "又一段。\n"),
            Change::Template => self.mark(&format!("<!-- {made} -->")),
            Change::BreakTemplate => self.mark("{{ nothing | at_all }}"),
            Change::AddTemplate => {
                let path = self.root.path().join(format!("themes/xiangshang/templates/t{made}.html"));
                fs::write(&path, "{# nobody asks for it #}\n").expect("writes");
                vec![path]
            }
            Change::Style => self.append("themes/xiangshang/assets/site.css", &format!(".m{made} {{ color: red; }}\n")),
            Change::Script => self.append("themes/xiangshang/assets/search.js", &format!("// {made}\n")),
            Change::Form => self.append("content/forms/lead.yaml", "# again\n"),
            Change::Data => {
                let path = self.path("data/series.yaml");
                let text = fs::read_to_string(&path).expect("it is there");
                fs::write(&path, text.replacen("name: 相商同心大讲堂", &format!("name: 相商同心大讲堂{made}"), 1))
                    .expect("writes");
                vec![path]
            }
            Change::Wait { minutes } => {
                self.now = Moment(self.now.0 + jiff::SignedDuration::from_mins(i64::from(minutes)));
                Vec::new()
            }
        }
    }

    fn add(&mut self, path: String, front: &str) -> Vec<PathBuf> {
        let location = self.path(&path);
        fs::write(&location, format!("---\n{front}---\n\n开头一段。\n")).expect("writes");
        self.pages.push(path);
        vec![location]
    }

    /// Replaces the first line that begins with `key`, when there is one.
    fn replace(&self, page: u8, key: &str, line: &str) -> Vec<PathBuf> {
        self.edit(page, |text| {
            let before = text.lines().find(|line| line.starts_with(key));
            before.map_or_else(|| text.to_owned(), |before| text.replacen(before, line, 1))
        })
    }

    fn edit(&self, page: u8, change: impl FnOnce(&str) -> String) -> Vec<PathBuf> {
        let path = self.path(self.page(page));
        let text = fs::read_to_string(&path).expect("it is there");
        fs::write(&path, change(&text)).expect("writes");
        vec![path]
    }

    /// Puts `what` into every policy's page.
    fn mark(&self, what: &str) -> Vec<PathBuf> {
        let path = self.root.path().join(TEMPLATE);
        let text = fs::read_to_string(&path).expect("it is there");
        fs::write(&path, text.replacen("<h1>", &format!("{what}<h1>"), 1)).expect("writes");
        vec![path]
    }

    fn append(&self, path: &str, words: &str) -> Vec<PathBuf> {
        let path = self.root.path().join(path);
        let text = fs::read_to_string(&path).expect("it is there");
        fs::write(&path, text + words).expect("writes");
        vec![path]
    }
}

fn date(day: u8) -> String {
    format!("2026-11-{:02} {:02}:00", day % 30 + 1, day % 24)
}

fn event_day(day: u8) -> String {
    format!("2026-{:02}-{:02}", 11 + day % 2, day % 30 + 1)
}

fn tag_list(tags: u8) -> String {
    let tags: Vec<&str> = TAGS.iter().enumerate().filter(|(bit, _)| tags >> bit & 1 == 1).map(|(_, tag)| *tag).collect();
    format!("[{}]", tags.join(", "))
}

/// A folder in memory: what was published, and what a build adds.
#[derive(Default)]
struct Published(BTreeMap<String, Content>);

struct Delivery {
    paths: Vec<String>,
    made: Mutex<Vec<Output>>,
    has_the_last: bool,
}

impl Sink for Delivery {
    fn put(&self, output: Output) -> Result<(), WriteError> {
        self.made.put(output)
    }

    fn has_the_last(&self) -> bool {
        self.has_the_last
    }
}

impl Published {
    fn settle(&mut self, delivery: Delivery) {
        let made = delivery.made.into_inner().expect("nobody panicked");
        self.0.extend(made.into_iter().map(|output| (output.path, output.content)));
        let mut before = std::mem::take(&mut self.0);
        self.0 = delivery.paths.into_iter().filter_map(|path| before.remove_entry(&path)).collect();
    }
}

/// Builds with memory, as `serve` does, and publishes what is fine; gives what is said of the site.
fn build_again(
    generator: &mut Generator,
    published: &mut Published,
    now: Moment,
    changes: &Changes,
    put_off: bool,
) -> Vec<Diagnostic> {
    let has_the_last = !published.0.is_empty();
    let open = |paths| Ok(Delivery { paths, made: Mutex::default(), has_the_last });
    let (built, delivery) = generator.build(now, changes, put_off, open).expect("the site has a content folder");
    if let Some(delivery) = delivery {
        published.settle(delivery);
        generator.published();
    }
    built.diagnostics
}

proptest! {
    #![proptest_config(Config { cases: RUNS, max_shrink_iters: 40, failure_persistence: None, ..Config::default() })]

    #[test]
    fn what_is_remembered_never_shows(changes in prop::collection::vec((change(), any::<bool>()), CHANGES)) {
        let mut site = Site::new();
        let mut generator = Generator::new(site.options());
        let mut published = Published::default();
        build_again(&mut generator, &mut published, site.now, &Changes::Anything, false);
        assert!(published.0.len() > 100, "the real site has no mistakes");
        for (change, put_off) in changes {
            let before = site.remember();
            let touched = site.make(&change);
            let fine = check(&site, &mut generator, &mut published, &touched, put_off, &change)?;
            // A mistake is mended before the next change; otherwise most of them would be hidden behind it.
            if !fine {
                let touched = site.restore(before, touched);
                let fine = check(&site, &mut generator, &mut published, &touched, put_off, &change)?;
                prop_assert!(fine, "{:?} was mended", change);
            }
        }
    }
}

/// The paths of a site say which files stay, also while its index is put off.
#[test]
fn a_page_that_goes_and_comes_back_before_the_index_is_made_is_searched() {
    let site = Site::new();
    let mut generator = Generator::new(site.options());
    let mut published = Published::default();
    build_again(&mut generator, &mut published, site.now, &Changes::Anything, false);
    let touched = [site.path("resources/legal-labour.md")];
    let changes = Changes::of(touched.iter().map(PathBuf::as_path), site.root.path());
    let text = fs::read_to_string(&touched[0]).expect("it is there");
    fs::write(&touched[0], text.replacen("---\n", "---\ndraft: true\n", 1)).expect("writes");
    build_again(&mut generator, &mut published, site.now, &changes, true);
    fs::write(&touched[0], text).expect("writes");
    build_again(&mut generator, &mut published, site.now, &changes, true);
    assert!(generator.owes(), "the index of the first change was never made");
    while generator.owes() {
        build_again(&mut generator, &mut published, site.now, &Changes::none(), false);
    }
    let clean = build(&site.options()).expect("the site has a content folder");
    let clean: BTreeMap<String, Content> = clean.outputs.into_iter().map(|output| (output.path, output.content)).collect();
    compare(&published.0, &clean, &Change::Touch(0)).expect("nothing differs");
}

/// Builds in both ways after `touched` were changed, and compares. Tells whether there was anything to publish.
fn check(
    site: &Site,
    generator: &mut Generator,
    published: &mut Published,
    touched: &[PathBuf],
    put_off: bool,
    change: &Change,
) -> Result<bool, TestCaseError> {
    let changes = Changes::of(touched.iter().map(PathBuf::as_path), site.root.path());
    let said = build_again(generator, published, site.now, &changes, put_off);
    while generator.owes() {
        build_again(generator, published, site.now, &Changes::none(), false);
    }
    let clean = build(&site.options()).expect("the site has a content folder");
    prop_assert_eq!(&said, &clean.diagnostics, "{:?}", change);
    let fine = clean.is_fine();
    if fine {
        let clean: BTreeMap<String, Content> = clean.outputs.into_iter().map(|output| (output.path, output.content)).collect();
        compare(&published.0, &clean, change)?;
    }
    Ok(fine)
}

/// Names the first output that differs, rather than print all of both sites.
fn compare(again: &BTreeMap<String, Content>, clean: &BTreeMap<String, Content>, change: &Change) -> Result<(), TestCaseError> {
    for path in again.keys().chain(clean.keys()) {
        let text = |content: Option<&Content>| match content {
            Some(Content::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
            other => format!("{other:?}"),
        };
        if again.get(path) != clean.get(path) {
            let difference =
                similar::TextDiff::from_lines(&text(clean.get(path)), &text(again.get(path))).unified_diff().to_string();
            prop_assert!(false, "after {:?}, `{}` is not what a build without memory makes:\n{}", change, path, difference);
        }
    }
    Ok(())
}
