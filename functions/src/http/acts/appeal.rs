//! What a firm does with its appeal later: it adds to it, withdraws it, says what it thinks of the answer, has it taken up again.

use axum::{http::StatusCode, response::Response};
use domain::{
    appeal::{Act, Command, Role, clock::Owed, firm, firm::FollowUp},
    form::{FieldError, Form, Raw, Values},
    words,
};
use pages::{
    Link,
    form::step_page,
    registration::{ActContext, Acts, DoneContext},
    service::StepContext,
};

use super::{Asked, STAGE, link, unknown};
use crate::{
    appeals::{Said, Step, Stepped, Visited, appeal_in_words, fact},
    http::reply::{Refusal, page, see_other},
    outcome::Outcome,
};

/// Does one of a firm's acts, or leads on to it.
pub(super) async fn act(asked: &Asked<'_>, name: &str) -> Result<Response, Refusal> {
    match name {
        "files" => asked.show_files().await,
        "withdraw" if asked.is_sure() => {
            let done = ("诉求已撤回", "我们不再办理这一件。以后还需要，可以重新提交。");
            asked.step(name, Command::Plain(Act::Withdraw), Said::default(), None, done).await
        }
        "withdraw" => asked.name_withdrawal().await,
        // One tap for what is most often said. Whoever has more to say finds the questions beside it.
        "solved" => {
            let values =
                [("solved", "yes"), ("content", "satisfied")].map(|(name, value)| (name.to_owned(), vec![value.to_owned()]));
            asked.follow_up(name, &values.into_iter().collect()).await
        }
        "follow-up" => asked.follow_up(name, &asked.raw).await,
        "supplement" => {
            asked.words(name, &firm::supplement(), Act::Supplement, ("已补充", "补充的内容已经交给承办单位，时限接着算。")).await
        }
        "add" => asked.words(name, &firm::supplement(), Act::Add, ("已补充", "补充的内容已经附在这件诉求后面。")).await,
        "reopen" => {
            let done = ("已申请重新办理", "这件诉求重新受理，时限重新算起，工作人员会打电话联系您。");
            asked.words(name, &firm::reopen(), Act::Reopen, done).await
        }
        _ => Err(unknown()),
    }
}

/// What stands now, after an act.
pub(super) async fn stands(asked: &Asked<'_>, outcome: Outcome) -> Result<DoneContext, Refusal> {
    let (case, _) = asked.service.case_item(&asked.number).await?;
    let back = asked.back("回到办理进度");
    let mut facts = vec![fact("目前情况", &appeal_in_words(&case)), fact("类别", &case.category)];
    // Taken up again, it has another first call.
    if let Some((Owed::Contact, by)) = case.owed(&*asked.service.published().await?) {
        facts.push(fact("最迟联系", &words::deadline(by)));
    }
    Ok(DoneContext {
        title: outcome.title,
        message: outcome.message,
        done: outcome.done,
        number_label: "受理编号".to_owned(),
        number: asked.number.to_string(),
        facts,
        session: None,
        acts: Acts { links: [back.links, asked.service.acts_of_files(&case)].concat(), ..back },
        next: vec![Link { label: "看惠企政策".to_owned(), url: "/policies/".to_owned() }],
    })
}

