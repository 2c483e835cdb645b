//! A proxy that fails on purpose, between the functions and a server that speaks DynamoDB's protocol.
//!
//! Servers for tests do one transaction after the other, are never throttled and never lose a packet; the cloud does all of
//! that. [`Proxy`] passes requests on and, with the probabilities in [`Faults`], does not, or not in time, or passes them on
//! and cuts the connection instead of answering. It understands just enough of the protocol to forge the errors: the name of
//! the operation and how many actions a transaction holds. What it raises is drawn from a seeded generator, or written down
//! beforehand ([`Proxy::plan`]), and counted.

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// How likely each fault is for a request, from 0 to 1; together at most 1. What is left is passed on untouched.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Faults {
    /// A write is refused because another transaction is at work on an item of it. Nothing is passed on.
    pub conflict: f64,
    /// A transaction that the server cancels for a condition is said to have met another transaction as well.
    pub mixed: f64,
    /// Refused because too much was asked, in one of the ways in which DynamoDB says so. Nothing is passed on.
    pub throttling: f64,
    /// `InternalServerError`, before or after the request was passed on.
    pub error: f64,
    /// The connection is cut before the request is passed on.
    pub reset_before: f64,
    /// The connection is cut after the server has done it.
    pub reset_after: f64,
    /// Never passed on and never answered.
    pub silence_before: f64,
    /// Passed on, done and never answered.
    pub silence_after: f64,
    /// Never answered, and passed on only when the client has long given up waiting: by [`Proxy::release`], or after
    /// [`Faults::delay`].
    pub late: f64,
    /// How long a late request lies about. Without one it waits for its release.
    pub delay: Option<Duration>,
    /// Reads are left alone.
    pub writes_only: bool,
}

impl Faults {
    /// Some of everything: three requests in ten go wrong.
    pub fn mixture() -> Faults {
        Faults {
            conflict: 0.10,
            mixed: 0.04,
            throttling: 0.05,
            error: 0.03,
            reset_before: 0.02,
            reset_after: 0.02,
            silence_before: 0.01,
            silence_after: 0.01,
            late: 0.02,
            delay: Some(Duration::from_secs(1)),
            writes_only: false,
        }
    }

    /// Nothing but conflicts of transactions.
    pub fn conflicts(probability: f64) -> Faults {
        Faults { conflict: probability, ..Faults::default() }
    }

    fn draw(&self, random: &mut fastrand::Rng) -> Option<Fault> {
        let mut left = random.f64();
        let kinds = [
            (Fault::Conflict, self.conflict),
            (Fault::Mixed, self.mixed),
            (Fault::Throttling, self.throttling),
            (Fault::Error, self.error),
            (Fault::ResetBefore, self.reset_before),
            (Fault::ResetAfter, self.reset_after),
            (Fault::SilenceBefore, self.silence_before),
            (Fault::SilenceAfter, self.silence_after),
            (Fault::Late, self.late),
        ];
        kinds.into_iter().find_map(|(fault, probability)| {
            left -= probability;
            (left < 0.0).then_some(fault)
        })
    }
}

/// One kind of fault, as in [`Faults`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is the field of the same name")]
pub enum Fault {
    Conflict,
    Mixed,
    Throttling,
    Error,
    ResetBefore,
    ResetAfter,
    SilenceBefore,
    SilenceAfter,
    Late,
}

/// A running proxy; it ends when it is dropped.
pub struct Proxy {
    url: String,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    server: String,
    client: Client<HttpConnector, Full<Bytes>>,
    state: Mutex<State>,
    /// Held while late requests are passed on, so that a release also waits for those whose delay has just ended.
    delivering: tokio::sync::Mutex<()>,
}

struct State {
    faults: Faults,
    planned: VecDeque<Option<Fault>>,
    late: BTreeMap<u64, (HeaderMap, Bytes)>,
    random: fastrand::Rng,
    raised: BTreeMap<Fault, usize>,
}

