//! The SDK's way to the server, on ureq.
//!
//! ureq is there for the webhook and the bucket anyway. The client that comes with the SDK would be a second one, with HTTP/2, which DynamoDB does not
//! speak, and it reads and parses the system's root certificates before a function's first answer. This one trusts Mozilla's, which are compiled in.
//!
//! An attempt that nobody waits for any more goes on in its thread until it is answered or [`LONGEST`] is over. To whoever gave it up that
//! is what it was before: something that may or may not have been done.

use std::time::Duration;

use aws_sdk_dynamodb::config::RuntimeComponents;
use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use axum::http::{Request, Response};
use ureq::{Agent, Error};

/// The longest that one attempt may take.
const LONGEST: Duration = Duration::from_secs(5);
/// Connections that are kept for the next attempt: one for each that is made at the same time.
const KEPT: usize = 64;
/// More than any answer of DynamoDB, which ends pages at 1 MB and gives back at most 4 MB of a transaction.
const LARGEST: u64 = 32_000_000;

/// Connections for a client of the SDK. Clones of the client share them.
pub fn connections() -> SharedHttpClient {
    let config = Agent::config_builder()
        .timeout_global(Some(LONGEST))
        .max_idle_connections(KEPT)
        .max_idle_connections_per_host(KEPT)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .proxy(None);
    SharedHttpClient::new(Connections(config.build().into()))
}

#[derive(Debug, Clone)]
struct Connections(Agent);

impl HttpClient for Connections {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connections {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let agent = self.0.clone();
        HttpConnectorFuture::new(async move {
            let answer = tokio::task::spawn_blocking(move || ask(&agent, request)).await;
            answer.unwrap_or_else(|error| Err(ConnectorError::other(error.into(), None)))
        })
    }
}

/// Sends a request and reads the whole of its answer. Blocks.
fn ask(agent: &Agent, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (parts, body) = request.into_parts();
    let body = body.bytes().ok_or_else(|| ConnectorError::user("the request does not lie in memory".into()))?;
    let answer = agent.run(Request::from_parts(parts, body)).map_err(failed)?;
    let (parts, body) = answer.into_parts();
    let bytes = body.into_with_config().limit(LARGEST).read_to_vec().map_err(failed)?;
    HttpResponse::try_from(Response::from_parts(parts, bytes.into())).map_err(|error| ConnectorError::other(error.into(), None))
}

/// Whether it was sent at all is known of few of them.
fn failed(error: Error) -> ConnectorError {
    match error {
        Error::Timeout(_) => ConnectorError::timeout(error.into()),
        Error::BadUri(_) | Error::Http(_) => ConnectorError::user(error.into()),
        Error::Io(_) | Error::ConnectionFailed | Error::HostNotFound => ConnectorError::io(error.into()),
        error => ConnectorError::other(error.into(), None),
    }
}
