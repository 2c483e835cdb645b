//! Trying again when what a decision was based on has changed meanwhile.

use std::time::{Duration, Instant};

use crate::{ServiceError, seal::random};

/// A request tries again for so long; then whoever asked is told to come back.
const LONGEST: Duration = Duration::from_secs(5);
/// The first wait is at most so long, each further one twice as long as the one before.
const FIRST: Duration = Duration::from_millis(4);
/// No wait is longer.
const LONGEST_WAIT: Duration = Duration::from_millis(250);

/// How long somebody has tried.
pub(super) struct Tries {
    begun: Instant,
    wait: Duration,
}

impl Tries {
    pub(super) fn new() -> Tries {
        Tries { begun: Instant::now(), wait: FIRST }
    }

    /// Waits a little, by chance, so that those who got into each other's way do not meet again; or gives up.
    pub(super) async fn again(&mut self) -> Result<(), ServiceError> {
        if self.begun.elapsed() > LONGEST {
            return Err(ServiceError::Busy);
        }
        let chance = f64::from(u32::from_be_bytes(random())) / f64::from(u32::MAX);
        tokio::time::sleep(self.wait.mul_f64(chance)).await;
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
        Ok(())
    }
}
