//! What `site-gen` can be asked to do, each as a function from its arguments to what is printed.

pub mod build;
pub mod check;
pub mod import;
pub mod mend;
pub mod new;
pub mod schema;
pub mod usage;
