//! `publish --to DIR`: releases that are exchanged by one rename, whoever is killed, whoever reads meanwhile.

use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use crate::{
    operation::Visitor,
    site::{Site, complained, done, refused},
};

pub const NOW: &str = "2026-11-24T10:00:00+08:00";
const STYLE: &str = "themes/xiangshang/assets/site.css";

fn publish(site: &Site, more: &[&str]) -> Output {
    site.run(&[&["publish", "--to", "www", "--now", NOW], more].concat())
}

fn live(site: &Site, path: &str) -> String {
    fs::read_to_string(site.path("www/current").join(path)).unwrap_or_default()
}

/// The number of the live release.
pub fn number(site: &Site) -> u64 {
    let target = fs::read_link(site.path("www/current")).expect("something is live");
    target.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok()).expect("a number")
}

/// The style that a page names.
fn style(page: &str) -> String {
    let (_, after) = page.split_once("/assets/site.").expect("a page has a style");
    format!("assets/site.{}", after.split('"').next().expect("it ends"))
}

/// All files of a folder but packed ones, and how each packed one unpacks.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(folder.join(&below)).expect("a folder") {
            let entry = entry.expect("an entry");
            let path = below.join(entry.file_name());
            if entry.file_type().expect("known").is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(folder.join(&path)).expect("a file that can be read");
                found.insert(path.to_str().expect("UTF-8").to_owned(), bytes);
            }
        }
    }
    found
}

/// The site as it would be built now, by path.
fn expected(site: &Site) -> BTreeMap<String, Vec<u8>> {
    let options = site_gen::build::Options::new(site.path(""), NOW.parse().expect("a moment"));
    let built = site_gen::build::build(&options).expect("it can be read");
    assert!(built.is_fine());
    let bytes = |output: &site_gen::output::Output| match &output.content {
        site_gen::output::Content::Bytes(bytes) => bytes.clone(),
        site_gen::output::Content::File(path) => fs::read(path).expect("a file of the site"),
    };
    built.outputs.iter().map(|output| (output.path.clone(), bytes(output))).collect()
}

/// What is live is `site` to its last byte, packed files included, and nothing else but styles of other times.
#[track_caller]
fn is_whole(folder: &Path, site: &BTreeMap<String, Vec<u8>>) {
    let mut there = files(folder);
    for (path, bytes) in site {
        assert!(there.remove(path).as_ref() == Some(bytes), "`{path}` is not as it was built");
        for (extension, unpack) in [("br", unbrotli as fn(&[u8]) -> Vec<u8>), ("gz", ungzip)] {
            if let Some(packed) = there.remove(&format!("{path}.{extension}")) {
                assert!(unpack(&packed) == *bytes, "`{path}.{extension}` unpacks to something else");
            } else {
                let text = path.rsplit_once('.').is_some_and(|(_, end)| ["html", "css", "js"].contains(&end));
                assert!(!text || bytes.len() < 512, "`{path}.{extension}` is missing");
            }
        }
    }
    there.retain(|path, _| !path.starts_with("assets/") && path != "_headers");
    assert!(there.is_empty(), "{:?} belong to no site", there.keys());
}

fn unbrotli(packed: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    brotli::Decompressor::new(packed, 4096).read_to_end(&mut plain).expect("it is brotli");
    plain
}

fn ungzip(packed: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut plain).expect("it is gzip");
    plain
}

