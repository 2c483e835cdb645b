//! A private bucket of S3 or of whatever speaks its protocol: the cloud's store, and the address that browsers post to.
//!
//! Everything is asked for by a signed address, so that ureq, which is there for the webhook, is client enough: an SDK of S3 would bring a second set of
//! everything for one GET, one PUT and one DELETE of a few megabytes, and browsers' posts it does not sign at all.

use std::{
    env,
    time::{Duration, SystemTime},
};

use aws_sdk_dynamodb::config::Credentials;
use aws_sigv4::{
    http_request::{
        PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings, UriPathNormalizationMode, sign,
    },
    sign::v4,
};
use axum::http::Request;
use domain::Moment;
use jiff::Timestamp;
use serde_json::json;

use super::store::{Answer, Post, Posted, Posting, Store, StoreError, check};
pub use crate::account::MissingVariable;
use crate::{account::Account, encoding};

/// Where what was kept lies.
const KEPT: &str = "kept/";
/// Where lies what nobody has looked at. The bucket lets go of it after a day.
const PENDING: &str = "pending/";
/// What is read of one object: more is no file of ours.
const LARGEST: u64 = 48_000_000;
/// How long one request may take, and how long its signature is good.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a page for files can be used.
const POST_LIFE: Duration = Duration::from_secs(1800);
/// What a browser may post: more than a file may have, so that whoever sends too much is told so in our words.
const POST_MOST: u64 = 40_000_000;
/// A file's own name travels here, in signs that a header may hold.
const NAME: &str = "x-amz-meta-name";

/// One bucket.
#[derive(Clone)]
pub struct Bucket {
    /// Its address, without a slash at the end.
    address: String,
    name: String,
    region: String,
    credentials: Credentials,
    agent: ureq::Agent,
}

impl Bucket {
    /// The bucket `name` in the account and region that the environment names (`AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
    /// `AWS_SESSION_TOKEN`). `AWS_ENDPOINT_URL_S3` names another server.
    pub fn from_environment(name: &str) -> Result<Bucket, MissingVariable> {
        let account = Account::from_environment()?;
        let address = address(name, &account);
        let Account { region, credentials } = account;
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        Ok(Bucket { address, name: name.to_owned(), region, credentials, agent })
    }

    /// Makes the bucket. In the cloud the stack makes it; this is for tests.
    pub async fn create(&self) -> Result<(), StoreError> {
        self.send("PUT", "", Vec::new()).await.map(drop)
    }

    async fn send(&self, method: &'static str, key: &str, body: Vec<u8>) -> Result<Option<Posted>, StoreError> {
        let url = self.signed(method, key)?;
        let agent = self.agent.clone();
        let sent = tokio::task::spawn_blocking(move || ask(&agent, method, &url, body)).await;
        sent.map_err(|_| StoreError("the work on a file was broken off".to_owned()))?
    }

    /// The address at which `method` may be done to `key`, for a minute.
    fn signed(&self, method: &str, key: &str) -> Result<String, StoreError> {
        let failed = |error: &dyn std::fmt::Display| StoreError(format!("a request cannot be signed: {error}"));
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(PATIENCE);
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        let identity = self.credentials.clone().into();
        // The server compares it with its own clock, so a site's supposed present moment does not count here.
        let parameters = v4::SigningParams::builder().identity(&identity).region(&self.region).name("s3").time(SystemTime::now());
        let parameters = parameters.settings(settings).build().map_err(|error| failed(&error))?;
        let url = format!("{}/{key}", self.address);
        let request = SignableRequest::new(method, &url, std::iter::empty(), SignableBody::UnsignedPayload);
        let signed = sign(request.map_err(|error| failed(&error))?, &parameters.into()).map_err(|error| failed(&error))?;
        let mut request = Request::builder().uri(&url).body(()).map_err(|error| failed(&error))?;
        signed.into_parts().0.apply_to_request_http1x(&mut request);
        Ok(request.uri().to_string())
    }
}

/// Where the bucket `name` is asked for, without a slash at the end. `AWS_ENDPOINT_URL_S3` names another server than AWS's.
pub fn address(name: &str, account: &Account) -> String {
    match env::var("AWS_ENDPOINT_URL_S3").ok().filter(|endpoint| !endpoint.is_empty()) {
        Some(endpoint) => format!("{}/{name}", endpoint.trim_end_matches('/')),
        None => {
            let partition = if account.is_in_china() { "amazonaws.com.cn" } else { "amazonaws.com" };
            format!("https://{name}.s3.{}.{partition}", account.region)
        }
    }
}

