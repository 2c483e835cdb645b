//! The schemas that editors' programs read, held against the real content by somebody else's validator: what the generator takes
//! they take, and the mistakes that the generator names they refuse.

use std::{fs, path::Path};

use jsonschema::Validator;
use serde_json::{Value, json};
use site_gen::{
    build::Options,
    commands::schema,
    load::load,
    source::{Document, FrontMatter},
};

fn validator(name: &str) -> Validator {
    let schema: Value = serde_json::from_str(&schema::run(Some(name)).unwrap()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn kind(document: &Document) -> &'static str {
    match document.front {
        FrontMatter::Activity(_) => "activity",
        FrontMatter::Course(_) => "course",
        FrontMatter::Policy(_) => "policy",
        FrontMatter::Resource(_) => "resource",
        FrontMatter::Page(_) => "page",
        FrontMatter::Section(_) => "section",
    }
}

fn refuse_nothing(validator: &Validator, value: &Value, file: &str) {
    let errors: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{file}: {} at {}", error, error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn every_document_fits_the_schema_of_its_kind() {
    let loaded = load(&Options::new(root(), "2026-11-24T12:00:00+08:00".parse().unwrap()));
    let documents = &loaded.source.documents;
    for name in ["activity", "course", "policy", "resource", "page", "section"] {
        let validator = validator(name);
        let mut seen = 0;
        for document in documents.iter().filter(|document| kind(document) == name) {
            let front = document.text.split("---\n").nth(1).unwrap();
            refuse_nothing(&validator, &yaml(front), &document.path);
            seen += 1;
        }
        assert!(seen > 0, "no document is a {name}");
    }
}

#[test]
fn settings_forms_and_data_fit_their_schemas() {
    let content = root().join("content");
    for (name, file) in [
        ("site", "site.yaml"),
        ("form", "forms/appeal.yaml"),
        ("form", "forms/registration.yaml"),
        ("chains", "data/chains.yaml"),
        ("series", "data/series.yaml"),
        ("towns", "data/towns.yaml"),
        ("categories", "data/categories.yaml"),
        ("plan", "data/plan.yaml"),
        ("limits", "data/limits.yaml"),
        ("calendar", "data/calendar/2026.yaml"),
    ] {
        refuse_nothing(&validator(name), &yaml(&fs::read_to_string(content.join(file)).unwrap()), file);
    }
}

#[test]
fn the_mistakes_of_an_editor_do_not_fit() {
    let right = yaml(include_str!("../../../content/courses/2026-q4.md").split("---\n").nth(1).unwrap());
    let course = validator("course");
    assert!(course.is_valid(&right));
    let with = |change: fn(&mut Value)| {
        let mut wrong = right.clone();
        change(&mut wrong);
        wrong
    };
    for (what, wrong) in [
        ("an unknown key", with(|front| front["titel"] = json!("错"))),
        ("no title", with(|front| drop(front.as_object_mut().unwrap().remove("title")))),
        ("text where a list belongs", with(|front| front["tags"] = json!("财务"))),
        ("a word that there is not", with(|front| front["event"]["attendance"] = json!("somewhere"))),
        ("a number that is a word", with(|front| front["event"]["registration"]["onsite_seats"] = json!("六十"))),
    ] {
        assert_ne!(wrong, right, "{what}");
        assert!(!course.is_valid(&wrong), "{what} fits");
    }
}
