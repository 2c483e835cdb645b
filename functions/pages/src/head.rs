//! What a page says about itself to browsers, search engines and the inspectors of public bodies' sites.

use serde::{Serialize, Serializer};

use crate::{Frame, Link};

/// The part of `<head>` that differs from page to page. Templates see it as `head`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Head {
    /// The whole text of `<title>`.
    pub title: String,
    /// One or two sentences; `<meta name="description">`.
    pub description: Option<String>,
    /// The page's one address, with scheme and host.
    pub canonical: Option<String>,
    /// `noindex` and the like; absent where the page may be found.
    pub robots: Option<String>,
    /// The labels 《政府网站发展指引》 asks for, in order, each once: SiteName, ColumnName, ArticleTitle, PubDate….
    pub labels: Vec<Meta>,
    /// `og:` properties.
    pub open_graph: Vec<Meta>,
    /// Structured data, one `<script type="application/ld+json">` each.
    pub json_ld: Vec<JsonLd>,
    /// The Atom feed nearest to the page: its title and address.
    pub feed: Option<Link>,
    /// The URL of the menu's entry under which the page stands; it is marked as the current one.
    pub current: Option<String>,
    /// A class of `<body>`, for style sheets.
    pub body_class: String,
}

impl Head {
    /// A page of `frame`'s site: `<title>` ends with the site's name, and the labels every page must have are there.
    pub fn new(frame: &Frame, title: &str) -> Head {
        let mut labels = vec![Meta::new("SiteName", &frame.site_name), Meta::new("SiteDomain", &frame.domain)];
        labels.extend(frame.site_code.as_deref().map(|code| Meta::new("SiteIDCode", code)));
        let title = if title == frame.site_name { title.to_owned() } else { format!("{title} - {}", frame.site_name) };
        Head { title, labels, ..Head::default() }
    }

    /// A page that concerns one person: no search engine may keep it.
    pub fn private(frame: &Frame, title: &str) -> Head {
        Head { robots: Some("noindex, nofollow".to_owned()), body_class: "service".to_owned(), ..Head::new(frame, title) }
    }
}

/// The title of a page that came back with errors: read out first, so that nobody takes it for the next page.
pub fn title_with_errors(title: &str, errors: usize) -> String {
    if errors == 0 { title.to_owned() } else { format!("错误：{title}") }
}

/// A `<meta>` with its name (or property) and content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Meta {
    /// `PubDate`, `og:title`
    pub name: &'static str,
    /// Its content.
    pub content: String,
}

impl Meta {
    /// A label.
    pub fn new(name: &'static str, content: &str) -> Meta {
        Meta { name, content: content.to_owned() }
    }
}

/// Structured data as text that may stand inside `<script>` unescaped: no `<` is left in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonLd(String);

impl JsonLd {
    /// `value` as text.
    pub fn new(value: &impl Serialize) -> JsonLd {
        let text = serde_json::to_string(value).expect("structured data is texts and numbers under names, which JSON holds");
        // `</script>` and `<!--` end or change a script element wherever they stand; in JSON `<` only occurs in strings.
        JsonLd(if text.contains('<') { text.replace('<', "\\u003c") } else { text })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for JsonLd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn structured_data_cannot_end_its_script_element() {
        let json = JsonLd::new(&json!({ "name": "</script><script>alert(1)</script><!--" }));
        assert!(!json.as_str().contains('<'));
        let back: Value = serde_json::from_str(json.as_str()).unwrap();
        assert_eq!(back["name"], "</script><script>alert(1)</script><!--");
    }

    #[test]
    fn a_page_with_errors_says_so_first() {
        assert_eq!(title_with_errors("发生了什么", 0), "发生了什么");
        assert_eq!(title_with_errors("发生了什么", 2), "错误：发生了什么");
    }
}
