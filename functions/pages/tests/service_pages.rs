//! Every page of the functions, made with the theme's own templates and compared with the page in `expected/`.
//!
//! The frame around them belongs to the theme and is replaced by a plain one, so that a change of the masthead does not
//! change what is expected of a form. `XIANGSHANG_ACCEPT=1 cargo test -p pages` writes what is made as what is expected; read it before it is
//! committed.

#![allow(clippy::unwrap_used)]

mod given;

use std::{env, fs, path::PathBuf};

use pages::service::{FilesContext, ServicePage};
use pages::{Context, Head, Shared, Templates};
use serde::Serialize;

/// What a page stands in here: what comes from the head, and the blocks that forms fill.
const PLAIN_FRAME: &str = "<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n<title>{{ head.title }}</title>\
    {% if head.robots %}\n<meta name=\"robots\" content=\"{{ head.robots }}\">{% endif %}\
    {% block head_extra %}{% endblock %}\n</head>\n<body>{% block breadcrumb %}{% endblock %}\n<main id=\"main\" tabindex=\"-1\">\
    {% block main %}{% endblock %}\n</main>\n</body>\n</html>\n";

fn templates() -> Templates {
    let mut sources = given::theme_templates();
    sources.retain(|name, _| name.starts_with("service/") || name.starts_with("components/") || name == "form.html");
    sources.insert("base.html".to_owned(), PLAIN_FRAME.to_owned());
    Templates::new(&sources).unwrap_or_else(|error| panic!("{error}"))
}

fn render(page: &impl ServicePage) -> String {
    templates().page(page, &given::frame()).unwrap_or_else(|error| panic!("{error}"))
}

