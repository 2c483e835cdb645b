//! Scheduled work: what happens because a moment has come, not because somebody asks.
//!
//! [`Service::run_due`] is one pass. A task of the one machine and the Lambda `scheduled` both call it, again and again.
//!
//! 1. Sessions are settled: offers that ran out move on, freed seats are offered, cancelled and moved sessions reach their registrants.
//! 2. Cases are looked at whose time has come: supervision hears of them, a firm is not waited for any longer.
//! 3. The outbox is delivered.
//! 4. What was kept as long as was promised is erased, with a proof.
//! 5. What has expired is deleted, and it is recorded how much; files that no record names are removed.
//!
//! Each step does a bounded part and says when there is more; nothing depends on a pass having run on time, so that whatever was
//! missed during an outage is caught up by the next ones. Two passes at once are harmless: every change is a conditional write.

use std::time::{Duration, Instant};

use domain::Moment;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Service, ServiceError,
    draft::after,
    outbox::deliver::Delivered,
    table::{Expect, Key, NewItem, TableError, Write},
};

/// A pass begins nothing new after so long: the next one goes on.
const LONGEST_PASS: Duration = Duration::from_secs(20);
/// How many items one write deletes: others want to write in between.
const SWEEP_AT_ONCE: usize = 200;
/// Most deletions of one pass.
const SWEEP_MOST: usize = 10_000;
/// How long it is kept how much was deleted on which day.
const RECORD_LIFE: SignedDuration = SignedDuration::from_hours(24 * (3 * 365 + 1));
/// How often it is noted that scheduled work runs.
const BEAT_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// Without a pass for so long, scheduled work has stopped.
const BEAT_LOST: SignedDuration = SignedDuration::from_mins(10);

/// What a pass has done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ran {
    /// Registrations whose standing changed: offered, lapsed, told of a cancelled or moved session.
    pub settled: usize,
    /// Cases to which something happened because a moment has come.
    pub ticked: usize,
    /// Messages that were sent by machine.
    pub sent: usize,
    /// Messages that were not taken and are sent again.
    pub failed: usize,
    /// Messages that were left to staff.
    pub to_call: usize,
    /// Messages that were given up without a call.
    pub undelivered: usize,
    /// Cases, registrations and intakes in which nothing points to a person any more: they were kept as long as was promised.
    pub erased: usize,
    /// Items that had expired and files that nothing names, deleted.
    pub deleted: usize,
    /// There is more to do at once.
    pub more: bool,
    /// When the next message is to be delivered, where that is known.
    pub next: Option<Moment>,
}

impl Ran {
    /// Whether anything was done.
    pub fn did_something(&self) -> bool {
        [self.settled, self.ticked, self.sent, self.failed, self.to_call, self.undelivered, self.erased, self.deleted]
            .iter()
            .any(|done| *done > 0)
    }
}

/// When something was done last.
#[derive(Serialize, Deserialize)]
struct Last {
    at: Moment,
}

fn key(of: &str) -> Key {
    Key::new("SCHEDULE", of)
}

/// What a step has done; when it failed, nothing, and the first failure is kept.
fn go_on<T: Default>(done: Result<T, ServiceError>, failure: &mut Option<ServiceError>) -> T {
    done.unwrap_or_else(|error| {
        tracing::warn!(%error, "a step of the scheduled work failed; the next pass tries again");
        failure.get_or_insert(error);
        T::default()
    })
}

