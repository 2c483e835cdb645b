//! What happens to the folder, on a real one.

use std::fs;

use super::*;

fn outputs(paths: &[&str]) -> Vec<Output> {
    paths.iter().map(|path| Output::text(*path, format!("text of {path}"))).collect()
}

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(folder).expect("below it").to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_second_write_of_the_same_touches_nothing() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("public");
    let outputs = outputs(&["index.html", "a/index.html"]);
    assert_eq!(write(&outputs, &folder).expect("it is new"), Written { written: 2, bytes: 38, ..Written::default() });
    let modified = |path: &str| fs::metadata(folder.join(path)).and_then(|found| found.modified()).expect("a time");
    let before = (modified("index.html"), modified("a/index.html"));
    assert_eq!(write(&outputs, &folder).expect("it is ours"), Written { unchanged: 2, bytes: 38, ..Written::default() });
    assert_eq!((modified("index.html"), modified("a/index.html")), before);
}

#[test]
fn stale_files_and_the_folders_they_leave_empty_go_away() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("public");
    write(&outputs(&["index.html", "a/b/index.html", "a/c.txt"]), &folder).expect("it is new");
    fs::write(folder.join("theirs.txt"), "theirs").expect("a file");
    let written = write(&outputs(&["index.html", "a/c.txt"]), &folder).expect("it is ours");
    assert_eq!((written.removed, written.unchanged), (1, 2));
    assert_eq!(files(&folder), ["a/c.txt", "index.html", "theirs.txt"]);
    assert!(!folder.join("a/b").exists());
}

#[test]
fn a_file_may_become_a_folder_and_a_folder_a_file() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("public");
    write(&outputs(&["a", "b/c/index.html"]), &folder).expect("it is new");
    write(&outputs(&["a/index.html", "b"]), &folder).expect("what is in the way is ours");
    assert_eq!(files(&folder), ["a/index.html", "b"]);
}

#[test]
fn a_folder_of_somebody_else_is_refused() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("public");
    fs::create_dir(&folder).expect("a folder");
    write(&[], &folder).expect("an empty folder is nobody's");
    fs::remove_file(root.path().join("public.files")).expect("the list");
    fs::write(folder.join("letter.txt"), "dear").expect("a file");
    assert!(matches!(write(&outputs(&["index.html"]), &folder), Err(WriteError::NotOurs(_))));
    assert_eq!(files(&folder), ["letter.txt"]);
}

#[test]
fn nothing_is_written_or_removed_outside_of_the_folder() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = root.path().join("public");
    for path in ["../x", "/x", "a/../../x", "a//b", "", ".", "a\\..\\x"] {
        assert!(matches!(write(&outputs(&[path]), &folder), Err(WriteError::Outside(_))), "{path}");
    }
    write(&outputs(&["index.html"]), &folder).expect("it is new");
    fs::write(root.path().join("keep.txt"), "keep").expect("a file");
    fs::write(root.path().join("public.files"), "# list\n../keep.txt\nindex.html\n").expect("a list");
    write(&outputs(&["index.html"]), &folder).expect("it is ours");
    assert!(root.path().join("keep.txt").exists());
}

#[cfg(unix)]
#[test]
fn a_link_within_the_folder_is_not_followed() {
    let root = tempfile::tempdir().expect("a folder");
    let (folder, elsewhere) = (root.path().join("public"), root.path().join("elsewhere"));
    write(&outputs(&["index.html"]), &folder).expect("it is new");
    fs::create_dir(&elsewhere).expect("a folder");
    std::os::unix::fs::symlink(&elsewhere, folder.join("a")).expect("a link");
    assert!(matches!(write(&outputs(&["a/index.html"]), &folder), Err(WriteError::Link(_))));
    assert_eq!(files(&elsewhere), [] as [String; 0]);
}

#[test]
fn the_manifest_lies_beside_the_folder() {
    assert_eq!(beside(Path::new("/srv/public"), "manifest.json"), Path::new("/srv/public.manifest.json"));
    assert_eq!(beside(Path::new("public"), "files"), Path::new("public.files"));
}
