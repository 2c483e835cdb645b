//! Word files, as Word, WPS, LibreOffice and programs write them: what they say becomes blocks, how they look is let go, and what cannot be taken over is
//! noted.
//!
//! 1. `container` gives the parts; `word/document.xml` is the text, others say what its styles, lists, links and pictures are.
//! 2. Paragraphs are read in order. Deleted words of tracked changes are left out, inserted ones taken.
//! 3. The first lines in the middle of the page are the title.

mod lists;
mod styles;

use std::collections::HashMap;

use anyhow::Context;
use roxmltree::{Document, Node, ParsingOptions};

use self::{lists::Lists, styles::Styles};
use super::{
    container::Container,
    draft::{self, Block, Draft, Picture, Run, What},
};

/// Deeper than this no program nests what holds words.
const DEEPEST: usize = 100;
/// A title is shorter than this.
const LONGEST_TITLE: usize = 60;

/// Reads the Word file in `bytes`.
pub fn read(bytes: &[u8]) -> anyhow::Result<Draft> {
    let container = Container::open(bytes)?;
    let text = container.xml("word/document.xml")?.context("里面没有正文")?;
    let document = parse(&text)?;
    let styles = container.xml("word/styles.xml")?.unwrap_or_default();
    let numbering = container.xml("word/numbering.xml")?.unwrap_or_default();
    let relations = relations(&container.xml("word/_rels/document.xml.rels")?.unwrap_or_default());
    let footnotes = container.xml("word/footnotes.xml")?.unwrap_or_default();
    let mut reader = Reader {
        container: &container,
        styles: Styles::read(&styles),
        lists: Lists::read(&numbering),
        relations,
        draft: Draft::default(),
        paragraphs: Vec::new(),
        pictures: HashMap::new(),
        footnotes: HashMap::new(),
        field: Field::default(),
        seen: Seen::default(),
        depth: 0,
    };
    let body = document.descendants().find(|node| node.has_tag_name_local("body")).context("里面没有正文")?;
    reader.blocks(body);
    reader.read_footnotes(&footnotes);
    Ok(reader.finish())
}

fn parse(text: &str) -> anyhow::Result<Document<'_>> {
    // No document type: a document that refers to other files, or a billion laughs, is no Word file.
    let options = ParsingOptions { allow_dtd: false, nodes_limit: 2_000_000, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).context("正文读不懂，文件可能坏了\n提示：用 Word 或 WPS 打开，另存为 .docx")
}

/// Names of tags without their namespaces: strict and transitional files differ in these, and in nothing that matters here.
trait Local<'a>: Sized {
    fn has_tag_name_local(&self, name: &str) -> bool;
    fn child(&self, name: &str) -> Option<Self>;
    fn value(&self, name: &str) -> Option<&'a str>;
}

impl<'a> Local<'a> for Node<'a, '_> {
    fn has_tag_name_local(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }

    fn child(&self, name: &str) -> Option<Self> {
        self.children().find(|node| node.has_tag_name_local(name))
    }

    fn value(&self, name: &str) -> Option<&'a str> {
        self.attributes().find(|attribute| attribute.name() == name).map(|attribute| attribute.value())
    }
}

/// A switch such as `<w:b/>`: on, unless it says otherwise.
fn is_on(properties: Option<Node<'_, '_>>, name: &str) -> bool {
    properties
        .and_then(|properties| properties.child(name))
        .is_some_and(|switch| !matches!(switch.value("val"), Some("0" | "false" | "off" | "none")))
}

/// Where links and pictures lead, by their ids.
fn relations(text: &str) -> HashMap<String, String> {
    let Ok(document) = parse(text) else { return HashMap::new() };
    document
        .descendants()
        .filter(|node| node.has_tag_name_local("Relationship"))
        .filter_map(|node| Some((node.value("Id")?.to_owned(), node.value("Target")?.to_owned())))
        .collect()
}

