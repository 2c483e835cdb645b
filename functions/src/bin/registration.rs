//! The Lambda function behind registrations and everything else under `/f/` that the stack does not send to `appeal`.

mod gateway;

use std::process::ExitCode;

fn main() -> ExitCode {
    gateway::serve("registration", functions::router)
}