impl Proxy {
    /// Starts a proxy on a free port of this machine in front of `server`, an address like `http://127.0.0.1:8000`.
    pub async fn start(server: &str, faults: Faults, seed: u64) -> io::Result<Proxy> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let random = fastrand::Rng::with_seed(seed);
        let state = State { faults, planned: VecDeque::new(), late: BTreeMap::new(), random, raised: BTreeMap::new() };
        let shared = Arc::new(Shared {
            server: server.trim_end_matches('/').to_owned(),
            client: Client::builder(TokioExecutor::new()).build_http(),
            state: Mutex::new(state),
            delivering: tokio::sync::Mutex::default(),
        });
        let accepting = tokio::spawn(accept(listener, shared.clone()));
        Ok(Proxy { url, shared, accepting })
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on other faults: a test may prepare in peace.
    pub fn set(&self, faults: Faults) {
        self.shared.state().faults = faults;
    }

    /// What happens to the next requests, whatever the probabilities; `None` passes one on.
    pub fn plan(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.shared.state().planned.extend(faults);
    }

    /// Passes on all late requests that still lie about, and waits until they are done.
    pub async fn release(&self) {
        let _delivering = self.shared.delivering.lock().await;
        let late = std::mem::take(&mut self.shared.state().late);
        for (headers, body) in late.into_values() {
            let _ = self.shared.forward(headers, body).await;
        }
    }

    /// What it has raised until now.
    pub fn raised(&self) -> BTreeMap<Fault, usize> {
        self.shared.state().raised.clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws what happens to a request, and a number for the choices that are left.
    fn draw(&self, operation: &str) -> (Option<Fault>, u64, Option<Duration>) {
        let mut state = self.state();
        let state = &mut *state;
        let choice = state.random.u64(..);
        let writes = matches!(operation, "TransactWriteItems" | "PutItem" | "UpdateItem" | "DeleteItem");
        if !writes && !matches!(operation, "GetItem" | "Query" | "Scan") {
            // Tables are made and removed in peace.
            return (None, choice, None);
        }
        let fault = match state.planned.pop_front().unwrap_or_else(|| state.faults.draw(&mut state.random)) {
            _ if !writes && state.faults.writes_only => None,
            // Only writes meet transactions.
            Some(Fault::Conflict) if !writes => None,
            Some(Fault::Mixed) if operation != "TransactWriteItems" => None,
            fault => fault,
        };
        if let Some(fault) = fault.filter(|fault| *fault != Fault::Mixed) {
            *state.raised.entry(fault).or_default() += 1;
        }
        (fault, choice, state.faults.delay)
    }

    async fn forward(&self, headers: HeaderMap, body: Bytes) -> Result<Response<Bytes>, Cut> {
        let mut request = Request::post(format!("{}/", self.server)).body(Full::new(body)).map_err(|_| Cut)?;
        // The host stays the one that was signed.
        *request.headers_mut() = headers;
        let response = self.client.request(request).await.map_err(|_| Cut)?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
        Ok(Response::from_parts(parts, body))
    }
}

/// The connection ends without an answer.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is cut")
    }
}

impl std::error::Error for Cut {}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let shared = shared.clone();
        tokio::spawn(async move { serve(stream, shared).await });
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let answer = service_fn(move |request| {
        let shared = shared.clone();
        async move { answer(&shared, request).await.map(|response| response.map(Full::new)) }
    });
    // An error of the service closes the connection without a word: that is the cut.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}

