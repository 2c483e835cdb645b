//! What a step's page and 核对 are made of, without templates.

#![allow(clippy::unwrap_used, dead_code)]

mod given;

use domain::form::{AnswerOption, Field, FieldKind, Form, Options, Raw, check_step};
use given::{appeal, errors, raw, registration};
use pages::form::{Control, FieldView, StepPage, consent_views, further_steps, review_rows, step_page};

fn page(form: &Form, index: usize, raw: &Raw, problems: &[(&str, &str)]) -> StepPage {
    step_page(form, index, raw, &errors(problems), "/f/x", Vec::new(), None)
}

fn names(fields: &[FieldView]) -> Vec<&str> {
    fields.iter().map(|field| field.name.as_str()).collect()
}

/// A form that asks one question.
fn asking(field: Field) -> Form {
    let mut form = registration();
    form.steps[0].fields = vec![field];
    form
}

fn field(kind: FieldKind) -> Field {
    let mut field = registration().field("name").unwrap().clone();
    field.kind = kind;
    field.min = None;
    field.max = None;
    field.autocomplete = None;
    field
}

fn options(count: usize) -> Option<Options> {
    let option = |number: usize| AnswerOption {
        value: number.to_string(),
        label: format!("第 {number} 个"),
        hint: None,
        environment: None,
    };
    Some(Options::Listed((1..=count).map(option).collect()))
}

#[test]
fn a_page_holds_the_further_steps_unless_what_they_ask_depends_on_an_earlier_one() {
    let mut form = appeal();
    let further = further_steps(&form, "/f/appeal");
    assert_eq!(further.iter().map(|step| step.step.as_str()).collect::<Vec<_>>(), ["person"]);
    assert_eq!((further[0].number, further[0].fresh), (2, true));
    assert_eq!(further_steps(&registration(), "/f/registration"), []);
    let earlier = form.steps[0].fields[0].id.clone();
    form.steps[1].fields[0].when = Some(domain::form::Condition { field: earlier, is: vec!["x".to_owned()] });
    assert_eq!(further_steps(&form, "/f/appeal"), []);
}

