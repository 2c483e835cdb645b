//! Reviews with real git, a real hook and real SSH keys.

mod who;
mod words;
mod world;

use world::{PAGE, World};

const LECTURE: &str = "content/courses/a.md";

#[test]
fn a_page_is_written_reviewed_by_three_people_and_published() {
    let world = World::with_list(true);
    world.write(LECTURE, PAGE);
    world.commit("writer", "写讲座");
    world.push().refused(&["还缺初审、复审、终审", LECTURE, "first先生", "等 first先生 来初审"]);
    let listed = world.review(&[]).fine();
    assert!(listed.contains("content/courses/a.md  writer先生  —"), "{listed}");

    world.approve("first", "初审", LECTURE).fine();
    world.push().refused(&["还缺复审、终审，已有初审（first先生）", "等 second先生 来复审"]);
    world.approve("second", "复审", LECTURE).fine();
    let json: serde_json::Value = serde_json::from_str(&world.review(&["--json"]).fine()).expect("JSON");
    assert_eq!(json["pages"][0]["next"], serde_json::json!({ "stage": "终审", "by": ["last"] }));
    world.approve("last", "终审", LECTURE).fine();
    world.push().fine();
    assert!(world.review(&[]).fine().contains("没有在等的内容"));
}

#[test]
fn a_draft_is_pushed_at_once_and_published_by_taking_the_word_away() {
    let world = World::with_list(true);
    world.write(LECTURE, &PAGE.replace("---\n\n", "draft: true\n---\n\n"));
    world.commit("writer", "草稿");
    world.push().fine();
    // Each approval comes by a push of its own.
    for (person, stage) in [("first", "初审"), ("second", "复审"), ("last", "终审")] {
        world.approve(person, stage, LECTURE).fine();
        world.push().fine();
    }
    assert!(world.review(&[]).fine().contains("三审齐了，删掉 draft 就公开"));
    world.write(LECTURE, PAGE);
    world.commit("last", "公开");
    world.push().fine();
    // Whoever only reviews may not change a word.
    world.write(LECTURE, &PAGE.replace("正文", "别的正文"));
    world.commit("last", "改");
    world.push().refused(&["last先生", "没有这里的权限"]);
}

#[test]
fn without_a_list_everybody_may_do_everything() {
    let world = World::empty();
    world.write("content/site.yaml", "review: { required: true }\n");
    world.write(LECTURE, PAGE);
    world.commit_as("anybody", "第一次推送到空仓库");
    world.push().fine();
    world.write("themes/x/a.css", "a { color: red }\n");
    world.commit_as("anybody", "改主题");
    world.push().fine();
}

#[test]
fn the_first_push_brings_a_list_and_the_second_is_held_to_it() {
    let world = World::empty();
    world.write("content/editors.yaml", "editors: []\n");
    world.commit_as("anybody", "没有人的名单");
    world.push().refused(&["没有认得出的负责人"]);
    world.write("content/editors.yaml", &world.list(""));
    world.commit_as("anybody", "名单");
    world.push().fine();
    world.write(LECTURE, PAGE);
    world.commit_as("anybody", "写");
    world.push().refused(&["认不出这次提交是谁做的：没有签名"]);
}

#[test]
fn where_no_review_is_asked_for_only_rights_count() {
    let world = World::with_list(false);
    world.write(LECTURE, PAGE);
    world.commit("writer", "写讲座");
    world.push().fine();
    world.write("content/site.yaml", "name: 别的\n");
    world.commit("writer", "改设置");
    world.push().refused(&["改了人人受影响的文件", "这些文件由负责人改：chief先生"]);
}

#[test]
fn a_chamber_writes_in_its_folder_only() {
    let world = World::with_list(false);
    world.write("content/activities/chamber/a.md", PAGE);
    world.write("content/activities/chamber/图.png", "picture");
    world.commit("chamber", "商会活动");
    world.push().fine();
    let published = world.head();
    for path in ["content/activities/chamber-of-others/a.md", "content/about.md", "content/activities/a.md"] {
        world.write(path, PAGE);
        world.commit("chamber", "写到别处");
        world.push().refused(&[path, "这个人只能写 `content/activities/chamber/`"]);
        world.git(&["reset", "--quiet", "--hard", &published]).fine();
    }
    // A page cannot be carried out of the folder either, nor a foreign one taken away.
    world.git(&["mv", "content/activities/chamber/a.md", "content/b.md"]).fine();
    world.commit("chamber", "移出去");
    world.push().refused(&["content/b.md"]);
    world.git(&["reset", "--quiet", "--hard", &published]).fine();
    world.git(&["rm", "--quiet", "content/about.md"]).fine();
    world.commit("chamber", "删别人的");
    world.push().refused(&["content/about.md"]);
}

