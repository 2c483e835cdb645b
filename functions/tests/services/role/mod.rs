//! What a function's role in the stack's template lets it do, held against what the function asks for.
//!
//! Servers for tests know no roles: what AWS would refuse works with them. A [`Gate`] stands between a function and its servers, tells from each
//! request which actions it needs and where, as AWS's service authorization reference says, and answers as AWS does when the role does not allow
//! one of them. What S3 does with the stack's key is done in the name of whoever asks for it, so that needs the key as well.

use std::{
    collections::BTreeSet,
    fmt::{self, Display},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use functions::{
    Clock,
    table::{Key, NewItem, Table, TableError, Write, dynamodb::DynamoDb},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};
use serde_yaml::Value as Yaml;
use tokio::net::TcpListener;

use crate::{cloud, template::TEMPLATE};

/// More than any file that a form takes.
const LARGEST: usize = 64_000_000;

/// An action and where it is done: `dynamodb:Query` on `index/first`, `s3:PutObject` on `kept/abc`, nothing for the table or the bucket as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Act {
    pub action: String,
    pub on: String,
}

impl Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on `{}`", self.action, self.on)
    }
}

/// What the function whose program is `name` may do by the template, as far as it concerns the table, the bucket of files and its key. Where may end in `*`.
pub fn role_of(name: &str) -> Vec<Act> {
    let template: Yaml = serde_yaml::from_str(TEMPLATE).unwrap();
    let resources = template["Resources"].as_mapping().unwrap();
    let function = resources.values().find(|resource| {
        resource["Properties"]["CodeUri"].as_str().is_some_and(|program| program.ends_with(&format!("/{name}.zip")))
    });
    let role = text(&function.unwrap_or_else(|| panic!("no function runs `{name}`"))["Properties"]["Role"]);
    let role = &template["Resources"][role.strip_suffix(".Arn").unwrap()]["Properties"];
    let statements = role["Policies"]
        .as_sequence()
        .unwrap()
        .iter()
        .flat_map(|policy| policy["PolicyDocument"]["Statement"].as_sequence().unwrap());
    let mut may = Vec::new();
    for statement in statements {
        assert_eq!(statement["Effect"].as_str(), Some("Allow"));
        let actions = match &statement["Action"] {
            Yaml::Sequence(actions) => actions.iter().map(|action| action.as_str().unwrap()).collect(),
            action => vec![action.as_str().unwrap()],
        };
        let on = match text(&statement["Resource"]) {
            "Table.Arn" => "",
            "Key.Arn" => "key",
            resource if resource.starts_with("${Table.Arn}/") => resource.strip_prefix("${Table.Arn}/").unwrap(),
            resource => match resource.split_once(":s3:::${AWS::StackName}-attachments-${AWS::AccountId}") {
                Some((_, on)) => on.trim_start_matches('/'),
                None => {
                    assert!(actions.iter().all(|action| action.starts_with("logs:")), "what is `{resource}`?");
                    continue;
                }
            },
        };
        may.extend(actions.into_iter().map(|action| Act { action: action.to_owned(), on: on.to_owned() }));
    }
    may
}

/// A text, whether or not a function of the template is applied to it.
fn text(value: &Yaml) -> &str {
    match value {
        Yaml::Tagged(tagged) => tagged.value.as_str().unwrap(),
        value => value.as_str().unwrap(),
    }
}

/// Stands before the servers of one function and knows its role.
pub struct Gate {
    name: String,
    dynamodb: String,
    s3: String,
    may: Vec<Act>,
    done: Mutex<BTreeSet<Act>>,
    refused: Mutex<Vec<Act>>,
    client: Client<HttpConnector, Body>,
}

