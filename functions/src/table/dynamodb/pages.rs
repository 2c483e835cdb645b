//! Pages of items.

use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::Select};

use super::{
    DynamoDb,
    attributes::{Attributes, LIVE, attributes, cursor, index_name, item, number, start_key, text},
};
use crate::table::{Cursor, Index, Key, Order, Page, Query, SortRange, TableError};

impl DynamoDb {
    pub(super) async fn page(&self, index: Option<Index>, mut query: Query) -> Result<Page, TableError> {
        query.check()?;
        let Some(request) = self.asked(index, &query) else { return Ok(Page { items: Vec::new(), next: None }) };
        let request = request.limit(i32::try_from(query.limit).unwrap_or(i32::MAX));
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

    pub(super) async fn count(&self, index: Index, query: Query) -> Result<usize, TableError> {
        query.check()?;
        let Some(request) = self.asked(Some(index), &query) else { return Ok(0) };
        let mut request = request.select(Select::Count);
        let mut count = 0;
        loop {
            let answer = self.repeat(|| request.clone().send()).await?;
            count += usize::try_from(answer.count).unwrap_or_default();
            match answer.last_evaluated_key {
                Some(key) => request = request.set_exclusive_start_key(Some(key)),
                None => return Ok(count),
            }
        }
    }

    /// The request that a query comes to, from its beginning; none when nothing can lie in it.
    fn asked(&self, index: Option<Index>, query: &Query) -> Option<QueryFluentBuilder> {
        let (partition, sort) = index.map_or(("pk", "sk"), attributes);
        let range = Range::of(query, partition, sort)?;
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(range.condition)
            .filter_expression(LIVE)
            .set_expression_attribute_values(Some(range.values))
            .expression_attribute_values(":now", number(self.now()))
            .scan_index_forward(query.order == Order::Ascending);
        Some(match index {
            Some(index) => request.index_name(index_name(index)),
            None => request.consistent_read(true),
        })
    }
}

impl DynamoDb {
    pub(super) async fn all_items(&self, limit: usize, after: Option<Cursor>) -> Result<Page, TableError> {
        Query { limit, ..Query::all("-") }.check()?;
        let mut request = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .filter_expression(LIVE)
            .expression_attribute_values(":now", number(self.now()))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(after.map(|cursor| start_key(cursor, None, "")));
        loop {
            let answer = self.repeat(|| request.clone().send()).await?;
            let items = answer.items.unwrap_or_default().into_iter().map(item).collect::<Result<Vec<_>, _>>()?;
            match answer.last_evaluated_key {
                Some(key) if items.is_empty() => request = request.set_exclusive_start_key(Some(key)),
                next => return Ok(Page { items, next: next.map(|key| cursor(key, None)).transpose()? }),
            }
        }
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
