//! Asks the questions of a declaration on a terminal, one by one, with the checks and the words of the form's pages.

use std::{
    collections::BTreeSet,
    fmt,
    io::{self, BufRead, Write},
};

use anstyle::{AnsiColor, Style};
use domain::form::{self, Consent, Field, FieldError, FieldKind, Form, Options, Raw};

use super::{error_of, given::choice};

const HEADING: Style = Style::new().bold();
const WRONG: Style = AnsiColor::Red.on_default();
const FAINT: Style = Style::new().dimmed();

/// The input ended before everything was answered.
#[derive(Debug)]
pub struct Ended;

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("没有答完，什么都没有保存")
    }
}

impl std::error::Error for Ended {}

/// What was said to 核对.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// It is right and to be submitted.
    Yes,
    /// It is not to be submitted.
    No,
}

/// What was typed to a question.
enum Typed {
    /// It is answered, or left out.
    Answered,
    /// The question before is to be asked again.
    Back,
}

/// A conversation: questions go to `output`, answers come from `input`.
pub struct Dialogue<R, W> {
    input: R,
    output: W,
}

impl<R: BufRead, W: Write> Dialogue<R, W> {
    /// Begins one.
    pub fn new(input: R, output: W) -> Dialogue<R, W> {
        Dialogue { input, output }
    }

    /// Asks every question that has no right answer in `raw` yet.
    pub fn complete(&mut self, form: &Form, raw: &mut Raw) -> anyhow::Result<()> {
        let wrong = self.tell(form, &wrong_answers(form, raw))?;
        let given = |field: &&Field| raw.0.contains_key(&field.id) && !wrong.contains(&field.id);
        let settled: BTreeSet<String> = form.fields().filter(given).map(|field| field.id.clone()).collect();
        let open = form.fields().filter(|field| !settled.contains(&field.id));
        let (more, first): (Vec<&Field>, Vec<&Field>) = open.partition(|field| field.more);
        if !first.is_empty() {
            writeln!(self.output, "{FAINT}直接回车跳过选填的；输入 < 回到上一项；按 Ctrl+C 放弃，不会保存。{FAINT:#}")?;
        }
        let ids = |fields: &[&Field]| fields.iter().map(|field| field.id.clone()).collect::<BTreeSet<String>>();
        self.ask_all(form, raw, &(&settled | &ids(&more)))?;
        // As on the page, what is folded away is only asked for when somebody wants to say it.
        if !more.is_empty() && self.wants_more(&more)? {
            self.ask_all(form, raw, &(&settled | &ids(&first)))?;
        }
        Ok(())
    }

    fn wants_more(&mut self, more: &[&Field]) -> anyhow::Result<bool> {
        let labels: Vec<&str> = more.iter().map(|field| field.label.as_str()).collect();
        writeln!(self.output, "\n还有 {} 项选填：{}", labels.len(), labels.join("、"))?;
        let typed = self.prompt("要填写 y，回车跳过")?;
        Ok(is_yes(typed.trim()))
    }

    /// Asks again for what `errors` name.
    pub fn mend(&mut self, form: &Form, raw: &mut Raw, errors: &[FieldError]) -> anyhow::Result<()> {
        let wrong = self.tell(form, errors)?;
        let settled: BTreeSet<String> = form.fields().map(|field| field.id.clone()).filter(|id| !wrong.contains(id)).collect();
        for consent in form.consents.iter().filter(|consent| wrong.contains(&consent.id)) {
            raw.0.remove(&consent.id);
        }
        self.ask_all(form, raw, &settled)
    }

    /// Reads out the agreements that were not given yet. False when one that is needed is refused.
    pub fn consents(&mut self, form: &Form, raw: &mut Raw) -> anyhow::Result<bool> {
        for consent in form.consents.iter().filter(|consent| !raw.0.contains_key(&consent.id)).collect::<Vec<_>>() {
            let agreed = self.consent(consent)?;
            raw.0.insert(consent.id.clone(), vec![if agreed { "yes".to_owned() } else { String::new() }]);
        }
        Ok(form::check_consents(form, raw).is_ok())
    }