/// A paragraph and how it looks, as far as that tells what it is.
struct Paragraph {
    block: Block,
    centred: bool,
    is_title: bool,
}

struct Reader<'a> {
    container: &'a Container<'a>,
    styles: Styles,
    lists: Lists,
    relations: HashMap<String, String>,
    draft: Draft,
    paragraphs: Vec<Paragraph>,
    /// By the name of its part: a picture that stands twice is kept once.
    pictures: HashMap<String, usize>,
    /// By its id in the file.
    footnotes: HashMap<String, usize>,
    field: Field,
    seen: Seen,
    /// How many elements are open around what is read.
    depth: usize,
}

/// A field that is open: a link, a page number.
#[derive(Default)]
struct Field {
    depth: usize,
    instruction: String,
    shows: bool,
    link: Option<String>,
}

/// What could not be taken over, counted.
#[derive(Default)]
struct Seen {
    deleted: usize,
    boxes: usize,
    formulas: usize,
    objects: usize,
    merged: usize,
    unknown_pictures: usize,
    missing_pictures: usize,
    comments: usize,
}

impl Reader<'_> {
    fn blocks(&mut self, parent: Node<'_, '_>) {
        if self.depth < DEEPEST {
            self.depth += 1;
            self.blocks_within(parent);
            self.depth -= 1;
        }
    }

    fn blocks_within(&mut self, parent: Node<'_, '_>) {
        for node in parent.children().filter(Node::is_element) {
            match node.tag_name().name() {
                "p" => self.paragraph(node),
                "tbl" => self.table(node),
                "sdt" | "sdtContent" | "ins" | "customXml" | "smartTag" | "moveTo" => self.blocks(node),
                "AlternateContent" => {
                    if let Some(choice) = node.child("Choice") {
                        self.blocks(choice);
                    }
                }
                _ => {}
            }
        }
    }

    fn paragraph(&mut self, node: Node<'_, '_>) {
        let properties = node.child("pPr");
        let style = self.styles.get(properties.and_then(|properties| properties.child("pStyle")?.value("val")));
        if style.is_contents {
            return;
        }
        let mut runs = Vec::new();
        self.runs(node, &mut runs, None);
        let boxes: Vec<_> =
            node.descendants().filter(|node| node.has_tag_name_local("txbxContent") && !within_fallback(*node)).collect();
        let centred = properties
            .and_then(|properties| properties.child("jc")?.value("val"))
            .map_or(style.centred, |value| value == "center");
        let level = properties
            .and_then(|properties| properties.child("outlineLvl")?.value("val")?.parse::<u8>().ok())
            .filter(|level| *level < 9)
            .map(|level| level + 1)
            .or(style.heading);
        let number = properties.and_then(|properties| properties.child("numPr")).map(|number| {
            let value = |name: &str| number.child(name).and_then(|node| node.value("val")).unwrap_or_default().to_owned();
            (value("numId"), value("ilvl").parse().unwrap_or(0))
        });
        let item = number.or_else(|| style.list.clone()).and_then(|(id, depth)| self.lists.next(&id, depth));
        let block = match (level, item) {
            (Some(level), _) => Block::Heading(level, runs),
            (None, Some(lists::Item::Bullet(depth))) => Block::Item { numbered: false, depth, runs },
            (None, Some(lists::Item::Number(depth))) => Block::Item { numbered: true, depth, runs },
            (None, Some(lists::Item::Words(words))) => {
                runs.insert(0, Run::words(words));
                Block::Paragraph(runs)
            }
            (None, None) => style.bullet.map_or_else(
                || if style.is_quote { Block::Quote(runs.clone()) } else { Block::Paragraph(runs.clone()) },
                |numbered| Block::Item { numbered, depth: 0, runs: runs.clone() },
            ),
        };
        self.paragraphs.push(Paragraph { block, centred, is_title: style.is_title });
        for text in boxes {
            // Words in a box stand behind the paragraph that it is anchored to.
            self.seen.boxes += 1;
            self.blocks(text);
        }
    }

    fn runs(&mut self, parent: Node<'_, '_>, runs: &mut Vec<Run>, link: Option<&str>) {
        if self.depth < DEEPEST {
            self.depth += 1;
            self.runs_within(parent, runs, link);
            self.depth -= 1;
        }
    }

    fn runs_within(&mut self, parent: Node<'_, '_>, runs: &mut Vec<Run>, link: Option<&str>) {
        for node in parent.children().filter(Node::is_element) {
            match node.tag_name().name() {
                "r" => self.run(node, runs, link),
                "hyperlink" => {
                    let to = node.value("id").and_then(|id| self.relations.get(id)).cloned().filter(|to| is_address(to));
                    self.runs(node, runs, to.as_deref().or(link));
                }
                "fldSimple" => {
                    let to = node.value("instr").and_then(link_of);
                    self.runs(node, runs, to.as_deref().or(link));
                }
                "ins" | "smartTag" | "sdt" | "sdtContent" | "customXml" | "moveTo" | "dir" | "bdo" => self.runs(node, runs, link),
                "del" | "moveFrom" => self.seen.deleted += 1,
                "oMath" | "oMathPara" => self.seen.formulas += 1,
                "commentRangeStart" => self.seen.comments += 1,
                _ => {}
            }
        }
    }

    fn run(&mut self, node: Node<'_, '_>, runs: &mut Vec<Run>, link: Option<&str>) {
        let properties = node.child("rPr");
        if is_on(properties, "vanish") {
            return;
        }
        let bold = is_on(properties, "b");
        for part in node.children().filter(Node::is_element) {
            let hidden = self.field.depth > 0 && !self.field.shows;
            let link = self.field.link.clone().or_else(|| link.map(str::to_owned));
            let mut push = |what: What| runs.push(Run { what, bold, link: link.clone() });
            match part.tag_name().name() {
                "t" if !hidden => push(What::Words(part.text().unwrap_or_default().to_owned())),
                "tab" | "ptab" if !hidden => push(What::Words(" ".to_owned())),
                "noBreakHyphen" => push(What::Words("-".to_owned())),
                "sym" => push(What::Words(symbol(part))),
                "br" | "cr" if !matches!(part.value("type"), Some("page" | "column")) => push(What::Break),
                "footnoteReference" | "endnoteReference" => {
                    if let Some(id) = part.value("id") {
                        let next = self.footnotes.len();
                        let number = *self.footnotes.entry(id.to_owned()).or_insert(next);
                        push(What::Footnote(number));
                    }
                }
                "fldChar" => self.field(part.value("fldCharType")),
                "instrText" if self.field.depth == 1 => self.field.instruction.push_str(part.text().unwrap_or_default()),
                "drawing" | "pict" => self.pictures_of(part, runs, link.as_deref()),
                "AlternateContent" => {
                    if let Some(choice) = part.child("Choice") {
                        self.pictures_of(choice, runs, link.as_deref());
                    }
                }
                "object" => self.seen.objects += 1,
                "ruby" => {
                    if let Some(base) = part.child("rubyBase") {
                        self.runs(base, runs, link.as_deref());
                    }
                }
                _ => {}
            }
        }
    }

    fn field(&mut self, kind: Option<&str>) {
        match kind {
            Some("begin") => {
                self.field.depth += 1;
                if self.field.depth == 1 {
                    (self.field.instruction, self.field.shows) = (String::new(), false);
                }
            }
            Some("separate") if self.field.depth == 1 => {
                self.field.shows = true;
                self.field.link = link_of(&self.field.instruction);
            }
            Some("end") => {
                self.field.depth = self.field.depth.saturating_sub(1);
                if self.field.depth == 0 {
                    self.field = Field::default();
                }
            }
            _ => {}
        }
    }

    fn pictures_of(&mut self, node: Node<'_, '_>, runs: &mut Vec<Run>, link: Option<&str>) {
        let words = node
            .descendants()
            .find(|node| node.has_tag_name_local("docPr"))
            .and_then(|properties| properties.value("descr").or_else(|| properties.value("title")))
            .unwrap_or_default()
            .trim()
            .to_owned();
        let ids: Vec<String> = node
            .descendants()
            .filter_map(|node| match node.tag_name().name() {
                "blip" => node.value("embed").or_else(|| node.value("link")),
                "imagedata" => node.value("id"),
                _ => None,
            })
            .map(str::to_owned)
            .collect();
        for id in ids {
            if let Some(picture) = self.picture(&id, &words) {
                runs.push(Run { what: What::Picture(picture), bold: false, link: link.map(str::to_owned) });
            }
        }
    }

    fn picture(&mut self, id: &str, words: &str) -> Option<usize> {
        let target = self.relations.get(id)?;
        let name = if let Some(absolute) = target.strip_prefix('/') { absolute.to_owned() } else { format!("word/{target}") };
        if let Some(known) = self.pictures.get(&name) {
            return Some(*known);
        }
        let Ok(Some(bytes)) = self.container.part(&name, super::LARGEST_PICTURE) else {
            self.seen.missing_pictures += 1;
            return None;
        };
        if super::pictures::extension(&bytes).is_none() {
            // WMF and EMF are drawings of Windows: no browser shows them.
            self.seen.unknown_pictures += 1;
            return None;
        }
        let index = self.draft.pictures.len();
        self.draft.pictures.push(Picture { bytes, words: words.to_owned() });
        self.pictures.insert(name, index);
        Some(index)
    }

    fn table(&mut self, node: Node<'_, '_>) {
        let mut rows = Vec::new();
        for row in rows_of(node) {
            let mut cells = Vec::new();
            for cell in row.children().filter(|node| node.has_tag_name_local("tc")) {
                let properties = cell.child("tcPr");
                let span = properties
                    .and_then(|properties| properties.child("gridSpan")?.value("val")?.parse::<usize>().ok())
                    .unwrap_or(1);
                let below = properties
                    .and_then(|properties| properties.child("vMerge"))
                    .is_some_and(|merge| merge.value("val") != Some("restart"));
                self.seen.merged += usize::from(span > 1) + usize::from(below);
                cells.push(self.cell(cell));
                cells.extend((1..span.min(64)).map(|_| Vec::new()));
            }
            rows.push(cells);
        }
        // A table of one cell is a frame around its text.
        if let [row] = rows.as_slice()
            && let [cell] = row.as_slice()
        {
            let block = Block::Quote(cell.clone());
            return self.paragraphs.push(Paragraph { block, centred: false, is_title: false });
        }
        self.paragraphs.push(Paragraph { block: Block::Table(rows), centred: false, is_title: false });
    }

    fn cell(&mut self, cell: Node<'_, '_>) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for paragraph in cell.descendants().filter(|node| node.has_tag_name_local("p") && !within_fallback(*node)) {
            let mut own = Vec::new();
            self.runs(paragraph, &mut own, None);
            if !draft::is_blank(&own) {
                if !runs.is_empty() {
                    runs.push(Run { what: What::Break, ..Run::default() });
                }
                runs.extend(own);
            }
        }
        runs
    }

    fn read_footnotes(&mut self, text: &str) {
        let mut found = vec![Vec::new(); self.footnotes.len()];
        if let Ok(document) = parse(text) {
            for note in document.descendants().filter(|node| node.has_tag_name_local("footnote")) {
                let Some(number) = note.value("id").and_then(|id| self.footnotes.get(id)).copied() else { continue };
                found[number] = self.cell(note);
            }
        }
        self.draft.footnotes = found;
    }

    fn finish(mut self) -> Draft {
        self.title();
        self.draft.blocks = self.paragraphs.into_iter().map(|paragraph| paragraph.block).collect();
        let Seen { deleted, boxes, formulas, objects, merged, unknown_pictures, missing_pictures, comments } = self.seen;
        for (count, what) in [
            (deleted, "处修订里删去的文字没有带过来，插入的带过来了：请确认修订都已定稿"),
            (comments, "处批注没有带过来"),
            (boxes, "个文本框里的文字放在了它所在的段落后面：请看看位置对不对"),
            (formulas, "个公式带不过来：请截图，作为图片插入"),
            (objects, "个嵌入的对象（表格、图表）带不过来：请截图，或者作为附件"),
            (merged, "处合并的单元格拆开了：请看看表格对不对"),
            (unknown_pictures, "张图片是网页不能显示的格式（如 WMF、EMF）：请截图，存成 PNG 再插入"),
            (missing_pictures, "张图片在文件里找不到，或者太大"),
        ] {
            if count > 0 {
                self.draft.notes.push(format!("有 {count} {what}"));
            }
        }
        self.draft
    }

    /// The first paragraphs that say that they are the title, or stand in the middle of the page before anything else.
    fn title(&mut self) {
        let Some(first) = self.paragraphs.iter().position(|paragraph| !paragraph.block.is_blank()) else { return };
        let is_title = |paragraph: &&Paragraph| {
            let plain = matches!(paragraph.block, Block::Paragraph(_) | Block::Heading(1, _));
            plain && (paragraph.is_title || paragraph.centred) && !paragraph.block.text().trim().is_empty()
        };
        let styled = self.paragraphs[first].is_title;
        // A title of several lines is written as several paragraphs; what stands in brackets below it is no part of it.
        let lines: Vec<String> = self.paragraphs[first..]
            .iter()
            .take_while(|paragraph| is_title(paragraph) && paragraph.is_title == styled)
            .map(|paragraph| paragraph.block.text().replace('\n', "").trim().to_owned())
            .take_while(|line| !line.starts_with(['（', '(']) && !super::clean::is_about(line))
            .take(3)
            .collect();
        let title = lines.concat();
        if !lines.is_empty() && title.chars().count() <= LONGEST_TITLE {
            self.draft.title = Some(title);
            self.paragraphs.drain(..first + lines.len());
        }
    }
}

