//! An article for an official account's editor, which keeps nothing but inline styles: no class, no script, no style sheet, no link.
//!
//! A theme's template writes the article as plain HTML with a `<style>` before it; [`pasted`] writes each rule into the elements that it is for. Rules are
//! `h2 { … }`, `.facts { … }`, `p.note { … }` or several of these with commas; of two that say something of one element the later one counts, as in a style sheet. Links become
//! their words and their address, addresses are whole, and of a picture in several widths the plain one is left. [`shown`] is the same article for
//! the page that it is copied from, whose policy allows no inline style: with its classes.

use std::fmt::Write;

use crate::{
    markdown::text::{escape, escape_attribute},
    search::text::{end_of_tag, entities, name},
};

/// The article with all that it needs within, addresses being completed by `absolute`.
pub fn pasted(html: &str, absolute: &dyn Fn(&str) -> String) -> String {
    let (style, body) = parted(html);
    Writer { rules: rules(style), absolute, inline: true, out: String::with_capacity(body.len() * 2), links: Vec::new() }
        .run(body)
}

/// The same for the eyes, without its style; pictures are those of the site at hand.
pub fn shown(html: &str, absolute: &dyn Fn(&str) -> String) -> String {
    let (_, body) = parted(html);
    Writer { rules: Vec::new(), absolute, inline: false, out: String::with_capacity(body.len()), links: Vec::new() }.run(body)
}

/// The text of the style sheet before the article, and the article.
fn parted(html: &str) -> (&str, &str) {
    let parted = html.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>"));
    parted.unwrap_or(("", html))
}

/// A selector and what it says.
struct Rule<'a> {
    tag: &'a str,
    class: &'a str,
    says: String,
}

fn rules(style: &str) -> Vec<Rule<'_>> {
    let mut rules = Vec::new();
    for rule in style.split('}') {
        let Some((selectors, says)) = rule.split_once('{') else { continue };
        let says: String =
            says.split(';').map(str::trim).filter(|says| !says.is_empty()).map(|says| format!("{says};")).collect();
        for selector in selectors.split(',').map(str::trim) {
            let (tag, class) = selector.split_once('.').unwrap_or((selector, ""));
            rules.push(Rule { tag, class, says: says.clone() });
        }
    }
    rules
}

struct Writer<'a> {
    rules: Vec<Rule<'a>>,
    absolute: &'a dyn Fn(&str) -> String,
    inline: bool,
    out: String,
    /// Where each open link leads, and where its words begin.
    links: Vec<(Option<String>, usize)>,
}

impl Writer<'_> {
    fn run(mut self, html: &str) -> String {
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            self.out.push_str(&rest[..at]);
            let tag = &rest[at..];
            rest = match skipped(tag) {
                Some(after) => after,
                None => {
                    let end = end_of_tag(tag);
                    self.tag(&tag[..end]);
                    &tag[end..]
                }
            };
        }
        self.out.push_str(rest);
        self.out.trim().to_owned()
    }

    fn tag(&mut self, tag: &str) {
        let lower = name(tag).to_ascii_lowercase();
        let opens = !tag.starts_with("</");
        match lower.as_str() {
            "a" if opens => {
                let leads = attribute(tag, "href").filter(|href| is_shown(href)).map(|href| (self.absolute)(&href));
                self.links.push((leads, self.out.len()));
            }
            "a" => self.end_link(),
            "img" => self.image(tag),
            "br" => self.out.push_str("<br>"),
            "hr" => self.open("hr", "hr", tag),
            "input" => self.out.push_str(if tag.contains("checked") { "☑ " } else { "☐ " }),
            _ => {
                let Some(kept) = kept(&lower) else { return };
                if opens { self.open(kept, &lower, tag) } else { self.out.push_str(&format!("</{kept}>")) }
            }
        }
    }

    /// `name` is what is written, `was` what the rules know it by.
    fn open(&mut self, name: &str, was: &str, tag: &str) {
        self.out.push('<');
        self.out.push_str(name);
        for kept in ["colspan", "rowspan", "start"] {
            if let Some(value) = attribute(tag, kept) {
                self.attribute(kept, &value);
            }
        }
        self.style(was, tag);
        self.out.push('>');
    }

    fn image(&mut self, tag: &str) {
        let Some(source) = attribute(tag, "src") else { return };
        self.out.push_str("<img");
        let source = if self.inline { (self.absolute)(&source) } else { source };
        self.attribute("src", &source);
        self.attribute("alt", &attribute(tag, "alt").unwrap_or_default());
        if !self.inline {
            for kept in ["width", "height"] {
                if let Some(value) = attribute(tag, kept) {
                    self.attribute(kept, &value);
                }
            }
        }
        self.style("img", tag);
        self.out.push('>');
    }

    fn attribute(&mut self, name: &str, value: &str) {
        write!(self.out, " {name}=\"").expect("writing to a string cannot fail");
        escape_attribute(&mut self.out, value);
        self.out.push('"');
    }

    fn style(&mut self, name: &str, tag: &str) {
        let classes = attribute(tag, "class").unwrap_or_default();
        if !self.inline {
            if !classes.is_empty() {
                self.attribute("class", &classes);
            }
            return;
        }
        let is_for = |rule: &&Rule<'_>| {
            (rule.tag.is_empty() || rule.tag == name)
                && (rule.class.is_empty() || classes.split_whitespace().any(|class| class == rule.class))
        };
        let style: String = self.rules.iter().filter(is_for).map(|rule| rule.says.as_str()).collect();
        if !style.is_empty() {
            self.attribute("style", &style);
        }
    }

    /// The address after the words, unless they are the address.
    fn end_link(&mut self) {
        let Some((leads, at)) = self.links.pop() else { return };
        let Some(leads) = leads else { return };
        let words = &self.out[at..];
        if !words.contains(leads.trim_end_matches('/')) && !words.contains("<img") {
            self.out.push('（');
            escape(&mut self.out, &leads);
            self.out.push('）');
        }
    }
}