#[test]
fn releases_come_and_go_and_one_can_go_back() {
    let site = Site::new();
    refused(&site.run(&["publish", "--to", "www", "--list"]), "还没有发布过网站");
    refused(&publish(&site, &["--rollback"]), "还没有发布过网站");
    assert!(done(&publish(&site, &["--dry-run"])).contains("还没有发布过"));
    assert!(!site.path("www/current").exists(), "a preview publishes nothing");

    let said = done(&publish(&site, &[]));
    assert!(said.contains("已发布第 1 版"), "{said}");
    is_whole(&site.path("www/current"), &expected(&site));
    assert!(done(&publish(&site, &[])).contains("没有变化，线上仍是第 1 版"));
    let old_style = style(&live(&site, "index.html"));

    site.replace("content/about.md", "关于我们。", "关于我们，第二版。");
    site.write(STYLE, &format!("{}\n.other {{ color: green }}\n", fs::read_to_string(site.path(STYLE)).expect("a style")));
    assert!(done(&publish(&site, &["--dry-run"])).contains("线上是第 1 版"));
    assert_eq!(number(&site), 1);
    done(&publish(&site, &[]));
    is_whole(&site.path("www/current"), &expected(&site));
    let new_style = style(&live(&site, "index.html"));
    assert_ne!(old_style, new_style);
    assert!(!live(&site, &old_style).is_empty(), "a page of before finds its style");

    let gone_back = done(&publish(&site, &["--rollback"]));
    assert!(gone_back.contains("已退回到第 1 版") && gone_back.contains("撤下了第 2 版"), "{gone_back}");
    assert!(live(&site, "about/index.html").contains("关于我们。"));
    assert!(!live(&site, &new_style).is_empty(), "a page that was taken back still finds its style");
    refused(&publish(&site, &["--rollback"]), "没有更早的一版");
    refused(&publish(&site, &["--rollback", "7"]), "留着的有：2、1");
    assert!(done(&publish(&site, &["--rollback", "1"])).contains("线上就是第 1 版"));
    let later = ["publish", "--to", "www", "--when-due", "--now", "2036-01-01"];
    done(&site.run(&later));
    assert_eq!(number(&site), 1, "nobody publishes by itself what somebody took back");
    assert!(done(&publish(&site, &["--rollback", "2"])).contains("已退回到第 2 版"));

    for edition in 3..=12 {
        site.write("content/about.md", &format!("---\ntitle: 关于\n---\n\n第 {edition} 版。\n"));
        assert!(done(&publish(&site, &[])).contains(&format!("已发布第 {edition} 版")));
    }
    let listed = done(&publish(&site, &["--list"]));
    assert!(listed.contains("12 ← 现在") && listed.contains("\n3 ") && !listed.contains("\n2 "), "{listed}");
    assert!(live(&site, "about/index.html").contains("第 12 版。"));
    assert!(!live(&site, &old_style).is_empty(), "styles never go");
    assert!(fs::read_dir(site.path("www/releases")).expect("a folder").count() <= 50, "ten folders and what lies beside them");
}

#[test]
fn mistakes_and_a_folder_of_somebody_else_leave_everything_as_it_was() {
    let site = Site::new();
    site.write("theirs/index.html", "别人的");
    refused(&site.run(&["publish", "--to", "theirs", "--now", NOW]), "没有动它");
    assert_eq!(fs::read_dir(site.path("theirs")).expect("a folder").count(), 1);
    refused(&site.run(&["publish", "--to", "content/www", "--now", NOW]), "content");
    fs::remove_dir_all(site.path("content/www")).expect("nothing was published into it");

    done(&publish(&site, &[]));
    let before = files(&site.path("www/current"));
    site.write("content/about.md", "---\ntitel: 关于\n---\n");
    let wrong = publish(&site, &[]);
    refused(&wrong, "没有发布：内容有");
    assert!(complained(&wrong).contains("content/about.md:2:1"), "{}", complained(&wrong));
    assert!(files(&site.path("www/current")) == before);
    site.write("content/about.md", "---\ntitle: 关于\n---\n\n改好了。\n");
    assert!(done(&publish(&site, &[])).contains("已发布第 2 版"));
    is_whole(&site.path("www/current"), &expected(&site));
    refused(&publish(&site, &["--gzip"]), "只用于 s3://");
}

#[test]
fn what_changes_by_itself_is_published_when_its_time_has_come() {
    let site = Site::with_course();
    done(&publish(&site, &[]));
    let due = |now: &str| drop(done(&site.run(&["publish", "--to", "www", "--when-due", "--now", now])));
    site.replace("content/courses/cash.md", "讲现金流。", "也讲别的。");
    due("2026-11-24T10:00:01+08:00");
    assert_eq!(number(&site), 1, "its time has not come");
    due("2026-12-28T12:00:01+08:00");
    assert_eq!(number(&site), 2, "registration has closed by then");
    assert!(live(&site, "courses/cash/index.html").contains("也讲别的"));
}