    /// Shows 核对 and lets single answers be changed until it is confirmed or given up.
    pub fn review(&mut self, form: &Form, raw: &mut Raw) -> anyhow::Result<Confirmed> {
        loop {
            // A changed answer may ask for another one.
            let values = loop {
                match form::check_all(form, raw) {
                    Ok(values) => break values,
                    Err(errors) => self.mend(form, raw, &errors)?,
                }
            };
            let rows = pages::form::review_rows(form, &values, |_| String::new());
            writeln!(self.output, "\n{HEADING}核对{HEADING:#}（请念给来电人听）")?;
            for (position, row) in rows.iter().enumerate() {
                let value = row.value.lines().map(crate::terminal::printable).collect::<Vec<_>>().join("\n      ");
                writeln!(self.output, "{:>3}. {}：{value}", position + 1, row.label)?;
            }
            for warning in form::warnings(form, &values) {
                writeln!(self.output, "注意：{}", warning.message)?;
            }
            loop {
                match self.prompt("提交写 y，放弃写 n，要改哪一项就写它的序号")?.trim() {
                    typed if is_yes(typed) => return Ok(Confirmed::Yes),
                    typed if is_no(typed) => return Ok(Confirmed::No),
                    typed => {
                        let row = typed.parse::<usize>().ok().and_then(|number| rows.get(number.wrapping_sub(1)));
                        if let Some(field) = row.and_then(|row| form.fields().find(|field| field.label == row.label)) {
                            self.ask(form, field, raw)?;
                            break;
                        }
                        writeln!(self.output, "{WRONG}请写 y、n，或 1 到 {} 之间的序号。{WRONG:#}", rows.len())?;
                    }
                }
            }
        }
    }

    fn ask_all(&mut self, form: &Form, raw: &mut Raw, settled: &BTreeSet<String>) -> anyhow::Result<()> {
        let fields: Vec<(&str, &Field)> =
            form.steps.iter().flat_map(|step| step.fields.iter().map(|field| (step.title.as_str(), field))).collect();
        let (mut position, mut before, mut heading) = (0, Vec::new(), "");
        while let Some((step, field)) = fields.get(position) {
            if settled.contains(&field.id) || !form::is_asked(form, field, raw) {
                position += 1;
                continue;
            }
            if heading != *step {
                heading = step;
                writeln!(self.output, "\n{HEADING}{heading}{HEADING:#}")?;
            }
            match self.ask(form, field, raw)? {
                Typed::Answered => {
                    before.push(position);
                    position += 1;
                }
                Typed::Back => match before.pop() {
                    Some(earlier) => position = earlier,
                    None => writeln!(self.output, "这已经是第一项。")?,
                },
            }
        }
        Ok(())
    }

    /// Asks one question until its answer is right.
    fn ask(&mut self, form: &Form, field: &Field, raw: &mut Raw) -> anyhow::Result<Typed> {
        let optional = if field.required { "" } else { "（选填）" };
        writeln!(self.output, "{}{optional}", field.label)?;
        if let Some(hint) = &field.hint {
            writeln!(self.output, "  {FAINT}{hint}{FAINT:#}")?;
        }
        let options = match &field.options {
            Some(Options::Listed(options)) => options.as_slice(),
            _ => &[],
        };
        for (position, option) in options.iter().enumerate() {
            writeln!(self.output, "  {}. {}", position + 1, option.label)?;
        }
        let present = raw.0.get(&field.id).cloned();
        loop {
            let typed = self.answer(field, present.as_deref())?;
            match typed.trim() {
                "<" => return Ok(Typed::Back),
                // What stands already, or was chosen beforehand, is kept.
                "" if present.is_some() => {}
                "" => drop(raw.0.remove(&field.id)),
                "-" if !field.required => drop(raw.0.remove(&field.id)),
                typed => drop(raw.0.insert(field.id.clone(), values(field, options.len(), typed))),
            }
            match error_of(form, &field.id, raw) {
                None => return Ok(Typed::Answered),
                Some(message) => writeln!(self.output, "{WRONG}{message}{WRONG:#}")?,
            }
        }
    }