#[test]
fn each_kind_of_question_has_its_control() {
    use FieldKind::*;
    // Kind, number of answers, most, and then: control, type, inputmode, autocomplete.
    type Case = (FieldKind, usize, Option<u32>, Control, &'static str, Option<&'static str>, Option<&'static str>);
    let cases: &[Case] = &[
        (Text, 0, None, Control::Text, "text", None, None),
        (Paragraph, 0, Some(200), Control::Paragraph, "text", None, None),
        (Mobile, 0, None, Control::Text, "tel", Some("tel"), None),
        (Telephone, 0, None, Control::Text, "tel", Some("tel"), None),
        (CreditCode, 0, None, Control::Text, "text", None, Some("off")),
        (Plate, 0, None, Control::Text, "text", None, Some("off")),
        (Names, 0, Some(2), Control::Paragraph, "text", None, Some("off")),
        (Choice, 2, None, Control::Radio, "text", None, None),
        (Choice, 7, None, Control::Radio, "text", None, None),
        (Choice, 8, None, Control::Select, "text", None, None),
        (Choices, 9, None, Control::Checkbox, "text", None, None),
        (Count, 0, Some(3), Control::Radio, "text", Some("numeric"), None),
        (Count, 0, Some(50), Control::Text, "text", Some("numeric"), None),
        (Count, 0, None, Control::Text, "text", Some("numeric"), None),
    ];
    for (kind, answers, max, control, input_type, inputmode, autocomplete) in cases {
        let form = asking(Field { max: *max, options: (*answers > 0).then(|| options(*answers)).flatten(), ..field(*kind) });
        let view = &page(&form, 0, &Raw::default(), &[]).fields[0];
        assert_eq!(view.control, *control, "{kind:?} with {answers} answers and {max:?}");
        assert_eq!(view.input_type, *input_type, "{kind:?}");
        assert_eq!(view.inputmode.as_deref(), *inputmode, "{kind:?}");
        assert_eq!(view.autocomplete.as_deref(), *autocomplete, "{kind:?}");
    }
}

#[test]
fn a_small_count_is_chosen_between_its_limits() {
    let form = asking(Field { min: Some(1), max: Some(3), default: Some("1".to_owned()), ..field(FieldKind::Count) });
    let options = page(&form, 0, &Raw::default(), &[]).fields[0].options.clone();
    let seen: Vec<(&str, bool)> = options.iter().map(|option| (option.value.as_str(), option.checked)).collect();
    assert_eq!(seen, [("1", true), ("2", false), ("3", false)]);
}

#[test]
fn an_optional_choice_can_be_taken_back() {
    let cases = [
        (false, None, 3, vec!["1", "2", "3", ""]),
        (true, None, 3, vec!["1", "2", "3"]),
        (false, Some("1"), 3, vec!["1", "2", "3"]),
        (false, None, 8, vec!["", "1", "2", "3", "4", "5", "6", "7", "8"]),
        (true, None, 8, vec!["", "1", "2", "3", "4", "5", "6", "7", "8"]),
    ];
    for (required, default, count, expected) in cases {
        let default = default.map(str::to_owned);
        let form = asking(Field { required, default, options: options(count), ..field(FieldKind::Choice) });
        let view = &page(&form, 0, &Raw::default(), &[]).fields[0];
        let values: Vec<&str> = view.options.iter().map(|option| option.value.as_str()).collect();
        assert_eq!(values, expected, "required {required}, {count} answers");
        assert_eq!(view.options.iter().filter(|option| option.checked).count(), usize::from(!required || count > 7));
    }
}

#[test]
fn what_stands_there_beforehand_gives_way_to_what_was_posted() {
    let checked = |raw: &Raw| -> Vec<String> {
        let page = page(&appeal(), 0, raw, &[]);
        let urgency = page.fields.iter().find(|field| field.name == "urgency").unwrap();
        urgency.options.iter().filter(|option| option.checked).map(|option| option.value.clone()).collect()
    };
    assert_eq!(checked(&Raw::default()), ["normal"]);
    assert_eq!(checked(&raw(&[("urgency", "critical")])), ["critical"]);
    assert_eq!(checked(&raw(&[("title", "没有选有多急")])), ["normal"], "the check takes it so, too");
}

#[test]
fn questions_are_folded_as_declared_and_unfolded_when_one_needs_a_look() {
    type Answers = &'static [(&'static str, &'static str)];
    let cases: &[(Answers, Answers, bool)] = &[
        (&[], &[], false),
        (&[("title", "只填了标题"), ("reported", "  ")], &[], false),
        (&[("channels", "window")], &[], true),
        (&[("reported", "")], &[("reported", "太长")], true),
        (&[], &[("title", "太短")], false),
    ];
    for (answers, problems, open) in cases {
        let page = page(&appeal(), 0, &raw(answers), problems);
        assert_eq!(names(&page.fields), ["category", "title", "description", "urgency", "urgency_reason"]);
        assert_eq!(names(&page.more), ["reported", "channels"]);
        assert_eq!(page.more_open, *open, "{answers:?} {problems:?}");
    }
}

#[test]
fn a_default_answer_does_not_unfold_the_questions() {
    assert!(!page(&registration(), 0, &raw(&[("name", "王女士"), ("party", "1")]), &[]).more_open);
    assert!(page(&registration(), 0, &raw(&[("name", "王女士"), ("party", "2")]), &[]).more_open);
}

#[test]
fn a_question_that_depends_on_an_earlier_page_is_asked_or_not() {
    let mut form = appeal();
    let reason = form.steps[0].fields.remove(4);
    form.steps[1].fields.push(reason);
    let asked = |urgency: &str| {
        let page = page(&form, 1, &raw(&[("urgency", urgency)]), &[]);
        page.fields.iter().find(|field| field.name == "urgency_reason").map(|field| field.when.clone())
    };
    assert_eq!(asked("normal"), None);
    assert_eq!(asked("urgent"), Some(None), "it is asked without an if, because the answer is known");
}

#[test]
fn a_question_that_depends_on_the_same_page_says_when_it_is_needed() {
    let page = page(&appeal(), 0, &Raw::default(), &[]);
    let when = page.fields[4].when.clone().unwrap();
    assert_eq!((when.field.as_str(), when.is.as_str()), ("urgency", "urgent critical"));
    assert_eq!(when.words, "“有多急”选“急”或“特急”时填写。");
}

#[test]
fn errors_come_in_the_order_of_the_questions_and_lead_to_them() {
    let problems = [("session", "报名已截止"), ("channels", "选错了"), ("title", "太短"), ("category", "没选")];
    let page = page(&appeal(), 0, &Raw::default(), &problems);
    let seen: Vec<(Option<&str>, &str)> =
        page.errors.iter().map(|error| (error.target.as_deref(), error.message.as_str())).collect();
    let expected = [
        (Some("field-category"), "没选"),
        (Some("field-title"), "太短"),
        (Some("field-channels"), "选错了"),
        (None, "报名已截止"),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn what_describes_a_question_is_named_in_reading_order() {
    let page = page(&appeal(), 0, &Raw::default(), &[("description", "太短")]);
    let described: Vec<Option<&str>> = page.fields.iter().map(|field| field.described_by.as_deref()).collect();
    let expected = [
        Some("field-category-hint"),
        Some("field-title-hint"),
        Some("field-description-hint field-description-limit field-description-error"),
        None,
        Some("field-urgency_reason-when"),
    ];
    assert_eq!(described, expected);
}

#[test]
fn steps_are_counted_with_review_and_the_button_says_what_comes() {
    let form = appeal();
    let cases = [(0, 1, 3, "下一步", 2), (1, 2, 3, "下一步：核对", 0)];
    for (index, number, total, submit, elsewhere) in cases {
        let page = page(&form, index, &Raw::default(), &[]);
        assert_eq!((page.number, page.total, page.submit.as_str(), page.elsewhere.len()), (number, total, submit, elsewhere));
    }
}

#[test]
fn a_page_is_fresh_until_one_of_its_questions_was_posted() {
    assert!(page(&appeal(), 1, &raw(&[("title", "第一页的答案")]), &[]).fresh);
    assert!(!page(&appeal(), 1, &raw(&[("company", "")]), &[]).fresh);
}

#[test]
fn review_shows_answers_in_words_as_they_will_be_stored() {
    let answers = raw(&[
        ("category", "labour"),
        ("title", " 招不到熟练工 "),
        ("description", "一行一行一行一行一行一行\r\n两行两行两行两行"),
        ("urgency", "normal"),
        ("urgency_reason", "先选了急，又改回一般"),
        ("channels", "hotline"),
        ("channels", "window"),
        ("scale", ""),
        ("company", "某某服装厂"),
        ("mobile", "+86 １３８ 0000-1234"),
    ]);
    let rows = review_rows(&appeal(), &given::values(&answers), |step| format!("/draft/{}", step.id));
    let seen: Vec<(&str, &str, &str)> =
        rows.iter().map(|row| (row.label.as_str(), row.value.as_str(), row.change.as_str())).collect();
    let expected = [
        ("哪一类问题", "用工", "/draft/matter#field-category"),
        ("一句话说清是什么事", "招不到熟练工", "/draft/matter#field-title"),
        ("具体情况", "一行一行一行一行一行一行\n两行两行两行两行", "/draft/matter#field-description"),
        ("有多急", "一般", "/draft/matter#field-urgency"),
        ("通过哪些渠道反映过", "热线、窗口", "/draft/matter#field-channels"),
        ("企业名称", "某某服装厂", "/draft/person#field-company"),
        ("手机号", "13800001234", "/draft/person#field-mobile"),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_page_says_as_one_leaves_a_field_what_the_server_would_say() {
    let form = appeal();
    let said = |index: usize, name: &str| {
        let page = page(&form, index, &Raw::default(), &[]);
        page.fields.into_iter().chain(page.more).find(|field| field.name == name).unwrap().checks
    };
    let server = |index: usize, name: &str, typed: &str| {
        let errors = check_step(&form, index, &raw(&[(name, typed)])).unwrap_err();
        errors.into_iter().find(|error| error.field == name).map(|error| error.message)
    };
    assert_eq!(said(0, "title").empty, server(0, "title", ""));
    assert_eq!(said(0, "title").length, server(0, "title", "字字字字字"));
    assert_eq!(said(0, "category").empty, server(0, "category", ""));
    assert_eq!(said(0, "reported").empty, None, "an optional question may stay empty");
    assert_eq!(said(0, "reported").length, server(0, "reported", &"字".repeat(201)));
    assert!(said(0, "urgency_reason").empty.is_some(), "as if it were asked");
    assert_eq!(said(1, "mobile").length, server(1, "mobile", "1"));
    assert_eq!(said(1, "mobile").wrong, server(1, "mobile", "21234567890"));
    assert_eq!(said(1, "credit_code").wrong, None, "a check digit is the server's affair");
}

#[test]
fn no_agreement_is_ticked_beforehand() {
    let views = consent_views(&appeal(), &Raw::default(), &[]);
    assert!(views.iter().all(|view| !view.checked));
    let views = consent_views(&appeal(), &raw(&[("forward", "yes")]), &errors(&[("handle", "请勾选")]));
    let seen: Vec<(bool, bool, Option<&str>)> =
        views.iter().map(|view| (view.required, view.checked, view.error.as_deref())).collect();
    assert_eq!(seen, [(true, false, Some("请勾选")), (false, true, None)]);
}
