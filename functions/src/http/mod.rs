//! The public routes under `/f/`.

use std::sync::Arc;

use axum::Router;

use crate::Service;

/// The public routes of a service: `/f/…` and `/healthz`. The server must give [`axum::extract::ConnectInfo`] of a socket address.
pub fn router(service: Arc<Service>) -> Router {
    Router::new().with_state(service)
}
