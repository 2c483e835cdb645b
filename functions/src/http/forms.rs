//! A form's life without cookie and without JavaScript: first step → draft → further steps → 核对 → 确认 → receipt.
//!
//! The first POST stores no case: it answers 422 with what was typed, or a sealed draft and 303. Only 确认 commits, once: whatever is
//! sent again finds the first answer.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    Session,
    form::{self, Form, Raw, Values},
    registration,
};
use pages::{
    Link,
    form::{Hidden, consent_views, error_views, review_rows, step_page},
    service::{RefusedView, ReviewContext, StepContext},
};

use super::{
    reply::{Refusal, answer, page, see_other},
    request::Posted,
};
use crate::{
    Service, ServiceError,
    catalogue::Published,
    draft::{Draft, DraftId, Found},
    encoding,
    registrations::{Registered, session_facts, would_wait},
    submission::{Source, Submission},
    table::TableError,
};

/// A declaration as it is asked here and now, with the session it is asked for.
struct Asked {
    form: Form,
    session: Option<Session>,
}

impl Asked {
    fn find(published: &Published, form: &str, version: u32, session: Option<&str>) -> Result<Asked, Refusal> {
        let declared = published.form_version(form, version).ok_or_else(|| {
            Refusal::new(StatusCode::GONE, "这张表单已经更新", "您打开的是旧页面，还没有提交。请重新打开表单，填好再提交。")
                .first("重新打开", &form_page(form))
        })?;
        match declared.service {
            form::Service::Appeal | form::Service::Intake => Ok(Asked { form: declared.clone(), session: None }),
            form::Service::Registration => {
                let session = session.and_then(|id| published.session(id)).filter(|session| session.form == form);
                let session = session.ok_or_else(|| {
                    Refusal::new(StatusCode::NOT_FOUND, "没有找到这一场", "这一场可能已经撤下。请从课程或活动列表里重新选一场。")
                        .first("看课程", "/courses/")
                })?;
                Ok(Asked { form: declared.for_session(session), session: Some(session.clone()) })
            }
        }
    }

    fn of(published: &Published, draft: &Draft) -> Result<Asked, Refusal> {
        Asked::find(published, &draft.form, draft.form_version, draft.session.as_deref())
    }

    fn step(&self, id: &str) -> Result<usize, Refusal> {
        let place = self.form.steps.iter().position(|step| step.id == id);
        place.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "没有这一步", "网址可能不完整。"))
    }

    /// The answers to a step. Once the whole form is answered, what only the session can judge belongs to them too: whether everybody who
    /// comes is named, so that it is mended where it was typed and nobody is dropped in silence.
    fn check_step(&self, step: usize, raw: &Raw) -> Result<(), Vec<form::FieldError>> {
        form::check_step(&self.form, step, raw)?;
        let (Some(session), Ok(all)) = (&self.session, form::check_all(&self.form, raw)) else { return Ok(()) };
        let asked_here = |error: &form::FieldError| self.form.steps[step].fields.iter().any(|field| field.id == error.field);
        let errors = registration::request(&all, session).err().unwrap_or_default();
        let errors: Vec<_> = errors.into_iter().filter(asked_here).collect();
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// The first step that is not answered without mistake, as far as what was typed tells.
    fn first_open(&self, raw: &Raw) -> Option<usize> {
        (0..self.form.steps.len()).find(|step| self.check_step(*step, raw).is_err())
    }
}

/// `GET /f/FORM`: somebody reloaded the address that a first step was posted to.
pub(crate) async fn to_the_form(State(service): State<Arc<Service>>, Path(form): Path<String>) -> Response {
    let result = async {
        let published = service.published().await?;
        match published.form(&form) {
            Some(declared) if declared.service == form::Service::Registration => Ok(see_other("/activities/")),
            Some(_) => Ok(see_other(&form_page(&form))),
            None => Err(no_form()),
        }
    };
    answer(&service, result.await)
}

