//! The Lambda function that takes appeals.
//!
//! The stack sends it `/f/appeal` and what is below, so it is linked with little else. It is a function of its own so that a rush for
//! seats does not make somebody wait who needs help.

mod gateway;

use std::process::ExitCode;

fn main() -> ExitCode {
    gateway::serve("appeal", functions::jobs::appeal)
}
