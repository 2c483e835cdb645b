//! From an event of the HTTP API through the functions' router to its answer.

use std::{process::ExitCode, sync::Arc};

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Request, Response, StatusCode, header},
    response::IntoResponse,
};
use functions::{
    http::{RequestId, logged},
    lambda::{self, Answer, Event, Opened, unswept},
};
use lambda_runtime::{Error, LambdaEvent, service_fn, tower::ServiceExt};
use serde_json::value::RawValue;

/// Serves the function `name` until Lambda ends the process.
pub fn serve(name: &str) -> ExitCode {
    lambda::run(name, unswept, |opened| lambda_runtime::run(service_fn(move |event| call(opened.clone(), event))))
}

/// The runtime is given the event as it came: what it cannot read it would quote.
async fn call(opened: Arc<Opened>, LambdaEvent { payload, context }: LambdaEvent<Box<RawValue>>) -> Result<Answer, Error> {
    let event = Event::read(payload.get())?;
    let caller = event.caller();
    let mut request = event.into_request()?;
    let id = RequestId(context.request_id);
    let response = match opened.edge().admit(request.headers_mut(), caller) {
        Ok(visitor) => {
            request.extensions_mut().insert(visitor);
            answer(&opened, id, request).await
        }
        Err(_) => logged(&id, request.method(), "around", async { turned_away() }).await,
    };
    Ok(Answer::of(response).await?)
}

async fn answer(opened: &Opened, id: RequestId, mut request: Request<Body>) -> Response<Body> {
    let service = match opened.service().await {
        Ok(service) => service.clone(),
        Err(error) => {
            let answer = async {
                tracing::error!(%error, "the functions cannot be opened");
                not_now()
            };
            return logged(&id, request.method(), "closed", answer).await;
        }
    };
    request.extensions_mut().insert(id);
    match functions::router(service).oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
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
