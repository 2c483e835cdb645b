//! What comes along with a text is taken off it, and what the text says of itself is taken out: navigation, share bars and counters; title, date and source;
//! indentation by spaces; traditional characters.

use jiff::civil::Date;

use super::draft::{Block, Draft, Run, What, text};
use crate::doctor::text::{debris_of_pages, is_traditional, simplified};

/// A heading is shorter than this.
const LONGEST_HEADING: usize = 30;
/// A line of navigation is shorter than this: a longer one is a sentence that has such a word in it.
const LONGEST_DEBRIS: usize = 120;

/// The same draft, clean.
pub fn clean(mut draft: Draft) -> Draft {
    draft.blocks.iter_mut().flat_map(Block::runs_mut).for_each(tidy);
    draft.footnotes.iter_mut().for_each(tidy);
    take_out_debris(&mut draft);
    draft.blocks.retain(|block| !block.is_blank());
    simplify(&mut draft);
    take_title(&mut draft);
    take_date(&mut draft);
    find_headings(&mut draft);
    level_headings(&mut draft);
    draft
}

/// Spaces that were meant to place words are taken off, and runs that look alike are joined.
fn tidy(runs: &mut Vec<Run>) {
    let mut joined: Vec<Run> = Vec::with_capacity(runs.len());
    for run in runs.drain(..) {
        let What::Words(words) = &run.what else {
            joined.push(run);
            continue;
        };
        let words: String = words
            .chars()
            .filter(|character| {
                !matches!(
                    character,
                    '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'
                        ..='\u{202e}' | '\u{2060}' | '\u{feff}' | '\u{ad}'
                ) && (!character.is_control() || *character == '\t')
            })
            .map(|character| {
                if matches!(character, '\u{a0}' | '\u{3000}' | '\u{2002}' | '\u{2003}' | '\u{2009}' | '\t') {
                    ' '
                } else {
                    character
                }
            })
            .collect();
        match joined.last_mut() {
            // Bold spaces are spaces.
            Some(last)
                if matches!(last.what, What::Words(_))
                    && last.link == run.link
                    && (last.bold == run.bold || words.trim().is_empty()) =>
            {
                if let What::Words(before) = &mut last.what {
                    before.push_str(&words);
                }
            }
            _ => joined.push(Run { what: What::Words(words), ..run }),
        }
    }
    let count = joined.len();
    for (index, run) in joined.iter_mut().enumerate() {
        if let What::Words(words) = &mut run.what {
            let mut single = String::with_capacity(words.len());
            for character in words.chars() {
                single.extend((character != ' ' || !single.ends_with(' ')).then_some(character));
            }
            let cut = if index == 0 { single.trim_start() } else { &single };
            *words = if index + 1 == count { cut.trim_end() } else { cut }.to_owned();
        }
    }
    joined.retain(|run| !matches!(&run.what, What::Words(words) if words.is_empty()));
    // Line breaks at both ends break nothing.
    while joined.last().is_some_and(|run| run.what == What::Break) {
        joined.pop();
    }
    while joined.first().is_some_and(|run| run.what == What::Break) {
        joined.remove(0);
    }
    *runs = joined;
}

/// A line that tells about the text: source, time, author, counters.
pub fn is_about(line: &str) -> bool {
    let line = line.trim();
    let begins = [
        "来源：",
        "来源:",
        "信息来源",
        "文章来源",
        "稿件来源",
        "发布时间",
        "发布日期",
        "发表时间",
        "日期：",
        "时间：2",
        "作者：",
        "编辑：",
        "发布人：",
    ]
    .iter()
    .any(|word| line.starts_with(word));
    begins
        && line.chars().count() <= LONGEST_DEBRIS
        && (told(line, &["发布时间", "发布日期", "发表时间", "日期", "时间"]).is_some_and(|value| first_date(&value).is_some())
            || told(line, &["来源"]).is_some()
            || debris_of_pages(line).is_some())
}

