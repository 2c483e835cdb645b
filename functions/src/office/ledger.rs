//! The ledger of appeals (台账), row after row: however many appeals there are, only a page of their heads is held at a time, and what is
//! sealed is opened for the row that is being written and for no longer.
//!
//! That a ledger left is recorded before its first row is read: for whom, and of the appeals of which time. Whoever erases an appeal
//! later asks [`Service::ledgers_with`] what has left already and cannot be called back.

mod columns;

use std::{collections::VecDeque, sync::Arc};

use domain::{Moment, value::TrackingNumber};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

pub(super) use columns::environment;

use super::{AUDIT_LIFE, Kind, Operator};
use crate::{
    Service, ServiceError,
    appeals::{Case, LIST},
    catalogue::Published,
    draft::after,
    encoding,
    seal::random,
    table::{Index, Item, Key, NewItem, Query, SortRange, TableError, Write, query_all},
};

/// How many heads are read at once: one is about a kilobyte.
const PAGE: usize = 200;

/// By so much the clocks of two machines may differ: what another one has just taken in is not missing. The record says the same, so
/// an appeal that came right after may be said to have left though it has not, and never the other way.
const CLOCKS: SignedDuration = SignedDuration::from_mins(1);

/// For whom a ledger is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// The district's leaders: everything.
    Leaders,
    /// The business-environment office: telephones masked.
    Environment,
    /// The public: no firm and no person.
    Public,
    /// Nobody: its people are looked for on the site's pages, and nothing of it leaves.
    Pages,
}

impl Tier {
    /// In words for the record and the head of a page.
    pub fn words(self) -> &'static str {
        match self {
            Tier::Leaders => "区领导",
            Tier::Environment => "营商环境部门",
            Tier::Public => "公开",
            Tier::Pages => "核对网页（没有导出）",
        }
    }
}

/// Which appeals a ledger is of: those received from the one moment on and before the other. Without both, all until now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// Received at this moment or later.
    pub from: Option<Moment>,
    /// Received before this moment.
    pub before: Option<Moment>,
}

/// That a ledger left. Kept for three years beside the record of who opened what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// When.
    pub at: Moment,
    /// Who made it.
    pub operator: String,
    /// For whom.
    pub tier: Tier,
    /// It holds appeals that were received at this moment or later; from the first on when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// It holds appeals that were received before this moment.
    pub before: Moment,
}

/// Where it is recorded that ledgers left.
const LEFT: &str = "LEDGER";

/// The rows of a ledger in the order in which the appeals came.
pub struct Rows<'a> {
    service: &'a Service,
    published: Arc<Published>,
    tier: Tier,
    heads: Heads<'a>,
    position: usize,
}

/// The cases that were received in a time, in the order in which they came, a page at a time.
pub(super) struct Heads<'a> {
    service: &'a Service,
    /// What is asked next; none when the last page was read.
    query: Option<Query>,
    page: VecDeque<Item>,
}

impl Heads<'_> {
    /// Those received at `from` or later and before `before`.
    pub(super) fn new(service: &Service, from: Option<Moment>, before: Moment) -> Heads<'_> {
        // An appeal is listed under its moment and its number, so the bare moment stands before all of that moment.
        let sort = SortRange::Between(from.map_or_else(|| "0".to_owned(), listed), listed(before));
        // Not every engine takes a range whose end stands before its beginning.
        let some = from.is_none_or(|from| from < before);
        let query = some.then(|| Query { sort, limit: PAGE, ..Query::all(LIST) });
        Heads { service, query, page: VecDeque::new() }
    }

    /// The next case; none after the last.
    pub(super) async fn next(&mut self) -> Result<Option<(TrackingNumber, Case)>, ServiceError> {
        // A page may be empty and not be the last.
        while self.page.is_empty() {
            let Some(query) = self.query.take() else { return Ok(None) };
            let page = self.service.table.query_index(Index::First, query.clone()).await?;
            self.page = page.items.into();
            self.query = page.next.map(|next| Query { after: Some(next), ..query });
        }
        let Some(head) = self.page.pop_front() else { return Ok(None) };
        let case: Case = head.read()?;
        let number = (case.origin.number.parse())
            .map_err(|_| TableError::Failed(format!("`{}` is listed among the appeals and is none", head.key)))?;
        Ok(Some((number, case)))
    }
}

impl Rows<'_> {
    /// The headings, as many as each row has cells.
    pub fn columns(&self) -> &'static [&'static str] {
        &columns::COLUMNS
    }

    /// The next row; none after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<String>>, ServiceError> {
        let Some((number, case)) = self.heads.next().await? else { return Ok(None) };
        self.position += 1;
        let history = columns::History { events: self.service.events(&number).await?, notes: self.service.notes(&number).await? };
        let found = self.service.found_with(number, Kind::Appeal(Box::new(case)), &self.published).await?;
        Ok(Some(columns::row(&self.service.keys, &self.published, (self.position, self.tier), &found, &history)?))
    }
}

impl Service {
    /// Begins a ledger of the appeals of `span`; those that come more than a minute later are not in it. That it leaves is recorded first.
    pub async fn ledger(&self, tier: Tier, span: Span, operator: &Operator) -> Result<Rows<'_>, ServiceError> {
        let published = self.published().await?;
        let at = self.clock.now();
        let until_now = after(at, CLOCKS);
        let before = span.before.map_or(until_now, |before| before.min(until_now));
        let left = Left { at, operator: operator.0.clone(), tier, from: span.from, before };
        let sort = format!("LEFT#{}#{}", listed(at), encoding::hex(&random::<4>()));
        let record = NewItem::json(Key::new(LEFT, sort), &left).expiring(after(at, AUDIT_LIFE));
        self.table.transact(vec![Write::create(record)]).await?;
        tracing::info!(operator = operator.0, tier = ?tier, "a ledger is made");
        let heads = Heads::new(self, span.from, before);
        Ok(Rows { service: self, published, tier, heads, position: 0 })
    }

    /// The ledgers that named the firm of an appeal which was received then, made until a moment: when, and for whom.
    pub(crate) async fn ledgers_naming(
        &self,
        received: Moment,
        until: Moment,
    ) -> Result<Vec<(Moment, &'static str)>, ServiceError> {
        let ledgers = self.ledgers_with(received).await?;
        let naming = ledgers.into_iter().filter(|left| left.tier != Tier::Public && left.at <= until);
        Ok(naming.map(|left| (left.at, left.tier.words())).collect())
    }

    /// The ledgers that hold an appeal which was received then, oldest first: what has left and cannot be called back. What was only looked
    /// through is not among them.
    pub async fn ledgers_with(&self, received: Moment) -> Result<Vec<Left>, ServiceError> {
        let mut ledgers = Vec::new();
        for item in query_all(self.table.as_ref(), Query::prefix(LEFT, "LEFT#")).await? {
            let left: Left = item.read()?;
            if left.tier != Tier::Pages && left.from.is_none_or(|from| from <= received) && received < left.before {
                ledgers.push(left);
            }
        }
        Ok(ledgers)
    }
}

/// A moment as the list of appeals is sorted by.
fn listed(moment: Moment) -> String {
    format!("{:016}", moment.0.as_millisecond().max(0))
}
