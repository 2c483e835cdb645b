//! The doctor on a site that is right (`tests/doctor/right`, with our theme, forms and data), on the same with one mistake each, and on 200 pages that are
//! right, of our own site and of sentences that a careless rule would blame.

mod mistakes;
mod sentences;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use domain::Moment;
use rayon::prelude::*;
use site_gen::{
    build::{Options, build},
    diagnostic::{Colours, Severity, place, render_human},
    doctor::{Examined, examine, rules},
};
use tempfile::TempDir;

use crate::given::copy;

use mistakes::MISTAKES;

/// The right site is right at this moment.
const NOW: &str = "2026-11-24 09:00";

fn moment(text: &str) -> Moment {
    text.parse().expect("a moment")
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// The right site in a folder of its own.
fn right() -> TempDir {
    let root = TempDir::new().expect("a folder");
    let repository = repository();
    copy(&repository.join("content/data"), &root.path().join("content/data"));
    copy(&repository.join("content/forms"), &root.path().join("content/forms"));
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/doctor/right/content"), &root.path().join("content"));
    copy(&repository.join("themes"), &root.path().join("themes"));
    root
}

fn examined(root: &Path) -> Examined {
    let examined = examine(&Options::new(root, moment(NOW)), &[]).expect("there is a content folder");
    // Whether this machine has a font for posters is no matter of content.
    let diagnostics = examined.diagnostics.into_iter().filter(|found| !found.code.contains("font")).collect();
    Examined { diagnostics, ..examined }
}

fn shown(examined: &Examined) -> String {
    render_human(&examined.diagnostics, &examined.texts, Colours::Plain)
}

/// What is said as lines of `file:line:column code: message = hint`.
fn lines(examined: &Examined) -> Vec<String> {
    let line = |found: &site_gen::diagnostic::Diagnostic| {
        let at = found.span.and_then(|span| Some(place(examined.texts.get(&found.file)?, span.start)));
        let at = at.map_or(String::new(), |at| format!(":{}:{}", at.line, at.column));
        format!("{}{at} {}: {} = {}", found.file, found.code, found.message, found.hint.as_deref().unwrap_or_default())
    };
    examined.diagnostics.iter().map(line).collect()
}

#[test]
fn a_right_site_is_not_blamed() {
    let root = right();
    let examined = examined(root.path());
    assert!(examined.diagnostics.is_empty(), "{}", shown(&examined));
    assert!(examined.mended.is_empty());
}

#[test]
fn each_mistake_is_told_at_its_place_with_a_way_to_mend_it() {
    let wrong: Vec<String> = MISTAKES
        .par_iter()
        .filter_map(|mistake| {
            let root = right();
            let path = root.path().join(mistake.file);
            let text = fs::read_to_string(&path).unwrap_or_default();
            assert!(text.contains(mistake.from), "`{}` is not in {}", mistake.from, mistake.file);
            fs::write(&path, text.replacen(mistake.from, mistake.to, 1)).expect("written");
            let lines = lines(&examined(root.path()));
            let place = format!("{} {}: ", mistake.at, mistake.code);
            let told = lines.iter().filter(|line| line.starts_with(&place));
            let fits = told.clone().any(|line| {
                let (message, hint) = line.rsplit_once(" = ").expect("each has a hint");
                message.contains(mistake.message) && hint.contains(mistake.hint) && !hint.is_empty()
            });
            // One mistake is told once: at most two more things follow from it.
            (!fits || lines.len() > 3).then(|| {
                format!(
                    "{} → {}\n  expected {place}…{}… = …{}…\n  told {}",
                    mistake.from,
                    mistake.to,
                    mistake.message,
                    mistake.hint,
                    lines.join("\n       ")
                )
            })
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), MISTAKES.len(), wrong.join("\n"));
    assert!(MISTAKES.len() >= 60);
}

#[test]
fn what_grows_stale_by_itself_never_refuses_a_push() {
    let root = right();
    // Two years later nobody has touched anything.
    let later = examine(&Options::new(root.path(), moment("2028-11-24 09:00")), &[]).expect("there is a content folder");
    let codes: Vec<_> = later.diagnostics.iter().map(|found| found.code).collect();
    for code in ["stale_home", "stale_column", "checked_long_ago"] {
        assert!(codes.contains(&code), "{code}: {codes:?}");
    }
    let errors: Vec<_> = later.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn two_hundred_right_pages_are_not_blamed() {
    // Our own content, and pages of sentences beside it.
    let root = TempDir::new().expect("a folder");
    let repository = repository();
    copy(&repository.join("content"), &root.path().join("content"));
    copy(&repository.join("themes"), &root.path().join("themes"));
    let pages = 130;
    for number in 0..pages {
        let path = root.path().join(format!("content/more/p{number:03}.md"));
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, sentences::page(number)).expect("written");
    }
    fs::write(
        root.path().join("content/more/_index.md"),
        "---\ntitle: 更多\nsummary: 用来试检查程序的页面。\ncolumn_type: 概况信息\n---\n",
    )
    .expect("written");
    let examined = examined(root.path());
    assert!(examined.diagnostics.is_empty(), "{}", shown(&examined));
    let documents = examined.texts.files().filter(|(file, _)| file.starts_with("content/") && file.ends_with(".md")).count();
    assert!(documents >= 200, "{documents} pages were looked at");
}

#[test]
fn our_own_site_is_clean() {
    let options = Options::new(repository(), moment(NOW));
    let examined = examine(&options, &[]).expect("there is a content folder");
    let diagnostics: Vec<_> = examined.diagnostics.iter().filter(|found| !found.code.contains("font")).collect();
    assert!(diagnostics.is_empty(), "{}", shown(&examined));
}

#[test]
fn what_is_mended_is_what_was_meant_and_nothing_else() {
    let root = right();
    let path = root.path().join("content/news/visit.md");
    let before = fs::read_to_string(&path).expect("read");
    let code = "\n`全角１２,代码` 和 [链接,文字](https://a.example/?q=１,２)\n\n```\n企業(yè)，，\n```\n\n{{ button to=\"/about/\" label=\"看,这里\" }}\n";
    let wrong = before
        .replace("“旺季用工最难”", "\"旺季用工最难\"")
        .replace("三家食品企业。企业", "３家食品企業(yè)。。企业")
        .replace("上门看变压器，费用", "上门看變壓器,费用")
        .replace("## 当场", "## 　当场")
        .replace("title: 走访食品企业，当场", "title: 走访食品企业,当场")
        + code;
    let right = before.replace("三家食品企业。企业", "3家食品企业。企业") + &code.replace("[链接,文字]", "[链接，文字]");
    fs::write(&path, &wrong).expect("written");

    // Without a terminal nobody can be asked, and nothing is written.
    let shown = run(root.path(), &["--fix"]);
    assert_eq!(fs::read_to_string(&path).expect("read"), wrong);
    let said = String::from_utf8_lossy(&shown.stdout);
    assert!(
        said.contains("content/news/visit.md（")
            && said.contains("- title: 走访食品企业,当场")
            && said.contains("+ title: 走访食品企业，当场"),
        "{said}"
    );
    assert!(String::from_utf8_lossy(&shown.stderr).contains("--yes"));
    assert_eq!(shown.status.code(), Some(1));

    let mended = run(root.path(), &["--fix", "--yes"]);
    assert_eq!(fs::read_to_string(&path).expect("read"), right);
    assert_eq!(mended.status.code(), Some(0), "{}", String::from_utf8_lossy(&mended.stdout));
    // A second time there is nothing left to mend.
    let again = run(root.path(), &["--fix", "--yes"]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("没有能放心代改的地方"));
}

#[test]
fn a_silence_needs_a_reason_and_a_use() {
    let root = right();
    let path = root.path().join("content/news/visit.md");
    let before = fs::read_to_string(&path).expect("read");
    let with = |lines: &str| {
        let text =
            before.replace("summary: 区工商联到三家食品企业走访，用工、用电、运输三件事当场有了答复。", "summary: 走访三家。");
        fs::write(&path, text.replace("source:", &format!("silence:\n{lines}source:"))).expect("written");
        lines_of(root.path())
    };
    assert!(with("  - { rule: thin_summary, why: 一句话就够了 }\n").is_empty());
    for (lines, code, at) in [
        ("  - { rule: thin_summary, why: '' }\n", "silence_without_reason", "7:32"),
        ("  - { rule: thin_summery, why: 一句话就够了 }\n", "unknown_silence", "7:13"),
        ("  - { rule: broken_anchor, why: 一句话就够了 }\n", "unknown_silence", "7:13"),
        ("  - { rule: thin_summary, why: 一句话就够了 }\n  - { rule: spaces, why: 一句话就够了 }\n", "unused_silence", "8:13"),
        ("  - { rule: thin_summary }\n", "missing_key", "7:5"),
    ] {
        let told = with(lines);
        assert!(told.iter().any(|line| line.starts_with(&format!("content/news/visit.md:{at} {code}: "))), "{lines}{told:#?}");
    }

    // In `site.yaml` it holds for every page.
    fs::write(&path, before.replace("11月19日，", "11月19日,")).expect("written");
    let config = root.path().join("content/site.yaml");
    let settings = fs::read_to_string(&config).expect("read");
    fs::write(&config, format!("{settings}silence:\n  - {{ rule: half_punctuation, why: 试一试整个网站 }}\n")).expect("written");
    assert!(lines_of(root.path()).is_empty());
}

#[test]
fn a_build_keeps_quiet_of_what_is_silenced_and_of_nothing_else() {
    let root = right();
    let (config, page) = (root.path().join("content/site.yaml"), root.path().join("content/news/visit.md"));
    let settings = fs::read_to_string(&config).expect("read").replace("site_code: \"3406030001\"\n", "");
    let silent = "silence:\n  - { rule: no_site_code, why: 还没有领到标识码 }\n";
    let text = fs::read_to_string(&page).expect("read");
    let broken = format!("{text}\n再看[一页](nowhere.md)。\n");
    let told = || {
        let built = build(&Options::new(root.path(), moment(NOW))).expect("there is a content folder");
        let codes = built.diagnostics.iter().map(|found| found.code).filter(|code| !code.contains("font")).collect::<Vec<_>>();
        (codes, built.is_fine())
    };
    for (settings, text, expected) in [
        (settings.clone(), &text, (vec!["no_site_code"], true)),
        (format!("{settings}{silent}"), &text, (vec![], true)),
        // A silence of one page says nothing of another, and an error stays whatever is written.
        (settings.clone(), &text.replace("source:", &format!("{silent}source:")), (vec!["no_site_code"], true)),
        (format!("{settings}{silent}  - {{ rule: broken_link, why: 以后再写 }}\n"), &broken, (vec!["broken_link"], false)),
    ] {
        fs::write(&config, settings).expect("written");
        fs::write(&page, text).expect("written");
        assert_eq!(told(), expected);
    }
}

fn lines_of(root: &Path) -> Vec<String> {
    lines(&examined(root))
}

#[test]
fn people_of_a_list_that_is_not_public_are_found() {
    let root = right();
    let path = root.path().join("content/news/visit.md");
    let before = fs::read_to_string(&path).expect("read");
    fs::write(&path, before.replace("企业负责人说", "企业负责人钱多多说")).expect("written");
    let list = root.path().join("list.csv");
    fs::write(&list, "\u{feff}序号,企业名称,联系人\r\n1,示例公司,钱多多\r\n2,示例公司,赵没有\r\n").expect("written");
    let list = list.to_str().expect("a path").to_owned();
    let said = run(root.path(), &["--names", &list]);
    let text = String::from_utf8_lossy(&said.stdout);
    assert!(text.contains("content/news/visit.md:9:") && text.contains("ledger_name"), "{text}");
    assert_eq!(said.status.code(), Some(1));

    fs::write(&path, &before).expect("written");
    assert_eq!(run(root.path(), &["--names", &list]).status.code(), Some(0));
    // Wrong use: no such list, and a list of nobody.
    assert_eq!(run(root.path(), &["--names", "nowhere.csv"]).status.code(), Some(2));
    fs::write(&list, "\n").expect("written");
    assert_eq!(run(root.path(), &["--names", &list]).status.code(), Some(2));
}

#[test]
fn all_rules_are_listed_and_wrong_use_is_told() {
    let root = right();
    let listed = run(root.path(), &["--rules"]);
    let text = String::from_utf8_lossy(&listed.stdout);
    for rule in rules::ALL {
        assert!(text.contains(rule.name), "{}", rule.name);
    }
    assert_eq!(run(root.path(), &["--yes"]).status.code(), Some(2));
    assert_eq!(run(root.path(), &["--fix", "--format", "json"]).status.code(), Some(2));
}

/// The program itself, where nobody can be asked.
fn run(root: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_site-gen"))
        .args(["check", "--now", "2026-11-24T09:00:00+08:00", "--root"])
        .arg(root)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("it starts")
}
