//! A form's declaration: the one place where its questions, limits and secrecy are written down.
//!
//! `content/forms/ID.yaml` is read into [`Form`]. The generator makes the accessible first page from it, the functions
//! check and render the rest with it, the ledger takes its columns from it and the privacy notice its table.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::time::{Moment, after_months};

/// A form as `content/forms/ID.yaml` declares it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// The file's stem; part of URLs (`/f/ID`).
    pub id: String,
    /// Raised whenever a question is added, dropped or changed. Pages post it; versions of the last 30 days are understood.
    pub version: u32,
    /// The page's heading.
    pub title: String,
    /// One or two sentences above the first question.
    pub summary: String,
    /// The label of the button that commits, naming the act: 确认并提交诉求.
    pub act: String,
    /// Which rules take the submission.
    pub service: Service,
    /// What this form does not take and where that goes instead; shown before the first question.
    #[serde(default)]
    pub elsewhere: Vec<Elsewhere>,
    /// The questions, a page each, in order.
    pub steps: Vec<Step>,
    /// Agreements asked for on 核对; none is ticked beforehand.
    pub consents: Vec<Consent>,
    /// How long what was typed is kept.
    pub retention: Retention,
    /// What the receipt of an intake says; other services have words of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ReceiptWords>,
}

impl Form {
    /// All fields, in the order in which they are asked.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.steps.iter().flat_map(|step| &step.fields)
    }

    /// The field with this id.
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields().find(|field| field.id == id)
    }
}

/// Which rules take a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// 诉求: makes a case with a tracking number `XS…`.
    Appeal,
    /// 报名: takes a seat of a session, tracking number `XB…`. The session's id is posted as `session`.
    Registration,
    /// 倡议、对接、线索: kept and answered by a call within the promise, tracking number `XB…`. It takes no seat and makes no case.
    Intake,
}

/// What the receipt of an intake says beside number, code and promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptWords {
    /// The receipt's heading: 对接申请已收到
    pub title: String,
    /// What comes after the call, in order, a sentence each.
    #[serde(default)]
    pub next: Vec<String>,
}

/// Something that is not taken here, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Elsewhere {
    /// 正在诉讼或仲裁的事项
    pub what: String,
    /// 请向受理法院或仲裁机构反映
    pub instead: String,
}

/// One page of questions about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Part of URLs; lower-case letters and hyphens.
    pub id: String,
    /// The page's heading: 发生了什么
    pub title: String,
    /// The questions.
    pub fields: Vec<Field>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The name under which it is posted and stored, lower-case letters and underscores. Never used again for something else.
    pub id: String,
    /// 企业名称
    pub label: String,
    /// One line under the label: what to type, with an example.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What kind of answer it takes.
    pub kind: FieldKind,
    /// An answer is needed (when `when` holds).
    #[serde(default)]
    pub required: bool,
    /// Fewest characters after NFKC (`count`: smallest number).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<u32>,
    /// Most characters after NFKC (`count`: largest number; `choices`: most ticks).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// The answers to choose from (`choice`, `choices`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<Options>,
    /// The option chosen beforehand. Consents have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Asked only then; otherwise whatever was posted is dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// How it is stored.
    #[serde(default)]
    pub privacy: Privacy,
    /// Why it is asked, for the privacy notice: 联系您核实情况
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The ledger's column it fills.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<String>,
    /// HTML autofill token: `organization`, `name`, `tel`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autocomplete: Option<String>,
    /// Folded away under 「更多（选填）」 so that the first screen stays short.
    #[serde(default)]
    pub more: bool,
}

/// What kind of answer a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line.
    Text,
    /// Several lines with a counter and a warning when it holds an identity number, a bank card or a telephone number.
    Paragraph,
    /// A mobile number.
    Mobile,
    /// A mobile or landline number.
    Telephone,
    /// A 统一社会信用代码, or 「暂无」.
    CreditCode,
    /// One of `options`.
    Choice,
    /// Any of `options`.
    Choices,
    /// A whole number from `min` to `max`.
    Count,
    /// A vehicle's number plate.
    Plate,
    /// People's names, one a line, at most `max` of them.
    Names,
}

/// The answers of a choice: written out, or taken from a data file so that they stand in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Options {
    /// Written out.
    Listed(Vec<AnswerOption>),
    /// The entries of `content/data/NAME.yaml` (`chains`, `towns`, `categories`); the generator writes them out in the manifest.
    From {
        /// `chains`, `towns` or `categories`.
        from: String,
    },
}

/// One answer of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerOption {
    /// What is posted and stored.
    pub value: String,
    /// What people read.
    pub label: String,
    /// A line beneath it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// 五大环境, on categories of appeals: which of 要素 政务 市场 法治 创新 it belongs to; the ledger has a column for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
}

/// When a field is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The other field; it stands earlier.
    pub field: String,
    /// Asked when that field has one of these values.
    pub is: Vec<String>,
}

/// How an answer is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Privacy {
    /// As it is: no person can be known from it.
    #[default]
    Plain,
    /// Sealed (🔒).
    Sealed,
    /// Sealed, with a keyed blind index so that it can be found by its exact value (#).
    Searchable,
}

/// One agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// The name under which it is posted and stored.
    pub id: String,
    /// What the person agrees to, in the first person.
    pub label: String,
    /// The matter cannot be handled without it.
    #[serde(default)]
    pub required: bool,
}

/// How long what was typed is kept, and what then happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// For so many months
    pub months: u32,
    /// after this.
    pub after: RetentionStart,
}

impl Retention {
    /// When it is over for something that ended at `since`: the same day of the month, or its last.
    pub fn ends(&self, since: Moment) -> Moment {
        after_months(since, self.months)
    }
}

/// What a retention period counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetentionStart {
    /// The case was closed.
    Closing,
    /// The event ended.
    Event,
}
