//! The page for files; `POST /f/files`, which takes one; and `GET /f/sent/ID`, where a browser waits that has posted one elsewhere. The token stands in the first part of what is posted, so that nothing is read from
//! strangers; the file is read up to its bound and examined before anything of it is kept.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{
        Multipart, Path, RawQuery, State,
        multipart::{Field, MultipartError, MultipartRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use domain::{
    attachment::{LARGEST_PICTURE, LONGEST_SIDE, MOST, Refused, size_in_words},
    form::Raw,
    value::TrackingKind,
    words,
};
use pages::{
    form::Hidden,
    headers,
    service::{FilesContext, SentContext},
};
use sha2::{Digest, Sha256};

use super::{
    acts::{self, Asked, TOKEN},
    reply::{Refusal, answer, page, see_other},
    request::refuse_other_sites,
};
use crate::{
    Service, ServiceError,
    appeals::fact,
    encoding,
    files::{Examine, FileRecord, Kept, store::Post},
    outcome::Outcome,
    token::{self, Purpose},
};

/// What is read of one request, at most. More than a file may have: whoever sends too much is told so, while a connection that is cut off tells
/// nothing.
pub(super) const LARGEST: usize = 40_000_000;
/// How long somebody may take to send one: a slow telephone, and no longer.
const PATIENCE: Duration = Duration::from_secs(300);
/// The name under which a file is posted.
const FILE: &str = "file";

/// `POST /f/files`
pub(super) async fn take(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    multipart: Result<Multipart, MultipartRejection>,
) -> Response {
    let result = async {
        let published = service.published().await?;
        refuse_other_sites(&headers)?;
        let (Some(files), Ok(multipart)) = (&service.files, multipart) else { return Err(not_a_form()) };
        let examine = files.examine.ok_or_else(acts::unknown)?;
        let reading = tokio::time::timeout(Duration::from_secs(4), files.reading.acquire()).await;
        let _turn = reading.ok().and_then(Result::ok).ok_or(ServiceError::Busy)?;
        let sent = tokio::time::timeout(PATIENCE, read(&service, multipart)).await.map_err(|_| too_slow())??;
        let Sent { token, number, name, bytes } = sent;
        let raw = Raw([(TOKEN.to_owned(), vec![token])].into());
        let asked = Asked { service: &service, published: &published, number, raw };
        asked.keep(&name, bytes, examine).await
    };
    answer(&service, result.await)
}

/// One file with who sends it.
struct Sent {
    token: String,
    number: domain::value::TrackingNumber,
    name: String,
    /// Nothing when there were too many.
    bytes: Option<Vec<u8>>,
}

async fn read(service: &Service, mut multipart: Multipart) -> Result<Sent, Refusal> {
    let mut who = None;
    while let Some(field) = multipart.next_field().await.map_err(|error| broken_off(&error))? {
        match (field.name(), &who) {
            (Some(TOKEN), None) => {
                let token = limited(field, 1000).await?.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
                let number = token::read(&service.keys, Purpose::Act, &token, service.clock.now());
                let number = number.filter(|number| number.kind() == TrackingKind::Appeal).ok_or_else(acts::too_late)?;
                who = Some((token, number));
            }
            (Some(FILE), Some((token, number))) => {
                let name = field.file_name().unwrap_or_default().to_owned();
                let (token, number) = (token.clone(), *number);
                return Ok(Sent { token, number, name, bytes: limited(field, LARGEST_PICTURE).await? });
            }
            _ => return Err(not_a_form()),
        }
    }
    Err(not_a_form())
}

/// The bytes of a field; nothing when there are more than `most`. Those are read all the same and let go: a browser that is still sending hears no
/// answer.
async fn limited(mut field: Field<'_>, most: usize) -> Result<Option<Vec<u8>>, Refusal> {
    let mut bytes = Vec::new();
    let mut fits = true;
    loop {
        match field.chunk().await {
            Ok(Some(chunk)) => {
                fits &= bytes.len() + chunk.len() <= most;
                if fits {
                    bytes.extend_from_slice(&chunk);
                } else {
                    bytes = Vec::new();
                }
            }
            Ok(None) => return Ok(fits.then_some(bytes)),
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => return Ok(None),
            Err(error) => return Err(broken_off(&error)),
        }
    }
}

impl Asked<'_> {
    /// The page for files: which there are, and what can be sent.
    pub(super) async fn show_files(&self) -> Result<Response, Refusal> {
        let (case, _) = self.service.case_item(&self.number).await?;
        if self.service.files.is_none() {
            return Err(acts::unknown());
        }
        let kept = self.service.files_of(&self.number).await?;
        let left = MOST.saturating_sub(kept.len());
        let closed = self.service.closed_to_files(&case);
        let elsewhere = self.service.post_elsewhere(&self.number, &self.published.frame.base_url);
        let here = || vec![Hidden { name: TOKEN.to_owned(), value: self.service.act_token(&self.number) }];
        let context = FilesContext {
            number_label: "受理编号".to_owned(),
            number: self.number.to_string(),
            kept: kept.iter().map(|file| fact(&format!("第 {} 份", file.place), &in_words(file))).collect(),
            closed: closed.map(str::to_owned).or_else(|| (left == 0).then(|| Refused::Full.to_string())),
            left,
            action: elsewhere.as_ref().map_or_else(|| "/f/files".to_owned(), |post| post.action.clone()),
            hidden: elsewhere.as_ref().map_or_else(here, hidden_of),
            longest_side: LONGEST_SIDE,
            largest: LARGEST_PICTURE,
            stay: acts::link("show", "不传了，回到办理进度", false),
            token: self.service.act_token(&self.number),
        };
        let mut response = page(self.published, StatusCode::OK, &context)?;
        if let Some(post) = &elsewhere {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy_naming(&post.origin));
        }
        Ok(response)
    }

    /// Keeps a file and leads to what came of it: sent again, to the same.
    async fn keep(mut self, name: &str, bytes: Option<Vec<u8>>, examine: Examine) -> Result<Response, Refusal> {
        if let Some(bytes) = &bytes {
            let hash = encoding::hex(&Sha256::digest(bytes));
            self.raw.0.insert(FILE.to_owned(), vec![hash]);
        }
        let id = self.service.outcome_id("files", &self.raw);
        let there = see_other(&format!("/f/done/{id}"));
        if self.service.outcome(&id).await?.is_some() {
            return Ok(there);
        }
        let outcome = match bytes {
            Some(bytes) => outcome(&self.service.keep_file(&self.number, name, bytes, examine).await?),
            None => outcome(&Kept::Refused(Refused::TooLarge)),
        };
        self.service.keep_outcome(&id, &self.number, &outcome).await?;
        Ok(there)
    }
}

