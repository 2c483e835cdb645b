//! From an event of the HTTP API through the functions' router to its answer.

use std::{convert::Infallible, net::IpAddr, process::ExitCode, sync::Arc};

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use functions::{
    http::{RequestId, logged},
    lambda::{self, Opened},
};
use lambda_http::{Request, RequestExt, request::RequestContext, service_fn, tower::ServiceExt};

/// Serves the function `name` until Lambda ends the process.
pub fn serve(name: &str) -> ExitCode {
    lambda::run(name, |opened| lambda_http::run(service_fn(move |request| answer(opened.clone(), request))))
}

async fn answer(opened: Arc<Opened>, request: Request) -> Result<Response<Body>, Infallible> {
    let id = RequestId(request.lambda_context().request_id);
    let (method, caller) = (request.method().clone(), caller(&request));
    let mut request = request.map(Body::new);
    let visitor = match opened.edge().admit(request.headers_mut(), caller) {
        Ok(visitor) => visitor,
        Err(_) => return Ok(logged(&id, &method, "around", async { turned_away() }).await),
    };
    let service = match opened.service().await {
        Ok(service) => service.clone(),
        Err(error) => {
            let answer = async {
                tracing::error!(%error, "the functions cannot be opened");
                not_now()
            };
            return Ok(logged(&id, &method, "closed", answer).await);
        }
    };
    request.extensions_mut().insert(id);
    request.extensions_mut().insert(visitor);
    functions::router(service).oneshot(request).await
}

/// Whom the gateway was called by: its own word, not a header.
fn caller(request: &Request) -> IpAddr {
    let source = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref(),
        _ => None,
    };
    source.and_then(|source| source.parse().ok()).unwrap_or(IpAddr::from([0, 0, 0, 0]))
}

/// Nobody on the way keeps what is only true now.
const NO_STORE: [(HeaderName, HeaderValue); 1] = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];

fn turned_away() -> Response<Body> {
    (StatusCode::FORBIDDEN, NO_STORE, "请从网站的正式网址打开这一页。\n").into_response()
}

/// There is no table to store anything in, so nothing is stored and the person must know it.
fn not_now() -> Response<Body> {
    let words =
        "网站暂时连不上数据\n\n刚才这一步没有存下来。请过一分钟，按后退键回到刚才的页面再提交一次。已经拿到编号的，不受影响。\n";
    (StatusCode::SERVICE_UNAVAILABLE, NO_STORE, [(header::RETRY_AFTER, HeaderValue::from_static("30"))], words).into_response()
}
