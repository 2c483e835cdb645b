//! The Lambda function that shows what was brought forward: receipts, the tracker, what came of an act, calendar files and QR codes.

mod gateway;

use std::process::ExitCode;

fn main() -> ExitCode {
    gateway::serve("tracker", functions::jobs::tracker)
}
