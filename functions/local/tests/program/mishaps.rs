//! What goes wrong at the hands of people and machines: each time it is said in Chinese with a way on, and nothing is lost.

use std::fs;

use crate::site::{Site, complained, done, refused, said};

const NOW: &str = "2026-11-24T10:00:00+08:00";

/// The project's site, built once.
fn built() -> Site {
    let site = Site::whole();
    drop(site.serve(&["--now", NOW, "--no-watch"]));
    site
}

#[test]
fn in_the_wrong_folder_nothing_is_made_and_no_empty_inbox_is_shown() {
    let site = built();
    for command in [&["inbox"][..], &["calls"], &["case", "XS261124000000"], &["roster", "djt-2026-q4"], &["ledger"], &["appeal"]]
    {
        let output = site.run(&[command, &["--root", "elsewhere", "--now", NOW]].concat());
        refused(&output, "`elsewhere/data` 里没有数据");
        assert!(complained(&output).contains("--data DIR") && said(&output).is_empty(), "{}", complained(&output));
    }
    assert!(!site.path("elsewhere").exists());
}

#[test]
fn what_cannot_be_found_is_said_with_where_to_look() {
    let site = built();
    refused(&site.run(&["case", "ABC", "--now", NOW]), "XS 或 XB 开头");
    refused(&site.run(&["roster", "nothing", "--now", NOW]), "xiangshang register 会列出");
    let output = site.run(&["ledger", "--csv", "--output", "nowhere/台账.csv", "--now", NOW]);
    refused(&output, "没有这个文件，或者它的文件夹还没有建");
    refused(&site.run(&["ledger", "--csv", "--output", "content", "--now", NOW]), "这是文件夹");
    refused(&site.run(&["inbox", "--data", "content/site.yaml", "--now", NOW]), "里没有数据");
}

/// The device on which every write fails as on a full disk.
#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_printed_is_a_failure_and_no_panic() {
    let site = built();
    let full = || fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    for arguments in [&["inbox", "--now", NOW][..], &["ledger", "--now", NOW], &["ledger", "--csv", "--now", NOW]] {
        let output = site.command(arguments).stdout(full()).output().expect("xiangshang runs");
        refused(&output, "磁盘满了");
        assert!(complained(&output).contains("怎么办：") && !complained(&output).contains("panicked"), "{}", complained(&output));
    }
    // A service goes on though its log is full.
    let server = site.serve_by("exec \"$@\" 2>/dev/full", &["--now", NOW, "--no-watch"]);
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn a_reader_that_goes_away_is_nothing_to_complain_about() {
    let site = built();
    for arguments in [&["--help"][..], &["inbox", "--now", NOW], &["ledger", "--now", NOW], &["ledger", "--csv", "--now", NOW]] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = site.command(arguments).stdout(writer).output().expect("xiangshang runs");
        assert_eq!((output.status.code(), complained(&output)), (Some(0), String::new()), "{arguments:?}");
    }
}

#[test]
fn a_backup_that_was_cut_off_is_refused_and_the_data_stay() {
    let site = built();
    done(&site.run(&["backup", "a.sqlite"]));
    let whole = fs::read(site.path("a.sqlite")).expect("a backup");
    let before = fs::read(site.path("data/xiangshang.sqlite")).expect("the data");
    for length in [0, 50, 4096, whole.len() / 2, whole.len() - 1] {
        fs::write(site.path("cut.sqlite"), &whole[..length]).expect("writes");
        let output = site.run(&["restore", "cut.sqlite", "--force"]);
        refused(&output, "备份不能用，没有恢复");
        assert!(complained(&output).contains("换一份备份"), "{length}: {}", complained(&output));
        assert_eq!(fs::read(site.path("data/xiangshang.sqlite")).expect("the data"), before);
    }
    let left: Vec<_> =
        fs::read_dir(site.path("data")).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with("restore-")), "{left:?}");
}

#[test]
fn what_a_restore_left_that_was_broken_off_is_gone_after_the_next() {
    let site = built();
    done(&site.run(&["backup", "a.sqlite"]));
    site.write("data/restore-7.sqlite", "half of something");
    done(&site.run(&["restore", "a.sqlite", "--force"]));
    assert!(!site.path("data/restore-7.sqlite").exists());
}

/// A pipe, a device: whatever is no file would be replaced by one.
#[cfg(unix)]
#[test]
fn a_backup_replaces_nothing_but_a_file() {
    let site = built();
    let made = std::process::Command::new("mkfifo").arg(site.path("pipe")).status().expect("mkfifo runs");
    assert!(made.success());
    refused(&site.run(&["backup", "pipe", "--force"]), "不是普通文件");
    assert!(!site.path("pipe").is_file());
}
