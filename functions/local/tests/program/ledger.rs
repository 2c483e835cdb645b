//! The ledger as a file: what another program finds in it, and that no file is lost or half written.

use std::fs;

use calamine::Reader;

use crate::site::{PATIENCE, Site, complained, done, refused, said};

const NOW: &str = "2026-11-24T10:00:00+08:00";
const LATER: &str = "2026-11-25T10:00:00+08:00";
/// When each day's appeal has come.
const NOON: &str = "2026-11-24T12:00:00+08:00";
const EVENING: &str = "2026-11-25T18:00:00+08:00";
const APPEAL: [&str; 9] = [
    "category=finance",
    "title=贷款到期无法续贷",
    "description=我公司在某银行的流动资金贷款下月到期，银行口头告知不再续贷，请协调。",
    "urgency=一般",
    "company==HYPERLINK(1)有限公司",
    "contact=张三丰",
    "mobile=13812345678",
    "publish=no",
    "handle=yes",
];

/// The project's site with an appeal of each of two days.
fn site() -> Site {
    let site = Site::whole();
    drop(site.serve(&["--now", NOW, "--no-watch"]));
    for now in [NOW, LATER] {
        let sets = APPEAL.iter().flat_map(|answer| ["--set", answer]);
        done(&site.run(&["appeal", "--yes", "--now", now].into_iter().chain(sets).collect::<Vec<_>>()));
    }
    site
}