fn ask(agent: &ureq::Agent, method: &str, url: &str, body: Vec<u8>) -> Result<Option<Posted>, StoreError> {
    // Without the address: it is signed.
    let failed = |error: ureq::Error| match error {
        ureq::Error::BadUri(_) => StoreError("the bucket's address cannot be used".to_owned()),
        error => StoreError(format!("the bucket gave no answer: {error}")),
    };
    let answer = match method {
        "PUT" => agent.put(url).send(&body),
        "DELETE" => agent.delete(url).call(),
        _ => agent.get(url).call(),
    };
    let mut answer = answer.map_err(failed)?;
    let name = answer.headers().get(NAME).and_then(|name| name.to_str().ok()).unwrap_or_default().to_owned();
    match answer.status().as_u16() {
        200..=299 => {
            let bytes = answer.body_mut().with_config().limit(LARGEST).read_to_vec().map_err(failed)?;
            Ok(Some(Posted { name: decoded(&name), bytes }))
        }
        404 => Ok(None),
        status => Err(StoreError(format!("the bucket answers {status} to {method}"))),
    }
}

/// A name as the page's script writes it (`%E7%85%A7`).
fn decoded(name: &str) -> String {
    form_urlencoded::parse(format!("name={name}").as_bytes()).next().map(|(_, name)| name.into_owned()).unwrap_or_default()
}

impl Store for Bucket {
    fn put<'a>(&'a self, name: &'a str, bytes: Vec<u8>) -> Answer<'a, ()> {
        Box::pin(async move {
            check(name)?;
            match self.send("PUT", &format!("{KEPT}{name}"), bytes).await? {
                Some(_) => Ok(()),
                None => Err(StoreError("there is no such bucket".to_owned())),
            }
        })
    }

    fn get<'a>(&'a self, name: &'a str) -> Answer<'a, Option<Vec<u8>>> {
        Box::pin(async move {
            check(name)?;
            Ok(self.send("GET", &format!("{KEPT}{name}"), Vec::new()).await?.map(|found| found.bytes))
        })
    }

    fn remove<'a>(&'a self, name: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            check(name)?;
            self.send("DELETE", &format!("{KEPT}{name}"), Vec::new()).await.map(drop)
        })
    }
}

impl Posting for Bucket {
    fn post(&self, token: &str, back: &str) -> Post {
        let (now, key) = (SystemTime::now(), format!("{PENDING}{token}"));
        let at = |moment| Timestamp::try_from(moment).unwrap_or_default();
        let written = Moment(at(now)).basic();
        let (day, _) = written.split_once('T').expect("a day stands before the time");
        let signed = vec![
            ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
            ("x-amz-credential", format!("{}/{day}/{}/s3/aws4_request", self.credentials.access_key_id(), self.region)),
            ("x-amz-date", written.clone()),
        ];
        let mut fields = vec![("key", key), ("success_action_redirect", back.to_owned())];
        fields.extend(signed);
        fields.extend(self.credentials.session_token().map(|token| ("x-amz-security-token", token.to_owned())));
        let mut conditions: Vec<_> = fields.iter().map(|(name, value)| json!({ *name: value })).collect();
        conditions.push(json!({ "bucket": self.name }));
        conditions.push(json!(["content-length-range", 0, POST_MOST]));
        conditions.push(json!(["starts-with", format!("${NAME}"), ""]));
        let policy = json!({ "expiration": at(now + POST_LIFE).to_string(), "conditions": conditions });
        let policy = encoding::base64(policy.to_string().as_bytes());
        let key = v4::generate_signing_key(self.credentials.secret_access_key(), now, &self.region, "s3");
        let signature = v4::calculate_signature(key, policy.as_bytes());
        fields.extend([("policy", policy), ("x-amz-signature", signature), (NAME, String::new())]);
        let end = self.address.find("://").map_or(0, |at| at + 3);
        let origin =
            self.address[end..].split('/').next().map(|host| format!("{}{host}", &self.address[..end])).unwrap_or_default();
        Post {
            action: self.address.clone(),
            origin,
            fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        }
    }

    fn posted<'a>(&'a self, token: &'a str) -> Answer<'a, Option<Posted>> {
        Box::pin(async move { self.send("GET", &format!("{PENDING}{token}"), Vec::new()).await })
    }

    fn let_go<'a>(&'a self, token: &'a str) -> Answer<'a, ()> {
        Box::pin(async move { self.send("DELETE", &format!("{PENDING}{token}"), Vec::new()).await.map(drop) })
    }
}

/// The token under which something was posted, from an object's key as a bucket tells it.
pub fn token_of(key: &str) -> Option<String> {
    let token = decoded(key);
    let token = token.strip_prefix(PENDING)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (!token.is_empty() && token.bytes().all(plain)).then(|| token.to_owned())
}
