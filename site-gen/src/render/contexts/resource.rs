//! `resource.html`: an entry of the three libraries.

use serde::Serialize;

use super::{Fact, Opening, opening};
use crate::{
    render::{view::View, words},
    site::Page,
    source::FrontMatter,
};

/// The whole of what a resource's page shows.
#[derive(Debug, Serialize)]
pub struct ResourceContext<'a> {
    #[serde(flatten)]
    opening: Opening<'a>,
    library: &'static str,
    services: &'a [String],
    facts: Vec<Fact>,
}

/// The page of a resource; none for other pages.
pub fn resource<'a>(view: &View<'a>, page: &'a Page) -> Option<ResourceContext<'a>> {
    let FrontMatter::Resource(front) = &page.document.front else { return None };
    Some(ResourceContext {
        opening: opening(view, page),
        library: front.library.words(),
        services: &front.services,
        facts: vec![
            Fact::new("提供单位", &front.provider),
            Fact::new("适合谁", &front.audience),
            Fact::new("怎样对接", &front.contact),
            Fact { iso: Some(front.checked.to_string()), ..Fact::new("最近核对", words::date(front.checked)) },
        ],
    })
}
