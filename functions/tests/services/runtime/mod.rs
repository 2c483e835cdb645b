//! The side of Lambda that a function talks to: the runtime API, on a port of this machine.
//!
//! A [`Function`] is a built binary that asks it for events, as it does on Lambda: `next` holds the binary's question until there is an
//! event, `response` and `error` take what became of it. What the binary prints is its log.

#![allow(clippy::unwrap_used, dead_code, reason = "a test that cannot go on panics, and no test needs everything")]

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, SystemTime},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path as Segments, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    time::timeout,
};

/// How long a test waits for a function before it gives up. Nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long Lambda lets a call take, as the function is told.
const TIME: Duration = Duration::from_secs(30);

/// A function's binary, running.
pub struct Function {
    child: Child,
    events: mpsc::UnboundedSender<Event>,
    log: Arc<Mutex<Vec<String>>>,
    calls: Mutex<u64>,
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// What the function answered.
    Response(Value),
    /// It said that it failed.
    Error(Value),
}

/// An event on its way.
struct Event {
    id: String,
    body: Vec<u8>,
    time: Duration,
    outcome: oneshot::Sender<Outcome>,
}

/// What the routes of the runtime API share.
struct Api {
    waiting: tokio::sync::Mutex<mpsc::UnboundedReceiver<Event>>,
    /// The event that the function has taken and not yet answered: one at a time.
    taken: Mutex<Option<(String, oneshot::Sender<Outcome>)>>,
}

impl Function {
    /// Starts `binary` with nothing in its environment but what Lambda gives it and `environment`.
    pub async fn start(binary: &Path, environment: &[(&str, &str)]) -> Function {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (events, waiting) = mpsc::unbounded_channel();
        let api = Arc::new(Api { waiting: tokio::sync::Mutex::new(waiting), taken: Mutex::new(None) });
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .with_state(api);
        tokio::spawn(async move { axum::serve(listener, routes).await });

        let mut child = Command::new(binary)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "a-function")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        read(child.stdout.take().unwrap(), log.clone());
        read(child.stderr.take().unwrap(), log.clone());
        Function { child, events, log, calls: Mutex::new(0) }
    }

    /// Gives the function an event and waits for what becomes of it.
    pub async fn call(&self, event: &Value) -> Outcome {
        self.call_with(serde_json::to_vec(event).unwrap(), TIME).await
    }

    /// The same with any bytes, and with `time` as all that the function is given for it.
    pub async fn call_with(&self, body: Vec<u8>, time: Duration) -> Outcome {
        let call = {
            let mut calls = self.calls.lock().unwrap();
            *calls += 1;
            *calls
        };
        let (outcome, answered) = oneshot::channel();
        self.events.send(Event { id: format!("8f507cfc-0000-4697-b07a-{call:012}"), body, time, outcome }).ok().unwrap();
        match timeout(PATIENCE, answered).await {
            Ok(Ok(outcome)) => outcome,
            _ => panic!("the function gave no answer; it said:\n{}", self.log().join("\n")),
        }
    }

    /// What the function has printed so far.
    pub fn log(&self) -> Vec<String> {
        lock(&self.log).clone()
    }

    /// The first line of the log that holds `words`; waits for it, because a pipe is read later than the answer arrives.
    pub async fn line(&self, words: &[&str]) -> Value {
        let found = async {
            loop {
                let line = self.log().into_iter().find(|line| words.iter().all(|words| line.contains(words)));
                match line {
                    Some(line) => return line,
                    None => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        };
        match timeout(PATIENCE, found).await {
            Ok(line) => serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}")),
            Err(_) => panic!("no line with {words:?}:\n{}", self.log().join("\n")),
        }
    }

    /// How long the function has had a processor so far, all its threads together. It must be running.
    pub fn processor_time(&self) -> Duration {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let nanoseconds = |thread: std::io::Result<std::fs::DirEntry>| -> u64 {
            let statistics = std::fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap();
            statistics.split_whitespace().next().unwrap().parse().unwrap()
        };
        Duration::from_nanos(threads.map(nanoseconds).sum())
    }

    /// The most memory that the function has held so far, in kB. It must be running.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads a pipe to its end, line by line.
fn read(pipe: impl std::io::Read + Send + 'static, log: Arc<Mutex<Vec<String>>>) {
    std::thread::spawn(move || BufReader::new(pipe).lines().map_while(Result::ok).for_each(|line| lock(&log).push(line)));
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

async fn next(State(api): State<Arc<Api>>) -> Response {
    let Some(event) = api.waiting.lock().await.recv().await else { return StatusCode::GONE.into_response() };
    let deadline = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap() + event.time;
    let headers = [
        ("lambda-runtime-aws-request-id", event.id.clone()),
        ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:123456789012:function:a-function".to_owned()),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0".to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    *lock(&api.taken) = Some((event.id, event.outcome));
    (headers, event.body).into_response()
}

async fn response(state: State<Arc<Api>>, id: Segments<String>, answer: Bytes) -> StatusCode {
    answered(state, id, Outcome::Response(serde_json::from_slice(&answer).unwrap()))
}

async fn error(state: State<Arc<Api>>, id: Segments<String>, error: Bytes) -> StatusCode {
    answered(state, id, Outcome::Error(serde_json::from_slice(&error).unwrap()))
}

fn answered(State(api): State<Arc<Api>>, Segments(id): Segments<String>, outcome: Outcome) -> StatusCode {
    match lock(&api.taken).take_if(|(taken, _)| *taken == id) {
        Some((_, waiting)) => {
            let _ = waiting.send(outcome);
            StatusCode::ACCEPTED
        }
        None => StatusCode::BAD_REQUEST,
    }
}
