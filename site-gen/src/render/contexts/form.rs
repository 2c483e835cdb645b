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
        head, structured,
        view::{self, View},
        words,
    },
    site::{EventState, Page},
    source::FrontMatter,
};

/// The form for appeals.
const APPEAL: &str = "appeal";

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
    let breadcrumb = view.trail(page.section).links.clone();
    let mut head = head::page(view, page, view::summary(page), &breadcrumb);
    let common = page.document.front.common();
    head.json_ld.extend(structured::service(view, common.title, view::summary(page), &page.url));
    let step = first_step(form, Vec::new());
    Some(FormContext { head, breadcrumb, body: &page.body.html, step, session: None, notice: None })
}

/// The first step of registering at `url` for one of `page`'s sessions, while its state allows it.
pub fn register<'a>(view: &View, page: &Page, url: &str, session: &Session) -> Option<FormContext<'a>> {
    let form = declared(view, &session.form)?.for_session(session);
    let state = page.state.filter(|state| matches!(state, EventState::Open | EventState::Waitlist))?;

    let title = page.document.front.common().title;
    let mut breadcrumb = view.trail(page.section).links.clone();
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

/// Where the appeal begins that the policy of `page` is not kept.
pub fn appeal_url(page: &Page) -> String {
    format!("{}appeal/", page.url)
}

/// The same, for a page that has one: that of a policy, where there is a form for appeals.
pub fn unkept_url(view: &View, page: &Page) -> Option<String> {
    let is_policy = matches!(page.document.front, FrontMatter::Policy(_));
    (is_policy && declared(view, APPEAL).is_some()).then(|| appeal_url(page))
}

/// The first step of an appeal that the policy of `page` is not kept: which policy it is, nobody has to type.
pub fn unkept<'a>(view: &View, page: &Page, url: &str) -> Option<FormContext<'a>> {
    let form = declared(view, APPEAL)?;
    let FrontMatter::Policy(front) = &page.document.front else { return None };
    let mut breadcrumb = view.trail(page.section).links.clone();
    breadcrumb.push(Link { label: front.title.clone(), url: page.url.clone() });
    let mut head = head::plain(view, &format!("这条兑现不了：{}", front.title), None, url);
    head.robots = Some("noindex".to_owned());
    let number = front.number.as_ref().map_or_else(String::new, |number| format!("（{number}）"));
    let known = [
        ("category", "policy".to_owned()),
        ("title", format!("政策没有兑现：{}", front.title)),
        ("description", format!("政策：{}{number}\n我们遇到的情况：", front.title)),
    ];
    let mut raw = Raw::default();
    for (id, words) in known {
        let field = form.steps.first().and_then(|step| step.fields.iter().find(|field| field.id == id));
        let Some(field) = field.filter(|field| field.listed().is_empty() || field.listed().iter().any(|one| one.value == words))
        else {
            continue;
        };
        // What is cut off here, the page of the policy says in full.
        let most = field.max.map_or(usize::MAX, |most| most as usize);
        raw.0.insert(field.id.clone(), vec![words.chars().take(most).collect()]);
    }
    let hidden = vec![Hidden { name: "version".to_owned(), value: form.version.to_string() }];
    Some(FormContext {
        head,
        breadcrumb,
        body: "",
        step: step_page(form, 0, &raw, &[], &format!("/f/{}", form.id), hidden, None),
        session: None,
        notice: Some(format!("这件事是关于“{}”的，下面已经替您写上了。", front.title)),
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
    let breadcrumb = view.trail(page.section).links.clone();
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
