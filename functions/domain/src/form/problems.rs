//! Finds what cannot be right about a form's declaration, before anybody fills it in.

use std::collections::BTreeSet;

use crate::{
    form::{Field, FieldKind, Form, Options, Service, read::read},
    problem::Problem,
};

/// Steps of the draft that have an address of their own, beside those of the form.
const RESERVED_STEPS: [&str; 2] = ["review", "confirm"];

/// Names that pages post beside the form's questions: the honeypot, the declaration's version, the session, what 核对 showed.
const RESERVED_FIELDS: [&str; 4] = ["website", "version", "session", "seen"];

/// Data files that options may come from.
const SOURCES: [&str; 3] = ["chains", "towns", "categories"];

impl Form {
    /// All mistakes of the declaration, in reading order. Whether options taken from a data file hold what `default` and `when` name
    /// can only be told once they are written out.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut wrong = |path: &str, message: String, hint: &str| problems.push(Problem::at(path, message, hint));

        if !is_name(&self.id, '-') {
            wrong("id", format!("表单编号 `{}` 只能用小写字母、数字和连字符", self.id), "它是网址的一部分，例如 `appeal`");
        }
        if self.version == 0 {
            wrong("version", "版本号不能是 0".to_owned(), "从 1 开始，每次改动问题时加 1");
        }
        if self.steps.is_empty() {
            wrong("steps", "表单没有步骤".to_owned(), "至少写一步，每步至少一个问题");
        }
        if self.retention.months == 0 {
            wrong("retention.months", "保存期限不能是 0 个月".to_owned(), "写出保存的月数，例如 24");
        }

        if self.service == Service::Intake && self.receipt.is_none() {
            let hint = "加上 `receipt: {title: 对接申请已收到, next: [谈成以后我们回访]}`";
            wrong("receipt", "没有写回执上说什么".to_owned(), hint);
        }
        if self.service == Service::Intake && self.field("mobile").is_none() {
            wrong("steps", "没有问手机号，没法打电话答复".to_owned(), "加一个 `id: mobile`、`kind: mobile` 的必答题");
        }

