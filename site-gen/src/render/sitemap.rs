//! `sitemap.xml` and `robots.txt`.

use std::fmt::Write;

use domain::Moment;

use super::{feed::escaped, view::View};

/// Every address that may be found, with the date of its last change where one is known.
pub fn sitemap(view: &View) -> String {
    let site = view.site;
    let sections = site.sections.iter().map(|section| (section.url.as_str(), newest(view, &section.pages)));
    let pages = site.pages.iter().map(|page| {
        let common = page.document.front.common();
        (page.url.as_str(), common.updated.or(common.date))
    });
    let terms = site.taxonomies.iter().flat_map(|taxonomy| &taxonomy.terms);
    let terms = terms.map(|term| (term.url.as_str(), newest(view, &term.pages)));

    // A pair of values shows nothing that a single one does not.
    let lists = site.facets.iter().flat_map(|facets| &facets.lists).filter(|list| list.chosen.len() == 1);
    let lists = lists.map(|list| (list.url.as_str(), newest(view, &list.pages)));

    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for (url, changed) in sections.chain(pages).chain(terms).chain(lists).chain([("/search/", None)]) {
        let _ = write!(xml, "<url><loc>{}</loc>", escaped(&view.absolute(url)));
        if let Some(changed) = changed {
            let _ = write!(xml, "<lastmod>{changed}</lastmod>");
        }
        xml.push_str("</url>\n");
    }
    xml.push_str("</urlset>\n");
    xml
}

/// The latest change among pages.
fn newest(view: &View, pages: &[usize]) -> Option<Moment> {
    let common = pages.iter().map(|index| view.site.pages[*index].document.front.common());
    common.filter_map(|common| common.updated.or(common.date)).max()
}

/// Everything may be read but what concerns one person.
pub fn robots(view: &View) -> String {
    format!("User-agent: *\nDisallow: /f/\nDisallow: /desk/\n\nSitemap: {}\n", view.absolute("/sitemap.xml"))
}
