//! The pictures that pages show in several widths, and the files of each. How they are made is [`crate::pictures`]'.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::{
    diagnostic::{Diagnostic, Span},
    output::{Content, Output, Sink},
    site::Site,
    write::WriteError,
};

/// One picture.
#[derive(Debug)]
pub struct Shot<'a> {
    /// Below `content/`.
    path: &'a str,
    /// The addresses of its files.
    names: Vec<String>,
    /// Where pages name it.
    places: &'a [(String, Span)],
}

/// All of them, by path.
pub fn shots(site: &Site) -> Vec<Shot<'_>> {
    if site.shown.is_empty() {
        return Vec::new();
    }
    let mut urls: HashMap<&str, &str> = HashMap::new();
    // Files beside pages stand before those of `static/`.
    for (output, file) in &site.files {
        urls.entry(&file.path).or_insert(output);
    }
    let shots = site.shown.iter().filter_map(|(path, places)| {
        let url = format!("/{}", urls.get(path.as_str())?);
        Some(Shot { path, names: site.pictures.names(path, &url), places })
    });
    shots.collect()
}

impl Shot<'_> {
    /// Its files, by their places in the output.
    pub fn paths(&self) -> impl Iterator<Item = String> {
        self.names.iter().map(|name| name.trim_start_matches('/').to_owned())
    }

    /// What it is known by: a name that holds a hash of all that it is made of.
    pub fn key(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    /// What is wrong with it, wherever it is named.
    fn broken(&self, fault: &crate::pictures::Fault) -> Vec<Diagnostic> {
        let of = |(file, span): &(String, Span)| {
            let name = self.path.rsplit('/').next().unwrap_or(self.path);
            Diagnostic::error(file.clone(), "broken_image", format!("图片 `{name}` {fault}")).at(*span).hint(fault.hint())
        };
        self.places.iter().map(of).collect()
    }
}

/// What the making of pictures came to.
#[derive(Debug, Default)]
pub struct Made {
    /// Bytes.
    pub bytes: u64,
    /// Pictures that cannot be opened.
    pub diagnostics: Vec<Diagnostic>,
}

/// Makes pictures, each on whichever thread is free.
pub fn make(site: &Site, shots: &[&Shot<'_>], sink: &impl Sink) -> Result<Made, WriteError> {
    let one = |shot: &&Shot<'_>| -> Result<Made, WriteError> {
        let files = match site.pictures.make(shot.path) {
            Ok(files) => files,
            Err(fault) => return Ok(Made { bytes: 0, diagnostics: shot.broken(&fault) }),
        };
        let mut bytes = 0;
        for (path, content) in shot.paths().zip(files) {
            bytes += content.len() as u64;
            sink.put(Output { path, content: Content::Bytes(content) })?;
        }
        Ok(Made { bytes, diagnostics: Vec::new() })
    };
    shots.par_iter().map(one).try_reduce(Made::default, |mut one, mut other| {
        one.diagnostics.append(&mut other.diagnostics);
        Ok(Made { bytes: one.bytes + other.bytes, diagnostics: one.diagnostics })
    })
}
