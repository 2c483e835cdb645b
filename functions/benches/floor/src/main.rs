//! The least that a Lambda function in Rust can do for an HTTP event: one call of the SDK, one line of answer. What ours are measured against
//! (`functions/benches/cold_start.rs`); never deployed.

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    types::AttributeValue,
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use lambda_http::{Body, Error, Request, RequestExt, Response, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let variable = |name| std::env::var(name).expect("Lambda and the benchmark set it");
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let mut config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(variable("AWS_REGION")))
        .credentials_provider(Credentials::new(
            variable("AWS_ACCESS_KEY_ID"),
            variable("AWS_SECRET_ACCESS_KEY"),
            None,
            None,
            "environment",
        ))
        .retry_config(RetryConfig::disabled())
        .http_client(http);
    config.set_endpoint_url(std::env::var("AWS_ENDPOINT_URL_DYNAMODB").ok());
    let client = Client::from_conf(config.build());
    let table = variable("XIANGSHANG_TABLE");
    run(service_fn(move |request: Request| {
        let (client, table) = (client.clone(), table.clone());
        async move {
            let id = request.lambda_context().request_id;
            let put = client.put_item().table_name(table).item("pk", AttributeValue::S("FLOOR".to_owned()));
            put.item("sk", AttributeValue::S(id)).item("v", AttributeValue::N("1".to_owned())).send().await?;
            Ok::<_, Error>(Response::builder().status(303).header("location", "/").body(Body::Empty)?)
        }
    }))
    .await
}
