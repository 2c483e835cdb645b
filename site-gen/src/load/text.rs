//! Reads a file as text: UTF-8, no NUL, not absurdly large. A byte order mark is dropped and CRLF becomes LF, so that the same
//! words give the same site whichever machine they were written on.

use std::{cell::RefCell, fs::File, io::Read, path::Path, sync::Arc};

use crate::diagnostic::{Diagnostic, Span};

/// The largest text that is read. A page of this size is a mistake: a picture or a table pasted as text.
pub const LARGEST: u64 = 2 * 1024 * 1024;

/// Why a file is not a text.
#[derive(Debug)]
pub struct Unreadable {
    /// Says so.
    pub diagnostic: Diagnostic,
    /// What can be quoted of it.
    pub quotable: Option<Arc<str>>,
}

/// The text of the file at `location`, which diagnostics call `file`.
pub fn read(location: &Path, file: &str) -> Result<Arc<str>, Box<Unreadable>> {
    thread_local! {
        // Files are read into one buffer a thread and copied once, into the text that is kept.
        static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    BUFFER.with_borrow_mut(|buffer| {
        buffer.clear();
        // One byte more than is allowed tells a file that is too large from one that just fits.
        let read = File::open(location).and_then(|opened| opened.take(LARGEST + 1).read_to_end(buffer));
        match read {
            Ok(_) => text(buffer, file),
            Err(error) => Err(refused(
                Diagnostic::error(file, "unreadable", format!("读不到这个文件：{error}"))
                    .hint("看看文件还在不在，有没有读取权限"),
                None,
            )),
        }
    })
}

fn text(bytes: &[u8], file: &str) -> Result<Arc<str>, Box<Unreadable>> {
    if bytes.len() as u64 > LARGEST {
        return Err(refused(
            Diagnostic::error(file, "too_large", "文件超过 2 MiB，不像是一篇文章")
                .hint("图片和表格另存为附件放在旁边，正文里用链接；长文拆成几页"),
            None,
        ));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match simdutf8::compat::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let quotable: Arc<str> = String::from_utf8_lossy(bytes).into();
            let at = error.valid_up_to();
            let found = Diagnostic::error(file, "not_utf8", "从这里开始不是 UTF-8 编码的文字，可能是 GBK")
                .at(Span::new(at, at + char::REPLACEMENT_CHARACTER.len_utf8()))
                .hint("在编辑器里选「另存为」，编码选 UTF-8");
            return Err(refused(found, Some(quotable)));
        }
    };
    let returns = memchr::memchr(b'\r', text.as_bytes()).is_some();
    let text: Arc<str> = if returns { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text.into() };
    if let Some(at) = memchr::memchr(0, text.as_bytes()) {
        let found = Diagnostic::error(file, "nul", "这里有一个看不见的空字符（NUL），这不是一个文本文件")
            .at(Span::new(at, at + 1))
            .hint("如果是 UTF-16 编码，在编辑器里选「另存为」，编码选 UTF-8；如果不是文章，把它移出去");
        return Err(refused(found, Some(text)));
    }
    Ok(text)
}

fn refused(diagnostic: Diagnostic, quotable: Option<Arc<str>>) -> Box<Unreadable> {
    Box::new(Unreadable { diagnostic, quotable })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_and_carriage_returns_are_dropped() {
        for (bytes, expected) in [
            (&b"\xef\xbb\xbfa\r\nb"[..], "a\nb"),
            (b"a\nb", "a\nb"),
            (b"a\rb\r\n", "a\nb\n"),
            (b"", ""),
            ("相商".as_bytes(), "相商"),
        ] {
            assert_eq!(&*text(bytes, "x.md").expect("readable"), expected);
        }
    }

    #[test]
    fn what_is_not_text_is_refused_at_its_place() {
        let large = vec![b'x'; LARGEST as usize + 1];
        for (bytes, code, span) in [
            (&b"ab\xd6\xd0"[..], "not_utf8", Some(Span::new(2, 5))),
            (b"a\0b", "nul", Some(Span::new(1, 2))),
            (&large, "too_large", None),
        ] {
            let refused = text(bytes, "x.md").expect_err("unreadable");
            assert_eq!((refused.diagnostic.code, refused.diagnostic.span), (code, span));
        }
    }
}
