//! The manifest: what the functions must know of a site.

use domain::calendar::Calendar;
use pages::{Manifest, manifest::service_templates};

use crate::{site::Site, source::Theme};

/// Raised when the manifest's structure changes.
const SCHEMA: u32 = 1;

/// The manifest of `site`; none when the site has no `limits.yaml`, without which no form can be served.
pub fn manifest(site: &Site, theme: &Theme) -> Option<Manifest> {
    let mut manifest = Manifest {
        schema: SCHEMA,
        version: String::new(),
        frame: site.frame.clone(),
        forms: site.forms.iter().map(|source| source.form.clone()).collect(),
        sessions: site.sessions.clone(),
        limits: site.data.limits.clone()?,
        calendar: Calendar { years: site.data.calendar.clone() },
        templates: service_templates(&theme.templates),
    };
    // Structs and ordered maps serialise in one way only, so the same content has the same version.
    let canonical = serde_json::to_vec(&manifest).expect("a manifest is plain data with text keys");
    manifest.version = blake3::hash(&canonical).to_hex()[..16].to_owned();
    Some(manifest)
}
