//! The table in the cloud: one DynamoDB table with two global indexes. The only door to the AWS SDK.
//!
//! 1. Reads are `GetItem`, `Query` and `Scan`; they are repeated freely.
//! 2. Every [`Table::transact`] is one `TransactWriteItems` under a random `ClientRequestToken`, even when it holds a single
//!    write: only so can it be sent again after a cut connection and still be done once.
//! 3. What is refused for the moment (a conflict of transactions, throttling) and what got no answer is sent again under
//!    the same token, after a pause of random length, until [`Patience::deadline`]; then it is [`TableError::Unavailable`].
//!    The SDK's own retries are off: they would multiply ours.
//!
//! An attempt without an answer may still be on its way when a later one is answered. The token makes two successes one, but
//! a condition that fails then proves nothing about the first attempt, so that answer too is `Unavailable`, never `Conflict`.
//!
//! Attributes: `pk`, `sk`; `v` the version; `count`; `body` unless empty; `g1pk`, `g1sk`, `g2pk`, `g2sk` the keys of the indexes
//! `first` and `second`; `expires` in seconds, which the table's time to live may name: what DynamoDB deletes counted as
//! absent already.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    client::Waiters,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    primitives::Blob,
    types::{
        AttributeDefinition, AttributeValue, BillingMode, CancellationReason, ConditionCheck, Delete, GlobalSecondaryIndex,
        KeySchemaElement, KeyType, Projection, ProjectionType, Put, ReturnValuesOnConditionCheckFailure, ScalarAttributeType,
        TransactWriteItem, Update,
    },
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use domain::Moment;
use jiff::Timestamp;
use tokio::{task::JoinSet, time::Instant};

use crate::{
    clock::Clock,
    seal::random,
    table::{
        Answer, Cursor, Expect, Index, Item, Key, NewItem, Order, Page, Query, SortRange, Table, TableError, Write, check_writes,
    },
};

/// Nothing stands there: every engine looks at expired items as if they were gone.
const ABSENT: &str = "attribute_not_exists(pk) OR expires <= :now";
/// An item stands there.
const LIVE: &str = "(attribute_not_exists(expires) OR expires > :now)";
/// A counter may be changed by what is added. Two comparisons, not `BETWEEN`: that is an error when the bounds are crossed.
const WITHIN: &str = "#count >= :least AND #count <= :most";

/// Deletes that a sweep has on their way at the same time.
const SWEEPERS: usize = 16;

/// A table in DynamoDB. Clones share their connections.
#[derive(Clone)]
pub struct DynamoDb {
    client: Client,
    table: String,
    clock: Clock,
    patience: Patience,
}

/// How long a call goes on when DynamoDB is busy or does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// From the beginning of a call; then it is [`TableError::Unavailable`].
    pub deadline: Duration,
    /// An attempt without an answer is given up after this.
    pub attempt: Duration,
    /// The first pause is at most this long, each further one at most twice the one before.
    pub first_pause: Duration,
    /// No pause is longer.
    pub longest_pause: Duration,
}

impl Default for Patience {
    /// Made for a request that makes a handful of calls and is to be answered within ten seconds.
    fn default() -> Patience {
        Patience {
            deadline: Duration::from_secs(5),
            attempt: Duration::from_secs(2),
            first_pause: Duration::from_millis(25),
            longest_pause: Duration::from_millis(400),
        }
    }
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
        let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let mut config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(region))
            .credentials_provider(credentials)
            .http_client(http);
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
        let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
        let keys = |partition: &str, sort: &str| -> Result<Vec<KeySchemaElement>, _> {
            Ok(vec![key(partition, KeyType::Hash)?, key(sort, KeyType::Range)?])
        };
        let mut request = self.client.create_table().table_name(&self.table).billing_mode(BillingMode::PayPerRequest);
        let schema = keys("pk", "sk").map_err(|error: aws_sdk_dynamodb::error::BuildError| failed(error.to_string()))?;
        request = request.set_key_schema(Some(schema));
        for index in [Index::First, Index::Second] {
            let (partition, sort) = attributes(index);
            let index = GlobalSecondaryIndex::builder()
                .index_name(index_name(index))
                .set_key_schema(Some(keys(partition, sort).map_err(|error| failed(error.to_string()))?))
                .projection(Projection::builder().projection_type(ProjectionType::All).build())
                .build();
            request = request.global_secondary_indexes(index.map_err(|error| failed(error.to_string()))?);
        }
        for attribute in ["pk", "sk", "g1pk", "g1sk", "g2pk", "g2sk"] {
            let definition = AttributeDefinition::builder().attribute_name(attribute).attribute_type(ScalarAttributeType::S);
            request = request.attribute_definitions(definition.build().map_err(|error| failed(error.to_string()))?);
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

    fn deadline(&self) -> Instant {
        Instant::now() + self.patience.deadline
    }
}

