//! Atom feeds (RFC 4287) of the site and of each section that says `feed: true`.

use std::fmt::Write;

use domain::Moment;

use super::{
    card, head,
    view::{self, View},
};
use crate::{
    kinds::Common,
    site::{Page, Section},
};

/// Entries in a feed; readers keep the older ones.
const ENTRIES: usize = 30;

/// The newest pages of all sections that have a feed.
pub fn of_site(view: &View) -> String {
    let sections = view.site.sections.iter().filter(|section| head::feeds(section));
    let pages = sections.flat_map(|section| &section.pages).map(|index| &view.site.pages[*index]);
    feed(view, &view.site.frame.site_name, Some(&view.site.frame.tagline), "/", "/feed.xml", pages.collect())
}

/// The newest pages of one section.
pub fn of_section(view: &View, section: &Section) -> String {
    let common = section.document.front.common();
    let title = format!("{} - {}", common.title, view.site.frame.site_name);
    let pages = section.pages.iter().map(|index| &view.site.pages[*index]);
    feed(view, &title, common.summary, &section.url, &head::feed_url(section), pages.collect())
}

fn feed(view: &View, title: &str, subtitle: Option<&str>, url: &str, feed_url: &str, pages: Vec<&Page>) -> String {
    let dated = pages.into_iter().filter_map(|page| Some((changed(page.document.front.common())?, page)));
    let mut entries: Vec<(Moment, &Page)> = dated.collect();
    let newest =
        |(one, page): &(Moment, &Page), (other, next): &(Moment, &Page)| other.cmp(one).then_with(|| page.url.cmp(&next.url));
    // A site has thousands of pages, of which few are shown.
    if entries.len() > ENTRIES {
        entries.select_nth_unstable_by(ENTRIES, newest);
        entries.truncate(ENTRIES);
    }
    entries.sort_unstable_by(newest);
    // A feed without entries has never changed; the epoch says so and stays the same from build to build.
    let updated = entries.first().map_or(Moment(jiff::Timestamp::UNIX_EPOCH), |(changed, _)| *changed);

    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"zh-CN\">\n",
    );
    element(&mut xml, "title", title);
    if let Some(subtitle) = subtitle {
        element(&mut xml, "subtitle", subtitle);
    }
    element(&mut xml, "id", &view.absolute(feed_url));
    element(&mut xml, "updated", &updated.to_string());
    link(&mut xml, "self", "application/atom+xml", &view.absolute(feed_url));
    link(&mut xml, "alternate", "text/html", &view.absolute(url));
    let _ = writeln!(xml, "<author><name>{}</name></author>", escaped(&view.site.frame.organiser));
    for (changed, page) in entries {
        entry(&mut xml, view, page, changed);
    }
    xml.push_str("</feed>\n");
    xml
}

fn entry(xml: &mut String, view: &View, page: &Page, changed: Moment) {
    let common = page.document.front.common();
    let url = view.absolute(&page.url);
    xml.push_str("<entry>\n");
    let example = if common.example { "（示例）" } else { "" };
    element(xml, "title", &format!("{example}{}", common.title));
    element(xml, "id", &url);
    link(xml, "alternate", "text/html", &url);
    if let Some(published) = common.date {
        element(xml, "published", &published.to_string());
    }
    element(xml, "updated", &changed.to_string());
    let _ = writeln!(xml, "<category term=\"{}\"/>", card::kind(page.document.front.kind()));
    if let Some(summary) = view::summary(page) {
        element(xml, "summary", summary);
    }
    xml.push_str("</entry>\n");
}

/// When a page last really changed; none for pages without a date, which are no news.
pub fn changed(common: Common) -> Option<Moment> {
    common.updated.or(common.date)
}

fn element(xml: &mut String, name: &str, value: &str) {
    let _ = writeln!(xml, "<{name}>{}</{name}>", escaped(value));
}

fn link(xml: &mut String, relation: &str, form: &str, url: &str) {
    let _ = writeln!(xml, "<link rel=\"{relation}\" type=\"{form}\" href=\"{}\"/>", escaped(url));
}

/// Text that may stand between tags and in an attribute.
pub fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            // Characters that XML 1.0 cannot hold at all.
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            character => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_that_xml_cannot_hold_gets_into_a_feed() {
        for (value, text) in [
            ("a & b", "a &amp; b"),
            ("<b \"c\">", "&lt;b &quot;c&quot;&gt;"),
            ("控\u{1b}制\u{0}符", "控制符"),
            ("行\n行", "行\n行"),
        ] {
            assert_eq!(escaped(value), text);
        }
    }
}
