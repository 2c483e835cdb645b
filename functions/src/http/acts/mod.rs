//! `/f/act/…`: what firms and registrants do later. POST, 303, and what came of it at an address that nobody can guess. Who does it is told by
//! the token that the tracker and the receipt hide in their forms; nothing is ever done by GET, which messengers send by themselves.
//!
//! 1. `registration` is what registrants do, `appeal` what firms do with their appeals.
//! 2. `rights` is what everybody may ask of what is stored about them.
//! 3. [`done`] shows what came of it.

mod appeal;
mod registration;
mod rights;

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{form::Raw, value::TrackingNumber};
use pages::{
    form::Hidden,
    registration::{ActLink, Acts},
    service::CaseContext,
};

use super::{
    reply::{Refusal, answer, page, see_other},
    request::Posted,
};
use crate::{
    Service,
    catalogue::Published,
    rights::Record,
    token::{self, Purpose},
};

pub(super) use registration::calendar;
pub(super) use rights::NAMES as CLAIMS;

/// The name under which the token is posted.
pub(super) const TOKEN: &str = "token";
/// The name under which a page says how far somebody is: nothing, `answers`, `sure`.
const STAGE: &str = "stage";

/// What was posted, by somebody who may.
pub(super) struct Asked<'a> {
    pub(super) service: &'a Service,
    pub(super) published: &'a Published,
    pub(super) number: TrackingNumber,
    pub(super) raw: Raw,
}

/// `GET /f/act/ACT`: an address that was typed or reloaded says nothing of who asks.
pub(super) async fn to_the_tracker() -> Response {
    see_other("/track/")
}

/// `POST /f/act/show`: back to what the tracker shows.
pub(super) async fn show(State(service): State<Arc<Service>>, posted: Result<Posted, Refusal>) -> Response {
    let result = async {
        let published = service.published().await?;
        let asked = Asked::by(&service, &published, posted?)?;
        let (_, item) = service.record_of(&asked.number).await?;
        page(&published, StatusCode::OK, &service.page_of(&published, &asked.number, &item).await?)
    };
    answer(&service, result.await)
}

/// `POST /f/act/ACT`: what registrants and firms do.
pub(super) async fn act(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
    posted: Result<Posted, Refusal>,
) -> Response {
    let result = async {
        let published = service.published().await?;
        let asked = Asked::by(&service, &published, posted?)?;
        match asked.record().await? {
            Subject::Erased(nothing) => page(&published, StatusCode::OK, &*nothing),
            Subject::Stored(Record::Appeal(_)) => appeal::act(&asked, &name).await,
            Subject::Stored(Record::Registration(_)) => registration::act(&asked, &name).await,
            Subject::Stored(Record::Intake(_)) => Err(unknown()),
        }
    };
    answer(&service, result.await)
}

/// `POST /f/act/ACT` for the act `name` of [`CLAIMS`]: what everybody may ask of what is stored about them.
pub(super) async fn claim(service: Arc<Service>, name: &str, posted: Result<Posted, Refusal>) -> Response {
    let result = async {
        let published = service.published().await?;
        let asked = Asked::by(&service, &published, posted?)?;
        match asked.record().await? {
            Subject::Erased(nothing) => page(&published, StatusCode::OK, &*nothing),
            Subject::Stored(record) => rights::act(&asked, name, &record).await,
        }
    };
    answer(&service, result.await)
}

/// `GET /f/done/ID`
pub(super) async fn done(State(service): State<Arc<Service>>, Path(id): Path<String>) -> Response {
    let result = async {
        let published = service.published().await?;
        let Some((number, outcome)) = service.outcome(&id).await? else {
            return Err(Refusal::new(
                StatusCode::GONE,
                "这一页已经打不开了",
                "办理结果页只保留 30 分钟。办成的事已经存好，凭编号和查询码随时可以查。",
            )
            .first("凭编号和查询码查询", "/track/"));
        };
        let asked = Asked { service: &service, published: &published, number, raw: Raw::default() };
        let context = match service.record_of(&number).await?.0 {
            record if record.origin().erased.is_some() => rights::stands(&asked, outcome, &record),
            Record::Appeal(_) => appeal::stands(&asked, outcome).await?,
            Record::Registration(_) => registration::stands(&asked, outcome).await?,
            record @ Record::Intake(_) => rights::stands(&asked, outcome, &record),
        };
        page(&published, StatusCode::OK, &context)
    };
    answer(&service, result.await)
}

/// What an act is about.
enum Subject {
    Stored(Record),
    /// It was erased; so much is left to show.
    Erased(Box<CaseContext>),
}

impl<'a> Asked<'a> {
    /// What somebody asks who may, as the token says that they posted.
    fn by(service: &'a Service, published: &'a Published, Posted(raw): Posted) -> Result<Asked<'a>, Refusal> {
        let number = token::read(&service.keys, Purpose::Act, raw.first(TOKEN), service.clock.now()).ok_or_else(too_late)?;
        Ok(Asked { service, published, number, raw })
    }

    async fn record(&self) -> Result<Subject, Refusal> {
        let (record, _) = self.service.record_of(&self.number).await?;
        Ok(match record.origin().erased {
            Some(erased) => Subject::Erased(Box::new(self.service.erased_page(&self.number, &record, erased).await?)),
            None => Subject::Stored(record),
        })
    }
}

impl Asked<'_> {
    fn is_sure(&self) -> bool {
        self.raw.first(STAGE) == "sure"
    }

    /// Where it stands what came of `act`: the same for a button that was pressed twice, another one when something was typed anew.
    fn outcome_id(&self, act: &str) -> String {
        self.service.outcome_id(act, &self.raw)
    }

    /// What a form carries along: who it is, and how far.
    fn hidden(&self, stage: &str) -> Vec<Hidden> {
        // A fresh one: whoever is still here has not gone away.
        let token = self.service.act_token(&self.number);
        [(TOKEN, token), (STAGE, stage.to_owned())].map(|(name, value)| Hidden { name: name.to_owned(), value }).into()
    }

    /// The button that leads back to what the tracker shows.
    fn back(&self, label: &str) -> Acts {
        Acts { links: vec![link("show", label, false)], token: self.service.act_token(&self.number) }
    }
}

/// A button that leads to an act's page.
pub(crate) fn link(act: &str, label: &str, main: bool) -> ActLink {
    ActLink { label: label.to_owned(), action: format!("/f/act/{act}"), main }
}

pub(super) fn too_late() -> Refusal {
    Refusal::new(
        StatusCode::GONE,
        "这一页放得太久了",
        "为了保护您的信息，输入编号和查询码半小时后要重新输入。刚才这一步没有办，什么也没有改。",
    )
    .first("重新输入编号和查询码", "/track/")
}

pub(super) fn unknown() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "没有这一项", "网址可能不完整。")
}