        let mut step_ids = BTreeSet::new();
        let mut names = BTreeSet::new();
        for (index, step) in self.steps.iter().enumerate() {
            let path = format!("steps.{index}");
            if !is_name(&step.id, '-') {
                let message = format!("步骤编号 `{}` 只能用小写字母、数字和连字符", step.id);
                wrong(&format!("{path}.id"), message, "它是网址的一部分，例如 `what-happened`");
            }
            if RESERVED_STEPS.contains(&step.id.as_str()) {
                wrong(&format!("{path}.id"), format!("`{}` 是核对与确认页的地址", step.id), "请换一个步骤编号");
            }
            if !step_ids.insert(&step.id) {
                wrong(&format!("{path}.id"), format!("步骤编号 `{}` 用了两次", step.id), "每一步用不同的编号");
            }
            if step.fields.is_empty() {
                wrong(&format!("{path}.fields"), format!("步骤「{}」没有问题", step.title), "至少写一个问题，或删去这一步");
            }
            for (position, field) in step.fields.iter().enumerate() {
                let path = format!("{path}.fields.{position}");
                if !is_name(&field.id, '_') {
                    let message = format!("问题编号 `{}` 只能用小写字母、数字和下划线", field.id);
                    wrong(&format!("{path}.id"), message, "例如 `credit_code`");
                }
                if RESERVED_FIELDS.contains(&field.id.as_str()) {
                    wrong(&format!("{path}.id"), format!("`{}` 另有用途，不能作问题编号", field.id), "请换一个编号");
                }
                if !names.insert(&field.id) {
                    let message = format!("问题编号 `{}` 用了两次", field.id);
                    wrong(&format!("{path}.id"), message, "每个问题用不同的编号；用过的编号也不能改作别用");
                }
                self.field_problems(field, &path, &mut wrong);
            }
        }
        for (index, consent) in self.consents.iter().enumerate() {
            let path = format!("consents.{index}.id");
            if !is_name(&consent.id, '_') {
                let message = format!("同意项编号 `{}` 只能用小写字母、数字和下划线", consent.id);
                wrong(&path, message, "例如 `handle`");
            }
            if RESERVED_FIELDS.contains(&consent.id.as_str()) || !names.insert(&consent.id) {
                wrong(&path, format!("`{}` 已经用作别的编号", consent.id), "同意项与问题的编号都不能重复");
            }
        }
        problems
    }

    fn field_problems(&self, field: &Field, path: &str, wrong: &mut impl FnMut(&str, String, &str)) {
        if field.label.trim().is_empty() {
            wrong(&format!("{path}.label"), format!("问题 `{}` 没有文字", field.id), "写出要问什么，例如 企业名称");
        }
        bounds_problems(field, path, wrong);
        option_problems(field, path, wrong);
        self.condition_problems(field, path, wrong);
        self.service_problems(field, path, wrong);
        if field.required && field.more && field.default.is_none() && field.when.is_none() {
            let message = format!("必答的「{}」不能折叠在「更多（选填）」里", field.label);
            wrong(&format!("{path}.more"), message, "删去 `more`，或改为选填");
        }
    }

    /// A condition points to an earlier question and to answers that it can have.
    fn condition_problems(&self, field: &Field, path: &str, wrong: &mut impl FnMut(&str, String, &str)) {
        let Some(condition) = &field.when else { return };
        let Some(other) = self.field(&condition.field) else {
            let near = nearest(&condition.field, self.fields().map(|field| field.id.as_str()));
            let hint = near.map_or("写前面某个问题的编号".to_owned(), |near| format!("是不是 `{near}`？"));
            wrong(&format!("{path}.when.field"), format!("没有编号为 `{}` 的问题", condition.field), &hint);
            return;
        };
        if !self.fields().take_while(|earlier| earlier.id != field.id).any(|earlier| earlier.id == other.id) {
            let message = format!("「{}」取决于「{}」，后者却不在它前面", field.label, other.label);
            wrong(&format!("{path}.when.field"), message, "把被依赖的问题放到前面");
        }
        if condition.is.is_empty() {
            let message = format!("「{}」没有写出在哪些答案下才问", field.label);
            wrong(&format!("{path}.when.is"), message, "例如 `is: [urgent, critical]`");
        }
        for (index, value) in condition.is.iter().enumerate() {
            let listed = other.listed();
            if !listed.is_empty() && !listed.iter().any(|option| option.value == *value) {
                let near = nearest(value, listed.iter().map(|option| option.value.as_str()));
                let hint = near.map_or("写那个问题列出的 `value`".to_owned(), |near| format!("是不是 `{near}`？"));
                wrong(&format!("{path}.when.is.{index}"), format!("「{}」没有选项 `{value}`", other.label), &hint);
            }
        }
    }

    /// The services read some fields by their ids: where these are asked, they must be what the service takes them for.
    fn service_problems(&self, field: &Field, path: &str, wrong: &mut impl FnMut(&str, String, &str)) {
        let (kind, values): (FieldKind, &[&str]) = match (self.service, field.id.as_str()) {
            (_, "mobile") => (FieldKind::Mobile, &[]),
            (_, "company") => (FieldKind::Text, &[]),
            (Service::Appeal, "credit_code") => (FieldKind::CreditCode, &[]),
            (Service::Appeal, "urgency") => (FieldKind::Choice, &["normal", "urgent", "critical"]),
            (Service::Registration, "attendance") => (FieldKind::Choice, &["onsite", "online", "both"]),
            (Service::Registration, "party") => (FieldKind::Count, &[]),
            (Service::Registration, "companions") => (FieldKind::Names, &[]),
            _ => return,
        };
        if field.kind != kind {
            let wanted = serde_json::to_string(&kind).expect("a kind is a word");
            let message = format!("`{}` 的种类不对，后台按它的编号读取", field.id);
            wrong(&format!("{path}.kind"), message, &format!("写 `kind: {}`", wanted.trim_matches('"')));
            return;
        }
        for (index, option) in field.listed().iter().enumerate() {
            if !values.is_empty() && !values.contains(&option.value.as_str()) {
                let message = format!("后台不认识「{}」的选项 `{}`", field.label, option.value);
                wrong(&format!("{path}.options.{index}.value"), message, &format!("只能用 {}", values.join("、")));
            }
        }
    }
}

/// Bounds stand where they mean something, and something fits between them.
fn bounds_problems(field: &Field, path: &str, wrong: &mut impl FnMut(&str, String, &str)) {
    let bounded =
        matches!(field.kind, FieldKind::Text | FieldKind::Paragraph | FieldKind::Choices | FieldKind::Count | FieldKind::Names);
    for (key, bound) in [("min", field.min), ("max", field.max)] {
        if bound.is_some() && !bounded {
            let message = format!("「{}」这一种问题没有 `{key}`", field.label);
            wrong(&format!("{path}.{key}"), message, "删去这一行");
        }
    }
    if let (Some(min), Some(max)) = (field.min, field.max)
        && min > max
    {
        wrong(&format!("{path}.min"), format!("「{}」的 `min` {min} 大于 `max` {max}", field.label), "`min` 应不大于 `max`");
    }
    if field.max == Some(0) && bounded {
        wrong(&format!("{path}.max"), format!("「{}」的 `max` 是 0，什么也填不了", field.label), "写一个不小于 1 的整数");
    }
}

