//! Which encoding a text is in. Old Chinese pages are GB 2312 or GBK, which GB 18030 contains, whatever they say of themselves.

use std::borrow::Cow;

use encoding_rs::{BIG5, Encoding, GB18030, UTF_8};

/// A text and what was found out about it.
pub struct Decoded<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// Some bytes were no characters of it.
    pub damaged: bool,
}

/// Decodes `bytes`: by their mark, else as UTF-8 when they are, else as what they declare, else as GB 18030.
pub fn decode(bytes: &[u8]) -> Decoded<'_> {
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None if simdutf8::basic::from_utf8(bytes).is_ok() => UTF_8,
        None => match declared(bytes) {
            Some(encoding) if encoding == BIG5 => BIG5,
            // What declares UTF-8 and is not has one bad byte, or lies: the better reading shows in the result.
            Some(encoding) if encoding == UTF_8 && !reads_better(bytes, GB18030, UTF_8) => UTF_8,
            _ => GB18030,
        },
    };
    let (text, _, damaged) = encoding.decode(bytes);
    Decoded { text, damaged }
}

/// `<meta charset="gb2312">`, `<meta http-equiv="Content-Type" content="text/html; charset=gbk">`, `<?xml encoding="…"?>`
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_ascii_lowercase();
    let at = ["charset=", "encoding="].iter().find_map(|mark| head.find(mark).map(|at| at + mark.len()))?;
    let label: String = head[at..]
        .trim_start_matches(['"', '\'', ' '])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    Encoding::for_label(label.as_bytes())
}

fn reads_better(bytes: &[u8], one: &'static Encoding, other: &'static Encoding) -> bool {
    let faults = |encoding: &'static Encoding| encoding.decode_without_bom_handling(bytes).0.matches('\u{fffd}').count();
    faults(one) < faults(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_in_the_encoding_it_is_in() {
        let words = "关于举办培训的通知：㎡、镕、〇";
        let (gb, ..) = GB18030.encode(words);
        let (big5, ..) = BIG5.encode("關於舉辦培訓的通知");
        let lying = [b"<meta charset=utf-8>", &*gb].concat();
        let old = [b"<META http-equiv=Content-Type content=\"text/html; charset=gb2312\">", &*gb].concat();
        let traditional = [b"<meta charset='big5'>", &*big5].concat();
        for (bytes, expected) in [
            (words.as_bytes(), words),
            (&*gb, words),
            (&lying, words),
            (&old, words),
            (&traditional, "關於舉辦培訓的通知"),
            (b"", ""),
        ] {
            let decoded = decode(bytes);
            assert!(decoded.text.ends_with(expected), "{}", decoded.text);
            assert!(!decoded.damaged, "{}", decoded.text);
        }
        assert!(decode(b"\xff\xff\x00\x81").damaged);
    }
}
