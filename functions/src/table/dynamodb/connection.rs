//! How the SDK's requests reach DynamoDB: HTTP/1.1 over rustls with ring, on connections that are kept.
//!
//! The SDK's own client would do it too. It also speaks HTTP/2, which these calls do not need, and reads and parses the system's file of root
//! certificates at each start, which takes a function that starts cold longer than all that it asks of the table (`BENCHMARKS.md`). Here
//! the roots are Mozilla's, compiled in, as they are for the webhook: a certificate that is signed by nobody in that list is refused.
//!
//! Time limits are not set here: an attempt has one (`Patience`), whatever it waits for.

use std::sync::Arc;

use aws_sdk_dynamodb::config::{
    SharedHttpClient,
    http::{HttpRequest, HttpResponse},
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::{ClientConfig, crypto::ring};

/// A client for the SDK's configuration. Its clones share their connections.
pub fn http_client() -> SharedHttpClient {
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring knows the protocol versions that rustls has")
        .with_webpki_roots()
        .with_no_client_auth();
    let mut sockets = connect::HttpConnector::new();
    sockets.enforce_http(false);
    sockets.set_nodelay(true);
    let https = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(sockets);
    let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(https);
    let connector = SharedHttpConnector::new(Connector(client));
    http_client_fn(move |_, _| connector.clone())
}

#[derive(Debug)]
struct Connector(Client<HttpsConnector<connect::HttpConnector>, SdkBody>);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = match request.try_into_http1x() {
            Ok(request) => self.0.request(request),
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        HttpConnectorFuture::new(async move {
            let answer = answer.await.map_err(|error| ConnectorError::io(error.into()))?;
            HttpResponse::try_from(answer.map(SdkBody::from_body_1_x)).map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}
