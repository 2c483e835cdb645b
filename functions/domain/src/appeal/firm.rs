//! What a firm is asked after it has appealed: what it thinks of the answer (回访), what it adds, why a case is to be taken up again. These
//! forms follow from the table of transitions and not from a district's wishes, so they are declared here and not in content.

use serde::{Deserialize, Serialize};

use crate::{
    appeal::{Act, Command},
    form::{
        AnswerOption, Field, FieldError, FieldKind, Form, Options, Privacy, Raw, Retention, RetentionStart, Service, Step,
        Values, check_all,
    },
};

/// 回访: is it solved?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Solved {
    /// 已解决
    Yes,
    /// 部分解决
    Partly,
    /// 没有解决
    No,
}

/// 回访: how content are you?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// 满意
    Satisfied,
    /// 基本满意
    Mostly,
    /// 不满意
    Dissatisfied,
    /// 不评价
    Unsaid,
}

/// What a firm says of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// Is it solved?
    pub solved: Solved,
    /// How content are they?
    pub content: Content,
    /// All answers as they were given.
    pub values: Values,
}

impl Solved {
    /// In words for the ledger.
    pub fn words(self) -> &'static str {
        match self {
            Solved::Yes => "已解决",
            Solved::Partly => "部分解决",
            Solved::No => "未解决",
        }
    }
}

impl Content {
    /// In words for the ledger.
    pub fn words(self) -> &'static str {
        match self {
            Content::Satisfied => "满意",
            Content::Mostly => "基本满意",
            Content::Dissatisfied => "不满意",
            Content::Unsaid => "不评价",
        }
    }
}

impl FollowUp {
    /// Reads what was posted; what is wrong comes back by field.
    pub fn read(raw: &Raw) -> Result<FollowUp, Vec<FieldError>> {
        let values = check_all(&follow_up(), raw)?;
        let solved = match values.text("solved") {
            Some("yes") => Solved::Yes,
            Some("partly") => Solved::Partly,
            _ => Solved::No,
        };
        let content = match values.text("content") {
            Some("satisfied") => Content::Satisfied,
            Some("mostly") => Content::Mostly,
            Some("dissatisfied") => Content::Dissatisfied,
            _ => Content::Unsaid,
        };
        Ok(FollowUp { solved, content, values })
    }

    /// What becomes of the case: whoever says that it is not solved, or is dissatisfied, has it taken up again.
    pub fn command(&self) -> Command {
        if self.solved == Solved::No || self.content == Content::Dissatisfied {
            Command::Dispute
        } else {
            Command::Plain(Act::Confirm)
        }
    }
}

/// The questions of a 回访. Whether somebody shirked or asked for favours goes to supervision only.
pub fn follow_up() -> Form {
    let yes_no = |yes: &str, no: &str| [("yes", yes, ""), ("no", no, "")].map(option).to_vec();
    let fields = vec![
        choice(
            "solved",
            "问题解决了吗",
            [("yes", "解决了", ""), ("partly", "解决了一部分", ""), ("no", "没有解决", "重新办理，时限重新算起")]
                .map(option)
                .to_vec(),
            true,
        ),
        choice(
            "content",
            "对办理满意吗",
            [
                ("satisfied", "满意", ""),
                ("mostly", "基本满意", ""),
                ("dissatisfied", "不满意", "重新办理，时限重新算起"),
                ("unsaid", "不评价", ""),
            ]
            .map(option)
            .to_vec(),
            true,
        ),
        Field { more: true, ..choice("in_time", "第一次联系您及时吗", yes_no("及时", "不及时"), false) },
        Field {
            more: true,
            ..choice(
                "manner",
                "工作人员态度怎么样",
                [("good", "好", ""), ("fair", "一般", ""), ("poor", "不好", "")].map(option).to_vec(),
                false,
            )
        },
        Field {
            more: true,
            hint: Some("只有督查部门看得到，承办单位看不到。".to_owned()),
            privacy: Privacy::Sealed,
            ..choice("misconduct", "有没有推诿、吃拿卡要", yes_no("有", "没有"), false)
        },
        Field {
            more: true, ..choice("publish", "隐去企业和个人信息后，可以公开这件事吗", yes_no("可以", "不可以"), false)
        },
        Field { more: true, required: false, ..paragraph("remarks", "还想说什么", "最多 300 个字。", 1, 300) },
    ];
    form("follow-up", "评价这次办理", "提交评价", fields)
}

