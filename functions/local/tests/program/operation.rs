//! What keeps a service going, through the real program: calls, publishing, backup and restore, stopping, a full disk.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crate::site::{self, PATIENCE, Server, Site, build, complained, done, number, refused, said};

const NOW: &str = "2026-11-24T10:00:00+08:00";

/// Somebody who fills in forms as a browser does, one after the other.
pub struct Visitor {
    agent: ureq::Agent,
    url: String,
}

impl Visitor {
    pub fn to(server: &Server) -> Visitor {
        let config = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false).proxy(None);
        Visitor { agent: config.timeout_global(Some(PATIENCE)).build().into(), url: server.url.clone() }
    }

    /// The number on the receipt, or the status of the answer that was not the expected one.
    fn file(&self) -> Result<String, u16> {
        Ok(number(&self.file_for_receipt()?))
    }

    /// The receipt of an appeal.
    pub fn file_for_receipt(&self) -> Result<String, u16> {
        let matter = [
            ("version", "1"),
            ("category", "finance"),
            ("title", "贷款到期无法续贷"),
            ("description", "我公司在某银行的流动资金贷款下月到期，银行口头告知不再续贷，请协调。"),
            ("urgency", "normal"),
            ("publish", "no"),
        ];
        let person = [("company", "淮北某某食品有限公司"), ("contact", "张三丰"), ("mobile", "13812345678"), ("anonymous", "no")];
        let step = self.post("/f/appeal", &matter)?;
        let review = self.post(&step, &person)?;
        let confirm = review.replace("/review", "/confirm");
        let receipt = self.post(&confirm, &[("handle", "yes"), ("forward", "yes")])?;
        self.get(&receipt)
    }

    /// Sends a file along, for whoever a page's token names; what came of it.
    pub fn send_file(&self, token: &str, bytes: &[u8]) -> Result<String, u16> {
        let part = |head: &str, body: &[u8]| {
            [b"--edge\r\nContent-Disposition: form-data; ", head.as_bytes(), b"\r\n\r\n", body, b"\r\n"].concat()
        };
        let file = part("name=\"file\"; filename=\"a.pdf\"", bytes);
        let body = [part("name=\"token\"", token.as_bytes()), file, b"--edge--\r\n".to_vec()].concat();
        let request = self.agent.post(format!("{}/f/files", self.url)).content_type("multipart/form-data; boundary=edge");
        let answer = request.send(&body).map_err(|_| 0_u16)?;
        if answer.status() != 303 {
            return Err(answer.status().as_u16());
        }
        self.get(answer.headers()["location"].to_str().expect("an address is ASCII"))
    }

    /// A page.
    pub fn get(&self, path: &str) -> Result<String, u16> {
        text(self.agent.get(format!("{}{path}", self.url)).call())
    }

    /// What the tracker shows.
    pub fn track(&self, number: &str, code: &str) -> Result<String, u16> {
        text(self.agent.post(format!("{}/f/track", self.url)).send_form([("number", number), ("code", code)]))
    }

    /// Where a form's answer leads; 0 when there was none.
    pub fn post(&self, path: &str, values: &[(&str, &str)]) -> Result<String, u16> {
        let answer = self.agent.post(format!("{}{path}", self.url)).send_form(values.iter().copied()).map_err(|_| 0_u16)?;
        match answer.status().as_u16() {
            303 => Ok(answer.headers()["location"].to_str().expect("an address is ASCII").to_owned()),
            status => Err(status),
        }
    }
}