    /// Reads an answer: one line, or several up to an empty one where a question takes several.
    fn answer(&mut self, field: &Field, present: Option<&[String]>) -> anyhow::Result<String> {
        let label = |value: &str| match &field.options {
            Some(Options::Listed(options)) => {
                options.iter().find(|option| option.value == value).map_or(value.to_owned(), |option| option.label.clone())
            }
            _ => value.to_owned(),
        };
        let kept = match (present, &field.default) {
            (Some(values), _) if !values.is_empty() => {
                let values: Vec<String> = values.iter().map(|value| label(value)).collect();
                format!("回车保留：{}", values.join("、").replace('\n', " "))
            }
            (_, Some(default)) => format!("回车即：{}", label(default)),
            _ => String::new(),
        };
        match field.kind {
            FieldKind::Paragraph | FieldKind::Names => {
                let how =
                    if field.kind == FieldKind::Names { "一行一人，空行结束" } else { "可以写几行，空行结束" };
                let mut lines =
                    vec![
                        self.prompt(
                            &[how, &kept]
                                .map(str::to_owned)
                                .into_iter()
                                .filter(|part| !part.is_empty())
                                .collect::<Vec<_>>()
                                .join("；"),
                        )?,
                    ];
                while lines.last().is_some_and(|line| !line.trim().is_empty() && line.trim() != "<") {
                    match self.line() {
                        Ok(line) => lines.push(line),
                        // What was written before the end of a file is an answer.
                        Err(error) if error.is::<Ended>() => break,
                        Err(error) => return Err(error),
                    }
                }
                Ok(lines.join("\n").trim_end().to_owned())
            }
            FieldKind::Choices => self.prompt(&format!("写序号，几个用逗号隔开；{kept}")),
            _ => self.prompt(&kept),
        }
    }

    fn consent(&mut self, consent: &Consent) -> anyhow::Result<bool> {
        let needed = if consent.required { "（不同意就不能办理）" } else { "（可以不同意）" };
        writeln!(self.output, "\n请念给来电人：「{}」{needed}", consent.label)?;
        loop {
            match self.prompt("同意写 y，不同意写 n")?.trim() {
                typed if is_yes(typed) => return Ok(true),
                typed if is_no(typed) => return Ok(false),
                _ => writeln!(self.output, "{WRONG}请写 y 或 n。{WRONG:#}")?,
            }
        }
    }

    /// Tells what is wrong and gives the ids concerned.
    fn tell(&mut self, form: &Form, errors: &[FieldError]) -> io::Result<BTreeSet<String>> {
        for error in errors {
            let label = form.field(&error.field).map_or(error.field.as_str(), |field| field.label.as_str());
            writeln!(self.output, "{WRONG}{label}：{}{WRONG:#}", error.message)?;
        }
        Ok(errors.iter().map(|error| error.field.clone()).collect())
    }