/// What a firm adds, whether it was asked for or not.
pub fn supplement() -> Form {
    let hint = "写清要补充的情况，最多 1000 个字。不要写身份证号、银行卡号。";
    form("supplement", "补充说明", "提交补充", vec![paragraph("addition", "要补充什么", hint, 2, 1000)])
}

/// Why a case that was closed is to be taken up again.
pub fn reopen() -> Form {
    let hint = "例如：修好的路面一周后又塌了。最多 500 个字。";
    form("reopen", "申请重新办理", "提交申请", vec![paragraph("reason", "为什么要重新办理", hint, 5, 500)])
}

fn form(id: &str, title: &str, act: &str, fields: Vec<Field>) -> Form {
    Form {
        id: id.to_owned(),
        version: 1,
        title: title.to_owned(),
        summary: String::new(),
        act: act.to_owned(),
        service: Service::Appeal,
        elsewhere: Vec::new(),
        steps: vec![Step { id: id.to_owned(), title: title.to_owned(), fields }],
        consents: Vec::new(),
        retention: Retention { months: 24, after: RetentionStart::Closing },
        receipt: None,
    }
}

fn field(id: &str, label: &str, kind: FieldKind) -> Field {
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

fn option((value, label, hint): (&str, &str, &str)) -> AnswerOption {
    let hint = Some(hint.to_owned()).filter(|hint| !hint.is_empty());
    AnswerOption { value: value.to_owned(), label: label.to_owned(), hint, environment: None }
}

fn choice(id: &str, label: &str, options: Vec<AnswerOption>, required: bool) -> Field {
    Field { options: Some(Options::Listed(options)), required, ..field(id, label, FieldKind::Choice) }
}

fn paragraph(id: &str, label: &str, hint: &str, min: u32, max: u32) -> Field {
    Field {
        hint: Some(hint.to_owned()),
        required: true,
        min: Some(min),
        max: Some(max),
        privacy: Privacy::Sealed,
        ..field(id, label, FieldKind::Paragraph)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(solved: &str, content: &str) -> Command {
        let posted = [("solved", solved), ("content", content)];
        let raw = posted.into_iter().map(|(name, value)| (name.to_owned(), vec![value.to_owned()])).collect();
        FollowUp::read(&raw).expect("both are answered").command()
    }

    #[test]
    fn a_firm_that_is_not_content_has_its_case_taken_up_again() {
        for (solved, content, again) in [
            ("yes", "satisfied", false),
            ("yes", "unsaid", false),
            ("partly", "mostly", false),
            ("partly", "unsaid", false),
            ("partly", "dissatisfied", true),
            ("yes", "dissatisfied", true),
            ("no", "satisfied", true),
            ("no", "unsaid", true),
        ] {
            let expected = if again { Command::Dispute } else { Command::Plain(Act::Confirm) };
            assert_eq!(said(solved, content), expected, "{solved} {content}");
        }
    }

    #[test]
    fn both_questions_are_needed_and_the_rest_is_not() {
        let errors = FollowUp::read(&Raw::default()).expect_err("nothing is answered");
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["solved", "content"]);
    }

    #[test]
    fn the_forms_are_ones_that_content_could_declare() {
        for form in [follow_up(), supplement(), reopen()] {
            let fields: Vec<_> =
                form.problems().into_iter().filter(|problem| problem.path.first().is_some_and(|at| at == "steps")).collect();
            assert_eq!(fields, [], "{}", form.id);
        }
    }
}
