//! Events of an HTTP API (payload format 2.0) as requests, and answers as it takes them.
//!
//! Only what the functions use of an event is read. lambda_http would do the same for the events of every gateway there is, but it brings
//! tables of all character sets along: a fortieth of a binary whose start is mostly the reading of itself.

use std::{collections::BTreeMap, net::IpAddr};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri, header},
};
use data_encoding::BASE64;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::{Deserialize, Serialize};

/// The gateway decodes paths, and an address holds none of these. `%` stays: some gateways do not decode.
const NOT_IN_PATH: &AsciiSet = &NOT_IN_QUERY.add(b'?').add(b'`').add(b'{').add(b'}').add(b'\\').add(b'^').add(b'|');
/// A query comes as it was sent.
const NOT_IN_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

/// A request as an HTTP API tells it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    raw_path: String,
    #[serde(default)]
    raw_query_string: String,
    #[serde(default)]
    cookies: Vec<String>,
    /// Those that were sent more than once are one, with commas.
    headers: BTreeMap<String, String>,
    request_context: RequestContext,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Deserialize)]
struct RequestContext {
    http: Http,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: String,
    source_ip: IpAddr,
}

/// What came is no event of an HTTP API. Nothing of it is said: it may hold what somebody typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no event of an HTTP API in payload format 2.0")]
pub struct NoEvent;

impl Event {
    /// Reads an event.
    pub fn read(json: &str) -> Result<Event, NoEvent> {
        serde_json::from_str(json).map_err(|_| NoEvent)
    }

    /// Whom the gateway was called by: its own word, not a header.
    pub fn caller(&self) -> IpAddr {
        self.request_context.http.source_ip
    }

    /// The request that it tells of.
    pub fn into_request(self) -> Result<Request<Body>, NoEvent> {
        let mut target = utf8_percent_encode(&self.raw_path, NOT_IN_PATH).to_string();
        if !self.raw_query_string.is_empty() {
            target.push('?');
            target.extend(utf8_percent_encode(&self.raw_query_string, NOT_IN_QUERY));
        }
        let mut headers = HeaderMap::with_capacity(self.headers.len() + 1);
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(name).map_err(|_| NoEvent)?;
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).map_err(|_| NoEvent)?);
        }
        if !self.cookies.is_empty() {
            headers.insert(header::COOKIE, HeaderValue::try_from(self.cookies.join("; ")).map_err(|_| NoEvent)?);
        }
        let body = self.body.unwrap_or_default();
        let body = if self.is_base64_encoded {
            Body::from(BASE64.decode(body.as_bytes()).map_err(|_| NoEvent)?)
        } else {
            Body::from(body)
        };
        let mut request = Request::new(body);
        *request.method_mut() = Method::try_from(self.request_context.http.method.as_str()).map_err(|_| NoEvent)?;
        *request.uri_mut() = Uri::try_from(target).map_err(|_| NoEvent)?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// An answer as an HTTP API takes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    status_code: u16,
    headers: BTreeMap<String, String>,
    cookies: Vec<String>,
    body: String,
    is_base64_encoded: bool,
}

impl Answer {
    /// Takes a response, whose body is in memory already.
    pub async fn of(response: Response<Body>) -> Result<Answer, axum::Error> {
        let (parts, body) = response.into_parts();
        let (mut headers, mut cookies) = (BTreeMap::<String, String>::new(), Vec::new());
        for (name, value) in &parts.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            if name == header::SET_COOKIE {
                cookies.push(value.into_owned());
                continue;
            }
            let values = headers.entry(name.as_str().to_owned()).or_default();
            if !values.is_empty() {
                values.push_str(", ");
            }
            values.push_str(&value);
        }
        let bytes = to_bytes(body, usize::MAX).await?;
        let (body, is_base64_encoded) = text_or_base64(bytes);
        Ok(Answer { status_code: parts.status.as_u16(), headers, cookies, body, is_base64_encoded })
    }
}