#[test]
fn a_refused_manifest_is_not_published_and_one_that_was_committed_is_made_good() {
    let site = Site::with_course();
    done(&publish(&site, &[]));
    let second = fs::read_to_string(site.path("content/courses/cash.md")).expect("a course").replace("djt-2026-q4", "second");
    site.write("content/courses/second.md", &second.replace("算清现金流", "第二堂课"));
    let said = publish(&site, &[]);
    assert!(
        done(&said).contains("已发布第 2 版") && complained(&said).contains("场次 second「第二堂课」：新增"),
        "{}",
        complained(&said)
    );
    let person = ["--set", "name=王芳菲", "--set", "mobile=13900001234", "--set", "company=相山某某商贸有限公司"];
    let rest = ["--set", "attendance=onsite", "--set", "handle=yes", "--yes", "--now", NOW];
    // Nothing is built where the content is; the office works with what is published.
    let register = ["register", "--root", "www", "--data", "data", "--session", "second"];
    done(&site.run(&[&register[..], &person, &rest].concat()));

    fs::remove_file(site.path("content/courses/second.md")).expect("a page");
    let wrong = publish(&site, &[]);
    refused(&wrong, "已经有人报名");
    assert!(complained(&wrong).contains("线上的网站没有变") && number(&site) == 2, "{}", complained(&wrong));
    refused(&publish(&site, &["--dry-run"]), "已经有人报名");
    refused(&publish(&site, &["--rollback"]), "--pages-only");
    assert_eq!(number(&site), 2);
    assert!(done(&publish(&site, &["--rollback", "--pages-only"])).contains("表单和场次没有动"));
    assert!(number(&site) == 1 && !site.path("www/current/courses/second").exists());
    assert!(done(&site.run(&["roster", "second", "--data", "data", "--now", NOW])).contains("报名成功"), "nobody lost a seat");

    // The manifest is committed, but the link cannot be exchanged: something lies in the way of its name.
    site.write(
        "content/courses/second.md",
        &second.replace("算清现金流", "第二堂课").replace("onsite_seats: 60", "onsite_seats: 70"),
    );
    fs::create_dir(site.path("www/.current.next")).expect("made");
    refused(&publish(&site, &[]), "不能换成第 3 版");
    assert_eq!(number(&site), 1, "old pages with new functions are fine");
    fs::remove_dir(site.path("www/.current.next")).expect("removed");
    let healed = publish(&site, &[]);
    assert!(done(&healed).contains("已发布第 3 版") && !complained(&healed).contains("场次"), "{}", complained(&healed));
    is_whole(&site.path("www/current"), &expected(&site));
}

/// `KILLS` in the environment says how often.
fn kills() -> usize {
    std::env::var("KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(50)
}

#[test]
fn a_killed_publisher_leaves_the_old_site_or_the_new_one_whole() {
    let site = Site::with_course();
    let style = fs::read_to_string(site.path(STYLE)).expect("a style");
    let course = fs::read_to_string(site.path("content/courses/cash.md")).expect("a course");
    let edit = |turn: usize| {
        site.write("content/about.md", &format!("---\ntitle: 关于\n---\n\n第 {} 种说法。\n", turn % 2));
        site.write(STYLE, &format!("{style}\n.turn-{} {{ color: green }}\n", turn % 2));
        let seats = format!("onsite_seats: {}", 60 + turn % 2);
        site.write("content/courses/cash.md", &course.replace("onsite_seats: 60", &seats));
    };
    edit(0);
    done(&publish(&site, &[]));
    edit(1);
    done(&publish(&site, &[]));
    let sites: Vec<_> = [0, 1]
        .map(|turn| {
            edit(turn);
            expected(&site)
        })
        .into();
    edit(0);
    let begun = Instant::now();
    done(&publish(&site, &[]));
    let mut whole = begun.elapsed();

    let shown = || usize::from(live(&site, "about/index.html").contains("第 1 种说法"));
    let mut random = fastrand::Rng::with_seed(20_261_124);
    let (mut turn, mut killed, mut new) = (0, 0, 0);
    while killed < kills() {
        turn += 1;
        edit(turn);
        let (before, same) = (number(&site), shown() == turn % 2);
        let mut child = site.command(&["publish", "--to", "www", "--now", NOW]);
        let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("xiangshang starts");
        match turn % 3 {
            0 => std::thread::sleep(whole.mul_f64(random.f64())),
            // Near the end.
            1 => std::thread::sleep(whole.mul_f64(0.9 + 0.1 * random.f64())),
            // As soon as names are exchanged.
            _ => {
                while number(&site) == before && child.try_wait().expect("it can be waited for").is_none() {
                    std::thread::yield_now();
                }
            }
        }
        child.kill().expect("a child");
        let was_killed = child.wait().expect("it ends").signal().is_some();
        is_whole(&site.path("www/current"), &sites[shown()]);
        // What else runs on the machine comes and goes, and the end with it.
        if turn % 3 == 1 && !same {
            whole = whole.mul_f64(if was_killed { 1.03 } else { 0.9 });
        }
        // Whoever was faster is no case of this test.
        killed += usize::from(was_killed);
        new += usize::from(was_killed && number(&site) != before);
    }
    println!("killed {killed} times: {} times the old site was live, {new} times the new one", killed - new);
    done(&publish(&site, &[]));
    is_whole(&site.path("www/current"), &sites[turn % 2]);
    assert!(done(&publish(&site, &[])).contains("没有变化"));
    for entry in fs::read_dir(site.path("www/releases")).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.path().is_dir() {
            let name = entry.file_name().into_string().expect("a number");
            assert!(site.path(&format!("www/releases/{name}.json")).is_file(), "{name} was never live");
        }
    }
    let preview = publish(&site, &["--dry-run"]);
    assert!(!complained(&preview).contains("名额") && !done(&preview).contains("名额"), "the functions follow what is live");
}

