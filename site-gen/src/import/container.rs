//! What lies in a Word file, which is a zip container: only what is asked for is unpacked, and never more than it may be. The one door to `rawzip` here.

use std::io::Read;

use anyhow::{Context, bail, ensure};
use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipSliceArchive};

/// The largest file that is read, in bytes.
pub const LARGEST: u64 = 100 * 1024 * 1024;
/// How much all parts together may unpack to.
const LARGEST_UNPACKED: u64 = 300 * 1024 * 1024;
/// How much the words alone may unpack to: they become a tree in memory.
pub const LARGEST_TEXT: u64 = 24 * 1024 * 1024;
/// How many parts there may be.
const MOST_PARTS: usize = 5000;

/// A container that is a Word document.
pub struct Container<'a> {
    archive: ZipSliceArchive<&'a [u8]>,
    left: std::cell::Cell<u64>,
}

impl<'a> Container<'a> {
    /// Opens `bytes`. Errors say what it is instead, and what to do.
    pub fn open(bytes: &'a [u8]) -> anyhow::Result<Container<'a>> {
        let damaged =
            "文件不完整，可能没有下载完，或者是从聊天软件里传坏了\n提示：重新取一份，用 Word 或 WPS 打开看看，再另存为 .docx";
        let archive = ZipArchive::from_slice(bytes).context(damaged)?;
        let mut names = Vec::new();
        let mut entries = archive.entries();
        while let Some(entry) = entries.next_entry().ok().context(damaged)? {
            ensure!(names.len() < MOST_PARTS, "文件里有五千多个部件，不像是一篇文章，没有打开");
            ensure!(!entry.flags().is_encrypted(), "文件有密码，打不开\n提示：用 Word 或 WPS 打开，去掉密码，再另存为 .docx");
            names.push(String::from_utf8_lossy(entry.file_path().as_bytes()).into_owned());
        }
        if !names.iter().any(|name| name == "word/document.xml") {
            bail!("{}", instead(&names));
        }
        Ok(Container { archive, left: std::cell::Cell::new(LARGEST_UNPACKED) })
    }

    /// The part called `name`, of at most `most` bytes; nothing when there is none.
    pub fn part(&self, name: &str, most: u64) -> anyhow::Result<Option<Vec<u8>>> {
        let mut entries = self.archive.entries();
        while let Some(entry) = entries.next_entry().context("文件的目录坏了")? {
            if entry.file_path().as_bytes() != name.as_bytes() {
                continue;
            }
            let method = entry.compression_method();
            let found = self.archive.get_entry(entry.wayfinder()).with_context(|| format!("部件 `{name}` 坏了"))?;
            let most = most.min(self.left.get());
            let mut unpacked = Vec::new();
            // Counted by unpacking: what the list declares is the word of whoever made it.
            let read = match method {
                CompressionMethod::STORE => found.data().take(most + 1).read_to_end(&mut unpacked),
                CompressionMethod::DEFLATE => DeflateDecoder::new(found.data()).take(most + 1).read_to_end(&mut unpacked),
                _ => bail!("部件 `{name}` 用了不认识的压缩方法\n提示：用 Word 或 WPS 打开，另存为 .docx"),
            };
            read.with_context(|| format!("部件 `{name}` 坏了\n提示：重新取一份文件，或者用 Word、WPS 打开后另存为 .docx"))?;
            let length = unpacked.len() as u64;
            ensure!(length <= most, "部件 `{name}` 解开之后太大，像是做了手脚的压缩文件，没有打开");
            self.left.set(self.left.get() - length);
            return Ok(Some(unpacked));
        }
        Ok(None)
    }

    /// The part called `name` as XML.
    pub fn xml(&self, name: &str) -> anyhow::Result<Option<String>> {
        let Some(bytes) = self.part(name, LARGEST_TEXT)? else { return Ok(None) };
        let text = match bytes.as_slice() {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => encoding_rs::UTF_8.decode(&bytes).0.into_owned(),
            _ => String::from_utf8(bytes).ok().with_context(|| format!("部件 `{name}` 的编码不对"))?,
        };
        Ok(Some(text.trim_start_matches('\u{feff}').to_owned()))
    }
}

/// What a container without a Word document is.
fn instead(names: &[String]) -> String {
    let has = |prefix: &str| names.iter().any(|name| name.starts_with(prefix));
    let (what, hint) = if has("xl/") {
        ("这是 Excel 表格（.xlsx）", "把要登的表复制到 Word 里，另存为 .docx；整张表作为附件放在页面旁边")
    } else if has("ppt/") {
        ("这是幻灯片（.pptx）", "把文字复制到 Word 里，另存为 .docx；整份作为附件放在页面旁边")
    } else if has("content.xml") || has("mimetype") {
        ("这是 OpenDocument 文件（.odt）", "用 LibreOffice 或 WPS 打开，另存为 .docx")
    } else if has("OFD.xml") {
        ("这是版式文件（.ofd）", "版式文件取不出段落，请用原来的 Word 文件")
    } else {
        ("这是一个压缩包，里面没有 Word 文档", "解开它，对里面的 .docx 再运行一次")
    };
    format!("{what}\n提示：{hint}")
}