/// `POST /f/FORM`: the first step.
pub(crate) async fn begin(
    State(service): State<Arc<Service>>,
    Path(form): Path<String>,
    posted: Result<Posted, Refusal>,
) -> Response {
    let result = async {
        let _turn = service.turn().await?;
        let published = service.published().await?;
        let Posted(raw) = posted?;
        let current = published.form(&form).ok_or_else(no_form)?;
        let version = raw.first("version").parse().unwrap_or(current.version);
        let session = Some(raw.first("session")).filter(|id| !id.is_empty());
        let asked = Asked::find(&published, &form, version, session)?;
        refuse_closed(&service, &asked)?;
        refuse_doubled(&asked.form, &raw)?;

        let mut draft = Draft::new(&service, &asked.form, asked.session.as_ref().map(|session| session.id.clone()));
        let first = asked.form.steps.first().ok_or_else(no_form)?;
        draft.answer(first, &raw);
        // A page that has asked all in turn posts the answers to further steps as well, and says so.
        let steps = asked.form.steps.iter().skip(1);
        let further: Vec<_> = steps.take_while(|step| !raw.first(&format!("also-{}", step.id)).is_empty()).collect();
        for step in &further {
            draft.answer(step, &raw);
        }
        if !further.is_empty() {
            return begin_with(&service, &published, &asked, draft, 1 + further.len()).await;
        }
        if let Err(errors) = asked.check_step(0, &draft.raw) {
            let mut hidden = vec![Hidden { name: "version".to_owned(), value: version.to_string() }];
            hidden.extend(asked.session.iter().map(|session| Hidden { name: "session".to_owned(), value: session.id.clone() }));
            let step = step_page(&asked.form, 0, &draft.raw, &errors, &format!("/f/{form}"), hidden, None);
            return page(
                &published,
                StatusCode::UNPROCESSABLE_ENTITY,
                &StepContext { step, session: facts(&service, &asked).await? },
            );
        }
        draft.done.insert(first.id.clone());
        service.begin_draft(&draft).await?;
        Ok(see_other(&after_step(&asked.form, &draft.id, 0)))
    };
    answer(&service, result.await)
}

/// Begins with the answers to several steps: kept even with mistakes in them, and the first step that has one is shown.
async fn begin_with(
    service: &Service,
    published: &Published,
    asked: &Asked,
    mut draft: Draft,
    answered: usize,
) -> Result<Response, Refusal> {
    let wrong: Vec<_> = (0..answered).filter_map(|step| Some((step, asked.check_step(step, &draft.raw).err()?))).collect();
    let steps = asked.form.steps.iter().take(answered).enumerate();
    draft.done =
        steps.filter(|(step, _)| wrong.iter().all(|(other, _)| other != step)).map(|(_, step)| step.id.clone()).collect();
    service.begin_draft(&draft).await?;
    match wrong.into_iter().next() {
        None => Ok(see_other(&after_step(&asked.form, &draft.id, answered - 1))),
        Some((step, errors)) => {
            let context = step_context(service, asked, &draft, step, &errors).await?;
            page(published, StatusCode::UNPROCESSABLE_ENTITY, &context)
        }
    }
}

/// `GET /f/FORM/draft/ID/STEP`
pub(crate) async fn show_step(
    State(service): State<Arc<Service>>,
    Path((_, id, step)): Path<(String, String, String)>,
) -> Response {
    let result = async {
        let _turn = service.turn().await?;
        let published = service.published().await?;
        let draft = open(&service, &id).await?;
        let Opened::Draft(draft) = draft else { return draft.elsewhere() };
        let asked = Asked::of(&published, &draft)?;
        refuse_closed(&service, &asked)?;
        let index = asked.step(&step)?;
        let context = step_context(&service, &asked, &draft, index, &[]).await?;
        page(&published, StatusCode::OK, &context)
    };
    answer(&service, result.await)
}

/// `POST /f/FORM/draft/ID/STEP`
pub(crate) async fn answer_step(
    State(service): State<Arc<Service>>,
    Path((_, id, step)): Path<(String, String, String)>,
    posted: Result<Posted, Refusal>,
) -> Response {
    let result = async {
        let _turn = service.turn().await?;
        let published = service.published().await?;
        let Posted(raw) = posted?;
        let draft = open(&service, &id).await?;
        let Opened::Draft(draft) = draft else { return draft.elsewhere() };
        let asked = Asked::of(&published, &draft)?;
        refuse_closed(&service, &asked)?;
        let index = asked.step(&step)?;
        refuse_doubled(&asked.form, &raw)?;
        // Kept even with mistakes in it: nothing that was typed is lost.
        let changed = service
            .change_draft(&draft.id, |draft| {
                draft.answer(&asked.form.steps[index], &raw);
                if asked.check_step(index, &draft.raw).is_ok() {
                    draft.done.insert(step.clone());
                } else {
                    draft.done.remove(&step);
                }
            })
            .await?;
        let changed = opened(&service, changed);
        let Opened::Draft(draft) = changed else { return changed.elsewhere() };
        match asked.check_step(index, &draft.raw) {
            Ok(_) => Ok(see_other(&after_step(&asked.form, &draft.id, index))),
            Err(errors) => {
                let context = step_context(&service, &asked, &draft, index, &errors).await?;
                page(&published, StatusCode::UNPROCESSABLE_ENTITY, &context)
            }
        }
    };
    answer(&service, result.await)
}

