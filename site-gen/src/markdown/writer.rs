//! The walk: one pass over the parser's events, straight into one buffer.
//!
//! 1. The walk itself, and the tags of blocks and inline elements, are here.
//! 2. [`headings`] gives headings their ids.
//! 3. [`words`] writes paragraphs and text, and decides what a line break was.
//! 4. [`links`] are links and pictures.
//! 5. [`inserts`] are what is not Markdown: shortcodes and HTML.
//!
//! Positions in the buffer are only kept for what stands close to its end (a heading's tag, a line break that may vanish), so that
//! inserting there is cheap.

mod headings;
mod inserts;
mod links;
mod words;

use std::{cell::RefCell, collections::HashSet, fmt::Write, ops::Range};

use pulldown_cmark::{
    Alignment, BlockQuoteKind, BrokenLink, CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd,
};

use super::{
    Rendered, Setting,
    footnotes::Footnotes,
    shortcode::Mistake,
    text::{escape, escape_attribute, shorten},
};
use crate::{
    diagnostic::{Diagnostic, Severity, Span},
    source::Document,
};

/// Characters of the first paragraph that lists show.
const EXCERPT_LENGTH: usize = 120;

pub(super) struct Writer<'a> {
    document: &'a Document,
    source: &'a str,
    setting: Setting<'a>,
    html: String,
    rendered: Rendered,
    used_ids: HashSet<String>,
    footnotes: Footnotes,
    /// The footnote being written, and the buffer it interrupts.
    footnote: Option<(String, String)>,
    heading: Option<OpenHeading<'a>>,
    paragraph: Option<OpenParagraph>,
    links: Vec<OpenLink>,
    image: Option<OpenImage<'a>>,
    pictures: usize,
    table: Table,
    tables: usize,
    /// How many lists, quotes and notes are open; the excerpt is taken outside of them.
    nesting: usize,
    excerpt: Excerpt,
    /// Where in the buffer the last line of the source ended, until it is known what follows.
    line_break: Option<usize>,
    last_character: Option<char>,
    /// A shortcode's bytes: events within are already dealt with.
    done: Range<usize>,
    in_code: bool,
    /// Of a pair of literal `**` only the first is pointed out.
    stars_reported: bool,
}

struct OpenHeading<'a> {
    /// Where in the buffer its id goes.
    at: usize,
    level: u8,
    id: Option<CowStr<'a>>,
    text: String,
}

struct OpenParagraph {
    range: Range<usize>,
    /// Where in the buffer it begins.
    at: usize,
    /// It holds one picture and nothing else.
    figure: bool,
}

struct OpenLink {
    /// Where in the buffer its words begin.
    at: usize,
    /// A link that could not be made has no tag to close.
    has_tag: bool,
}

struct OpenImage<'a> {
    target: CowStr<'a>,
    title: CowStr<'a>,
    alt: String,
    written: Range<usize>,
    /// Elements open within its words: they leave their words and no tags.
    inside: usize,
}

#[derive(Default)]
struct Table {
    alignments: Vec<Alignment>,
    column: usize,
    head: bool,
}

#[derive(PartialEq)]
enum Excerpt {
    Waiting,
    Open,
    Taken,
}

/// What Markdown can do here beyond CommonMark.
pub(super) fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM
        | Options::ENABLE_DEFINITION_LIST
}

thread_local! {
    // Bodies are written into one buffer a thread and copied once, at their size: nobody holds room that was only kept ready.
    static BUFFER: RefCell<String> = const { RefCell::new(String::new()) };
}

