//! What the last build of a folder was made of and left behind: when all of it looks the same, there is nothing to do, and nothing is read
//! to know that.
//!
//! The record lies beside the folder, `public.built` for `public/`. It may be deleted at any time. It counts only for the same program,
//! asked for the same, at a moment between its own and the next at which the site changes by itself. What was warned of is said again. A
//! build in which a file had changed so shortly before that its times need not show a second change leaves none.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use domain::Moment;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    build::{Built, Options},
    diagnostic::Colours,
    load::Survey,
    stamp::{Stamp, nanoseconds},
    write::{Folder, WriteError, beside, put_bytes},
};

/// The coarsest grain of the times that file systems keep: that of FAT.
const GRAIN: Duration = Duration::from_secs(2);

/// One build, as it was and as it left its folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The program and what it was asked for.
    asked: Asked,
    /// From when to when the site is as it was made.
    from: Moment,
    until: Option<Moment>,
    /// Pages that somebody can read.
    pub pages: usize,
    /// What was warned of, as it was said.
    pub findings: String,
    survey: Survey,
    /// Files outside of the site that decided what was made.
    looked_at: Vec<(PathBuf, Option<Stamp>)>,
    /// Paths below the folder above the output folder.
    outputs: Vec<(String, Stamp)>,
}

/// What decides what comes out, but for files and the moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    program: Stamp,
    root: String,
    base_url: Option<String>,
    drafts: bool,
    /// How findings are shown.
    colours: Colours,
}

impl Asked {
    fn new(options: &Options, colours: Colours) -> Option<Asked> {
        let program = fs::metadata(std::env::current_exe().ok()?).ok()?;
        let root = options.root.canonicalize().ok()?.to_str()?.to_owned();
        Some(Asked { program: Stamp::of(&program), root, base_url: options.base_url.clone(), drafts: options.drafts, colours })
    }
}

impl Record {
    /// The record of the last build into `output`, when another would only do the same.
    pub fn that_stands(options: &Options, output: &Path, colours: Colours) -> Option<Record> {
        let record = read(output)?;
        let Record { asked, from, until, survey, looked_at, outputs, .. } = &record;
        let stands = *from <= options.now
            && until.is_none_or(|until| options.now < until)
            && Asked::new(options, colours).as_ref() == Some(asked)
            && looked_at.iter().all(|(path, stamp)| Stamp::at(path) == *stamp)
            && survey.is_still(&options.root)
            && outputs.par_iter().with_min_len(256).all(|(path, stamp)| {
                let now = fs::symlink_metadata(output.with_file_name(path));
                now.is_ok_and(|now| now.is_file() && stamp.is_still(&Stamp::of(&now)))
            });
        stands.then_some(record)
    }

    /// Records a build that `began` then, is whole in `folder`, and of which `findings` were shown in `colours`; or nothing, when there is a
    /// reason to look again the next time.
    pub fn leave(
        built: &Built,
        folder: &Folder,
        options: &Options,
        (findings, colours): (&str, Colours),
        began: SystemTime,
    ) -> Result<(), WriteError> {
        let output = folder.path();
        let settled = nanoseconds(began).saturating_sub(i64::try_from(GRAIN.as_nanos()).unwrap_or(i64::MAX));
        let asked = Asked::new(options, colours).filter(|_| built.survey.latest() < settled);
        let (Some(asked), Some(name)) = (asked, output.file_name().and_then(|name| name.to_str())) else { return forget(output) };
        let mut outputs: Vec<_> = folder.left().iter().map(|(path, stamp)| (format!("{name}/{path}"), *stamp)).collect();
        for own in ["files", "manifest.json"] {
            if let Ok(metadata) = fs::metadata(beside(output, own)) {
                outputs.push((format!("{name}.{own}"), Stamp::of(&metadata)));
            }
        }
        let looked_at = built.looked_at.clone();
        let (from, until, pages) = (options.now, built.next_change, built.report.pages);
        let record = Record {
            asked,
            from,
            until,
            pages,
            findings: findings.to_owned(),
            survey: Survey::clone(&built.survey),
            looked_at,
            outputs,
        };
        let text = serde_json::to_string(&record).expect("a record is plain data with text keys");
        put_bytes(format!("{}\n{text}", blake3::hash(text.as_bytes())).as_bytes(), &beside(output, "built"))
    }

    /// Files in the output folder.
    pub fn files(&self) -> usize {
        self.outputs.iter().filter(|(path, _)| path.contains('/')).count()
    }

    /// Their bytes.
    pub fn bytes(&self) -> u64 {
        self.outputs.iter().filter(|(path, _)| path.contains('/')).map(|(_, stamp)| stamp.size).sum()
    }

    /// The next moment at which the output would change by itself.
    pub fn next_change(&self) -> Option<Moment> {
        self.until
    }
}

/// The record beside `output`, when it is whole.
fn read(output: &Path) -> Option<Record> {
    let text = fs::read_to_string(beside(output, "built")).ok()?;
    let (hash, text) = text.split_once('\n')?;
    // One that was damaged might leave out what has changed.
    (hash == blake3::hash(text.as_bytes()).to_string()).then(|| serde_json::from_str(text).ok()).flatten()
}

fn forget(output: &Path) -> Result<(), WriteError> {
    let path = beside(output, "built");
    match fs::remove_file(&path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(WriteError::Io { path, source }),
        _ => Ok(()),
    }
}
