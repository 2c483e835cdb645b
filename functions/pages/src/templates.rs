//! The one door to tera: templates come in as texts by name, pages come out as text.
//!
//! A template has no clock, no files and no network: it sees its context and `frame`, nothing else, so the same context
//! gives the same bytes. Names that end in `.html`, `.xml` or `.svg` are escaped as they are written out.
//!
//! Two ways lead through the door. [`Templates::render`] takes any struct and is what a handler wants. A generator
//! that renders thousands of pages makes what many pages share [`Shared`] once, lays a [`Context`] for each page, leaves out what no
//! template names ([`mention`]), and writes into a buffer that it uses again ([`Templates::render_into`]).

mod fields;
mod fit;

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
    fmt,
};

use serde::{Serialize, Serializer};
use tera::{ErrorKind, Tera};

pub use self::fit::{Fit, Fitted};

use self::fields::Fields;

use crate::{Frame, service::ServicePage};

/// Asked for each field of each page: with a fast hash, which need not be secret, since the words are our own.
type Words = HashSet<String, foldhash::fast::FixedState>;

/// Templates that were parsed and checked together.
#[derive(Debug, Clone)]
pub struct Templates {
    tera: Tera,
    /// Every word that stands in one of them, be it a name or not; none when one of them shows all of its context.
    words: Option<Words>,
}

impl Templates {
    /// Parses all templates, `sources` being their texts by name (`service/step.html`).
    ///
    /// Everything that can be known without a context is checked here: syntax, parents, blocks, components, filters.
    pub fn new(sources: &BTreeMap<String, String>) -> Result<Templates, TemplateError> {
        Templates::parsed(Tera::new(), sources)
    }

    fn parsed(mut tera: Tera, sources: &BTreeMap<String, String>) -> Result<Templates, TemplateError> {
        tera.autoescape_on([".html", ".xml", ".svg"]);
        tera.add_raw_templates(sources).map_err(|error| TemplateError::from_tera("", &error))?;
        let words = words(sources).map(str::to_owned).collect::<Words>();
        Ok(Templates { tera, words: (!words.contains(WHOLE_CONTEXT)).then_some(words) })
    }

    /// Those fields of a struct, or entries of a map, that some template may show, each under its name.
    pub fn context(&self, fields: &(impl Serialize + ?Sized)) -> Result<Context, TemplateError> {
        Context::lay(fields, self.words.as_ref())
    }

    /// A struct or map made ready for the contexts of many pages, with those of its fields that some template may show.
    pub fn shared(&self, fields: &(impl Serialize + ?Sized)) -> Result<Shared, TemplateError> {
        let mut map = tera::Map::default();
        lay(fields, self.words.as_ref(), &mut |name, value| drop(map.insert(name.into(), value)))?;
        Ok(Shared(map.into()))
    }

    /// Whether one of them may show a value called `name`: see [`mention`].
    pub fn mention(&self, name: &str) -> bool {
        self.words.as_ref().is_none_or(|words| words.contains(name))
    }

    /// Whether there is a template with this name.
    pub fn contains(&self, name: &str) -> bool {
        self.tera.contains_template(name)
    }

    /// Renders `name` with the fields of `context`, a struct or map, and `frame` beside them.
    pub fn render(&self, name: &str, context: &impl Serialize, frame: &Frame) -> Result<String, TemplateError> {
        self.framed(name, Context::of(context).map_err(|error| error.within(name))?, frame)
    }

    fn framed(&self, name: &str, context: Context, frame: &Frame) -> Result<String, TemplateError> {
        let context = context.with("frame", &Shared::new(frame)?);
        let mut buffer = Vec::new();
        self.render_into(name, &context, &mut buffer)?;
        Ok(String::from_utf8(buffer).expect("templates and contexts are text, so what is rendered is text"))
    }

    /// Renders a page of the functions: its own template with its context, its head and `frame`.
    pub fn page<P: ServicePage>(&self, page: &P, frame: &Frame) -> Result<String, TemplateError> {
        let within = |error: TemplateError| error.within(P::TEMPLATE);
        let context = Context::of(page).map_err(within)?.with("head", &Shared::new(&page.head(frame)).map_err(within)?);
        self.framed(P::TEMPLATE, context, frame)
    }

