//! What an approval is good for: the words that were read, and no others.

use super::{
    LECTURE,
    world::{PAGE, World},
};

#[test]
fn a_change_after_an_approval_takes_it_away_even_when_it_is_undone() {
    let world = World::with_list(true);
    world.write(LECTURE, PAGE);
    world.commit("writer", "写讲座");
    world.approve_all(LECTURE);
    let approved = world.head();
    for change in
        [PAGE.replace("正文", "新正文"), PAGE.replace("一句话", "另一句话"), PAGE.replace("title: 十二月", "title: 一月")]
    {
        world.write(LECTURE, &change);
        world.commit("writer", "再改");
        world.push().refused(&["还缺初审、复审、终审", "之后内容又改过"]);
        world.write(LECTURE, PAGE);
        world.commit("writer", "改回来");
        world.push().refused(&["还缺初审、复审、终审", "之后内容又改过"]);
        world.git(&["reset", "--quiet", "--hard", &approved]).fine();
    }
    // Housekeeping, and how YAML is written, change nothing.
    world.write(LECTURE, "---\nsummary: \"一句话\"\ntitle: 十二月讲座\nupdated: 2026-11-29\n---\n正文。\n");
    world.commit("writer", "记下修改时间");
    world.push().fine();
}

#[test]
fn a_renamed_page_is_another_page() {
    let world = World::with_list(true);
    world.write(LECTURE, PAGE);
    world.commit("writer", "写讲座");
    world.approve_all(LECTURE);
    world.git(&["mv", LECTURE, "content/courses/b.md"]).fine();
    world.commit("writer", "改名");
    world.push().refused(&["content/courses/b.md", "还缺初审、复审、终审"]);
    world.approve_all("content/courses/b.md");
    world.push().fine();
    // Taking away is quick.
    world.git(&["rm", "--quiet", "content/courses/b.md"]).fine();
    world.commit("writer", "撤下");
    world.push().fine();
}

#[test]
fn files_beside_pages_are_reviewed_too() {
    let world = World::with_list(true);
    world.write(LECTURE, PAGE);
    world.write("content/courses/海报 一.png", "picture");
    world.commit("writer", "写讲座");
    world.approve_all(LECTURE);
    world.push().refused(&["content/courses/海报 一.png", "还缺初审、复审、终审"]);
    world.approve_all("content/courses");
    world.push().fine();
}

#[test]
fn a_rebase_loses_approvals() {
    let world = World::with_list(true);
    world.git(&["switch", "--quiet", "-c", "讲座"]).fine();
    world.write(LECTURE, PAGE);
    world.commit("writer", "写讲座");
    world.approve_all(LECTURE);
    world.git(&["switch", "--quiet", "main"]).fine();
    world.write("content/about.md", &PAGE.replace("---\n\n", "draft: true\n---\n\n"));
    world.commit("writer", "别的");
    world.push().fine();
    world.git(&["switch", "--quiet", "讲座"]).fine();
    let key = format!("user.signingkey={}", world.key("writer").display());
    world.git(&["-c", &key, "-c", "commit.gpgsign=true", "rebase", "--quiet", "--keep-empty", "main"]).fine();
    let refused = world.push().refused(&["还缺初审、复审、终审", "内容是他自己写的"]);
    assert_eq!(refused.matches("不算").count(), 3, "{refused}");
}

#[test]
fn a_merge_keeps_approvals_of_what_it_leaves_alone() {
    let world = World::with_list(true);
    world.git(&["switch", "--quiet", "-c", "讲座"]).fine();
    world.write(LECTURE, PAGE);
    world.commit("writer", "写讲座");
    world.approve_all(LECTURE);
    world.git(&["switch", "--quiet", "main"]).fine();
    world.write("content/b.md", &PAGE.replace("---\n\n", "draft: true\n---\n\n"));
    world.commit("writer", "别的");
    world.push().fine();
    // Whoever joins two histories adds nothing: nobody has to know them.
    world.git(&["merge", "--quiet", "--no-ff", "-m", "合并", "讲座"]).fine();
    let joined = world.head();
    // But what they put into the merge by hand is theirs.
    world.write(LECTURE, &PAGE.replace("正文", "夹带的正文"));
    world.git(&["commit", "--quiet", "--amend", "--all", "--no-edit"]).fine();
    world.push().refused(&[LECTURE, "认不出这次提交是谁做的", "之后内容又改过"]);
    // Nor can they drop what is published by taking the other side's files.
    world.git(&["reset", "--quiet", "--hard", "HEAD~1"]).fine();
    world.git(&["merge", "--quiet", "--no-ff", "-s", "ours", "-m", "合并", "讲座"]).fine();
    world.push().refused(&[LECTURE, "认不出这次提交是谁做的"]);
    world.git(&["reset", "--quiet", "--hard", &joined]).fine();
    world.push().fine();
}

#[test]
fn a_conflict_resolved_is_a_change_of_whoever_resolved_it() {
    let world = World::with_list(true);
    world.git(&["switch", "--quiet", "-c", "一"]).fine();
    world.write("content/about.md", &PAGE.replace("正文", "甲写的正文"));
    world.commit("writer", "甲");
    world.approve_all("content/about.md");
    world.git(&["switch", "--quiet", "main"]).fine();
    world.write("content/about.md", &PAGE.replace("正文", "乙写的正文"));
    world.commit("chief", "乙");
    world.git(&["merge", "--quiet", "--no-ff", "-m", "合并", "一"]).refused(&["CONFLICT"]);
    // Taking the approved side as it is: the words are those that were approved, but chief's are dropped by somebody who must be known.
    world.git(&["checkout", "--theirs", "content/about.md"]).fine();
    world.commit_as("x", "合并");
    world.push().refused(&["content/about.md", "认不出这次提交是谁做的"]);
    let key = format!("user.signingkey={}", world.key("chief").display());
    world.git(&["-c", &key, "commit", "--quiet", "--amend", "-S", "--no-edit"]).fine();
    world.push().fine();
}

#[test]
fn words_in_a_merge_or_beside_a_change_approve_nothing() {
    let world = World::with_list(true);
    world.git(&["switch", "--quiet", "-c", "讲座"]).fine();
    world.write(LECTURE, PAGE);
    world.commit("writer", "写讲座");
    world.approve("first", "初审", LECTURE).fine();
    world.approve("second", "复审", LECTURE).fine();
    world.git(&["switch", "--quiet", "main"]).fine();
    // A forge puts the words of a pull request into the message of the merge.
    let key = format!("user.signingkey={}", world.key("last").display());
    let message = format!("合并\n\n终审: {LECTURE}");
    world.git(&["-c", &key, "merge", "--quiet", "--no-ff", "-S", "-m", &message, "讲座"]).fine();
    world.push().refused(&["还缺终审", "批准要单独提交"]);
    world.approve("last", "终审", LECTURE).fine();
    world.push().fine();
}

#[test]
fn uncommitted_words_are_not_approved() {
    let world = World::with_list(true);
    world.write(LECTURE, PAGE);
    world.commit("writer", "写讲座");
    let before = world.head();
    world.write(LECTURE, &PAGE.replace("正文", "还没提交的正文"));
    world.approve("first", "初审", LECTURE).refused(&["有改动还没有提交"]);
    world.approve("first", "初审", "content/nowhere.md").refused(&["提交里没有 `content/nowhere.md`"]);
    assert_eq!(world.head(), before);
}
