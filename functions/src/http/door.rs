//! `/f/checkin/…`: the door of a session, on the phone of whoever stands there or of whoever arrives. Opening a page records nothing: a
//! messenger that looks at an address beforehand checks nobody in. Only the button does, and twice is harmless.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Session, form::FieldError, registration::check_in, value::CheckInCode, words};
use pages::{
    form::error_views,
    qr,
    registration::{CheckInContext, CheckInResult},
};

use super::{
    reply::{Refusal, answer, page},
    request::{Posted, Visitor},
};
use crate::{
    Service,
    catalogue::Published,
    registrations::{Door, session_facts},
};

/// A picture of digits never changes.
const CACHED: &str = "public, max-age=86400";

/// `GET /f/checkin/SESSION`: asks for the digits.
pub(crate) async fn ask(State(service): State<Arc<Service>>, Path(session): Path<String>) -> Response {
    let result = async {
        let published = service.published().await?;
        let session = find(&published, &session)?;
        page(&published, StatusCode::OK, &context(session))
    };
    answer(&service, result.await)
}

/// `GET /f/checkin/SESSION/DIGITS`: where the QR code leads. One button.
pub(crate) async fn ready(State(service): State<Arc<Service>>, Path((session, digits)): Path<(String, String)>) -> Response {
    let result = async {
        let published = service.published().await?;
        let session = find(&published, &session)?;
        let code: CheckInCode = digits.parse().map_err(|_| unknown())?;
        page(&published, StatusCode::OK, &CheckInContext { digits: code.to_string(), ready: true, ..context(session) })
    };
    answer(&service, result.await)
}

/// `POST /f/checkin/SESSION`
pub(crate) async fn enter(
    State(service): State<Arc<Service>>,
    Path(session): Path<String>,
    Visitor(address): Visitor,
    posted: Result<Posted, Refusal>,
) -> Response {
    let result = async {
        let published = service.published().await?;
        let Posted(raw) = posted?;
        let session = find(&published, &session)?;
        let typed = raw.first("code").trim().to_owned();
        let wrong = |message: String| {
            let errors = [FieldError { field: "code".to_owned(), message }];
            CheckInContext { digits: typed.clone(), errors: error_views(&errors, &["code"]), ..context(session) }
        };
        let code = match typed.parse::<CheckInCode>() {
            Ok(code) => code,
            Err(error) => return page(&published, StatusCode::UNPROCESSABLE_ENTITY, &wrong(error.to_string())),
        };
        let door = service.knock(&session.id, code, address).await?;
        match door {
            Door::Welcome { registration, again, .. } => {
                let way = registration.standing.seats().map_or_else(String::new, |way| format!("{}席位，", way.words()));
                let title = if again { "已经签到过，请进" } else { "签到成功" };
                let result =
                    CheckInResult {
                        title: title.to_owned(), message: format!("{way}{} 人", registration.people), welcome: true
                    };
                page(&published, StatusCode::OK, &CheckInContext { result: Some(result), ..context(session) })
            }
            Door::Refused(check_in::NotIn::Unknown) => {
                page(&published, StatusCode::UNPROCESSABLE_ENTITY, &wrong(check_in::NotIn::Unknown.to_string()))
            }
            Door::Refused(why) => {
                let result = CheckInResult { title: "没有签到".to_owned(), message: format!("{why}。"), welcome: false };
                page(&published, StatusCode::CONFLICT, &CheckInContext { result: Some(result), ..context(session) })
            }
        }
    };
    answer(&service, result.await)
}

/// `GET /f/qr/SESSION/DIGITS.png`: the address of the door with these digits, for cameras. It tells nothing that its own address does not.
pub(crate) async fn picture(State(service): State<Arc<Service>>, Path((session, file)): Path<(String, String)>) -> Response {
    let result = async {
        let published = service.published().await?;
        let session = find(&published, &session)?;
        let code: CheckInCode = file.strip_suffix(".png").unwrap_or(&file).parse().map_err(|_| unknown())?;
        let text = format!("{}/f/checkin/{}/{}", published.frame.base_url, session.id, code.digits());
        let file = qr::picture(&text).ok_or_else(unknown)?;
        Ok(([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, CACHED)], file).into_response())
    };
    answer(&service, result.await)
}

/// 12月5日 12:00—17:00: when people check in.
pub(crate) fn window(session: &Session) -> String {
    let (from, until) = check_in::window(session);
    if from.date() == until.date() {
        format!("{} {}—{}", words::day(from.date()), words::time(from), words::time(until))
    } else {
        words::span(from, until)
    }
}

fn context(session: &Session) -> CheckInContext {
    CheckInContext {
        session: session_facts(session, &Default::default(), false),
        window: window(session),
        action: format!("/f/checkin/{}", session.id),
        digits: String::new(),
        errors: Vec::new(),
        result: None,
        ready: false,
    }
}

fn find<'a>(published: &'a Published, session: &str) -> Result<&'a Session, Refusal> {
    published.session(session).ok_or_else(unknown)
}

fn unknown() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "没有找到这一场", "网址可能不完整。请重新扫码，或者请工作人员按姓名签到。")
}
