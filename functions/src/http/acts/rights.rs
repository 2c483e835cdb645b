//! What somebody asks of what is stored about them: to see it, to put it right, to take it along, to have it erased.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    erasure::Why,
    form::{Answer, Field, FieldError, FieldKind, Form, Raw, Values, check_all},
};
use pages::{
    Link,
    form::step_page,
    registration::{ActContext, Acts, DoneContext},
    rights::{CopyContext, StoredContext},
    service::StepContext,
};

use super::{Asked, STAGE, link, unknown};
use crate::{
    appeals::fact,
    http::reply::{Refusal, page, see_other},
    outcome::Outcome,
    registrations::Corrected,
    rights::{Correction, Erasing, Record},
};

/// What these acts are called.
pub(in crate::http) const NAMES: [&str; 4] = ["stored", "correct", "copy", "erase"];

/// Does one of them, or leads on to it.
pub(super) async fn act(asked: &Asked<'_>, name: &str, record: &Record) -> Result<Response, Refusal> {
    match name {
        "stored" => asked.stored(record).await,
        "correct" => asked.correct(record).await,
        "copy" => asked.copy(record).await,
        "erase" if asked.is_sure() => asked.erase().await,
        "erase" => asked.name_erasure(record).await,
        _ => Err(unknown()),
    }
}

/// What stands now, after an act.
pub(super) fn stands(asked: &Asked<'_>, outcome: Outcome, record: &Record) -> DoneContext {
    let erased = record.origin().erased;
    let facts = erased.map(|erased| fact("删除时间", &domain::words::moment(erased.at)));
    DoneContext {
        title: outcome.title,
        message: outcome.message,
        done: outcome.done,
        number_label: record.number_label().to_owned(),
        number: asked.number.to_string(),
        facts: facts.into_iter().collect(),
        session: None,
        acts: asked.back("回到这个编号"),
        next: vec![Link { label: "回到首页".to_owned(), url: "/".to_owned() }],
    }
}

