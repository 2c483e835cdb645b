//! Transactions: writes and their conditions in DynamoDB's words, and what follows from a refusal.
//!
//! Every one is sent under a random `ClientRequestToken`, even when it holds a single write: only so can it be sent again after a cut
//! connection and still be done once.
//!
//! An attempt without an answer may still be on its way when a later one is answered. The token makes two successes one, but
//! a condition that fails then proves nothing about the first attempt, so that answer too is `Unavailable`, never `Conflict`.

use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update},
};

use super::{
    DynamoDb,
    attempts::{Ended, unavailable},
    attributes::{ABSENT, Attributes, LIVE, attributes_of, expired, item, key_of, number},
};
use crate::{
    seal::random,
    table::{Expect, NewItem, TableError, Write, added},
};

/// A counter may be changed by what is added. Two comparisons, not `BETWEEN`: that is an error when the bounds are crossed.
const WITHIN: &str = "#count >= :least AND #count <= :most";

impl DynamoDb {
    pub(super) async fn write(&self, writes: &[Write]) -> Result<(), TableError> {
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
                Ended::Refused { doubtful: true, .. } => return Err(unavailable()),
                Ended::Refused { error: TransactWriteItemsError::TransactionCanceledException(cancelled), .. } => {
                    cancelled.cancellation_reasons.unwrap_or_default()
                }
                ended => return Err(ended.into()),
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
                    let item = NewItem::counter(key.clone(), *expires);
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
                    if way == Way::First && added(0, *by, *at_most).is_some() {
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
                let (way, count) = standing.map_or((Way::Start, 0), |item| (Way::Raise, item.count));
                ways[position] = way;
                other = true;
                if added(count, *by, *at_most).is_none() {
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
