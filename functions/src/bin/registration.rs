//! The Lambda function that takes registrations and every other form, tells how many seats are left, and lets people in. The stack sends it whatever
//! under `/f/` it does not send to another.

mod gateway;

use std::process::ExitCode;

fn main() -> ExitCode {
    gateway::serve("registration", functions::jobs::registration)
}
