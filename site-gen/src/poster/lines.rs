//! Chinese in lines: where a line may end, and which of the ways to break a title looks best.
//!
//! Between two Han characters a line may end anywhere, but (kinsoku, W3C clreq) no line begins with a closing mark and none ends with an opening
//! one; words in Latin letters and numbers stay whole, and a number stays with the character that it counts with (12月). Among all ways that are allowed the one is taken
//! whose lines are about as long as each other, that ends lines at punctuation, and that leaves no lonely character at the end.

/// What stands at no beginning of a line.
const NO_BEGINNING: &str = "，。、；：？！）】》〉」』〕”’％‰…—～·,.;:?!)]}%°℃-/–";
/// What stands at no end of a line.
const NO_END: &str = "（【《〈「『〔“‘([{#￥$";
/// They belong to what stands before them, and to what follows: a line that begins or ends with one reads badly.
const FOLLOWERS: &str = "的了着过们吗呢吧";
const LEADERS: &str = "最很不第各每更再与和及或在把被";
/// After these a reader pauses anyway.
const PAUSES: &str = "，。、；：？！—…,;:?! 　）》」』”·";

/// A text in lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Lines {
    /// One after the other.
    pub lines: Vec<String>,
    /// The size at which they fit.
    pub size: f64,
    /// All of the text is in them; otherwise the last ends with an ellipsis.
    pub whole: bool,
}

/// How much room there is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Room {
    /// Of a line.
    pub width: f64,
    /// The size that is wanted: the width of a Han character.
    pub size: f64,
    /// The smallest size that can be read.
    pub least: f64,
    /// At most so many.
    pub lines: usize,
}

/// What a break within a phrase costs; in the same measure all of a text's size costs 1, so a text is set up to a third smaller to be broken well.
const WITHIN_PHRASE: f64 = 0.3;
/// No text is set smaller than this part of the size at which it fits, only to be broken well.
const SMALLEST_FOR_LOOKS: f64 = 0.7;

/// Breaks `text`, whose characters have `widths` in Han characters, at the largest size at which it fits into `room`, or at one somewhat smaller at which
/// its lines end better. When it does not fit at the least, the rest is left out.
pub fn fit(text: &str, widths: &[f64], room: Room) -> Lines {
    let pieces = pieces(text, widths);
    let most = room.lines.max(1);
    let mut best: Option<(f64, Lines)> = None;
    let (mut size, mut largest) = (room.size, None);
    loop {
        if let Some((cost, lines)) = fewest(&pieces, room.width / size, most) {
            let largest = *largest.get_or_insert(size);
            let cost = cost + 1.0 - size / largest;
            if best.as_ref().is_none_or(|(least, _)| cost < least - 1e-9) {
                best = Some((cost, Lines { lines, size, whole: true }));
            }
        }
        size = if size > room.least { (size - 4.0).max(room.least) } else { break };
        if largest.is_some_and(|largest| size < largest * SMALLEST_FOR_LOOKS) {
            break;
        }
    }
    if let Some((_, lines)) = best {
        return lines;
    }
    // Only a word that is longer than a line is broken within.
    let width = room.width / size;
    let short = pieces.into_iter().flat_map(|piece| parts(piece, width)).collect::<Vec<_>>();
    match fewest(&short, width, most) {
        Some((_, lines)) => Lines { lines, size, whole: true },
        None => Lines { lines: cut(&short, width, most), size, whole: false },
    }
}

/// What stays together.
#[derive(Debug, Clone, PartialEq)]
struct Piece {
    text: String,
    /// Of each character.
    widths: Vec<f64>,
    /// The space before it, which is left out at the beginning of a line.
    space: f64,
    pauses: bool,
}

impl Piece {
    fn width(&self) -> f64 {
        self.widths.iter().sum()
    }
}

fn pieces(text: &str, widths: &[f64]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut before, mut space): (Option<char>, f64) = (None, 0.0);
    for (character, width) in text.chars().zip(widths.iter().copied().chain(std::iter::repeat(1.0))) {
        if character.is_whitespace() {
            space += if pieces.is_empty() { 0.0 } else { width };
            continue;
        }
        let keeps = match before {
            Some(before) if space == 0.0 => stays(before, character),
            // 12 月
            Some(before) => (before.is_ascii_digit() && is_han(character)) || NO_BEGINNING.contains(character),
            None => false,
        };
        match pieces.last_mut() {
            Some(last) if keeps => {
                if space > 0.0 {
                    last.text.push(' ');
                    last.widths.push(std::mem::take(&mut space));
                }
                last.text.push(character);
                last.widths.push(width);
                last.pauses = PAUSES.contains(character);
            }
            mut last => {
                if let Some(last) = last.as_mut().filter(|_| space > 0.0) {
                    last.pauses = true;
                }
                pieces.push(Piece {
                    text: character.to_string(),
                    widths: vec![width],
                    space: std::mem::take(&mut space),
                    pauses: PAUSES.contains(character),
                });
            }
        }
        before = Some(character);
    }
    pieces
}

