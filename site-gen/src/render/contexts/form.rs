//! `form.html` and `track.html`: pages that begin a service. The functions answer with every further page.

use domain::{
    Session,
    form::{Form, Raw},
};
use pages::{
    Head, Link,
    form::{Hidden, StepPage, further_steps, step_page},
    service::{SessionFacts, TrackContext},
};
use serde::Serialize;

use super::event;
use crate::{
    render::{
        head,
        view::{self, View},
        words,
    },
    site::{EventState, Page},
};

/// The first step of a form.
#[derive(Debug, Serialize)]
pub struct FormContext<'a> {
    head: Head,
    breadcrumb: Vec<Link>,
    /// What stands above the first question.
    body: &'a str,
    step: StepPage,
    /// The session registered for, on registration forms.
    session: Option<SessionFacts>,
    /// Said before the first question: that one will wait for a place.
    notice: Option<String>,
}

/// The form that `page` asks for; none when it asks for none, or for one that is not declared.
pub fn form<'a>(view: &View<'a>, page: &'a Page, id: &str) -> Option<FormContext<'a>> {
    let form = declared(view, id)?;
    let breadcrumb = view.trail(page.section);
    let head = head::page(view, page, view::summary(page), &breadcrumb);
    let step = first_step(form, Vec::new());
    Some(FormContext { head, breadcrumb, body: &page.body.html, step, session: None, notice: None })
}

/// The first step of registering at `url` for one of `page`'s sessions, while its state allows it.
pub fn register<'a>(view: &View, page: &Page, url: &str, session: &Session) -> Option<FormContext<'a>> {
    let form = declared(view, &session.form)?.for_session(session);
    let state = page.state.filter(|state| matches!(state, EventState::Open | EventState::Waitlist))?;

    let title = page.document.front.common().title;
    let mut breadcrumb = view.trail(page.section);
    breadcrumb.push(Link { label: title.to_owned(), url: page.url.clone() });
    let mut head = head::plain(view, &format!("报名：{title}"), None, url);
    head.robots = Some("noindex".to_owned());
    let hidden = vec![Hidden { name: "session".to_owned(), value: session.id.clone() }];
    Some(FormContext {
        head,
        breadcrumb,
        body: "",
        step: first_step(&form, hidden),
        session: Some(session_facts(session, page)),
        notice: view::event(page).and_then(|event| event::notice(event, state)),
    })
}

/// Tracking by number and code, with the page's own words above it.
#[derive(Debug, Serialize)]
pub struct TrackingContext<'a> {
    head: Head,
    breadcrumb: Vec<Link>,
    title: &'a str,
    body: &'a str,
    #[serde(flatten)]
    track: TrackContext,
}

/// The tracking page.
pub fn track<'a>(view: &View<'a>, page: &'a Page) -> TrackingContext<'a> {
    let breadcrumb = view.trail(page.section);
    let head = head::page(view, page, view::summary(page), &breadcrumb);
    TrackingContext {
        head,
        breadcrumb,
        title: page.document.front.common().title,
        body: &page.body.html,
        track: TrackContext { action: "/f/track".to_owned(), number: String::new(), errors: Vec::new() },
    }
}

fn declared<'a>(view: &View<'a>, id: &str) -> Option<&'a Form> {
    view.site.forms.iter().map(|source| &source.form).find(|form| form.id == id)
}

/// The static first step: nothing typed, nothing wrong.
fn first_step(form: &Form, mut hidden: Vec<Hidden>) -> StepPage {
    hidden.insert(0, Hidden { name: "version".to_owned(), value: form.version.to_string() });
    let action = format!("/f/{}", form.id);
    let step = step_page(form, 0, &Raw::default(), &[], &action, hidden, None);
    StepPage { further: further_steps(form, &action), ..step }
}

fn session_facts(session: &Session, page: &Page) -> SessionFacts {
    SessionFacts {
        title: session.title.clone(),
        url: session.url.clone(),
        time: words::span(session.start, session.end),
        place: session.place.clone(),
        form: view::attendance(session.attendance).to_owned(),
        seats: event::seats_left(session, page),
        live: Some(session.id.clone()),
        contact: session.contact.clone(),
        example: session.example,
    }
}