    /// Renders `name` onto the end of `buffer`. When it fails, `buffer` is as it was.
    pub fn render_into(&self, name: &str, context: &Context, buffer: &mut Vec<u8>) -> Result<(), TemplateError> {
        let before = buffer.len();
        self.tera.render_to(name, &context.0, &mut *buffer).map_err(|error| {
            buffer.truncate(before);
            TemplateError::from_tera(name, &error)
        })
    }
}

/// Whether one of these texts of templates may show a value called `name`. Where none does, nobody need make the value: an empty one in
/// its place gives the same bytes. A theme that walks over a map instead of naming what is in it says the names in a comment.
pub fn mention(sources: &BTreeMap<String, String>, name: &str) -> bool {
    words(sources).any(|word| word == name || word == WHOLE_CONTEXT)
}

/// What shows a template all of its context, whatever the names in it.
const WHOLE_CONTEXT: &str = "__tera_context";

/// Whatever can be a name in the texts of templates.
fn words(sources: &BTreeMap<String, String>) -> impl Iterator<Item = &str> {
    let is_apart = |character: char| !(character.is_alphanumeric() || character == '_');
    sources.values().flat_map(move |text| text.split(is_apart))
}

/// What a template sees: values by name.
#[derive(Debug, Clone, Default)]
pub struct Context(tera::Context);

impl Context {
    /// The fields of a struct or the entries of a map, each under its name.
    pub fn of(fields: &(impl Serialize + ?Sized)) -> Result<Context, TemplateError> {
        Context::lay(fields, None)
    }

    fn lay(fields: &(impl Serialize + ?Sized), wanted: Option<&Words>) -> Result<Context, TemplateError> {
        let mut context = tera::Context::new();
        lay(fields, wanted, &mut |name, value| context.insert_value(name, value))?;
        Ok(Context(context))
    }

    /// The same with one value more. A shared value is not copied.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &Shared) -> Context {
        self.0.insert_value(name, value.0.clone());
        self
    }
}

/// Gives `to` those of the fields that are `wanted`; all of them when nobody says which.
fn lay(
    fields: &(impl Serialize + ?Sized),
    wanted: Option<&Words>,
    to: &mut dyn FnMut(Cow<'static, str>, tera::Value),
) -> Result<(), TemplateError> {
    fields.serialize(Fields::new(to, wanted)).map_err(|error| TemplateError::from_tera("", &error.into()))
}

/// A value made ready once for the contexts of many pages: the frame, the cards of a list.
#[derive(Debug, Clone)]
pub struct Shared(tera::Value);

impl Shared {
    /// Makes `value` ready.
    pub fn new(value: &impl Serialize) -> Result<Shared, TemplateError> {
        tera::Value::try_from_serializable(value).map(Shared).map_err(|error| TemplateError::from_tera("", &error))
    }

    /// What a template made, for others to show as it is.
    pub fn html(made: &str) -> Shared {
        Shared(tera::Value::safe_string(made))
    }
}

/// As part of a context it is taken over as it is.
impl Serialize for Shared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Why a template could not be parsed or rendered.
///
/// Shown, it is the whole of tera's report with the line and a caret, where tera gives one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct TemplateError {
    /// The template's name; empty when the mistake belongs to none.
    pub template: String,
    /// Its line, 1-based.
    pub line: Option<usize>,
    /// Its column, 1-based, in characters.
    pub column: Option<usize>,
    /// What is wrong, in one line.
    pub message: String,
    /// All of what is wrong with the lines quoted; more than one mistake when several were found at once.
    pub report: String,
}

impl TemplateError {
    /// `name` is the template that was asked for; the mistake may stand in one that it extends or includes.
    fn from_tera(name: &str, error: &tera::Error) -> TemplateError {
        let mut report = error.to_string();
        if let Some(source) = std::error::Error::source(error) {
            report = format!("{report}: {source}");
        }
        match error.kind() {
            ErrorKind::SyntaxError(at) | ErrorKind::RenderingError(at) => TemplateError {
                template: at.filename().to_owned(),
                line: Some(at.span().start_line),
                column: Some(at.span().start_col + 1),
                message: at.message().to_owned(),
                report,
            },
            ErrorKind::MissingParent { current, .. } => TemplateError::unplaced(current, report),
            ErrorKind::CircularExtend { tpl, .. } | ErrorKind::CircularInclude { tpl, .. } => {
                TemplateError::unplaced(tpl, report)
            }
            _ => TemplateError::from_report(name, report),
        }
    }

