//! Styles of a Word file: what a paragraph is, by the style that it is written in.

use std::collections::HashMap;

use super::{Local, parse};

/// What a style says that a paragraph is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Style {
    /// The level of a heading, 1 the highest.
    pub heading: Option<u8>,
    /// The document's title.
    pub is_title: bool,
    /// Part of a table of contents, which the site makes by itself.
    pub is_contents: bool,
    /// A quotation.
    pub is_quote: bool,
    /// In the middle of the page.
    pub centred: bool,
    /// An item of this list: its id and depth.
    pub list: Option<(String, usize)>,
    /// An item by the style's name alone, numbered or not.
    pub bullet: Option<bool>,
}

/// All styles by their ids.
pub struct Styles(HashMap<String, Style>);

impl Styles {
    /// Those of `styles.xml`; none when it cannot be understood, and then all is text.
    pub fn read(text: &str) -> Styles {
        let mut own: HashMap<String, (Option<String>, Style)> = HashMap::new();
        if let Ok(document) = parse(text) {
            for node in document.descendants().filter(|node| node.has_tag_name_local("style")) {
                let Some(id) = node.value("styleId") else { continue };
                let name = node.child("name").and_then(|name| name.value("val")).unwrap_or(id).to_lowercase();
                let based = node.child("basedOn").and_then(|based| based.value("val")).map(str::to_owned);
                let properties = node.child("pPr");
                let mut style = by_name(&name);
                if let Some(level) =
                    properties.and_then(|properties| properties.child("outlineLvl")?.value("val")?.parse::<u8>().ok())
                {
                    style.heading = style.heading.or((level < 9).then_some(level + 1));
                }
                style.centred =
                    properties.and_then(|properties| properties.child("jc")?.value("val")).is_some_and(|value| value == "center");
                style.list = properties.and_then(|properties| properties.child("numPr")).and_then(|number| {
                    let depth = number.child("ilvl").and_then(|node| node.value("val")?.parse().ok()).unwrap_or(0);
                    Some((number.child("numId")?.value("val")?.to_owned(), depth))
                });
                own.insert(id.to_owned(), (based, style));
            }
        }
        let ids: Vec<String> = own.keys().cloned().collect();
        Styles(ids.into_iter().map(|id| (id.clone(), inherited(&own, &id))).collect())
    }

    /// The style of that id; a plain one when there is none.
    pub fn get(&self, id: Option<&str>) -> Style {
        let Some(id) = id else { return Style::default() };
        // A file without its styles still calls them by their usual ids.
        self.0.get(id).cloned().unwrap_or_else(|| by_name(&id.to_lowercase()))
    }
}

/// A style with what it takes over from those that it is based on.
fn inherited(own: &HashMap<String, (Option<String>, Style)>, id: &str) -> Style {
    let mut style = Style::default();
    let mut next = Some(id.to_owned());
    // Who is based on himself is based on nothing.
    for _ in 0..10 {
        let Some((based, found)) = next.and_then(|id| own.get(&id)) else { break };
        style.heading = style.heading.or(found.heading);
        style.is_title |= found.is_title;
        style.is_contents |= found.is_contents;
        style.is_quote |= found.is_quote;
        style.centred |= found.centred;
        style.list = style.list.or_else(|| found.list.clone());
        style.bullet = style.bullet.or(found.bullet);
        next = based.clone();
    }
    style
}

fn by_name(name: &str) -> Style {
    let plain: String = name.chars().filter(|character| !character.is_whitespace() && *character != '-').collect();
    let after = |prefix: &str| {
        plain.strip_prefix(prefix).and_then(|rest| rest.parse::<u8>().ok()).filter(|level| (1..=9).contains(level))
    };
    Style {
        heading: after("heading").or_else(|| after("标题")),
        is_title: matches!(plain.as_str(), "title" | "标题"),
        is_contents: plain.starts_with("toc") || plain.starts_with("目录") || plain.starts_with("contents"),
        is_quote: matches!(plain.as_str(), "quote" | "intensequote" | "引用" | "quotations"),
        bullet: if plain.starts_with("listbullet") {
            Some(false)
        } else if plain.starts_with("listnumber") {
            Some(true)
        } else {
            None
        },
        ..Style::default()
    }
}