fn check(name: &str, made: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/expected").join(name);
    if env::var_os("XIANGSHANG_ACCEPT").is_some() {
        fs::write(&path, made).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    for (number, (expected, made)) in expected.lines().zip(made.lines()).enumerate() {
        assert_eq!(made, expected, "line {} of {name}", number + 1);
    }
    assert_eq!(made, expected, "{name} ends differently");
}

fn static_form(step: pages::form::StepPage, session: Option<pages::service::SessionFacts>) -> String {
    #[derive(Serialize)]
    struct FormPage {
        head: Head,
        step: pages::form::StepPage,
        session: Option<pages::service::SessionFacts>,
    }
    let frame = given::frame();
    let page = FormPage { head: Head::new(&frame, &step.title), step, session };
    templates().render("form.html", &page, &frame).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_first_step_of_an_appeal_is_a_static_page() {
    check("appeal.html", &static_form(given::appeal_step(0, &[]), None));
}

#[test]
fn a_registration_shows_its_session_above_the_questions() {
    check("registration.html", &static_form(given::registration_step(), Some(given::session())));
}

#[test]
fn a_step_with_errors_shows_a_summary_and_what_was_typed() {
    check("step_errors.html", &render(&given::step_with_errors()));
}

#[test]
fn a_further_step_leads_back() {
    check("step.html", &render(&given::further_step()));
}

#[test]
fn review_shows_every_answer_with_the_way_back_to_it() {
    check("review.html", &render(&given::review(&[])));
}

#[test]
fn review_without_the_needed_consent_says_so() {
    check("review_errors.html", &render(&given::review(&[("handle", "请勾选，否则没法受理")])));
}

#[test]
fn a_refusal_on_review_offers_ways_on() {
    check("review_refused.html", &render(&given::review_refused()));
}

#[test]
fn the_receipt_of_an_appeal() {
    check("receipt_appeal.html", &render(&given::appeal_receipt()));
}

#[test]
fn the_receipt_of_a_registration() {
    check("receipt_registration.html", &render(&given::registration_receipt()));
}

#[test]
fn tracking_asks_for_number_and_code() {
    check("track.html", &render(&given::track(false)));
}

#[test]
fn tracking_gives_one_neutral_answer() {
    check("track_errors.html", &render(&given::track(true)));
}

#[test]
fn a_case_shows_its_stages_in_words() {
    check("case.html", &render(&given::case()));
}

#[test]
fn an_offer_is_answered_where_it_is_shown() {
    check("offered.html", &render(&given::offered()));
}

#[test]
fn an_act_is_named_before_it_is_done() {
    check("act.html", &render(&given::cancelling()));
}

#[test]
fn what_is_stored_is_shown_whole_and_taken_along_as_text() {
    check("stored.html", &render(&given::stored()));
    check("copy.html", &render(&given::copy()));
}

#[test]
fn a_lost_code_is_reported_by_its_number_and_answered_by_a_promise_to_call() {
    check("lost.html", &render(&given::lost("", None)));
    check("lost_reported.html", &render(&given::lost("XS261124123457", Some("2026年11月25日（周三）17:30"))));
}

#[test]
fn what_came_of_an_act_is_told() {
    check("done.html", &render(&given::cancelled()));
}

#[test]
fn the_door_asks_for_a_code_or_has_one_button() {
    check("check_in.html", &render(&given::check_in(None, false)));
    check("check_in_ready.html", &render(&given::check_in(None, true)));
}

#[test]
fn the_door_says_who_may_come_in() {
    check("check_in_welcome.html", &render(&given::welcome()));
}

#[test]
fn a_problem_says_what_to_do_next() {
    check("problem.html", &render(&given::problem()));
}

#[test]
fn nothing_that_was_typed_becomes_markup() {
    let hostile = "\"'><script>alert(1)</script></textarea></title>";
    let pages = [
        render(&given::hostile_step(hostile)),
        render(&given::hostile_review(hostile)),
        render(&given::hostile_track(hostile)),
        static_form(given::appeal_step(0, &[("title", hostile), ("description", hostile)]), None),
    ];
    for page in pages {
        assert!(page.contains("&lt;script&gt;alert(1)&lt;"), "what was typed is shown: {page}");
        assert!(!page.contains("<script>alert"), "{page}");
        assert!(!page.contains("\"'>"), "a quote ends no attribute: {page}");
        assert_eq!(page.matches("</title>").count(), 1, "{page}");
        assert_eq!(page.matches("</textarea>").count(), page.matches("<textarea").count(), "{page}");
    }
}

#[test]
fn files_are_sent_one_at_a_time_by_a_plain_form() {
    check("files.html", &render(&given::files()));
    let full = FilesContext { closed: Some("已经有 3 份文件了".to_owned()), left: 0, ..given::files() };
    let page = render(&full);
    check("sent.html", &render(&given::sent(true)));
    assert!(!render(&given::sent(false)).contains("http-equiv"), "it does not ask for ever");
    assert!(page.contains("已经有 3 份文件了") && !page.contains("<input class=\"file\""), "{page}");
}

#[test]
fn no_page_needs_inline_code() {
    for page in given::every_page(&templates()) {
        for inline in [" style=", " onclick=", " onsubmit=", "<style", "javascript:", "<script>"] {
            assert!(!page.contains(inline), "`{inline}` in {page}");
        }
    }
}

#[test]
fn every_description_and_every_link_within_a_page_leads_to_an_element() {
    for page in given::every_page(&templates()) {
        let values = |attribute: &str| -> Vec<String> {
            let start = format!(" {attribute}=\"");
            page.split(&start).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
        };
        let ids = values("id");
        let mut unique = ids.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), ids.len(), "each id once: {ids:?}");
        let described = values("aria-describedby").into_iter().chain(values("aria-labelledby"));
        let described = described.flat_map(|ids| ids.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let links = values("href").into_iter().filter_map(|href| href.strip_prefix('#').map(str::to_owned));
        for id in described.chain(values("for")).chain(links) {
            assert!(ids.contains(&id), "`{id}` is no element of {page}");
        }
    }
}

#[test]
fn the_pages_stand_in_the_theme_s_own_frame() {
    let templates = Templates::new(&given::theme_templates()).unwrap_or_else(|error| panic!("{error}"));
    let page = templates.page(&given::further_step(), &given::frame()).unwrap_or_else(|error| panic!("{error}"));
    assert!(page.contains("<h1>您是谁</h1>") && page.contains("/assets/form.0123abcd.css") && page.contains("noindex"), "{page}");
}

#[test]
fn a_prepared_context_gives_the_same_page_as_a_struct() {
    let frame = given::frame();
    let page = given::problem();
    let context = Context::of(&page)
        .unwrap()
        .with("head", &Shared::new(&page.head(&frame)).unwrap())
        .with("frame", &Shared::new(&frame).unwrap());
    let mut buffer = Vec::new();
    templates().render_into("service/problem.html", &context, &mut buffer).unwrap();
    assert_eq!(String::from_utf8(buffer).unwrap(), render(&page));
}
