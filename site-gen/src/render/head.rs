//! What pages say about themselves in their `<head>`: labels, canonical address, `og:` properties, structured data. What the theme does
//! not show ([`super::view::Shown`]) is not made.

use domain::{Attendance, Moment};
use pages::{
    Head, Link,
    head::{JsonLd, Meta},
};
use serde::Serialize;

use super::{view::View, words};
use crate::{
    kinds::{Event, Kind},
    site::{EventState, Page, Section},
};

/// A page at `url` that is neither a column nor an article: search, 404.
pub fn plain(view: &View, title: &str, description: Option<&str>, url: &str) -> Head {
    let frame = &view.site.frame;
    let canonical = view.absolute(url);
    let open_graph = if view.shown.open_graph { open_graph(view, title, description, &canonical) } else { Vec::new() };
    let site_feed = Link { label: frame.site_name.clone(), url: "/feed.xml".to_owned() };
    let mut head = Head::new(frame, title);
    if !view.shown.labels {
        head.labels.clear();
    }
    Head {
        description: description.map(str::to_owned),
        canonical: Some(canonical),
        open_graph,
        feed: Some(site_feed),
        current: view.current(url),
        ..head
    }
}

fn open_graph(view: &View, title: &str, description: Option<&str>, canonical: &str) -> Vec<Meta> {
    let mut open_graph = vec![
        Meta::new("og:type", "website"),
        Meta::new("og:site_name", &view.site.frame.site_name),
        Meta::new("og:locale", "zh_CN"),
        Meta::new("og:title", title),
        Meta::new("og:url", canonical),
    ];
    open_graph.extend(description.map(|text| Meta::new("og:description", text)));
    open_graph
}

/// The picture at `url` that whoever shows a preview of the page may show with it. Nothing where the theme shows no `og:` properties.
pub fn picture(view: &View, head: &mut Head, url: &str, (width, height): (u32, u32)) {
    if view.shown.open_graph {
        head.open_graph.extend([
            Meta::new("og:image", &view.absolute(url)),
            Meta::new("og:image:type", "image/png"),
            Meta::new("og:image:width", &width.to_string()),
            Meta::new("og:image:height", &height.to_string()),
        ]);
    }
}

/// What a column's labels say.
pub struct Column<'a> {
    /// ColumnName
    pub name: &'a str,
    /// ColumnDescription
    pub description: Option<&'a str>,
    /// ColumnType
    pub kind: &'a str,
}

/// A list of pages, or a page that is not an article because it has no date: it is its own column.
pub fn column(view: &View, column: &Column, title: &str, url: &str, trail: &[Link]) -> Head {
    let mut head = plain(view, title, column.description, url);
    if view.shown.labels {
        let description = column.description.unwrap_or(&view.site.frame.tagline);
        let keywords = format!("{},{}", column.name, view.site.frame.site_name);
        head.labels.extend([
            Meta::new("ColumnName", column.name),
            Meta::new("ColumnDescription", description),
            Meta::new("ColumnKeywords", &keywords),
            Meta::new("ColumnType", column.kind),
        ]);
    }
    head.json_ld.extend(breadcrumb(view, trail, title));
    head
}

/// The head of a section's list; `title` names the page of the list, too.
pub fn section(view: &View, of: &Section, title: &str, url: &str, trail: &[Link]) -> Head {
    let common = of.document.front.common();
    let mut head =
        column(view, &Column { name: common.title, description: common.summary, kind: column_type(of) }, title, url, trail);
    if feeds(of) {
        head.feed = Some(Link { label: format!("{} - {}", common.title, view.site.frame.site_name), url: feed_url(of) });
    }
    head
}

/// The head of one page: an article when it has a date.
pub fn page(view: &View, page: &Page, description: Option<&str>, trail: &[Link]) -> Head {
    let common = page.document.front.common();
    let of = &view.site.sections[page.section];
    let Some(published) = common.date else {
        let kind = if column_type(of) == "首页" { "办事服务" } else { column_type(of) };
        return column(view, &Column { name: common.title, description, kind }, common.title, &page.url, trail);
    };

    let mut head = plain(view, common.title, description, &page.url);
    let source = common.source.unwrap_or(&view.site.frame.organiser);
    if view.shown.labels {
        head.labels.extend([
            Meta::new("ArticleTitle", common.title),
            Meta::new("PubDate", &words::published(published)),
            Meta::new("ContentSource", source),
        ]);
        head.labels.extend((!common.tags.is_empty()).then(|| Meta::new("Keywords", &common.tags.join(","))));
        head.labels.extend(common.author.map(|author| Meta::new("Author", author)));
        head.labels.extend(description.map(|text| Meta::new("Description", text)));
        head.labels.push(Meta::new("Url", &view.absolute(&page.url)));
    }

    if let Some(og_type) = head.open_graph.iter_mut().find(|meta| meta.name == "og:type") {
        og_type.content = "article".to_owned();
        head.open_graph.push(Meta::new("article:published_time", &published.to_string()));
        head.open_graph.extend(common.updated.map(|updated| Meta::new("article:modified_time", &updated.to_string())));
    }

    head.json_ld.extend(breadcrumb(view, trail, common.title));
    if view.shown.json_ld && !matches!(page.document.front.kind(), Kind::Activity | Kind::Course) {
        head.json_ld.push(JsonLd::new(&NewsArticle {
            context: SCHEMA,
            of_type: "NewsArticle",
            author: Organisation { of_type: "Organization", name: source, url: None },
            modified: common.updated.unwrap_or(published),
            published,
            description,
            headline: common.title,
            language: "zh-CN",
            page: &view.absolute(&page.url),
            publisher: organisation(view, &view.absolute("/")),
        }));
    }
    head
}