impl Service {
    /// One pass of all scheduled work. A step that fails does not keep the others from being done; its error is given at the end.
    pub async fn run_due(&self) -> Result<Ran, ServiceError> {
        let until = Instant::now() + LONGEST_PASS;
        let mut failure = None;
        go_on(self.take_turn("BEAT", BEAT_EVERY).await, &mut failure);
        go_on(self.look_again().await, &mut failure);
        let settled = go_on(self.settle_sessions().await, &mut failure);
        let (ticked, more_cases) = go_on(self.tick_cases(until).await, &mut failure);
        let delivered: Delivered = go_on(self.deliver(until).await, &mut failure);
        let (erased, more_to_erase) = go_on(self.erase_due(until).await, &mut failure);
        let deleted = go_on(self.sweep_now_and_then(until).await, &mut failure);
        let deleted = deleted + go_on(self.sweep_files(until).await, &mut failure);
        let next = go_on(self.next_delivery().await, &mut failure);
        let Delivered { sent, failed, to_call, undelivered, more, .. } = delivered;
        let more = more || more_cases || more_to_erase;
        let ran = Ran { settled, ticked, sent, failed, to_call, undelivered, erased, deleted, more, next };
        if ran.did_something() {
            tracing::info!(settled, ticked, sent, failed, to_call, undelivered, erased, deleted, more, "scheduled work was done");
        }
        failure.map_or(Ok(ran), Err)
    }

    /// Whether scheduled work has stopped: since when, if so. Where it never ran there is nothing to stop.
    pub(crate) async fn stopped_since(&self) -> Result<Option<Moment>, TableError> {
        let last = self.table.get(&key("BEAT")).await?.map(|item| item.read::<Last>()).transpose()?;
        Ok(last.map(|last| last.at).filter(|at| self.clock.now() > after(*at, BEAT_LOST)))
    }

    /// Deletes what has expired, now and then ([`crate::Config::sweep_every`]), and adds it to the day's record.
    async fn sweep_now_and_then(&self, until: Instant) -> Result<usize, ServiceError> {
        let every = SignedDuration::try_from(self.config.sweep_every).unwrap_or(SignedDuration::MAX);
        if !self.take_turn("SWEEP", every).await? {
            return Ok(0);
        }
        let mut deleted = 0;
        let mut whole = false;
        while !whole && deleted < SWEEP_MOST && Instant::now() < until {
            let swept = self.table.sweep(SWEEP_AT_ONCE).await?;
            deleted += swept;
            whole = swept < SWEEP_AT_ONCE;
        }
        // Recorded even when it was nothing: that it was looked at is what must be shown.
        let now = self.clock.now();
        let by = i64::try_from(deleted).unwrap_or(i64::MAX);
        let record = Write::Add {
            key: Key::new("SWEEPS", now.date().to_string()),
            by,
            at_most: i64::MAX,
            expires: Some(after(now, RECORD_LIFE)),
        };
        self.table.transact(vec![record]).await?;
        if !whole {
            self.give_turn_back("SWEEP").await?;
        }
        Ok(deleted)
    }

    /// Whether it is this pass's turn to do something that is done only so often: of two passes at once, one has it.
    async fn take_turn(&self, what: &str, every: SignedDuration) -> Result<bool, ServiceError> {
        let now = self.clock.now();
        let last = self.table.get(&key(what)).await?;
        let expect = match &last {
            None => Expect::Absent,
            Some(item) => {
                // A clock that was set back counts as long ago, or nothing would be done until it has caught up.
                let since = now.0.duration_since(item.read::<Last>()?.at.0).abs();
                if since < every {
                    return Ok(false);
                }
                Expect::Version(item.version)
            }
        };
        let write = Write::Put { item: NewItem::json(key(what), &Last { at: now }), expect };
        match self.table.transact(vec![write]).await {
            Ok(()) => Ok(true),
            Err(TableError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Lets the next pass go on with what this one did not finish.
    async fn give_turn_back(&self, what: &str) -> Result<(), ServiceError> {
        let Some(item) = self.table.get(&key(what)).await? else { return Ok(()) };
        let long_ago = Last { at: Moment(Timestamp::UNIX_EPOCH) };
        match self.table.transact(vec![Write::replace(NewItem::json(key(what), &long_ago), item.version)]).await {
            Ok(()) | Err(TableError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
