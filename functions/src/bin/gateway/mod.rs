//! From an event of the HTTP API through the functions' router to its answer.

use std::{convert::Infallible, net::IpAddr, pin::Pin, process::ExitCode, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderName, HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
};
use functions::{
    Service,
    http::{RequestId, logged},
    lambda::{self, Opened},
};
use lambda_http::{Body as Text, Request, RequestExt, request::RequestContext, service_fn, tower::ServiceExt};

/// The routes that a function serves.
type Routes = fn(Arc<Service>) -> Router;

/// Serves `routes` as the function `name` until Lambda ends the process.
pub fn serve(name: &str, routes: Routes) -> ExitCode {
    lambda::run(name, lambda::without_scans, |opened| {
        lambda_http::run(service_fn(move |request| whole(opened.clone(), routes, request)))
    })
}

async fn whole(opened: Arc<Opened>, routes: Routes, request: Request) -> Result<Whole, Infallible> {
    let answer = answer(opened, routes, request).await?;
    let (parts, body) = answer.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.expect("the router's answers lie in memory");
    let body = match String::from_utf8(bytes.into()) {
        Ok(text) => Text::Text(text),
        Err(error) => Text::Binary(error.into_bytes()),
    };
    Ok(Whole(Response::from_parts(parts, body)))
}

/// An answer as an event holds it: as text where it is text. lambda_http would tell that from its type and then carry, for texts in any of the web's
/// encodings, the tables of all of them.
struct Whole(Response<Text>);

impl lambda_http::IntoResponse for Whole {
    fn into_response(self) -> Pin<Box<dyn Future<Output = Response<Text>> + Send>> {
        Box::pin(std::future::ready(self.0))
    }
}

async fn answer(opened: Arc<Opened>, routes: Routes, request: Request) -> Result<Response<Body>, Infallible> {
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
    routes(service).oneshot(request).await
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
