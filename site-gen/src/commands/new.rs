//! `site-gen new KIND TITLE`: a page that is valid as it stands, in the right folder, waiting to be filled in.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use domain::Moment;
use jiff::ToSpan;

use crate::{
    build::Options,
    kinds::Kind,
    load::{load, yaml},
    slug::slug,
    source::{FrontMatter, Source},
};

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The new page, below the root.
    pub path: String,
    /// What to print: the path and what to do next.
    pub text: String,
}

/// Writes a page of `kind` called `title`. It is a draft until its `draft: true` is removed. An error is wrong use; nothing that
/// is there already is written over.
pub fn run(options: &Options, kind: Kind, title: &str) -> anyhow::Result<Made> {
    let title = title.trim();
    ensure!(!title.is_empty(), "标题是空的\n提示：把标题写在最后，如 `site-gen new activity 十二月下午茶`");
    let content = options.root.join("content");
    ensure!(
        content.is_dir(),
        "没有 `{}` 这个文件夹\n提示：用 `--root` 指定放着 `content/` 和 `themes/` 的文件夹",
        content.display()
    );
    let stem = stem(kind, title, options.now);
    let (path, section) = place(kind, &stem, &load(options).source);

    let mut also = String::new();
    if let Some(section) = section {
        // Without its section the page would be read as an ordinary one.
        write_new(&options.root, &section, section_text(kind))?;
        also = format!("同时新建了栏目首页 {section}\n");
    }
    write_new(&options.root, &path, page(kind, title, &stem, options.now))?;
    let text = format!("已新建 {path}\n{also}下一步：打开它，把内容填好，删掉 `draft: true` 那一行，再运行 `site-gen check`\n");
    Ok(Made { path, text })
}

/// The file's name without its ending: pinyin, with the month before it where pages come every month.
pub(super) fn stem(kind: Kind, title: &str, now: Moment) -> String {
    let mut name = slug(title);
    // Pinyin of a long title is cut between syllables.
    if name.len() > 60 {
        name.truncate(60);
        name.truncate(name.rfind('-').unwrap_or(60));
    }
    let date = now.date();
    match kind {
        Kind::Activity | Kind::Course if name.is_empty() => date.to_string(),
        Kind::Activity | Kind::Course => format!("{}-{name}", date.strftime("%Y-%m")),
        _ if name.is_empty() => date.to_string(),
        _ => name,
    }
}

/// Where the page belongs; and the section to make first, when no folder holds pages of this kind yet.
pub(super) fn place(kind: Kind, stem: &str, source: &Source) -> (String, Option<String>) {
    let default = match kind {
        Kind::Section => return (format!("content/{stem}/_index.md"), None),
        Kind::Page => return (format!("content/{stem}.md"), None),
        Kind::Activity => "activities",
        Kind::Course => "courses",
        Kind::Policy => "policies",
        Kind::Resource => "resources",
    };
    let folders: Vec<&str> = source
        .documents
        .iter()
        .filter(|document| matches!(&document.front, FrontMatter::Section(section) if section.pages == kind))
        .filter_map(|document| document.path.strip_suffix("/_index.md"))
        .collect();
    match folders.iter().find(|folder| **folder == default).or(folders.first()) {
        Some(folder) => (format!("content/{folder}/{stem}.md"), None),
        None => (format!("content/{default}/{stem}.md"), Some(format!("content/{default}/_index.md"))),
    }
}

pub(super) fn write_new(root: &Path, path: &str, bytes: impl AsRef<[u8]>) -> anyhow::Result<()> {
    let location: PathBuf = root.join(path);
    if let Some(folder) = location.parent() {
        fs::create_dir_all(folder).with_context(|| format!("无法新建文件夹 `{}`", folder.display()))?;
    }
    let mut file = match fs::OpenOptions::new().write(true).create_new(true).open(&location) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            bail!("`{path}` 已经有了，没有改动它\n提示：换一个标题，或者直接改那个文件")
        }
        Err(error) => return Err(error).with_context(|| format!("无法写入 `{path}`")),
    };
    file.write_all(bytes.as_ref()).with_context(|| format!("无法写入 `{path}`"))
}

pub(super) fn section_text(kind: Kind) -> String {
    let (title, word) = match kind {
        Kind::Activity => ("活动", "activity"),
        Kind::Course => ("课程", "course"),
        Kind::Policy => ("惠企政策", "policy"),
        Kind::Resource => ("三库资源", "resource"),
        Kind::Page | Kind::Section => ("栏目", "page"),
    };
    format!("---\ntitle: {title}\npages: {word}\n---\n")
}

