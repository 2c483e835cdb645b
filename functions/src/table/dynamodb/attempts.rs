//! Attempts: what is sent again, for how long, and what is to be made of an answer that does not come.
//!
//! What is refused for the moment (a conflict of transactions, throttling) and what got no answer is sent again, a transaction under
//! the same token, after a pause of random length, until [`Patience::deadline`]; then it is [`TableError::Unavailable`]. The SDK's own
//! retries are off: they would multiply ours.

use std::time::Duration;

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use tokio::time::Instant;

use super::DynamoDb;
use crate::{seal::random, table::TableError};

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

/// Why a call ended without success.
pub(super) enum Ended<E> {
    /// DynamoDB said no for good. `doubtful`: an earlier attempt at the same got no answer and may have been or be done yet.
    Refused { error: E, doubtful: bool },
    /// The deadline was reached.
    Late,
    /// It was not even sent.
    Failed(String),
}

impl<E: std::error::Error + ProvideErrorMetadata> From<Ended<E>> for TableError {
    fn from(ended: Ended<E>) -> TableError {
        match ended {
            Ended::Refused { error, .. } => TableError::Failed(format!("DynamoDB refused: {}", DisplayErrorContext(error))),
            Ended::Late => unavailable(),
            Ended::Failed(why) => TableError::Failed(why),
        }
    }
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
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.patience.deadline
    }

    /// Sends until there is an answer or the deadline is reached. `busy` says of an error of the operation whether the same
    /// may succeed in a moment.
    pub(super) async fn call<T, E, F>(
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
    pub(super) async fn pause(&self, attempt: u32, deadline: Instant) -> bool {
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
    pub(super) async fn repeat<T, E, F>(&self, send: impl FnMut() -> F) -> Result<T, TableError>
    where
        F: Future<Output = Result<T, SdkError<E>>>,
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        Ok(self.call(self.deadline(), send, |_| false).await?)
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

pub(super) fn unavailable() -> TableError {
    TableError::Unavailable { retry_after: Duration::from_secs(1) }
}
