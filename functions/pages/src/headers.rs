//! Response headers that every page is sent with, whoever serves it.

/// Name and value of each header.
///
/// Scripts and styles are files of our own: no inline code, no third party. Pages and forms stay within the site, frames are refused,
/// and no other site learns which page somebody came from (its address may name a receipt).
pub const SECURITY: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'none'; connect-src 'self'; \
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    // For browsers that do not know `frame-ancestors`.
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"),
];

/// Where the editor in the browser lies, once it is installed (`site-gen admin install`). It is somebody else's program.
pub const EDITOR_FOLDER: &str = "/admin/";

/// The policy of [`EDITOR_FOLDER`] in the place of the site's: Decap CMS compiles the check of its settings (`unsafe-eval`) and writes its styles into the page
/// (`unsafe-inline`, for styles only); without either it shows nothing. It shows pictures before they are uploaded (`blob:`, `data:`) and speaks to
/// decap-server on the same machine or to a forge by HTTPS; which forge, its page narrows by a policy of its own.
pub const EDITOR_POLICY: &str = "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
     font-src 'none'; connect-src 'self' blob: https: http://localhost:8081; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// [`SECURITY`] as the static file at `path` is sent with it.
pub fn security(path: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let editor = path.starts_with(EDITOR_FOLDER);
    SECURITY.iter().map(move |(name, value)| (*name, if editor && *name == POLICY { EDITOR_POLICY } else { *value }))
}

/// The header that the editor has otherwise.
pub const POLICY: &str = "content-security-policy";

/// What pages about one person carry besides: nobody on the way keeps a copy, no search engine lists them.
pub const PRIVATE: &[(&str, &str)] = &[("cache-control", "no-store"), ("x-robots-tag", "noindex, nofollow")];

/// How long whoever keeps a file may show it unasked, when it may change under its address: not at all. WeChat keeps pages longer than it should.
pub const ASK_AGAIN: &str = "public, max-age=0, must-revalidate";

/// The same for a content network that is told of no change: it asks once a minute, its readers each time.
pub const ASK_AGAIN_BEHIND_AN_EDGE: &str = "public, max-age=0, s-maxage=60, must-revalidate";

/// A year, the longest that is understood: the name of such a file changes with its content.
pub const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Where files with such names lie…
pub const HASHED_FOLDER: &str = "/assets/";

/// …and what they look like there, as a regular expression over the path: `/assets/site.1a2b3c4d.css`.
pub const HASHED: &str = r"^/assets/[^/]+\.[0-9a-f]{8,}\.[0-9a-z]+$";

/// How long the file at `path` may be kept.
pub fn caching(path: &str) -> &'static str {
    if is_hashed(path) { FOR_EVER } else { ASK_AGAIN }
}

/// [`HASHED`] without a library of regular expressions.
fn is_hashed(path: &str) -> bool {
    let Some(name) = path.strip_prefix(HASHED_FOLDER).filter(|name| !name.contains('/')) else { return false };
    let mut parts = name.rsplitn(3, '.');
    let (Some(extension), Some(hash), Some(name)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let hexadecimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let plain = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'z');
    !name.is_empty() && hash.len() >= 8 && hash.bytes().all(hexadecimal) && !extension.is_empty() && extension.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_a_hash_in_its_name_is_kept_for_ever() {
        for (path, hashed) in [
            ("/assets/site.1a2b3c4d.css", true),
            ("/assets/form.0123456789abcdef.js", true),
            ("/assets/site.css", false),
            ("/assets/site.1a2b.css", false),
            ("/assets/site.latestxx.css", false),
            ("/assets/more/site.1a2b3c4d.css", false),
            ("/assets/.1a2b3c4d.css", false),
            ("/files/report.20261205.pdf", false),
            ("/about/", false),
        ] {
            assert_eq!(is_hashed(path), hashed, "{path}");
        }
    }

    #[test]
    fn only_the_editor_has_a_policy_of_its_own_and_runs_nothing_inline() {
        let policy = |path: &str| security(path).find(|(name, _)| *name == POLICY).map(|(_, policy)| policy).unwrap();
        let of_the_site = policy("/");
        for path in ["/about/", "/administration/", "/admin", "/courses/admin/"] {
            assert_eq!(policy(path), of_the_site, "{path}");
        }
        let of_the_editor = policy("/admin/index.html");
        let script = of_the_editor.split("; ").find(|directive| directive.starts_with("script-src")).unwrap();
        assert_eq!(script, "script-src 'self' 'unsafe-eval'");
        // What it does not loosen is as elsewhere.
        for directive in of_the_site.split("; ") {
            let name = directive.split(' ').next().unwrap();
            let loosened = ["script-src", "style-src", "img-src", "connect-src"].contains(&name);
            assert!(loosened || of_the_editor.split("; ").any(|other| other == directive), "{directive} in {of_the_editor}");
        }
        assert_eq!(security("/admin/").count(), SECURITY.len());
    }

    #[test]
    fn the_policy_names_no_other_site_and_allows_nothing_inline() {
        let policy = SECURITY.iter().find(|(name, _)| *name == "content-security-policy").map(|(_, policy)| *policy).unwrap();
        for forbidden in ["unsafe", "http:", "https:", "*"] {
            assert!(!policy.contains(forbidden), "{policy}");
        }
        for wanted in
            ["default-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'"]
        {
            assert!(policy.split("; ").any(|directive| directive == wanted), "{wanted} in {policy}");
        }
    }
}
