//! The site's one origin, seen from behind it: CloudFront calls the HTTP API, the HTTP API calls us.
//!
//! The gateway's word about who calls it cannot be forged, but behind CloudFront the caller is CloudFront. It writes the visitor's address at
//! the end of `X-Forwarded-For`, as the gateway does with CloudFront's; that is believed only beside a secret that the stack shares with
//! its distribution and nobody else. With a secret set, whoever goes around the distribution is turned away.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderValue, header};
use subtle::ConstantTimeEq;

use crate::http::Visitor;

/// Holds the secret.
const SECRET: &str = "x-edge-secret";
/// Who was called by whom, nearest last; what a visitor claims stands first.
const FORWARDED: &str = "x-forwarded-for";

/// What the functions know of the distribution in front of them.
#[derive(Clone, Default)]
pub struct Edge {
    /// What the distribution says in `x-edge-secret`; without it the gateway's callers are the visitors.
    pub secret: Option<String>,
    /// The name under which visitors see the site. The gateway itself is called by another name, and where a form was is compared with ours.
    pub host: Option<HeaderValue>,
}

/// The request did not come through the distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request went around the site's origin")]
pub struct Around;

impl Edge {
    /// Who the visitor is, `caller` being whom the gateway was called by. Takes out of `headers` what is not the visitor's.
    pub fn admit(&self, headers: &mut HeaderMap, caller: IpAddr) -> Result<Visitor, Around> {
        if let Some(host) = &self.host {
            headers.insert(header::HOST, host.clone());
        }
        let given = headers.remove(SECRET);
        let Some(secret) = &self.secret else { return Ok(Visitor(caller)) };
        let genuine = given.is_some_and(|given| given.as_bytes().ct_eq(secret.as_bytes()).into());
        if genuine { Ok(Visitor(before(headers, caller))) } else { Err(Around) }
    }
}

/// Whom `caller`, CloudFront, was called by. The gateway may have put `caller` itself at the end.
fn before(headers: &HeaderMap, caller: IpAddr) -> IpAddr {
    let lines = headers.get_all(FORWARDED).iter().rev().filter_map(|line| line.to_str().ok());
    let mut nearest_first = lines.flat_map(|line| line.rsplit(',')).map(|address| address.trim().parse::<IpAddr>().ok());
    match nearest_first.next().flatten() {
        Some(last) if last == caller => nearest_first.next().flatten().unwrap_or(caller),
        Some(last) => last,
        None => caller,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(secret: Option<&str>, headers: &[(&'static str, &str)], expected: Result<&str, Around>) {
        let edge = Edge { secret: secret.map(str::to_owned), host: Some(HeaderValue::from_static("example.cn")) };
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let mut map: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.parse().expect("a header's name"), value.parse().expect("a header's value")))
            .collect();
        let visitor = edge.admit(&mut map, address("203.0.113.7"));
        assert_eq!(visitor, expected.map(|told| Visitor(address(told))), "{headers:?}");
        assert_eq!(map.get("host").expect("it is always set"), "example.cn");
        assert!(!map.contains_key(SECRET), "{map:?}");
    }

    #[test]
    fn the_gateways_caller_is_the_visitor_when_nothing_stands_in_front_of_it() {
        check(None, &[("host", "abc.execute-api.example")], Ok("203.0.113.7"));
        check(None, &[(FORWARDED, "198.51.100.10, 203.0.113.7"), (SECRET, "guess")], Ok("203.0.113.7"));
    }

    #[test]
    fn the_distribution_is_believed_when_it_knows_the_secret() {
        for (forwarded, visitor) in [
            ("198.51.100.10, 203.0.113.7", "198.51.100.10"),
            ("6.6.6.6, 198.51.100.10, 203.0.113.7", "198.51.100.10"),
            ("6.6.6.6,2001:db8::1", "2001:db8::1"),
            ("203.0.113.7", "203.0.113.7"),
            ("somebody, 203.0.113.7", "203.0.113.7"),
            ("", "203.0.113.7"),
        ] {
            check(Some("s3cret"), &[(SECRET, "s3cret"), (FORWARDED, forwarded)], Ok(visitor));
        }
        check(Some("s3cret"), &[(SECRET, "s3cret")], Ok("203.0.113.7"));
    }

    #[test]
    fn whoever_goes_around_the_distribution_is_turned_away() {
        check(Some("s3cret"), &[(FORWARDED, "198.51.100.10, 203.0.113.7")], Err(Around));
        check(Some("s3cret"), &[(SECRET, "s3cre")], Err(Around));
        check(Some("s3cret"), &[(SECRET, "")], Err(Around));
    }
}
