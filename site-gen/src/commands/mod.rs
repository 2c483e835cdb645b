//! What `site-gen` can be asked to do, each as a function from its arguments to what is printed.

pub mod admin;
pub mod build;
pub mod check;
pub mod new;
pub mod review;
pub mod schema;
pub mod usage;
