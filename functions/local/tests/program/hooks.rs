//! The hooks of a bare repository, by real git: what is wrong is refused in the pusher's terminal, what is taken is live.

use std::{
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt, fs::symlink, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

use crate::{
    publish::{NOW, number},
    site::{Site, complained, done, refused},
};

/// git as nobody has configured it.
fn git(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args([
        "-c",
        "user.name=编辑",
        "-c",
        "user.email=editor@example.org",
        "-c",
        "protocol.file.allow=always",
    ]);
    command.args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("NO_COLOR", "1");
    command.env_remove("RUST_LOG").stdin(Stdio::null());
    command
}

fn ran(folder: &Path, arguments: &[&str]) -> String {
    done(&git(folder, arguments).output().expect("git is installed"))
}

/// A site in a bare repository with hooks, and an editor's clone of it.
struct Forge {
    site: Site,
    /// The editor's clone is the site's own folder.
    _place: TempDir,
    repo: PathBuf,
}

impl Forge {
    /// Nothing was pushed yet.
    fn new(site: Site) -> Forge {
        let place = tempfile::tempdir().expect("a folder");
        let repo = place.path().join("站点.git");
        let arguments = ["init", "--quiet", "--bare", "--initial-branch=main"];
        done(&git(place.path(), &arguments).arg(&repo).output().expect("git is installed"));
        ran(&site.path(""), &["init", "--quiet", "--initial-branch=main"]);
        fs::write(site.path(".gitignore"), "/config\n/www\n/data\n/.cache\n").expect("written");
        let forge = Forge { site, _place: place, repo };
        let installed = done(&forge.install());
        assert!(installed.contains("推送到 `main`"), "{installed}");
        forge
    }

    fn install(&self) -> Output {
        let repo = self.repo.to_str().expect("UTF-8");
        self.site.run(&["hook", "install", repo, "--publish-to", "www", "--now", NOW])
    }

    /// Commits all that is there.
    fn commit(&self, message: &str) {
        ran(&self.site.path(""), &["add", "--all"]);
        ran(&self.site.path(""), &["commit", "--quiet", "--allow-empty", "-m", message]);
    }

    fn push(&self, arguments: &[&str]) -> Output {
        let repo = self.repo.to_str().expect("UTF-8");
        git(&self.site.path(""), &[&["push", "--quiet", repo], arguments].concat()).output().expect("git is installed")
    }

    /// Commits and pushes, and it is taken.
    #[track_caller]
    fn taken(&self, message: &str) -> String {
        self.commit(message);
        let pushed = self.push(&["HEAD:main"]);
        done(&pushed);
        complained(&pushed)
    }

    /// Commits and pushes, and it is refused.
    #[track_caller]
    fn turned_down(&self, message: &str) -> String {
        self.commit(message);
        let pushed = self.push(&["HEAD:main"]);
        refused(&pushed, "没有收下这次推送");
        complained(&pushed)
    }

    fn live(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.site.path("www/current").join(path)).ok()
    }

    /// The branch's newest commit is the one that is live.
    #[track_caller]
    fn newest_is_live(&self) {
        let tip = ran(&self.repo, &["rev-parse", "main"]);
        let record = fs::read_to_string(self.site.path(&format!("www/releases/{}.json", number(&self.site)))).expect("a record");
        assert!(record.contains(tip.trim()), "{tip} {record}");
    }
}

