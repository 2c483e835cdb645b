//! `site-gen import`: writes the page that a document makes, a draft, with its pictures beside it, and says what somebody must look at.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use domain::Moment;

use super::new;
use crate::{
    build::Options,
    diagnostic::place,
    doctor::{Proofread, proofread},
    import::{
        self, Page,
        draft::{Block, Draft},
    },
    kinds::Kind,
    load::{load, yaml},
    markdown::text::shorten,
    source::Source,
};

/// A summary ends before it is longer than this.
const LONGEST_SUMMARY: usize = 80;
/// What is shown of what must be looked at.
const MOST_NOTES: usize = 30;

/// Imports documents into one site.
pub struct Importer<'a> {
    options: &'a Options,
    kind: Kind,
    source: Source,
}

impl<'a> Importer<'a> {
    /// Into the site of `options`, as pages of `kind`. An error is wrong use.
    pub fn new(options: &'a Options, kind: Kind) -> anyhow::Result<Importer<'a>> {
        let content = options.root.join("content");
        ensure!(
            content.is_dir(),
            "没有 `{}` 这个文件夹\n提示：用 `--root` 指定放着 `content/` 和 `themes/` 的文件夹",
            content.display()
        );
        ensure!(kind != Kind::Section, "栏目不能从文件导入\n提示：`site-gen new section 名称` 新建栏目，再把文件导入成 page");
        Ok(Importer { options, kind, source: load(options).source })
    }

    /// Imports the file at `path`, and gives what to say about it. An error means that nothing was written.
    pub fn import(&self, path: &Path) -> anyhow::Result<String> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // A name alone lies in the present folder.
        let folder = path.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
        let mut draft = import::read(&name, &bytes(path)?, folder)?;
        let title = match draft.title.take() {
            Some(title) => title,
            None => {
                draft.notes.push("文件里没有标题，用了文件名：请改成真正的标题".to_owned());
                path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
            }
        };
        let published = draft.date.as_deref().and_then(|date| date.parse::<Moment>().ok());
        if published.is_none() {
            draft.notes.push("文件里没有发布时间，写了现在的时间：请核对".to_owned());
        }
        let stem = new::stem(self.kind, &title, published.unwrap_or(self.options.now));
        let (target, section) = new::place(self.kind, &stem, &self.source);
        let page = import::page(draft, &stem);
        let text = self.text(&page, &title, published, &stem);
        let proofread = proofread(&target, &text, &self.source.config);
        let written = self.write(&target, section.as_deref(), &proofread.text, &page)?;
        Ok(report(path, &target, &title, &page, &proofread, &written))
    }

    /// The whole file.
    fn text(&self, page: &Page, title: &str, published: Option<Moment>, stem: &str) -> String {
        let date = published.unwrap_or(self.options.now).local().strftime("%Y-%m-%d %H:%M");
        let mut front = format!("title: {}\n", yaml::scalar(title));
        let optional =
            [("summary", summary(&page.draft)), ("source", page.draft.source.clone()), ("author", page.draft.author.clone())];
        for (key, value) in optional {
            if let Some(value) = value {
                let _ = writeln!(front, "{key}: {}", yaml::scalar(&value));
            }
        }
        let _ = write!(front, "date: {date}\ndraft: true # 看过、改好之后删掉这一行\n");
        let mut own = new::own(self.kind, stem, self.options.now);
        if let Some(number) = number(page) {
            own = own.replace("# number: 文号", &format!("number: {}", yaml::scalar(&number)));
        }
        format!("---\n{front}{own}---\n{}", page.body)
    }

    /// Writes all files, or none: what was written before one that cannot be is removed again.
    fn write(&self, target: &str, section: Option<&str>, text: &str, page: &Page) -> anyhow::Result<Vec<String>> {
        let root = &self.options.root;
        let folder = target.rsplit_once('/').map_or("content", |(folder, _)| folder);
        let mut files: Vec<(String, &[u8])> =
            page.pictures.iter().map(|(name, bytes)| (format!("{folder}/{name}"), bytes.as_slice())).collect();
        files.push((target.to_owned(), text.as_bytes()));
        let there = files.iter().find(|(path, _)| root.join(path).symlink_metadata().is_ok());
        if let Some((path, _)) = there {
            bail!("`{path}` 已经有了，没有改动它\n提示：先把那个文件改名或者删掉，再导入一次");
        }
        let section_text = new::section_text(self.kind);
        if let Some(section) = section.filter(|section| !root.join(section).exists()) {
            files.insert(0, (section.to_owned(), section_text.as_bytes()));
        }
        let mut written: Vec<PathBuf> = Vec::new();
        for (path, bytes) in &files {
            if let Err(error) = new::write_new(root, path, bytes) {
                // That it failed is what is told; what cannot be removed either stays.
                written.iter().for_each(|path| drop(fs::remove_file(path)));
                return Err(error);
            }
            written.push(root.join(path));
        }
        Ok(files.into_iter().map(|(path, _)| path).collect())
    }
}

fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let found = fs::metadata(path).with_context(|| "找不到这个文件\n提示：检查文件名；名字里有空格的用引号括起来")?;
    ensure!(found.is_file(), "这是一个文件夹\n提示：写里面的文件，如 `{}/*.docx`", path.display());
    ensure!(found.len() <= import::LARGEST, "文件超过 100 MB，不像是一篇文章\n提示：把里面的图片压缩之后再存一份");
    fs::read(path).context("读不到这个文件\n提示：检查读取权限；在 Word 里开着的先关掉")
}

/// The first sentences that say something.
fn summary(draft: &Draft) -> Option<String> {
    let speaks = |text: &String| text.chars().count() >= 12 && !text.ends_with(['：', ':']);
    let first = draft
        .blocks
        .iter()
        .filter(|block| matches!(block, Block::Paragraph(_)))
        .map(|block| block.text().replace('\n', ""))
        .find(speaks)?;
    let mut summary = String::new();
    for sentence in first.split_inclusive(['。', '！', '？']) {
        if !summary.is_empty() && summary.chars().count() + sentence.chars().count() > LONGEST_SUMMARY {
            break;
        }
        summary.push_str(sentence);
    }
    Some(shorten(summary.trim(), LONGEST_SUMMARY))
}

/// 国办发〔2017〕47号, where the text names one.
fn number(page: &Page) -> Option<String> {
    page.draft.blocks.iter().find_map(|block| {
        let text = block.text();
        let at = text.find('〔')?;
        let issuer = text[..at].chars().rev().take_while(|character| character.is_alphanumeric()).take(12).count();
        let start = text[..at].char_indices().rev().nth(issuer.checked_sub(1)?)?.0;
        let end = at + text[at..].find('号')? + '号'.len_utf8();
        let number = &text[start..end];
        (number.chars().count() <= 24 && number.contains('〕')).then(|| number.to_owned())
    })
}

fn report(path: &Path, target: &str, title: &str, page: &Page, proofread: &Proofread, written: &[String]) -> String {
    let Page { draft, pictures, .. } = page;
    let count = |is: fn(&Block) -> bool| draft.blocks.iter().filter(|block| is(block)).count();
    let parts = [
        (count(|block| matches!(block, Block::Paragraph(_) | Block::Quote(_))), "段文字"),
        (count(|block| matches!(block, Block::Heading(..))), "个小标题"),
        (count(|block| matches!(block, Block::Item { .. })), "个列表项"),
        (count(|block| matches!(block, Block::Table(_))), "个表格"),
        (pictures.len(), "张图片"),
        (draft.footnotes.len(), "条脚注"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let mut out = format!("已导入 {target}（草稿），来自 `{}`\n  标题：{title}\n  {}\n", path.display(), parts.join("，"));
    for also in written.iter().filter(|also| *also != target) {
        let _ = writeln!(out, "  同时写了 {also}");
    }
    if proofread.mended > 0 {
        let _ = writeln!(out, "  顺手改好 {} 处全角数字、标点和空格", proofread.mended);
    }
    let placed = |found: &crate::diagnostic::Diagnostic| {
        let line = found.span.map_or(String::new(), |span| format!("第 {} 行：", place(&proofread.text, span.start).line));
        format!("{line}{}；{}", found.message, found.hint.as_deref().unwrap_or_default())
    };
    let notes: Vec<String> = draft.notes.iter().cloned().chain(proofread.left.iter().map(placed)).collect();
    if !notes.is_empty() {
        let _ = writeln!(out, "要看一看（{} 条）：", notes.len());
        for note in notes.iter().take(MOST_NOTES) {
            let _ = writeln!(out, "  - {note}");
        }
        if notes.len() > MOST_NOTES {
            let _ = writeln!(out, "  - 还有 {} 条，运行 `site-gen check --drafts` 看全部", notes.len() - MOST_NOTES);
        }
    }
    let _ = writeln!(out, "下一步：打开它看一遍，删掉 `draft: true` 那一行，再运行 `site-gen check`");
    out
}
