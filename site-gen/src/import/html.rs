//! Web pages, above all old ones: which part of the page is the article, and what its tags mean.
//!
//! 1. The head says title, date and source, where the site followed 《政府网站发展指引》.
//! 2. The article is the element that holds most words that are not links, or one that editors' programs are known to write.
//! 3. Its tags become blocks; tables that only place things are taken apart.

use std::{collections::HashMap, path::Path};

use anyhow::ensure;
use data_encoding::BASE64_MIME_PERMISSIVE;
use ego_tree::{NodeId, NodeRef};
use scraper::{ElementRef, Html, Node, Selector};

use super::{
    charset,
    draft::{self, Block, Draft, Picture, Run, What},
    pictures,
};

/// Where editors' programs put the article.
const ARTICLES: [&str; 14] = [
    "#UCAP-CONTENT",
    "#zoom",
    "#Zoom",
    ".TRS_Editor",
    ".trs_editor_view",
    "#js_content",
    ".article-content",
    ".article_content",
    ".news_content",
    ".content-text",
    "#vsb_content",
    ".v_news_content",
    "article",
    "#article",
];
/// Elements that hold no words of an article.
const LEFT_OUT: [&str; 17] = [
    "script", "style", "noscript", "template", "iframe", "object", "embed", "form", "input", "button", "select", "textarea",
    "nav", "footer", "svg", "canvas", "link",
];
/// Deeper than this nobody nests by hand.
const DEEPEST: usize = 200;

/// Reads the page in `bytes`, which lies in `folder`: pictures are taken from there.
pub fn read(bytes: &[u8], folder: Option<&Path>) -> anyhow::Result<Draft> {
    let decoded = charset::decode(bytes);
    let page = Html::parse_document(&decoded.text);
    let mut reader = Reader {
        folder,
        draft: Draft {
            title: title(&page),
            date: meta(&page, "pubdate"),
            source: meta(&page, "contentsource"),
            author: meta(&page, "author"),
            ..Draft::default()
        },
        runs: Vec::new(),
        sources: HashMap::new(),
        inner_links: 0,
        missing: Vec::new(),
    };
    reader.draft.notes.extend(decoded.damaged.then(|| "网页里有不成字的字节，可能存坏了：请对照原来的网页看一遍".to_owned()));
    let article = article(&page);
    reader.children(*article, &State::default(), 0);
    reader.flush(&State::default());
    ensure!(
        reader.draft.blocks.iter().any(|block| !block.is_blank()),
        "网页里没有文字，可能正文是用脚本显示的，或者存的是一个框架\n提示：在浏览器里打开它，选中正文复制到 Word，存成 .docx 再导入"
    );
    Ok(reader.finish())
}

fn selected<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    Selector::parse(selector).map(|selector| page.select(&selector).collect()).unwrap_or_default()
}