/// Elements that an editor keeps, and what others become; nothing for those that leave their words only.
fn kept(name: &str) -> Option<&str> {
    Some(match name {
        "p" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "li" | "blockquote" | "pre" | "code" | "table" | "thead"
        | "tbody" | "tr" | "th" | "td" | "strong" | "em" | "b" | "i" | "del" | "sub" | "sup" | "span" | "section" => name,
        "div" | "figure" | "article" | "aside" | "header" | "footer" | "dl" | "dt" | "dd" | "details" => "section",
        "figcaption" | "summary" => "p",
        "small" | "mark" | "kbd" | "time" => "span",
        _ => return None,
    })
}

/// Only for machines, or for jumping about on the page.
fn skipped(tag: &str) -> Option<&str> {
    let after = |end: &str| Some(tag.find(end).map_or("", |at| &tag[at + end.len()..]));
    match name(tag) {
        "!--" => after("-->"),
        "script" => after("</script>"),
        "style" => after("</style>"),
        "a" if tag.starts_with("<a class=\"footnote-back\"") => after("</a>"),
        _ => None,
    }
}

/// Telephone numbers and addresses of mail are their own words, and an anchor leads nowhere outside of the page.
fn is_shown(href: &str) -> bool {
    !href.is_empty() && !["#", "tel:", "mailto:"].iter().any(|start| href.starts_with(start))
}

/// The value of an attribute in double quotes, as our own Markdown and templates write them, its entities decoded.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag;
    loop {
        let at = rest.find(name)?;
        let (before, after) = (rest[..at].chars().next_back()?, &rest[at + name.len()..]);
        if let Some(value) = after.strip_prefix("=\"").filter(|_| before.is_ascii_whitespace()) {
            return value.split_once('"').map(|(value, _)| entities(value));
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn absolute(url: &str) -> String {
        if url.starts_with('/') { format!("https://a.cn{url}") } else { url.to_owned() }
    }

    #[test]
    fn rules_become_styles_and_classes_go() {
        let html = "<style>h2, p { color: #222 }\np.note { font-size: 14px; color: #555; }\n.facts{margin:0}</style>\
            <h2 id=\"a\">时间</h2><p>甲</p><p class=\"note wide\">乙</p><div class=\"facts\"><dl><dt>丙</dt></dl></div>";
        let pasted = pasted(html, &absolute);
        assert_eq!(
            pasted,
            "<h2 style=\"color: #222;\">时间</h2><p style=\"color: #222;\">甲</p>\
             <p style=\"color: #222;font-size: 14px;color: #555;\">乙</p>\
             <section style=\"margin:0;\"><section><section>丙</section></section></section>"
        );
        assert!(shown(html, &absolute).contains("<p class=\"note wide\">乙</p>"));
        assert!(!shown(html, &absolute).contains("style"));
    }

    #[test]
    fn a_link_becomes_its_words_and_its_address() {
        for (html, expected) in [
            ("<a href=\"/courses/?a=1&amp;b=2\">课程</a>", "课程（https://a.cn/courses/?a=1&amp;b=2）"),
            ("<a class=\"external\" rel=\"noopener\" href=\"https://b.cn/x/\">https://b.cn/x</a>", "https://b.cn/x"),
            ("<a href=\"tel:12345\">12345</a>，<a href=\"#fn-1\">1</a>", "12345，1"),
            ("<a title=\"href\" href=\"/a/\"><em>甲</em></a>", "<em>甲</em>（https://a.cn/a/）"),
            ("丁</a>戊", "丁戊"),
        ] {
            assert_eq!(pasted(html, &absolute), expected, "{html}");
        }
    }

    #[test]
    fn of_a_picture_its_plain_width_and_its_words_are_left() {
        let html = "<figure><picture><source type=\"image/webp\" srcset=\"/a-480.webp 480w\" sizes=\"100vw\"><img src=\"/a-960.jpg\" \
            srcset=\"/a-480.jpg 480w\" sizes=\"100vw\" alt=\"会场 &quot;一&quot;\" width=\"960\" height=\"640\" loading=\"lazy\"></picture><figcaption>图</figcaption></figure>";
        assert_eq!(
            pasted(html, &absolute),
            "<section><img src=\"https://a.cn/a-960.jpg\" alt=\"会场 &quot;一&quot;\"><p>图</p></section>"
        );
        assert!(
            shown(html, &absolute).contains("<img src=\"/a-960.jpg\" alt=\"会场 &quot;一&quot;\" width=\"960\" height=\"640\">")
        );
    }

    #[test]
    fn nothing_that_an_editor_refuses_is_left() {
        let html = "<style>p{color:red}</style><p class=\"x\" onclick=\"a()\">甲<!-- 乙 --><script>丙</script></p><style>p{}</style>\
            <iframe src=\"/x\"></iframe><details open><summary>丁</summary><p>戊</p></details><input type=\"checkbox\" checked disabled>己<video controls>庚</video>";
        assert_eq!(
            pasted(html, &absolute),
            "<p style=\"color:red;\">甲</p><section><p>丁</p><p style=\"color:red;\">戊</p></section>☑ 己庚"
        );
        for unfinished in ["<", "<p", "</", "<!--", "<style>", "<img", "<a href=\"", "<p class=\"", "甲<"] {
            let _ = pasted(unfinished, &absolute);
        }
    }
}
