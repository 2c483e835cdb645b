//! What pages show of what editors wrote, read back from a built site: files with kind and size, minutes, speakers, the plan, and entries of the
//! libraries that nobody has checked for a year.

use std::{collections::BTreeMap, fs};

use anyhow::{Context, Result, ensure};
use scraper::{ElementRef, Html, Selector};
use site_gen::{build::Options, commands, diagnostic::Colours};
use tests::{
    Site,
    checks::{self, BASE, build},
    server::NOW,
};

fn all<'a>(within: ElementRef<'a>, css: &str) -> Vec<ElementRef<'a>> {
    within.select(&Selector::parse(css).expect("a selector that is written here")).collect()
}

fn words(element: ElementRef) -> String {
    element.text().collect::<String>().trim().to_owned()
}

/// Everything that fits, as people read it.
fn read(within: ElementRef, css: &str) -> Vec<String> {
    all(within, css).into_iter().map(words).collect()
}

/// The page at an address of a site that is built in `folder`.
fn page(folder: &std::path::Path, url: &str) -> Result<Html> {
    let file = folder.join(url.trim_start_matches('/')).join("index.html");
    Ok(Html::parse_document(&fs::read_to_string(&file).with_context(|| format!("there is no page `{url}`"))?))
}

/// The files that a part of a page hands out: address, words, kind and size.
fn files(within: ElementRef) -> Vec<(String, String, String)> {
    let file = |entry: &ElementRef| {
        let link = all(*entry, "a").into_iter().next()?;
        Some((link.attr("href")?.to_owned(), words(link), read(*entry, "small").concat()))
    };
    all(within, ".files li").iter().filter_map(file).collect()
}

fn write(site: &Site, path: &str, text: &str) -> Result<()> {
    Ok(fs::write(site.root().join("content").join(path), text)?)
}

/// An entry of a library with the day on which it was last checked.
fn entry(title: &str, checked: &str) -> String {
    format!(
        "---\ntitle: {title}\ndate: 2025-10-01 09:00\nexample: true\nlibrary: legal\nprovider: 示例单位\nservices: [示例服务]\naudience: 企业\n\
         contact: 由工商联联系（示例）\nchecked: {checked}\n---\n\n示例。\n"
    )
}

#[test]
fn an_entry_of_a_library_is_hidden_everywhere_once_its_check_is_a_year_old() -> Result<()> {
    let site = Site::new()?;
    // Two days apart, on both sides of a year before the tests' moment.
    write(&site, "resources/long-ago.md", &entry("犇骉库甲", "2025-11-23"))?;
    write(&site, "resources/just-so.md", &entry("犇骉库乙", "2025-11-24"))?;
    let folder = site.root().join("built");
    let options = Options { base_url: Some(BASE.to_owned()), ..Options::new(site.root(), NOW.parse().ok().context("a moment")?) };
    let done = commands::build::run(&options, &folder, true, Colours::Plain)?;
    ensure!(done.fine, "{}", done.findings);
    ensure!(
        done.findings.contains("hidden_unchecked") && done.findings.contains("content/resources/long-ago.md"),
        "nobody is told that it is hidden:\n{}",
        done.findings
    );
    let says = |title: &str| -> Result<Vec<String>> {
        let mut found = Vec::new();
        for file in checks::files(&folder)? {
            if String::from_utf8_lossy(&fs::read(folder.join(&file))?).contains(title) {
                found.push(file);
            }
        }
        Ok(found)
    };
    // Lists, search, sitemap, feeds: nothing names it.
    ensure!(says("犇骉库甲")?.is_empty(), "what is hidden stands in {:?}", says("犇骉库甲")?);
    ensure!(!folder.join("resources/long-ago").exists(), "its page is there");
    let there = says("犇骉库乙")?;
    for file in ["resources/just-so/index.html", "resources/index.html"] {
        ensure!(there.iter().any(|found| found == file), "what was checked in time is not in `{file}`: {there:?}");
    }
    // It comes back by its check alone.
    write(&site, "resources/long-ago.md", &entry("犇骉库甲", "2026-11-20"))?;
    build(&site)?;
    ensure!(says("犇骉库甲")?.iter().any(|file| file == "resources/index.html"), "it does not come back");
    Ok(())
}