/// ColumnType of a section.
pub fn column_type(section: &Section) -> &str {
    match &section.document.front {
        crate::source::FrontMatter::Section(front) => front.column_type.as_deref().unwrap_or("概况信息"),
        _ => "概况信息",
    }
}

/// Whether a section has a feed of its own.
pub fn feeds(section: &Section) -> bool {
    matches!(&section.document.front, crate::source::FrontMatter::Section(front) if front.feed)
}

/// `/courses/feed.xml`
pub fn feed_url(section: &Section) -> String {
    format!("{}feed.xml", section.url)
}

/// The occasion as a `BusinessEvent`; its state is told by `eventStatus`. Nothing where the theme shows no structured data.
pub fn business_event(view: &View, page: &Page, event: &Event, state: EventState, description: Option<&str>) -> Option<JsonLd> {
    if !view.shown.json_ld {
        return None;
    }
    let status = match state {
        EventState::Cancelled => "https://schema.org/EventCancelled",
        EventState::Postponed => "https://schema.org/EventPostponed",
        _ => "https://schema.org/EventScheduled",
    };
    let url = view.absolute(&page.url);
    let place = Location::Place { of_type: "Place", address: &event.place, name: &event.place };
    let online = Location::Online { of_type: "VirtualLocation", url: &url };
    let both;
    let (mode, location) = match event.attendance {
        Attendance::Onsite => ("https://schema.org/OfflineEventAttendanceMode", place),
        Attendance::Online => ("https://schema.org/OnlineEventAttendanceMode", online),
        Attendance::Both => {
            both = [place, online];
            ("https://schema.org/MixedEventAttendanceMode", Location::Both(&both))
        }
    };
    Some(JsonLd::new(&BusinessEvent {
        context: SCHEMA,
        of_type: "BusinessEvent",
        description,
        end: event.end,
        mode,
        status,
        free: event.fee.is_none(),
        location,
        name: page.document.front.common().title,
        organizer: organisation(view, &view.absolute("/")),
        start: event.start,
        url: &url,
    }))
}

/// The way to the page as structured data; nothing for a page that stands at its beginning.
fn breadcrumb(view: &View, trail: &[Link], title: &str) -> Option<JsonLd> {
    if trail.is_empty() || !view.shown.json_ld {
        return None;
    }
    let step = |(index, (name, url)): (usize, (_, Option<&str>))| Step {
        of_type: "ListItem",
        item: url.map(|url| view.absolute(url)),
        name,
        position: index + 1,
    };
    let named = trail.iter().map(|link| (link.label.as_str(), Some(link.url.as_str())));
    let steps = named.chain([(title, None)]).enumerate().map(step).collect();
    Some(JsonLd::new(&Breadcrumb { context: SCHEMA, of_type: "BreadcrumbList", steps }))
}

/// The body behind the site.
pub(super) fn organisation<'a>(view: &View<'a>, url: &'a str) -> Organisation<'a> {
    Organisation { of_type: "Organization", name: &view.site.frame.organiser, url: Some(url) }
}

pub(super) const SCHEMA: &str = "https://schema.org";

// Keys stand in the order of the alphabet: where two versions of a page differ is then easy to see.

#[derive(Serialize)]
struct NewsArticle<'a> {
    #[serde(rename = "@context")]
    context: &'a str,
    #[serde(rename = "@type")]
    of_type: &'a str,
    author: Organisation<'a>,
    #[serde(rename = "dateModified")]
    modified: Moment,
    #[serde(rename = "datePublished")]
    published: Moment,
    description: Option<&'a str>,
    headline: &'a str,
    #[serde(rename = "inLanguage")]
    language: &'a str,
    #[serde(rename = "mainEntityOfPage")]
    page: &'a str,
    publisher: Organisation<'a>,
}

/// A body, named.
#[derive(Serialize)]
pub(super) struct Organisation<'a> {
    #[serde(rename = "@type")]
    of_type: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct BusinessEvent<'a> {
    #[serde(rename = "@context")]
    context: &'a str,
    #[serde(rename = "@type")]
    of_type: &'a str,
    description: Option<&'a str>,
    #[serde(rename = "endDate")]
    end: Moment,
    #[serde(rename = "eventAttendanceMode")]
    mode: &'a str,
    #[serde(rename = "eventStatus")]
    status: &'a str,
    #[serde(rename = "isAccessibleForFree")]
    free: bool,
    location: Location<'a>,
    name: &'a str,
    organizer: Organisation<'a>,
    #[serde(rename = "startDate")]
    start: Moment,
    url: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Location<'a> {
    Place {
        #[serde(rename = "@type")]
        of_type: &'a str,
        address: &'a str,
        name: &'a str,
    },
    Online {
        #[serde(rename = "@type")]
        of_type: &'a str,
        url: &'a str,
    },
    Both(&'a [Location<'a>]),
}

#[derive(Serialize)]
struct Breadcrumb<'a> {
    #[serde(rename = "@context")]
    context: &'a str,
    #[serde(rename = "@type")]
    of_type: &'a str,
    #[serde(rename = "itemListElement")]
    steps: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Step<'a> {
    #[serde(rename = "@type")]
    of_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<String>,
    name: &'a str,
    position: usize,
}
