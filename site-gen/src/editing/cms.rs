//! `config.yml` of Decap CMS: a collection for each section of the site, a field for each key of its kind.
//!
//! Learnt by trying: what an object holds is asked for even when the object itself may be left out, so nothing in such an object is required here (the
//! build says what is missing); a value that is given at first is written even when nobody has looked at it, so there is only one, `draft`.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::fields::{self, Field, Value, named};
use crate::{
    kinds::Kind,
    source::{Config, Forge, ForgeKind, FrontMatter, Source},
};

/// The file, for the site that `source` is.
pub fn config(source: &Source) -> String {
    let words = "# 由 `site-gen admin install` 按页面的类型写出，改了栏目或数据之后再运行一次；不要手改。\n";
    let config = Settings {
        backend: backend(&source.config),
        local_backend: true,
        locale: "zh_Hans",
        site_url: &source.config.base_url,
        // Chinese titles make Chinese file names, and those addresses in pinyin. A date in a name is UTC's; nothing relies on it.
        slug: json!({ "encoding": "unicode", "clean_accents": false, "sanitize_replacement": "-" }),
        // The preview would show neither the theme nor the rules of the site.
        editor: json!({ "preview": false }),
        media_folder: "content/static/files",
        public_folder: "/files",
        collections: collections(source),
    };
    let text = serde_yaml::to_string(&config).unwrap_or_else(|error| unreachable!("settings are plain YAML: {error}"));
    format!("{words}{text}")
}

/// Where the editor is found that these settings need. Its own page lets it speak to no other.
pub fn forge(config: &Config) -> Option<&str> {
    config.admin.as_ref().map(|forge| forge.url.as_str())
}

/// Where pictures go, beside the page that shows them: not among the pages themselves, which the library would offer as well, to be deleted too.
const PICTURES: &str = "images";

#[derive(Serialize)]
struct Settings<'a> {
    backend: Json,
    local_backend: bool,
    locale: &'static str,
    site_url: &'a str,
    slug: Json,
    editor: Json,
    media_folder: &'static str,
    public_folder: &'static str,
    collections: Vec<Collection>,
}

#[derive(Serialize)]
struct Collection {
    name: String,
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    label_singular: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'static str>,
    #[serde(flatten)]
    of: Of,
}

