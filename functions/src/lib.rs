//! The functions behind the forms: parse → load → decide → commit → answer.
//!
//! A [`Service`] holds a [`table`], the keys that seal what is personal, a clock and the site's manifest. [`router`] gives it to
//! the public under `/f/`; the methods of [`office`] are what staff do. The rules are in `domain`, the pages in `pages`.

pub mod clock;
pub mod http;
pub mod keys;
pub mod office;
pub mod seal;
pub mod service;
pub mod table;

pub use clock::Clock;
pub use http::router;
pub use keys::{KeyError, KeySource};
pub use service::{Config, OpenError, PublishError, Service, ServiceError};
