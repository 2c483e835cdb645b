//! The Lambda function behind appeals, receipts and the tracker.
//!
//! The stack sends it `/f/appeal`, `/f/track` and `/f/receipt`, so it is linked with little else. It is a function of its own so that a rush for
//! seats does not make somebody wait who needs help.

mod gateway;

use std::process::ExitCode;

fn main() -> ExitCode {
    gateway::serve("appeal", functions::appeals_router)
}
