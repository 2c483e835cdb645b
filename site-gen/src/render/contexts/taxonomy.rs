//! `taxonomy.html`: the words of a taxonomy with how many pages each has.

use pages::{Head, Link};
use serde::Serialize;

use super::list::Counted;
use crate::render::{head, view::View};

/// The whole of what a taxonomy's page shows.
#[derive(Debug, Serialize)]
pub struct TaxonomyContext<'a> {
    head: Head,
    breadcrumb: Vec<Link>,
    title: &'a str,
    terms: Vec<Counted<'a>>,
}

/// The page of a taxonomy.
pub fn taxonomy<'a>(view: &View<'a>, index: usize) -> TaxonomyContext<'a> {
    let taxonomy = &view.site.taxonomies[index];
    let breadcrumb = vec![Link { label: "首页".to_owned(), url: "/".to_owned() }];
    let description = format!("按{}查找本站内容。", taxonomy.name);
    let column = head::Column { name: &taxonomy.name, description: Some(&description), kind: "概况信息" };
    TaxonomyContext {
        head: head::column(view, &column, &taxonomy.name, &format!("/{}/", taxonomy.id), &breadcrumb),
        breadcrumb,
        title: &taxonomy.name,
        terms: taxonomy.terms.iter().map(|term| Counted { label: &term.name, url: &term.url, count: term.pages.len() }).collect(),
    }
}