impl Gate {
    /// Before the function whose program is `name`; the gate and its address, which serves both protocols.
    pub async fn before(name: &str, dynamodb: &str, s3: &str) -> (Arc<Gate>, String) {
        let gate = Arc::new(Gate {
            name: name.to_owned(),
            dynamodb: dynamodb.trim_end_matches('/').to_owned(),
            s3: s3.trim_end_matches('/').to_owned(),
            may: role_of(name),
            done: Mutex::default(),
            refused: Mutex::default(),
            client: Client::builder(TokioExecutor::new()).build_http(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(pass).with_state(gate.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (gate, url)
    }

    /// Whose role it knows.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What was done by way of it: places in the bucket by their folder.
    pub fn done(&self) -> BTreeSet<Act> {
        self.done.lock().unwrap().clone()
    }

    /// What the role lacks.
    pub fn refused(&self) -> Vec<Act> {
        self.refused.lock().unwrap().clone()
    }

    fn allows(&self, act: &Act) -> bool {
        self.may.iter().any(|may| {
            may.action == act.action
                && match may.on.strip_suffix('*') {
                    Some(start) => act.on.starts_with(start),
                    None => act.on == may.on,
                }
        })
    }

    /// As the role's policy decides: each of them has to be allowed.
    fn decide(&self, acts: &[Act]) -> Result<(), Act> {
        for act in acts {
            let folder = act.on.split_once('/').map_or(act.on.clone(), |(folder, _)| format!("{folder}/*"));
            if !self.allows(act) {
                eprintln!("the role of `{}` does not allow {act}", self.name);
                self.refused.lock().unwrap().push(act.clone());
                return Err(act.clone());
            }
            self.done.lock().unwrap().insert(Act { on: folder, ..act.clone() });
        }
        Ok(())
    }
}

async fn pass(State(gate): State<Arc<Gate>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let operation =
        parts.headers.get("x-amz-target").map(|target| target.to_str().unwrap().rsplit('.').next().unwrap().to_owned());
    let server = match operation {
        Some(operation) => {
            if let Err(act) = gate.decide(&on_the_table(&operation, &serde_json::from_slice(&body).unwrap())) {
                let said = json!({ "__type": "com.amazon.coral.service#AccessDeniedException", "Message": format!("not authorized: {act}") });
                return (StatusCode::BAD_REQUEST, said.to_string()).into_response();
            }
            &gate.dynamodb
        }
        None => {
            if let Err(act) = gate.decide(&in_the_bucket(&parts.method, &parts.uri, &parts.headers, &body)) {
                let said = format!("<Error><Code>AccessDenied</Code><Message>not authorized: {act}</Message></Error>");
                return (StatusCode::FORBIDDEN, said).into_response();
            }
            &gate.s3
        }
    };
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = format!("{server}{path}").parse().unwrap();
    let read = parts.method == Method::GET && server == &gate.s3;
    // The host stays the one that was signed.
    match gate.client.request(Request::from_parts(parts, Body::from(body))).await {
        // S3 tells what is not there from what may not be read only to those who may list.
        Ok(response) if read && response.status() == StatusCode::NOT_FOUND => {
            let list = Act { action: "s3:ListBucket".to_owned(), on: String::new() };
            match gate.decide(&[list]) {
                Ok(()) => response.map(Body::new),
                Err(_) => StatusCode::FORBIDDEN.into_response(),
            }
        }
        Ok(response) => response.map(Body::new),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

/// What a request to DynamoDB needs. A transaction has no action of its own, it takes those of its parts.
fn on_the_table(operation: &str, request: &Value) -> Vec<Act> {
    let act = |action: &str| Act { action: format!("dynamodb:{action}"), on: String::new() };
    match operation {
        "TransactWriteItems" => {
            let parts = request["TransactItems"].as_array().unwrap().iter();
            let action = |part: &Value| match part.as_object().unwrap().keys().next().unwrap().as_str() {
                "ConditionCheck" => "ConditionCheckItem".to_owned(),
                write => format!("{write}Item"),
            };
            parts.map(|part| act(&action(part))).collect()
        }
        "Query" | "Scan" => match request["IndexName"].as_str() {
            Some(index) => vec![Act { on: format!("index/{index}"), ..act(operation) }],
            None => vec![act(operation)],
        },
        "TransactGetItems" => vec![act("GetItem")],
        operation => vec![act(operation)],
    }
}

/// What a request to S3 needs. The first part of the path is the bucket's name, and what is in it is encrypted by the stack's key.
fn in_the_bucket(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Vec<Act> {
    let key = uri.path().trim_start_matches('/').split_once('/').map_or("", |(_, key)| key);
    let (action, on) = match *method {
        Method::GET | Method::HEAD if key.is_empty() => ("ListBucket", String::new()),
        Method::GET | Method::HEAD => ("GetObject", key.to_owned()),
        Method::PUT => ("PutObject", key.to_owned()),
        Method::DELETE => ("DeleteObject", key.to_owned()),
        // A form, posted in the name of whoever signed it.
        Method::POST if headers["content-type"].to_str().unwrap().starts_with("multipart/form-data") => {
            let form = String::from_utf8_lossy(body);
            let after = form.split_once("name=\"key\"\r\n\r\n").unwrap().1;
            ("PutObject", after.split("\r\n").next().unwrap().to_owned())
        }
        _ => panic!("what does {method} {uri} need?"),
    };
    let key = match action {
        "PutObject" => Some("GenerateDataKey"),
        "GetObject" => Some("Decrypt"),
        _ => None,
    };
    let key = key.map(|action| Act { action: format!("kms:{action}"), on: "key".to_owned() });
    [Act { action: format!("s3:{action}"), on }].into_iter().chain(key).collect()
}

#[tokio::test]
async fn what_a_role_does_not_name_is_refused_and_what_it_names_is_done() {
    let (_, name) = cloud::named_table(Clock::system()).await;
    let (gate, url) = Gate::before("tracker", &cloud::endpoint(), "http://127.0.0.1:9").await;
    let table = DynamoDb::new(cloud::client(&url), name, Clock::system());
    let key = Key::new("P", "S");
    table.transact(vec![Write::create(NewItem::json(key.clone(), &1))]).await.unwrap();
    let refused = table.transact(vec![Write::Delete { key: key.clone(), version: 1 }]).await;
    assert!(matches!(refused, Err(TableError::Failed(_))), "{refused:?}");
    assert!(table.get(&key).await.unwrap().is_some());
    let read = tokio::task::spawn_blocking(move || ureq::get(format!("{url}/bucket/kept/a")).call());
    assert!(matches!(read.await.unwrap(), Err(ureq::Error::StatusCode(403))));
    let act = |action: &str, on: &str| Act { action: action.to_owned(), on: on.to_owned() };
    assert_eq!(gate.refused(), [act("dynamodb:DeleteItem", ""), act("s3:GetObject", "kept/a")]);
    assert!(gate.done().contains(&act("dynamodb:PutItem", "")));
}
