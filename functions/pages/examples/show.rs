#![allow(clippy::unwrap_used, dead_code, missing_docs)]
#[path = "../tests/given/mod.rs"]
mod given;
use pages::*;
use serde::Serialize;
#[derive(Serialize)]
struct FormPage {
    head: Head,
    step: pages::form::StepPage,
    session: Option<pages::service::SessionFacts>,
    body: Option<String>,
}
fn main() {
    let t = Templates::new(&given::theme_templates()).unwrap_or_else(|e| panic!("{e}"));
    let frame = given::frame();
    let out = std::env::args().nth(1).unwrap();
    let names = [
        "step_errors",
        "step",
        "registration_step",
        "review",
        "review_errors",
        "receipt",
        "receipt_registration",
        "track",
        "track_errors",
        "case",
        "problem",
    ];
    for (n, p) in names.iter().zip(given::every_page(&t)) {
        std::fs::write(format!("{out}/{n}.html"), p).unwrap();
    }
    for (n, s, sess) in
        [("appeal", given::appeal_step(0, &[]), None), ("registration", given::registration_step(), Some(given::session()))]
    {
        let p = FormPage { head: Head::new(&frame, &s.title), step: s, session: sess, body: None };
        std::fs::write(format!("{out}/{n}.html"), t.render("form.html", &p, &frame).unwrap_or_else(|e| panic!("{e}"))).unwrap();
    }
}
