//! Who somebody is: never by what they say of themselves.

use super::{
    LECTURE,
    world::{PAGE, World},
};

const APPROVALS: [(&str, &str); 3] = [("first", "初审"), ("second", "复审"), ("last", "终审")];

#[test]
fn a_stranger_who_claims_reviewers_names_approves_nothing() {
    let world = World::with_list(true);
    world.write(LECTURE, PAGE);
    world.commit("writer", "写讲座");
    for (name, stage) in APPROVALS {
        world.commit_as(&format!("{name}先生"), &format!("{stage}通过\n\n{stage}: {LECTURE}"));
    }
    let refused = world.push().refused(&["还缺初审、复审、终审", "的初审不算：没有签名"]);
    assert_eq!(refused.matches("没有签名").count(), 3, "{refused}");
    // Signed, but by a key of nobody's.
    world.git(&["reset", "--quiet", "--hard", "HEAD~3"]).fine();
    for (name, stage) in APPROVALS {
        world.git(&["config", "user.name", name]).fine();
        world.commit("stranger", &format!("{stage}通过\n\n{stage}: {LECTURE}"));
    }
    world.push().refused(&["还缺初审、复审、终审", "签名用的公钥不在名单里"]);
    // Let in by a forge under an account that is not theirs.
    world.push_with(&[], Some("stranger")).refused(&["账号 `stranger` 不在名单里"]);
    world.approve("stranger", "初审", LECTURE).refused(&["没有写下初审，什么也没有改", "公钥不在名单里"]);
}

#[test]
fn a_key_counts_from_the_push_after_the_one_that_brings_it() {
    let world = World::with_list(true);
    let newcomer = format!("  - id: newcomer\n    name: 新人\n    keys: [\"{}\"]\n    writes: [/]\n", world.public("stranger"));
    world.write("content/editors.yaml", &world.list(&newcomer));
    world.commit("chief", "来了新人");
    world.write("content/b.md", &PAGE.replace("---\n\n", "draft: true\n---\n\n"));
    world.commit("stranger", "新人写");
    world.push().refused(&["签名用的公钥只写在这次一起推送的名单里", "先把只改名单的提交推送上去"]);
    // A stranger cannot put himself on the list.
    world.git(&["reset", "--quiet", "--hard", "HEAD~2"]).fine();
    world.write("content/editors.yaml", &world.list(&newcomer.replace("writes: [/]", "admin: true")));
    world.commit("stranger", "自己加自己");
    world.push().refused(&["content/editors.yaml", "只写在这次一起推送的名单里"]);
    world.git(&["reset", "--quiet", "--hard", "HEAD~1"]).fine();

    world.write("content/editors.yaml", &world.list(&newcomer));
    world.commit("chief", "来了新人");
    world.push().fine();
    world.write("content/b.md", &PAGE.replace("---\n\n", "draft: true\n---\n\n"));
    world.commit("stranger", "新人写");
    world.push().fine();
}

#[test]
fn one_person_does_one_thing_and_in_the_order_of_the_stages() {
    let world = World::with_list(true);
    world.write(LECTURE, PAGE);
    world.commit("writer", "写讲座");
    world.approve("writer", "初审", LECTURE).refused(&["内容是他自己写的"]);
    world.approve("first", "终审", LECTURE).refused(&["名单没有让他审这里"]);
    world.approve("second", "复审", LECTURE).refused(&["三审要按顺序"]);
    world.approve("first", "初审", LECTURE).fine();
    world.approve("first", "初审", LECTURE).refused(&["已经有了"]);
    world.approve("second", "复审", LECTURE).fine();
    world.approve("second", "终审", LECTURE).refused(&["三审要三个人"]);
    // By hand, without the command: it is the server that decides.
    world.commit("second", &format!("终审通过\n\n终审: {LECTURE}"));
    world.push().refused(&["还缺终审", "他已经给了复审"]);
    world.approve("last", "终审", LECTURE).fine();
    world.push().fine();
}

#[test]
fn whoever_wrote_any_of_it_does_not_review_it() {
    let world = World::with_list(true);
    world.write(LECTURE, PAGE);
    world.commit("chief", "写讲座");
    world.write(LECTURE, &PAGE.replace("正文", "改过的正文"));
    world.commit("writer", "帮着改");
    world.approve("writer", "初审", LECTURE).refused(&["内容是他自己写的"]);
    world.approve_all(LECTURE);
    world.push().fine();
}

