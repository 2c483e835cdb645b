//! The built site over HTTP: what a plain web server would answer for `public/`, and nothing outside of it.
//!
//! Files are small, so each is read whole: its hash is the `ETag`, and a browser that has it already gets 304. Where a packed file lies beside
//! it ([`site_gen::compress`]) and the browser takes it, that is sent instead.

use std::{
    io,
    path::{Path, PathBuf},
};

use axum::{
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use pages::headers::{ASK_AGAIN, EDITOR_FOLDER, caching};
use percent_encoding::percent_decode_str;
use site_gen::compress::{self, ENCODINGS};

use super::{reload::Reload, status::Status};
use crate::media::content_type;

/// The output folder and what it takes to serve it.
#[derive(Clone)]
pub struct Statics {
    /// `public/`, or a link that leads to whichever release is live.
    pub folder: PathBuf,
    /// What the last build left.
    pub status: tokio::sync::watch::Receiver<Status>,
    /// Puts the reload script into pages, when files are watched.
    pub reload: Option<Reload>,
}

/// What an answer depends on besides the file.
struct Asked<'a> {
    /// The folder as it is for this one request: where it is a link, that may lead elsewhere a moment later.
    folder: &'a Path,
    method: &'a Method,
    headers: &'a HeaderMap,
    status: &'a Status,
}

impl Statics {
    /// Answers a request for a page, an asset or a file.
    pub async fn answer(&self, method: Method, uri: Uri, headers: HeaderMap) -> Response {
        if method != Method::GET && method != Method::HEAD {
            return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
        }
        let status = self.status.borrow().clone();
        let folder = tokio::fs::canonicalize(&self.folder).await.unwrap_or_else(|_| self.folder.clone());
        let asked = Asked { folder: &folder, method: &method, headers: &headers, status: &status };
        if !status.published {
            return self.unpublished(&asked);
        }
        match find(&folder, uri.path()).await {
            Found::File(path) => match self.body(&path, &asked).await {
                Ok(body) => self.file(StatusCode::OK, &path, body, &asked),
                // A rebuild removed it between the look and the read.
                Err(_) => self.missing(&asked).await,
            },
            Found::Folder => redirect_to_folder(&uri),
            Found::Nothing => self.missing(&asked).await,
        }
    }

    /// No build has ever succeeded: says what is wrong instead of a site.
    fn unpublished(&self, asked: &Asked) -> Response {
        let script = self.reload.as_ref().map(|_| Reload::script_of_mistakes(asked.status));
        let page = super::mistakes::page(&asked.status.mistakes, script.as_deref());
        let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
        let body = if asked.method == Method::HEAD { String::new() } else { page };
        (StatusCode::SERVICE_UNAVAILABLE, headers, body).into_response()
    }

    /// The site's own 404 page, or a plain one while it has none.
    async fn missing(&self, asked: &Asked<'_>) -> Response {
        let path = asked.folder.join("404.html");
        match self.body(&path, asked).await {
            Ok(body) => self.file(StatusCode::NOT_FOUND, &path, body, asked),
            Err(_) => (StatusCode::NOT_FOUND, "没有这个页面。请检查网址，或从首页重新进入。\n").into_response(),
        }
    }

    /// What is sent of the file at `path`: the best packed one that the browser takes, or the file itself.
    async fn body(&self, path: &Path, asked: &Asked<'_>) -> io::Result<Body> {
        // The editor in the browser is not read again under whoever types in it.
        let editor = path.starts_with(asked.folder.join(EDITOR_FOLDER.trim_matches('/')));
        let injects = self.reload.is_some() && !editor && content_type(path).starts_with("text/html");
        if !injects {
            let file = tokio::fs::metadata(path).await?;
            for (extension, encoding) in ENCODINGS.iter().filter(|(_, encoding)| accepts(asked.headers, encoding)) {
                let beside = compress::beside(path, extension);
                if tokio::fs::metadata(&beside).await.is_ok_and(|packed| compress::belongs(&packed, &file))
                    && let Ok(bytes) = tokio::fs::read(&beside).await
                {
                    return Ok(Body { bytes, encoding: Some(*encoding) });
                }
            }
        }
        let bytes = tokio::fs::read(path).await?;
        let bytes = match &self.reload {
            Some(_) if injects => Reload::inject(bytes, asked.status),
            _ => bytes,
        };
        Ok(Body { bytes, encoding: None })
    }

    fn file(&self, code: StatusCode, path: &Path, body: Body, asked: &Asked) -> Response {
        let Body { bytes, encoding } = body;
        let tag = format!("\"{}\"", &blake3::hash(&bytes).to_hex()[..32]);
        let address = path.strip_prefix(asked.folder).unwrap_or(path).to_string_lossy().replace('\\', "/");
        let kept = caching(&format!("/{address}"));
        let fresh = code == StatusCode::OK && has_already(asked.headers, &tag);
        let length = bytes.len();
        let empty = fresh || asked.method == Method::HEAD;
        let mut response = if empty { axum::body::Body::empty() } else { axum::body::Body::from(bytes) }.into_response();
        *response.status_mut() = if fresh { StatusCode::NOT_MODIFIED } else { code };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, HeaderValue::from_str(&tag).expect("hexadecimal digits are a header value"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if !fresh {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
            if let Some(encoding) = encoding {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            }
        }
        response
    }
}

/// What is sent of a file.
struct Body {
    bytes: Vec<u8>,
    /// How it is packed, when it is.
    encoding: Option<&'static str>,
}

/// What an address means in the output folder.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    File(PathBuf),
    /// A folder with a page, asked for without the slash: relative links in it need the slash.
    Folder,
    Nothing,
}