#[test]
fn a_past_occasion_shows_what_came_of_it_with_its_files() -> Result<()> {
    let site = Site::new()?;
    let text = "---\ntitle: 有回放的一场\ndate: 2026-06-01 09:00\nexample: true\nevent:\n  start: 2026-06-10 14:00\n  end: 2026-06-10 16:00\n  \
        place: 会议室（示例）\n  attendance: onsite\n  audience: 企业\n  contact: 工商联办公室（示例）\nminutes:\n  text: 这一场谈成了两件事（示例）。\n  files:\n    - \
        { label: 课件, path: slides.pdf }\n    - { label: 回放, path: \"https://video.example/watch.html\" }\n    - \
        { label: 通知原文, path: \"https://files.example/2026/notice.PDF?v=2\" }\n    - { label: 主办方, path: \"https://host.example\" }\n---\n\n示例。\n";
    write(&site, "activities/recorded.md", text)?;
    fs::write(site.root().join("content/activities/slides.pdf"), vec![b' '; 1_600_000])?;
    let folder = build(&site)?;

    let past = page(&folder, "/activities/recorded/")?;
    let minutes = all(past.root_element(), "section[aria-labelledby=minutes]").into_iter().next().context("no minutes")?;
    ensure!(words(minutes).contains("谈成了两件事"), "the minutes do not say what came of it");
    let expected = [
        ("/activities/slides.pdf", "课件", "PDF · 1.5 MB"),
        // Of what lies elsewhere nobody here knows how large it is.
        ("https://video.example/watch.html", "回放", "网页"),
        ("https://files.example/2026/notice.PDF?v=2", "通知原文", "PDF"),
        ("https://host.example", "主办方", "网页"),
    ];
    let expected = expected.map(|(url, label, kind)| (url.to_owned(), label.to_owned(), kind.to_owned()));
    ensure!(files(minutes) == expected, "the files are {:?}", files(minutes));
    ensure!(folder.join("activities/slides.pdf").is_file(), "the file itself is not published");
    ensure!(all(past.root_element(), "main .button").is_empty(), "one can still register");

    // The real content has both: files of a lecture that is over, and of one to come.
    let over = page(&folder, "/courses/2026-q1/")?;
    let minutes = all(over.root_element(), "section[aria-labelledby=minutes]").into_iter().next().context("no minutes")?;
    ensure!(read(minutes, ".figures dd") == ["52人", "31家"], "the figures are {:?}", read(minutes, ".figures dd"));
    ensure!(
        files(minutes).iter().any(|(url, _, kind)| url == "/courses/goals-2026.csv" && kind == "CSV · 1 KB"),
        "{:?}",
        files(minutes)
    );
    let ahead = page(&folder, "/courses/2026-q4/")?;
    ensure!(all(ahead.root_element(), "section[aria-labelledby=minutes]").is_empty(), "minutes of what is still to come");
    let before = all(ahead.root_element(), "section[aria-labelledby=files]").into_iter().next().context("no files")?;
    ensure!(
        files(before).iter().any(|(url, _, kind)| url == "/courses/cash-2026.csv" && kind == "CSV · 1 KB"),
        "{:?}",
        files(before)
    );
    Ok(())
}

#[test]
fn a_policy_hands_out_files_and_tells_its_changes_in_order() -> Result<()> {
    let site = Site::new()?;
    let policy = |path: &str| {
        format!(
            "---\ntitle: 有沿革的一项\ndate: 2026-11-20 09:00\nexample: true\nissuer: 示例机关\nvalidity: current\naudience: 企业\nchecked: 2026-11-20\n\
             files:\n  - {{ label: 申请表, path: {path} }}\nhistory:\n  - {{ date: 2026-06-01, what: 犇骉修订 }}\n  - {{ date: 2025-01-02, what: 公布 }}\n---\n\n示例。\n"
        )
    };
    fs::write(site.root().join("content/policies/apply.docx"), vec![b' '; 24_000])?;
    write(&site, "policies/revised.md", &policy("apply.docx"))?;
    let folder = build(&site)?;
    let html = page(&folder, "/policies/revised/")?;
    let root = html.root_element();
    let expected = [("/policies/apply.docx".to_owned(), "申请表".to_owned(), "DOCX · 24 KB".to_owned())];
    ensure!(files(root) == expected, "the files are {:?}", files(root));
    let changes = read(root, "section[aria-labelledby=history] li");
    ensure!(changes == ["公布2025年1月2日", "犇骉修订2026年6月1日"], "the changes are {changes:?}");
    let plain = page(&folder, "/policies/sme-payment/")?;
    let parts = "section[aria-labelledby=history], section[aria-labelledby=files]";
    ensure!(all(plain.root_element(), parts).is_empty(), "a policy without files or changes shows empty parts");

    // A file that is not there is a mistake at its place.
    write(&site, "policies/revised.md", &policy("nothing.docx"))?;
    let options = Options::new(site.root(), NOW.parse().ok().context("a moment")?);
    let done = commands::build::run(&options, &folder, true, Colours::Plain)?;
    let told = done.findings.contains("broken_link") && done.findings.contains("content/policies/revised.md:10:");
    ensure!(!done.fine && told, "nobody hears of a file that is missing:\n{}", done.findings);
    Ok(())
}

