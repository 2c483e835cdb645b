//! `fit`: a filter for templates of pictures, whose texts nobody else breaks into lines.
//!
//! `{% set title = title | fit(width=888, size=104, least=64, lines=4) %}` gives `title.lines`, `title.size` (the size at which they fit), `title.width` (of the
//! longest at that size) and `title.whole` (nothing was left out). How a text is broken and how wide it is, whoever parses the templates says.

use std::collections::BTreeMap;

use serde::Serialize;
use tera::{Kwargs, State, Tera, TeraResult, Value};

use super::{TemplateError, Templates};

/// The room for a text, in the picture's units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// Of a line.
    pub width: f64,
    /// The size that is wanted.
    pub size: f64,
    /// The smallest size that can be read.
    pub least: f64,
    /// At most so many lines.
    pub lines: usize,
}

/// A text in lines.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fitted {
    /// One after the other.
    pub lines: Vec<String>,
    /// The size at which they fit.
    pub size: f64,
    /// How wide the longest is at that size.
    pub width: f64,
    /// All of the text is in them.
    pub whole: bool,
}

impl Templates {
    /// Parses templates of pictures, in which the filter `fit` breaks texts into lines. What they write out is escaped in `.svg`.
    pub fn with_fit(
        sources: &BTreeMap<String, String>,
        fit: impl Fn(&str, Fit) -> Fitted + Send + Sync + 'static,
    ) -> Result<Templates, TemplateError> {
        let mut tera = Tera::new();
        tera.register_filter("fit", move |text: &str, arguments: Kwargs, _: &State| -> TeraResult<Value> {
            let size = arguments.must_get::<f64>("size")?;
            let room = Fit {
                width: arguments.must_get("width")?,
                size,
                least: arguments.get("least")?.unwrap_or(size),
                lines: arguments.get("lines")?.unwrap_or(1),
            };
            Value::try_from_serializable(&fit(text, room))
        });
        Templates::parsed(tera, sources)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Context;

    #[test]
    fn a_template_gets_the_lines_and_their_size() {
        let sources = BTreeMap::from([(
            "a.svg".to_owned(),
            "{% set it = title | fit(width=500, size=100, least=50, lines=2) %}{{ it.size }}:{% for line in it.lines %}{{ line }}/{% endfor %}".to_owned(),
        )]);
        let fit = |text: &str, room: Fit| {
            assert_eq!(room, Fit { width: 500.0, size: 100.0, least: 50.0, lines: 2 });
            Fitted {
                lines: text.split('，').map(str::to_owned).collect(), size: room.size - 1.0, width: room.width, whole: true
            }
        };
        let templates = Templates::with_fit(&sources, fit).expect("the template is well formed");
        let mut buffer = Vec::new();
        let context = Context::of(&BTreeMap::from([("title", "甲 & 乙，丙")])).expect("a map is a context");
        templates.render_into("a.svg", &context, &mut buffer).expect("the filter is there");
        assert_eq!(String::from_utf8(buffer).expect("text"), "99.0:甲 &amp; 乙/丙/");
    }

    #[test]
    fn what_the_filter_must_be_told_is_asked_for() {
        let sources = BTreeMap::from([("a.svg".to_owned(), "{{ title | fit(size=100) }}".to_owned())]);
        let fit = |_: &str, _: Fit| Fitted { lines: Vec::new(), size: 0.0, width: 0.0, whole: true };
        let templates = Templates::with_fit(&sources, fit).expect("the template is well formed");
        let context = Context::of(&BTreeMap::from([("title", "甲")])).expect("a map is a context");
        let error = templates.render_into("a.svg", &context, &mut Vec::new()).expect_err("there is no width");
        assert!(error.to_string().contains("width"), "{error}");
    }
}
