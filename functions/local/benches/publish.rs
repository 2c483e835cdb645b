//! How long it takes until a push of one changed page to a site of 2,000 pages is live, to go back, and until whoever writes sees in `serve` what was
//! saved: real git, a bare repository with hooks, the real program, the project's own theme and content.
//!
//!     cargo bench --package local --bench publish [-- [PAGES] [--built DIR]]
//!
//! `--built` names a folder with another `xiangshang` than the one that cargo builds for this, `target/release` say: itself this program only waits, so it
//! may be built without optimisation (`cargo test --bench publish`).
//!
//! Live is what a reader of the folder sees: the page is read again and again until it says what was pushed.

#[path = "../tests/program/site.rs"]
#[allow(dead_code, reason = "a benchmark needs little of it")]
mod site;

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use site::{Site, done};

const NOW: &str = "2026-12-01T09:00:00+08:00";
const PUSHES: usize = 15;
const SENTENCE: &str = "区工商联组织会员企业走访交流，梳理融资、用工和订单方面的问题，逐项落实责任单位和完成时限，月底前回访。";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let pages: usize = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(2_000);
    site::take_program(&arguments);
    let site = Site::whole();
    site.write("content/news/_index.md", "---\ntitle: 新闻\n---\n");
    for page in 0..pages {
        site.write(&format!("content/news/{page}.md"), &text(page, "原来的话", "新闻"));
    }
    site.write(".gitignore", "/config\n/www\n/data\n/repo.git\n");
    let root = site.path("");
    git(&root, &["init", "--quiet", "--bare", "--initial-branch=main", "repo.git"]);
    git(&root, &["init", "--quiet", "--initial-branch=main"]);
    git(&root, &["config", "gc.auto", "0"]);
    done(&site.run(&["hook", "install", "repo.git", "--publish-to", "www", "--now", NOW]));
    git(&root, &["add", "--all"]);
    git(&root, &["commit", "--quiet", "-m", "第一次"]);
    let begun = Instant::now();
    push(&root);
    let files = files(&site.path("www/current"));
    println!(
        "{pages} pages and the project's own, {files} files with packed ones: the first push took {:.1} s",
        begun.elapsed().as_secs_f64()
    );

    for (what, retitle) in [("words of one page", false), ("title and words of one page", true)] {
        let (mut live, mut pushed) = (Vec::new(), Vec::new());
        for turn in 0..PUSHES {
            let (page, words) = (turn * 37 % pages, format!("{what}，第 {turn} 次"));
            let title = if retitle { format!("改了标题的新闻之{turn}") } else { "新闻".to_owned() };
            site.write(&format!("content/news/{page}.md"), &text(page, &words, &title));
            git(&root, &["add", "--all"]);
            git(&root, &["commit", "--quiet", "-m", "改一页"]);
            let file = site.path(&format!("www/current/news/{page}/index.html"));
            let begun = Instant::now();
            let seen = std::thread::scope(|scope| {
                let reader = scope.spawn(|| {
                    while !fs::read_to_string(&file).is_ok_and(|text| text.contains(&words)) {
                        assert!(begun.elapsed() < Duration::from_secs(60), "it never was live");
                        std::thread::sleep(Duration::from_millis(2));
                    }
                    begun.elapsed()
                });
                push(&root);
                pushed.push(begun.elapsed());
                reader.join().expect("it was live")
            });
            live.push(seen);
        }
        println!(
            "{what}: live after {} (worst {}), git push ended after {}",
            median(&mut live),
            worst(&live),
            median(&mut pushed)
        );
    }
    let mut back = Vec::new();
    for turn in 0..6 {
        let to = if turn % 2 == 0 { "--rollback" } else { "--rollback=31" };
        let begun = Instant::now();
        let said = done(&site.run(&["publish", "--to", "www", to, "--now", NOW]));
        back.push(begun.elapsed());
        assert!(said.contains("已退回到第"), "{said}");
    }
    println!("rollback: {} (worst {})", median(&mut back), worst(&back));

    let server = site.serve(&["--now", NOW]);
    let events = server.events();
    events.next();
    let mut seen = Vec::new();
    for turn in 0..PUSHES {
        let (page, words) = (turn * 37 % pages, format!("第 {turn} 次存盘"));
        let begun = Instant::now();
        site.write(&format!("content/news/{page}.md"), &text(page, &words, "新闻"));
        // Posters that are drawn meanwhile are told of as well.
        while !server.get(&format!("/news/{page}/")).body.contains(&words) {
            events.next();
        }
        seen.push(begun.elapsed());
    }
    println!(
        "saved while `serve` watches: the open page is told and the new one read after {} (worst {})",
        median(&mut seen),
        worst(&seen)
    );
}

fn text(page: usize, words: &str, title: &str) -> String {
    let body = format!("{SENTENCE}\n\n").repeat(4 + page % 9);
    format!("---\ntitle: {title}之{page}\ndate: 2026-{:02}-{:02}\n---\n\n{words}。\n\n{body}", 1 + page % 11, 1 + page % 28)
}

fn push(root: &Path) {
    git(root, &["push", "--quiet", "repo.git", "HEAD:main"]);
}

fn git(root: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args(["-c", "user.name=编辑", "-c", "user.email=editor@example.org"]).args(arguments);
    done(&command.output().expect("git is installed"));
}

fn files(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    entries.map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}

fn median(times: &mut [Duration]) -> String {
    times.sort();
    format!("{:.2} s", times[times.len() / 2].as_secs_f64())
}

fn worst(times: &[Duration]) -> String {
    format!("{:.2} s", times.iter().max().expect("some").as_secs_f64())
}