    fn prompt(&mut self, how: &str) -> anyhow::Result<String> {
        if how.is_empty() {
            write!(self.output, "> ")?;
        } else {
            write!(self.output, "{FAINT}（{how}）{FAINT:#}> ")?;
        }
        self.output.flush()?;
        self.line()
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut bytes = Vec::new();
        if self.input.read_until(b'\n', &mut bytes)? == 0 {
            return Err(Ended.into());
        }
        // A terminal may send half a character when one is deleted; that is no reason to lose the rest.
        Ok(String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']).to_owned())
    }
}

fn is_yes(typed: &str) -> bool {
    ["y", "Y", "yes", "是", "同意", "ｙ"].contains(&typed)
}

fn is_no(typed: &str) -> bool {
    ["n", "N", "no", "否", "不同意", "ｎ"].contains(&typed)
}

/// What is wrong among the answers that are there.
fn wrong_answers(form: &Form, raw: &Raw) -> Vec<FieldError> {
    let errors = form::check_all(form, raw).err().unwrap_or_default();
    errors.into_iter().filter(|error| raw.0.contains_key(&error.field)).collect()
}

/// What a page would post for `typed`: numbers of a list become the values they stand for.
fn values(field: &Field, options: usize, typed: &str) -> Vec<String> {
    let one = |part: &str| {
        let part = part.trim();
        let number = part.parse::<usize>().ok().filter(|number| (1..=options).contains(number));
        match (&field.options, number) {
            (Some(Options::Listed(listed)), Some(number)) => listed[number - 1].value.clone(),
            _ => choice(field, part).unwrap_or_else(|| part.to_owned()),
        }
    };
    match field.kind {
        FieldKind::Choice => vec![one(typed)],
        FieldKind::Choices => typed.split([',', '，', '、', ' ']).filter(|part| !part.trim().is_empty()).map(one).collect(),
        _ => vec![typed.to_owned()],
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use std::io::Cursor;

    /// A form with a question of every kind that behaves in its own way.
    pub fn form() -> Form {
        serde_json::from_value(serde_json::json!({
            "id": "appeal", "version": 1, "title": "提诉求", "summary": "", "act": "确认并提交诉求", "service": "appeal",
            "steps": [
                { "id": "matter", "title": "发生了什么", "fields": [
                    { "id": "category", "label": "类别", "kind": "choice", "required": true,
                      "options": [{ "value": "finance", "label": "融资" }, { "value": "labour", "label": "用工" }] },
                    { "id": "title", "label": "标题", "kind": "text", "required": true, "min": 2, "max": 40 },
                    { "id": "wish", "label": "希望怎样解决", "kind": "paragraph", "max": 500 },
                    { "id": "urgency", "label": "紧急程度", "kind": "choice", "required": true, "default": "normal",
                      "options": [{ "value": "normal", "label": "一般" }, { "value": "urgent", "label": "急" }] },
                    { "id": "urgency_reason", "label": "紧急的原因", "kind": "text", "required": true,
                      "when": { "field": "urgency", "is": ["urgent"] } },
                ] },
                { "id": "person", "title": "您是谁", "fields": [
                    { "id": "mobile", "label": "手机号", "kind": "mobile", "required": true, "privacy": "searchable" },
                    { "id": "party", "label": "人数", "kind": "count", "min": 1, "max": 3 },
                    { "id": "companions", "label": "同行人", "kind": "names", "max": 2 },
                    { "id": "topics", "label": "关心的话题", "kind": "choices",
                      "options": [{ "value": "tax", "label": "税费" }, { "value": "law", "label": "法律" }] },
                    { "id": "job", "label": "职务", "kind": "text", "max": 20, "more": true },
                ] },
            ],
            "consents": [
                { "id": "handle", "label": "我同意为办理本诉求处理上述信息。", "required": true },
                { "id": "news", "label": "我愿意收到活动消息。" },
            ],
            "retention": { "months": 24, "after": "closing" },
        }))
        .unwrap()
    }

    fn raw(pairs: &[(&str, &str)]) -> Raw {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()])).collect()
    }

    /// Speaks `typed` to a dialogue and gives what it said beside what `talk` came to.
    fn say<T>(typed: &str, talk: impl FnOnce(&mut Dialogue<Cursor<&[u8]>, &mut Vec<u8>>) -> T) -> (T, String) {
        let mut said = Vec::new();
        let result = talk(&mut Dialogue::new(Cursor::new(typed.as_bytes()), &mut said));
        (result, anstream::adapter::strip_str(&String::from_utf8(said).unwrap()).to_string())
    }

    #[test]
    fn questions_are_asked_one_by_one_until_each_answer_is_right() {
        let typed = "3\n融资\n贷\n贷款到期\n盼续贷\n第二行\n\n2\n设备已停\n138\n１３８ 0000-1234\n\n\n1，2\n\n";
        let mut answers = Raw::default();
        let (done, said) = say(typed, |dialogue| dialogue.complete(&form(), &mut answers));
        done.unwrap();
        for (name, values) in [
            ("category", vec!["finance"]),
            ("title", vec!["贷款到期"]),
            ("wish", vec!["盼续贷\n第二行"]),
            ("urgency", vec!["urgent"]),
            ("urgency_reason", vec!["设备已停"]),
            ("mobile", vec!["１３８ 0000-1234"]),
            ("party", vec![]),
            ("companions", vec![]),
            ("topics", vec!["tax", "law"]),
            ("job", vec![]),
        ] {
            assert_eq!(answers.all(name), values, "{name}\n{said}");
        }
        assert!(said.contains("请填写 11 位手机号"), "the form's own words: {said}");
        assert!(said.contains("发生了什么") && said.contains("您是谁"), "{said}");
        assert!(form::check_all(&form(), &answers).is_ok());
    }

    #[test]
    fn what_was_given_is_not_asked_and_what_was_given_wrongly_is() {
        let mut answers =
            raw(&[("category", "finance"), ("title", "贷款到期"), ("mobile", "138"), ("wish", "盼续贷"), ("urgency", "normal")]);
        let (done, said) = say("13800001234\n\n\n\n是\n经理\n", |dialogue| dialogue.complete(&form(), &mut answers));
        done.unwrap();
        assert_eq!(answers.first("mobile"), "13800001234");
        assert!(said.contains("手机号：请填写 11 位手机号"), "{said}");
        assert!(!said.contains("标题"), "{said}");
        assert!(said.contains("还有 1 项选填：职务"), "{said}");
        assert_eq!(answers.first("job"), "经理", "{said}");
    }

    #[test]
    fn one_can_go_back_to_the_question_before() {
        let mut answers = Raw::default();
        let typed = "<\n1\n贷款\n<\n贷款到期\n\n\n13800001234\n\n\n\n\n";
        let (done, said) = say(typed, |dialogue| dialogue.complete(&form(), &mut answers));
        done.unwrap();
        assert_eq!(answers.first("title"), "贷款到期", "{said}");
        assert!(said.contains("这已经是第一项"), "{said}");
        assert_eq!(answers.first("urgency"), "", "what is chosen beforehand needs no answer");
    }

    #[test]
    fn an_input_that_ends_early_stores_nothing() {
        let (done, _) = say("1\n贷款到期\n", |dialogue| dialogue.complete(&form(), &mut Raw::default()));
        assert!(done.unwrap_err().is::<Ended>());
    }

    #[test]
    fn consents_are_read_out_and_a_needed_one_decides() {
        for (typed, answers, goes_on, boxes) in [
            ("y\nn\n", raw(&[]), true, ["yes", ""]),
            ("同意\n什么\n是\n", raw(&[]), true, ["yes", "yes"]),
            ("n\ny\n", raw(&[]), false, ["", "yes"]),
            ("n\n", raw(&[("handle", "yes")]), true, ["yes", ""]),
        ] {
            let mut answers = answers;
            let (done, said) = say(typed, |dialogue| dialogue.consents(&form(), &mut answers));
            assert_eq!(done.unwrap(), goes_on, "{typed:?}");
            assert_eq!([answers.first("handle"), answers.first("news")], boxes, "{typed:?}");
            assert!(said.contains("我愿意收到活动消息"), "{said}");
        }
    }

    #[test]
    fn the_review_lets_one_answer_be_changed_and_asks_for_what_then_follows() {
        let mut answers =
            raw(&[("category", "finance"), ("title", "贷款到期"), ("mobile", "13800001234"), ("urgency", "normal")]);
        let (confirmed, said) = say("9\n3\n急\n设备已停\ny\n", |dialogue| dialogue.review(&form(), &mut answers));
        assert_eq!(confirmed.unwrap(), Confirmed::Yes, "{said}");
        assert_eq!(answers.first("urgency"), "urgent");
        assert_eq!(answers.first("urgency_reason"), "设备已停");
        assert!(said.contains("3. 紧急程度：一般") && said.contains("3. 紧急程度：急"), "{said}");
        assert!(said.contains("请写 y、n，或 1 到 4 之间的序号"), "{said}");
    }

    #[test]
    fn giving_up_at_the_review_is_no_confirmation() {
        let mut answers =
            raw(&[("category", "finance"), ("title", "贷款到期"), ("mobile", "13800001234"), ("urgency", "normal")]);
        let (confirmed, _) = say("n\n", |dialogue| dialogue.review(&form(), &mut answers));
        assert_eq!(confirmed.unwrap(), Confirmed::No);
        let (ended, _) = say("", |dialogue| dialogue.review(&form(), &mut answers));
        assert!(ended.unwrap_err().is::<Ended>());
    }
}