/// Rows of a table, also those that stand in a content control.
fn rows_of<'a, 'input>(table: Node<'a, 'input>) -> Vec<Node<'a, 'input>> {
    table
        .children()
        .flat_map(|node| match node.tag_name().name() {
            "tr" => vec![node],
            "sdt" | "sdtContent" | "ins" | "customXml" => rows_of(node),
            _ => Vec::new(),
        })
        .collect()
}

/// What old programs show instead of a drawing: it says the same again.
fn within_fallback(node: Node<'_, '_>) -> bool {
    node.ancestors().take(DEEPEST).any(|above| above.has_tag_name_local("Fallback"))
}

fn is_address(target: &str) -> bool {
    ["http://", "https://", "mailto:"].iter().any(|scheme| target.to_ascii_lowercase().starts_with(scheme))
}

/// `HYPERLINK "https://…"`
fn link_of(instruction: &str) -> Option<String> {
    let rest = instruction.trim().strip_prefix("HYPERLINK")?;
    let address = rest.split('"').nth(1)?.trim();
    is_address(address).then(|| address.to_owned())
}

/// A character of a symbol font: the few that people use.
fn symbol(node: Node<'_, '_>) -> String {
    match node.value("char").map(str::to_ascii_uppercase).as_deref() {
        Some("F0FE" | "F052") => "☑",
        Some("F0A8" | "F06F" | "F0A3") => "□",
        Some("F0B7" | "F06C" | "F09F") => "•",
        Some("F0FC" | "F050") => "√",
        Some("F0E0") => "→",
        _ => "",
    }
    .to_owned()
}
