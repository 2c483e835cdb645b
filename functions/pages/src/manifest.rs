//! What the generator tells the functions: forms, sessions, calendars, limits, and the theme's service templates.

use std::collections::BTreeMap;

use domain::{Session, form::Form};
use serde::{Deserialize, Serialize};

use crate::Frame;

/// Everything the functions need to know of a site. Written by `site-gen build`, read by the functions; neither knows the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Raised when this structure changes.
    pub schema: u32,
    /// Hash of all that follows: the same content gives the same version.
    pub version: String,
    /// The frame of service pages.
    pub frame: Frame,
    /// All forms, options written out.
    pub forms: Vec<Form>,
    /// All sessions that can be registered for.
    pub sessions: Vec<Session>,
    /// Office hours, deadlines, rates.
    pub limits: domain::limits::Limits,
    /// Working-day calendars by year.
    pub calendar: domain::calendar::Calendar,
    /// The theme's templates by name: those of service pages, and all that they extend or include.
    pub templates: BTreeMap<String, String>,
}
