//! Answers as pages. A refusal says what happened, that nothing was lost, and what to do next; a failure is logged once, here, under an id
//! that the visitor can quote, and shows only text we chose.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use pages::{
    Link,
    service::{ProblemContext, ServicePage},
};

use crate::{Service, ServiceError, catalogue::Published, encoding, seal::random, table::TableError};

/// A page with its status.
pub(crate) fn page<P: ServicePage>(published: &Published, status: StatusCode, page: &P) -> Result<Response, Refusal> {
    let html = published.templates.page(page, &published.frame).map_err(|error| {
        let incident = incident();
        tracing::error!(incident, %error, "a page could not be rendered");
        Refusal::failed(incident)
    })?;
    Ok((status, Html(html)).into_response())
}

/// 303: the browser fetches `path` with GET, so that reloading repeats nothing.
pub(crate) fn see_other(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}

/// Something is not done; [`Refusal::respond`] says so in a page.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    problem: Box<ProblemContext>,
    retry_after: Option<u64>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, title: &str, message: &str) -> Refusal {
        let problem = ProblemContext { title: title.to_owned(), message: message.to_owned(), next: next(), incident: None };
        Refusal { status, problem: Box::new(problem), retry_after: None }
    }

    /// The same, with a nearer way on before the usual ones.
    pub(crate) fn first(mut self, label: &str, url: &str) -> Refusal {
        self.problem.next.insert(0, Link { label: label.to_owned(), url: url.to_owned() });
        self
    }

    fn failed(incident: String) -> Refusal {
        let mut refusal = Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "出了点问题",
            "这是我们这边的故障，不是您的操作问题。请稍等几分钟，按后退键回到刚才的页面再试一次。已经拿到编号的，不受影响。",
        );
        refusal.problem.incident = Some(incident);
        refusal
    }

    /// In the site's frame when a site is published, else in plain words.
    pub(crate) fn respond(self, service: &Service) -> Response {
        let html = service.cache.last().and_then(|published| published.templates.page(&*self.problem, &published.frame).ok());
        let mut response = match html {
            Some(html) => (self.status, Html(html)).into_response(),
            None => self.in_plain_words(),
        };
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    fn in_plain_words(&self) -> Response {
        let mut words = format!("{}\n\n{}\n", self.problem.title, self.problem.message);
        if let Some(incident) = &self.problem.incident {
            words.push_str(&format!("\n{incident}\n"));
        }
        (self.status, words).into_response()
    }
}

/// Extractors refuse before a handler knows the service.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.in_plain_words();
        response.extensions_mut().insert(std::sync::Arc::new(*self.problem));
        response
    }
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Refusal {
        let busy = |seconds: u64| {
            let mut refusal = Refusal::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "现在办理的人很多",
                "刚才这一步没有存下来。请稍等几秒，再点一次；重复点也只算一次。",
            );
            refusal.retry_after = Some(seconds);
            refusal
        };
        match error {
            ServiceError::Busy => busy(2),
            ServiceError::Table(TableError::Unavailable { retry_after }) => busy(retry_after.as_secs().max(1)),
            ServiceError::NoManifest => {
                let mut refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "网站正在准备", "请过一分钟再试。");
                refusal.retry_after = Some(30);
                refusal
            }
            ServiceError::Table(TableError::TooLarge(_)) => Refusal::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "写得太多了，没有存下来",
                "请按后退键回到刚才的页面，删减以后再提交。",
            ),
            error => {
                let incident = incident();
                tracing::error!(incident, %error, "a request failed");
                Refusal::failed(incident)
            }
        }
    }
}

/// What a handler answered, as a response.
pub(crate) fn answer(service: &Service, result: Result<Response, Refusal>) -> Response {
    result.unwrap_or_else(|refusal| refusal.respond(service))
}

pub(crate) async fn nothing_here(State(service): State<Arc<Service>>) -> Response {
    // So that the page has the site's frame even when this is the first request.
    let _ = service.published().await;
    Refusal::new(StatusCode::NOT_FOUND, "没有这个页面", "网址可能不完整，或者页面已经撤下。").respond(&service)
}

/// A handler panicked: the process goes on, the visitor gets an id.
pub(crate) fn panicked(service: &Service) -> Response {
    let incident = incident();
    tracing::error!(incident, "a handler panicked");
    Refusal::failed(incident).respond(service)
}

fn incident() -> String {
    encoding::base32(&random::<5>()).to_ascii_uppercase()
}

fn next() -> Vec<Link> {
    [("提诉求", "/appeal/"), ("查进度", "/track/"), ("回到首页", "/")]
        .map(|(label, url)| Link { label: label.to_owned(), url: url.to_owned() })
        .into()
}
