//! `sitemap.xml` and `robots.txt`.

use std::fmt::Write;

use domain::Moment;

use super::{
    feed::{changed, escaped},
    view::View,
};
use crate::site::PageIndex;

/// Every address that may be found, with the date of its last change where one is known.
pub fn sitemap(view: &View) -> String {
    let site = view.site;
    // By page. Each stands in a handful of lists, which all ask for it.
    let changed: Vec<Option<Moment>> = site.pages.iter().map(|page| changed(page.document.front.common())).collect();
    let newest = |pages: &[PageIndex]| pages.iter().filter_map(|page| changed[*page]).max();

    let sections = site.sections.iter().map(|section| (&section.url, newest(&section.pages)));
    let pages = site.pages.iter().zip(&changed).map(|(page, changed)| (&page.url, *changed));
    let terms = site.taxonomies.iter().flat_map(|taxonomy| &taxonomy.terms).map(|term| (&term.url, newest(&term.pages)));
    // A pair of values shows nothing that a single one does not.
    let lists = site.facets.iter().flat_map(|facets| &facets.lists).filter(|list| list.chosen.len() == 1);
    let lists = lists.map(|list| (&list.url, newest(&list.pages)));

    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    let search = "/search/".to_owned();
    for (url, changed) in sections.chain(pages).chain(terms).chain(lists).chain([(&search, None)]) {
        let _ = write!(xml, "<url><loc>{}</loc>", escaped(&view.absolute(url)));
        if let Some(changed) = changed {
            let _ = write!(xml, "<lastmod>{changed}</lastmod>");
        }
        xml.push_str("</url>\n");
    }
    xml.push_str("</urlset>\n");
    xml
}

/// Everything may be read but what concerns one person.
pub fn robots(view: &View) -> String {
    format!("User-agent: *\nDisallow: /f/\nDisallow: /desk/\n\nSitemap: {}\n", view.absolute("/sitemap.xml"))
}