#[test]
fn publishers_at_the_same_time_take_turns() {
    let site = Site::new();
    let start = || {
        let mut command = site.command(&["publish", "--to", "www", "--now", NOW]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("xiangshang starts")
    };
    let all: Vec<_> = (0..4).map(|_| start()).collect();
    let said: Vec<String> = all.into_iter().map(|child| done(&child.wait_with_output().expect("it ends"))).collect();
    assert_eq!(said.iter().filter(|said| said.contains("已发布第 1 版")).count(), 1, "{said:?}");
    assert_eq!(said.iter().filter(|said| said.contains("没有变化")).count(), 3, "{said:?}");
    is_whole(&site.path("www/current"), &expected(&site));
}

#[test]
fn a_server_shows_what_is_live_and_no_reader_sees_half_of_it() {
    let site = Site::with_course();
    refused(&site.run(&["serve", "--published", "www", "--addr", "127.0.0.1:0"]), "还没有发布过网站");
    done(&publish(&site, &[]));
    let server = site.serve(&["--published", "www", "--now", NOW]);
    assert!(server.get("/courses/cash/").body.contains("算清现金流") && server.get("/f/track").status == 200);
    assert_eq!(server.get("/nowhere/").status, 404);
    let (stop, asked) = (AtomicBool::new(false), std::sync::atomic::AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let reader = Visitor::to(&server);
        let (stop, asked) = (&stop, &asked);
        scope.spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let page = reader.get("/about/").expect("the page is always there");
                let style = reader.get(&format!("/{}", style(&page))).expect("and so is its style");
                let turn = page.split_once("第 ").map(|(_, after)| after.split(' ').next().unwrap_or_default());
                let sign = turn.map_or_else(String::new, |turn| format!(".turn-{turn}"));
                assert!(style.contains(&sign), "the page has its own style: {sign}");
                asked.fetch_add(1, Ordering::Relaxed);
            }
        });
        let css = fs::read_to_string(site.path(STYLE)).expect("a style");
        for turn in 1..=5 {
            site.write("content/about.md", &format!("---\ntitle: 关于\n---\n\n第 {turn} 版。\n"));
            site.write(STYLE, &format!("{css}\n.turn-{turn} {{ color: green }}\n"));
            done(&publish(&site, &[]));
            assert!(server.get("/about/").body.contains(&format!("第 {turn} 版")), "it is live at once");
        }
        done(&publish(&site, &["--rollback"]));
        assert!(server.get("/about/").body.contains("第 4 版"));
        // At least one whole look at what was rolled back to.
        let seen = asked.load(Ordering::Relaxed);
        while asked.load(Ordering::Relaxed) < seen + 2 {
            std::thread::sleep(Duration::from_millis(5));
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(!site.path("public").exists(), "it builds nothing");
}