fn take_out_debris(draft: &mut Draft) {
    let mut taken: Vec<String> = Vec::new();
    let Draft { blocks, date, source, author, .. } = draft;
    blocks.retain(|block| {
        let text = block.text();
        let line = text.trim();
        let short = line.chars().count() <= LONGEST_DEBRIS;
        let about = is_about(line);
        if !(about || short && (debris_of_pages(line).is_some() || is_navigation(line))) || matches!(block, Block::Table(_)) {
            return true;
        }
        if about || debris_of_pages(line).is_some() {
            let time =
                || told(line, &["发布时间", "发布日期", "发表时间", "日期", "时间"]).filter(|value| first_date(value).is_some());
            *date = date.take().or_else(time);
            *source = source.take().or_else(|| told(line, &["信息来源", "文章来源", "稿件来源", "来源"]));
            *author = author.take().or_else(|| told(line, &["作者"]));
        }
        taken.push(line.chars().take(24).collect());
        false
    });
    if !taken.is_empty() {
        let listed: Vec<String> = taken.iter().take(4).map(|line| format!("「{line}」")).collect();
        draft.notes.push(format!("去掉了 {} 行不是正文的文字：{}", taken.len(), listed.join("、")));
    }
}

/// 「首页 > 通知公告 > 正文」, 「打印 关闭」
fn is_navigation(line: &str) -> bool {
    let trail = ["首页 >", "首页>", "首页 »", "首页 /", "首页»", "首页 ›"].iter().any(|begin| line.starts_with(begin));
    let words = [
        "打印",
        "关闭",
        "返回顶部",
        "返回列表",
        "收藏",
        "分享",
        "微信",
        "微博",
        "QQ空间",
        "大",
        "中",
        "小",
        "字体",
        "字号",
        "附件：无",
        "相关链接",
        "相关新闻",
        "相关文章",
        "版权所有",
        "【",
        "】",
        "[",
        "]",
        "|",
        "：",
        ":",
    ];
    let mut rest = line.to_owned();
    for word in words {
        rest = rest.replace(word, "");
    }
    trail || !line.is_empty() && rest.trim().is_empty() && line.chars().count() > 1
}

/// What stands behind one of `names` and its colon, up to the next space or mark.
fn told(line: &str, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| {
        let rest = &line[line.find(name)? + name.len()..];
        let rest = rest.strip_prefix(['：', ':'])?.trim_start();
        // A date and its time are parted by a space as well.
        let value = match first_date(rest) {
            Some((0, end, _)) => {
                let time: String = rest[end..]
                    .trim_start()
                    .chars()
                    .take_while(|character| character.is_ascii_digit() || *character == ':')
                    .collect();
                format!("{} {time}", &rest[..end])
            }
            _ => rest.split([' ', '|', '｜', '；', '【', '[', '\n']).next()?.to_owned(),
        };
        let value = value.trim().to_owned();
        (!value.is_empty() && value.chars().count() <= 40).then_some(value)
    })
}

/// Traditional characters are turned into simplified ones, with the words around them in view.
fn simplify(draft: &mut Draft) {
    let (mut count, mut either) = (0, 0);
    let mut turn = |text: &mut String| {
        if text.chars().any(is_traditional) {
            // OpenCC leaves it as it is: whether it is 着 only its sentence tells.
            either += text.matches('著').count();
            let right = simplified(text);
            count += text.chars().zip(right.chars()).filter(|(one, other)| one != other).count();
            *text = right;
        }
    };
    [&mut draft.title, &mut draft.source, &mut draft.author].into_iter().flatten().for_each(&mut turn);
    for run in draft.blocks.iter_mut().flat_map(Block::runs_mut).chain(&mut draft.footnotes).flatten() {
        if let What::Words(words) = &mut run.what {
            turn(words);
        }
    }
    draft.pictures.iter_mut().for_each(|picture| turn(&mut picture.words));
    if count > 0 {
        draft.notes.push(format!("有 {count} 个繁体字改成了简体：人名、书名请核对"));
    }
    if either > 0 {
        draft.notes.push(format!("有 {either} 个「著」没有动：「看著」要改成「看着」，「著名」不用改"));
    }
}

/// The title stands in the page's front matter, and not again in its text.
fn take_title(draft: &mut Draft) {
    let plain = |text: &str| text.chars().filter(|character| character.is_alphanumeric()).collect::<String>();
    let first = draft.blocks.first().map(|block| block.text().replace('\n', ""));
    match (&draft.title, first) {
        (Some(title), Some(first)) if plain(title) == plain(&first) => drop(draft.blocks.remove(0)),
        (None, Some(first)) => {
            let ends = first.trim_end().ends_with(['。', '；', '，', '：']);
            let is_title = matches!(draft.blocks[0], Block::Heading(..))
                || matches!(draft.blocks[0], Block::Paragraph(_)) && !ends && first.chars().count() <= 45;
            if is_title && !first.trim().is_empty() {
                draft.title = Some(first.trim().to_owned());
                draft.blocks.remove(0);
                draft.notes.push("文件没有说哪一行是标题，用了第一行：请看看对不对".to_owned());
            }
        }
        _ => {}
    }
    // Some pages say it twice.
    if let (Some(title), Some(block)) = (&draft.title, draft.blocks.first())
        && plain(title) == plain(&block.text())
    {
        draft.blocks.remove(0);
    }
}

