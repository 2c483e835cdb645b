//! Valid HTML and CSS, as the Nu HTML checker of the W3C sees it.

use std::{fmt::Debug, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// What it says is wrong with the pages and style sheets in the folders: errors, and what it could not look at. One process for all of them,
/// since its start takes longer than a hundred pages.
pub fn complaints<P: AsRef<Path> + Debug>(folders: &[P]) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for folder in folders.iter().map(AsRef::as_ref) {
        // Of a folder as such it would look at scripts as well, as if they were pages.
        let found = super::files(folder)?.into_iter().filter(|file| file.ends_with(".html") || file.ends_with(".css"));
        files.extend(found.map(|file| folder.join(file)));
    }
    ensure!(!files.is_empty(), "there is nothing to look at in {folders:?}");
    let jar = super::checkers()?.join("node_modules/vnu-jar/build/dist/vnu.jar");
    ensure!(jar.is_file(), "`{}` is missing; `tests/run` installs it", jar.display());
    let output = Command::new("java")
        // Deeply nested text needs a deeper stack than Java's usual one.
        .args(["-Xss1024k", "-jar"])
        .arg(&jar)
        .args(["--format", "json", "--stdout", "--exit-zero-always", "--also-check-css"])
        .args(&files)
        .output()
        .context("cannot start `java`; `tests/run` installs it")?;
    let said = String::from_utf8(output.stdout)?;
    let said: Value = serde_json::from_str(&said)
        .with_context(|| format!("the checker did not answer: {said}{}", String::from_utf8_lossy(&output.stderr)))?;
    let messages = said["messages"].as_array().context("the checker lists messages")?;
    Ok(messages.iter().filter(|message| message["type"] != "info" || message["subType"] == "fatal").map(in_words).collect())
}

fn in_words(message: &Value) -> String {
    let part = |name: &str| message[name].as_str().unwrap_or_default();
    format!(
        "{}:{}: {} `{}`",
        part("url").trim_start_matches("file:"),
        message["lastLine"],
        part("message"),
        part("extract").trim()
    )
}