/// No line ends between the two.
fn stays(before: char, after: char) -> bool {
    let in_word = |character: char| character.is_alphanumeric() && !is_han(character);
    NO_BEGINNING.contains(after)
        || NO_END.contains(before)
        || (in_word(before) && in_word(after))
        || (before.is_ascii_digit() && is_han(after))
        // A sign within a word of Latin letters or a number: A&B, 3+1, x@y.
        || (before.is_ascii() && after.is_ascii())
}

fn is_han(character: char) -> bool {
    crate::markdown::text::is_han(character)
}

/// The best way into as few lines of `width` as there can be, at most `most`, and what it costs.
fn fewest(pieces: &[Piece], width: f64, most: usize) -> Option<(f64, Vec<String>)> {
    let (cost, breaks) = (1..=most).find_map(|count| into(pieces, width, count))?;
    Some((cost, breaks.iter().map(|(start, end)| joined(&pieces[*start..*end])).collect()))
}

/// Exactly `count` lines with the least cost.
fn into(pieces: &[Piece], width: f64, count: usize) -> Option<(f64, Vec<(usize, usize)>)> {
    let all = pieces.len();
    let mean = length(pieces) / count as f64;
    // By lines used and pieces set: the cost, and where the last line begins.
    let mut costs = vec![vec![None::<(f64, usize)>; all + 1]; count + 1];
    costs[0][0] = Some((0.0, 0));
    for used in 1..=count {
        for end in 1..=all {
            for start in (0..end).rev() {
                let line = &pieces[start..end];
                let long = length(line);
                if long > width + 1e-9 {
                    break;
                }
                let Some((before, _)) = costs[used - 1][start] else { continue };
                let cost = before + ragged(line, long, mean, end == all);
                if costs[used][end].is_none_or(|(best, _)| cost < best) {
                    costs[used][end] = Some((cost, start));
                }
            }
        }
    }
    let (total, _) = costs[count][all]?;
    let mut lines = Vec::with_capacity(count);
    let mut end = all;
    for used in (1..=count).rev() {
        let (_, start) = costs[used][end].expect("each best way begins where another best one ends");
        lines.push((start, end));
        end = start;
    }
    lines.reverse();
    Some((total, lines))
}

/// What a line costs: how far it is from the mean length, and whether a reader pauses at its end.
fn ragged(line: &[Piece], long: f64, mean: f64, last: bool) -> f64 {
    let off = (long - mean) / mean.max(1.0);
    let pauses = line.last().is_some_and(|piece| piece.pauses);
    let lonely = if last && long < 2.5 { 4.0 } else { 0.0 };
    let first = line.first().and_then(|piece| piece.text.chars().next());
    let end = line.last().and_then(|piece| piece.text.chars().next_back());
    let begins_badly = first.is_some_and(|character| FOLLOWERS.contains(character));
    let ends_badly = !last && end.is_some_and(|character| LEADERS.contains(character));
    let badly = 0.12 * f64::from(u8::from(begins_badly) + u8::from(ends_badly));
    off * off + if last || pauses { 0.0 } else { WITHIN_PHRASE } + lonely + badly
}

/// As many full lines as there may be, the last with an ellipsis.
fn cut(pieces: &[Piece], width: f64, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut start = 0;
    while start < pieces.len() {
        let last = lines.len() + 1 == most;
        let room = if last { width - 1.0 } else { width };
        let fits = |end: &usize| length(&pieces[start..*end]) <= room + 1e-9;
        let end = (start + 1..=pieces.len()).take_while(fits).last().unwrap_or(start + 1);
        if last {
            let text = joined(&pieces[start..end]);
            lines.push(format!(
                "{}…",
                text.trim_end_matches(|character| PAUSES.contains(character) || NO_END.contains(character))
            ));
            break;
        }
        lines.push(joined(&pieces[start..end]));
        start = end;
    }
    lines
}

/// The piece in parts that are no wider than `width`, if it is.
fn parts(piece: Piece, width: f64) -> Vec<Piece> {
    if piece.width() <= width {
        return vec![piece];
    }
    let mut parts: Vec<Piece> = Vec::new();
    for (character, wide) in piece.text.chars().zip(piece.widths) {
        match parts.last_mut().filter(|part| part.width() + wide <= width) {
            Some(part) => {
                part.text.push(character);
                part.widths.push(wide);
            }
            None => {
                let space = if parts.is_empty() { piece.space } else { 0.0 };
                parts.push(Piece { text: character.to_string(), widths: vec![wide], space, pauses: false });
            }
        }
    }
    parts
}