/// The date that the file told, as front matter has it; else the one below the text.
fn take_date(draft: &mut Draft) {
    let told = draft.date.take().and_then(|told| {
        let (_, end, date) = first_date(&told)?;
        let time = told[end..].trim().chars().take(5).collect::<String>();
        let time = if time.len() == 5 && time.parse::<jiff::civil::Time>().is_ok() { time } else { "09:00".to_owned() };
        Some(format!("{date} {time}"))
    });
    let below = || {
        let last = draft.blocks.iter().rev().find(|block| !block.is_blank())?.text();
        let (_, end, date) = first_date(&last)?;
        (last.chars().count() <= 40 && last[end..].trim().is_empty()).then(|| format!("{date} 09:00"))
    };
    if told.is_none()
        && let Some(below) = below()
    {
        draft.notes.push(format!("发布时间用了文末的日期 {}：请看看对不对", below.split(' ').next().unwrap_or_default()));
        draft.date = Some(below);
        return;
    }
    draft.date = told;
}

/// The first date with a year in `text`: where it begins and ends, and which it is.
pub fn first_date(text: &str) -> Option<(usize, usize, Date)> {
    let bytes = text.as_bytes();
    (0..bytes.len()).filter(|at| bytes[*at].is_ascii_digit() && (*at == 0 || !bytes[at - 1].is_ascii_digit())).find_map(|at| {
        let mut end = at;
        let mut numbers = [0i16; 3];
        for (index, number) in numbers.iter_mut().enumerate() {
            let rest = &text[end..];
            let start = rest.trim_start_matches(' ');
            let length = start.bytes().take_while(u8::is_ascii_digit).count();
            *number = start[..length].parse().ok()?;
            end += rest.len() - start.len() + length;
            let rest = text[end..].trim_start_matches(' ');
            let mark = rest.chars().next();
            let (wanted, last): (&[char], bool) = match index {
                0 => (&['年', '-', '/', '.'], false),
                1 => (&['月', '-', '/', '.'], false),
                _ => (&['日', '号'], true),
            };
            match mark.filter(|mark| wanted.contains(mark)) {
                Some(mark) => end = text.len() - rest.len() + mark.len_utf8(),
                None if last => {}
                None => return None,
            }
        }
        let date = Date::new(numbers[0], i8::try_from(numbers[1]).ok()?, i8::try_from(numbers[2]).ok()?).ok()?;
        (1949..=2149).contains(&date.year()).then_some((at, end, date))
    })
}

/// Short paragraphs that are all bold, and those that begin with 「一、」, are headings that nobody marked as such.
fn find_headings(draft: &mut Draft) {
    let mut found = 0;
    let has_headings = draft.blocks.iter().any(|block| matches!(block, Block::Heading(..)));
    for block in &mut draft.blocks {
        let Block::Paragraph(runs) = block else { continue };
        let words = text(runs);
        let short = (2..=LONGEST_HEADING).contains(&words.chars().count()) && !words.contains('\n');
        let whole = !words.trim_end().ends_with(['。', '；', '，', '：', '！', '？', '.', ';', ':', '”'])
            && runs.iter().all(|run| matches!(run.what, What::Words(_)) && run.link.is_none());
        let bold = runs.iter().all(|run| run.bold || run.text().trim().is_empty());
        let level = match part_of(&words) {
            Some(level) => level,
            None if bold => 2,
            None => continue,
        };
        // Where the writer has marked headings, only those are.
        if short && whole && (bold || !has_headings) {
            *block = Block::Heading(level, std::mem::take(runs));
            found += 1;
        }
    }
    if found > 0 {
        draft.notes.push(format!("把 {found} 行单独的粗体字或者「一、」开头的短句当成了小标题：请看看对不对"));
    }
}

