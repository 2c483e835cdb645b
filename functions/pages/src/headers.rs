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

/// What pages about one person carry besides: nobody on the way keeps a copy, no search engine lists them.
pub const PRIVATE: &[(&str, &str)] = &[("cache-control", "no-store"), ("x-robots-tag", "noindex, nofollow")];

#[cfg(test)]
mod tests {
    use super::*;

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