/// Options stand where one chooses, each once, and the default is one of them.
fn option_problems(field: &Field, path: &str, wrong: &mut impl FnMut(&str, String, &str)) {
    let chosen = matches!(field.kind, FieldKind::Choice | FieldKind::Choices);
    match &field.options {
        None if chosen => {
            let message = format!("「{}」是选择题，却没有选项", field.label);
            wrong(path, message, "写 `options:`，列出选项，或 `options: {from: chains}`");
        }
        Some(_) if !chosen => {
            let message = format!("「{}」不是选择题，不能有选项", field.label);
            wrong(&format!("{path}.options"), message, "删去 `options`，或把 `kind` 改为 `choice`、`choices`");
        }
        Some(Options::Listed(options)) if options.is_empty() => {
            wrong(&format!("{path}.options"), format!("「{}」的选项是空的", field.label), "至少列出一个选项");
        }
        Some(Options::Listed(options)) => {
            for (index, option) in options.iter().enumerate() {
                let path = format!("{path}.options.{index}");
                // An empty value is what a list posts when nothing was chosen.
                if option.value.trim() != option.value || option.value.is_empty() {
                    wrong(&format!("{path}.value"), format!("选项「{}」的值是空的或两端有空格", option.label), "写一个英文短词");
                }
                if option.label.trim().is_empty() {
                    wrong(&format!("{path}.label"), format!("选项 `{}` 没有文字", option.value), "写出选项的文字");
                }
                if options[..index].iter().any(|earlier| earlier.value == option.value) {
                    wrong(&format!("{path}.value"), format!("选项 `{}` 写了两次", option.value), "每个选项用不同的值");
                }
            }
        }
        Some(Options::From { from }) if !SOURCES.contains(&from.as_str()) => {
            let hint = match nearest(from, SOURCES.into_iter()) {
                Some(near) => format!("是不是 `{near}`？"),
                None => format!("可以是 {}", SOURCES.join("、")),
            };
            wrong(&format!("{path}.options.from"), format!("没有可作选项的数据 `{from}`"), &hint);
        }
        Some(Options::From { .. }) | None => {}
    }
    let written_out = !matches!(field.options, Some(Options::From { .. }));
    if let Some(default) = field.default.as_ref().filter(|_| written_out)
        && let Err(reason) = read(field, Some(std::slice::from_ref(default)))
    {
        let near = nearest(default, field.listed().iter().map(|option| option.value.as_str()));
        let hint = near.map_or(reason, |near| format!("是不是 `{near}`？"));
        wrong(&format!("{path}.default"), format!("「{}」的默认答案 `{default}` 通不过检查", field.label), &hint);
    }
}

/// Lower-case letters, digits and `joiner`, beginning with a letter.
fn is_name(id: &str, joiner: char) -> bool {
    id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.chars().all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == joiner)
}

