//! Tells open pages of each build: `/_dev/events` streams the status, `/_dev/reload.js` acts on it.
//!
//! The script is put into HTML by reference, so the site's strict CSP holds while it is being worked on. Nothing of this is
//! there when files are not watched.

use std::{convert::Infallible, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::get,
};
use futures_util::stream::{Stream, unfold};
use tokio::sync::watch;

use super::status::Status;

/// What the event stream needs to know.
#[derive(Clone)]
pub struct Reload {
    /// What the last build left.
    pub status: watch::Receiver<Status>,
    /// Turns true when the process stops: an open stream would hold it up.
    pub stopping: watch::Receiver<bool>,
}

impl Reload {
    /// What the script needs, below `/_dev/`.
    pub fn routes(self) -> Router {
        Router::new()
            .route("/_dev/events", get(events))
            .route("/_dev/reload.js", get(|| file("text/javascript; charset=utf-8", include_str!("reload.js"))))
            .with_state(self)
    }

    /// The looks of a list of mistakes; the page that stands in for a site needs them also when nothing is watched.
    pub fn style() -> Router {
        Router::new().route("/_dev/overlay.css", get(|| file("text/css; charset=utf-8", include_str!("overlay.css"))))
    }

    /// `html` with the script at its end.
    pub fn inject(html: Vec<u8>, status: &Status) -> Vec<u8> {
        const END: &[u8] = b"</body>";
        let script = format!("<script src=\"/_dev/reload.js\" data-build=\"{}\" defer></script>\n", status.build);
        let at = html.windows(END.len()).rposition(|window| window == END).unwrap_or(html.len());
        let mut injected = Vec::with_capacity(html.len() + script.len());
        injected.extend_from_slice(&html[..at]);
        injected.extend_from_slice(script.as_bytes());
        injected.extend_from_slice(&html[at..]);
        injected
    }

    /// The script's tag for the page that lists mistakes; any build makes that page stale.
    pub fn script_of_mistakes(status: &Status) -> String {
        format!("<script src=\"/_dev/reload.js\" data-revision=\"{}\" defer></script>\n", status.revision)
    }

    /// Puts the script into the functions' pages that were asked for with GET. The answer to a POST is left alone: reloading
    /// it would post again.
    pub async fn inject_into_response(State(reload): State<Reload>, request: Request, next: Next) -> Response {
        let asked_for = request.method() == Method::GET;
        let response = next.run(request).await;
        let is_html = response
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("text/html"));
        if !asked_for || !is_html {
            return response;
        }
        let (mut parts, body) = response.into_parts();
        let Ok(bytes) = to_bytes(body, usize::MAX).await else {
            return axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let bytes = Reload::inject(bytes.into(), &reload.status.borrow());
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        Response::from_parts(parts, Body::from(bytes))
    }
}

async fn file(content_type: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "no-cache")], text)
}

async fn events(State(reload): State<Reload>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(statuses(reload)).keep_alive(KeepAlive::new().interval(Duration::from_secs(20)))
}

/// The present status at once, then each new one, until the process stops.
fn statuses(reload: Reload) -> impl Stream<Item = Result<Event, Infallible>> {
    unfold((reload, true), |(mut reload, first)| async move {
        if !first {
            let stopping = async {
                let _ = reload.stopping.wait_for(|stopping| *stopping).await;
            };
            tokio::select! {
                changed = reload.status.changed() => changed.ok()?,
                () = stopping => return None,
            }
        }
        let status = serde_json::to_string(&*reload.status.borrow_and_update()).expect("a status is plain text and numbers");
        Some((Ok(Event::default().event("status").data(status)), (reload, false)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_stands_before_the_last_end_of_the_body() {
        let status = Status { build: "7-1".into(), ..Status::default() };
        let script = "<script src=\"/_dev/reload.js\" data-build=\"7-1\" defer></script>\n";
        for (html, expected) in [
            ("<body>a</body></html>", format!("<body>a{script}</body></html>")),
            ("<pre>&lt;/body></pre></body> x </body>", format!("<pre>&lt;/body></pre></body> x {script}</body>")),
            ("no body", format!("no body{script}")),
            ("", script.to_owned()),
        ] {
            assert_eq!(String::from_utf8(Reload::inject(html.into(), &status)).unwrap(), expected);
        }
    }
}