/// Why a call ended without success.
enum Ended<E> {
    /// DynamoDB said no for good. `doubtful`: an earlier attempt at the same got no answer and may have been or be done yet.
    Refused { error: E, doubtful: bool },
    /// The deadline was reached.
    Late,
    /// It was not even sent.
    Failed(String),
}

/// What is to be made of an attempt that did not succeed.
enum Missed<E> {
    /// Nothing was done; the same may succeed in a moment.
    Busy(String),
    /// There is no answer that tells whether it was done.
    Unknown(String),
    /// It is no use trying again.
    Refused(E),
    /// It was not even sent.
    Failed(String),
}

impl DynamoDb {
    /// Sends until there is an answer or the deadline is reached. `busy` says of an error of the operation whether the same
    /// may succeed in a moment.
    async fn call<T, E, F>(
        &self,
        deadline: Instant,
        mut send: impl FnMut() -> F,
        busy: impl Fn(&E) -> bool,
    ) -> Result<T, Ended<E>>
    where
        F: Future<Output = Result<T, SdkError<E>>>,
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let mut doubtful = false;
        for attempt in 0.. {
            let limit = self.patience.attempt.min(deadline.saturating_duration_since(Instant::now()));
            let missed = match tokio::time::timeout(limit, send()).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => missed(error, &busy),
                Err(_) => Missed::Unknown("no answer in time".to_owned()),
            };
            let why = match missed {
                Missed::Busy(why) => why,
                Missed::Unknown(why) => {
                    doubtful = true;
                    why
                }
                Missed::Refused(error) => return Err(Ended::Refused { error, doubtful }),
                Missed::Failed(why) => return Err(Ended::Failed(why)),
            };
            if !self.pause(attempt, deadline).await {
                tracing::warn!(attempts = attempt + 1, why, "DynamoDB did not do it in time");
                break;
            }
        }
        Err(Ended::Late)
    }

    /// Waits for a random time, so that those who collided do not collide again. `false` when that would reach the deadline.
    async fn pause(&self, attempt: u32, deadline: Instant) -> bool {
        let Patience { first_pause, longest_pause, .. } = self.patience;
        let longest = first_pause.saturating_mul(1 << attempt.min(16)).min(longest_pause);
        let pause = longest.mul_f64(f64::from(u32::from_be_bytes(random::<4>())) / f64::from(u32::MAX));
        if Instant::now() + pause >= deadline {
            return false;
        }
        tokio::time::sleep(pause).await;
        true
    }

    /// A call that changes nothing, or that may be done any number of times.
    async fn repeat<T, E, F>(&self, send: impl FnMut() -> F) -> Result<T, TableError>
    where
        F: Future<Output = Result<T, SdkError<E>>>,
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        self.call(self.deadline(), send, |_| false).await.map_err(|ended| match ended {
            Ended::Refused { error, .. } => failed(&error),
            Ended::Late => unavailable(),
            Ended::Failed(why) => TableError::Failed(why),
        })
    }
}

fn missed<E>(error: SdkError<E>, busy: impl Fn(&E) -> bool) -> Missed<E>
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    match error {
        SdkError::ServiceError(context) => {
            let status = context.raw().status().as_u16();
            let error = context.into_err();
            let code = error.code().unwrap_or("no code").to_owned();
            match code.as_str() {
                // Said before anything is done. A conflict is said in this way of single items, and in reasons of transactions.
                "ProvisionedThroughputExceededException"
                | "ThrottlingException"
                | "ThrottlingError"
                | "Throttling"
                | "RequestLimitExceeded"
                | "LimitExceededException"
                | "TransactionConflictException" => Missed::Busy(code),
                // An earlier attempt under the same token is being done.
                "TransactionInProgressException" => Missed::Unknown(code),
                _ if busy(&error) => Missed::Busy(code),
                _ if status >= 500 => Missed::Unknown(code),
                _ => Missed::Refused(error),
            }
        }
        SdkError::DispatchFailure(failure) if failure.is_user() => {
            Missed::Failed(failure.as_connector_error().map_or_else(String::new, |error| DisplayErrorContext(error).to_string()))
        }
        SdkError::ConstructionFailure(_) => Missed::Failed(DisplayErrorContext(error).to_string()),
        error => Missed::Unknown(DisplayErrorContext(error).to_string()),
    }
}