/// The word that was probably meant.
fn nearest<'a>(word: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let (distance, near) = words.map(|known| (strsim::damerau_levenshtein(word, known), known)).min()?;
    (distance <= 2 && distance < near.chars().count()).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        appeal::Urgency,
        form::{
            AnswerOption, Condition, ReceiptWords,
            fixtures::{appeal, registration},
        },
    };

    #[test]
    fn our_own_forms_are_fine() {
        assert_eq!(appeal().problems(), []);
        assert_eq!(registration().problems(), []);
    }

    fn edit(form: &mut Form, id: &str, edit: impl FnOnce(&mut Field)) {
        edit(form.steps.iter_mut().flat_map(|step| &mut step.fields).find(|field| field.id == id).expect("declared"));
    }

    fn listed(values: &[&str]) -> Option<Options> {
        let option =
            |&value: &&str| AnswerOption { value: value.to_owned(), label: value.to_owned(), hint: None, environment: None };
        Some(Options::Listed(values.iter().map(option).collect()))
    }

    #[test]
    fn an_impossible_declaration_is_found_at_its_place() {
        type Case = (&'static str, fn(&mut Form));
        // In the appeal: category, title, description, wish, urgency, publish, urgency_reason; then company and so on.
        let cases: [Case; 30] = [
            ("id", |form| form.id = "诉求".to_owned()),
            ("version", |form| form.version = 0),
            ("steps", |form| form.steps.clear()),
            ("retention.months", |form| form.retention.months = 0),
            ("steps.1.id", |form| form.steps[1].id = "Who".to_owned()),
            ("steps.1.id", |form| form.steps[1].id = "review".to_owned()),
            ("steps.1.id", |form| form.steps[1].id = form.steps[0].id.clone()),
            ("steps.1.fields", |form| form.steps[1].fields.clear()),
            ("steps.0.fields.1.id", |form| edit(form, "title", |field| field.id = "标题".to_owned())),
            ("steps.0.fields.1.id", |form| edit(form, "title", |field| field.id = "website".to_owned())),
            ("steps.0.fields.2.id", |form| edit(form, "description", |field| field.id = "title".to_owned())),
            ("steps.0.fields.1.label", |form| edit(form, "title", |field| field.label = " ".to_owned())),
            ("steps.0.fields.1.min", |form| edit(form, "title", |field| field.min = Some(41))),
            ("steps.0.fields.3.max", |form| edit(form, "wish", |field| field.max = Some(0))),
            ("steps.1.fields.3.max", |form| edit(form, "mobile", |field| field.max = Some(11))),
            ("steps.0.fields.0", |form| edit(form, "category", |field| field.options = None)),
            ("steps.0.fields.0.options", |form| edit(form, "category", |field| field.options = listed(&[]))),
            ("steps.0.fields.0.options.1.value", |form| edit(form, "category", |field| field.options = listed(&["a", "a"]))),
            ("steps.0.fields.0.options.0.value", |form| edit(form, "category", |field| field.options = listed(&[" a"]))),
            ("steps.0.fields.1.options", |form| edit(form, "title", |field| field.options = listed(&["a"]))),
            ("steps.0.fields.0.options.from", |form| {
                edit(form, "category", |field| field.options = Some(Options::From { from: "categorys".to_owned() }));
            }),
            ("steps.0.fields.5.default", |form| edit(form, "publish", |field| field.default = Some("yes".to_owned()))),
            ("steps.0.fields.6.when.field", |form| {
                edit(form, "urgency_reason", |field| {
                    field.when = Some(Condition { field: "urgncy".to_owned(), is: vec!["urgent".to_owned()] });
                });
            }),
            ("steps.0.fields.0.when.field", |form| {
                edit(form, "category", |field| {
                    field.when = Some(Condition { field: "urgency".to_owned(), is: vec!["urgent".to_owned()] });
                });
            }),
            ("steps.0.fields.6.when.is", |form| {
                edit(form, "urgency_reason", |field| {
                    field.when = Some(Condition { field: "urgency".to_owned(), is: Vec::new() });
                });
            }),
            ("steps.0.fields.6.when.is.0", |form| {
                edit(form, "urgency_reason", |field| {
                    field.when = Some(Condition { field: "urgency".to_owned(), is: vec!["urgant".to_owned()] });
                });
            }),
            ("steps.1.fields.3.kind", |form| edit(form, "mobile", |field| field.kind = FieldKind::Text)),
            ("steps.0.fields.1.more", |form| edit(form, "title", |field| field.more = true)),
            ("consents.0.id", |form| form.consents[0].id = "同意".to_owned()),
            ("consents.1.id", |form| form.consents[1].id = "title".to_owned()),
        ];
        for (path, spoil) in cases {
            let mut form = appeal();
            spoil(&mut form);
            let found: Vec<String> = form.problems().iter().map(|problem| problem.path.join(".")).collect();
            assert_eq!(found, [path]);
        }
    }

    #[test]
    fn an_intake_says_what_becomes_of_it_and_asks_for_a_telephone() {
        let receipt = Some(ReceiptWords { title: "已收到".to_owned(), next: Vec::new() });
        let intake = Form { service: Service::Intake, receipt, ..appeal() };
        assert_eq!(intake.problems(), []);
        assert_eq!(Form { receipt: None, ..intake.clone() }.problems()[0].path, ["receipt"]);
        let mut silent = intake;
        silent.steps[1].fields.retain(|field| field.id != "mobile");
        assert_eq!(silent.problems()[0].path, ["steps"]);
    }

    #[test]
    fn an_option_that_no_service_knows_is_found() {
        let mut form = registration();
        edit(&mut form, "attendance", |field| field.options = listed(&["onsite", "offline"]));
        let found: Vec<String> = form.problems().iter().map(|problem| problem.path.join(".")).collect();
        assert!(found.iter().any(|path| path.ends_with("options.1.value")), "{found:?}");
    }

    #[test]
    fn the_urgencies_of_the_form_are_those_of_the_rules() {
        for value in ["normal", "urgent", "critical"] {
            assert!(value.parse::<Urgency>().is_ok(), "{value}");
        }
    }

    #[test]
    fn a_slip_is_answered_with_the_word_that_was_meant() {
        let mut form = appeal();
        edit(&mut form, "publish", |field| field.default = Some("noo".to_owned()));
        let problem = form.problems().remove(0);
        assert_eq!(problem.hint, "是不是 `no`？");
    }
}