impl Asked<'_> {
    /// The page that names what withdrawing means.
    async fn name_withdrawal(&self) -> Result<Response, Refusal> {
        let (case, _) = self.service.case_item(&self.number).await?;
        let context = ActContext {
            title: "撤回诉求".to_owned(),
            message: "还没有撤回。确认以后，我们不再办理这一件，也不会再打电话；还想办，要重新提交。".to_owned(),
            number_label: "受理编号".to_owned(),
            number: self.number.to_string(),
            facts: vec![fact("目前情况", &appeal_in_words(&case)), fact("类别", &case.category)],
            session: None,
            action: "/f/act/withdraw".to_owned(),
            hidden: self.hidden("sure"),
            act: "确认撤回".to_owned(),
            grave: true,
            stay: link("show", "不撤回，返回", false),
        };
        page(self.published, StatusCode::OK, &context)
    }

    /// 回访: asks what the firm thinks of the answer, and does what follows from it.
    async fn follow_up(&self, name: &str, raw: &Raw) -> Result<Response, Refusal> {
        let form = firm::follow_up();
        if name == "follow-up" && self.raw.first(STAGE).is_empty() {
            return self.ask_words(name, &form, &Raw::default(), &[]);
        }
        let said = match FollowUp::read(raw) {
            Ok(said) => said,
            Err(errors) => return self.ask_words(name, &form, raw, &errors),
        };
        let command = said.command();
        let done = if command == Command::Dispute {
            ("已收到评价，重新办理", "这件诉求重新受理，工作人员会打电话联系您。原来的答复和您的评价都留着。")
        } else {
            ("谢谢您的评价", "您的评价已经记下。督查部门确认后，这件诉求就办结了；30 天内问题又出现，可以申请重新办理。")
        };
        self.step(name, command, said_of(&form, &said), Some(&said), done).await
    }

    /// An act of which the firm says something in its own words.
    async fn words(&self, name: &str, form: &Form, act: Act, done: (&str, &str)) -> Result<Response, Refusal> {
        if self.raw.first(STAGE).is_empty() {
            return self.ask_words(name, form, &Raw::default(), &[]);
        }
        match domain::form::check_all(form, &self.raw) {
            Ok(values) => {
                let text = form.fields().find_map(|field| values.text(&field.id)).unwrap_or_default();
                self.step(name, Command::Plain(act), Said::publicly(text), None, done).await
            }
            Err(errors) => self.ask_words(name, form, &self.raw, &errors),
        }
    }

    fn ask_words(&self, name: &str, form: &Form, raw: &Raw, errors: &[FieldError]) -> Result<Response, Refusal> {
        let mut step = step_page(form, 0, raw, errors, &format!("/f/act/{name}"), self.hidden("answers"), None);
        step.submit.clone_from(&form.act);
        (step.number, step.total) = (1, 1);
        // Above the heading stands what it is about.
        step.title = format!("受理编号 {}", self.number);
        // Nothing on the device is filled in: it belongs to another form.
        step.fresh = false;
        let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        page(self.published, status, &StepContext { step, session: None })
    }

    /// Does it, once, and leads to what came of it.
    async fn step(
        &self,
        name: &str,
        command: Command,
        said: Said,
        follow_up: Option<&FollowUp>,
        (title, message): (&str, &str),
    ) -> Result<Response, Refusal> {
        let id = self.outcome_id(name);
        let there = see_other(&format!("/f/done/{id}"));
        if self.service.outcome(&id).await?.is_some() {
            return Ok(there);
        }
        let now = self.service.clock.now();
        let visited = follow_up.map(|said| Visited { solved: said.solved, content: said.content, at: now });
        let outcome = Outcome { title: title.to_owned(), message: message.to_owned(), done: true };
        let step = Step {
            command,
            by: Role::Firm,
            operator: None,
            said,
            change: &|case| case.visited = visited.clone().or_else(|| case.visited.take()),
            message: None,
            into: None,
            with: vec![self.service.outcome_write(&id, &self.number, &outcome)],
        };
        match self.service.step_case(self.published, &self.number, &step).await {
            Ok(Stepped::Done(_)) => {}
            Ok(Stepped::Refused(why)) => {
                let outcome = Outcome { title: "没有办成".to_owned(), message: format!("{why}。"), done: false };
                self.service.keep_outcome(&id, &self.number, &outcome).await?;
            }
            // The same button was pressed at the same time, and that was done.
            Err(error) if self.service.outcome(&id).await?.is_none() => return Err(error.into()),
            Err(_) => {}
        }
        Ok(there)
    }
}

/// What a firm said, for the record: in full to supervision, and without what only supervision may read to the others.
fn said_of(form: &Form, said: &FollowUp) -> Said {
    let words = |open: bool| -> Vec<String> {
        let fields = form.fields().filter(|field| open == (field.id != "misconduct"));
        fields.filter_map(|field| answered(field, &said.values)).collect()
    };
    let joined = |parts: Vec<String>| Some(parts.join("\n")).filter(|text| !text.is_empty());
    Said { public: joined(words(true)), private: None, supervision: joined(words(false)) }
}

fn answered(field: &domain::form::Field, values: &Values) -> Option<String> {
    let answer = values.get(&field.id)?;
    Some(format!("{}：{}", field.label, domain::form::answer_in_words(field, answer)))
}
