//! What stands in the log: ids only.
//!
//! Every event of a request stands in one span that names the request, its route's pattern and, once it is known, the tracking number it
//! is about. Paths stay out, because the addresses of drafts and receipts are secrets; so do the words of panics, because they may quote
//! what somebody typed.

use std::panic;

use domain::value::TrackingNumber;
use tracing::{Span, field};

/// The name of the span that every event of a request stands in. Its fields: `request`, `method`, `route`, `number`.
pub const REQUEST: &str = "request";
/// The target of the one event that tells how a request ended. Its fields: `status`, `duration_ms`.
pub const ANSWERED: &str = "functions::answered";

/// The target of the one event that tells how a pass of scheduled work ended. Its fields: `duration_ms`, `outbox_waiting`, `outbox_age_s`.
pub const RAN: &str = "functions::ran";

/// Notes whom the request at hand is about, so that its line can be found by the number that a visitor reads out.
pub(crate) fn concerns(number: &TrackingNumber) {
    Span::current().record("number", field::display(number));
}

/// From now on a panic within a request says where it happened and nothing else; other panics are reported as before.
pub fn hide_what_panics_quote() {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if Span::current().metadata().is_some_and(|span| span.name() == REQUEST) {
            let place = panic.location().map(ToString::to_string);
            tracing::error!(place, "a panic");
        } else {
            report(panic);
        }
    }));
}
