//! `site-gen import`: pages from Word files, old web pages and plain texts.
//!
//! 1. The file is told by its first bytes and its name, and read into a [`draft::Draft`]: by `docx` (out of its `container`), `html` or `plain`, in the
//!    encoding that `charset` finds.
//! 2. `clean` takes off what is not text, and takes out title, date and source.
//! 3. `markdown` writes it; the doctor mends what is safe to mend, and says what somebody must look at.
//!
//! Nothing is fetched from the network, nothing is run, and no file is written here: `commands::import` does that.

mod charset;
mod clean;
mod container;
mod docx;
pub mod draft;
mod html;
mod markdown;
mod pictures;
mod plain;

use std::path::Path;

use anyhow::{bail, ensure};

use self::draft::Draft;

/// The largest picture that is taken over, in bytes.
const LARGEST_PICTURE: u64 = 30 * 1024 * 1024;
/// The largest page or text that is read, in bytes.
const LARGEST_PAGE: u64 = 20 * 1024 * 1024;
/// The largest file that is read at all.
pub const LARGEST: u64 = container::LARGEST;

/// A page to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// What the front matter says.
    pub draft: Draft,
    /// The Markdown.
    pub body: String,
    /// The pictures by the names of their files, to be written beside it.
    pub pictures: Vec<(String, Vec<u8>)>,
}

/// Reads the file called `name` with these bytes, which lies in `folder`. An error says what it is instead of a document, and what to do.
pub fn read(name: &str, bytes: &[u8], folder: Option<&Path>) -> anyhow::Result<Draft> {
    let lower = name.to_lowercase();
    ensure!(!bytes.iter().all(u8::is_ascii_whitespace), "文件是空的");
    let page = lower.ends_with(".html") || lower.ends_with(".htm");
    let draft = match bytes {
        [b'P', b'K', 3 | 5, ..] => docx::read(bytes)?,
        [0xd0, 0xcf, 0x11, 0xe0, ..] => bail!("{}", of_compound_file(bytes)),
        [b'%', b'P', b'D', b'F', ..] => {
            bail!("这是 PDF，取不出段落\n提示：用原来的 Word 文件；只有 PDF 的，作为附件放在页面旁边，正文里写几句话")
        }
        [b'{', b'\\', b'r', b't', b'f', ..] => bail!("这是 RTF 文件\n提示：用 Word 或 WPS 打开，另存为 .docx"),
        _ if lower.ends_with(".docx") => bail!("文件不完整，或者不是 Word 文件\n提示：用 Word 或 WPS 打开看看，再另存为 .docx"),
        _ => {
            ensure!(bytes.len() as u64 <= LARGEST_PAGE, "文件超过 20 MB，不像是一篇文章");
            // UTF-16 has them too, but begins with its mark.
            let marked = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
            ensure!(marked || !bytes.contains(&0), "这不是文本文件\n提示：能导入的是 .docx、.html 和 .txt");
            if page || looks_like_html(bytes) { html::read(bytes, folder)? } else { plain::read(bytes) }
        }
    };
    ensure!(
        draft.title.is_some() || draft.blocks.iter().any(|block| !block.is_blank()),
        "文件里没有文字，只有空白或者认不出的东西"
    );
    Ok(clean::clean(draft))
}

/// The page that a draft makes; its pictures are called `stem-1.jpg` and so on.
pub fn page(mut draft: Draft, stem: &str) -> Page {
    let mut names = Vec::new();
    let mut files = Vec::new();
    let (mut broken, mut silent) = (0, 0);
    for picture in &mut draft.pictures {
        let bare = pictures::bare(&picture.bytes);
        let named = bare.and_then(|bytes| Some((format!("{stem}-{}.{}", files.len() + 1, pictures::extension(&bytes)?), bytes)));
        broken += usize::from(named.is_none());
        if named.is_some() && is_no_description(&picture.words) {
            silent += 1;
            picture.words = format!("图片 {}", files.len() + 1);
        }
        names.push(named.as_ref().map(|(name, _)| name.clone()));
        files.extend(named);
    }
    if silent > 0 {
        draft.notes.push(format!("有 {silent} 张图片没有文字说明，暂写作「图片 1」等：请改成图里的内容"));
    }
    if broken > 0 {
        draft.notes.push(format!("有 {broken} 张图片坏了，没有带过来"));
    }
    let body = markdown::body(&draft, &names);
    Page { body, pictures: files, draft }
}

/// What programs write where a person should have said what is to be seen.
fn is_no_description(words: &str) -> bool {
    let plain = words.to_lowercase();
    let file = [".jpg", ".jpeg", ".png", ".gif", ".webp"].iter().any(|ending| plain.ends_with(ending));
    let program = ["picture", "image", "img", "图片", "图像", "photo", "descr"].iter().any(|word| plain.starts_with(word))
        && plain.chars().count() <= 12;
    plain.trim().is_empty() || file || program
}

fn looks_like_html(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
    ["<!doctype html", "<html", "<head", "<body"].iter().any(|tag| head.contains(tag))
}

/// What a file of the old format is.
fn of_compound_file(bytes: &[u8]) -> &'static str {
    let holds = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        memchr::memmem::find(bytes, &wide).is_some()
    };
    if holds("EncryptedPackage") {
        "文件有密码，打不开\n提示：用 Word 或 WPS 打开，去掉密码，再另存为 .docx"
    } else {
        "这是旧的 .doc（或 .wps、.xls）格式\n提示：用 Word 或 WPS 打开，另存为 .docx，再导入"
    }
}
