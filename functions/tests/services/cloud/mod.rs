//! A DynamoDB table of one's own for a test, on whatever server `AWS_ENDPOINT_URL_DYNAMODB` names.

#![allow(clippy::unwrap_used, dead_code, reason = "a test that cannot go on panics, and no test needs everything")]

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
};
use data_encoding::HEXLOWER;
use functions::{
    Clock,
    table::dynamodb::{DynamoDb, connections},
};

/// The server that the tests talk to.
///
/// # Panics
///
/// Without one: a test that cannot do its work must not pass.
pub fn endpoint() -> String {
    std::env::var("AWS_ENDPOINT_URL_DYNAMODB").ok().filter(|url| !url.is_empty()).unwrap_or_else(|| {
        panic!(
            "`AWS_ENDPOINT_URL_DYNAMODB` names no server\n\
             hint: `tests/run dynamodb` starts one; or set it to the address of any server that speaks DynamoDB's protocol"
        )
    })
}

/// A client of the server at `endpoint`. Other servers than AWS look at no credentials, yet a request must be signed.
pub fn client(endpoint: &str) -> Client {
    let variable = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let credentials = Credentials::new(
        variable("AWS_ACCESS_KEY_ID", "test"),
        variable("AWS_SECRET_ACCESS_KEY", "test"),
        std::env::var("AWS_SESSION_TOKEN").ok(),
        None,
        "test",
    );
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(variable("AWS_REGION", "us-east-1")))
        .credentials_provider(credentials)
        .http_client(connections())
        .endpoint_url(endpoint);
    Client::from_conf(config.build())
}

/// A table that was just made, under a name that no other test has.
pub async fn table(clock: Clock) -> DynamoDb {
    named_table(clock).await.0
}

/// The same with its name, for another process that is to find it.
pub async fn named_table(clock: Clock) -> (DynamoDb, String) {
    let mut name = [0; 8];
    getrandom::fill(&mut name).unwrap();
    let name = format!("xiangshang-test-{}", HEXLOWER.encode(&name));
    let table = DynamoDb::new(client(&endpoint()), name.clone(), clock);
    table.create_table().await.unwrap();
    (table, name)
}
