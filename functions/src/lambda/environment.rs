//! What the stack's template gives a function in its environment.

use std::{env, sync::Arc, time::Duration};

use axum::http::HeaderValue;

use super::Edge;
use crate::{
    Clock, Config, KeySource, OpenError, Service, Webhook, WebhookError,
    files::{
        Files,
        bucket::{self, Bucket},
    },
    table::{
        Table,
        dynamodb::{DynamoDb, MissingVariable, Unscanned},
    },
};

/// What a function needs of the table.
pub type Opening = fn(DynamoDb) -> Arc<dyn Table>;

/// For functions that answer somebody.
pub fn without_scans(table: DynamoDb) -> Arc<dyn Table> {
    Arc::new(Unscanned(table))
}

/// For the one that also deletes what has expired.
pub fn whole(table: DynamoDb) -> Arc<dyn Table> {
    Arc::new(table)
}

/// Read from the environment once, at the start.
pub struct Environment {
    /// `XIANGSHANG_TABLE`, in the region that Lambda names.
    table: Arc<dyn Table>,
    /// `XIANGSHANG_KEY`: the key text. The stack's KMS key encrypts it at rest, as it does the whole environment.
    key: KeySource,
    clock: Clock,
    /// `XIANGSHANG_WEBHOOK` and what belongs to it; only `scheduled` is given it, because only it delivers.
    webhook: Option<Webhook>,
    /// `XIANGSHANG_BUCKET`: where files are posted to and kept. Without one nobody is offered to send any.
    bucket: Option<Arc<Bucket>>,
    /// `XIANGSHANG_EDGE_SECRET` and `XIANGSHANG_HOST`.
    pub edge: Edge,
}

/// What a function cannot be without.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// Nothing was given.
    #[error("the environment variable `{0}` is not set\nhint: the stack's template sets it")]
    Missing(&'static str),
    /// It cannot be used.
    #[error("the environment variable `{0}` cannot be understood")]
    Malformed(&'static str),
    /// DynamoDB cannot be named.
    #[error(transparent)]
    Table(#[from] MissingVariable),
    /// The bucket cannot be named.
    #[error(transparent)]
    Bucket(#[from] bucket::MissingVariable),
    /// Messages cannot be sent as they are to be.
    #[error(transparent)]
    Webhook(#[from] WebhookError),
}

impl Environment {
    /// Reads it. `opening` decides what is linked into the program, so it is no flag.
    pub fn read(opening: Opening) -> Result<Environment, EnvironmentError> {
        let given = |name: &'static str| env::var(name).ok().filter(|value| !value.is_empty());
        let needed = |name: &'static str| given(name).ok_or(EnvironmentError::Missing(name));
        let host = given("XIANGSHANG_HOST").map(HeaderValue::try_from).transpose();
        let clock = Clock::system();
        Ok(Environment {
            table: opening(DynamoDb::from_environment(needed("XIANGSHANG_TABLE")?, clock.clone())?),
            key: KeySource::Given(needed("XIANGSHANG_KEY")?),
            clock,
            webhook: Webhook::configured(None, None, None)?,
            bucket: given("XIANGSHANG_BUCKET").map(|name| Bucket::from_environment(&name)).transpose()?.map(Arc::new),
            edge: Edge {
                secret: given("XIANGSHANG_EDGE_SECRET"),
                host: host.map_err(|_| EnvironmentError::Malformed("XIANGSHANG_HOST"))?,
            },
        })
    }

    /// Opens the service on what was read.
    pub async fn open(&self) -> Result<Service, OpenError> {
        // A sweep reads the whole table, which is paid for, and DynamoDB deletes what has expired by itself.
        let sweep_every = Duration::from_secs(24 * 3600);
        let config = Config { webhook: self.webhook.clone(), sweep_every, ..Config::default() };
        let service = Service::open(self.table.clone(), &self.key, self.clock.clone(), config).await?;
        Ok(match &self.bucket {
            Some(bucket) => service.with_files(Files::in_bucket(bucket.clone())),
            None => service,
        })
    }
}
