//! What a request says: the values of a form, and the address it comes from.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    body::{Bytes, to_bytes},
    extract::{ConnectInfo, FromRequest, FromRequestParts, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use domain::form::Raw;

use super::reply::Refusal;
use crate::Service;

/// No form of ours is larger.
const LARGEST: usize = 64 * 1024;
/// No form of ours has more values.
const MOST_VALUES: usize = 200;

/// What was posted, not yet checked against any declaration.
pub(crate) struct Posted(pub(crate) Raw);

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Posted, Refusal> {
        let (parts, body) = request.into_parts();
        refuse_other_sites(&parts.headers)?;
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "提交的格式不对", "请用本站的表单提交。"));
        }
        let body = to_bytes(body, LARGEST).await.map_err(|_| {
            Refusal::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "写得太多了，没有存下来",
                "一次最多提交约两万字。请按后退键回到刚才的页面，删减以后再提交。",
            )
        })?;
        Ok(Posted(read(&body)?))
    }
}

/// Refuses what another site has a visitor's browser post here.
pub(super) fn refuse_other_sites(headers: &HeaderMap) -> Result<(), Refusal> {
    if is_same_site(headers) {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::FORBIDDEN,
        "这份表单不是从本站提交的",
        "为了保护您的信息，本站不接收别的网站替您提交的表单。请在本站打开表单再填。",
    ))
}

/// Browsers say where a form was; what says nothing is no browser that could be misled.
fn is_same_site(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => match (text("origin"), text("host")) {
            (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, origin)| origin == host),
            _ => true,
        },
    }
}

pub(crate) fn read(body: &Bytes) -> Result<Raw, Refusal> {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (count, (name, value)) in form_urlencoded::parse(body).enumerate() {
        if count == MOST_VALUES {
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "提交的格式不对", "请用本站的表单提交。"));
        }
        values.entry(name.into_owned()).or_default().push(value.into_owned());
    }
    Ok(Raw(values))
}

/// The visitor's address.
///
/// A gateway that calls the functions without a socket between them (Lambda) vouches for it by putting it into the request's extensions.
/// Otherwise it is the connection's, or what the one trusted proxy says it was. Anybody else's word is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visitor(pub IpAddr);

impl FromRequestParts<Arc<Service>> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Visitor, Infallible> {
        if let Some(Visitor(vouched)) = parts.extensions.get() {
            return Ok(Visitor(vouched.to_canonical()));
        }
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        Ok(Visitor(behind(peer.unwrap_or(IpAddr::from([0, 0, 0, 0])), service.config.trusted_proxy, &parts.headers)))
    }
}

/// Who stands behind the peer of a connection.
pub(crate) fn behind(peer: IpAddr, trusted_proxy: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
    let peer = peer.to_canonical();
    if trusted_proxy.map(|proxy| proxy.to_canonical()) != Some(peer) {
        return peer;
    }
    // The proxy appends the address it saw; what stands before it came from outside.
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    forwarded.and_then(|value| value.rsplit(',').next()).and_then(|last| last.trim().parse().ok()).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_forms_of_this_site_are_taken() {
        for (headers, taken) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site"), ("origin", "https://other.example")], false),
            (&[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")], true),
            (&[("origin", "https://evil.example"), ("host", "127.0.0.1:8080")], false),
            (&[("origin", "null"), ("host", "127.0.0.1:8080")], false),
            (&[], true),
        ] {
            let map: HeaderMap = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
            let map: HeaderMap = map;
            assert_eq!(is_same_site(&map), taken, "{headers:?}");
        }
    }

    #[test]
    fn only_the_trusted_proxy_is_believed_about_who_stands_behind_it() {
        let proxy: IpAddr = "127.0.0.1".parse().unwrap();
        for (peer, forwarded, visitor) in [
            ("203.0.113.7", "198.51.100.9", "203.0.113.7"),
            ("127.0.0.1", "198.51.100.9", "198.51.100.9"),
            ("::ffff:127.0.0.1", "1.1.1.1, 198.51.100.9", "198.51.100.9"),
            ("127.0.0.1", "unknown", "127.0.0.1"),
        ] {
            let headers: HeaderMap = [("x-forwarded-for".parse().unwrap(), forwarded.parse().unwrap())].into_iter().collect();
            let expected: IpAddr = visitor.parse().unwrap();
            assert_eq!(behind(peer.parse().unwrap(), Some(proxy), &headers), expected, "{peer} says {forwarded}");
        }
    }

    #[test]
    fn values_are_decoded_and_kept_in_order() {
        let raw = read(&Bytes::from_static(b"title=%E8%B7%AF&need=a&need=b&empty=&broken=%FF")).unwrap();
        assert_eq!(raw.first("title"), "路");
        assert_eq!(raw.all("need"), ["a", "b"]);
        assert_eq!(raw.first("empty"), "");
        assert_eq!(raw.first("broken"), "\u{fffd}");
    }
}
