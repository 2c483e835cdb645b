//! Lists of a Word file: which are bullets, which are numbers, and which are the 「一、」 that Chinese documents number their parts with.

use std::collections::HashMap;

use super::{Local, parse};

/// How one level of a list is marked.
#[derive(Debug, Clone, Default)]
struct Level {
    format: String,
    /// `%1、`, `（%2）`
    text: String,
    start: usize,
}

/// What a paragraph in a list is.
#[derive(Debug, PartialEq, Eq)]
pub enum Item {
    /// An item with a bullet, so deep.
    Bullet(usize),
    /// A numbered item, so deep.
    Number(usize),
    /// A paragraph that begins with these words: 「一、」.
    Words(String),
}

/// All lists of a file, and how far each has been counted.
pub struct Lists {
    levels: HashMap<String, Vec<Level>>,
    counted: HashMap<(String, usize), usize>,
}

impl Lists {
    /// Those of `numbering.xml`.
    pub fn read(text: &str) -> Lists {
        let (mut kinds, mut levels) = (HashMap::new(), HashMap::new());
        if let Ok(document) = parse(text) {
            for node in document.descendants() {
                if node.has_tag_name_local("abstractNum") {
                    let own = node.children().filter(|node| node.has_tag_name_local("lvl")).map(level).collect::<Vec<_>>();
                    kinds.insert(node.value("abstractNumId").unwrap_or_default().to_owned(), own);
                }
            }
            for node in document.descendants().filter(|node| node.has_tag_name_local("num")) {
                let kind = node.child("abstractNumId").and_then(|kind| kind.value("val")).unwrap_or_default();
                if let (Some(id), Some(own)) = (node.value("numId"), kinds.get(kind)) {
                    levels.insert(id.to_owned(), own.clone());
                }
            }
        }
        Lists { levels, counted: HashMap::new() }
    }

    /// What the next paragraph of the list `id` at `depth` is; nothing when it is in no list.
    pub fn next(&mut self, id: &str, depth: usize) -> Option<Item> {
        // Number 0 takes a paragraph out of the list of its style.
        if id == "0" || id.is_empty() {
            return None;
        }
        let depth = depth.min(8);
        let level = self.levels.get(id).and_then(|levels| levels.get(depth)).cloned().unwrap_or_default();
        for deeper in depth + 1..9 {
            self.counted.remove(&(id.to_owned(), deeper));
        }
        let count = self.counted.entry((id.to_owned(), depth)).and_modify(|count| *count += 1).or_insert(level.start.max(1));
        match level.format.as_str() {
            "bullet" | "" => Some(Item::Bullet(depth)),
            "none" => None,
            format if is_chinese(format) => Some(Item::Words(level.text.replace(&format!("%{}", depth + 1), &chinese(*count)))),
            _ if level.text.starts_with('第') => {
                Some(Item::Words(level.text.replace(&format!("%{}", depth + 1), &count.to_string())))
            }
            _ => Some(Item::Number(depth)),
        }
    }
}

fn level(node: roxmltree::Node<'_, '_>) -> Level {
    let value = |name: &str| node.child(name).and_then(|node| node.value("val")).unwrap_or_default().to_owned();
    Level { format: value("numFmt"), text: value("lvlText"), start: value("start").parse().unwrap_or(1) }
}

fn is_chinese(format: &str) -> bool {
    format.starts_with("chinese")
        || format.starts_with("ideograph")
        || format.starts_with("japaneseCounting")
        || format.starts_with("taiwanese")
}

/// 十二
fn chinese(number: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match number {
        1..=9 => DIGITS[number].to_owned(),
        10..=99 => format!("{}十{}", if number < 20 { "" } else { DIGITS[number / 10] }, DIGITS[number % 10]),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted_as_they_are_written() {
        let text = r#"<numbering>
            <abstractNum abstractNumId="7"><lvl><start val="1"/><numFmt val="chineseCountingThousand"/><lvlText val="%1、"/></lvl>
            <lvl><numFmt val="decimal"/><lvlText val="%2."/></lvl></abstractNum>
            <abstractNum abstractNumId="8"><lvl><numFmt val="bullet"/></lvl></abstractNum>
            <num numId="1"><abstractNumId val="7"/></num><num numId="2"><abstractNumId val="8"/></num></numbering>"#;
        let mut lists = Lists::read(text);
        let words = |words: &str| Some(Item::Words(words.to_owned()));
        assert_eq!(lists.next("1", 0), words("一、"));
        assert_eq!(lists.next("1", 1), Some(Item::Number(1)));
        assert_eq!(lists.next("1", 0), words("二、"));
        assert_eq!(lists.next("2", 0), Some(Item::Bullet(0)));
        assert_eq!(lists.next("0", 0), None);
        assert_eq!([10, 12, 20, 31].map(chinese), ["十", "十二", "二十", "三十一"]);
    }
}
