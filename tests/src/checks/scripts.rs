//! Whether scripts run where people are: in a telephone's browser that is years old, under a policy that lets no text become a program.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// What old browsers lack, and what the policy forbids.
const FORBIDDEN: [&str; 4] = ["WebAssembly", "Segmenter", "eval", "Function"];

/// What is wrong with scripts, each of which promises to need no syntax younger than of a year.
pub fn complaints(scripts: &[(PathBuf, u64)]) -> Result<Vec<String>> {
    let output = Command::new("node")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("checkers/parse.mjs"))
        .args(scripts.iter().map(|(file, _)| file))
        .env("CHECKERS", super::checkers()?)
        .output()
        .context("cannot start `node`; `tests/run` installs it")?;
    ensure!(output.status.success(), "the parser failed: {}", String::from_utf8_lossy(&output.stderr));
    let read: Vec<Value> = serde_json::from_slice(&output.stdout)?;
    let mut complaints = Vec::new();
    for ((file, promised), read) in scripts.iter().zip(read) {
        let name = file.display();
        let Some(year) = read["year"].as_u64() else {
            complaints.push(format!("{name}: {}", read["error"]));
            continue;
        };
        if year > *promised {
            complaints.push(format!("{name} needs syntax of {year}, {promised} is promised"));
        }
        for forbidden in FORBIDDEN {
            if read["names"].as_array().is_some_and(|names| names.iter().any(|name| name == forbidden)) {
                complaints.push(format!("{name} names `{forbidden}`"));
            }
        }
    }
    Ok(complaints)
}