    /// What tera finds when it checks templates against each other comes as one text of reports without structure;
    /// the first one's place is read back from its `--> name:line:column`.
    fn from_report(name: &str, report: String) -> TemplateError {
        let place = report.lines().find_map(|line| {
            let mut parts = line.trim_start().strip_prefix("--> ")?.rsplitn(3, ':');
            let column = parts.next()?.parse().ok()?;
            let line = parts.next()?.parse().ok()?;
            Some((parts.next()?.to_owned(), line, column))
        });
        let Some((template, line, column)) = place else { return TemplateError::unplaced(name, report) };
        let first = report.lines().next().unwrap_or_default();
        let message = first.strip_prefix("error: ").unwrap_or(first).to_owned();
        TemplateError { template, line: Some(line), column: Some(column), message, report }
    }

    fn unplaced(template: &str, report: String) -> TemplateError {
        TemplateError { template: template.to_owned(), line: None, column: None, message: report.clone(), report }
    }

    fn within(mut self, template: &str) -> TemplateError {
        if self.template.is_empty() {
            self.template = template.to_owned();
        }
        self
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line.is_some() || self.template.is_empty() {
            f.write_str(&self.report)
        } else {
            write!(f, "template `{}`: {}", self.template, self.report)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(texts: &[(&str, &str)]) -> BTreeMap<String, String> {
        texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    fn refused(texts: &[(&str, &str)]) -> TemplateError {
        Templates::new(&sources(texts)).expect_err("a mistake in a template is found when it is parsed")
    }

    #[test]
    fn a_mistake_is_reported_with_its_template_and_line() {
        type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, Option<usize>, &'a str);
        let cases: &[Case<'_>] = &[
            (&[("a.html", "一\n{{ }}")], "a.html", Some(2), ""),
            (&[("a.html", "{{ x | nosuch }}")], "a.html", Some(1), "Unknown filter `nosuch`"),
            (&[("a.html", "\n{{ <field /> }}")], "a.html", Some(2), "Unknown component `field`"),
            (&[("a.html", "{% extends \"b.html\" %}")], "a.html", None, "b.html"),
            (
                &[("b.html", ""), ("a.html", "{% extends \"b.html\" %}\n{% block m %}{% endblock %}")],
                "a.html",
                Some(2),
                "Block `m` is not defined in any parent template",
            ),
        ];
        for (texts, template, line, message) in cases {
            let error = refused(texts);
            assert_eq!(&error.template, template, "{error}");
            assert_eq!(&error.line, line, "{error}");
            assert!(error.message.contains(message), "{error}");
        }
    }

    #[test]
    fn a_report_quotes_the_line() {
        let error = refused(&[("a.html", "<p>\n{{ 标题 }}")]);
        assert!(error.to_string().contains("{{ 标题 }}"), "{error}");
    }

    #[test]
    fn all_mistakes_between_templates_are_in_one_report() {
        let error = refused(&[("a.html", "{{ x | one }}"), ("b.html", "{{ x | two }}")]);
        assert!(error.report.contains("`one`") && error.report.contains("`two`"), "{error}");
    }

    #[test]
    fn templates_have_no_clock_no_environment_and_no_files() {
        for function in ["now()", "get_env(name=\"HOME\")", "load_data(path=\"/etc/passwd\")", "get_random(start=1, end=2)"] {
            let error = refused(&[("a.html", &format!("{{{{ {function} }}}}"))]);
            assert!(error.message.starts_with("Unknown function"), "{error}");
        }
    }

    #[test]
    fn html_and_xml_are_escaped_and_plain_text_is_not() {
        let templates = Templates::new(&sources(&[("a.html", "{{ x }}"), ("a.xml", "{{ x }}"), ("a.txt", "{{ x }}")])).unwrap();
        let context = Context::of(&BTreeMap::from([("x", "<b a='\"'>&")])).unwrap();
        let render = |name| {
            let mut buffer = Vec::new();
            templates.render_into(name, &context, &mut buffer).unwrap();
            String::from_utf8(buffer).expect("template and values are texts")
        };
        assert_eq!(render("a.html"), "&lt;b a=&#39;&quot;&#39;&gt;&amp;");
        assert_eq!(render("a.xml"), render("a.html"));
        assert_eq!(render("a.txt"), "<b a='\"'>&");
    }

    #[test]
    fn a_value_is_mentioned_where_a_template_may_show_it() {
        for (text, mentioned) in [
            ("{{ head.labels }}", true),
            ("{% for label in page.head.labels %}{{ label }}{% endfor %}", true),
            ("{{ <ending labels={labels} /> }}", true),
            ("{{ head['labels'] }}", true),
            ("{{ __tera_context }}", true),
            ("{{ head.labels_of }}", false),
            ("{{ relabels }}{{ label }}", false),
            ("", false),
        ] {
            assert_eq!(mention(&sources(&[("a.html", "{{ x }}"), ("b.html", text)]), "labels"), mentioned, "{text}");
        }
    }

    #[test]
    fn a_context_has_the_fields_of_a_struct_and_of_what_is_flattened_into_it() {
        #[derive(Serialize)]
        struct Opening<'a> {
            title: &'a str,
            cards: Vec<Shared>,
        }
        #[derive(Serialize)]
        struct Whole<'a> {
            #[serde(flatten)]
            opening: Opening<'a>,
            count: usize,
            summary: Option<&'a str>,
        }
        let templates = Templates::new(&sources(&[("a.txt", "{{ title }} {{ cards }} {{ count }} {{ summary or 'none' }}")]))
            .expect("the template is well formed");
        let whole = Whole {
            opening: Opening {
                title: "接待日",
                cards: vec![Shared::new(&BTreeMap::from([("url", "/a/")])).expect("texts become values")],
            },
            count: 2,
            summary: None,
        };
        let rendered = |context: Context| {
            let mut buffer = Vec::new();
            templates.render_into("a.txt", &context, &mut buffer).expect("the template names what is there");
            String::from_utf8(buffer).expect("template and values are texts")
        };
        assert_eq!(rendered(Context::of(&whole).expect("a struct is a context")), "接待日 [{\"url\": \"/a/\"}] 2 none");
        assert_eq!(
            rendered(Context::of(&Some(&whole)).expect("so is one behind an option")),
            "接待日 [{\"url\": \"/a/\"}] 2 none"
        );
    }

    #[test]
    fn of_a_context_only_what_a_template_may_show_is_made() {
        let fields = BTreeMap::from([("title", "接待日"), ("summary", "一句话"), ("hidden", "不显示")]);
        let laid = |text| {
            let templates =
                Templates::new(&sources(&[("a.txt", "{{ title }}"), ("b.txt", text)])).expect("the templates are well formed");
            let Context(context) = templates.context(&fields).expect("a struct is a context");
            ["title", "summary", "hidden"].map(|name| context.contains_key(name))
        };
        assert_eq!(laid("{{ summary }}"), [true, true, false]);
        assert_eq!(laid("{{ page.summary }}"), [true, true, false]);
        assert_eq!(laid("{# 不用 #}"), [true, false, false]);
        assert_eq!(laid("{{ __tera_context }}"), [true, true, true]);
    }

    #[test]
    fn what_has_no_fields_is_no_context() {
        for refused in [
            Context::of(&["a"]).unwrap_err(),
            Context::of(&vec![1]).unwrap_err(),
            Context::of("a").unwrap_err(),
            Context::of(&()).unwrap_err(),
            Context::of(&BTreeMap::from([(1, "a")])).unwrap_err(),
        ] {
            assert!(refused.message.contains("a context is a struct or a map"), "{refused}");
        }
        let nested = Context::of(&BTreeMap::from([("a", BTreeMap::from([((), 1)]))])).unwrap_err();
        assert!(nested.message.contains("map key"), "{nested}");
    }

    #[test]
    fn a_failed_page_leaves_the_buffer_as_it_was() {
        let templates = Templates::new(&sources(&[("a.html", "begun\n{{ missing }}")])).unwrap();
        let mut buffer = b"earlier".to_vec();
        let error = templates.render_into("a.html", &Context::default(), &mut buffer).unwrap_err();
        assert_eq!((error.template.as_str(), error.line), ("a.html", Some(2)), "{error}");
        assert_eq!(buffer, b"earlier");
    }

    #[test]
    fn a_template_that_is_not_there_is_named() {
        let error = Templates::new(&BTreeMap::new()).unwrap().render_into("a.html", &Context::default(), &mut Vec::new());
        assert!(error.unwrap_err().to_string().contains("a.html"));
    }
}
