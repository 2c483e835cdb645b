//! The Lambda function for what registrants and firms do later: change, cancel, take an offer, add to an appeal, say whether it is solved.

mod gateway;

use std::process::ExitCode;

fn main() -> ExitCode {
    gateway::serve("acts", functions::jobs::acts)
}
