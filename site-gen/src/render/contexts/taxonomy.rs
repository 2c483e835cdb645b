//! `taxonomy.html`: the words of a taxonomy with how many pages each has.

use pages::{Head, Link};
use serde::Serialize;

use super::list::Counted;
use crate::render::{head, view::View};

/// The whole of what a taxonomy's page shows.
#[derive(Debug, Serialize)]
pub struct TaxonomyContext {
    head: Head,
    breadcrumb: Vec<Link>,
    title: String,
    terms: Vec<Counted>,
}

/// The page of a taxonomy.
pub fn taxonomy(view: &View, index: usize) -> TaxonomyContext {
    let taxonomy = &view.site.taxonomies[index];
    let breadcrumb = vec![Link { label: "首页".to_owned(), url: "/".to_owned() }];
    let description = Some(format!("按{}查找本站内容。", taxonomy.name));
    let column = head::Column { name: &taxonomy.name, description, kind: "概况信息" };
    let count = |term: &crate::site::Term| Counted { label: term.name.clone(), url: term.url.clone(), count: term.pages.len() };
    TaxonomyContext {
        head: head::column(view, &column, &taxonomy.name, &format!("/{}/", taxonomy.id), &breadcrumb),
        breadcrumb,
        title: taxonomy.name.clone(),
        terms: taxonomy.terms.iter().map(count).collect(),
    }
}
