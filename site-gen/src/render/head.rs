//! What pages say about themselves in their `<head>`: labels, canonical address, `og:` properties, structured data.

use domain::Attendance;
use pages::{
    Head, Link,
    head::{JsonLd, Meta},
};
use serde_json::{Value, json};

use super::{view::View, words};
use crate::{
    kinds::{Event, Kind},
    site::{EventState, Page, Section},
};

/// A page at `url` that is neither a column nor an article: search, 404.
pub fn plain(view: &View, title: &str, description: Option<String>, url: &str) -> Head {
    let frame = &view.site.frame;
    let canonical = view.absolute(url);
    let mut open_graph = vec![
        Meta::new("og:type", "website"),
        Meta::new("og:site_name", &frame.site_name),
        Meta::new("og:locale", "zh_CN"),
        Meta::new("og:title", title),
        Meta::new("og:url", &canonical),
    ];
    open_graph.extend(description.as_deref().map(|text| Meta::new("og:description", text)));
    let site_feed = Link { label: frame.site_name.clone(), url: "/feed.xml".to_owned() };
    Head {
        description,
        canonical: Some(canonical),
        open_graph,
        feed: Some(site_feed),
        current: view.current(url),
        ..Head::new(frame, title)
    }
}

/// What a column's labels say.
pub struct Column<'a> {
    /// ColumnName
    pub name: &'a str,
    /// ColumnDescription
    pub description: Option<String>,
    /// ColumnType
    pub kind: &'a str,
}

/// A list of pages, or a page that is not an article because it has no date: it is its own column.
pub fn column(view: &View, column: &Column, title: &str, url: &str, trail: &[Link]) -> Head {
    let mut head = plain(view, title, column.description.clone(), url);
    let description = column.description.as_deref().unwrap_or(&view.site.frame.tagline);
    let keywords = format!("{},{}", column.name, view.site.frame.site_name);
    head.labels.extend([
        Meta::new("ColumnName", column.name),
        Meta::new("ColumnDescription", description),
        Meta::new("ColumnKeywords", &keywords),
        Meta::new("ColumnType", column.kind),
    ]);
    head.json_ld.extend(breadcrumb(view, trail, title));
    head
}

/// The head of a section's list; `title` names the page of the list, too.
pub fn section(view: &View, of: &Section, title: &str, url: &str, trail: &[Link]) -> Head {
    let common = of.document.front.common();
    let description = common.summary.map(str::to_owned);
    let mut head = column(view, &Column { name: common.title, description, kind: column_type(of) }, title, url, trail);
    if feeds(of) {
        head.feed = Some(Link { label: format!("{} - {}", common.title, view.site.frame.site_name), url: feed_url(of) });
    }
    head
}

/// The head of one page: an article when it has a date.
pub fn page(view: &View, page: &Page, description: Option<String>, trail: &[Link]) -> Head {
    let common = page.document.front.common();
    let of = &view.site.sections[page.section];
    let Some(published) = common.date else {
        let kind = if column_type(of) == "首页" { "办事服务" } else { column_type(of) };
        return column(view, &Column { name: common.title, description, kind }, common.title, &page.url, trail);
    };

    let mut head = plain(view, common.title, description.clone(), &page.url);
    let source = common.source.unwrap_or(&view.site.frame.organiser);
    head.labels.extend([
        Meta::new("ArticleTitle", common.title),
        Meta::new("PubDate", &words::published(published)),
        Meta::new("ContentSource", source),
    ]);
    head.labels.extend((!common.tags.is_empty()).then(|| Meta::new("Keywords", &common.tags.join(","))));
    head.labels.extend(common.author.map(|author| Meta::new("Author", author)));
    head.labels.extend(description.as_deref().map(|text| Meta::new("Description", text)));
    head.labels.push(Meta::new("Url", &view.absolute(&page.url)));

    if let Some(og_type) = head.open_graph.iter_mut().find(|meta| meta.name == "og:type") {
        og_type.content = "article".to_owned();
    }
    head.open_graph.push(Meta::new("article:published_time", &published.to_string()));
    head.open_graph.extend(common.updated.map(|updated| Meta::new("article:modified_time", &updated.to_string())));

    head.json_ld.extend(breadcrumb(view, trail, common.title));
    if !matches!(page.document.front.kind(), Kind::Activity | Kind::Course) {
        head.json_ld.push(JsonLd::new(&json!({
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": common.title,
            "description": description,
            "datePublished": published,
            "dateModified": common.updated.unwrap_or(published),
            "inLanguage": "zh-CN",
            "mainEntityOfPage": view.absolute(&page.url),
            "publisher": organisation(view),
            "author": { "@type": "Organization", "name": source },
        })));
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

/// The occasion as a `BusinessEvent`; its state is told by `eventStatus`.
pub fn business_event(view: &View, page: &Page, event: &Event, state: EventState, description: Option<&str>) -> JsonLd {
    let status = match state {
        EventState::Cancelled => "https://schema.org/EventCancelled",
        EventState::Postponed => "https://schema.org/EventPostponed",
        _ => "https://schema.org/EventScheduled",
    };
    let url = view.absolute(&page.url);
    let place = json!({ "@type": "Place", "name": event.place, "address": event.place });
    let online = json!({ "@type": "VirtualLocation", "url": url });
    let (mode, location) = match event.attendance {
        Attendance::Onsite => ("OfflineEventAttendanceMode", place),
        Attendance::Online => ("OnlineEventAttendanceMode", online),
        Attendance::Both => ("MixedEventAttendanceMode", json!([place, online])),
    };
    JsonLd::new(&json!({
        "@context": "https://schema.org",
        "@type": "BusinessEvent",
        "name": page.document.front.common().title,
        "description": description,
        "url": url,
        "startDate": event.start,
        "endDate": event.end,
        "eventStatus": status,
        "eventAttendanceMode": format!("https://schema.org/{mode}"),
        "location": location,
        "isAccessibleForFree": event.fee.is_none(),
        "organizer": organisation(view),
    }))
}

fn organisation(view: &View) -> Value {
    json!({ "@type": "Organization", "name": view.site.frame.organiser, "url": view.absolute("/") })
}

/// The way to the page as structured data; nothing for a page that stands at its beginning.
fn breadcrumb(view: &View, trail: &[Link], title: &str) -> Option<JsonLd> {
    if trail.is_empty() {
        return None;
    }
    let step = |position: usize, name: &str, url: Option<&str>| match url {
        Some(url) => json!({ "@type": "ListItem", "position": position, "name": name, "item": view.absolute(url) }),
        None => json!({ "@type": "ListItem", "position": position, "name": name }),
    };
    let mut items: Vec<Value> =
        trail.iter().enumerate().map(|(index, link)| step(index + 1, &link.label, Some(&link.url))).collect();
    items.push(step(items.len() + 1, title, None));
    Some(JsonLd::new(&json!({ "@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": items })))
}
