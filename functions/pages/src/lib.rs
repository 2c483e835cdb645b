//! What both the generator and the functions show: the frame, a form's step, its error summary, the receipt, the tracker.
//!
//! View-models are plain data made from `domain`'s types; templates come from whoever calls. This is the only door to tera and to QR codes.

pub mod templates;

pub mod frame;
pub mod head;
pub mod headers;

pub mod form;
pub mod registration;
pub mod rights;
pub mod service;

pub mod calendar_file;
pub mod qr;

pub mod manifest;

pub use frame::{Frame, Link};
pub use head::Head;
pub use manifest::Manifest;
pub use templates::{Context, Shared, TemplateError, Templates};
