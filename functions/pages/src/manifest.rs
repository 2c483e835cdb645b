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

/// Those of a theme's templates that service pages need: their own, every component, and whatever one of these names between
/// quotation marks, which is how parents and included templates are named.
pub fn service_templates(theme: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut chosen: BTreeMap<String, String> = BTreeMap::new();
    let mut wanted: Vec<&String> =
        theme.keys().filter(|name| name.starts_with("service/") || name.starts_with("components/")).collect();
    while let Some(name) = wanted.pop() {
        let text = &theme[name];
        if chosen.insert(name.clone(), text.clone()).is_none() {
            wanted.extend(theme.keys().filter(|other| text.contains(&format!("\"{other}\""))));
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_pages_take_along_what_they_extend_include_and_call_and_nothing_else() {
        let theme = [
            ("base.html", "{% include \"parts/footer.html\" %}"),
            ("parts/footer.html", ""),
            ("components/form.html", ""),
            ("service/step.html", "{% extends \"base.html\" %}"),
            ("policy.html", "{% extends \"base.html\" %}"),
        ];
        let theme = theme.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let names: Vec<String> = service_templates(&theme).into_keys().collect();
        assert_eq!(names, ["base.html", "components/form.html", "parts/footer.html", "service/step.html"]);
    }
}