/// `GET /f/FORM/draft/ID/review`: 核对.
pub(crate) async fn review(State(service): State<Arc<Service>>, Path((_, id)): Path<(String, String)>) -> Response {
    let result = async {
        let _turn = service.turn().await?;
        let published = service.published().await?;
        let draft = open(&service, &id).await?;
        let Opened::Draft(draft) = draft else { return draft.elsewhere() };
        let asked = Asked::of(&published, &draft)?;
        refuse_closed(&service, &asked)?;
        match form::check_all(&asked.form, &draft.raw) {
            Ok(values) => {
                let context = review_context(&service, &asked, &draft, &values, &Raw::default(), &[]).await?;
                page(&published, StatusCode::OK, &context)
            }
            Err(_) => Ok(see_other(&step_path(&asked.form, &draft.id, asked.first_open(&draft.raw).unwrap_or(0)))),
        }
    };
    answer(&service, result.await)
}

/// `GET …/confirm`: somebody reloaded the address that 确认 was posted to.
pub(crate) async fn to_the_review(Path((form, id)): Path<(String, String)>) -> Response {
    see_other(&format!("/f/{form}/draft/{id}/review"))
}

/// `POST …/confirm`: 确认.
pub(crate) async fn confirm(
    State(service): State<Arc<Service>>,
    Path((_, id)): Path<(String, String)>,
    posted: Result<Posted, Refusal>,
) -> Response {
    let result = async {
        let _turn = service.turn().await?;
        let published = service.published().await?;
        let Posted(raw) = posted?;
        let draft = open(&service, &id).await?;
        let Opened::Draft(draft) = draft else { return draft.elsewhere() };
        let asked = Asked::of(&published, &draft)?;
        let Ok(values) = form::check_all(&asked.form, &draft.raw) else {
            return Ok(see_other(&step_path(&asked.form, &draft.id, asked.first_open(&draft.raw).unwrap_or(0))));
        };
        // Absent from a page of before this was asked; whatever a page says it has shown must still be so.
        if !raw.first("seen").is_empty() && raw.first("seen") != seen(&service, &draft) {
            let refused = RefusedView {
                title: "还没有提交：内容刚刚改过".to_owned(),
                message: "您可能在另一个窗口改过。下面是现在的内容，请再看一遍，没有问题就确认。".to_owned(),
                next: Vec::new(),
            };
            let context = review_context(&service, &asked, &draft, &values, &raw, &[]).await?;
            return page(&published, StatusCode::CONFLICT, &ReviewContext { refused: Some(refused), ..context });
        }
        let boxes = match form::check_consents(&asked.form, &raw) {
            Ok(boxes) => boxes,
            Err(errors) => {
                let context = review_context(&service, &asked, &draft, &values, &raw, &errors).await?;
                return page(&published, StatusCode::UNPROCESSABLE_ENTITY, &context);
            }
        };
        match commit(&service, &published, &asked, &draft, values.clone(), boxes).await {
            // Somebody was faster with the same draft: the other tab, the second click. Its answer is the answer.
            Err(Committing::Failed(ServiceError::Table(TableError::Conflict { .. }))) => match open(&service, &id).await? {
                Opened::Committed(path) => Ok(see_other(&path)),
                _ => Err(ServiceError::Busy.into()),
            },
            Err(Committing::Failed(error)) => Err(error.into()),
            // What was typed is still there: it is shown again with the ways on.
            Err(Committing::Refused(status, refused)) => {
                let context = review_context(&service, &asked, &draft, &values, &raw, &[]).await?;
                page(&published, status, &ReviewContext { refused: Some(*refused), ..context })
            }
            Ok(path) => Ok(see_other(&path)),
        }
    };
    answer(&service, result.await)
}

/// `GET /f/receipt/ID`
pub(crate) async fn receipt(State(service): State<Arc<Service>>, Path(id): Path<String>) -> Response {
    let result = async {
        let _turn = service.turn().await?;
        let published = service.published().await?;
        match service.receipt(&id).await? {
            Some(receipt) => page(&published, StatusCode::OK, &receipt),
            None => Err(Refusal::new(
                StatusCode::GONE,
                "这一页已经打不开了",
                "回执页只保留 30 分钟。您提交的内容已经存好，凭编号和查询码随时可以查。",
            )
            .first("凭编号和查询码查询", "/track/")),
        }
    };
    answer(&service, result.await)
}