/// 「一、」 numbers parts, 「（一）」 their parts.
fn part_of(line: &str) -> Option<u8> {
    let is_number = |text: &str| {
        !text.is_empty() && text.chars().count() <= 3 && text.chars().all(|character| "一二三四五六七八九十".contains(character))
    };
    if let Some((number, _)) = line.split_once('、')
        && is_number(number)
    {
        return Some(2);
    }
    let inner = line.strip_prefix('（')?.split_once('）')?.0;
    is_number(inner).then_some(3)
}

/// The page's title is its only heading of the first level.
fn level_headings(draft: &mut Draft) {
    let levels = |blocks: &[Block]| {
        blocks
            .iter()
            .filter_map(|block| if let Block::Heading(level, _) = block { Some(*level) } else { None })
            .collect::<Vec<_>>()
    };
    let Some(highest) = levels(&draft.blocks).into_iter().min() else { return };
    let mut before = 1;
    for block in &mut draft.blocks {
        if let Block::Heading(level, runs) = block {
            // No level is left out on the way down.
            *level = (*level - highest + 2).min(before + 1).min(4);
            before = *level;
            for run in runs {
                run.bold = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(lines: &[&str]) -> Draft {
        clean(Draft { blocks: lines.iter().map(|line| Block::Paragraph(vec![Run::words(*line)])).collect(), ..Draft::default() })
    }

    #[test]
    fn what_the_page_says_of_itself_is_taken_out() {
        let draft = cleaned(&[
            "当前位置：首页 > 通知公告",
            "关于举办培训的通知",
            "来源：某区工商联　发布时间：2025-11-05 10:30　浏览次数：128 【字体：大 中 小】",
            "　　各会员企业：",
            "　　定于下周办一堂课，欢迎参加。",
            "上一篇：关于放假的通知",
            "打印 关闭",
        ]);
        assert_eq!(draft.title.as_deref(), Some("关于举办培训的通知"));
        assert_eq!(draft.source.as_deref(), Some("某区工商联"));
        assert_eq!(draft.date.as_deref(), Some("2025-11-05 10:30"));
        let texts: Vec<_> = draft.blocks.iter().map(Block::text).collect();
        assert_eq!(texts, ["各会员企业：", "定于下周办一堂课，欢迎参加。"]);
        assert!(draft.notes.iter().any(|note| note.contains("去掉了 4 行")), "{:?}", draft.notes);
    }

    #[test]
    fn a_date_below_the_text_is_its_date() {
        let draft = cleaned(&["关于举办培训的通知", "定于下周办一堂课。", "某区工商联", "2025 年 11 月 5 日"]);
        assert_eq!(draft.date.as_deref(), Some("2025-11-05 09:00"));
        assert_eq!(draft.blocks.len(), 3, "it stays in the text");
    }

    #[test]
    fn parts_that_are_numbered_are_headings() {
        let draft = cleaned(&["通知", "一、时间地点", "定于下周。", "（一）时间", "周三。", "二、带上身份证，按时到场。"]);
        let headings: Vec<_> = draft
            .blocks
            .iter()
            .filter_map(|block| if let Block::Heading(level, _) = block { Some((*level, block.text())) } else { None })
            .collect();
        assert_eq!(headings, [(2, "一、时间地点".to_owned()), (3, "（一）时间".to_owned())]);
    }

    #[test]
    fn traditional_text_becomes_simplified_by_words() {
        let draft = cleaned(&["關於舉辦乾果業培訓的通知", "皇后與以後，著名與看著，頭髮與發展。"]);
        assert_eq!(draft.title.as_deref(), Some("关于举办干果业培训的通知"));
        assert_eq!(draft.blocks[0].text(), "皇后与以后，著名与看著，头发与发展。");
        assert!(draft.notes.iter().any(|note| note.contains("2 个「著」")), "{:?}", draft.notes);
    }

    #[test]
    fn dates_are_found_with_their_year() {
        for (text, expected) in [
            ("2025-11-05", Some("2025-11-05")),
            ("二〇二五年，2025年11月5日", Some("2025-11-05")),
            ("2025/1/5 发布", Some("2025-01-05")),
            ("2025.11.05", Some("2025-11-05")),
            ("11月5日", None),
            ("2025年13月1日", None),
        ] {
            assert_eq!(first_date(text).map(|(_, _, date)| date.to_string()).as_deref(), expected, "{text}");
        }
    }
}
