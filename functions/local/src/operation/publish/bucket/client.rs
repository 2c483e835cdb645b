//! One bucket, asked by signed requests: an object put, fetched or deleted.

use std::{thread, time::Duration};

use anyhow::Context;
use axum::http::{HeaderName, HeaderValue, Request};
use functions::{account::Account, files::bucket};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::failure::Failure;

/// How long one request may take: files of a site are small, but an office's line may be slow.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a request is made that gets no answer, or one that another try may better.
const TRIES: u32 = 4;
/// More than any record of ours.
const LARGEST: u64 = 64 << 20;
/// What a signature wants encoded: all but these and the slash.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The bucket.
pub struct Client {
    /// Without a slash at the end.
    address: String,
    name: String,
    account: Account,
    agent: ureq::Agent,
}

/// What a server answered.
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// What names the content that is there now.
    pub tag: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Client {
    /// The bucket `name` in the account that the environment names.
    pub fn open(name: &str) -> anyhow::Result<Client> {
        let account = account(name)?;
        Ok(Client { address: bucket::address(name, &account), name: name.to_owned(), account, agent: agent() })
    }

    /// An object with its tag; nothing when it is not there.
    pub fn get(&self, key: &str) -> anyhow::Result<Option<(Vec<u8>, Option<String>)>> {
        let answer = self.ask("GET", key, Vec::new(), &[])?;
        match answer.status {
            404 if !is_about_bucket(&answer) => Ok(None),
            200 => Ok(Some((answer.body, answer.tag))),
            _ => Err(self.refused("GET", key, &answer)),
        }
    }

    /// Puts an object, and gives its tag.
    pub fn put(&self, key: &str, body: Vec<u8>, headers: &[(&'static str, String)]) -> anyhow::Result<Option<String>> {
        let answer = self.ask("PUT", key, body, headers)?;
        match answer.status {
            200..=299 => Ok(answer.tag),
            // Ours was to replace what we had read, or to be the first.
            412 | 409 if headers.iter().any(|(name, _)| name.starts_with("if-")) => {
                let hint = "等它做完再发布一次；定时任务和流水线里让发布排队（流水线的 concurrency）";
                Err(Failure::new(format!("别处正在往桶 `{}` 发布，没有打断它", self.name), hint).into())
            }
            _ => Err(self.refused("PUT", key, &answer)),
        }
    }

    /// Deletes an object; one that is not there is fine.
    pub fn delete(&self, key: &str) -> anyhow::Result<()> {
        let answer = self.ask("DELETE", key, Vec::new(), &[])?;
        match answer.status {
            200..=299 => Ok(()),
            404 if !is_about_bucket(&answer) => Ok(()),
            _ => Err(self.refused("DELETE", key, &answer)),
        }
    }

    fn ask(&self, method: &str, key: &str, body: Vec<u8>, headers: &[(&'static str, String)]) -> anyhow::Result<Answer> {
        let url = format!("{}/{}", self.address, utf8_percent_encode(key, ENCODED));
        let request = || {
            let mut request = Request::builder().method(method).uri(&url).body(body.clone())?;
            for (name, value) in headers {
                request.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_str(value)?);
            }
            Ok(self.account.sign("s3", &self.account.region, request)?)
        };
        send(&self.agent, request).with_context(|| format!("桶 `{}` 没有回答", self.name))
    }

    fn refused(&self, method: &str, key: &str, answer: &Answer) -> anyhow::Error {
        let said = String::from_utf8_lossy(&answer.body);
        let code = said.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map_or("", |(code, _)| code);
        let hint = match (answer.status, code) {
            (404, _) => "核对桶名（部署输出里的 SiteBucket）和 AWS_REGION",
            (301 | 307, _) => "桶在别的区域：核对 AWS_REGION",
            (403, _) => {
                "核对 AWS_ACCESS_KEY_ID、AWS_SECRET_ACCESS_KEY 和 AWS_REGION，以及这个账号能不能读写这个桶；临时的密钥会过期"
            }
            _ => "过一会儿再发布一次：传过的不会重传",
        };
        Failure::new(format!("桶 `{}` 不肯 {method} `{key}`：{} {code}", self.name, answer.status), hint).into()
    }
}

/// 404 of the bucket, not of an object in it.
fn is_about_bucket(answer: &Answer) -> bool {
    String::from_utf8_lossy(&answer.body).contains("NoSuchBucket")
}

/// The account that the environment names.
pub fn account(name: &str) -> anyhow::Result<Account> {
    Account::from_environment().map_err(|error| {
        let hint = "设好 AWS_REGION、AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY；用配置文件的先运行 eval \"$(aws configure export-credentials --format env)\"";
        Failure::new(format!("不知道怎样连到 `{name}`：{error}"), hint).into()
    })
}

/// Who sends requests.
pub fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).max_redirects_will_error(false);
    config.max_idle_connections_per_host(super::AT_ONCE).timeout_global(Some(PATIENCE)).build().into()
}

/// Sends what `request` signs, again when there is no answer or one that says to come again. Putting and deleting may be done twice.
pub fn send(agent: &ureq::Agent, request: impl Fn() -> anyhow::Result<Request<Vec<u8>>>) -> anyhow::Result<Answer> {
    let mut tried = 0;
    loop {
        tried += 1;
        let answer = once(agent, request()?);
        let again = match &answer {
            Ok(answer) => matches!(answer.status, 429 | 500..=599),
            Err(error) => !matches!(error, ureq::Error::BadUri(_)),
        };
        if !again || tried == TRIES {
            return Ok(answer?);
        }
        thread::sleep(Duration::from_millis(250) * 2_u32.pow(tried));
    }
}

fn once(agent: &ureq::Agent, request: Request<Vec<u8>>) -> Result<Answer, ureq::Error> {
    let mut answer = agent.run(request)?;
    let tag = answer.headers().get("etag").and_then(|tag| tag.to_str().ok()).map(str::to_owned);
    let body = answer.body_mut().with_config().limit(LARGEST).read_to_vec()?;
    Ok(Answer { status: answer.status().as_u16(), tag, body })
}
