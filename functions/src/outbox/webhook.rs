//! The channel for SMS and WeCom: a signed HTTP request to an address that the office has configured. With `files::bucket` and `table::dynamodb` the only door to ureq.
//!
//! What is behind the address (a vendor's gateway, a small relay of the district's) knows templates by their ids and fills in the
//! parameters; words that people read are approved there, not written here. The request and its signature are described in
//! `docs/one-machine.md`.

use std::{collections::BTreeMap, fmt, fs, io, path::Path, time::Duration};

use axum::http::Uri;
use domain::{
    Moment,
    message::{Reach, What},
};
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;
use ureq::{Agent, http::header::RETRY_AFTER};

use crate::encoding;

/// How long one request may take in all, a slow answer included.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Shortest secret: what is shorter can be guessed.
const SHORTEST_SECRET: usize = 16;

/// Where messages go by machine, and which.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    url: Uri,
    secret: Vec<u8>,
    templates: BTreeMap<What, String>,
    timeout: Duration,
}

/// Why a webhook is not usable.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// Its address.
    #[error(
        "`{0}` is no address for a webhook\nhint: write https://…; http:// only to this machine (127.0.0.1), since telephone numbers are sent"
    )]
    Address(String),
    /// Its templates.
    #[error("`{0}` is no kind of message and template\nhint: write offered=ID,seated=ID; kinds are {kinds}", kinds = kinds())]
    Templates(String),
    /// Its secret is missing.
    #[error(
        "the webhook has no secret\nhint: set XIANGSHANG_WEBHOOK_SECRET, or name a file of mode 0600; it never stands on the command line"
    )]
    NoSecret,
    /// Its secret can be guessed.
    #[error("the webhook's secret is shorter than {SHORTEST_SECRET} bytes\nhint: openssl rand -hex 32")]
    ShortSecret,
    /// Others may read the secret.
    #[error("the secret file `{path}` may be read by others (mode {mode:o})\nhint: chmod 600 '{path}'")]
    Open {
        /// The file.
        path: String,
        /// Its permissions.
        mode: u32,
    },
    /// The file system refused.
    #[error("the secret file `{path}` cannot be read: {error}")]
    Io {
        /// The file.
        path: String,
        /// What it said.
        error: io::Error,
    },
}

/// The kinds that a machine may deliver, as they are written in configuration.
fn kinds() -> String {
    let kinds: Vec<&str> = What::ALL.into_iter().filter(|what| what.reach() != Reach::Call).map(What::id).collect();
    kinds.join(", ")
}

