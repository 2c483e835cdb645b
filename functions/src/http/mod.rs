//! The public routes under `/f/`.
//!
//! 1. `request` reads what was posted and from where, and refuses what no form of ours sends.
//! 2. `forms` is a form's life: first step, draft, 核对, 确认, receipt.
//! 3. `track` finds things again.
//! 4. `acts` is what registrants do later, `files` takes what they send along, `door` lets them in.
//! 5. `seats` tells a static page how many seats are left now.
//! 6. `reply` makes pages of the answers, of refusals and of failures.
//! 7. `line` writes what became of it to the log.

mod acts;
mod door;
mod files;
mod forms;
mod line;
mod reply;
pub(crate) mod request;
mod seats;
mod track;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderName, HeaderValue, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use pages::headers;
use tower_http::catch_panic::CatchPanicLayer;

use self::{reply::Refusal, request::Posted};
use crate::{Service, keys};

pub(crate) use acts::link as act_link;
pub(crate) use door::window as check_in_window;
pub(crate) use files::outcome as file_outcome;
pub(crate) use track::picture_of as track_picture;

pub use line::{RequestId, logged};
pub use request::Visitor;

/// The public routes of a service: `/f/…` and `/healthz`.
///
/// The server must say where a request comes from: [`axum::extract::ConnectInfo`] of a socket address, or [`Visitor`] when it has no
/// socket. It may name the request by [`RequestId`].
pub fn router(service: Arc<Service>) -> Router {
    let all = forms().merge(events()).merge(found_again()).merge(later()).merge(stored());
    // In the cloud a browser posts a file to the bucket.
    let files = post(files::take).get(acts::to_the_tracker).layer(DefaultBodyLimit::max(files::LARGEST));
    served(service, all.route("/f/files", files))
}

/// The same routes by job, for functions that are each linked with their own job only and called with nothing else.
pub mod jobs {
    use super::{Arc, Router, Service, events, forms, found_again, later, served, stored};

    /// Forms from their first step to 确认: for the function that takes appeals.
    pub fn appeal(service: Arc<Service>) -> Router {
        served(service, forms())
    }

    /// Forms, how many seats are left, and the door: for the function that takes registrations and every other form.
    pub fn registration(service: Arc<Service>) -> Router {
        served(service, forms().merge(events()))
    }

    /// Receipts, the tracker, and whatever else is only looked at.
    pub fn tracker(service: Arc<Service>) -> Router {
        served(service, found_again())
    }

    /// What registrants and firms do later.
    pub fn acts(service: Arc<Service>) -> Router {
        served(service, later())
    }

    /// What everybody may ask of what is stored about them.
    pub fn rights(service: Arc<Service>) -> Router {
        served(service, stored())
    }
}

fn forms() -> Router<Arc<Service>> {
    Router::new()
        .route("/f/{form}", post(forms::begin).get(forms::to_the_form))
        .route("/f/{form}/draft/{id}/review", get(forms::review))
        .route("/f/{form}/draft/{id}/confirm", post(forms::confirm).get(forms::to_the_review))
        .route("/f/{form}/draft/{id}/{step}", get(forms::show_step).post(forms::answer_step))
}

fn events() -> Router<Arc<Service>> {
    Router::new()
        .route("/f/seats/{session}", get(seats::left))
        .route("/f/checkin/{session}", get(door::ask).post(door::enter))
        .route("/f/checkin/{session}/{digits}", get(door::ready))
}

fn found_again() -> Router<Arc<Service>> {
    Router::new()
        .route("/f/receipt/{id}", get(forms::receipt))
        .route("/f/track", get(track::ask).post(track::answer))
        .route("/f/track/lost", get(track::ask_lost).post(track::report_lost))
        .route("/f/track/{file}", get(track::picture))
        .route("/f/act/show", post(acts::show).get(acts::to_the_tracker))
        .route("/f/done/{id}", get(acts::done))
        .route("/f/sent/{id}", get(files::sent))
        .route("/f/calendar/{file}", get(acts::calendar))
        .route("/f/qr/{session}/{file}", get(door::picture))
}

fn later() -> Router<Arc<Service>> {
    Router::new().route("/f/act/{act}", post(acts::act).get(acts::to_the_tracker))
}

fn stored() -> Router<Arc<Service>> {
    acts::CLAIMS.iter().fold(Router::new(), |routes, name| {
        let claim = |State(service): State<Arc<Service>>, posted: Result<Posted, Refusal>| acts::claim(service, name, posted);
        routes.route(&format!("/f/act/{name}"), post(claim).get(acts::to_the_tracker))
    })
}

fn served(service: Arc<Service>, routes: Router<Arc<Service>>) -> Router {
    let panicked = {
        let service = service.clone();
        move |_: Box<dyn std::any::Any + Send>| reply::panicked(&service)
    };
    routes
        .route("/healthz", get(healthz))
        // Not a catch-all route: `/f/{*rest}` would conflict with `/f/{form}/…`. Whoever serves more than the functions sets its own.
        .fallback(reply::nothing_here)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(private))
        .layer(middleware::from_fn(line::write))
        .with_state(service)
}

/// Whether the table can be read, its key is the one in use, scheduled work runs (each minute it writes, so a full disk or a writer that
/// died shows here) and a site is published: what the functions need to do their work.
async fn healthz(State(service): State<Arc<Service>>) -> Response {
    let failing = |what: String| (StatusCode::SERVICE_UNAVAILABLE, format!("{what}\n")).into_response();
    match keys::confirm(service.table.as_ref(), &service.keys).await {
        Ok(true) => {}
        Ok(false) => return failing("the table's key is not the one in use".to_owned()),
        Err(error) => return failing(error.to_string()),
    }
    match service.stopped_since().await {
        Ok(None) => {}
        Ok(Some(since)) => {
            return failing(format!("nothing scheduled was done since {since}: can the table be written, is its disk full?"));
        }
        Err(error) => return failing(error.to_string()),
    }
    match service.published().await {
        Ok(published) => (StatusCode::OK, format!("ok {}\n", published.version)).into_response(),
        Err(error) => failing(error.to_string()),
    }
}

/// An answer concerns one person and nobody keeps a copy, unless its handler says for how long; the policy is the site's, unless its handler says
/// which other place a form may go to.
async fn private(request: axum::extract::Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in headers::SECURITY.iter().chain(headers::PRIVATE) {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    response
}
