//! One line in the log for every request: what was asked for and how it ended.
//!
//! On one machine it is a tracing event (`RUST_LOG=functions=info`); on Lambda the same event becomes a line of JSON that CloudWatch
//! also counts.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::Method,
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, field};

use crate::{
    encoding,
    log::{ANSWERED, REQUEST},
    seal::random,
};

/// The name under which whoever calls the router knows a request: put it into the request's extensions. Without it the router makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Writes the line. A panic must have been caught further inside.
pub(super) async fn write(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().cloned().unwrap_or_else(RequestId::new);
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let method = request.method().clone();
    logged(&id, &method, route, next.run(request)).await
}

/// Writes the line of a request that `answer` answers. For requests that do not reach the router; the router does it for those that do.
pub async fn logged(RequestId(id): &RequestId, method: &Method, route: &str, answer: impl Future<Output = Response>) -> Response {
    let began = Instant::now();
    // At the level of errors, so that an event of any level tells to which request it belongs.
    let span = tracing::error_span!(REQUEST, request = id, %method, route, number = field::Empty);
    let response = answer.instrument(span.clone()).await;
    let (status, duration_ms) = (response.status().as_u16(), began.elapsed().as_secs_f64() * 1000.0);
    span.in_scope(|| tracing::info!(target: ANSWERED, status, duration_ms, "answered"));
    response
}

impl RequestId {
    fn new() -> RequestId {
        RequestId(encoding::base32(&random::<10>()))
    }
}