fn spreadsheet(site: &Site, path: &str) -> Vec<Vec<String>> {
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(site.path(path)).expect("a workbook");
    let sheet = book.worksheet_range("诉求台账").expect("the sheet has its name");
    sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

#[test]
fn the_spreadsheet_holds_what_the_csv_holds_in_each_tier() {
    let site = site();
    for tier in ["leaders", "environment", "public"] {
        let file = format!("{tier}.xlsx");
        let written = site.run(&["ledger", "--output", &file, "--tier", tier, "--now", EVENING]);
        done(&written);
        assert!(complained(&written).contains("已写入 2 件"), "{}", complained(&written));
        let text = said(&site.run(&["ledger", "--csv", "--tier", tier, "--now", EVENING]));
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let cells: Vec<Vec<String>> = (reader.records())
            .map(|row| row.expect("a row").iter().map(|cell| cell.trim_end_matches('\t').to_owned()).collect())
            .collect();
        assert_eq!(cells.len(), 3);
        assert_eq!(spreadsheet(&site, &file), cells, "{tier}");
        for (secret, known) in
            [("13812345678", tier == "leaders"), ("张三丰", tier != "public"), ("'=HYPERLINK(1)", tier != "public")]
        {
            assert_eq!(cells[1].iter().any(|cell| cell.contains(secret)), known, "{secret} {tier}");
        }
    }
    let some = site.run(&["ledger", "--output", "一天.xlsx", "--from", "2026-11-25", "--to", "2026-11-25", "--now", EVENING]);
    done(&some);
    assert_eq!(spreadsheet(&site, "一天.xlsx").len(), 2);
    let left: Vec<String> = fs::read_dir(site.path(""))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".part"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn people_of_the_ledger_do_not_stand_on_pages() {
    let site = site();
    let clean = done(&site.run(&["check", "--now", EVENING]));
    assert!(!clean.contains("不公开的名单"), "{clean}");
    let about = fs::read_to_string(site.path("content/about.md")).expect("a page");
    site.write("content/about.md", &format!("{about}\n感谢张三丰先生来信。\n"));
    let found = site.run(&["check", "--now", EVENING]);
    assert_eq!(found.status.code(), Some(1));
    let said = said(&found);
    assert!(said.contains("content/about.md") && said.contains("感谢张三丰先生来信"), "{said}");
    assert!(said.contains("这里的姓名在不公开的名单里"), "{said}");

    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let key = elsewhere.path().join("key");
    let without = site.run(&["check", "--now", EVENING, "--key", &key.to_string_lossy()]);
    assert_eq!(without.status.code(), Some(1), "nothing is opened with another key: {}", complained(&without));
    assert!(!complained(&without).is_empty() && !complained(&without).contains("张三丰"), "{}", complained(&without));
}

#[test]
fn no_file_is_replaced_unless_somebody_says_so() {
    let site = site();
    site.write("台账.xlsx", "年终总结");
    let kept = site.run(&["ledger", "--output", "台账.xlsx", "--now", NOON]);
    refused(&kept, "已经有了，没有写台账");
    assert_eq!(fs::read_to_string(site.path("台账.xlsx")).expect("the file"), "年终总结");
    done(&site.run(&["ledger", "--output", "台账.xlsx", "--force", "--now", NOON]));
    assert_eq!(spreadsheet(&site, "台账.xlsx").len(), 2, "only the first day's");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(site.path("台账.xlsx")).expect("the file").permissions().mode();
        assert_eq!(mode & 0o77, 0, "nobody else reads who has appealed");
    }
    refused(&site.run(&["ledger", "--output", "台账.doc", "--now", NOON]), "看不出 `台账.doc` 要写成什么");
    refused(&site.run(&["ledger", "--csv", "--output", "新.xlsx", "--now", NOON]), "对不上");
    refused(&site.run(&["ledger", "--output", "新.xlsx", "--from", "2026-11-02", "--to", "2026-11-01", "--now", NOON]), "晚于");
    assert!(!site.path("新.xlsx").exists());
}

#[test]
fn like_appeals_are_marked_and_shown_side_by_side_with_the_way_to_merge_them() {
    let site = site();
    let inbox = said(&site.run(&["inbox", "--now", EVENING]));
    let numbers: Vec<&str> = inbox.split_whitespace().filter(|word| word.starts_with("XS2611")).collect();
    let (first, second) = (numbers[0], numbers.iter().find(|number| number.starts_with("XS261125")).expect("the second day's"));
    assert!(inbox.contains(&format!("和 {first} 相似")), "{inbox}");
    let case = said(&site.run(&["case", second, "--now", EVENING]));
    assert!(case.contains("同一企业或手机号的相似诉求") && case.contains("100%") && !case.contains("续贷"), "{case}");
    let reveal = ["case", second, "--reveal", "--reason", "核对是否同一件事", "--now", EVENING];
    let beside = said(&site.run(&reveal));
    assert!(beside.contains("│ 一句话说清是什么事：贷款到期无法续贷"), "{beside}");
    assert!(beside.contains(&format!("xiangshang case {second} merge --into {first}")), "{beside}");
    // That other people's words were opened stands in their record.
    let other = said(&site.run(&["case", first, "--now", EVENING]));
    assert!(other.contains(&format!("和 {second} 对照：核对是否同一件事")), "{other}");
    done(&site.run(&["case", second, "merge", "--into", first, "--now", EVENING]));
    assert!(!said(&site.run(&["case", first, "--now", EVENING])).contains("相似诉求"));
}

#[test]
fn published_figures_stand_on_the_home_page_and_unpublished_ones_do_not() {
    let site = site();
    let home = |site: &Site| {
        drop(site.serve(&["--now", EVENING, "--no-watch"]));
        fs::read_to_string(site.path("public/index.html")).expect("a home page")
    };
    assert!(home(&site).contains("还没有公布。"), "nothing is invented");
    let shown = said(&site.run(&["scoreboard", "--now", EVENING]));
    assert!(shown.contains("本月不足 5 件") && shown.contains("响应率") && shown.contains("不显示"), "{shown}");
    assert!(!site.path("content/data/scoreboard.json").exists());

    let written = site.run(&["scoreboard", "--write", "--now", NOON]);
    done(&written);
    let file = fs::read_to_string(site.path("content/data/scoreboard.json")).expect("it was written");
    assert!(file.contains("\"received\": null") && !file.contains("张三丰"), "{file}");
    let page = home(&site);
    assert!(
        page.contains("办得怎么样") && page.contains("本月（2026年11月1日起）：不足 5 件") && !page.contains("还没有公布。"),
        "{page}"
    );
    // `serve` counts anew once a day.
    let server = site.serve(&["--now", "2026-11-26T09:00:00+08:00", "--no-watch"]);
    let anew = || fs::read_to_string(site.path("content/data/scoreboard.json")).is_ok_and(|board| board.contains("2026-11-26T"));
    let begun = std::time::Instant::now();
    while !anew() {
        assert!(begun.elapsed() < PATIENCE, "the figures stay those of the day before");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    drop(server);

    site.write("content/data/scoreboard.json", "{\"响应率\": \"100%\"}");
    assert!(home(&site).contains("还没有公布。"), "what nobody has counted is not shown");
}
