//! The table in the cloud: one DynamoDB table with two global indexes. The only door to the AWS SDK.
//!
//! 1. `attributes`: how an item stands there.
//! 2. `connections`: how the SDK reaches the server.
//! 3. `attempts`: what is refused for the moment and what got no answer is sent again, until [`Patience::deadline`].
//! 4. `pages` and `sweep` are `Query` and `Scan`; like `GetItem` they are repeated freely.
//! 5. `transaction`: every [`Table::transact`] is a `TransactWriteItems` under a random token, even when it holds a single write.
//! 6. `unscanned` is the table without `Scan`, for programs that never need it.

mod attempts;
mod attributes;
mod connections;
mod pages;
mod sweep;
mod transaction;
mod unscanned;

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client,
    client::Waiters,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    error::DisplayErrorContext,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
        ScalarAttributeType,
    },
};

use self::attributes::{attributes, expired, index_name, item, key_of};
use crate::{
    clock::Clock,
    table::{Answer, Cursor, Index, Item, Key, Page, Query, Table, TableError, Write, check_writes},
};

pub use self::{attempts::Patience, connections::connections, unscanned::Unscanned};

/// A table in DynamoDB. Clones share their connections.
#[derive(Clone)]
pub struct DynamoDb {
    client: Client,
    table: String,
    clock: Clock,
    patience: Patience,
}

/// The environment does not say how to reach DynamoDB.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the environment says nothing in `{0}`\nhint: Lambda sets it; elsewhere set it to what the account's administrator gave you"
)]
pub struct MissingVariable(&'static str);

impl DynamoDb {
    /// The table named `table`, reached by `client`, whose own retries are turned off.
    pub fn new(client: Client, table: String, clock: Clock) -> DynamoDb {
        let config = client.config().to_builder().retry_config(RetryConfig::disabled()).build();
        DynamoDb { client: Client::from_conf(config), table, clock, patience: Patience::default() }
    }

    /// The table named `table` in the account and region that the environment names, as it does on Lambda: `AWS_REGION`,
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`. `AWS_ENDPOINT_URL_DYNAMODB` names another server.
    pub fn from_environment(table: String, clock: Clock) -> Result<DynamoDb, MissingVariable> {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let needed = |name| variable(name).ok_or(MissingVariable(name));
        let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")).ok_or(MissingVariable("AWS_REGION"))?;
        let credentials = Credentials::new(
            needed("AWS_ACCESS_KEY_ID")?,
            needed("AWS_SECRET_ACCESS_KEY")?,
            variable("AWS_SESSION_TOKEN"),
            None,
            "environment",
        );
        let mut config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(region))
            .credentials_provider(credentials)
            .http_client(connections());
        config.set_endpoint_url(variable("AWS_ENDPOINT_URL_DYNAMODB"));
        Ok(DynamoDb::new(Client::from_conf(config.build()), table, clock))
    }

    /// The same table with another patience.
    pub fn with_patience(mut self, patience: Patience) -> DynamoDb {
        self.patience = patience;
        self
    }

    /// The table's name.
    pub fn name(&self) -> &str {
        &self.table
    }

    /// Makes the table, on demand, and waits until it can be used. In the cloud the stack makes it; this is for tests and
    /// for servers that speak the same protocol. It does not turn on the time to live.
    pub async fn create_table(&self) -> Result<(), TableError> {
        let failed = |error: String| TableError::Failed(format!("the table `{}` cannot be made: {error}", self.table));
        let key = |name: &str, kind| {
            KeySchemaElement::builder().attribute_name(name).key_type(kind).build().expect("name and kind are set")
        };
        let keys = |partition: &str, sort: &str| Some(vec![key(partition, KeyType::Hash), key(sort, KeyType::Range)]);
        let mut request = self.client.create_table().table_name(&self.table).billing_mode(BillingMode::PayPerRequest);
        request = request.set_key_schema(keys("pk", "sk"));
        for index in [Index::First, Index::Second] {
            let (partition, sort) = attributes(index);
            let index = GlobalSecondaryIndex::builder()
                .index_name(index_name(index))
                .set_key_schema(keys(partition, sort))
                .projection(Projection::builder().projection_type(ProjectionType::All).build())
                .build();
            request = request.global_secondary_indexes(index.expect("name and keys are set"));
        }
        for attribute in ["pk", "sk", "g1pk", "g1sk", "g2pk", "g2sk"] {
            let definition = AttributeDefinition::builder().attribute_name(attribute).attribute_type(ScalarAttributeType::S);
            request = request.attribute_definitions(definition.build().expect("name and type are set"));
        }
        request.send().await.map_err(|error| failed(DisplayErrorContext(error).to_string()))?;
        let ready = self.client.wait_until_table_exists().table_name(&self.table).wait(Duration::from_secs(120)).await;
        ready.map(drop).map_err(|error| failed(error.to_string()))
    }

    /// Deletes the table with all that is in it: for tests.
    pub async fn delete_table(&self) -> Result<(), TableError> {
        let answer = self.client.delete_table().table_name(&self.table).send().await;
        answer.map(drop).map_err(|error| TableError::Failed(DisplayErrorContext(error).to_string()))
    }

    /// In seconds, the precision of an expiry.
    fn now(&self) -> i64 {
        self.clock.now().0.as_second()
    }
}

impl Table for DynamoDb {
    fn get<'a>(&'a self, key: &'a Key) -> Answer<'a, Option<Item>> {
        Box::pin(async move {
            if key.check().is_err() {
                return Ok(None);
            }
            let request = self.client.get_item().table_name(&self.table).set_key(Some(key_of(key))).consistent_read(true);
            let answer = self.repeat(|| request.clone().send()).await?;
            let item = answer.item.map(item).transpose()?;
            Ok(item.filter(|item| !expired(item, self.now())))
        })
    }

    fn query(&self, query: Query) -> Answer<'_, Page> {
        Box::pin(self.page(None, query))
    }

    fn query_index(&self, index: Index, query: Query) -> Answer<'_, Page> {
        Box::pin(self.page(Some(index), query))
    }

    fn count_index(&self, index: Index, query: Query) -> Answer<'_, usize> {
        Box::pin(self.count(index, query))
    }

    fn scan(&self, limit: usize, after: Option<Cursor>) -> Answer<'_, Page> {
        Box::pin(self.all_items(limit, after))
    }

    fn transact(&self, writes: Vec<Write>) -> Answer<'_, ()> {
        Box::pin(async move {
            check_writes(&writes)?;
            self.write(&writes).await
        })
    }

    fn sweep(&self, limit: usize) -> Answer<'_, usize> {
        Box::pin(self.delete_expired(limit))
    }
}
