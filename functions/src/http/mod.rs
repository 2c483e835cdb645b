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
    let further = Router::new()
        .route("/f/track/{file}", get(track::picture))
        .route("/f/track/lost", get(track::ask_lost).post(track::report_lost))
        .route("/f/seats/{session}", get(seats::left))
        .route("/f/act/{act}", post(acts::act).get(acts::to_the_tracker))
        .route("/f/done/{id}", get(acts::done))
        .route("/f/sent/{id}", get(files::sent))
        .route("/f/files", post(files::take).get(acts::to_the_tracker).layer(DefaultBodyLimit::max(files::LARGEST)))
        .route("/f/calendar/{file}", get(acts::calendar))
        .route("/f/checkin/{session}", get(door::ask).post(door::enter))
        .route("/f/checkin/{session}/{digits}", get(door::ready))
        .route("/f/qr/{session}/{file}", get(door::picture));
    served(service, first().merge(further))
}

/// The part of them by which somebody brings forward a matter and follows it: forms, receipts and the tracker. For a function that is called
/// with nothing else and need not be linked with the rest.
pub fn appeals_router(service: Arc<Service>) -> Router {
    served(service, first())
}

fn first() -> Router<Arc<Service>> {
    Router::new()
        .route("/f/track", get(track::ask).post(track::answer))
        .route("/f/receipt/{id}", get(forms::receipt))
        .route("/f/{form}", post(forms::begin).get(forms::to_the_form))
        .route("/f/{form}/draft/{id}/review", get(forms::review))
        .route("/f/{form}/draft/{id}/confirm", post(forms::confirm).get(forms::to_the_review))
        .route("/f/{form}/draft/{id}/{step}", get(forms::show_step).post(forms::answer_step))
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
