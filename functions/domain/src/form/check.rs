//! Checks what somebody typed against a form's declaration.
//!
//! What can be mended is mended in silence; what cannot is answered with a sentence that says what to do. Fields that were not
//! asked, and names that the form does not know, are dropped.

use std::collections::BTreeMap;

use crate::{
    form::{Answer, Condition, Field, FieldKind, Form, Values, read::read},
    value::text,
};

/// What was posted: each name with its values, in order, before any check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Raw(pub BTreeMap<String, Vec<String>>);

impl Raw {
    /// The first value posted under `name`, or an empty text.
    pub fn first(&self, name: &str) -> &str {
        self.0.get(name).and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// All values posted under `name`.
    pub fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

/// Of what stands under one name twice, the last counts.
impl FromIterator<(String, Vec<String>)> for Raw {
    fn from_iter<I: IntoIterator<Item = (String, Vec<String>)>>(posted: I) -> Raw {
        // One by one: a map that is collected sorts first, and a sort is 7 KB of each Lambda binary for each kind of entry.
        let mut raw = Raw::default();
        raw.0.extend(posted);
        raw
    }
}

/// What is wrong with one field, in words that tell how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's id.
    pub field: String,
    /// 请填写 11 位手机号
    pub message: String,
}

/// The answers to one step's questions (0-based). `raw` also holds what earlier steps posted, because a question may depend on it.
///
/// A step that the form does not have has no answers and no errors.
pub fn check_step(form: &Form, step: usize, raw: &Raw) -> Result<Values, Vec<FieldError>> {
    let fields = form.steps.get(step).map_or(&[][..], |step| &step.fields);
    let (mut values, mut errors) = read_all(form, raw);
    values.0.retain(|id, _| fields.iter().any(|field| field.id == *id));
    errors.retain(|error| fields.iter().any(|field| field.id == error.field));
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

/// The answers to all questions, as they must be before anything is committed.
pub fn check_all(form: &Form, raw: &Raw) -> Result<Values, Vec<FieldError>> {
    let (values, errors) = read_all(form, raw);
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

/// Whether `field` is to be asked, given what was posted so far.
pub fn is_asked(form: &Form, field: &Field, raw: &Raw) -> bool {
    field.when.as_ref().is_none_or(|condition| holds(condition, &read_all(form, raw).0))
}

/// Which boxes were ticked, each by its id; an error for each that is needed and was not.
pub fn check_consents(form: &Form, raw: &Raw) -> Result<BTreeMap<String, bool>, Vec<FieldError>> {
    // Only what a box posts counts as agreement: an empty text or a `no` from some program does not.
    let ticked = |id: &str| matches!(raw.first(id), "yes" | "on" | "true" | "1");
    let missing = form.consents.iter().filter(|consent| consent.required && !ticked(&consent.id));
    let errors: Vec<FieldError> = missing
        .map(|consent| {
            // What is agreed to is the first sentence; what follows explains it.
            let agreement = consent.label.split('。').next().unwrap_or(&consent.label);
            let message = format!("请勾选「{agreement}」，否则无法办理");
            FieldError { field: consent.id.clone(), message }
        })
        .collect();
    if errors.is_empty() {
        // One by one, as in `Raw`.
        let mut boxes = BTreeMap::new();
        boxes.extend(form.consents.iter().map(|consent| (consent.id.clone(), ticked(&consent.id))));
        Ok(boxes)
    } else {
        Err(errors)
    }
}

/// Something to think over before confirming. It does not refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The field's id.
    pub field: String,
    /// What was seen and what one may do.
    pub message: String,
}

/// Numbers in the free text that its writer may not want to have told.
pub fn warnings(form: &Form, values: &Values) -> Vec<Warning> {
    let paragraphs = form.fields().filter(|field| field.kind == FieldKind::Paragraph);
    paragraphs
        .filter_map(|field| {
            let found = text::sensitive(values.text(&field.id)?);
            let names = found.iter().map(|kind| kind.words()).collect::<Vec<_>>().join("、");
            let message = format!(
                "「{}」里好像有{names}。办理一般用不到，建议返回删去；确有需要的，可以在工作人员联系您时再提供",
                field.label
            );
            (!found.is_empty()).then(|| Warning { field: field.id.clone(), message })
        })
        .collect()
}

/// Reads field after field in the order in which they are asked, so that a question finds the answers it depends on.
fn read_all(form: &Form, raw: &Raw) -> (Values, Vec<FieldError>) {
    let (mut values, mut errors) = (Values::default(), Vec::new());
    for field in form.fields() {
        if field.when.as_ref().is_some_and(|condition| !holds(condition, &values)) {
            continue;
        }
        match read(field, raw.0.get(&field.id).map(Vec::as_slice)) {
            Ok(Some(answer)) => drop(values.0.insert(field.id.clone(), answer)),
            Ok(None) => {}
            Err(message) => errors.push(FieldError { field: field.id.clone(), message }),
        }
    }
    (values, errors)
}

/// Whether the field that `condition` points to has one of its values. A field that was not asked has none.
pub(super) fn holds(condition: &Condition, values: &Values) -> bool {
    match values.get(&condition.field) {
        Some(Answer::Text(text)) => condition.is.contains(text),
        Some(Answer::Many(many)) => many.iter().any(|value| condition.is.contains(value)),
        Some(Answer::Number(number)) => condition.is.contains(&number.to_string()),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::fixtures::{appeal, raw, registration};

    fn complete() -> Raw {
        raw(&[
            ("category", "finance"),
            ("title", "贷款到期无法续贷"),
            ("description", "我公司在某银行的流动资金贷款下月到期，银行口头告知不再续贷，请协调。"),
            ("urgency", "normal"),
            ("company", " 淮北某某（集团）有限公司 "),
            ("credit_code", "暂无"),
            ("contact", "张三"),
            ("mobile", "１３８ 1234-5678"),
        ])
    }

    fn with(mut raw: Raw, name: &str, value: &str) -> Raw {
        raw.0.insert(name.to_owned(), vec![value.to_owned()]);
        raw
    }

    #[test]
    fn a_complete_appeal_is_taken_in_its_normal_form() {
        let values = check_all(&appeal(), &complete()).expect("complete");
        assert_eq!(values.text("company"), Some("淮北某某（集团）有限公司"));
        assert_eq!(values.text("mobile"), Some("13812345678"));
        assert_eq!(values.text("credit_code"), Some("暂无"));
        assert_eq!(values.text("publish"), Some("no"), "what was chosen beforehand holds when nothing is posted");
        assert_eq!(values.get("wish"), None, "what was not answered is not there");
    }

    #[test]
    fn a_step_answers_for_its_own_questions_only() {
        let values = check_step(&appeal(), 0, &complete()).expect("the first step is right");
        assert!(values.get("title").is_some());
        assert!(values.get("company").is_none());
        let errors = check_step(&appeal(), 1, &raw(&[("title", "x")])).expect_err("nothing of the second step was posted");
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["company", "contact", "mobile"]);
        assert_eq!(check_step(&appeal(), 9, &complete()), Ok(Values::default()));
    }

    #[test]
    fn a_question_is_asked_only_when_its_condition_holds() {
        let form = appeal();
        let reason = form.field("urgency_reason").expect("declared").clone();
        // Not asked: what was posted is dropped, even when it is wrong.
        let values = check_all(&form, &with(complete(), "urgency_reason", "急")).expect("not asked");
        assert_eq!(values.get("urgency_reason"), None);
        assert!(!is_asked(&form, &reason, &complete()));
        // Asked: it is needed.
        let urgent = with(complete(), "urgency", "urgent");
        assert!(is_asked(&form, &reason, &urgent));
        let errors = check_all(&form, &urgent).expect_err("the reason is missing");
        assert_eq!(errors, [FieldError { field: "urgency_reason".to_owned(), message: "请填写紧急的原因".to_owned() }]);
        let values = check_all(&form, &with(urgent, "urgency_reason", "明天停水")).expect("with its reason");
        assert_eq!(values.text("urgency_reason"), Some("明天停水"));
    }

    #[test]
    fn a_condition_on_an_earlier_step_is_seen_from_a_later_one() {
        let mut form = appeal();
        let reason = form.steps[0].fields.pop().expect("urgency_reason stands last");
        form.steps[1].fields.push(reason);
        let urgent = with(complete(), "urgency", "critical");
        let errors = check_step(&form, 1, &urgent).expect_err("the reason is missing");
        assert_eq!(errors[0].field, "urgency_reason");
    }

    #[test]
    fn unknown_names_are_dropped() {
        let values = check_all(&appeal(), &with(complete(), "is_admin", "1")).expect("complete");
        assert_eq!(values.get("is_admin"), None);
    }

    #[test]
    fn all_mistakes_are_told_at_once_in_the_order_of_the_questions() {
        let errors = check_all(&appeal(), &Raw::default()).expect_err("nothing was posted");
        let told: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.message.as_str())).collect();
        let expected = [
            ("category", "请选择类别"),
            ("title", "请填写标题"),
            ("description", "请填写具体情况"),
            ("urgency", "请选择紧急程度"),
            ("company", "请填写企业名称"),
            ("contact", "请填写联系人"),
            ("mobile", "请填写 11 位手机号"),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_registration_is_read_with_its_companions() {
        let posted = raw(&[
            ("name", "张三"),
            ("mobile", "13812345678"),
            ("company", "淮北某某有限公司"),
            ("attendance", "onsite"),
            ("party", "３ 人"),
            ("companions", "李四、王五"),
            ("plate", "皖f·12345"),
        ]);
        let values = check_all(&registration(), &posted).expect("complete");
        assert_eq!(values.number("party"), Some(3));
        assert_eq!(values.many("companions"), ["李四", "王五"]);
        assert_eq!(values.text("plate"), Some("皖F12345"));
        let online = with(posted, "attendance", "online");
        assert_eq!(check_all(&registration(), &online).expect("complete").get("plate"), None, "nobody parks online");
    }

    #[test]
    fn needed_consents_must_be_ticked_and_the_others_may() {
        let form = appeal();
        let errors = check_consents(&form, &raw(&[("handle", "no"), ("forward", "yes")])).expect_err("one is needed");
        let message = "请勾选「我同意为办理本诉求处理上述信息」，否则无法办理".to_owned();
        assert_eq!(errors, [FieldError { field: "handle".to_owned(), message }]);
        let boxes = check_consents(&form, &raw(&[("handle", "yes"), ("unknown", "yes")])).expect("given");
        assert_eq!(boxes, BTreeMap::from([("handle".to_owned(), true), ("forward".to_owned(), false)]));
    }

    #[test]
    fn a_sensitive_number_in_the_text_is_warned_of_and_not_refused() {
        let text = "法定代表人身份证 11010519491231002X，电话 13812345678，多次反映没有结果。";
        let values = check_all(&appeal(), &with(complete(), "description", text)).expect("not refused");
        let warnings = warnings(&appeal(), &values);
        assert_eq!(warnings.len(), 1);
        assert_eq!(warnings[0].field, "description");
        assert!(warnings[0].message.starts_with("「具体情况」里好像有身份证号、电话号码。"), "{}", warnings[0].message);
        assert_eq!(super::warnings(&appeal(), &check_all(&appeal(), &complete()).expect("complete")), []);
    }
}