async fn find(folder: &Path, address: &str) -> Found {
    let Some(relative) = safe_path(address) else { return Found::Nothing };
    let wants_folder = address.ends_with('/');
    let mut path = folder.join(relative);
    if wants_folder {
        path.push("index.html");
    }
    let Ok(metadata) = tokio::fs::metadata(&path).await else { return Found::Nothing };
    if metadata.is_dir() {
        let page = tokio::fs::metadata(path.join("index.html")).await;
        return if !wants_folder && page.is_ok_and(|page| page.is_file()) { Found::Folder } else { Found::Nothing };
    }
    // A symbolic link must not lead out of the folder.
    let inside = match (tokio::fs::canonicalize(folder).await, tokio::fs::canonicalize(&path).await) {
        (Ok(folder), Ok(real)) => real.starts_with(folder),
        _ => false,
    };
    if metadata.is_file() && inside { Found::File(path) } else { Found::Nothing }
}

/// The path below the output folder that an address names, if it names one at all.
///
/// Each part is decoded by itself, so that an encoded slash cannot make two of it. Hidden files stay hidden, apart from
/// `.well-known`, which other sites ask for by agreement (RFC 8615).
fn safe_path(address: &str) -> Option<PathBuf> {
    let mut path = PathBuf::new();
    let address = address.strip_prefix('/')?;
    let address = address.strip_suffix('/').unwrap_or(address);
    if address.is_empty() {
        return Some(path);
    }
    for (position, part) in address.split('/').enumerate() {
        let part = percent_decode_str(part).decode_utf8().ok()?;
        let hidden = part.starts_with('.') && !(position == 0 && part == ".well-known");
        if part.is_empty() || hidden || part.contains(['/', '\\', '\0', ':']) {
            return None;
        }
        path.push(part.as_ref());
    }
    Some(path)
}

fn redirect_to_folder(uri: &Uri) -> Response {
    let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
    let location = format!("{}/{query}", uri.path());
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, location), (header::CACHE_CONTROL, ASK_AGAIN.to_owned())]).into_response()
}

/// Whether the browser takes what is packed so.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let named = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut named = named.flat_map(|value| value.split(',')).map(|named| match named.split_once(';') {
        Some((name, quality)) => (name.trim(), quality.trim().to_ascii_lowercase()),
        None => (named.trim(), String::new()),
    });
    // `q=0` refuses it, however the zero is written.
    let refused = |quality: &str| quality.strip_prefix("q=").and_then(|q| q.trim().parse().ok()) == Some(0.0_f32);
    named.any(|(name, quality)| name.eq_ignore_ascii_case(encoding) && !refused(&quality))
}

/// Whether the browser says that it holds exactly this.
fn has_already(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|held| held.trim().trim_start_matches("W/"))
        .any(|held| held == tag || held == "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_only_what_lies_below_the_folder() {
        for (address, path) in [
            ("/", Some("")),
            ("/courses/", Some("courses")),
            ("/courses", Some("courses")),
            ("/files/%E8%AF%BE%E4%BB%B6.pdf", Some("files/课件.pdf")),
            ("/.well-known/security.txt", Some(".well-known/security.txt")),
            ("/../Cargo.toml", None),
            ("/courses/../../Cargo.toml", None),
            ("/%2e%2e/Cargo.toml", None),
            ("/%2E%2E%2FCargo.toml", None),
            ("/courses%2f..%2f..%2fCargo.toml", None),
            ("/..%5cCargo.toml", None),
            ("/.git/config", None),
            ("/courses/.hidden", None),
            ("/courses/.well-known/x", None),
            ("//example.org", None),
            ("/courses//", None),
            ("/nul%00.html", None),
            ("/%FF", None),
            ("/c:/windows", None),
            ("no-slash", None),
        ] {
            assert_eq!(safe_path(address), path.map(PathBuf::from), "{address}");
        }
    }

    #[test]
    fn a_browser_says_how_it_takes_what_is_packed() {
        for (said, brotli) in [
            ("gzip, deflate, br, zstd", true),
            ("BR", true),
            ("gzip;q=1.0, br;q=0.5", true),
            ("br;q=0", false),
            ("br; q=0.000", false),
            ("gzip", false),
            ("brotli", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(said));
            assert_eq!(accepts(&headers, "br"), brotli, "{said}");
        }
        assert!(!accepts(&HeaderMap::new(), "br"));
    }

    #[test]
    fn a_browser_that_holds_the_same_bytes_says_so_in_several_ways() {
        for (held, has) in
            [("\"a\"", true), ("W/\"a\"", true), ("\"b\", \"a\"", true), ("*", true), ("\"b\"", false), ("", false)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static(held));
            assert_eq!(has_already(&headers, "\"a\""), has, "{held}");
        }
        assert!(!has_already(&HeaderMap::new(), "\"a\""));
    }
}