#[test]
fn speakers_are_put_together_from_all_occasions_the_last_first() -> Result<()> {
    let site = Site::new()?;
    for (name, day, role) in
        [("one", "2026-03-02", "示例大学"), ("two", "2026-05-06", "示例大学"), ("other", "2026-04-01", "示例银行")]
    {
        let text = format!(
            "---\ntitle: 犇骉场 {name}\ndate: 2026-02-01 09:00\nexample: true\nevent:\n  start: {day} 14:00\n  end: {day} 16:00\n  place: 会议室（示例）\n  \
             attendance: onsite\n  audience: 企业\n  contact: 工商联办公室（示例）\nspeakers:\n  - {{ name: 犇老师, role: {role} }}\n---\n\n示例。\n"
        );
        write(&site, &format!("activities/spoke-{name}.md"), &text)?;
    }
    let folder = build(&site)?;
    let html = page(&folder, "/speakers/")?;
    let named: Vec<_> =
        all(html.root_element(), ".speaker").into_iter().filter(|speaker| read(*speaker, "h2") == ["犇老师"]).collect();
    let told: Vec<(Vec<String>, Vec<String>)> =
        named.iter().map(|speaker| (read(*speaker, ".speaker-role"), read(*speaker, ".lines a"))).collect();
    // Two of one name are two; whoever was here last stands first.
    let expected = [("示例大学", vec!["犇骉场 two", "犇骉场 one"]), ("示例银行", vec!["犇骉场 other"])];
    let expected =
        expected.map(|(role, events)| (vec![role.to_owned()], events.into_iter().map(str::to_owned).collect::<Vec<_>>()));
    ensure!(told == expected, "the page says {told:?}");
    for speaker in named {
        for link in all(speaker, ".lines a") {
            page(&folder, link.attr("href").unwrap_or_default())?;
        }
    }
    // Whoever is named on the page of an occasion is on the page of speakers.
    let speaks = page(&folder, "/courses/2026-q4/")?;
    let name = read(speaks.root_element(), ".speakers strong");
    ensure!(read(html.root_element(), ".speaker h2").contains(&name[0]), "{name:?} is missing");
    Ok(())
}

#[test]
fn the_board_says_in_words_what_became_of_the_plan() -> Result<()> {
    let site = Site::new()?;
    let plan = site.root().join("content/data/plan.yaml");
    let mut text = fs::read_to_string(&plan)?;
    text.push_str("- { series: teas, label: 补一场, due: 2026-12-31, topic: 还没有页面的一项（示例） }\n");
    fs::write(&plan, text)?;
    let folder = build(&site)?;
    let html = page(&folder, "/board/")?;
    let boards = all(html.root_element(), ".board");
    ensure!(boards.len() == 2, "there are {} boards", boards.len());
    for board in boards {
        let mut rows = BTreeMap::new();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for row in all(board, ".board-row") {
            let state = read(row, ".board-state").concat();
            *counts.entry(state.clone()).or_default() += 1;
            let class = row.value().classes().find(|class| *class != "board-row").unwrap_or_default().to_owned();
            rows.insert(read(row, ".board-label").concat(), (class, state, read(row, "time").concat()));
        }
        let expected: &[(&str, [&str; 3])] = if read(board, "h2")[0].contains("大讲堂") {
            &[("第一季度", ["board-done", "已办", "2026年3月26日"]), ("第四季度", ["board-arranged", "已安排", "2026年12月29日"])]
        } else {
            &[
                ("8 月", ["board-done", "已办", "2026年8月20日"]),
                ("7 月", ["board-overdue", "逾期未办", "2026年7月31日前"]),
                ("补一场", ["board-planned", "计划中", "2026年12月31日前"]),
            ]
        };
        for (label, [class, state, date]) in expected {
            let told = rows.get(*label).with_context(|| format!("no row `{label}`: {rows:?}"))?;
            ensure!((told.0.as_str(), told.1.as_str(), told.2.as_str()) == (*class, *state, *date), "`{label}` is {told:?}");
        }
        // The line above counts what stands below.
        let count = |state: &str| counts.get(state).copied().unwrap_or_default();
        let mut line = format!("计划 {} 场，已办 {} 场", rows.len(), count("已办"));
        if count("逾期未办") > 0 {
            line.push_str(&format!("，逾期未办 {} 场", count("逾期未办")));
        }
        let said = read(board, ".board-count").concat();
        ensure!(said == format!("{line}。"), "the board says `{said}`, there is `{line}`");
    }
    Ok(())
}
