//! Declarations that the tests of several modules share.

use crate::form::{
    AnswerOption, Condition, Consent, Field, FieldKind, Form, Options, Privacy, Raw, Retention, RetentionStart, Service, Step,
};

/// What was posted, a value a name.
pub fn raw(posted: &[(&str, &str)]) -> Raw {
    posted.iter().map(|&(name, value)| (name.to_owned(), vec![value.to_owned()])).collect()
}

/// An optional question of that kind.
pub fn field(id: &str, label: &str, kind: FieldKind) -> Field {
    Field {
        id: id.to_owned(),
        label: label.to_owned(),
        hint: None,
        kind,
        required: false,
        min: None,
        max: None,
        options: None,
        default: None,
        when: None,
        privacy: Privacy::Plain,
        purpose: None,
        ledger: None,
        autocomplete: None,
        more: false,
    }
}

/// A needed choice between these values.
pub fn choice(id: &str, label: &str, kind: FieldKind, values: &[&str]) -> Field {
    let option =
        |&value: &&str| AnswerOption { value: value.to_owned(), label: format!("选项 {value}"), hint: None, environment: None };
    let options = Some(Options::Listed(values.iter().map(option).collect()));
    Field { required: true, options, ..field(id, label, kind) }
}

fn needed(field: Field) -> Field {
    Field { required: true, ..field }
}

fn sized(min: u32, max: u32, field: Field) -> Field {
    Field { min: Some(min), max: Some(max), ..field }
}

fn step(id: &str, fields: Vec<Field>) -> Step {
    Step { id: id.to_owned(), title: id.to_owned(), fields }
}

fn consent(id: &str, label: &str, required: bool) -> Consent {
    Consent { id: id.to_owned(), label: label.to_owned(), required }
}

fn when(field: &str, is: &[&str]) -> Option<Condition> {
    Some(Condition { field: field.to_owned(), is: is.iter().map(|&value| value.to_owned()).collect() })
}

/// An appeal of two steps.
pub fn appeal() -> Form {
    let reason =
        Field { when: when("urgency", &["urgent", "critical"]), ..field("urgency_reason", "紧急的原因", FieldKind::Text) };
    let publish = choice("publish", "公开意愿", FieldKind::Choice, &["no", "redacted"]);
    Form {
        id: "appeal".to_owned(),
        version: 1,
        title: "提诉求".to_owned(),
        summary: "说说您遇到的困难。".to_owned(),
        act: "确认并提交诉求".to_owned(),
        service: Service::Appeal,
        elsewhere: Vec::new(),
        steps: vec![
            step(
                "matter",
                vec![
                    choice("category", "类别", FieldKind::Choice, &["finance", "arrears"]),
                    needed(sized(6, 40, field("title", "标题", FieldKind::Text))),
                    needed(sized(20, 2000, field("description", "具体情况", FieldKind::Paragraph))),
                    Field { max: Some(500), ..field("wish", "希望怎样解决", FieldKind::Paragraph) },
                    choice("urgency", "紧急程度", FieldKind::Choice, &["normal", "urgent", "critical"]),
                    Field { default: Some("no".to_owned()), ..publish },
                    needed(sized(2, 100, reason)),
                ],
            ),
            step(
                "who",
                vec![
                    needed(sized(2, 60, field("company", "企业名称", FieldKind::Text))),
                    field("credit_code", "统一社会信用代码", FieldKind::CreditCode),
                    needed(sized(2, 20, field("contact", "联系人", FieldKind::Text))),
                    needed(field("mobile", "手机", FieldKind::Mobile)),
                ],
            ),
        ],
        consents: vec![
            consent("handle", "我同意为办理本诉求处理上述信息。不勾选就没法受理。", true),
            consent("forward", "我同意转交承办单位。", false),
        ],
        retention: Retention { months: 24, after: RetentionStart::Closing },
        receipt: None,
    }
}

/// A registration on one screen.
pub fn registration() -> Form {
    let plate = Field { when: when("attendance", &["onsite", "both"]), ..field("plate", "车牌", FieldKind::Plate) };
    Form {
        id: "registration".to_owned(),
        title: "报名".to_owned(),
        act: "确认并提交报名".to_owned(),
        service: Service::Registration,
        steps: vec![step(
            "registration",
            vec![
                needed(sized(2, 20, field("name", "姓名", FieldKind::Text))),
                needed(field("mobile", "手机", FieldKind::Mobile)),
                needed(sized(2, 60, field("company", "单位", FieldKind::Text))),
                choice("attendance", "参加方式", FieldKind::Choice, &["onsite", "online", "both"]),
                Field { more: true, ..sized(1, 3, field("party", "参加人数", FieldKind::Count)) },
                Field { more: true, max: Some(2), ..field("companions", "同行人员", FieldKind::Names) },
                Field { more: true, ..plate },
            ],
        )],
        consents: vec![consent("handle", "我同意为办理报名处理上述信息。", true)],
        retention: Retention { months: 6, after: RetentionStart::Event },
        ..appeal()
    }
}
