//! What was left to be filled in, and what came along when a text was copied.

use super::{Hit, after, before, is_han};
use crate::doctor::rules::{ENTITY, MOJIBAKE, PASTED, PLACEHOLDER};

/// Words that say that something is still missing.
const MISSING: [&str; 10] =
    ["待补充", "待完善", "待填写", "待填", "此处填写", "此处输入", "在此输入", "请在此处", "占位文字", "某某"];

/// Words of programmers for the same. They are what is looked for in pages; nothing here is left to be done.
const LATIN: [&str; 5] = ["TODO", "TBD", "FIXME", "Lorem ipsum", "lorem ipsum"];

/// `待补充`, `TODO`, `XX公司`, `××`.
pub fn placeholders(text: &str, hits: &mut Vec<Hit>) {
    let hint = "填上真实的内容；还没有定，就删掉这一句，或者把页面留作草稿（`draft: true`）";
    let mut push = |at: usize, end: usize| {
        hits.push(Hit::new(&PLACEHOLDER, at..end, format!("这里还没有填完：`{}`", &text[at..end]), hint));
    };
    for word in MISSING {
        if let Some(at) = text.find(word)
            && !(word == "待填" && text[at..].starts_with("待填写"))
        {
            push(at, at + word.len());
        }
    }
    for word in LATIN {
        let is_word = |at: usize| {
            let lone = |character: Option<char>| character.is_none_or(|character| !character.is_ascii_alphanumeric());
            lone(before(text, at)) && lone(after(text, at + word.len()))
        };
        if let Some((at, _)) = text.match_indices(word).find(|(at, _)| is_word(*at)) {
            push(at, at + word.len());
        }
    }
    for crosses in ['X', 'x', '×', '＊', '＿'] {
        let mut from = 0;
        while let Some(at) = text[from..].find(crosses).map(|at| from + at) {
            let end = text[at..].find(|character| character != crosses).map_or(text.len(), |length| at + length);
            from = end;
            let count = text[at..end].chars().count();
            let beside_han = |character: Option<char>| {
                character.is_some_and(|character| {
                    is_han(character) || matches!(character, '，' | '。' | '：' | '（' | '）' | '“' | '”' | '—')
                })
            };
            let beside_word = |character: Option<char>| character.is_some_and(|character| character.is_ascii_alphanumeric());
            let (left, right) = (before(text, at), after(text, end));
            if count >= 2 && (beside_han(left) || beside_han(right)) && !beside_word(left) && !beside_word(right) {
                push(at, end);
                break;
            }
        }
    }
}

/// Text that was read in another encoding than it was written in.
pub fn mojibake(text: &str, hits: &mut Vec<Hit>) {
    const SIGNS: [&str; 9] = ["\u{fffd}", "锟斤拷", "烫烫烫", "屯屯屯", "â€", "ï¼", "ã€", "锛屾", "銆傜"];
    if let Some((at, sign)) = SIGNS.iter().filter_map(|sign| text.find(sign).map(|at| (at, sign))).min() {
        let end = at + sign.len();
        hits.push(Hit::new(
            &MOJIBAKE,
            at..end,
            format!("这里是乱码：`{sign}`"),
            "对照原稿重新输入这一段；原稿用正确的编码（多半是 GBK）打开再复制",
        ));
    }
}

/// What web pages have around their text.
pub fn pasted(text: &str, hits: &mut Vec<Hit>) {
    if let Some((at, sign)) = debris_of_pages(text) {
        let message = format!("像是从网页上一起复制来的：`{sign}`");
        hits.push(Hit::new(&PASTED, at..at + sign.len(), message, "删掉这一行；来源写进 `source`，发布时间写进 `date`"));
    }
}

/// The first sign in `text` of what stands around the text of a web page.
pub fn debris_of_pages(text: &str) -> Option<(usize, &'static str)> {
    const SIGNS: [&str; 25] = [
        "浏览次数",
        "阅读次数",
        "点击次数",
        "点击数：",
        "访问次数",
        "浏览量：",
        "阅读量：",
        "打印本页",
        "【打印",
        "[打印]",
        "关闭窗口",
        "【关闭",
        "[关闭]",
        "分享到：",
        "分享到:",
        "字体：【",
        "字体：大",
        "【字体",
        "上一篇：",
        "下一篇：",
        "责任编辑：",
        "您现在的位置",
        "您当前的位置",
        "当前位置：",
        "扫一扫在手机",
    ];
    SIGNS.iter().filter_map(|sign| text.find(sign).map(|at| (at, *sign))).min()
}

/// HTML in a value that is shown as it is.
pub fn entities(text: &str, hits: &mut Vec<Hit>) {
    const SIGNS: [&str; 12] =
        ["&nbsp;", "&amp;", "&lt;", "&gt;", "&quot;", "&ldquo;", "&rdquo;", "&mdash;", "&emsp;", "<br", "<p>", "<b>"];
    if let Some((at, sign)) = SIGNS.iter().filter_map(|sign| text.find(sign).map(|at| (at, *sign))).min() {
        let end = text[at..].find([';', '>']).map_or(at + sign.len(), |length| at + length + 1);
        let message = format!("`{}` 会原样显示在页面上", &text[at..end]);
        hits.push(Hit::new(&ENTITY, at..end, message, "页面信息里写普通文字：删掉它，或者换成它代表的字符"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_found_and_what_is_meant_is_not() {
        for (text, expected) in [
            ("地址待补充。", Some("待补充")),
            ("TODO 写完", Some("TODO")),
            ("联系XX公司", Some("XX")),
            ("xx月xx日", Some("xx")),
            ("联系人：×××", Some("×××")),
            ("某某同志", Some("某某")),
            ("电话待公布", None),
            ("某国有银行客户经理（示例）", None),
            ("尺寸 3×4", None),
            ("XXL 号", None),
            ("TODOS", None),
            ("请填写企业名称", None),
        ] {
            let mut hits = Vec::new();
            placeholders(text, &mut hits);
            assert_eq!(hits.first().map(|hit| &text[hit.range.clone()]), expected, "{text}");
        }
    }

    #[test]
    fn what_stands_around_the_text_of_a_page_is_found() {
        for (text, expected) in [
            ("来源：某网 浏览次数：12", Some("浏览次数")),
            ("【字体：大 中 小】", Some("【字体")),
            ("上一篇：关于举办培训的通知", Some("上一篇：")),
            ("来源：淮北市相山区工商联", None),
        ] {
            assert_eq!(debris_of_pages(text).map(|(_, sign)| sign), expected, "{text}");
        }
    }
}
