//! What every request and every command of the office works with: the table, the keys, the clock and the site's manifest.

use std::{net::IpAddr, sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    catalogue::Cache,
    clock::Clock,
    files::{Files, store::StoreError},
    keys::{self, KeyError, KeySource},
    outbox::webhook::Webhook,
    seal::{Keys, SealError},
    table::{Table, TableError},
};

/// The functions of one site.
#[derive(Clone)]
pub struct Service {
    pub(crate) table: Arc<dyn Table>,
    pub(crate) keys: Keys,
    pub(crate) clock: Clock,
    pub(crate) config: Config,
    pub(crate) cache: Cache,
    pub(crate) files: Option<Files>,
    turns: Arc<Semaphore>,
}

/// Forms that are worked at by one process at the same time. Where thousands confirm at once, each of them would otherwise wait for the
/// table behind all others, at every one of its steps, until nobody is answered in time.
const AT_ONCE: usize = 64;
/// Nobody waits longer for a turn: whoever is told to come again knows how things stand.
const WAIT: Duration = Duration::from_secs(4);

/// What differs from place to place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The only peer whose `X-Forwarded-For` is believed.
    pub trusted_proxy: Option<IpAddr>,
    /// A form that is confirmed sooner than this after its first page was probably not filled in by a person; it is kept apart for staff.
    pub minimum_time: Duration,
    /// By how much each wrong try after the fifth within an hour is slowed.
    pub slow_down: Duration,
    /// Delivers messages by machine; without it staff call.
    pub webhook: Option<Webhook>,
    /// How often what has expired is deleted: on DynamoDB a sweep looks at the whole table, so once a day is enough there.
    pub sweep_every: Duration,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            trusted_proxy: None,
            minimum_time: Duration::from_secs(3),
            slow_down: Duration::from_secs(1),
            webhook: None,
            sweep_every: Duration::from_secs(3600),
        }
    }
}

impl Service {
    /// Opens the functions on a table: unlocks its key, or refuses to start without it.
    pub async fn open(table: Arc<dyn Table>, key: &KeySource, clock: Clock, config: Config) -> Result<Service, OpenError> {
        let keys = keys::unlock(table.as_ref(), key, clock.now()).await?;
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        Ok(Service { table, keys, clock, config, cache: Cache::default(), files: None, turns })
    }

    /// The same functions with a place for files that are sent along. Without one nobody is offered to send any.
    #[must_use]
    pub fn with_files(self, files: Files) -> Service {
        Service { files: Some(files), ..self }
    }
}

impl Service {
    /// A turn to work at somebody's form, held until it is answered. In the order of asking.
    pub(crate) async fn turn(&self) -> Result<OwnedSemaphorePermit, ServiceError> {
        match tokio::time::timeout(WAIT, self.turns.clone().acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(ServiceError::Busy),
        }
    }
}

/// Why the functions did not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Why a manifest was not published; the one before stays.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// Sessions with registrants are missing.
    #[error(
        "the sessions {sessions:?} have registrants and are no longer in the content\nhint: keep their pages and say `cancelled: true`"
    )]
    SessionsVanished {
        /// Their ids.
        sessions: Vec<String>,
    },
    /// A form says something else under a version that was published before.
    #[error("the form `{form}` was changed, but still says `version: {version}`\nhint: raise its version")]
    FormChanged {
        /// The form.
        form: String,
        /// Its version.
        version: u32,
    },
    /// A service template is wrong.
    #[error("a service template is wrong: {0}")]
    Template(String),
    /// The table refused.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// Why an operation was not done.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Nothing has this number.
    #[error("there is nothing with the number `{0}`")]
    UnknownNumber(String),
    /// No form has this id.
    #[error("there is no form `{0}`")]
    UnknownForm(String),
    /// No session has this id.
    #[error("there is no session `{0}`")]
    UnknownSession(String),
    /// Nobody has to be called about this number.
    #[error("there is no call to make for `{0}`")]
    NothingToCall(String),
    /// Nothing was published yet.
    #[error("no manifest was published yet\nhint: build the site first")]
    NoManifest,
    /// It was not done within the time that a request has, because others were busy with the same thing.
    #[error("too many are busy with the same thing")]
    Busy,
    /// A sealed field does not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A file cannot be kept or found.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The table refused.
    #[error(transparent)]
    Table(#[from] TableError),
}
