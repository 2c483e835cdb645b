//! What is sent to a bucket, in which order, and what goes: worked out of what was built and of what the bucket is known to hold.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use pages::headers::{ASK_AGAIN_BEHIND_AN_EDGE, FOR_EVER, HASHED_FOLDER, caching};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use site_gen::{
    compress::{self, ENCODINGS},
    write,
};

use super::{client::Client, is_page, record::Record};
use crate::{cli::PublishOptions, media::content_type};

/// As many addresses CloudFront is told of one by one; of more it forgets all, which costs as much as one.
const TOLD: usize = 10;
/// What an address must not have in it as it is.
const ENCODED: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'#').add(b'?').add(b'{').add(b'}').add(b'%');

/// In which order things are sent: what is named comes before what names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Styles and scripts: pages of services name them as soon as the manifest is committed.
    Assets,
    /// Files whose names were not there before.
    NewFiles,
    /// Pages whose addresses were not there before: lists and other pages name them.
    NewPages,
    /// Files that are other than before.
    Files,
    /// Pages that are other than before.
    Pages,
    /// The home page: what most read first, and what names the most.
    Home,
}

/// One object to be sent.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its key.
    pub key: String,
    /// What is sent.
    path: PathBuf,
    content_type: &'static str,
    caching: &'static str,
    /// It is packed.
    encoding: Option<&'static str>,
    /// Of all that is sent.
    pub hash: String,
    /// When.
    pub phase: Phase,
    /// Something was there under its name.
    replaces: bool,
}

impl Upload {
    /// What is sent.
    pub fn body(&self) -> anyhow::Result<Vec<u8>> {
        fs::read(&self.path).with_context(|| format!("不能读 `{}`", self.path.display()))
    }

    /// What is said about it.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![("content-type", self.content_type.to_owned()), ("cache-control", self.caching.to_owned())];
        headers.extend(self.encoding.map(|encoding| ("content-encoding", encoding.to_owned())));
        headers
    }
}

/// All that is to be done.
pub struct Plan {
    /// Sorted by phase.
    pub uploads: Vec<Upload>,
    /// Keys of what earlier publications have put there and this site does not have.
    pub deletes: Vec<String>,
}

impl Plan {
    /// What makes the bucket hold the site in `folder` below `prefix`, when it holds what `found` says.
    pub fn new(folder: &Path, prefix: &str, found: &Record, options: &PublishOptions) -> anyhow::Result<Plan> {
        let (mut uploads, mut wanted) = (Vec::new(), BTreeSet::new());
        for path in write::outputs(folder)? {
            let upload = upload(folder, &path, options.gzip)?;
            for key in keys(&path, !options.no_folder_pages) {
                let key = format!("{prefix}{key}");
                let known = found.objects.get(&key);
                if known != Some(&upload.hash) {
                    let phase = phase(&path, known.is_some());
                    uploads.push(Upload { key: key.clone(), phase, replaces: known.is_some(), ..upload.clone() });
                }
                wanted.insert(key);
            }
        }
        uploads.sort_by(|one, other| (one.phase, &one.key).cmp(&(other.phase, &other.key)));
        // Old pages that somebody has open still ask for their styles.
        let stays = |key: &str| key.strip_prefix(prefix).is_some_and(|path| format!("/{path}").starts_with(HASHED_FOLDER));
        let deletes = found.objects.keys().filter(|key| !wanted.contains(*key) && !stays(key)).cloned().collect();
        Ok(Plan { uploads, deletes })
    }

    /// Deletes what is not wanted any more.
    pub fn delete(&self, client: &Client) -> anyhow::Result<()> {
        super::at_once(&self.deletes, |key| client.delete(key))
    }

    /// The addresses whose content changed or went, as CloudFront is told of them: `/courses/`, or `/*` when there are many.
    pub fn changed_paths(&self, prefix: &str) -> Vec<String> {
        let changed = self.uploads.iter().filter(|upload| upload.replaces).map(|upload| &upload.key);
        let keys: BTreeSet<&str> = changed.chain(&self.deletes).filter_map(|key| key.strip_prefix(prefix)).collect();
        // The address of the root has no object of its own.
        let root = keys.contains("index.html").then(|| "/".to_owned());
        let paths: Vec<String> =
            root.into_iter().chain(keys.iter().map(|key| format!("/{}", utf8_percent_encode(key, ENCODED)))).collect();
        if paths.len() > TOLD { vec!["/*".to_owned()] } else { paths }
    }
}

fn upload(folder: &Path, path: &str, packed: bool) -> anyhow::Result<Upload> {
    let file = folder.join(path);
    let gzip = ENCODINGS.iter().find(|(_, encoding)| *encoding == "gzip");
    let beside = gzip.map(|(extension, encoding)| (compress::beside(&file, extension), *encoding));
    let (body, encoding) = match beside.filter(|(beside, _)| packed && beside.is_file()) {
        Some((beside, encoding)) => (beside, Some(encoding)),
        None => (file.clone(), None),
    };
    let bytes = fs::read(&body).with_context(|| format!("不能读 `{}`", body.display()))?;
    let caching = if caching(&format!("/{path}")) == FOR_EVER { FOR_EVER } else { ASK_AGAIN_BEHIND_AN_EDGE };
    let content_type = content_type(&file);
    let mut hash = blake3::Hasher::new();
    for part in [content_type, caching, encoding.unwrap_or_default()] {
        hash.update(part.as_bytes()).update(b"\n");
    }
    let hash = hash.update(&bytes).finalize().to_hex()[..32].to_owned();
    Ok(Upload { key: String::new(), path: body, content_type, caching, encoding, hash, phase: Phase::Assets, replaces: false })
}

/// The names of the file at `path`: its own, and for a page that of its folder.
fn keys(path: &str, folders: bool) -> Vec<String> {
    let folder = path.strip_suffix("index.html").filter(|folder| folders && folder.ends_with('/'));
    std::iter::once(path).chain(folder).map(str::to_owned).collect()
}

fn phase(path: &str, is_known: bool) -> Phase {
    if format!("/{path}").starts_with(HASHED_FOLDER) {
        return Phase::Assets;
    }
    if path == "index.html" {
        return Phase::Home;
    }
    match (is_known, is_page(path)) {
        (false, false) => Phase::NewFiles,
        (false, true) => Phase::NewPages,
        (true, false) => Phase::Files,
        (true, true) => Phase::Pages,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_lies_under_its_own_name_and_its_folders() {
        for (path, names) in [
            ("index.html", &["index.html"][..]),
            ("courses/index.html", &["courses/index.html", "courses/"]),
            ("404.html", &["404.html"]),
            ("courses/a.pdf", &["courses/a.pdf"]),
        ] {
            assert_eq!(keys(path, true), names, "{path}");
            assert_eq!(keys(path, false), names[..1], "{path}");
        }
    }

    #[test]
    fn what_is_named_is_sent_before_what_names_it() {
        let order = [
            ("assets/site.0123456789.css", false),
            ("a.pdf", false),
            ("a/index.html", false),
            ("feed.xml", true),
            ("index.html", true),
        ];
        let phases: Vec<Phase> = order.iter().map(|(path, known)| phase(path, *known)).collect();
        assert!(phases.windows(2).all(|pair| pair[0] < pair[1]), "{phases:?}");
    }
}