/// The text of a page that was there; otherwise the status, 0 when there was no answer.
fn text(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<String, u16> {
    let mut answer = answer.map_err(|_| 0_u16)?;
    let text = answer.body_mut().read_to_string().map_err(|_| 0_u16)?;
    if answer.status() == 200 { Ok(text) } else { Err(answer.status().as_u16()) }
}

/// All numbers in the inbox of a data folder.
fn inbox(site: &Site, data: &str) -> BTreeSet<String> {
    let listed = done(&site.run(&["inbox", "--all", "--data", data, "--now", NOW]));
    listed.split_whitespace().filter(|word| word.starts_with("XS")).map(str::to_owned).collect()
}

fn take(site: &Site, command: &[&str], answers: &[&str]) -> String {
    let mut arguments = command.to_vec();
    arguments.extend(["--yes", "--now", NOW]);
    for answer in answers {
        arguments.extend(["--set", answer]);
    }
    number(&done(&site.run(&arguments)))
}

fn take_appeal(site: &Site) -> String {
    site::take_appeal(|arguments| site.run(&[arguments, &["--now", NOW]].concat()))
}

/// The project's site, built once.
fn built() -> Site {
    let site = Site::whole();
    drop(site.serve(&["--now", NOW, "--no-watch"]));
    site
}

#[test]
fn the_call_list_leads_from_an_appeal_to_a_recorded_call() {
    let site = built();
    assert!(done(&site.run(&["calls", "--now", NOW])).contains("没有要打的电话"));
    let number = take_appeal(&site);
    let listed = done(&site.run(&["calls", "--now", NOW]));
    assert!(listed.contains(&number) && listed.contains("首次联系") && listed.contains("2026-11-25 17:30 周三"), "{listed}");
    assert!(!listed.contains("13812345678") && !listed.contains("张三丰"), "{listed}");

    assert_eq!(site.run(&["calls", "--reveal"]).status.code(), Some(2), "no reason, no telephone");
    let revealed = site.run(&["calls", "--reveal", "--reason", "逐个联系", "--now", NOW]);
    assert!(done(&revealed).contains("13812345678") && done(&revealed).contains("张三丰"), "{}", said(&revealed));
    assert!(complained(&revealed).contains("已记录"), "{}", complained(&revealed));

    let lower = number.to_lowercase();
    assert!(!done(&site.run(&["calls", "tried", &lower, "--now", NOW])).contains("接下来"));
    let twice = done(&site.run(&["calls", "tried", &number, "--note", "关机", "--now", NOW]));
    assert!(twice.contains("接下来：已打两次未接通"), "{twice}");
    let spoken = done(&site.run(&["calls", "done", &number, "--note", "明天来办", "--operator", "张敏", "--now", NOW]));
    assert!(spoken.contains("张敏") && spoken.contains("首次联系"), "{spoken}");
    assert!(done(&site.run(&["calls", "--now", NOW])).contains("没有要打的电话"));
    refused(&site.run(&["calls", "done", &number, "--now", NOW]), "没有要打的电话");

    let case = done(&site.run(&["case", &number, "--now", NOW]));
    assert!(case.contains("打通电话：首次联系") && case.contains("打开加密的内容：逐个联系"), "{case}");
    assert!(!case.contains("明天来办"), "a note is sealed: {case}");
    let opened = done(&site.run(&["case", &number, "--reveal", "--reason", "复核", "--now", NOW]));
    assert!(opened.contains("明天来办") && opened.contains("关机"), "{opened}");
}

#[test]
fn publishing_tells_what_changes_and_refuses_to_forget_people() {
    let site = built();
    let page = course_for_two(&site);
    assert!(done(&site.run(&["publish", "--now", NOW])).contains("没有改动"));
    let before = fs::read_to_string(&page).expect("it can be read");

    fs::write(
        &page,
        before.replace("onsite_seats: 60", "onsite_seats: 1").replace("end: 2026-12-29 17:00", "end: 2026-12-29 17:30"),
    )
    .expect("it can be written");
    build(&site, NOW);
    let preview = done(&site.run(&["publish", "--dry-run", "--now", NOW]));
    for words in ["现场名额 60 → 1", "现场已有 2 人，多于现在的 1 个名额", "14:30—17:30", "`updated` 没有变新", "什么都没有改"]
    {
        assert!(preview.contains(words), "{words}: {preview}");
    }
    let published = done(&site.run(&["publish", "--now", NOW]));
    assert!(published.contains("现场名额 60 → 1") && published.contains("已提交"), "{published}");
    assert!(done(&site.run(&["publish", "--now", NOW])).contains("没有改动"));

    // Content that has lost the session altogether.
    let manifest = fs::read_to_string(site.path("public.manifest.json")).expect("a manifest");
    let mut manifest: serde_json::Value = serde_json::from_str(&manifest).expect("it is JSON");
    manifest["version"] = "without".into();
    manifest["sessions"].as_array_mut().expect("a list").retain(|session| session["id"] != "djt-2026-q4");
    site.write("public.manifest.json", &manifest.to_string());
    refused(&site.run(&["publish", "--dry-run", "--now", NOW]), "djt-2026-q4");
    refused(&site.run(&["publish", "--now", NOW]), "cancelled: true");

    // Beside a server that runs: its table is the same.
    fs::write(&page, before).expect("it can be written");
    let server = site.serve(&["--now", NOW, "--no-watch"]);
    let health = server.get("/healthz").body;
    fs::write(&page, fs::read_to_string(&page).expect("read").replace("onsite_seats: 60", "onsite_seats: 61")).expect("written");
    build(&site, NOW);
    assert!(done(&site.run(&["publish", "--now", NOW])).contains("现场名额 60 → 61"));
    let waiting = Instant::now();
    while server.get("/healthz").body == health {
        assert!(waiting.elapsed() < Duration::from_secs(30), "the server does not notice");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Registers two people for a course, and gives its page.
fn course_for_two(site: &Site) -> PathBuf {
    let answers = [
        "name=王芳菲",
        "mobile=13900001234",
        "company=相山某某商贸有限公司",
        "attendance=onsite",
        "party=2",
        "companions=李四",
        "handle=yes",
    ];
    take(site, &["register", "--session", "djt-2026-q4"], &answers);
    let pages = fs::read_dir(site.path("content/courses")).expect("the courses").map(|entry| entry.expect("an entry").path());
    let mut pages = pages.filter(|path| path.is_file());
    pages.find(|path| fs::read_to_string(path).is_ok_and(|text| text.contains("id: djt-2026-q4"))).expect("the course has a page")
}

#[test]
fn serve_tells_what_a_build_changes_and_refuses_to_forget_people() {
    let site = built();
    let page = course_for_two(&site);
    let before = fs::read_to_string(&page).expect("it can be read");
    let server = site.serve(&["--now", NOW]);
    let fewer = before.replace("onsite_seats: 60", "onsite_seats: 1").replace("end: 2026-12-29 17:00", "end: 2026-12-29 17:30");
    fs::write(&page, &fewer).expect("it can be written");
    for words in ["14:30—17:30", "现场名额 60 → 1", "现场已有 2 人，多于现在的 1 个名额", "`updated` 没有变新"]
    {
        server.hear(words);
    }
    fs::write(&page, fewer.replace("id: djt-2026-q4", "id: another")).expect("it can be written");
    server.hear_error("场次 `djt-2026-q4` 已经有人报名，不能从内容里删掉");
    server.hear_error("没有发布");
    assert!(
        done(&site.run(&["roster", "djt-2026-q4", "--now", NOW])).contains("报名成功"),
        "who has registered is not forgotten"
    );
}

#[test]
fn every_receipt_from_before_a_backup_is_found_after_it_is_restored_elsewhere() {
    let site = built();
    let server = site.serve(&["--now", NOW, "--no-watch"]);
    let receipts = Arc::new(Mutex::new(Vec::new()));
    let stop = Arc::new(AtomicBool::new(false));
    let visitors: Vec<_> = (0..4)
        .map(|_| {
            let (visitor, receipts, stop) = (Visitor::to(&server), receipts.clone(), stop.clone());
            std::thread::spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    // Once the server is killed there is no answer.
                    let Ok(number) = visitor.file() else { return };
                    receipts.lock().expect("nobody panics").push(number);
                }
            })
        })
        .collect();
    let count = || receipts.lock().expect("nobody panics").len();
    let wait_for = |wanted: usize| {
        let waiting = Instant::now();
        while count() < wanted {
            assert!(waiting.elapsed() < PATIENCE * 3, "only {} receipts", count());
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    wait_for(20);
    let before: BTreeSet<String> = receipts.lock().expect("nobody panics").iter().cloned().collect();
    let backed_up = done(&site.run(&["backup", "copy/相商.sqlite"]));
    assert!(backed_up.contains("检查无误") && backed_up.contains("密钥不在备份里"), "{backed_up}");
    assert!(backed_up.contains(site.path("config/xiangshang/key").to_str().expect("a path")), "{backed_up}");
    wait_for(before.len() + 10);
    drop(server);
    stop.store(true, Ordering::SeqCst);
    for visitor in visitors {
        visitor.join().expect("a visitor ends");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(site.path("copy/相商.sqlite")).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(fs::read_dir(site.path("copy")).expect("a folder").count(), 1, "nothing is left beside it");

    done(&site.run(&["restore", "copy/相商.sqlite", "--data", "elsewhere"]));
    let found = inbox(&site, "elsewhere");
    assert!(found.is_superset(&before), "lost: {:?}", before.difference(&found).collect::<Vec<_>>());
    // After kill -9 the table itself has every receipt that was given.
    let all: BTreeSet<String> = receipts.lock().expect("nobody panics").iter().cloned().collect();
    assert!(all.len() > before.len() && inbox(&site, "data").is_superset(&all));
    let number = before.first().expect("twenty receipts");
    let opened = done(&site.run(&["case", number, "--data", "elsewhere", "--reveal", "--reason", "演练", "--now", NOW]));
    assert!(opened.contains("13812345678"), "{opened}");
}

#[test]
fn a_backup_never_takes_the_place_of_another_unasked() {
    let site = built();
    done(&site.run(&["backup", "a.sqlite"]));
    let first = fs::read(site.path("a.sqlite")).expect("a backup");
    take_appeal(&site);
    refused(&site.run(&["backup", "a.sqlite"]), "已经有了");
    assert_eq!(fs::read(site.path("a.sqlite")).expect("a backup"), first);
    done(&site.run(&["backup", "a.sqlite", "--force"]));
    assert_ne!(fs::read(site.path("a.sqlite")).expect("a backup"), first);
    refused(&site.run(&["backup", "b.sqlite", "--data", "nowhere"]), "没有数据");
    refused(&site.run(&["backup", "content"]), "是文件夹");
}

#[test]
fn a_restore_refuses_what_would_lose_something() {
    let site = built();
    let number = take_appeal(&site);
    done(&site.run(&["backup", "a.sqlite"]));
    let later = take_appeal(&site);
    refused(&site.run(&["restore", "a.sqlite"]), "已经有数据");
    refused(&site.run(&["restore", "missing.sqlite", "--data", "b"]), "没有文件");

    let server = site.serve(&["--now", NOW, "--no-watch"]);
    refused(&site.run(&["restore", "a.sqlite", "--force"]), "有 xiangshang 正在用");
    drop(server);

    // Another key, a lost key, a damaged file, somebody else's file, a newer program's file.
    let other = Site::whole();
    other.write("key", &format!("xiangshang-key-1 {}=\n", "A".repeat(43)));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(other.path("key"), fs::Permissions::from_mode(0o600)).expect("its owner may");
    }
    let key = other.path("key");
    refused(&site.run(&["restore", "a.sqlite", "--data", "b", "--key", key.to_str().expect("a path")]), "密钥");
    refused(&site.run(&["restore", "a.sqlite", "--data", "b", "--key", "lost"]), "密钥文件");
    assert!(!site.path("lost").exists(), "no key is made up");
    let good = fs::read(site.path("a.sqlite")).expect("a backup");
    let mut damaged = good.clone();
    for byte in damaged.iter_mut().skip(8192).step_by(97) {
        *byte ^= 0x55;
    }
    fs::write(site.path("damaged.sqlite"), damaged).expect("writes");
    refused(&site.run(&["restore", "damaged.sqlite", "--data", "b"]), "备份不能用");
    site.write("text.sqlite", &"不是数据库。".repeat(100));
    refused(&site.run(&["restore", "text.sqlite", "--data", "b"]), "备份不能用");
    // The schema's version stands at byte 60 of the file.
    let mut newer = good;
    newer[60..64].copy_from_slice(&9_u32.to_be_bytes());
    fs::write(site.path("newer.sqlite"), &newer).expect("writes");
    refused(&site.run(&["restore", "newer.sqlite", "--data", "b"]), "更新的版本");
    fs::create_dir_all(site.path("b")).expect("a folder");
    assert!(!site.path("b/xiangshang.sqlite").exists(), "nothing was restored");
    assert!(
        fs::read_dir(site.path("b")).expect("a folder").all(|entry| !entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .contains("restore-"))
    );

    // An older program on a newer folder says so and touches nothing.
    fs::create_dir_all(site.path("future")).expect("a folder");
    fs::write(site.path("future/xiangshang.sqlite"), &newer).expect("writes");
    refused(&site.run(&["inbox", "--data", "future"]), "更新的版本");
    assert_eq!(fs::read(site.path("future/xiangshang.sqlite")).expect("it is there"), newer);

    let restored = done(&site.run(&["restore", "a.sqlite", "--force"]));
    assert!(restored.contains("原来的数据留在"), "{restored}");
    assert_eq!(inbox(&site, "data"), BTreeSet::from([number]));
    let kept = fs::read_dir(site.path("data")).expect("a folder").map(|entry| entry.expect("an entry").path());
    let kept = kept.filter(|path| path.is_dir()).collect::<Vec<_>>();
    assert_eq!(kept.len(), 1);
    assert!(inbox(&site, kept[0].to_str().expect("a path")).contains(&later), "what was there is not lost");
}

#[cfg(unix)]
#[test]
fn a_second_signal_ends_at_once_and_the_first_does_so_in_time() {
    for signals in [2, 1] {
        let site = Site::new();
        let server = site.serve(&["--no-watch"]);
        // A form that is never sent to its end.
        let _stream = server.begin_form(900);
        server.signal("TERM");
        server.hear("正在停止");
        if signals == 2 {
            server.signal("TERM");
        }
        // What is in flight has ten seconds.
        let ended = server.ends_within(if signals == 2 { Duration::from_secs(8) } else { PATIENCE });
        assert_eq!(ended, (Some(0), true), "after {signals}");
    }
}

/// A file may not grow beyond a bound: the table meets it as it meets the end of a disk, without a disk to fill.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_fails_what_cannot_be_written_and_not_the_process() {
    let site = built();
    // The bound is soft, so that it can be lifted again; with its signal ignored, the write fails instead of the process.
    let server = site.serve_by("trap '' XFSZ; ulimit -S -f 3000; exec \"$@\"", &["--now", NOW, "--no-watch"]);
    let visitor = Visitor::to(&server);
    let mut receipts = BTreeSet::new();
    let mut failed = None;
    for _ in 0..2_000 {
        match visitor.file() {
            Ok(number) => drop(receipts.insert(number)),
            Err(status) => {
                failed = Some(status);
                break;
            }
        }
    }
    let failed = failed.expect("the bound is reached");
    assert!(failed >= 500, "the server answers, if with {failed}");
    assert_eq!(visitor.file().map_err(|status| status >= 500), Err(true), "it is still full, and it still answers");
    assert_eq!(server.get("/").status, 200, "pages are read as before");

    server.limit("fsize", "unlimited");
    let waiting = Instant::now();
    let after = loop {
        match visitor.file() {
            Ok(number) => break number,
            Err(_) => assert!(waiting.elapsed() < PATIENCE, "there is room again, but nothing is written"),
        }
    };
    receipts.insert(after);
    drop(server);
    let found = inbox(&site, "data");
    assert!(found.is_superset(&receipts), "lost: {:?}", receipts.difference(&found).collect::<Vec<_>>());
}
