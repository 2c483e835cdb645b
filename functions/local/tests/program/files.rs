//! Files that firms send along, through the real program: saved by staff, backed up and restored, and never lost by kill -9 once they were answered.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use crate::{
    operation::Visitor,
    site::{PATIENCE, Site, done, number, refused},
};

const NOW: &str = "2026-11-24T10:00:00+08:00";

/// A document that nobody else sends.
fn document(which: usize) -> Vec<u8> {
    format!("%PDF-1.7\n% {which}\n1 0 obj\nendobj\nstartxref\n9\n%%EOF\n").into_bytes()
}

/// The token of a receipt's button.
fn token(receipt: &str) -> &str {
    let (_, rest) = receipt.split_once("name=\"token\" value=\"").expect("a receipt has a button");
    rest.split('"').next().expect("a value ends")
}

/// The receipt of an appeal. It was filled in faster than people do, so staff let it go on.
fn filed(site: &Site, visitor: &Visitor) -> String {
    let receipt = visitor.file_for_receipt().expect("it is filed");
    done(&site.run(&["case", &number(&receipt), "--release", "--reason", "核实", "--now", NOW]));
    receipt
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}

fn saved(site: &Site, number: &str, data: &str, to: &str) -> Vec<u8> {
    let arguments = ["case", number, "--file", "1", "--save", to, "--reason", "核对", "--data", data, "--now", NOW];
    let told = done(&site.run(&arguments));
    assert!(told.contains("没有查过病毒") && told.contains("a.pdf"), "{told}");
    fs::read(site.path(to)).expect("it was saved")
}

#[test]
fn files_are_saved_by_staff_and_are_part_of_a_backup() {
    let site = Site::whole();
    let server = site.serve(&["--now", NOW, "--no-watch"]);
    let visitor = Visitor::to(&server);
    let receipts = [(); 2].map(|()| filed(&site, &visitor));
    for (which, receipt) in receipts.iter().enumerate() {
        assert!(visitor.send_file(token(receipt), &document(which)).expect("it is answered").contains("文件已收到"));
    }
    let number = number(&receipts[0]);
    let shown = done(&site.run(&["case", &number, "--now", NOW]));
    assert!(shown.contains("企业传来的文件") && shown.contains("PDF 文件") && shown.contains("1 KB"), "{shown}");
    assert_eq!(saved(&site, &number, "data", "saved.pdf"), document(0));
    refused(&site.run(&["case", &number, "--file", "1", "--save", "saved.pdf", "--reason", "核对", "--now", NOW]), "没有覆盖");
    refused(&site.run(&["case", &number, "--file", "2", "--reason", "核对", "--now", NOW]), "没有第 2 份文件");
    assert_eq!(site.run(&["case", &number, "--file", "1"]).status.code(), Some(2), "no reason, no file");
    let shown = done(&site.run(&["case", &number, "--now", NOW]));
    assert!(shown.contains("核对") && shown.contains("测试员"), "who opened it is on record:\n{shown}");

    let backed_up = done(&site.run(&["backup", "copy/a.sqlite"]));
    assert!(backed_up.contains("企业传来的文件（2 份"), "{backed_up}");
    assert_eq!(files(&site.path("copy/xiangshang-files")), 2);
    // One more after the backup.
    let later = filed(&site, &visitor);
    visitor.send_file(token(&later), &document(9)).expect("it is answered");
    drop(server);

    let restored = done(&site.run(&["restore", "copy/a.sqlite", "--data", "elsewhere"]));
    assert!(restored.contains("企业传来的文件（2 份）"), "{restored}");
    assert_eq!(saved(&site, &number, "elsewhere", "again.pdf"), document(0));

    let restored = done(&site.run(&["restore", "copy/a.sqlite", "--force"]));
    assert!(restored.contains("原来的数据留在"), "{restored}");
    assert_eq!(files(&site.path("data/files")), 2, "what only the old table names goes with it");
    let kept = fs::read_dir(site.path("data")).expect("a folder").map(|entry| entry.expect("an entry").path());
    let kept = kept.into_iter().find(|path| path.join("files").is_dir()).expect("the old data are kept");
    assert_eq!(files(&kept.join("files")), 1);

    // A backup without its folder of files is restored, and it is said what is missing.
    fs::rename(site.path("copy/xiangshang-files"), site.path("copy/lost")).expect("it can be moved");
    let restored = done(&site.run(&["restore", "copy/a.sqlite", "--data", "third"]));
    assert!(restored.contains("有 2 份企业传来的文件没有找到") && restored.contains("xiangshang-files"), "{restored}");
    let missing = ["case", &number, "--file", "1", "--reason", "核对", "--data", "third", "--now", NOW];
    refused(&site.run(&missing), "文件出了错");
}

#[test]
fn a_file_that_was_answered_is_there_after_kill_9_and_what_was_not_is_swept() {
    let site = Site::whole();
    drop(site.serve(&["--now", NOW, "--no-watch"]));
    let mut answered = Vec::new();
    for round in 0..4_usize {
        let server = site.serve(&["--now", NOW, "--no-watch"]);
        let visitor = Visitor::to(&server);
        let receipts: Vec<String> = (0..12).map(|_| filed(&site, &visitor)).collect();
        let (visitor, told) = (&visitor, AtomicUsize::new(0));
        let mut server = Some(server);
        let answers = std::thread::scope(|scope| {
            let senders: Vec<_> = receipts
                .chunks(4)
                .enumerate()
                .map(|(part, receipts)| {
                    let told = &told;
                    scope.spawn(move || {
                        let mut kept = Vec::new();
                        for (place, receipt) in receipts.iter().enumerate() {
                            let which = 100 * round + 10 * part + place;
                            // Once the server is killed there is no answer.
                            let Ok(page) = visitor.send_file(token(receipt), &document(which)) else { break };
                            if !page.contains("文件已收到") {
                                told.fetch_add(100, Ordering::SeqCst);
                                panic!("{page}");
                            }
                            told.fetch_add(1, Ordering::SeqCst);
                            kept.push((number(receipt), which));
                        }
                        kept
                    })
                })
                .collect();
            while told.load(Ordering::SeqCst) < 2 + round {
                std::thread::sleep(Duration::from_millis(1));
            }
            // SIGKILL: nothing is finished, nothing is flushed.
            server = None;
            senders.into_iter().flat_map(|sender| sender.join().expect("a sender ends")).collect::<Vec<_>>()
        });
        assert!(server.is_none());
        answered.extend(answers);
    }
    assert!(answered.len() >= 12, "only {} were answered", answered.len());
    for (number, which) in &answered {
        assert_eq!(saved(&site, number, "data", &format!("{which}.pdf")), document(*which));
    }
    // Two hours later nothing is left but what a record names.
    let _server = site.serve(&["--now", "2026-11-24T12:00:00+08:00", "--no-watch"]);
    done(&site.run(&["backup", "a.sqlite"]));
    let named = files(&site.path("xiangshang-files"));
    let unfinished = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with(".part-");
    let whole = || {
        let entries = fs::read_dir(site.path("data/files")).expect("a folder").map(|entry| entry.expect("an entry"));
        entries.filter(|entry| !unfinished(entry)).count()
    };
    let waiting = Instant::now();
    while whole() != named {
        assert!(waiting.elapsed() < PATIENCE, "{} files lie there, {named} are named", whole());
        std::thread::sleep(Duration::from_millis(50));
    }
}