async fn answer(shared: &Arc<Shared>, request: Request<Incoming>) -> Result<Response<Bytes>, Cut> {
    let (parts, body) = request.into_parts();
    let headers = parts.headers;
    let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let (fault, choice, delay) = shared.draw(&operation);
    match fault {
        None => shared.forward(headers, body).await,
        Some(Fault::Conflict) => Ok(conflict(&operation, &body, choice)),
        Some(Fault::Throttling) => Ok(throttling(&operation, &body, choice)),
        Some(Fault::Error) => {
            if choice.is_multiple_of(2) {
                shared.forward(headers, body).await?;
            }
            Ok(refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", json!({})))
        }
        Some(Fault::Mixed) => {
            let answer = shared.forward(headers, body).await?;
            Ok(match with_a_conflict(&answer) {
                Some(mixed) => {
                    *shared.state().raised.entry(Fault::Mixed).or_default() += 1;
                    mixed
                }
                None => answer,
            })
        }
        Some(Fault::ResetBefore) => Err(Cut),
        Some(Fault::ResetAfter) => {
            shared.forward(headers, body).await?;
            Err(Cut)
        }
        Some(Fault::SilenceBefore) => silence().await,
        Some(Fault::SilenceAfter) => {
            shared.forward(headers, body).await?;
            silence().await
        }
        Some(Fault::Late) => {
            shared.state().late.insert(choice, (headers, body));
            if let Some(delay) = delay {
                // In a task of its own: this one ends when the client hangs up.
                let shared = shared.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(delay).await;
                    let _delivering = shared.delivering.lock().await;
                    let late = shared.state().late.remove(&choice);
                    if let Some((headers, body)) = late {
                        let _ = shared.forward(headers, body).await;
                    }
                });
            }
            silence().await
        }
    }
}

/// Until the client hangs up.
async fn silence() -> Result<Response<Bytes>, Cut> {
    std::future::pending().await
}

fn conflict(operation: &str, body: &Bytes, choice: u64) -> Response<Bytes> {
    if operation == "TransactWriteItems" {
        return cancelled(body, choice, "TransactionConflict", "Transaction is ongoing for the item");
    }
    refusal(StatusCode::BAD_REQUEST, "TransactionConflictException", json!({ "message": "Transaction is ongoing for the item" }))
}

fn throttling(operation: &str, body: &Bytes, choice: u64) -> Response<Bytes> {
    match choice % 4 {
        0 => refusal(StatusCode::BAD_REQUEST, "ProvisionedThroughputExceededException", json!({ "message": "too much" })),
        1 => refusal(StatusCode::BAD_REQUEST, "RequestLimitExceeded", json!({ "message": "too much" })),
        2 if operation == "TransactWriteItems" => cancelled(body, choice / 4, "ThrottlingError", "too much"),
        _ => refusal(StatusCode::BAD_REQUEST, "ThrottlingException", json!({ "message": "too much" })),
    }
}

/// A transaction cancelled at one of its items.
fn cancelled(body: &Bytes, choice: u64, code: &str, message: &str) -> Response<Bytes> {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let actions = request["TransactItems"].as_array().map_or(1, Vec::len).max(1);
    let position = usize::try_from(choice % actions as u64).unwrap_or(0);
    let reasons: Vec<Value> = (0..actions)
        .map(|n| if n == position { json!({ "Code": code, "Message": message }) } else { json!({ "Code": "None" }) })
        .collect();
    refusal(
        StatusCode::BAD_REQUEST,
        "TransactionCanceledException",
        json!({ "Message": "Transaction cancelled", "CancellationReasons": reasons }),
    )
}

/// A cancelled transaction with one more reason; `None` when the answer is none or no position is free.
fn with_a_conflict(answer: &Response<Bytes>) -> Option<Response<Bytes>> {
    let mut body: Value = serde_json::from_slice(answer.body()).ok()?;
    let reasons = body.get_mut("CancellationReasons")?.as_array_mut()?;
    let free = reasons.iter_mut().find(|reason| reason["Code"] == "None")?;
    *free = json!({ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" });
    Some(refusal(StatusCode::BAD_REQUEST, "TransactionCanceledException", body))
}

fn refusal(status: StatusCode, kind: &str, mut body: Value) -> Response<Bytes> {
    body["__type"] = Value::from(format!("com.amazonaws.dynamodb.v20120810#{kind}"));
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/x-amz-json-1.0"));
    response
}