fn failed(error: &(impl std::error::Error + ProvideErrorMetadata)) -> TableError {
    TableError::Failed(format!("DynamoDB refused: {}", DisplayErrorContext(error)))
}

fn unavailable() -> TableError {
    TableError::Unavailable { retry_after: Duration::from_secs(1) }
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

impl DynamoDb {
    async fn page(&self, index: Option<Index>, mut query: Query) -> Result<Page, TableError> {
        query.check()?;
        let (partition, sort) = index.map_or(("pk", "sk"), attributes);
        let Some(range) = Range::of(&query, partition, sort) else { return Ok(Page { items: Vec::new(), next: None }) };
        let mut request = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(range.condition)
            .filter_expression(LIVE)
            .set_expression_attribute_values(Some(range.values))
            .expression_attribute_values(":now", number(self.now()))
            .scan_index_forward(query.order == Order::Ascending)
            .limit(i32::try_from(query.limit).unwrap_or(i32::MAX));
        request = match index {
            Some(index) => request.index_name(index_name(index)),
            None => request.consistent_read(true),
        };
        loop {
            let after = query.after.take().map(|cursor| start_key(cursor, index, &query.partition));
            let request = request.clone().set_exclusive_start_key(after);
            let answer = self.repeat(|| request.clone().send()).await?;
            let items = answer.items.unwrap_or_default().into_iter().map(item).collect::<Result<Vec<_>, _>>()?;
            let next = answer.last_evaluated_key.map(|key| cursor(key, index)).transpose()?;
            // A page of nothing but expired items is no news for anybody.
            if items.is_empty() && next.is_some() {
                query.after = next;
                continue;
            }
            return Ok(Page { items, next });
        }
    }

    async fn write(&self, writes: &[Write]) -> Result<(), TableError> {
        let deadline = self.deadline();
        let mut ways = vec![Way::First; writes.len()];
        for round in 0.. {
            let now = self.now();
            let actions = writes.iter().zip(&ways).map(|(write, way)| self.action(write, *way, now)).collect();
            // The same in every attempt, the present moment included: DynamoDB refuses a token that comes back with another request.
            let request = self
                .client
                .transact_write_items()
                .client_request_token(format!("{:032x}", u128::from_be_bytes(random::<16>())))
                .set_transact_items(Some(actions));
            let ended = match self.call(deadline, || request.clone().send(), only_busy).await {
                Ok(_) => return Ok(()),
                Err(ended) => ended,
            };
            let reasons = match ended {
                Ended::Refused { doubtful: true, .. } | Ended::Late => return Err(unavailable()),
                Ended::Failed(why) => return Err(TableError::Failed(why)),
                Ended::Refused { error, .. } => match error {
                    TransactWriteItemsError::TransactionCanceledException(cancelled) => {
                        cancelled.cancellation_reasons.unwrap_or_default()
                    }
                    error => return Err(failed(&error)),
                },
            };
            let other_ways = decide(writes, &ways, &reasons, now)?;
            let changed = other_ways != ways;
            ways = other_ways;
            if !changed && !self.pause(round, deadline).await {
                break;
            }
        }
        Err(unavailable())
    }

    async fn delete_expired(&self, limit: usize) -> Result<usize, TableError> {
        let now = self.now();
        let mut request = self
            .client
            .scan()
            .table_name(&self.table)
            .filter_expression("expires <= :now")
            .expression_attribute_values(":now", number(now))
            .projection_expression("pk, sk");
        let mut deleted = 0;
        while deleted < limit {
            let answer = self.repeat(|| request.clone().send()).await?;
            let mut found = answer.items.unwrap_or_default().into_iter();
            while deleted < limit && found.len() > 0 {
                let mut deletes = JoinSet::new();
                for key in found.by_ref().take(SWEEPERS.min(limit - deleted)) {
                    let table = self.clone();
                    deletes.spawn(async move { table.delete_if_expired(key, now).await });
                }
                while let Some(done) = deletes.join_next().await {
                    let done = done.map_err(|error| TableError::Failed(error.to_string()))?;
                    deleted += usize::from(done?);
                }
            }
            match answer.last_evaluated_key {
                Some(key) => request = request.set_exclusive_start_key(Some(key)),
                None => break,
            }
        }
        Ok(deleted)
    }

    /// Whether it was still there and still expired: somebody may have taken its key meanwhile.
    async fn delete_if_expired(&self, key: Attributes, now: i64) -> Result<bool, TableError> {
        let request = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key))
            .condition_expression("expires <= :now")
            .expression_attribute_values(":now", number(now));
        match self.call(self.deadline(), || request.clone().send(), |_| false).await {
            Ok(_) => Ok(true),
            Err(Ended::Refused { error, .. }) if error.code() == Some("ConditionalCheckFailedException") => Ok(false),
            Err(Ended::Refused { error, .. }) => Err(failed(&error)),
            Err(Ended::Late) => Err(unavailable()),
            Err(Ended::Failed(why)) => Err(TableError::Failed(why)),
        }
    }
}