#[test]
fn what_concerns_everybody_is_for_administrators() {
    let world = World::with_list(false);
    let published = world.head();
    // Which places these are, `review::paths` has a table of.
    for path in ["content/editors.yaml", "content/static/a.js", "themes/x/templates/base.html"] {
        world.write(path, &world.list("# 改过\n"));
        world.commit("writer", "改");
        world.push().refused(&[path, "writer先生"]);
        // By an account as by a signature.
        world.git(&["-c", "commit.gpgsign=false", "commit", "--quiet", "--amend", "--no-edit"]).fine();
        world.push_with(&[], Some("writer")).refused(&[path, "writer先生"]);
        world.push_with(&[], Some("somebody")).refused(&[path, "账号 `somebody` 不在名单里"]);
        world.push().refused(&[path, "没有签名"]);
        world.git(&["reset", "--quiet", "--hard", &published]).fine();
    }
    std::os::unix::fs::symlink("/etc/passwd", world.copy().join("content/a.md")).expect("linked");
    world.commit("writer", "链接");
    world.push().refused(&["放进了链接"]);
    world.git(&["reset", "--quiet", "--hard", &published]).fine();
    world.write("content/site.yaml", "name: 新名字\n");
    world.commit("chief", "改设置");
    world.push().fine();
}

#[test]
fn the_branch_only_moves_forward_unless_an_administrator_says_otherwise() {
    let world = World::with_list(false);
    let first = world.head();
    world.write(LECTURE, PAGE);
    world.commit("writer", "写讲座");
    world.push().fine();
    world.git(&["reset", "--quiet", "--hard", &first]).fine();
    world.push_with(&["--force"], None).refused(&["强制推送", "git revert"]);
    world.push_with(&["--force"], Some("writer")).refused(&["强制推送"]);
    world.write("content/b.md", PAGE);
    world.commit("chief", "另一段历史");
    world.push_with(&["--force"], None).refused(&["强制推送"]);
    let deletion = ["push", "--quiet", "origin", ":refs/heads/main"];
    world.git_at(&world.server(), &["config", "receive.denyDeleteCurrent", "ignore"]).fine();
    world.git(&deletion).refused(&["删掉正式分支"]);
    world.push_with(&["--force"], Some("chief")).fine();
}

#[test]
fn what_lies_in_a_new_branch_is_told_apart_from_what_is_in_quarantine() {
    let world = World::with_list(true);
    world.write(LECTURE, PAGE);
    world.commit("writer", "写讲座");
    world.git(&["push", "--quiet", "origin", "HEAD:refs/heads/审核"]).fine();
    let refused = world.push().refused(&["还缺初审"]);
    assert!(!refused.contains("认不出"), "{refused}");
    // Nothing of a refused push stays: the objects were in quarantine.
    world.write("content/b.md", PAGE);
    let commit = world.commit("stranger", "坏的");
    world.push().refused(&["签名用的公钥不在名单里"]);
    world.git_at(&world.server(), &["cat-file", "-e", &commit]).refused(&[]);
}

#[test]
fn a_list_with_mistakes_does_not_get_in() {
    let world = World::with_list(false);
    world.write("content/editors.yaml", "editors:\n  - id: chief\n    nmae: 错\n");
    world.commit("chief", "写错名单");
    world.push().refused(&["content/editors.yaml", "nmae"]);
    world.write("content/editors.yaml", &world.list("").replace("    admin: true\n", ""));
    world.commit("chief", "没有负责人");
    world.push().refused(&["没有认得出的负责人"]);
}

#[test]
fn a_history_of_a_thousand_commits_is_looked_through() {
    let world = World::with_list(true);
    // As an importer would bring it, all in one.
    let mut stream = String::new();
    for number in 0..1000 {
        let text = PAGE.replace("正文", &format!("第 {number} 次的正文"));
        let from = if number == 0 { format!("from {}\n", world.head()) } else { String::new() };
        let (message, path) = (format!("第 {number} 次"), format!("content/pages/p{}.md", number % 100));
        stream.push_str(&format!(
            "commit refs/heads/long\ncommitter 某人 <a@example.invalid> {} +0800\ndata {}\n{message}\n{from}M 100644 inline {path}\ndata {}\n{text}\n",
            1_790_000_000 + number,
            message.len(),
            text.len()
        ));
    }
    let file = world.copy().with_file_name("stream");
    std::fs::write(&file, stream).expect("written");
    let mut import = world.command("git");
    import.args(["fast-import", "--quiet"]).current_dir(world.copy()).stdin(std::fs::File::open(&file).expect("opened"));
    assert!(import.status().expect("it runs").success());
    world.git(&["switch", "--quiet", "long"]).fine();
    let refused = world.push().refused(&["认不出这次提交是谁做的", "还有 1060 处同样的问题没有列出"]);
    assert!(refused.matches("错误[").count() < 60, "{}", refused.len());

    // The same history published; a page on top of it is judged by what is new.
    let server = world.server();
    let copy = world.copy();
    world.git_at(&server, &["fetch", "--quiet", &copy.to_string_lossy(), "+long:main"]).fine();
    world.git(&["fetch", "--quiet", "origin"]).fine();
    world.git(&["branch", "--quiet", "--set-upstream-to", "origin/main"]).fine();
    world.write(LECTURE, PAGE);
    world.commit("writer", "写讲座");
    world.push().refused(&["还缺初审、复审、终审"]);
    world.approve_all(LECTURE);
    world.push().fine();
}