fn words_of(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the label `name` of the head says.
fn meta(page: &Html, name: &str) -> Option<String> {
    let label = selected(page, "meta[name]")
        .into_iter()
        .find(|meta| meta.attr("name").is_some_and(|own| own.eq_ignore_ascii_case(name)))?;
    label.attr("content").map(|content| content.trim().to_owned()).filter(|content| !content.is_empty())
}

fn title(page: &Html) -> Option<String> {
    let fits = |title: &String| (2..=60).contains(&title.chars().count());
    let headings: Vec<String> = selected(page, "h1").into_iter().map(words_of).filter(fits).collect();
    let only = (headings.len() == 1).then(|| headings.into_iter().next()).flatten();
    let of_head = || {
        let whole = selected(page, "title").into_iter().map(words_of).next()?;
        // 「文章的标题_网站的名称」
        whole.split(['_', '|', '－']).next()?.split(" - ").next().map(|title| title.trim().to_owned()).filter(fits)
    };
    meta(page, "articletitle").filter(fits).or(only).or_else(of_head)
}

/// The element that holds the article.
fn article(page: &Html) -> ElementRef<'_> {
    let mut scores: HashMap<NodeId, usize> = HashMap::new();
    for node in page.tree.root().descendants() {
        let Some(text) = node.value().as_text() else { continue };
        let length = text.trim().chars().filter(|character| !character.is_whitespace()).count();
        if length == 0 || node.ancestors().take(DEEPEST).any(|above| is_link_or_left_out(&above)) {
            continue;
        }
        // Words count for the block that they stand in, and for the one around it.
        let blocks =
            node.ancestors().filter(|above| above.value().as_element().is_some_and(|element| !is_inline(element.name())));
        for (above, share) in blocks.take(3).zip([length / 2, length, length / 2]) {
            *scores.entry(above.id()).or_default() += share;
        }
    }
    let best = page
        .tree
        .root()
        .descendants()
        .filter_map(ElementRef::wrap)
        .filter(|element| matches!(element.value().name(), "div" | "td" | "article" | "section" | "main" | "body" | "center"))
        .max_by_key(|element| scores.get(&element.id()).copied().unwrap_or(0))
        .unwrap_or_else(|| page.root_element());
    let length = |element: ElementRef<'_>| element.text().map(|text| text.trim().len()).sum::<usize>();
    let known = ARTICLES.iter().flat_map(|selector| selected(page, selector)).max_by_key(|element| length(*element));
    known.filter(|known| length(*known) * 10 >= length(best) * 6).unwrap_or(best)
}

fn is_link_or_left_out(node: &NodeRef<'_, Node>) -> bool {
    node.value()
        .as_element()
        .is_some_and(|element| element.name() == "a" || element.name() == "title" || LEFT_OUT.contains(&element.name()))
}

fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "b"
            | "strong"
            | "i"
            | "em"
            | "u"
            | "span"
            | "font"
            | "sub"
            | "sup"
            | "small"
            | "big"
            | "s"
            | "del"
            | "ins"
            | "mark"
            | "code"
            | "label"
            | "abbr"
            | "ruby"
            | "rb"
    )
}

/// How words look and where they stand, on the way down the tree.
#[derive(Debug, Clone, Default)]
struct State {
    bold: bool,
    link: Option<String>,
    heading: Option<u8>,
    /// Open lists, numbered or not.
    lists: Vec<bool>,
    quote: bool,
}

struct Reader<'a> {
    folder: Option<&'a Path>,
    draft: Draft,
    runs: Vec<Run>,
    /// Pictures by their address.
    sources: HashMap<String, Option<usize>>,
    inner_links: usize,
    missing: Vec<String>,
}