impl Webhook {
    /// A webhook at `url` with the templates `offered=ID,seated=ID`. Kinds without a template are left to staff.
    pub fn new(url: &str, templates: &str, secret: &str) -> Result<Webhook, WebhookError> {
        let refused = || WebhookError::Address(url.to_owned());
        let address: Uri = url.trim().parse().map_err(|_| refused())?;
        let safe = match address.scheme_str() {
            Some("https") => address.host().is_some_and(|host| !host.is_empty()),
            Some("http") => is_this_machine(&address),
            _ => false,
        };
        // A password in the address would stand in logs and process lists.
        if !safe || address.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(refused());
        }
        let secret = secret.trim();
        if secret.len() < SHORTEST_SECRET {
            return Err(if secret.is_empty() { WebhookError::NoSecret } else { WebhookError::ShortSecret });
        }
        let mut known = BTreeMap::new();
        for pair in templates.split([',', ' ', '\n']).map(str::trim).filter(|pair| !pair.is_empty()) {
            let wrong = || WebhookError::Templates(pair.to_owned());
            let (kind, template) = pair.split_once('=').ok_or_else(wrong)?;
            let what = What::ALL.into_iter().find(|what| what.id() == kind && what.reach() != Reach::Call).ok_or_else(wrong)?;
            if template.is_empty() || known.insert(what, template.to_owned()).is_some() {
                return Err(wrong());
            }
        }
        if known.is_empty() {
            return Err(WebhookError::Templates(templates.to_owned()));
        }
        Ok(Webhook { url: address, secret: secret.into(), templates: known, timeout: TIMEOUT })
    }

    /// The same, giving up on a request after `timeout`.
    pub fn with_timeout(self, timeout: Duration) -> Webhook {
        Webhook { timeout, ..self }
    }

    /// The webhook that the environment describes, if any: `XIANGSHANG_WEBHOOK` (address), `XIANGSHANG_WEBHOOK_TEMPLATES`, and
    /// `XIANGSHANG_WEBHOOK_SECRET` or `XIANGSHANG_WEBHOOK_SECRET_FILE`. What is given here goes before the environment.
    pub fn configured(
        url: Option<&str>,
        templates: Option<&str>,
        secret_file: Option<&Path>,
    ) -> Result<Option<Webhook>, WebhookError> {
        let set = |given: Option<&str>, name: &str| {
            let text = given.map(str::to_owned).or_else(|| std::env::var(name).ok());
            text.filter(|text| !text.trim().is_empty())
        };
        let Some(url) = set(url, "XIANGSHANG_WEBHOOK") else { return Ok(None) };
        let templates = set(templates, "XIANGSHANG_WEBHOOK_TEMPLATES").unwrap_or_default();
        let file = secret_file.map(Path::to_owned).or_else(|| set(None, "XIANGSHANG_WEBHOOK_SECRET_FILE").map(Into::into));
        let secret = match file {
            Some(path) => read_secret(&path)?,
            None => set(None, "XIANGSHANG_WEBHOOK_SECRET").unwrap_or_default(),
        };
        Webhook::new(&url, &templates, &secret).map(Some)
    }

    /// The template for a kind of message; none when staff call instead.
    pub(super) fn template(&self, what: What) -> Option<&str> {
        self.templates.get(&what).map(String::as_str)
    }

    /// Opens the channel.
    pub(super) fn open(&self) -> Channel {
        // Never redirected: the telephone number would go to an address that nobody has configured.
        let config = Agent::config_builder()
            .timeout_global(Some(self.timeout))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("xiangshang/", env!("CARGO_PKG_VERSION")));
        let config = if is_this_machine(&self.url) { config.proxy(None) } else { config };
        Channel { agent: config.build().into(), url: self.url.clone(), secret: self.secret.clone() }
    }
}

/// Shows no secret.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Webhook({}, {:?})", self.url, self.templates)
    }
}

fn is_this_machine(address: &Uri) -> bool {
    address.host().is_some_and(|host| host == "localhost" || host == "[::1]" || host.starts_with("127."))
        && !address.host().is_some_and(|host| host.starts_with("127.") && host.parse::<std::net::Ipv4Addr>().is_err())
}

fn read_secret(path: &Path) -> Result<String, WebhookError> {
    let failed = |error| WebhookError::Io { path: path.display().to_string(), error };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(WebhookError::Open { path: path.display().to_string(), mode });
        }
    }
    fs::read_to_string(path).map_err(failed)
}

/// What is sent. Made at the moment of sending and dropped after it: the telephone is in the clear here.
#[derive(Debug, Serialize)]
pub(super) struct Request {
    /// The same whenever the same message is sent again, so that the receiver drops doubles.
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) template: String,
    pub(super) telephone: String,
    pub(super) parameters: Parameters,
}

/// What a template may show.
#[derive(Debug, Serialize)]
pub(super) struct Parameters {
    /// `XB…`
    pub(super) number: String,
    /// The event's title.
    pub(super) event: String,
    /// When it is, in words.
    pub(super) date: String,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// The receiver has it.
    Delivered,
    /// It may work later, not before `retry_after` if the receiver said so.
    Failed { why: String, retry_after: Option<Duration> },
    /// It never will: the request itself is refused.
    Rejected { why: String },
}

/// The webhook, ready to send.
#[derive(Clone)]
pub(super) struct Channel {
    agent: Agent,
    url: Uri,
    secret: Vec<u8>,
}

