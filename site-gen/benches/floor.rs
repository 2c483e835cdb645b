//! The floor that `peers` measures us against: what no generator of this kind can leave out. Every document is read, its front matter
//! parsed as YAML, its Markdown made HTML by pulldown-cmark and the result written; no templates, lists, links or checks.
//!
//! usage: floor CONTENT OUTPUT

use std::{env, fs, io, path::Path};

use pulldown_cmark::{Options, Parser, html};
use rayon::prelude::*;
use walkdir::WalkDir;

fn main() -> anyhow::Result<()> {
    let mut arguments = env::args_os().skip(1);
    let (Some(content), Some(output)) = (arguments.next(), arguments.next()) else {
        anyhow::bail!("usage: floor CONTENT OUTPUT")
    };
    let (content, output) = (Path::new(&content), Path::new(&output));
    let entries = WalkDir::new(content).into_iter().collect::<Result<Vec<_>, _>>()?;
    let documents: Vec<&Path> =
        entries.iter().map(walkdir::DirEntry::path).filter(|path| path.extension().is_some_and(|found| found == "md")).collect();
    documents.par_iter().try_for_each(|path| page(path, &output.join(path.strip_prefix(content)?.with_extension(""))))
}

fn page(path: &Path, folder: &Path) -> anyhow::Result<()> {
    let text = fs::read_to_string(path)?;
    let rest = text.strip_prefix("---\n").unwrap_or(&text);
    let (front, body) = rest.split_once("\n---\n").unwrap_or(("", rest));
    let front: serde_json::Value = serde_yaml::from_str(front)?;
    let mut page = String::with_capacity(body.len() * 2);
    page.push_str(front["title"].as_str().unwrap_or_default());
    html::push_html(&mut page, Parser::new_ext(body, Options::all()));
    match fs::create_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error.into()),
        _ => {}
    }
    fs::write(folder.join("index.html"), page)?;
    Ok(())
}