impl Reader<'_> {
    fn children(&mut self, node: NodeRef<'_, Node>, state: &State, depth: usize) {
        for child in node.children() {
            match child.value() {
                Node::Text(text) => self.text(&text.text, state),
                Node::Element(_) => {
                    if let Some(element) = ElementRef::wrap(child) {
                        self.element(element, state, depth + 1);
                    }
                }
                _ => {}
            }
        }
    }

    fn text(&mut self, text: &str, state: &State) {
        // White space of the source is one space; those that are meant are others.
        let mut words = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                ' ' | '\t' | '\n' | '\r' => words.extend((!words.ends_with(' ')).then_some(' ')),
                other => words.push(other),
            }
        }
        if words != " " || !self.runs.is_empty() {
            self.runs.push(Run { what: What::Words(words), bold: state.bold, link: state.link.clone() });
        }
    }

    fn element(&mut self, element: ElementRef<'_>, state: &State, depth: usize) {
        let name = element.value().name();
        if LEFT_OUT.contains(&name) || is_hidden(element) {
            return;
        }
        if depth > DEEPEST {
            return self.text(&words_of(element), state);
        }
        match name {
            "br" => self.runs.push(Run { what: What::Break, bold: false, link: None }),
            "img" => self.picture(element, state),
            "b" | "strong" => self.children(*element, &State { bold: true, ..state.clone() }, depth),
            "a" => {
                let link = self.link(element.attr("href").unwrap_or_default());
                self.children(*element, &State { link: link.or_else(|| state.link.clone()), ..state.clone() }, depth);
            }
            // How a word is read stands in brackets behind it; the word is enough.
            "rt" | "rp" => {}
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = name[1..].parse().unwrap_or(2);
                self.block(element, state, State { heading: Some(level), ..state.clone() }, depth);
            }
            "ul" | "ol" => {
                let mut lists = state.lists.clone();
                lists.push(name == "ol");
                self.block(element, state, State { lists, ..state.clone() }, depth);
            }
            "blockquote" => self.block(element, state, State { quote: true, ..state.clone() }, depth),
            "table" if !places_things(element) => {
                self.flush(state);
                self.table(element, depth);
            }
            name if is_inline(name) => {
                let bold = state.bold || is_bold(element);
                self.children(*element, &State { bold, ..state.clone() }, depth);
            }
            _ => {
                let inner = State { bold: state.bold || is_bold(element), ..state.clone() };
                self.block(element, state, inner, depth);
            }
        }
    }

    fn block(&mut self, element: ElementRef<'_>, around: &State, inner: State, depth: usize) {
        self.flush(around);
        self.children(*element, &inner, depth);
        self.flush(&inner);
    }

    /// Ends the open paragraph. Two line breaks, or one before an indented line, part it.
    fn flush(&mut self, state: &State) {
        let runs = std::mem::take(&mut self.runs);
        let mut parts: Vec<Vec<Run>> = vec![Vec::new()];
        let mut breaks = 0;
        for run in runs {
            let part = parts.last_mut().expect("there is always one");
            match &run.what {
                What::Break => breaks += 1,
                What::Words(words) if words.trim_matches(' ').is_empty() && breaks > 0 => {}
                what => {
                    let indented = matches!(what, What::Words(words) if words.starts_with(['\u{3000}', '\u{a0}', '\u{2003}']));
                    if breaks > 1 || breaks == 1 && indented {
                        parts.push(vec![run]);
                    } else {
                        part.extend((breaks == 1).then(|| Run { what: What::Break, ..Run::default() }));
                        part.push(run);
                    }
                    breaks = 0;
                }
            }
        }
        for runs in parts.into_iter().filter(|runs| !draft::is_blank(runs)) {
            self.draft.blocks.push(match (state.heading, state.lists.last(), state.quote) {
                (Some(level), ..) => Block::Heading(level, runs),
                (None, Some(numbered), _) => Block::Item { numbered: *numbered, depth: state.lists.len() - 1, runs },
                (None, None, true) => Block::Quote(runs),
                (None, None, false) => Block::Paragraph(runs),
            });
        }
    }

    fn table(&mut self, table: ElementRef<'_>, depth: usize) {
        let mut rows = Vec::new();
        let mut merged = 0;
        for row in table.descendent_elements().filter(|element| element.value().name() == "tr") {
            let mut cells = Vec::new();
            for cell in row.child_elements().filter(|element| matches!(element.value().name(), "td" | "th")) {
                let span = |name: &str| cell.attr(name).and_then(|span| span.trim().parse::<usize>().ok()).unwrap_or(1);
                merged += usize::from(span("colspan") > 1) + usize::from(span("rowspan") > 1);
                let before = std::mem::take(&mut self.draft.blocks);
                self.children(*cell, &State::default(), depth);
                self.flush(&State::default());
                let own = std::mem::replace(&mut self.draft.blocks, before);
                let mut runs: Vec<Run> = Vec::new();
                for block in own {
                    runs.extend((!runs.is_empty()).then(|| Run { what: What::Break, ..Run::default() }));
                    runs.extend(block.runs().iter().cloned());
                }
                cells.push(runs);
                cells.extend((1..span("colspan").min(64)).map(|_| Vec::new()));
            }
            if !cells.is_empty() {
                rows.push(cells);
            }
        }
        if merged > 0 {
            self.draft.notes.push(format!("有 {merged} 处合并的单元格拆开了：请看看表格对不对"));
        }
        self.draft.blocks.push(Block::Table(rows));
    }

    fn link(&mut self, target: &str) -> Option<String> {
        let target = target.trim();
        let lower = target.to_ascii_lowercase();
        if ["http://", "https://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme)) {
            return Some(target.to_owned());
        }
        let leads = !target.is_empty() && !target.starts_with('#') && !lower.starts_with("javascript:");
        self.inner_links += usize::from(leads);
        None
    }

    fn picture(&mut self, element: ElementRef<'_>, state: &State) {
        let source =
            ["src", "data-src", "data-original"].iter().find_map(|name| element.attr(name)).unwrap_or_default().trim().to_owned();
        // Old pages push things about with tiny transparent pictures.
        let tiny = ["width", "height"]
            .iter()
            .any(|name| element.attr(name).and_then(|size| size.parse::<u32>().ok()).is_some_and(|size| size <= 2));
        if source.is_empty() || tiny {
            return;
        }
        let words = element.attr("alt").or_else(|| element.attr("title")).unwrap_or_default().trim().to_owned();
        if !self.sources.contains_key(&source) {
            let bytes = self.fetch(&source).filter(|bytes| pictures::extension(bytes).is_some());
            let index = bytes.map(|bytes| {
                self.draft.pictures.push(Picture { bytes, words });
                self.draft.pictures.len() - 1
            });
            if index.is_none() {
                self.missing.push(if source.starts_with("data:") {
                    "写在网页里的图片".to_owned()
                } else {
                    source.clone()
                });
            }
            self.sources.insert(source.clone(), index);
        }
        if let Some(Some(index)) = self.sources.get(&source) {
            self.runs.push(Run { what: What::Picture(*index), bold: false, link: state.link.clone() });
        }
    }

    /// A picture that lies beside the page or in it. Nothing is fetched from anywhere else.
    fn fetch(&self, source: &str) -> Option<Vec<u8>> {
        if let Some(data) = source.strip_prefix("data:") {
            let encoded = data.split_once(";base64,")?.1;
            return BASE64_MIME_PERMISSIVE.decode(encoded.as_bytes()).ok();
        }
        if source.contains("://") || source.starts_with("//") {
            return None;
        }
        let folder = self.folder?.canonicalize().ok()?;
        let name = crate::markdown::text::decode_percent(source.split(['?', '#']).next()?);
        let path = folder.join(name.trim_start_matches("./")).canonicalize().ok()?;
        let small = path.metadata().ok()?.len() <= super::LARGEST_PICTURE;
        (path.starts_with(&folder) && small).then(|| std::fs::read(&path).ok())?
    }

    fn finish(mut self) -> Draft {
        if self.inner_links > 0 {
            let count = self.inner_links;
            self.draft
                .notes
                .push(format!("有 {count} 个链接指向原网站里面，只留下了文字：还要用的，换成本站的路径或者完整的网址"));
        }
        if !self.missing.is_empty() {
            let listed: Vec<&str> = self.missing.iter().take(5).map(String::as_str).collect();
            self.draft.notes.push(format!(
                "有 {} 张图片没有取到，请另外存下来，放在页面旁边：{}",
                self.missing.len(),
                listed.join("、")
            ));
        }
        self.draft
    }
}

fn is_hidden(element: ElementRef<'_>) -> bool {
    let style = element.attr("style").unwrap_or_default().replace(' ', "").to_ascii_lowercase();
    element.attr("hidden").is_some() || style.contains("display:none")
}

fn is_bold(element: ElementRef<'_>) -> bool {
    let style = element.attr("style").unwrap_or_default().replace(' ', "").to_ascii_lowercase();
    ["font-weight:bold", "font-weight:700", "font-weight:600"].iter().any(|bold| style.contains(bold))
}

/// A table that is there to place things on the page: it holds another, or long text, or its rows have one cell each.
fn places_things(table: ElementRef<'_>) -> bool {
    let cells = || table.descendent_elements().filter(|element| matches!(element.value().name(), "td" | "th"));
    let nested = table.descendent_elements().skip(1).any(|element| element.value().name() == "table");
    let long = cells().any(|cell| cell.descendent_elements().filter(|element| element.value().name() == "p").count() > 3);
    let rows = table.descendent_elements().filter(|element| element.value().name() == "tr").count();
    nested || long || cells().count() <= rows
}