impl Channel {
    /// Sends one message and waits for the answer's head, at most the webhook's timeout. Blocks.
    pub(super) fn send(&self, request: &Request, now: Moment) -> Answer {
        let body = serde_json::to_vec(request).expect("texts are written to memory");
        let timestamp = now.0.as_second().to_string();
        let sent = self
            .agent
            .post(&self.url)
            .header("content-type", "application/json")
            .header("idempotency-key", &request.id)
            .header("x-xiangshang-timestamp", &timestamp)
            .header("x-xiangshang-signature", signature(&self.secret, &timestamp, &body))
            .send(&body[..]);
        let response = match sent {
            Ok(response) => response,
            // What went wrong on the way, in the client's words: they name addresses, never what was sent.
            Err(error) => return Answer::Failed { why: error.to_string(), retry_after: None },
        };
        // The answer's body is not read: it decides nothing, and it may have no end.
        let status = response.status();
        let why = format!("HTTP {}", status.as_u16());
        match status.as_u16() {
            200..=299 => Answer::Delivered,
            408 | 425 | 429 | 300..=399 | 500..=599 => {
                let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
                Answer::Failed { why, retry_after: seconds.map(Duration::from_secs) }
            }
            _ => Answer::Rejected { why },
        }
    }
}

/// `v1=` and the HMAC-SHA256 of `TIMESTAMP.BODY` in hexadecimal: the receiver refuses what it did not sign or what is old.
fn signature(secret: &[u8], timestamp: &str, body: &[u8]) -> String {
    let mut hash = Hmac::<Sha256>::new_from_slice(secret).expect("an HMAC takes keys of any length");
    hash.update(timestamp.as_bytes());
    hash.update(b".");
    hash.update(body);
    format!("v1={}", encoding::hex(&hash.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef";

    #[test]
    fn telephone_numbers_only_go_to_an_address_that_nobody_can_listen_to() {
        for good in [
            "https://sms.example/send",
            "http://127.0.0.1:9000/x",
            "http://localhost/",
            "http://[::1]:80/",
            "HTTPS://sms.example",
        ] {
            assert!(Webhook::new(good, "offered=1", SECRET).is_ok(), "{good}");
        }
        for bad in [
            "http://sms.example/",
            "http://127.evil.example/",
            "http://localhost.evil.example/",
            "ftp://127.0.0.1/",
            "sms.example",
            "",
            "https://",
            "https://user:word@sms.example/",
        ] {
            assert!(matches!(Webhook::new(bad, "offered=1", SECRET), Err(WebhookError::Address(_))), "{bad}");
        }
    }

    #[test]
    fn a_kind_is_named_once_and_is_one_that_a_machine_may_deliver() {
        let webhook = Webhook::new("https://sms.example/", "offered=SMS_1, seated=SMS_2", SECRET)
            .expect("two kinds that a machine may deliver");
        assert_eq!((webhook.template(What::Offered), webhook.template(What::Changed)), (Some("SMS_1"), None));
        for bad in ["", "offered", "offered=", "offer=1", "first_contact=1", "offered=1,offered=2"] {
            assert!(matches!(Webhook::new("https://sms.example/", bad, SECRET), Err(WebhookError::Templates(_))), "{bad}");
        }
    }

    #[test]
    fn a_secret_is_long_enough_and_never_shown() {
        assert!(matches!(Webhook::new("https://sms.example/", "offered=1", " "), Err(WebhookError::NoSecret)));
        assert!(matches!(Webhook::new("https://sms.example/", "offered=1", "short"), Err(WebhookError::ShortSecret)));
        let shown = format!("{:?}", Webhook::new("https://sms.example/", "offered=1", SECRET).expect("nothing is amiss"));
        assert!(!shown.contains(SECRET) && shown.contains("sms.example"), "{shown}");
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_file_that_others_may_read_is_refused() -> std::io::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("secret");
        fs::write(&path, format!("{SECRET}\n"))?;
        for (mode, good) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
            let webhook = Webhook::configured(Some("https://sms.example/"), Some("offered=1"), Some(&path));
            assert_eq!(webhook.is_ok(), good, "{mode:o}");
        }
        let missing = Webhook::configured(Some("https://sms.example/"), Some("offered=1"), Some(Path::new("/nowhere")));
        assert!(matches!(missing, Err(WebhookError::Io { .. })));
        Ok(())
    }

    #[test]
    fn a_signature_is_the_one_that_other_languages_compute() {
        // printf '1764550800.{}' | openssl dgst -sha256 -hmac 0123456789abcdef
        let expected = "v1=e24f3f2f376efef19bb52322fc5f74064d452f8ae7c1f6bf2b2c6e5f0388cd12";
        assert_eq!(signature(SECRET.as_bytes(), "1764550800", b"{}"), expected);
    }
}
