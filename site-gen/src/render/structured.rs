//! Structured data beyond what every page has (`head`): lists, courses, services, and who is behind the site. Nothing where the theme shows
//! none.

use domain::{Attendance, Moment};
use pages::head::JsonLd;
use serde::Serialize;

use super::{
    head::{Organisation, SCHEMA, organisation},
    view::View,
};
use crate::{
    kinds::{Course, Event},
    site::{Page, PageIndex},
};

/// The pages of a list, in its order.
pub fn item_list(view: &View, pages: &[PageIndex]) -> Option<JsonLd> {
    if !view.shown.json_ld || pages.is_empty() {
        return None;
    }
    let items = pages.iter().map(|index| &view.site.pages[*index]).enumerate().map(|(index, page)| Item {
        of_type: "ListItem",
        name: page.document.front.common().title,
        position: index + 1,
        url: view.absolute(&page.url),
    });
    Some(JsonLd::new(&ItemList { context: SCHEMA, of_type: "ItemList", items: items.collect() }))
}

/// Who is behind the site, on its home page.
pub fn site_organisation(view: &View) -> Option<JsonLd> {
    let frame = &view.site.frame;
    view.shown.json_ld.then(|| {
        JsonLd::new(&SiteOrganisation {
            context: SCHEMA,
            of_type: "Organization",
            address: frame.address.as_deref(),
            alternate: &frame.site_name,
            name: &frame.organiser,
            telephone: frame.telephone.as_deref(),
            url: &view.absolute("/"),
        })
    })
}

/// A course with the one occasion on which it is held.
pub fn course(view: &View, page: &Page, course: &Course, description: Option<&str>) -> Option<JsonLd> {
    if !view.shown.json_ld {
        return None;
    }
    let event: &Event = &course.event;
    let mode = match event.attendance {
        Attendance::Onsite => "onsite",
        Attendance::Online => "online",
        Attendance::Both => "blended",
    };
    Some(JsonLd::new(&CourseData {
        context: SCHEMA,
        of_type: "Course",
        description,
        instance: CourseInstance {
            of_type: "CourseInstance",
            mode,
            workload: course.hours.map(|hours| format!("PT{}M", (hours * 60.0).round())),
            end: event.end,
            start: event.start,
        },
        language: "zh-CN",
        name: &course.title,
        provider: organisation(view, &view.absolute("/")),
        teaches: course.abilities.iter().map(|ability| ability.words()).collect(),
        url: &view.absolute(&page.url),
    }))
}

/// A service that begins with the form at `url`.
pub fn service(view: &View, name: &str, description: Option<&str>, url: &str) -> Option<JsonLd> {
    view.shown.json_ld.then(|| {
        let url = view.absolute(url);
        JsonLd::new(&GovernmentService {
            context: SCHEMA,
            of_type: "GovernmentService",
            channel: Channel { of_type: "ServiceChannel", url: &url },
            description,
            name,
            provider: organisation(view, &view.absolute("/")),
            url: &url,
        })
    })
}

// Keys stand in the order of the alphabet: where two versions of a page differ is then easy to see.

#[derive(Serialize)]
struct ItemList<'a> {
    #[serde(rename = "@context")]
    context: &'a str,
    #[serde(rename = "@type")]
    of_type: &'a str,
    #[serde(rename = "itemListElement")]
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    #[serde(rename = "@type")]
    of_type: &'a str,
    name: &'a str,
    position: usize,
    url: String,
}

#[derive(Serialize)]
struct SiteOrganisation<'a> {
    #[serde(rename = "@context")]
    context: &'a str,
    #[serde(rename = "@type")]
    of_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(rename = "alternateName")]
    alternate: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    telephone: Option<&'a str>,
    url: &'a str,
}

#[derive(Serialize)]
struct CourseData<'a> {
    #[serde(rename = "@context")]
    context: &'a str,
    #[serde(rename = "@type")]
    of_type: &'a str,
    description: Option<&'a str>,
    #[serde(rename = "hasCourseInstance")]
    instance: CourseInstance<'a>,
    #[serde(rename = "inLanguage")]
    language: &'a str,
    name: &'a str,
    provider: Organisation<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    teaches: Vec<&'a str>,
    url: &'a str,
}

#[derive(Serialize)]
struct CourseInstance<'a> {
    #[serde(rename = "@type")]
    of_type: &'a str,
    #[serde(rename = "courseMode")]
    mode: &'a str,
    #[serde(rename = "courseWorkload", skip_serializing_if = "Option::is_none")]
    workload: Option<String>,
    #[serde(rename = "endDate")]
    end: Moment,
    #[serde(rename = "startDate")]
    start: Moment,
}

#[derive(Serialize)]
struct GovernmentService<'a> {
    #[serde(rename = "@context")]
    context: &'a str,
    #[serde(rename = "@type")]
    of_type: &'a str,
    #[serde(rename = "availableChannel")]
    channel: Channel<'a>,
    description: Option<&'a str>,
    name: &'a str,
    provider: Organisation<'a>,
    url: &'a str,
}

#[derive(Serialize)]
struct Channel<'a> {
    #[serde(rename = "@type")]
    of_type: &'a str,
    #[serde(rename = "serviceUrl")]
    url: &'a str,
}