/// The site's policy, by which a form of this one page may go to `origin` as well.
fn policy_naming(origin: &str) -> HeaderValue {
    let policy =
        headers::SECURITY.iter().find(|(name, _)| *name == header::CONTENT_SECURITY_POLICY).map_or("", |(_, policy)| policy);
    let policy = policy.replace("form-action 'self'", &format!("form-action 'self' {origin}"));
    HeaderValue::from_str(&policy).expect("an origin is ASCII")
}

fn hidden_of(post: &Post) -> Vec<Hidden> {
    post.fields.iter().map(|(name, value)| Hidden { name: name.clone(), value: value.clone() }).collect()
}

/// How often somebody is asked to wait three seconds more.
const WAITS: usize = 20;

/// `GET /f/sent/ID`: what came of a file that was posted elsewhere, or a page that asks again by itself. It only reads.
pub(super) async fn sent(State(service): State<Arc<Service>>, Path(id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let result = async {
        let published = service.published().await?;
        if service.outcome(&id).await?.is_some() {
            return Ok(see_other(&format!("/f/done/{id}")));
        }
        let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !plain {
            return Err(acts::unknown());
        }
        let query = query.unwrap_or_default();
        let waited = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "waited");
        let waited: usize = waited.and_then(|(_, times)| times.parse().ok()).unwrap_or_default();
        let again = (waited < WAITS).then(|| format!("/f/sent/{id}?waited={}", waited + 1));
        page(&published, StatusCode::OK, &SentContext { again })
    };
    answer(&service, result.await)
}

/// What came of a file, in words.
pub(crate) fn outcome(kept: &Kept) -> Outcome {
    let (title, message, done) = match kept {
        Kept::New(file) if file.place < MOST => {
            ("文件已收到", format!("{}，已经附在这件诉求后面，只有工作人员能看到。可以接着传下一份。", what(file)), true)
        }
        Kept::New(file) => {
            ("文件已收到", format!("{}，已经附在这件诉求后面，只有工作人员能看到。3 份已经传满。", what(file)), true)
        }
        Kept::Already(file) => {
            let message = format!("同样的文件之前已经收到，是第 {} 份，没有重复保存。", file.place);
            ("这份文件已经有了", message, true)
        }
        Kept::Refused(why) => ("这份文件没有收下", format!("{why}。诉求本身不受影响。"), false),
        Kept::Closed(why) => ("这份文件没有收下", (*why).to_owned(), false),
    };
    Outcome { title: title.to_owned(), message, done }
}

/// 照片（1.2 MB）
fn what(file: &FileRecord) -> String {
    format!("{}（{}）", file.kind.words(), size_in_words(file.size))
}

/// 照片（1.2 MB），12月1日 09:00
pub(crate) fn in_words(file: &FileRecord) -> String {
    format!("{}，{}", what(file), words::moment(file.at))
}

fn not_a_form() -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "没有收到文件", "请从办理进度里的「传照片或文件」选好文件再传。什么也没有改。")
}

fn too_slow() -> Refusal {
    Refusal::new(
        StatusCode::REQUEST_TIMEOUT,
        "传得太慢，没有收完",
        "这份文件没有存下来，诉求不受影响。请换到信号好的地方或连上 Wi-Fi 再传，或者先截屏，传截屏的图。",
    )
}

fn broken_off(error: &MultipartError) -> Refusal {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let message = format!("{}。这份文件没有存下来，诉求不受影响。", Refused::TooLarge);
        return Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "文件太大，没有收下", &message);
    }
    Refusal::new(
        StatusCode::BAD_REQUEST,
        "文件没有传完",
        "可能是网络断了。这份文件没有存下来，诉求不受影响。请按后退键回到刚才的页面再传一次。",
    )
}
