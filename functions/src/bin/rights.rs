//! The Lambda function for what everybody may ask of what is stored about them: to see it, to have it corrected, to take it along, to have it erased.

mod gateway;

use std::process::ExitCode;

fn main() -> ExitCode {
    gateway::serve("rights", functions::jobs::rights)
}
