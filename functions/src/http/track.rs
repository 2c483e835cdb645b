//! `/f/track`: number and code are asked for, in a POST because the code must not stand in an address.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    form::FieldError,
    value::{QueryCode, TrackingNumber},
};
use pages::{form::error_views, service::TrackContext};

use super::{
    reply::{Refusal, answer as reply, page},
    request::{Posted, Visitor},
};
use crate::{Service, catalogue::Published};

/// The empty form.
pub(crate) async fn ask(State(service): State<Arc<Service>>) -> Response {
    let result = async {
        let published = service.published().await?;
        page(&published, StatusCode::OK, &context(String::new(), &[]))
    };
    reply(&service, result.await)
}

/// What was asked for, or the form again.
pub(crate) async fn answer(
    State(service): State<Arc<Service>>,
    Visitor(address): Visitor,
    posted: Result<Posted, Refusal>,
) -> Response {
    let result = async {
        let published = service.published().await?;
        let Posted(raw) = posted?;
        let number = raw.first("number").trim().to_owned();
        let mut errors = Vec::new();
        let parsed: Option<TrackingNumber> = keep(&mut errors, "number", number.parse());
        let code: Option<QueryCode> = keep(&mut errors, "code", raw.first("code").parse());
        let (Some(parsed), Some(code)) = (parsed, code) else { return again(&published, number, &errors) };

        match service.look_up(&published, &parsed, &code, address).await? {
            Some(case) => page(&published, StatusCode::OK, &case),
            None => {
                let message = "编号和查询码对不上，请对照回执核对后再试".to_owned();
                again(&published, number, &[FieldError { field: "number".to_owned(), message }])
            }
        }
    };
    reply(&service, result.await)
}

fn keep<T, E: ToString>(errors: &mut Vec<FieldError>, field: &str, parsed: Result<T, E>) -> Option<T> {
    parsed.map_err(|error| errors.push(FieldError { field: field.to_owned(), message: error.to_string() })).ok()
}

fn again(published: &Published, number: String, errors: &[FieldError]) -> Result<Response, Refusal> {
    page(published, StatusCode::UNPROCESSABLE_ENTITY, &context(number, errors))
}

fn context(number: String, errors: &[FieldError]) -> TrackContext {
    TrackContext { action: "/f/track".to_owned(), number, errors: error_views(errors, ["number", "code"].into_iter()) }
}
