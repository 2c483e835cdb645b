//! Text for a terminal: tables whose columns line up under full-width characters, words for moments, and printing that does not panic
//! where a disk is full.

use std::{
    fmt,
    io::{self, Write},
};

use domain::Moment;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::failure;

/// Writes to stdout, with colours where it is a terminal. A reader that went away (`inbox | head`) is nothing to complain about.
pub fn out(text: fmt::Arguments<'_>) -> io::Result<()> {
    match anstream::stdout().write_fmt(text) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Writes to stderr; when that cannot be written either there is nobody to tell.
pub fn complain(text: fmt::Arguments<'_>) {
    let _ = anstream::stderr().write_fmt(text);
}

/// Ends the program when what was asked for cannot be printed: half a list would be taken for the whole.
pub fn printed(written: io::Result<()>) {
    if let Err(error) = written {
        complain(format_args!("错误：{}\n", failure::words(&anyhow::Error::new(error).context("不能输出"))));
        std::process::exit(1);
    }
}

/// As `std::print!`, see [`out`] and [`printed`].
macro_rules! print {
    ($($text:tt)*) => { $crate::terminal::printed($crate::terminal::out(format_args!($($text)*))) };
}

/// The same with an end of line.
macro_rules! println {
    () => { $crate::terminal::print!("\n") };
    ($($text:tt)*) => { $crate::terminal::print!("{}\n", format_args!($($text)*)) };
}

/// As `std::eprintln!`, see [`complain`].
macro_rules! eprintln {
    ($($text:tt)*) => { $crate::terminal::complain(format_args!("{}\n", format_args!($($text)*))) };
}

pub(crate) use {eprintln, print, println};

/// Rows under headings, columns two spaces apart, each as wide as its widest cell.
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let cell = |text: &str| printable(&text.replace(['\n', '\r', '\t'], " "));
    let headings: Vec<String> = headings.iter().map(|heading| cell(heading)).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|text| cell(text)).collect()).collect();
    let widths: Vec<usize> = (0..headings.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column)).chain([&headings[column]]);
            cells.map(|cell| cell.width()).max().unwrap_or(0)
        })
        .collect();
    let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
    let mut text = String::new();
    for row in [&headings, &rule].into_iter().chain(&rows) {
        text.push_str(&line(row, &widths));
    }
    text
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let padded: Vec<String> = cells.iter().zip(widths).map(|(cell, width)| pad(cell, *width)).collect();
    format!("{}\n", padded.join("  ").trim_end())
}

/// Terms and their words, one pair a line, the words below each other.
pub fn pairs(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(term, _)| term.width()).max().unwrap_or(0);
    let indent = " ".repeat(width + 2);
    pairs
        .iter()
        .map(|(term, words)| {
            let words: Vec<String> = words.lines().map(printable).collect();
            format!("{}\n", format!("{}  {}", pad(term, width), words.join(&format!("\n{indent}"))).trim_end())
        })
        .collect()
}

/// How many columns the terminal has; 80 where there is none.
pub fn width() -> usize {
    terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0))
}

/// Narrower than this, two texts stand below each other.
const ROOM_FOR_TWO: usize = 60;

/// Two texts side by side in `width` columns, paragraph beside paragraph; below each other where that would be too narrow to read.
pub fn beside(left: &[String], right: &[String], width: usize) -> String {
    if width < ROOM_FOR_TWO {
        let side = |paragraphs: &[String]| {
            let lines = paragraphs.iter().flat_map(|paragraph| wrapped(paragraph, width));
            lines.map(|line| format!("{line}\n")).collect::<String>()
        };
        return format!("{}\n{}", side(left), side(right));
    }
    let column = (width - 3) / 2;
    let mut text = String::new();
    for paragraph in 0..left.len().max(right.len()) {
        let lines = |side: &[String]| side.get(paragraph).map(|text| wrapped(text, column)).unwrap_or_default();
        let (left, right) = (lines(left), lines(right));
        for line in 0..left.len().max(right.len()) {
            let part = |side: &[String]| side.get(line).cloned().unwrap_or_default();
            text.push_str(format!("{} │ {}", pad(&part(&left), column), part(&right)).trim_end());
            text.push('\n');
        }
    }
    text
}

/// `text` in lines of at most `width` columns. Chinese may break between any two characters, so all may.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for character in printable(paragraph).chars() {
            if !line.is_empty() && line.width() + character.width().unwrap_or(0) > width {
                lines.push(std::mem::take(&mut line));
            }
            line.push(character);
        }
        lines.push(line);
    }
    lines
}

/// `text` with spaces behind it until it is `width` columns wide.
fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// `text` without control characters: what a stranger typed must not move the cursor or change colours.
pub fn printable(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
}

/// `2026-11-25 17:30 周三`
pub fn moment(moment: Moment) -> String {
    const DAYS: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
    let local = moment.local();
    let day = DAYS[usize::from(local.weekday().to_monday_zero_offset().unsigned_abs())];
    format!("{} {day}", local.strftime("%Y-%m-%d %H:%M"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_under_full_width_characters() {
        let rows = vec![
            vec!["XS261124123456".into(), "融资".into(), "已逾期".into()],
            vec!["XS1".into(), "水电气暖".into(), String::new()],
        ];
        let expected = "\
编号            类别      提醒
──────────────  ────────  ──────
XS261124123456  融资      已逾期
XS1             水电气暖
";
        assert_eq!(table(&["编号", "类别", "提醒"], &rows), expected);
    }

    #[test]
    fn further_lines_of_an_answer_stand_below_its_first() {
        let text = pairs(&[("标题", "一句话".into()), ("具体情况", "第一行\n第二行".into()), ("备注", String::new())]);
        assert_eq!(text, "标题      一句话\n具体情况  第一行\n          第二行\n备注\n");
    }

    #[test]
    fn a_stranger_cannot_command_the_terminal() {
        assert_eq!(table(&["标题"], &[vec!["a\u{1b}[31mb\nc\u{7}".into()]]), "标题\n────────\na[31mb c\n");
        assert_eq!(pairs(&[("标题", "\u{1b}]0;x\u{7}y".into())]), "标题  ]0;xy\n");
    }

    #[test]
    fn two_texts_stand_side_by_side_where_there_is_room() {
        let side = |texts: [&str; 2]| texts.map(str::to_owned).to_vec();
        let (left, right) =
            (side(["XS1", "标题：厂区门口的路坏了半年，货车进不来，每天要多绕八公里"]), side(["XS2", "标题：路\u{1b}坏了"]));
        let wide = "\
XS1                          │ XS2
标题：厂区门口的路坏了半年， │ 标题：路坏了
货车进不来，每天要多绕八公里 │
";
        assert_eq!(beside(&left, &right, 60), wide);
        let narrow = "XS1\n标题：厂区门口的路坏了半年，货车进不来，\n每天要多绕八公里\n\nXS2\n标题：路坏了\n";
        assert_eq!(beside(&left, &right, 41), narrow);
        assert!(beside(&left, &right, 80).lines().all(|line| line.width() <= 80));
    }

    #[test]
    fn a_moment_is_said_with_its_weekday() {
        assert_eq!(moment("2026-11-25 17:30".parse().unwrap()), "2026-11-25 17:30 周三");
        assert_eq!(moment("2026-11-29T16:00:00Z".parse().unwrap()), "2026-11-30 00:00 周一");
    }
}