/// How an addition is put to DynamoDB, whose update expressions know no "if". The first way serves nearly always, and what
/// stands there instead comes back with the refusal, which tells the way that would serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Makes the counter or raises the one that stands. Not for one that has expired, nor for one that stands without an
    /// expiry when the addition brings one: it would get it.
    First,
    /// Makes the counter, also in place of an expired one.
    Start,
    /// Raises the counter that stands and keeps its expiry.
    Raise,
}

impl DynamoDb {
    fn action(&self, write: &Write, way: Way, now: i64) -> TransactWriteItem {
        let action = TransactWriteItem::builder();
        match write {
            Write::Put { item, expect } => {
                let (condition, values, version) = expectation(*expect, now);
                let put = Put::builder()
                    .table_name(&self.table)
                    .set_item(Some(attributes_of(item, version + 1, 0)))
                    .condition_expression(condition)
                    .set_expression_attribute_values(Some(values));
                action.put(put.build().expect("table and item are set")).build()
            }
            Write::Delete { key, version } => {
                let (condition, values, _) = expectation(Expect::Version(*version), now);
                let delete = Delete::builder()
                    .table_name(&self.table)
                    .set_key(Some(key_of(key)))
                    .condition_expression(condition)
                    .set_expression_attribute_values(Some(values));
                action.delete(delete.build().expect("table and key are set")).build()
            }
            Write::Check { key, expect } => {
                let (condition, values, _) = expectation(*expect, now);
                let check = ConditionCheck::builder()
                    .table_name(&self.table)
                    .set_key(Some(key_of(key)))
                    .condition_expression(condition)
                    .set_expression_attribute_values(Some(values));
                action.condition_check(check.build().expect("table, key and condition are set")).build()
            }
            Write::Add { key, by, at_most, expires } => match way {
                Way::Start => {
                    let item = NewItem { key: key.clone(), index: [None, None], expires: *expires, body: Vec::new() };
                    let put = Put::builder()
                        .table_name(&self.table)
                        .set_item(Some(attributes_of(&item, 1, *by)))
                        .condition_expression(ABSENT)
                        .expression_attribute_values(":now", number(now))
                        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
                    action.put(put.build().expect("table and item are set")).build()
                }
                Way::First | Way::Raise => {
                    let expires = expires.filter(|_| way == Way::First);
                    let mut condition = match expires {
                        // Does not hold for a counter without an expiry, which must not get this one.
                        Some(_) => format!("{WITHIN} AND expires > :now"),
                        None => format!("{WITHIN} AND {LIVE}"),
                    };
                    if way == Way::First && starts(*by, *at_most) {
                        condition = format!("attribute_not_exists(pk) OR ({condition})");
                    }
                    let mut update = Update::builder()
                        .table_name(&self.table)
                        .set_key(Some(key_of(key)))
                        .condition_expression(condition)
                        .expression_attribute_names("#count", "count")
                        .expression_attribute_values(":now", number(now))
                        .expression_attribute_values(":by", number(*by))
                        .expression_attribute_values(":one", number(1))
                        // Wider than the counter: neither overflows.
                        .expression_attribute_values(":least", number(-i128::from(*by)))
                        .expression_attribute_values(":most", number(i128::from(*at_most) - i128::from(*by)))
                        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
                    update = match expires {
                        Some(moment) => update
                            .update_expression("SET expires = if_not_exists(expires, :expires) ADD #count :by, v :one")
                            .expression_attribute_values(":expires", number(moment.0.as_second())),
                        None => update.update_expression("ADD #count :by, v :one"),
                    };
                    action.update(update.build().expect("table, key and update are set")).build()
                }
            },
        }
    }
}