fn length(line: &[Piece]) -> f64 {
    line.iter().enumerate().map(|(index, piece)| piece.width() + if index == 0 { 0.0 } else { piece.space }).sum()
}

fn joined(line: &[Piece]) -> String {
    let mut text = String::new();
    for (index, piece) in line.iter().enumerate() {
        if index > 0 && piece.space > 0.0 {
            text.push(' ');
        }
        text.push_str(&piece.text);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Han characters and full-width marks are 1 wide, everything else about half.
    fn widths(text: &str) -> Vec<f64> {
        text.chars().map(|character| if character.is_ascii() { 0.55 } else { 1.0 }).collect()
    }

    fn in_lines(text: &str, width: f64, lines: usize) -> Lines {
        fit(text, &widths(text), Room { width: width * 100.0, size: 100.0, least: 60.0, lines })
    }

    #[test]
    fn a_title_is_broken_where_a_reader_pauses() {
        for (title, expected) in [
            ("算清现金流，稳住明年的账", ["算清现金流，", "稳住明年的账"].as_slice()),
            ("12 月下午茶：年底税费再对一遍", &["12 月下午茶：", "年底税费再对一遍"]),
            ("开门接待日", &["开门接待日"]),
            ("《民营经济促进法》宣讲：企业最关心的八个问题", &["《民营经济促进法》宣讲：", "企业最关心的八个问题"]),
        ] {
            assert_eq!(in_lines(title, 9.0, 4).lines, expected, "{title}");
        }
    }

    #[test]
    fn no_line_begins_or_ends_with_what_it_must_not() {
        let texts = [
            "关于举办2026年第四季度“相商同心大讲堂”（第4期）暨《保障中小企业款项支付条例》解读会的通知",
            "AI+制造：用DeepSeek、ChatGPT等工具，3小时做完1个月的报价单？",
            "融资、用工、用地、账款拖欠、政策、法律、政务服务、市场、物流、税费、执法检查、知识产权、其他",
            "（（“《一》”））、。！？",
        ];
        for text in texts {
            for width in 3..16 {
                let Lines { lines, size, whole } = in_lines(text, f64::from(width), 30);
                assert!(whole, "{text} at {width}");
                for line in &lines {
                    let first = line.chars().next().expect("no line is empty");
                    let last = line.chars().next_back().expect("no line is empty");
                    let long: f64 = widths(line).iter().sum::<f64>() * size;
                    assert!(long <= f64::from(width) * 100.0 + 1e-6, "`{line}` of {text} at {width}");
                    // Only a piece that is longer than a line at the smallest size is broken within.
                    if width >= 8 {
                        assert!(!NO_BEGINNING.contains(first) && !NO_END.contains(last), "`{line}` of {text} at {width}");
                    }
                }
                let together: String = lines.concat().split_whitespace().collect();
                assert_eq!(together, text.split_whitespace().collect::<String>());
            }
        }
    }

    #[test]
    fn words_and_numbers_stay_whole_and_a_number_with_what_it_counts() {
        for width in 6..14 {
            for line in in_lines("2026年12月29日下午用ChatGPT做3份报价单", f64::from(width), 9).lines {
                assert!(!line.ends_with(|c: char| c.is_ascii_digit()), "`{line}` at {width}");
                assert_eq!(line.contains("Chat"), line.contains("ChatGPT"), "`{line}` at {width}");
            }
        }
    }

    #[test]
    fn a_long_title_is_set_smaller_and_one_that_is_too_long_is_cut() {
        let long = "关于组织民营企业负责人参加数字化转型与人工智能应用专题培训班的通知";
        let Lines { lines, size, whole } = in_lines(long, 9.0, 3);
        assert!(whole && lines.len() == 3 && (60.0..100.0).contains(&size), "{size} {lines:?}");

        let Lines { lines, size, whole } = in_lines(&long.repeat(4), 9.0, 4);
        assert!(!whole && lines.len() == 4 && size == 60.0, "{size} {lines:?}");
        assert!(lines[3].ends_with('…'), "{lines:?}");

        let address = "https://xiangshang.example/activities/a-very-long-address-without-an-end/";
        let Lines { lines, whole, .. } = in_lines(address, 6.0, 9);
        assert!(whole && lines.concat() == address, "{lines:?}");
    }

    #[test]
    fn no_lonely_character_is_left_at_the_end() {
        for length in 10..40 {
            let title: String =
                "民营企业服务年度计划说明会暨座谈交流活动第二次会议预备通知与报名须知说明".chars().take(length).collect();
            let lines = in_lines(&title, 9.0, 9).lines;
            let last = lines.last().expect("a line").chars().count();
            assert!(lines.len() == 1 || last > 2, "{lines:?}");
        }
    }
}
