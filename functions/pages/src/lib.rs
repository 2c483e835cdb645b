//! What both the generator and the functions show: the frame, a form's step, its error summary, the receipt, the tracker.
//!
//! View-models are plain data made from `domain`'s types; templates come from whoever calls. This is the only door to tera.

pub mod form;
pub mod frame;
pub mod manifest;
pub mod service;

pub use frame::{Frame, Link};
pub use manifest::Manifest;