impl Asked<'_> {
    async fn stored(&self, record: &Record) -> Result<Response, Refusal> {
        let stored = self.service.stored(self.published, &self.number, record).await?;
        let links = vec![
            link("correct", "更正我的信息", false),
            link("copy", "带走一份", false),
            link("erase", "删除我的信息", false),
            link("show", "返回", false),
        ];
        let context = StoredContext {
            number_label: record.number_label().to_owned(),
            number: self.number.to_string(),
            sections: stored.sections,
            acts: Acts { links, token: self.service.act_token(&self.number) },
        };
        page(self.published, StatusCode::OK, &context)
    }

    async fn copy(&self, record: &Record) -> Result<Response, Refusal> {
        let stored = self.service.stored(self.published, &self.number, record).await?;
        if self.raw.first(STAGE) == "file" {
            let headers = [
                (header::CONTENT_TYPE, "application/json; charset=utf-8".to_owned()),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.json\"", self.number)),
            ];
            return Ok((headers, stored.json()).into_response());
        }
        let context = CopyContext {
            number_label: record.number_label().to_owned(),
            number: self.number.to_string(),
            text: stored.text(),
            action: "/f/act/copy".to_owned(),
            hidden: self.hidden("file"),
            acts: Acts { links: vec![link("stored", "返回", false)], token: self.service.act_token(&self.number) },
        };
        page(self.published, StatusCode::OK, &context)
    }

    async fn correct(&self, record: &Record) -> Result<Response, Refusal> {
        let Correction { form, values } = self.service.correction(self.published, &self.number, record).await?;
        if self.raw.first(STAGE).is_empty() {
            return self.ask_correction(&form, &typed(&form, &values), &[]);
        }
        let values = match check_all(&form, &self.raw) {
            Ok(values) => values,
            Err(errors) => return self.ask_correction(&form, &self.raw, &errors),
        };
        let id = self.outcome_id("correct");
        let there = see_other(&format!("/f/done/{id}"));
        if self.service.outcome(&id).await?.is_some() {
            return Ok(there);
        }
        let outcome =
            |title: &str, message: &str, done: bool| Outcome { title: title.to_owned(), message: message.to_owned(), done };
        let done = outcome("信息已更正", "以后按新的信息联系您。原来的内容已经覆盖，不再保留。", true);
        let extra = [self.service.outcome_write(&id, &self.number, &done)];
        match self.service.correct(self.published, &self.number, &form, &values, &extra).await {
            Ok(Corrected::Done(labels)) if labels.is_empty() => {
                let same = outcome("没有改动", "填的和原来一样，什么也没有改。", true);
                self.service.keep_outcome(&id, &self.number, &same).await?;
            }
            Ok(Corrected::Done(_)) => {}
            Ok(Corrected::Refused(why)) => {
                let refused = outcome("没有更正", &format!("{why}。原来的信息没有变。"), false);
                self.service.keep_outcome(&id, &self.number, &refused).await?;
            }
            // The same button was pressed at the same time, and that was done.
            Err(error) if self.service.outcome(&id).await?.is_none() => return Err(error.into()),
            Err(_) => {}
        }
        Ok(there)
    }

    fn ask_correction(&self, form: &Form, raw: &Raw, errors: &[FieldError]) -> Result<Response, Refusal> {
        let mut step = step_page(form, 0, raw, errors, "/f/act/correct", self.hidden("answers"), None);
        step.submit.clone_from(&form.act);
        (step.number, step.total) = (1, 1);
        step.title = format!("编号 {}", self.number);
        // Everything that can be put right is what one came for; nothing on the device is filled in.
        let more = std::mem::take(&mut step.more);
        step.fields.extend(more);
        step.fresh = false;
        let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        page(self.published, status, &StepContext { step, session: None })
    }

    /// The page that names what erasing means, or why it cannot be done yet and what would have to come first.
    async fn name_erasure(&self, record: &Record) -> Result<Response, Refusal> {
        let session = match record {
            Record::Registration(registration) => self.published.session(&registration.session),
            _ => None,
        };
        let number_label = record.number_label().to_owned();
        if let Some((why_not, first)) = record.cannot_be_erased(session, self.service.clock.now()) {
            let first = first.map(|act| match act {
                "withdraw" => link(act, "先撤回诉求", false),
                "leave" => link(act, "先退出候补", false),
                act => link(act, "先取消报名", false),
            });
            let context = DoneContext {
                title: "现在还不能删除".to_owned(),
                message: why_not.to_owned(),
                done: false,
                number_label,
                number: self.number.to_string(),
                facts: Vec::new(),
                session: None,
                acts: Acts {
                    links: first.into_iter().chain([link("stored", "返回", false)]).collect(),
                    token: self.service.act_token(&self.number),
                },
                next: Vec::new(),
            };
            return page(self.published, StatusCode::OK, &context);
        }
        let means = match record {
            Record::Appeal(_) => {
                "还没有删除。确认以后，您填的内容、联系方式和办理中的文字马上删除，不能恢复，也不能再申请重新办理；只留下编号和办理的日期。"
            }
            Record::Registration(_) => "还没有删除。确认以后，您填的内容和联系方式马上删除，不能恢复；只留下编号和报名的日期。",
            Record::Intake(intake) if intake.is_over() => {
                "还没有删除。确认以后，您填的内容和联系方式马上删除，不能恢复；只留下编号和日期。"
            }
            Record::Intake(_) => {
                "还没有删除。确认以后，这件登记不再办理，也不会再打电话；您填的内容和联系方式马上删除，不能恢复。"
            }
        };
        let context = ActContext {
            title: "删除我的信息".to_owned(),
            message: self.service.what_stays_out(record, means).await?,
            number_label,
            number: self.number.to_string(),
            facts: Vec::new(),
            session: None,
            action: "/f/act/erase".to_owned(),
            hidden: self.hidden("sure"),
            act: "确认删除".to_owned(),
            grave: true,
            stay: link("stored", "不删除，返回", false),
        };
        page(self.published, StatusCode::OK, &context)
    }

    async fn erase(&self) -> Result<Response, Refusal> {
        let id = self.outcome_id("erase");
        let outcome = match self.service.erase(&self.number, Why::Asked, None, &[]).await? {
            Erasing::Done(_) => Outcome {
                title: "已删除".to_owned(),
                message: "能认出您的内容已经删除，并留下了删除的证明。凭编号和查询码还能查到删除的日期。".to_owned(),
                done: true,
            },
            Erasing::Refused(why) => Outcome { title: "没有删除".to_owned(), message: why, done: false },
        };
        self.service.keep_outcome(&id, &self.number, &outcome).await?;
        Ok(see_other(&format!("/f/done/{id}")))
    }
}

/// Answers as a form would post them.
fn typed(form: &Form, values: &Values) -> Raw {
    let posted = |field: &Field| {
        Some(match values.get(&field.id)? {
            Answer::Text(text) => vec![text.clone()],
            Answer::Number(number) => vec![number.to_string()],
            // One a line, as names are asked for.
            Answer::Many(many) if field.kind == FieldKind::Names => vec![many.join("\n")],
            Answer::Many(many) => many.clone(),
        })
    };
    form.fields().filter_map(|field| Some((field.id.clone(), posted(field)?))).collect()
}