/// Whether a counter may begin with this.
fn starts(by: i64, at_most: i64) -> bool {
    (0..=at_most).contains(&by)
}

/// A condition with its values, and the version that stands when it holds.
fn expectation(expect: Expect, now: i64) -> (String, Attributes, u64) {
    let now = (":now".to_owned(), number(now));
    match expect {
        Expect::Absent => (ABSENT.to_owned(), Attributes::from([now]), 0),
        Expect::Version(version) => {
            (format!("v = :version AND {LIVE}"), Attributes::from([now, (":version".to_owned(), number(version))]), version)
        }
    }
}

/// Whether a transaction was cancelled for nothing but the moment's bustle. A condition that failed beside a conflict did fail:
/// it was looked at against what is committed.
fn only_busy(error: &TransactWriteItemsError) -> bool {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { return false };
    let mut codes =
        cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code()).filter(|code| *code != "None").peekable();
    codes.peek().is_some()
        && codes.all(|code| matches!(code, "TransactionConflict" | "ProvisionedThroughputExceeded" | "ThrottlingError"))
}

/// What follows from the reasons of a cancelled transaction: a conflict, or the ways in which the additions may succeed.
fn decide(writes: &[Write], ways: &[Way], reasons: &[CancellationReason], now: i64) -> Result<Vec<Way>, TableError> {
    let mut ways = ways.to_vec();
    let (mut failed, mut other) = (Vec::new(), false);
    for (position, reason) in reasons.iter().enumerate().take(writes.len()) {
        match reason.code().unwrap_or("None") {
            "None" | "TransactionConflict" | "ProvisionedThroughputExceeded" | "ThrottlingError" => {}
            "ConditionalCheckFailed" => {
                let Write::Add { by, at_most, .. } = &writes[position] else {
                    failed.push(position);
                    continue;
                };
                let standing = reason.item.clone().map(item).transpose()?.filter(|item| !expired(item, now));
                let (way, holds) = match standing {
                    None => (Way::Start, starts(*by, *at_most)),
                    Some(item) => {
                        let sum = item.count.checked_add(*by);
                        (Way::Raise, sum.is_some_and(|sum| (0..=*at_most).contains(&sum)))
                    }
                };
                ways[position] = way;
                other = true;
                if !holds {
                    failed.push(position);
                }
            }
            code => {
                let message = reason.message().unwrap_or_default();
                return Err(TableError::Failed(format!("DynamoDB refused the write {position}: {code}: {message}")));
            }
        }
    }
    match (failed.is_empty(), other) {
        (false, _) => Err(TableError::Conflict { failed }),
        (true, true) => Ok(ways),
        (true, false) => Err(TableError::Failed("DynamoDB cancelled a transaction and gave no reason".to_owned())),
    }
}

/// The condition on keys that a query comes to.
struct Range {
    condition: String,
    values: Attributes,
}

impl Range {
    /// `None` when nothing can lie in it: DynamoDB refuses such a question.
    fn of(query: &Query, partition: &str, sort: &str) -> Option<Range> {
        if Key::new(&query.partition, "-").check().is_err() {
            return None;
        }
        let mut condition = format!("{partition} = :partition");
        let mut values = Attributes::from([(":partition".to_owned(), text(&query.partition))]);
        let mut value = |name: &str, value: &str| values.insert(name.to_owned(), text(value));
        match &query.sort {
            SortRange::Prefix(prefix) if !prefix.is_empty() => {
                condition.push_str(&format!(" AND begins_with({sort}, :from)"));
                value(":from", prefix);
            }
            SortRange::All | SortRange::Prefix(_) => {}
            SortRange::Between(from, to) if to.is_empty() || from > to => return None,
            SortRange::Between(from, to) if from.is_empty() => {
                condition.push_str(&format!(" AND {sort} <= :to"));
                value(":to", to);
            }
            SortRange::Between(from, to) => {
                condition.push_str(&format!(" AND {sort} BETWEEN :from AND :to"));
                value(":from", from);
                value(":to", to);
            }
        }
        Some(Range { condition, values })
    }
}