fn text_or_base64(bytes: Bytes) -> (String, bool) {
    match String::from_utf8(bytes.into()) {
        Ok(text) => (text, false),
        Err(binary) => (BASE64.encode(binary.as_bytes()), true),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn event(change: impl FnOnce(&mut Value)) -> Result<Request<Body>, NoEvent> {
        let mut event: Value = serde_json::from_str(include_str!("../../tests/events/chinese.json")).expect("the file is JSON");
        change(&mut event);
        Event::read(&event.to_string())?.into_request()
    }

    #[track_caller]
    fn target(path: &str, query: &str, expected: &str) {
        let request = event(|event| {
            event["rawPath"] = json!(path);
            event["rawQueryString"] = json!(query);
        });
        assert_eq!(request.expect("it is an event").uri().to_string(), expected);
    }

    #[test]
    fn a_path_is_an_address_whether_the_gateway_decoded_it_or_not() {
        target("/f/报名/第 一", "", "/f/%E6%8A%A5%E5%90%8D/%E7%AC%AC%20%E4%B8%80");
        target("/f/%E6%8A%A5", "a=%E5%BE%AE&b=1", "/f/%E6%8A%A5?a=%E5%BE%AE&b=1");
        // What was decoded is no query and no fragment.
        target("/f/a?b#c", "d=1", "/f/a%3Fb%23c?d=1");
        target("/f/{a}|\"b\"\\", "", "/f/%7Ba%7D%7C%22b%22%5C");
    }

    #[test]
    fn cookies_are_one_header_again() {
        let request = event(|event| event["cookies"] = json!(["a=1", "b=2"])).expect("it is an event");
        assert_eq!(request.headers()["cookie"], "a=1; b=2");
        assert_eq!(request.headers()["sec-fetch-site"], "same-origin");
    }

    #[test]
    fn what_is_no_event_is_refused_without_a_word_of_it() {
        let changes: [fn(&mut Value); 6] = [
            |event| event["body"] = json!(7),
            |event| *event = json!([]),
            |event| event["requestContext"]["http"]["sourceIp"] = json!("王建国"),
            |event| event["requestContext"]["http"]["method"] = json!("G E T"),
            |event| event["headers"]["a b"] = json!("1"),
            |event| {
                event["isBase64Encoded"] = json!(true);
                event["body"] = json!("not base64 !");
            },
        ];
        for change in changes {
            assert_eq!(event(change).map(drop), Err(NoEvent));
        }
        assert!(Event::read("not json").is_err());
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(text in ".*") {
            prop_assert!(Event::read(&text).is_err() || text.contains("rawPath"));
        }

        #[test]
        fn whatever_stands_in_an_event_makes_a_request_of_the_same_path_or_none(
            path in "/\\PC*", query in "\\PC*", header in "\\PC*", method in "GET|POST|\\PC{0,4}",
        ) {
            let request = event(|event| {
                event["rawPath"] = json!(path);
                event["rawQueryString"] = json!(query);
                event["headers"]["referer"] = json!(header);
                event["requestContext"]["http"]["method"] = json!(method);
            });
            if let Ok(request) = request {
                let told = percent_encoding::percent_decode_str(request.uri().path()).decode_utf8_lossy().into_owned();
                let meant = percent_encoding::percent_decode_str(&path).decode_utf8_lossy().into_owned();
                prop_assert_eq!(told, meant);
                prop_assert_eq!(request.headers()["referer"].as_bytes(), header.as_bytes());
            }
        }
    }

    #[tokio::test]
    async fn text_goes_out_as_text_and_the_rest_in_base64() {
        for (body, expected, encoded) in [(&b""[..], "", false), ("页".as_bytes(), "页", false), (&[0x89, b'P'], "iVA=", true)]
        {
            let answer = Answer::of(Response::new(Body::from(body))).await.expect("the body is in memory");
            assert_eq!((answer.body.as_str(), answer.is_base64_encoded), (expected, encoded));
        }
    }

    #[tokio::test]
    async fn headers_that_come_twice_are_one_and_cookies_stand_apart() {
        let response = Response::builder().header("vary", "a").header("vary", "b").header("set-cookie", "c=1").status(303);
        let answer = Answer::of(response.body(Body::empty()).expect("a response")).await.expect("the body is in memory");
        assert_eq!(
            json!(answer),
            json!({
                "statusCode": 303, "headers": { "vary": "a, b" }, "cookies": ["c=1"], "body": "", "isBase64Encoded": false,
            })
        );
    }
}