/// A folder in which pages are made, or single files.
#[derive(Serialize)]
#[serde(untagged)]
enum Of {
    Folder {
        folder: String,
        create: bool,
        delete: bool,
        extension: &'static str,
        format: &'static str,
        /// An entry without this key: a section's first page has it.
        filter: Json,
        slug: &'static str,
        summary: &'static str,
        sortable_fields: [&'static str; 2],
        media_folder: &'static str,
        public_folder: &'static str,
        fields: Vec<Widget>,
    },
    Files {
        files: Vec<File>,
    },
}

#[derive(Serialize)]
struct File {
    name: String,
    label: String,
    file: String,
    media_folder: &'static str,
    public_folder: &'static str,
    fields: Vec<Widget>,
}

/// One field.
#[derive(Debug, Serialize)]
struct Widget {
    label: String,
    name: String,
    widget: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    hint: String,
    required: bool,
    #[serde(flatten)]
    more: serde_json::Map<String, Json>,
}

fn backend(config: &Config) -> Json {
    match &config.admin {
        Some(Forge { forge, url, repository, branch, app_id }) => json!({
            "name": match forge { ForgeKind::Gitea => "gitea", ForgeKind::Forgejo => "forgejo" },
            "repo": repository,
            "branch": branch,
            "base_url": url,
            "api_root": format!("{url}/api/v1"),
            "auth_endpoint": format!("{url}/login/oauth/authorize"),
            "app_id": app_id,
            "commit_messages": {
                "create": "新建{{collection}}「{{slug}}」",
                "update": "修改{{collection}}「{{slug}}」",
                "delete": "删除{{collection}}「{{slug}}」",
                "uploadMedia": "上传「{{path}}」",
                "deleteMedia": "删除「{{path}}」",
            },
        }),
        // Only on a machine with decap-server.
        None => json!({ "name": "proxy", "proxy_url": "http://localhost:8081/api/v1", "branch": "main" }),
    }
}

fn collections(source: &Source) -> Vec<Collection> {
    let mut collections = Vec::new();
    let mut sections = Vec::new();
    for document in &source.documents {
        let FrontMatter::Section(section) = &document.front else { continue };
        let folder = document.path.trim_end_matches("_index.md").trim_end_matches('/');
        let name = if folder.is_empty() { "home".to_owned() } else { folder.replace('/', "-") };
        sections.push(File {
            name: name.clone(),
            label: section.title.clone(),
            file: format!("content/{}", document.path),
            media_folder: PICTURES,
            public_folder: PICTURES,
            fields: widgets(Kind::Section, source),
        });
        if !folder.is_empty() {
            collections.push(collection(name, section.title.clone(), format!("content/{folder}"), section.pages, source));
        }
    }
    collections.push(collection("pages".to_owned(), "一般页面".to_owned(), "content".to_owned(), Kind::Page, source));
    collections.push(Collection {
        name: "sections".to_owned(),
        label: "栏目首页".to_owned(),
        label_singular: None,
        description: Some("栏目的标题、介绍和排列方式。新建栏目请用 site-gen new section。"),
        of: Of::Files { files: sections },
    });
    collections
}

fn collection(name: String, label: String, folder: String, kind: Kind, source: &Source) -> Collection {
    let slug = match kind {
        Kind::Activity | Kind::Course => "{{year}}-{{month}}-{{slug}}",
        _ => "{{slug}}",
    };
    Collection {
        name,
        label,
        label_singular: Some(named(kind).1),
        description: Some("新建的页面是草稿：写好之后把「草稿」关掉，才会公开。"),
        of: Of::Folder {
            folder,
            create: true,
            delete: true,
            extension: "md",
            format: "yaml-frontmatter",
            filter: json!({ "field": "pages" }),
            slug,
            summary: "{{title}}",
            sortable_fields: ["title", "date"],
            media_folder: PICTURES,
            public_folder: PICTURES,
            fields: widgets(kind, source),
        },
    }
}

/// What is filled in most often comes first, and the text before what hardly anybody needs.
fn widgets(kind: Kind, source: &Source) -> Vec<Widget> {
    const FIRST: [&str; 4] = ["title", "summary", "draft", "date"];
    const LAST: [&str; 8] = ["updated", "expires", "slug", "aliases", "source", "author", "example", "template"];
    let fields = fields::of(kind);
    let find = |key: &&str| fields.iter().find(|field| field.key == *key);
    let middle = fields.iter().filter(|field| !FIRST.contains(&field.key.as_str()) && !LAST.contains(&field.key.as_str()));
    // Own keys before what every page may have.
    let (shared, own): (Vec<_>, Vec<_>) = middle.partition(|field| ["tags", "chains", "series"].contains(&field.key.as_str()));
    let before = FIRST.iter().filter_map(find).chain(own).chain(shared).map(|field| widget(field, true, source));
    let body = Widget {
        label: "正文".to_owned(),
        name: "body".to_owned(),
        widget: "markdown",
        hint: "图片放进来之后，用一句话说明图上是什么。".to_owned(),
        required: false,
        more: serde_json::Map::new(),
    };
    let after = LAST.iter().filter_map(find).map(|field| widget(field, true, source));
    before.chain([body]).chain(after).collect()
}

/// `asked` is false in what may be left out as a whole.
fn widget(field: &Field, asked: bool, source: &Source) -> Widget {
    let (kind, more) = of_value(field, asked && field.required, source);
    // What is chosen from a list needs no word about how it is written in the file.
    let chosen = kind == "select" && field.hint.contains(|character: char| character.is_ascii_alphabetic());
    let mut hint = if chosen { String::new() } else { field.hint.replace('`', "") };
    // A switch that nobody has touched looks as if it said no, and a choice may only be of words and numbers.
    if field.default == Some(Json::Bool(true)) {
        hint.push_str("开关没有动过，就按默认的算。");
    }
    Widget {
        label: field.name.clone(),
        name: field.key.clone(),
        widget: kind,
        hint,
        required: asked && field.required,
        more: map(more),
    }
}

fn of_value(field: &Field, asked: bool, source: &Source) -> (&'static str, Json) {
    const LONG: [&str; 8] = ["summary", "about", "text", "detail", "status_note", "directions", "contact", "audience"];
    if let Some(options) = from_data(&field.key, source) {
        let several = matches!(field.value, Value::List(_));
        return ("select", json!({ "multiple": several, "options": options }));
    }
    match &field.value {
        Value::Text if LONG.contains(&field.key.as_str()) => ("text", json!({})),
        Value::Text => ("string", json!({})),
        Value::Moment => {
            ("datetime", json!({ "format": "YYYY-MM-DD HH:mm", "date_format": "YYYY-MM-DD", "time_format": "HH:mm" }))
        }
        Value::Date => ("datetime", json!({ "format": "YYYY-MM-DD", "date_format": "YYYY-MM-DD", "time_format": false })),
        Value::Time => ("string", json!({ "pattern": ["^\\d{1,2}:\\d{2}$", "写成 14:00 这样"] })),
        Value::Whole => ("number", json!({ "value_type": "int" })),
        Value::Number => ("number", json!({ "value_type": "float", "step": 0.5 })),
        Value::YesNo if field.key == "draft" => ("boolean", json!({ "default": true })),
        Value::YesNo => ("boolean", json!({})),
        Value::Words(words) => ("select", json!({ "options": options(words) })),
        Value::List(items) => list(field, items, source),
        Value::Fields(fields) => {
            let widgets: Vec<Widget> = fields.iter().map(|field| widget(field, asked, source)).collect();
            ("object", json!({ "collapsed": !asked, "fields": widgets }))
        }
    }
}

fn list(field: &Field, items: &Value, source: &Source) -> (&'static str, Json) {
    match items {
        Value::Words(words) => ("select", json!({ "multiple": true, "options": options(words) })),
        Value::Fields(fields) => {
            let widgets: Vec<Widget> = fields.iter().map(|field| widget(field, true, source)).collect();
            ("list", json!({ "label_singular": field.name, "collapsed": true, "fields": widgets, "default": [] }))
        }
        // A line each: a plain list would be parted at commas.
        _ => {
            let one = json!({ "label": field.name, "name": "item", "widget": "string" });
            ("list", json!({ "label_singular": field.name, "field": one, "default": [] }))
        }
    }
}

fn options(words: &[(String, String)]) -> Vec<Json> {
    words.iter().map(|(word, meaning)| json!({ "label": meaning, "value": word })).collect()
}

/// Keys whose values stand in files of the site.
fn from_data(key: &str, source: &Source) -> Option<Vec<Json>> {
    let option = |value: &str, label: &str| json!({ "label": label, "value": value });
    let data = &source.data;
    Some(match key {
        "chains" => data.chains.iter().map(|chain| option(&chain.id, &chain.name)).collect(),
        "series" => data.series.iter().map(|series| option(&series.id, &series.name)).collect(),
        "needs" => data.categories.iter().map(|category| option(&category.value, &category.label)).collect(),
        "form" => source.forms.iter().map(|source| option(&source.form.id, &source.form.title)).collect(),
        _ => return None,
    })
}

fn map(value: Json) -> serde_json::Map<String, Json> {
    match value {
        Json::Object(map) => map,
        _ => serde_json::Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{build::Options, editing::fields::KINDS, load::load};

    /// The project's own site.
    fn real() -> Source {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        load(&Options::new(root, "2026-11-24 09:00".parse().expect("a moment"))).source
    }

    fn read(source: &Source) -> Json {
        serde_yaml::from_str(&config(source)).expect("YAML")
    }

    fn each<'a>(fields: &'a Json, look: &mut dyn FnMut(&'a Json)) {
        for field in fields.as_array().into_iter().flatten() {
            look(field);
            each(&field["fields"], look);
        }
    }

    #[test]
    fn every_section_has_a_collection_and_every_key_a_field() {
        let source = real();
        let config = read(&source);
        let collections = config["collections"].as_array().expect("collections");
        for document in &source.documents {
            let FrontMatter::Section(section) = &document.front else { continue };
            let folder = format!("content/{}", document.path.trim_end_matches("_index.md").trim_end_matches('/'));
            if folder == "content/" {
                continue;
            }
            let collection = collections.iter().find(|collection| collection["folder"] == folder.as_str()).expect(&folder);
            let names: Vec<&str> =
                collection["fields"].as_array().expect("fields").iter().filter_map(|field| field["name"].as_str()).collect();
            for field in fields::of(section.pages) {
                assert!(names.contains(&field.key.as_str()), "{folder}: {} is not in {names:?}", field.key);
            }
            assert_eq!(names[0], "title");
            assert!(names.contains(&"body"));
        }
    }

    #[test]
    fn what_may_be_left_out_asks_for_nothing_and_nothing_but_a_draft_is_written_unasked() {
        for kind in KINDS {
            let widgets = serde_json::to_value(widgets(kind, &real())).expect("plain");
            each(&widgets, &mut |field| {
                // What is added to a list is wanted; only then is the rest of it asked for.
                if field["widget"] == "object" && field["required"] == false {
                    for inner in field["fields"].as_array().into_iter().flatten() {
                        assert_eq!(inner["required"], false, "{field}");
                    }
                }
                let default = field.get("default").filter(|default| **default != json!([]));
                assert_eq!(default.is_some(), field["name"] == "draft", "{field}");
                assert!(!field["label"].as_str().expect("a label").is_ascii(), "{field}");
            });
        }
    }

    #[test]
    fn what_stands_in_data_is_chosen_and_not_typed() {
        let source = real();
        let widgets = serde_json::to_value(widgets(Kind::Course, &source)).expect("plain");
        let chains = widgets.as_array().and_then(|fields| fields.iter().find(|field| field["name"] == "chains")).expect("chains");
        assert_eq!(chains["options"].as_array().map(Vec::len), Some(source.data.chains.len()));
        assert_eq!(chains["multiple"], true);
    }

    #[test]
    fn a_forge_is_asked_by_its_own_addresses() {
        let mut source = real();
        assert_eq!(read(&source)["backend"]["name"], "proxy");
        source.config.admin = Some(Forge {
            forge: ForgeKind::Forgejo,
            url: "https://git.example.invalid".to_owned(),
            repository: "office/site".to_owned(),
            branch: "main".to_owned(),
            app_id: "id".to_owned(),
        });
        let backend = &read(&source)["backend"];
        assert_eq!((&backend["name"], &backend["repo"]), (&json!("forgejo"), &json!("office/site")));
        assert_eq!(backend["api_root"], "https://git.example.invalid/api/v1");
        assert_eq!(backend["auth_endpoint"], "https://git.example.invalid/login/oauth/authorize");
    }
}
