//! `keys`: the key is exchanged, also when the exchange is killed again and again, and nothing that was stored is lost by it.

use std::{fs, process::Stdio, thread, time::Duration};

use crate::{
    operation::Visitor,
    site::{Site, complained, done, refused, take_appeal},
};

const NOW: &str = "2026-11-24T10:00:00+08:00";
/// Drafts and receipts that were made at `NOW` have expired.
const LATER: &str = "2026-11-24T13:00:00+08:00";

#[test]
fn the_key_is_exchanged_however_often_that_is_killed() {
    let site = Site::whole();
    drop(site.serve(&["--now", NOW, "--no-watch"]));
    let run = |arguments: &[&str]| site.run(&[arguments, &["--now", NOW]].concat());
    let appeals: Vec<String> = (0..20).map(|_| take_appeal(run)).collect();
    let file = site.path("config/xiangshang/key");
    let key = || fs::read_to_string(&file).expect("the key is there, whole");
    let old = key();
    assert!(done(&run(&["keys"])).contains("没有在换密钥"));
    refused(&run(&["keys", "reseal"]), "没有在换密钥");
    refused(&run(&["keys", "retire"]), "只有一把密钥");
    done(&run(&["backup", "before.sqlite"]));

    let server = site.serve(&["--now", NOW, "--no-watch"]);
    refused(&run(&["keys", "rotate"]), "先停止 serve");
    assert_eq!(key(), old, "nothing was changed");
    drop(server);

    let opens = |number: &str| {
        let opened = done(&run(&["case", number, "--reveal", "--reason", "核对"]));
        assert!(opened.contains("张三丰") && opened.contains("13812345678"), "{opened}");
    };
    // Killed a little later each time: before the key is there, between key and table, in the middle of the work, or never.
    let (mut killed, mut killed_between) = (0, 0);
    for attempt in 0..400 {
        let step = if key().contains(".also:") { "reseal" } else { "rotate" };
        let mut command = site.command(&["keys", step, "--now", NOW]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        thread::sleep(Duration::from_millis(3 * attempt));
        if child.try_wait().expect("it can be waited for").is_some_and(|status| status.success()) {
            break;
        }
        child.kill().expect("it is killed");
        child.wait().expect("it ends");
        killed += 1;
        killed_between += u32::from(key().contains(".also:"));
        // Everything can be read at each moment.
        opens(&appeals[attempt as usize % appeals.len()]);
    }
    assert!(killed > 0 && key().contains(".also:") && key().contains(".code:"), "{killed}");
    println!("killed {killed} times, {killed_between} of them when both keys were there");
    refused(&run(&["keys", "rotate"]), "先把这一次换完");
    assert!(done(&run(&["keys"])).contains("keys retire"));

    // People come meanwhile, and what they half filled in is waited for.
    let server = site.serve(&["--now", NOW, "--no-watch"]);
    Visitor::to(&server).file_for_receipt().expect("an appeal is filed");
    assert!(done(&run(&["keys", "reseal"])).contains("全部换成了新密钥"));
    drop(server);

    let retired = site.run(&["keys", "retire", "--now", LATER]);
    assert!(done(&retired).contains("旧密钥已经从"));
    let new = key();
    let old_text = old.split_whitespace().nth(1).expect("a key stands behind the mark");
    assert!(!new.contains(".also:") && new.contains(".code:") && !new.contains(old_text));
    let inbox = done(&run(&["inbox"]));
    assert!(appeals.iter().all(|number| inbox.contains(number)), "{inbox}");
    appeals.iter().for_each(|number| opens(number));

    // The old key opens nothing any more, nor does the new one without that of the query codes.
    fs::write(&file, &old).expect("it can be written");
    refused(&run(&["inbox"]), "旧密钥不能再用");
    let without_codes = new.split(".code:").next().expect("a key").to_owned() + "\n";
    fs::write(&file, without_codes).expect("it can be written");
    refused(&run(&["inbox"]), "所有查询码都会变");
    fs::write(&file, &new).expect("it can be written");
    assert_eq!(done(&run(&["inbox"])), inbox);

    // A backup from before is opened with the old key, of which there is a copy.
    refused(&run(&["restore", "before.sqlite", "--data", "elsewhere"]), "做备份那时的密钥文件");
    fs::write(site.path("old.key"), &old).expect("it can be written");
    done(&std::process::Command::new("chmod").args(["600"]).arg(site.path("old.key")).output().expect("chmod runs"));
    done(&site.run(&["restore", "before.sqlite", "--data", "elsewhere", "--key", "old.key"]));
    assert!(done(&run(&["inbox", "--data", "elsewhere", "--key", "old.key"])).contains(&appeals[0]));
}

#[test]
fn a_half_filled_form_keeps_the_old_key_and_it_is_said_until_when() {
    let site = Site::whole();
    let server = site.serve(&["--now", NOW, "--no-watch"]);
    Visitor::to(&server).file_for_receipt().expect("an appeal is filed");
    drop(server);
    assert!(done(&site.run(&["keys", "rotate", "--now", NOW])).contains("自己过期"));
    let early = site.run(&["keys", "retire", "--now", NOW]);
    refused(&early, "填了一半的表单");
    assert!(complained(&early).contains("2026-11-24 1"), "{}", complained(&early));
    done(&site.run(&["keys", "retire", "--now", LATER]));
}

#[test]
fn keys_say_what_they_do_and_what_is_wrong() {
    let site = Site::new();
    refused(&site.run(&["keys", "rotate"]), "没有数据");
    for step in [&["keys", "--help"][..], &["keys", "rotate", "--help"], &["keys", "reseal", "--help"], &["keys", "retire", "-h"]]
    {
        let help = done(&site.run(step));
        assert!(help.contains("例子：") && help.contains("退出码"), "{help}");
    }
    assert_eq!(site.run(&["keys", "turn"]).status.code(), Some(2));
}
