//! `/f/track`: number and code are asked for, in a POST because the code must not stand in an address. The number may: a receipt has it in
//! a QR code, so that nobody types it.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    form::FieldError,
    value::{QueryCode, TrackingNumber},
    words,
};
use pages::{form::error_views, qr, rights::LostContext, service::TrackContext};

use super::{
    reply::{Refusal, answer as reply, page},
    request::{Posted, Visitor},
};
use crate::{Service, catalogue::Published};

/// What may stand in the address.
#[derive(serde::Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    number: String,
}

/// The form, empty or with the number that the address says. What is no number is left out, not shown: anybody can write an address.
pub(crate) async fn ask(State(service): State<Arc<Service>>, asked: Result<Query<Asked>, QueryRejection>) -> Response {
    let result = async {
        let published = service.published().await?;
        let number = asked.ok().and_then(|Query(asked)| asked.number.parse::<TrackingNumber>().ok());
        page(&published, StatusCode::OK, &context(number.map_or_else(String::new, |number| number.to_string()), &[]))
    };
    reply(&service, result.await)
}

/// The address of a picture that leads to the form with `number` filled in.
pub(crate) fn picture_of(number: &TrackingNumber) -> String {
    format!("/f/track/{number}.png")
}

/// `GET /f/track/NUMBER.png`: a QR code of the form's address with this number. Any number makes one: whether there is such a case is not asked.
pub(crate) async fn picture(State(service): State<Arc<Service>>, Path(file): Path<String>) -> Response {
    let result = async {
        let published = service.published().await?;
        let unknown = || Refusal::new(StatusCode::NOT_FOUND, "没有这个编号的图片", "请对照回执上的编号，到“查进度”里填写。");
        let number: TrackingNumber = file.strip_suffix(".png").and_then(|number| number.parse().ok()).ok_or_else(unknown)?;
        let text = format!("{}/f/track?number={number}", published.frame.base_url);
        let picture = qr::picture(&text).ok_or_else(unknown)?;
        Ok(([(header::CONTENT_TYPE, "image/png")], picture).into_response())
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

/// `GET /f/track/lost`: the code is lost; the number is asked for.
pub(crate) async fn ask_lost(State(service): State<Arc<Service>>) -> Response {
    let result = async {
        let published = service.published().await?;
        page(&published, StatusCode::OK, &lost(String::new(), &[], None))
    };
    reply(&service, result.await)
}

/// `POST /f/track/lost`: the same words for whatever number, so that nobody learns from them whether there is such a one.
pub(crate) async fn report_lost(
    State(service): State<Arc<Service>>,
    Visitor(address): Visitor,
    posted: Result<Posted, Refusal>,
) -> Response {
    let result = async {
        let published = service.published().await?;
        let Posted(raw) = posted?;
        let typed = raw.first("number").trim().to_owned();
        let mut errors = Vec::new();
        let Some(number) = keep::<TrackingNumber, _>(&mut errors, "number", typed.parse()) else {
            return page(&published, StatusCode::UNPROCESSABLE_ENTITY, &lost(typed, &errors, None));
        };
        let by = service.report_lost_code(&published, &number, address).await?;
        page(&published, StatusCode::OK, &lost(number.to_string(), &[], Some(words::deadline(by))))
    };
    reply(&service, result.await)
}

fn lost(number: String, errors: &[FieldError], by: Option<String>) -> LostContext {
    LostContext { action: "/f/track/lost".to_owned(), number, errors: error_views(errors, &["number"]), by }
}

fn keep<T, E: ToString>(errors: &mut Vec<FieldError>, field: &str, parsed: Result<T, E>) -> Option<T> {
    parsed.map_err(|error| errors.push(FieldError { field: field.to_owned(), message: error.to_string() })).ok()
}

fn again(published: &Published, number: String, errors: &[FieldError]) -> Result<Response, Refusal> {
    page(published, StatusCode::UNPROCESSABLE_ENTITY, &context(number, errors))
}

fn context(number: String, errors: &[FieldError]) -> TrackContext {
    TrackContext { action: "/f/track".to_owned(), number, errors: error_views(errors, &["number", "code"]) }
}