/// What stands under a draft's address.
enum Opened {
    Draft(Box<Draft>),
    /// It was committed; its receipt is there.
    Committed(String),
    Expired,
}

impl Opened {
    /// The answer when there is no draft any more.
    fn elsewhere(self) -> Result<Response, Refusal> {
        match self {
            Opened::Committed(path) => Ok(see_other(&path)),
            _ => Err(Refusal::new(
                StatusCode::GONE,
                "这一页已经过期",
                "填了一半的内容只保留两小时，还没有提交。已经拿到编号的不受影响，可以查进度；没有提交的，请重新填一次。",
            )),
        }
    }
}

async fn open(service: &Service, id: &str) -> Result<Opened, Refusal> {
    match DraftId::parse(&service.keys, id) {
        Some(id) => Ok(opened(service, service.find_draft(&id).await?)),
        None => Ok(Opened::Expired),
    }
}

fn opened(_: &Service, found: Found) -> Opened {
    match found {
        Found::Open(draft) => Opened::Draft(draft),
        Found::Committed(outcome) => Opened::Committed(format!("/f/receipt/{}", outcome.receipt)),
        Found::Expired => Opened::Expired,
    }
}

enum Committing {
    Refused(StatusCode, Box<RefusedView>),
    Failed(ServiceError),
}

async fn commit(
    service: &Service,
    published: &Published,
    asked: &Asked,
    draft: &Draft,
    values: Values,
    boxes: BTreeMap<String, bool>,
) -> Result<String, Committing> {
    let mut quarantined = Vec::new();
    if draft.trapped {
        quarantined.push("填了人看不见的栏目，可能是程序提交，也可能是浏览器自动填写".to_owned());
    }
    let age = draft.id.age(service.clock.now());
    if age.unsigned_abs() < service.config.minimum_time {
        quarantined.push(format!("从打开到确认只用了 {} 秒", age.as_secs()));
    }
    let submission = Submission { form: &asked.form, values, boxes, source: Source::Web, quarantined, draft: Some(draft) };
    let receipt = match &asked.session {
        None if asked.form.service == form::Service::Intake => {
            service.take_in(published, &submission).await.map_err(Committing::Failed)?.id
        }
        None => service.file_appeal(published, &submission).await.map_err(Committing::Failed)?.id,
        Some(session) => match service.register(session, &submission).await.map_err(Committing::Failed)? {
            Registered::Stored(receipt) => receipt.id,
            Registered::Refused(why) => {
                let refused = RefusedView {
                    title: "没有报上名".to_owned(),
                    message: format!("{why}。填写的内容还在。"),
                    next: ways_on(asked, draft, session),
                };
                return Err(Committing::Refused(StatusCode::CONFLICT, Box::new(refused)));
            }
            Registered::Invalid(errors) => {
                let link = |error: form::FieldError| Link { url: question(asked, draft, &error.field), label: error.message };
                let refused = RefusedView {
                    title: "还没有提交，请改正".to_owned(),
                    message: "填写的内容还在，改好以后再确认。".to_owned(),
                    next: errors.into_iter().map(link).collect(),
                };
                return Err(Committing::Refused(StatusCode::UNPROCESSABLE_ENTITY, Box::new(refused)));
            }
        },
    };
    Ok(format!("/f/receipt/{receipt}"))
}

/// What somebody who was refused can change, then where else to go.
fn ways_on(asked: &Asked, draft: &Draft, session: &Session) -> Vec<Link> {
    let changes = [("party", "改人数"), ("attendance", "换一种方式参加"), ("mobile", "改手机号")];
    let offered = changes.iter().filter(|(field, _)| asked.form.field(field).is_some());
    let changes = offered.map(|(field, label)| Link { label: (*label).to_owned(), url: question(asked, draft, field) });
    let elsewhere = [("已经报过名的，查报名情况", "/track/"), ("回到活动页面", session.url.as_str())];
    let elsewhere = elsewhere.map(|(label, url)| Link { label: label.to_owned(), url: url.to_owned() });
    changes.chain(elsewhere).collect()
}

/// The address of a question of the draft; of its first step for what no question asks.
fn question(asked: &Asked, draft: &Draft, field: &str) -> String {
    let step = asked.form.steps.iter().position(|step| step.fields.iter().any(|other| other.id == field));
    let path = step_path(&asked.form, &draft.id, step.unwrap_or(0));
    if step.is_some() { format!("{path}#field-{field}") } else { path }
}