/// The whole file.
fn page(kind: Kind, title: &str, stem: &str, now: Moment) -> String {
    let title = yaml::scalar(title);
    let date = now.local().strftime("%Y-%m-%d %H:%M");
    let own = own(kind, stem, now);
    let body = match kind {
        Kind::Section => "",
        _ => "\n在这里写正文。\n",
    };
    format!(
        "---\ntitle: {title}\nsummary: 一两句话，用在列表、搜索和分享里。\ndate: {date}\ndraft: true # 写好之后删掉这一行\n{own}---\n{body}"
    )
}

/// The keys that only this kind has, to be filled in.
pub(super) fn own(kind: Kind, stem: &str, now: Moment) -> String {
    match kind {
        Kind::Activity | Kind::Course => event(kind, stem, now),
        Kind::Policy => format!(
            "issuer: 发文机关\n# number: 文号\n# issued: {today}\n# effective: {today}\nvalidity: current\naudience: 适用对象，一句话\nchecked: {today}\npoints:\n  - 要点，最多三条\nclaim:\n  - what: 怎么办，一步一条\n",
            today = now.date()
        ),
        Kind::Resource => format!(
            "library: finance\nprovider: 提供单位\nservices:\n  - 能提供什么，逐条写\naudience: 适合谁\ncontact: 如何对接\nchecked: {}\n",
            now.date()
        ),
        Kind::Page => String::new(),
        Kind::Section => "pages: page\n".to_owned(),
    }
}

/// Two weeks from now in the afternoon, registration until the evening before.
fn event(kind: Kind, stem: &str, now: Moment) -> String {
    let day = now.date().saturating_add(14.days());
    let before = day.saturating_sub(1.day());
    let series = if kind == Kind::Course { "lectures" } else { "teas" };
    format!(
        "# series: {series}\n# chains: [food]\nevent:\n  start: {day} 14:30\n  end: {day} 17:00\n  place: 地点\n  attendance: onsite # onsite 现场、online 线上、both 均可\n  audience: 面向谁\n  contact: 联系方式\n  registration: # 不需要报名的，删掉这一段\n    id: {stem} # 场次编号，公布之后不再改\n    onsite_seats: 30\n    deadline: {before} 17:00\n"
    )
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn site() -> (TempDir, Options) {
        let folder = TempDir::new().expect("a folder");
        fs::create_dir_all(folder.path().join("content")).expect("made");
        let options = Options::new(folder.path(), "2026-11-24 09:00".parse().expect("a moment"));
        (folder, options)
    }

    #[test]
    fn what_is_new_has_no_mistake() {
        for (kind, title, path) in [
            (Kind::Activity, "十二月：下午茶", "content/activities/2026-11-shi-er-yue-xia-wu-cha.md"),
            (Kind::Course, "出口退税: 实务", "content/courses/2026-11-chu-kou-tui-shui-shi-wu.md"),
            (Kind::Policy, "[示例] 促进条例", "content/policies/shi-li-cu-jin-tiao-li.md"),
            (Kind::Resource, "某银行", "content/resources/mou-yin-hang.md"),
            (Kind::Page, "关于我们", "content/guan-yu-wo-men.md"),
            (Kind::Section, "动态", "content/dong-tai/_index.md"),
            (Kind::Page, "！！", "content/2026-11-24.md"),
        ] {
            let (_folder, options) = site();
            let made = run(&options, kind, title).expect(title);
            assert_eq!(made.path, path);
            let loaded = load(&options);
            let found: Vec<_> = loaded.diagnostics.iter().filter(|diagnostic| !diagnostic.file.ends_with("site.yaml")).collect();
            assert!(found.is_empty(), "{title}: {found:#?}");
            let document =
                loaded.source.documents.iter().find(|document| format!("content/{}", document.path) == path).expect("read");
            assert_eq!((document.front.kind(), document.front.common().title), (kind, title));
        }
    }

    #[test]
    fn nothing_is_written_over() {
        let (folder, options) = site();
        run(&options, Kind::Page, "关于").expect("new");
        let path = folder.path().join("content/guan-yu.md");
        fs::write(&path, "mine").expect("written");
        let error = run(&options, Kind::Page, "关于").expect_err("it is there already");
        assert!(error.to_string().contains("已经有了"), "{error}");
        assert_eq!(fs::read_to_string(&path).expect("read"), "mine");
    }

    #[test]
    fn a_page_goes_where_pages_of_its_kind_are() {
        let (folder, options) = site();
        fs::create_dir_all(folder.path().join("content/events")).expect("made");
        fs::write(folder.path().join("content/events/_index.md"), "---\ntitle: 活动\npages: activity\n---\n").expect("written");
        assert_eq!(run(&options, Kind::Activity, "茶").expect("new").path, "content/events/2026-11-cha.md");
    }
}