#[test]
fn a_push_is_published_and_a_broken_one_refused_at_its_line() {
    let forge = Forge::new(Site::with_course());
    let said = forge.taken("第一次");
    assert!(said.contains("已发布第 1 版") && said.contains("提交：") && said.contains("第一次"), "{said}");
    assert!(forge.live("about/index.html").is_some_and(|page| page.contains("关于我们。")));

    forge.site.write("content/about.md", "---\ntitle: 关于\ntitel: 写错了\n---\n\n[没有](/nowhere/)。\n");
    let said = forge.turned_down("写错了");
    for words in ["content/about.md:3:1", "content/about.md:6:", "是不是想写 `title`", "内容有 2 处要改", "git commit"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(forge.live("about/index.html").is_some_and(|page| page.contains("关于我们。")));
    forge.site.write("content/about.md", "---\ntitle: 关于\n---\n\n改好了。\n");
    let said = forge.taken("改好了");
    assert!(said.contains("已发布第 2 版"), "{said}");
    assert!(forge.live("about/index.html").is_some_and(|page| page.contains("改好了。")));
    forge.newest_is_live();

    // What the functions would refuse is refused as well.
    let person = ["--set", "name=王芳菲", "--set", "mobile=13900001234", "--set", "company=相山某某商贸有限公司"];
    let rest = ["--set", "attendance=onsite", "--set", "handle=yes", "--yes", "--now", NOW];
    let register = ["register", "--root", "www", "--data", "data", "--session", "djt-2026-q4"];
    done(&forge.site.run(&[&register[..], &person, &rest].concat()));
    fs::remove_file(forge.site.path("content/courses/cash.md")).expect("a page");
    let said = forge.turned_down("删掉有人报名的课");
    assert!(said.contains("已经有人报名") && said.contains("cancelled: true"), "{said}");
    forge.newest_is_live();
}

#[test]
fn other_branches_are_left_alone_and_the_published_one_is_not_deleted() {
    let forge = Forge::new(Site::new());
    forge.commit("在别的分支上");
    let early = forge.push(&["HEAD:refs/heads/draft"]);
    assert!(
        complained(&early).contains("网站只从 `main` 发布") && complained(&early).contains("symbolic-ref"),
        "{}",
        complained(&early)
    );
    assert!(!forge.site.path("www").exists());
    forge.taken("发布");
    forge.site.write("content/about.md", "没有页面信息");
    forge.commit("半成品");
    done(&forge.push(&["HEAD:refs/heads/draft", "HEAD:refs/tags/v1"]));
    assert_eq!(number(&forge.site), 1, "a draft with mistakes is nobody's business");
    done(&forge.push(&["--delete", "refs/heads/draft"]));
    refused(&forge.push(&["--delete", "refs/heads/main"]), "没有删去 `main`");
    forge.newest_is_live();

    // Somebody takes a commit back by force: what the branch says then is live.
    ran(&forge.site.path(""), &["reset", "--quiet", "--hard", "HEAD~1"]);
    forge.site.write("content/about.md", "---\ntitle: 关于\n---\n\n另起一行。\n");
    ran(&forge.site.path(""), &["add", "--all"]);
    ran(&forge.site.path(""), &["commit", "--quiet", "--amend", "-m", "重写历史"]);
    assert!(!forge.push(&["HEAD:main"]).status.success(), "git itself refuses it without force");
    done(&forge.push(&["--force", "HEAD:main"]));
    forge.newest_is_live();
    assert!(forge.live("about/index.html").is_some_and(|page| page.contains("另起一行")));
    // An empty push, and one that changes no page.
    done(&forge.push(&["HEAD:main"]));
    let said = forge.taken("什么页面都没改");
    assert!(said.contains("网页没有变化"), "{said}");
    forge.newest_is_live();
}

#[test]
fn a_thousand_files_in_one_push() {
    let forge = Forge::new(Site::new());
    for n in 0..40 {
        forge.site.write(&format!("content/news-{n}.md"), &format!("---\ntitle: 第 {n} 条\n---\n\n[附件](/files/{n}.txt)。\n"));
    }
    for n in 0..960 {
        forge.site.write(&format!("content/static/files/{n}.txt"), &format!("附件 {n}\n"));
    }
    forge.taken("一千个文件");
    assert_eq!(fs::read_dir(forge.site.path("www/current/files")).expect("published").count(), 960);
    assert!(forge.live("news-39/index.html").is_some_and(|page| page.contains("第 39 条")));
    ran(&forge.site.path(""), &["rm", "--quiet", "-r", "content/static/files"]);
    let said = forge.turned_down("附件都删了，链接还在");
    assert!(said.contains("content/news-7.md:5:"), "{said}");
    assert!(forge.live("files/959.txt").is_some());
}

#[test]
fn what_cannot_be_a_site_is_refused() {
    let forge = Forge::new(Site::new());
    forge.taken("好的");
    let root = forge.site.path("");
    let again = || ran(&root, &["reset", "--quiet", "--hard", "HEAD~1"]);

    symlink("/etc/passwd", root.join("content/passwd.txt")).expect("linked");
    let said = forge.turned_down("链接");
    assert!(said.contains("content/passwd.txt") && said.contains("符号链接"), "{said}");
    again();
    symlink("/etc", root.join("content/static")).expect("linked");
    assert!(forge.turned_down("链接到文件夹").contains("符号链接"));
    again();

    fs::write(root.join(OsStr::from_bytes(b"content/\xff\xfe.md")), "---\ntitle: x\n---\n").expect("written");
    let said = forge.turned_down("文件名不是 UTF-8");
    assert!(said.contains("UTF-8"), "{said}");
    again();

    let commit = ran(&root, &["rev-parse", "HEAD"]);
    let add = format!("160000,{},content/other", commit.trim());
    ran(&root, &["update-index", "--add", "--cacheinfo", &add]);
    ran(&root, &["commit", "--quiet", "-m", "子模块"]);
    let pushed = forge.push(&["HEAD:main"]);
    refused(&pushed, "子模块");
    again();

    // Trees that no git would make from files.
    let blob = ran(&root, &["rev-parse", "HEAD:content/about.md"]);
    for name in ["..", ".git"] {
        let tree = piped(&root, &["mktree"], &format!("100644 blob {}\t{name}\n", blob.trim()));
        let tree = piped(&root, &["mktree"], &format!("040000 tree {}\tcontent\n", tree.trim()));
        let commit = ran(&root, &["commit-tree", "-p", "HEAD", "-m", "恶意的树", tree.trim()]);
        let pushed = forge.push(&[&format!("{}:refs/heads/main", commit.trim())]);
        refused(&pushed, "没有收下这次推送");
    }
    assert!(!forge.repo.join("xiangshang/about.md").exists());

    ran(&root, &["rm", "--quiet", "-r", "content"]);
    assert!(forge.turned_down("没有内容").contains("没有 content/ 文件夹"));
    again();
    forge.newest_is_live();
    assert_eq!(number(&forge.site), 1);
    forge.site.write("content/about.md", "---\ntitle: 关于\n---\n\n还是好的。\n");
    forge.taken("还是好的");
    assert_eq!(number(&forge.site), 2);
}

/// What git makes of `input`.
fn piped(folder: &Path, arguments: &[&str], input: &str) -> String {
    let mut child = git(folder, arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("git is installed");
    std::io::Write::write_all(&mut child.stdin.take().expect("piped"), input.as_bytes()).expect("git reads it");
    done(&child.wait_with_output().expect("it ends"))
}

#[test]
fn of_pushes_at_the_same_time_the_newest_commit_is_live() {
    let forge = Forge::new(Site::new());
    forge.taken("第一次");
    let clones = tempfile::tempdir().expect("a folder");
    std::thread::scope(|scope| {
        for editor in 0..2 {
            let (repo, place) = (forge.repo.clone(), clones.path().join(editor.to_string()));
            let from = clones.path().to_owned();
            scope.spawn(move || {
                done(&git(&from, &["clone", "--quiet"]).arg(&repo).arg(&place).output().expect("git is installed"));
                for turn in 0..3 {
                    let name = format!("content/by-{editor}-{turn}.md");
                    fs::write(place.join(&name), format!("---\ntitle: 编辑 {editor} 的第 {turn} 篇\n---\n")).expect("written");
                    ran(&place, &["add", "--all"]);
                    ran(&place, &["commit", "--quiet", "-m", &name]);
                    // The other was faster: take theirs first, as people do.
                    while !git(&place, &["push", "--quiet", "origin", "main"])
                        .output()
                        .expect("git is installed")
                        .status
                        .success()
                    {
                        ran(&place, &["pull", "--quiet", "--rebase", "origin", "main"]);
                    }
                }
            });
        }
    });
    forge.newest_is_live();
    for editor in 0..2 {
        for turn in 0..3 {
            assert!(forge.live(&format!("by-{editor}-{turn}/index.html")).is_some(), "{editor} {turn}");
        }
    }
}

#[test]
fn a_push_that_is_killed_in_the_middle_is_made_good_by_the_next() {
    let forge = Forge::new(Site::new());
    forge.taken("第一次");
    let begun = std::time::Instant::now();
    forge.site.write("content/about.md", "---\ntitle: 关于\n---\n\n量一量。\n");
    forge.taken("量一量");
    let whole = begun.elapsed();
    let mut random = fastrand::Rng::with_seed(7);
    for turn in 0..10 {
        forge.site.write("content/about.md", &format!("---\ntitle: 关于\n---\n\n第 {turn} 次。\n"));
        forge.commit("又一次");
        let repo = forge.repo.to_str().expect("UTF-8");
        // A group of its own, so that git and the hooks that it starts die together.
        let mut push = git(&forge.site.path(""), &["push", "--quiet", "--force", repo, "HEAD:main"]);
        let mut push = push.process_group(0).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("git starts");
        std::thread::sleep(whole.mul_f64(random.f64()));
        let group = format!("-{}", push.id());
        let _ = Command::new("kill").args(["-s", "KILL", "--", &group]).stderr(Stdio::null()).status();
        push.wait().expect("it ends");
        let page = forge.live("about/index.html").expect("a site is live");
        assert!(page.contains("</html>"), "it is whole");
        // What git itself leaves when it is killed is git's to say, and whoever runs the server's to remove.
        for lock in ["refs/heads/main.lock", "HEAD.lock", "packed-refs.lock"] {
            let _ = fs::remove_file(forge.repo.join(lock));
        }
    }
    forge.site.write("content/about.md", "---\ntitle: 关于\n---\n\n最后一次。\n");
    forge.taken("最后一次");
    forge.newest_is_live();
    assert!(forge.live("about/index.html").is_some_and(|page| page.contains("最后一次。")));
}

#[test]
fn what_a_killed_hook_missed_is_published_when_a_timer_asks() {
    let forge = Forge::new(Site::new());
    forge.taken("第一次");
    fs::remove_file(forge.repo.join("hooks/post-receive")).expect("a hook");
    forge.site.write("content/about.md", "---\ntitle: 关于\n---\n\n没有发布。\n");
    forge.taken("没有发布");
    assert_eq!(number(&forge.site), 1);
    let repo = forge.repo.to_str().expect("UTF-8");
    let timer = ["publish", "--to", "www", "--repo", repo, "--when-due", "--now", NOW];
    done(&forge.site.run(&timer));
    forge.newest_is_live();
    assert_eq!(number(&forge.site), 2);
    done(&forge.site.run(&timer));
    assert_eq!(number(&forge.site), 2);
    done(&forge.site.run(&["publish", "--to", "www", "--rollback"]));
    done(&forge.site.run(&timer));
    assert_eq!(number(&forge.site), 1, "what was taken back stays back until somebody pushes");
    refused(&forge.site.run(&["publish", "--to", "www", "--repo", "."]), "不是裸仓库");
}

#[test]
fn hooks_of_others_stay_and_ours_go() {
    let forge = Forge::new(Site::new());
    let repo = forge.repo.to_str().expect("UTF-8").to_owned();
    done(&forge.install());
    let hook = forge.repo.join("hooks/pre-receive");
    assert!(fs::read_to_string(&hook).expect("a hook").contains("hook pre-receive"));
    assert!(done(&forge.site.run(&["hook", "remove", &repo])).contains("去掉了"));
    assert!(!hook.exists() && !forge.repo.join("hooks/post-receive").exists());
    refused(&forge.site.run(&["hook", "remove", &repo]), "没有 xiangshang 装的钩子");

    fs::write(&hook, "#!/bin/sh\nexit 0\n").expect("written");
    refused(&forge.install(), "已经有别人的钩子");
    assert_eq!(fs::read_to_string(&hook).expect("theirs"), "#!/bin/sh\nexit 0\n");
    assert!(!forge.repo.join("hooks/post-receive").exists(), "not half of it either");

    // As Gitea and Forgejo lay it out.
    fs::create_dir(forge.repo.join("hooks/pre-receive.d")).expect("made");
    fs::create_dir(forge.repo.join("hooks/post-receive.d")).expect("made");
    done(&forge.install());
    assert!(forge.repo.join("hooks/pre-receive.d/xiangshang").is_file());
    assert_eq!(fs::read_to_string(&hook).expect("theirs"), "#!/bin/sh\nexit 0\n");
    done(&forge.site.run(&["hook", "remove", &repo]));
    assert!(!forge.repo.join("hooks/pre-receive.d/xiangshang").exists());

    refused(&forge.site.run(&["hook", "install", ".", "--publish-to", "www"]), "不是裸仓库");
    ran(&forge.repo, &["config", "core.hooksPath", "/srv/hooks"]);
    refused(&forge.install(), "core.hooksPath");
}