/// Tells what a draft held when it was shown, without telling anything of it.
fn seen(service: &Service, draft: &Draft) -> String {
    let typed = serde_json::to_vec(&draft.raw.0).expect("a map of texts");
    encoding::hex(&service.keys.sign("review", &typed)[..12])
}

/// Tells somebody who comes too late, on whichever page of the form they are, before they fill in more.
fn refuse_closed(service: &Service, asked: &Asked) -> Result<(), Refusal> {
    let Some(session) = &asked.session else { return Ok(()) };
    registration::is_open(session, service.clock.now()).map_err(|why| {
        Refusal::new(StatusCode::CONFLICT, "现在不能报名", &format!("{why}。"))
            .first("看别的活动", "/activities/")
            .first(&format!("看这一场：{}", session.title), &session.url)
    })
}

/// One question has one answer: two values under one name mean that something on the way has tampered with the form.
fn refuse_doubled(form: &Form, raw: &Raw) -> Result<(), Refusal> {
    let many = |name: &str| form.field(name).is_some_and(|field| field.kind == form::FieldKind::Choices);
    if raw.0.iter().any(|(name, values)| values.len() > 1 && !many(name)) {
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "提交的格式不对",
            "同一栏收到了两个答案。请按后退键回到刚才的页面，再提交一次。",
        ));
    }
    Ok(())
}

async fn step_context(
    service: &Service,
    asked: &Asked,
    draft: &Draft,
    index: usize,
    errors: &[form::FieldError],
) -> Result<StepContext, Refusal> {
    let action = step_path(&asked.form, &draft.id, index);
    let back = index.checked_sub(1).map(|before| step_path(&asked.form, &draft.id, before));
    let step = step_page(&asked.form, index, &draft.raw, errors, &action, Vec::new(), back);
    Ok(StepContext { step, session: facts(service, asked).await? })
}

async fn review_context(
    service: &Service,
    asked: &Asked,
    draft: &Draft,
    values: &Values,
    raw: &Raw,
    errors: &[form::FieldError],
) -> Result<ReviewContext, Refusal> {
    let form = &asked.form;
    let path = |step: &form::Step| format!("/f/{}/draft/{}/{}", form.id, draft.id.as_str(), step.id);
    let mut warnings: Vec<String> =
        form::warnings(form, values).into_iter().map(|warning| format!("{}。", warning.message)).collect();
    if let Some(session) = &asked.session
        && let Ok(request) = registration::request(values, session)
        && would_wait(session, &service.taken_by_all(session).await?, request, service.clock.now())
    {
        warnings.push("名额已满。现在提交是进入候补，有空出的名额时按先后顺序通知您，候补不等于报名成功。".to_owned());
    }
    // Which one is not said: whoever types a number may not be the one who has it.
    if let (Some(session), Some(mobile)) = (&asked.session, values.text("mobile"))
        && !service.overlapping(session, mobile).await?.is_empty()
    {
        warnings.push("这个手机号还报了时间重叠的另一场。两场都想参加也可以提交，来不了的那场请取消。".to_owned());
    }
    Ok(ReviewContext {
        title: form.title.clone(),
        action: format!("/f/{}/draft/{}/confirm", form.id, draft.id.as_str()),
        number: form.steps.len() + 1,
        total: form.steps.len() + 1,
        rows: review_rows(form, values, path),
        warnings,
        consents: consent_views(form, raw, errors),
        errors: error_views(errors, &form.consents.iter().map(|consent| consent.id.as_str()).collect::<Vec<_>>()),
        refused: None,
        seen: seen(service, draft),
        act: form.act.clone(),
        back: step_path(form, &draft.id, form.steps.len().saturating_sub(1)),
        session: facts(service, asked).await?,
    })
}

async fn facts(service: &Service, asked: &Asked) -> Result<Option<pages::service::SessionFacts>, Refusal> {
    match &asked.session {
        Some(session) => Ok(Some(session_facts(session, &service.taken_by_all(session).await?, true))),
        None => Ok(None),
    }
}

fn step_path(form: &Form, id: &DraftId, index: usize) -> String {
    format!("/f/{}/draft/{}/{}", form.id, id.as_str(), form.steps[index].id)
}

fn after_step(form: &Form, id: &DraftId, index: usize) -> String {
    match form.steps.get(index + 1) {
        Some(step) => format!("/f/{}/draft/{}/{}", form.id, id.as_str(), step.id),
        None => format!("/f/{}/draft/{}/review", form.id, id.as_str()),
    }
}

fn form_page(form: &str) -> String {
    format!("/{form}/")
}

fn no_form() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "没有这张表单", "网址可能不完整，或者表单已经撤下。")
}