type Attributes = HashMap<String, AttributeValue>;

fn index_name(index: Index) -> &'static str {
    match index {
        Index::First => "first",
        Index::Second => "second",
    }
}

/// Partition and sort key of an index.
fn attributes(index: Index) -> (&'static str, &'static str) {
    match index {
        Index::First => ("g1pk", "g1sk"),
        Index::Second => ("g2pk", "g2sk"),
    }
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn key_of(key: &Key) -> Attributes {
    Attributes::from([("pk".to_owned(), text(&key.partition)), ("sk".to_owned(), text(&key.sort))])
}

fn attributes_of(item: &NewItem, version: u64, count: i64) -> Attributes {
    let mut attributes = key_of(&item.key);
    let mut set = |name: &str, value| attributes.insert(name.to_owned(), value);
    set("v", number(version));
    set("count", number(count));
    for (index, key) in [Index::First, Index::Second].into_iter().zip(&item.index) {
        if let Some(key) = key {
            let (partition, sort) = self::attributes(index);
            set(partition, text(&key.partition));
            set(sort, text(&key.sort));
        }
    }
    if let Some(moment) = item.expires {
        set("expires", number(moment.0.as_second()));
    }
    if !item.body.is_empty() {
        set("body", AttributeValue::B(Blob::new(item.body.clone())));
    }
    attributes
}

/// Reads an item. It fails on one that is none of ours.
fn item(mut attributes: Attributes) -> Result<Item, TableError> {
    let foreign = |name: &str| TableError::Failed(format!("an item in DynamoDB has no proper `{name}`"));
    let mut texts = |name: &str| match attributes.remove(name) {
        None => Ok(None),
        Some(AttributeValue::S(text)) => Ok(Some(text)),
        Some(_) => Err(foreign(name)),
    };
    let key = Key { partition: texts("pk")?.ok_or_else(|| foreign("pk"))?, sort: texts("sk")?.ok_or_else(|| foreign("sk"))? };
    let mut index_key = |index| -> Result<Option<Key>, TableError> {
        let (partition, sort) = self::attributes(index);
        Ok(texts(partition)?.zip(texts(sort)?).map(|(partition, sort)| Key { partition, sort }))
    };
    let index = [index_key(Index::First)?, index_key(Index::Second)?];
    let numbers = |name: &str| match attributes.get(name) {
        None => Ok(None),
        Some(AttributeValue::N(number)) => number.parse::<i64>().map(Some).map_err(|_| foreign(name)),
        Some(_) => Err(foreign(name)),
    };
    let version = numbers("v")?.and_then(|version| u64::try_from(version).ok()).ok_or_else(|| foreign("v"))?;
    let count = numbers("count")?.unwrap_or(0);
    let expires = numbers("expires")?.map(|seconds| Timestamp::from_second(seconds).map(Moment).map_err(|_| foreign("expires")));
    let expires = expires.transpose()?;
    let body = match attributes.remove("body") {
        None => Vec::new(),
        Some(AttributeValue::B(body)) => body.into_inner(),
        Some(_) => return Err(foreign("body")),
    };
    Ok(Item { key, version, index, expires, count, body })
}

fn expired(item: &Item, now: i64) -> bool {
    item.expires.is_some_and(|moment| moment.0.as_second() <= now)
}

fn cursor(mut key: Attributes, index: Option<Index>) -> Result<Cursor, TableError> {
    let mut texts = |name: &str| match key.remove(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(TableError::Failed(format!("DynamoDB ended a page without `{name}`"))),
    };
    let index_sort = index.map(|index| texts(attributes(index).1)).transpose()?;
    Ok(Cursor { key: Key { partition: texts("pk")?, sort: texts("sk")? }, index_sort })
}

fn start_key(cursor: Cursor, index: Option<Index>, partition: &str) -> Attributes {
    let mut key = key_of(&cursor.key);
    if let Some((index, sort)) = index.zip(cursor.index_sort) {
        let (partition_name, sort_name) = attributes(index);
        key.insert(partition_name.to_owned(), text(partition));
        key.insert(sort_name.to_owned(), text(&sort));
    }
    key
}
