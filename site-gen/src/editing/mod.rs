//! What editors write, described to the programs they write in: all of it is made from the types that read it, so that it cannot be wrong.
//!
//! 1. [`fields`] tells keys, names, hints and values of each kind of page.
//! 2. [`cms`] writes the settings of Decap CMS, the editor in the browser; [`install`] puts that where the site is.
//! 3. [`vscode`] writes schemas, their wiring and snippets for Visual Studio Code.
//! 4. [`manual`] writes the tables of the editors' manual.

pub mod cms;
pub mod fields;
pub mod install;
pub mod manual;
pub mod vscode;
