//! Small broken sites, each in a folder of `tests/diagnostics/` with everything that is said about it beside it in `expected.txt`.
//! They are loaded, not built: what only linking and rendering can find has sites of its own.
//!
//! `UPDATE_EXPECTED=1 cargo test -p site-gen --test generator diagnostics` writes the files anew; read the difference before you keep it.

use std::{fs, path::PathBuf};

use site_gen::{
    build::Options,
    commands::check::{self, Format},
    diagnostic::Colours,
    load::load,
};

/// Loads the site in the folder `name`, at nine in the morning of 24 November 2026.
fn check(name: &str) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics").join(name);
    let options = Options::new(&root, "2026-11-24 09:00".parse().expect("a moment"));
    let loaded = load(&options);
    let checked = check::checked(&loaded.diagnostics, &loaded.texts, Format::Human, Colours::Plain);
    // Where the folder lies on this machine is nobody's business.
    let said = checked.text.replace(&*root.to_string_lossy(), "ROOT");
    let file = root.join("expected.txt");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&file, &said).expect("written");
    }
    let expected = fs::read_to_string(&file).expect("`expected.txt` stands beside the site");
    assert_eq!(said, expected, "{name}");
    assert_eq!(checked.fine, !expected.contains("错误["), "{name}");
}

#[test]
fn a_site_with_nothing_wrong() {
    check("nothing_wrong");
}

#[test]
fn two_bad_files_are_shown_at_once() {
    check("two_bad_files");
}

#[test]
fn a_folder_that_is_no_site() {
    check("no_settings");
}

#[test]
fn settings_that_are_wrong_in_every_line() {
    check("settings");
}

#[test]
fn data_files() {
    check("data");
}

#[test]
fn forms() {
    check("forms");
}

#[test]
fn a_session_id_that_two_pages_use() {
    check("sessions_twice");
}

#[test]
fn files_that_are_no_text() {
    check("not_text");
}

#[test]
fn what_editors_leave_behind_is_passed_over() {
    check("left_behind");
}

#[test]
fn each_folder_has_pages_of_its_own_kind() {
    check("kinds");
}
