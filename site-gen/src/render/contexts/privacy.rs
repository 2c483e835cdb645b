//! `privacy.html`: the notice, with tables of what is asked, why, and how long it is kept, taken from the forms themselves.

use domain::form::{FieldKind, Form, Privacy, RetentionStart};
use serde::Serialize;

use super::{Opening, opening};
use crate::{render::view::View, site::Page};

/// The whole of what the privacy notice shows.
#[derive(Debug, Serialize)]
pub struct PrivacyContext<'a> {
    #[serde(flatten)]
    opening: Opening<'a>,
    forms: Vec<FormNotice>,
}

/// What one form asks.
#[derive(Debug, Serialize)]
struct FormNotice {
    title: String,
    /// 办结后 24 个月，到期匿名化
    retention: String,
    rows: Vec<Row>,
}

/// One question.
#[derive(Debug, Serialize)]
struct Row {
    label: String,
    required: bool,
    purpose: String,
    /// 加密保存
    kept: &'static str,
}

/// The notice.
pub fn privacy<'a>(view: &View<'a>, page: &'a Page) -> PrivacyContext<'a> {
    PrivacyContext { opening: opening(view, page), forms: view.site.forms.iter().map(|source| notice(&source.form)).collect() }
}

fn notice(form: &Form) -> FormNotice {
    let after = match form.retention.after {
        RetentionStart::Closing => "办结后",
        RetentionStart::Event => "活动结束后",
    };
    let rows = form.fields().map(|field| Row {
        label: field.label.clone(),
        required: field.required,
        purpose: field.purpose.clone().unwrap_or_else(|| default_purpose(field.kind).to_owned()),
        kept: match field.privacy {
            Privacy::Plain => "普通保存",
            Privacy::Sealed => "加密保存",
            Privacy::Searchable => "加密保存，可按原文查找",
        },
    });
    FormNotice {
        title: form.title.clone(),
        retention: format!("{after} {} 个月，到期去掉能认出个人的内容", form.retention.months),
        rows: rows.collect(),
    }
}

/// What is said of a question whose declaration gives no purpose.
fn default_purpose(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Mobile | FieldKind::Telephone => "联系您",
        FieldKind::Plate => "安排停车",
        FieldKind::Names => "安排座位和签到",
        _ => "办理这件事",
    }
}