#[test]
fn accounts_of_a_forge_are_known_in_later_pushes_when_the_server_wrote_them_down() {
    let world = World::with_list(true);
    let draft = PAGE.replace("---\n\n", "draft: true\n---\n\n");
    let step = |account: &str| {
        let old = world.git(&["rev-parse", "origin/main"]).fine();
        world.push_with(&[], Some(account)).fine();
        world.git(&["fetch", "--quiet", "origin"]).fine();
        let server = world.server();
        let arguments = ["record", "--repo", &server.to_string_lossy(), old.trim(), &world.head(), "--pusher", account];
        world.review(&arguments).fine();
    };
    world.write(LECTURE, &draft);
    world.commit_as("x", "写");
    step("Writer");
    for (account, stage) in APPROVALS {
        let made = world.review(&["approve", LECTURE, "--stage", stage, "--unsigned"]);
        assert!(made.fine().contains("用自己的账号推送"));
        step(account);
    }
    world.write(LECTURE, PAGE);
    world.commit_as("x", "公开");
    world.push_with(&[], Some("writer")).fine();
    // What nobody wrote down is nobody's.
    world.write("content/b.md", &draft);
    world.commit_as("x", "写");
    world.push_with(&[], Some("writer")).fine();
    for (account, stage) in APPROVALS {
        world.review(&["approve", "content/b.md", "--stage", stage, "--unsigned"]).fine();
        world.push_with(&[], Some(account)).fine();
    }
    world.write("content/b.md", PAGE);
    world.commit_as("x", "公开");
    world.push_with(&[], Some("writer")).refused(&["还缺初审、复审、终审", "没有签名"]);
}

#[test]
fn whoever_pushes_what_was_there_already_has_approved_nothing_by_that() {
    let world = World::with_list(true);
    world.write(LECTURE, PAGE);
    world.commit("writer", "写讲座");
    world.approve("first", "初审", LECTURE).fine();
    world.approve("second", "复审", LECTURE).fine();
    // Somebody puts an approval into another's mouth, on a branch that nobody guards.
    world.commit_as("last先生", &format!("终审\n\n终审: {LECTURE}"));
    world.git(&["push", "--quiet", "origin", "HEAD:refs/heads/审核"]).fine();
    world.push_with(&[], Some("last")).refused(&["还缺终审", "没有签名"]);
    // Nor is it written down as theirs when they name it anew.
    let server = world.server();
    world.git(&["push", "--quiet", "origin", "HEAD:refs/heads/又一条"]).fine();
    let zeros = "0".repeat(40);
    world.review(&["record", "--repo", &server.to_string_lossy(), &zeros, &world.head(), "--pusher", "last"]).fine();
    world.push_with(&[], Some("last")).refused(&["还缺终审"]);
}

#[test]
fn whoever_pushes_unsigned_work_answers_for_it() {
    let world = World::with_list(true);
    world.write(LECTURE, PAGE);
    world.commit_as("first先生", "写");
    for (_, stage) in APPROVALS {
        world.commit_as("x", &format!("{stage}\n\n{stage}: {LECTURE}"));
    }
    world.push_with(&[], Some("writer")).refused(&["还缺初审、复审、终审", "内容是他自己写的"]);
    world.push_with(&[], Some("second")).refused(&["没有这里的权限"]);
}

#[test]
fn replaced_objects_do_not_change_what_is_seen() {
    let world = World::with_list(true);
    world.write(LECTURE, PAGE);
    let honest = world.commit("writer", "写讲座");
    world.approve_all(LECTURE);
    let approved = world.head();
    // The commit that everybody approved is to read otherwise.
    world.git(&["switch", "--quiet", "--detach", &honest]).fine();
    world.write(LECTURE, &PAGE.replace("正文", "谁也没看过的正文"));
    world.git(&["commit", "--quiet", "--amend", "--all", "--no-edit"]).fine();
    let forged = world.head();
    world.git(&["push", "--quiet", "origin", &format!("{forged}:refs/heads/x")]).fine();
    world.git_at(&world.server(), &["update-ref", &format!("refs/replace/{honest}"), &forged]).fine();
    world.git(&["switch", "--quiet", "main"]).fine();
    assert_eq!(world.head(), approved);
    world.push().fine();
    assert!(site_gen::review::is_reserved("refs/replace/0123") && site_gen::review::is_reserved(site_gen::review::record::NOTES));
    assert!(!site_gen::review::is_reserved("refs/heads/main"));
}
