//! The sweep: reads the whole table and deletes what has expired.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use tokio::task::JoinSet;

use super::{
    DynamoDb,
    attempts::Ended,
    attributes::{Attributes, number},
};
use crate::table::TableError;

/// Deletes that a sweep has on their way at the same time.
const SWEEPERS: usize = 16;

impl DynamoDb {
    pub(super) async fn delete_expired(&self, limit: usize) -> Result<usize, TableError> {
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
            Err(ended) => Err(ended.into()),
        }
    }
}