impl<'a> Writer<'a> {
    pub(super) fn new(document: &'a Document, setting: Setting<'a>) -> Writer<'a> {
        let mut html = BUFFER.take();
        html.clear();
        Writer {
            document,
            source: document.markdown(),
            setting,
            html,
            rendered: Rendered::default(),
            used_ids: HashSet::new(),
            footnotes: Footnotes::default(),
            footnote: None,
            heading: None,
            paragraph: None,
            links: Vec::new(),
            image: None,
            pictures: 0,
            table: Table::default(),
            tables: 0,
            nesting: 0,
            excerpt: Excerpt::Waiting,
            line_break: None,
            last_character: None,
            done: 0..0,
            in_code: false,
            stars_reported: false,
        }
    }

    pub(super) fn run(mut self) -> Rendered {
        let options = options();
        let undefined = RefCell::new(Vec::new());
        let note_undefined = |link: BrokenLink<'_>| {
            if matches!(link.link_type, LinkType::Reference | LinkType::Collapsed) {
                undefined.borrow_mut().push((link.span, link.reference.into_string()));
            }
            None
        };
        let mut events = Parser::new_with_broken_link_callback(self.source, options, Some(note_undefined)).into_offset_iter();
        while let Some((event, range)) = events.next() {
            if range.start >= self.done.start && range.end <= self.done.end {
                continue;
            }
            let written = match &event {
                Event::Start(Tag::Link { dest_url, id, .. } | Tag::Image { dest_url, id, .. }) => {
                    let definition = events.reference_definitions().get(id).map(|definition| definition.span.clone());
                    self.where_written(dest_url, definition.unwrap_or_else(|| range.clone()))
                }
                _ => range.clone(),
            };
            self.event(event, range, written);
        }
        self.report_undefined(undefined.into_inner());
        self.finish()
    }

    fn event(&mut self, event: Event<'a>, range: Range<usize>, written: Range<usize>) {
        if self.within_image(&event) {
            return;
        }
        match event {
            Event::Start(tag) => self.start(tag, range, written),
            Event::End(tag) => self.end(tag, range),
            Event::Text(text) if self.in_code => escape(&mut self.html, &text),
            Event::Text(text) => self.text_with_shortcodes(&text, range),
            Event::Code(code) => {
                self.settle_line_break(code.chars().next());
                if self.image.is_none() {
                    self.html.push_str("<code>");
                    self.text(&code);
                    self.html.push_str("</code>");
                } else {
                    self.text(&code);
                }
            }
            Event::SoftBreak => self.line_break = Some(self.html.len()),
            Event::HardBreak => {
                self.line_break = None;
                self.html.push_str("<br>\n");
                self.plain(" ");
            }
            Event::Rule => self.html.push_str("<hr>\n"),
            Event::Html(text) => {
                if self.setting.raw_html {
                    self.html.push_str(&text);
                }
            }
            Event::InlineHtml(tag) => self.inline_html(&tag, range),
            Event::FootnoteReference(label) => {
                self.line_break = None;
                self.footnotes.mention(&mut self.html, &label);
            }
            Event::TaskListMarker(done) => self.task(done),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text),
        }
    }

    /// A tag within a picture's words, which are an attribute and have none.
    fn within_image(&mut self, event: &Event<'_>) -> bool {
        let Some(image) = &mut self.image else { return false };
        match event {
            Event::Start(_) => image.inside += 1,
            Event::End(_) if image.inside > 0 => image.inside -= 1,
            Event::InlineHtml(_) | Event::FootnoteReference(_) => {}
            _ => return false,
        }
        true
    }

    // Blocks and inline elements.

    fn start(&mut self, tag: Tag<'a>, range: Range<usize>, written: Range<usize>) {
        match tag {
            Tag::Paragraph => self.start_paragraph(range),
            Tag::Heading { level, id, .. } => self.start_heading(level, id, range),
            Tag::BlockQuote(kind) => {
                self.nesting += 1;
                match kind {
                    None => self.html.push_str("<blockquote>\n"),
                    Some(kind) => {
                        let (class, title) = alert(kind);
                        writeln!(
                            self.html,
                            "<div class=\"alert alert-{class}\" role=\"note\">\n<p class=\"alert-title\">{title}</p>"
                        )
                        .expect("writing to a string cannot fail");
                    }
                }
            }
            Tag::CodeBlock(kind) => {
                self.in_code = true;
                // A block of code scrolls sideways, so the keyboard must be able to reach it.
                self.html.push_str("<pre tabindex=\"0\"><code");
                if let CodeBlockKind::Fenced(info) = &kind
                    && let Some(language) = info.split_whitespace().next()
                {
                    self.html.push_str(" class=\"language-");
                    escape_attribute(&mut self.html, language);
                    self.html.push('"');
                }
                self.html.push('>');
            }
            Tag::HtmlBlock => self.html_block(range),
            Tag::List(first) => {
                self.nesting += 1;
                self.start_line();
                match first {
                    None => self.html.push_str("<ul>\n"),
                    Some(1) => self.html.push_str("<ol>\n"),
                    Some(first) => writeln!(self.html, "<ol start=\"{first}\">").expect("writing to a string cannot fail"),
                }
            }
            Tag::Item => self.html.push_str("<li>"),
            Tag::FootnoteDefinition(label) => {
                self.nesting += 1;
                self.footnote = Some((label.into_string(), std::mem::take(&mut self.html)));
            }
            Tag::DefinitionList => {
                self.nesting += 1;
                self.html.push_str("<dl>\n");
            }
            Tag::DefinitionListTitle => self.html.push_str("<dt>"),
            Tag::DefinitionListDefinition => self.html.push_str("<dd>"),
            Tag::Table(alignments) => self.start_table(alignments),
            Tag::TableHead => {
                self.table.head = true;
                self.table.column = 0;
                self.html.push_str("<thead>\n<tr>");
            }
            Tag::TableRow => {
                self.table.column = 0;
                self.html.push_str("<tr>");
            }
            Tag::TableCell => {
                self.html.push_str(if self.table.head { "<th scope=\"col\"" } else { "<td" });
                // A class and no style attribute: the policy of what a page may run allows no inline style.
                self.html.push_str(match self.table.alignments.get(self.table.column) {
                    Some(Alignment::Center) => " class=\"align-center\">",
                    Some(Alignment::Right) => " class=\"align-right\">",
                    _ => ">",
                });
            }
            Tag::Emphasis => self.html.push_str("<em>"),
            Tag::Strong => self.html.push_str("<strong>"),
            Tag::Strikethrough => self.html.push_str("<del>"),
            Tag::Superscript => self.html.push_str("<sup>"),
            Tag::Subscript => self.html.push_str("<sub>"),
            Tag::Link { link_type, dest_url, title, .. } => {
                let target = if link_type == LinkType::Email { CowStr::from(format!("mailto:{dest_url}")) } else { dest_url };
                self.start_link(&target, &title, "", written);
            }
            Tag::Image { dest_url, title, .. } => self.start_image(dest_url, title, range, written),
            Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::Paragraph => self.end_paragraph(),
            TagEnd::Heading(_) => self.end_heading(range),
            TagEnd::BlockQuote(kind) => {
                self.nesting -= 1;
                self.html.push_str(if kind.is_some() { "</div>\n" } else { "</blockquote>\n" });
            }
            TagEnd::CodeBlock => {
                self.in_code = false;
                self.html.push_str("</code></pre>\n");
            }
            TagEnd::HtmlBlock | TagEnd::MetadataBlock(_) => {}
            TagEnd::List(ordered) => {
                self.nesting -= 1;
                self.html.push_str(if ordered { "</ol>\n" } else { "</ul>\n" });
            }
            TagEnd::Item => self.end_block("</li>\n"),
            TagEnd::FootnoteDefinition => {
                self.nesting -= 1;
                self.line_break = None;
                let (label, outer) = self.footnote.take().expect("a footnote ends after it has begun");
                let note = std::mem::replace(&mut self.html, outer);
                self.footnotes.define(&label, note, range);
            }
            TagEnd::DefinitionList => {
                self.nesting -= 1;
                self.html.push_str("</dl>\n");
            }
            TagEnd::DefinitionListTitle => self.end_block("</dt>\n"),
            TagEnd::DefinitionListDefinition => self.end_block("</dd>\n"),
            TagEnd::Table => self.html.push_str("</tbody>\n</table>\n</div>\n"),
            TagEnd::TableHead => {
                self.table.head = false;
                self.html.push_str("</tr>\n</thead>\n<tbody>\n");
            }
            TagEnd::TableRow => self.html.push_str("</tr>\n"),
            TagEnd::TableCell => {
                self.table.column += 1;
                self.html.push_str(if self.table.head { "</th>" } else { "</td>" });
            }
            TagEnd::Emphasis => self.html.push_str("</em>"),
            TagEnd::Strong => self.html.push_str("</strong>"),
            TagEnd::Strikethrough => self.html.push_str("</del>"),
            TagEnd::Superscript => self.html.push_str("</sup>"),
            TagEnd::Subscript => self.html.push_str("</sub>"),
            TagEnd::Link => self.end_link(range),
            TagEnd::Image => self.end_image(),
        }
    }

    fn finish(mut self) -> Rendered {
        for (label, range) in self.footnotes.finish(&mut self.html) {
            let diagnostic = Diagnostic {
                file: file(self.document),
                span: Some(span(self.document, &(range.start..range.start + label.len() + 3))),
                severity: Severity::Warning,
                code: "unused_footnote",
                message: format!("正文里没有用到注释 `[^{label}]`，它不会出现"),
                hint: Some(format!("在要加注的地方写 `[^{label}]`，或删去这条注释")),
            };
            self.rendered.diagnostics.push(diagnostic);
        }
        self.rendered.body.html = self.html.as_str().to_owned();
        BUFFER.set(self.html);
        if self.rendered.body.excerpt.chars().count() > EXCERPT_LENGTH {
            self.rendered.body.excerpt = shorten(&self.rendered.body.excerpt, EXCERPT_LENGTH);
        }
        self.rendered
    }

    fn end_block(&mut self, tag: &str) {
        self.line_break = None;
        self.last_character = None;
        self.stars_reported = false;
        self.html.push_str(tag);
    }

    /// A block within a list item begins on its own line.
    fn start_line(&mut self) {
        self.line_break = None;
        if !self.html.is_empty() && !self.html.ends_with('\n') {
            self.html.push('\n');
        }
    }

    fn task(&mut self, done: bool) {
        for (plain, marked) in [("<li>", "<li class=\"task\">"), ("<li><p>", "<li class=\"task\"><p>")] {
            if self.html.ends_with(plain) {
                self.html.truncate(self.html.len() - plain.len());
                self.html.push_str(marked);
                break;
            }
        }
        self.html.push_str(if done {
            "<input type=\"checkbox\" disabled checked aria-label=\"已完成\"> "
        } else {
            "<input type=\"checkbox\" disabled aria-label=\"未完成\"> "
        });
    }

    // Tables.

    fn start_table(&mut self, alignments: Vec<Alignment>) {
        self.tables += 1;
        self.table = Table { alignments, column: 0, head: false };
        self.start_line();
        // A wide table scrolls within its box; the box is named so that a screen reader says what one has come upon.
        write!(self.html, "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"表格 {}", self.tables)
            .expect("writing to a string cannot fail");
        if let Some(heading) = self.rendered.body.headings.last() {
            self.html.push('：');
            escape_attribute(&mut self.html, &heading.text);
        }
        self.html.push_str("\">\n<table>\n");
    }

    // Diagnostics.

    fn report_undefined(&mut self, undefined: Vec<(Range<usize>, String)>) {
        let mut seen = HashSet::new();
        for (range, reference) in undefined {
            if !seen.insert(range.start) {
                continue;
            }
            let message = format!("链接 `[{reference}]` 没有写网址");
            let hint = format!("另起一段写 `[{reference}]: 网址`");
            self.report(range, Severity::Error, "undefined_reference", message, Some(hint));
        }
    }

    fn report_mistake(&mut self, mistake: Mistake) {
        self.report(mistake.range, Severity::Error, "shortcode", mistake.message, mistake.hint);
    }

    fn report(&mut self, range: Range<usize>, severity: Severity, code: &'static str, message: String, hint: Option<String>) {
        let span = Some(span(self.document, &range));
        self.rendered.diagnostics.push(Diagnostic { file: file(self.document), span, severity, code, message, hint });
    }

    /// The bytes of a link's address within the bytes of the link.
    fn where_written(&self, address: &str, range: Range<usize>) -> Range<usize> {
        match memchr::memmem::rfind(self.source[range.clone()].as_bytes(), address.as_bytes()) {
            Some(at) if !address.is_empty() => range.start + at..range.start + at + address.len(),
            _ => range,
        }
    }
}

fn file(document: &Document) -> String {
    format!("content/{}", document.path)
}

fn span(document: &Document, range: &Range<usize>) -> Span {
    let end = document.markdown()[range.clone()].trim_end().len() + range.start;
    Span { start: document.body + range.start, end: document.body + end.max(range.start) }
}

/// The class and the title of an alert.
fn alert(kind: BlockQuoteKind) -> (&'static str, &'static str) {
    match kind {
        BlockQuoteKind::Note => ("note", "说明"),
        BlockQuoteKind::Tip => ("tip", "提示"),
        BlockQuoteKind::Important => ("important", "重要"),
        BlockQuoteKind::Warning => ("warning", "注意"),
        BlockQuoteKind::Caution => ("caution", "警告"),
    }
}
