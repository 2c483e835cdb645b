//! Feeds and calendars, each read by two programs that know nothing of each other: they must find the same in it.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, bail, ensure};
use icalendar::{Calendar, CalendarComponent, Component, DatePerhapsTime, EventLike};
use serde_json::{Value, json};

/// What the two readers do not agree on, or cannot read, in the files named below `folder`.
pub fn complaints(folder: &Path, files: &[String]) -> Result<Vec<String>> {
    let theirs = other_reader(folder, files)?;
    let mut complaints = Vec::new();
    for (file, theirs) in files.iter().zip(theirs) {
        let text = fs::read_to_string(folder.join(file))?;
        let ours = if file.ends_with(".ics") { calendar(&text) } else { feed(&text) };
        match ours {
            Err(error) => complaints.push(format!("{file}: the first reader: {error:#}")),
            Ok(_) if theirs["error"].is_string() => complaints.push(format!("{file}: the second reader: {}", theirs["error"])),
            Ok(ours) if ours != theirs => complaints.push(format!("{file}: one reads {ours}, the other {theirs}")),
            Ok(ours) if ours.as_array().is_none_or(Vec::is_empty) => complaints.push(format!("{file}: there is nothing in it")),
            Ok(_) => {}
        }
    }
    Ok(complaints)
}

/// Feeds and calendars among `files`.
pub fn readable(folder: &Path, files: &[String]) -> Result<Vec<String>> {
    let mut readable = Vec::new();
    for file in files {
        let is_feed = file.ends_with(".xml") && fs::read_to_string(folder.join(file))?.contains("<feed");
        if is_feed || file.ends_with(".ics") {
            readable.push(file.clone());
        }
    }
    Ok(readable)
}

/// ical.js, of which Thunderbird's calendar is made, and feedsmith.
fn other_reader(folder: &Path, files: &[String]) -> Result<Vec<Value>> {
    let output = Command::new("node")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("checkers/read.mjs"))
        .args(files.iter().map(|file| folder.join(file)))
        .env("CHECKERS", super::checkers()?)
        .output()
        .context("cannot start `node`; `tests/run` installs it")?;
    ensure!(output.status.success(), "the second reader failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn feed(text: &str) -> Result<Value> {
    let feed = feed_rs::parser::parse(text.as_bytes())?;
    let entries = feed.entries.into_iter().map(|entry| {
        let updated = entry.updated.context("an entry without `updated`")?;
        Ok(json!({
            "id": entry.id,
            "title": entry.title.context("an entry without a title")?.content,
            "link": entry.links.first().context("an entry without a link")?.href,
            "updated": updated.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        }))
    });
    Ok(Value::Array(entries.collect::<Result<_>>()?))
}

fn calendar(text: &str) -> Result<Value> {
    let calendar: Calendar = text.parse().map_err(anyhow::Error::msg)?;
    let mut events = Vec::new();
    for component in &calendar.components {
        let CalendarComponent::Event(event) = component else { continue };
        events.push(json!({
            "id": event.get_uid(),
            "title": event.get_summary(),
            "place": event.get_location(),
            "start": moment(event.get_start())?,
            "end": moment(event.get_end())?,
            "sequence": event.property_value("SEQUENCE").map_or(Ok(0), str::parse::<u32>)?,
            "status": event.property_value("STATUS"),
        }));
    }
    Ok(Value::Array(events))
}

/// As JavaScript writes a moment.
fn moment(found: Option<DatePerhapsTime>) -> Result<String> {
    let found = found.context("an event without a time")?;
    let moment = match found {
        DatePerhapsTime::DateTime(icalendar::CalendarDateTime::Utc(moment)) => moment,
        other => bail!("a time that depends on the reader's zone: {other:?}"),
    };
    Ok(moment.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}
