//! What stands around every page: name, navigation, footer, assets.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The part of a page that is the same on every page. Templates see it as `frame`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// 相商未来
    pub site_name: String,
    /// One sentence about the site.
    pub tagline: String,
    /// `https://…`, no slash at the end.
    pub base_url: String,
    /// The host part of `base_url`, for the SiteDomain label.
    pub domain: String,
    /// 网站标识码, where there is one.
    pub site_code: Option<String>,
    /// 主办单位
    pub organiser: String,
    /// 联系方式: the telephone that the public may call, where an office has confirmed one.
    pub telephone: Option<String>,
    /// Postal address of the organiser.
    pub address: Option<String>,
    /// 皖ICP备…号-n, where there is one.
    pub icp: Option<String>,
    /// 公安备案 number, where there is one.
    pub police: Option<String>,
    /// The service is not yet confirmed by an office: every page says 试运行.
    pub trial: bool,
    /// The menu.
    pub navigation: Vec<Link>,
    /// Links in the footer.
    pub footer: Vec<Link>,
    /// Assets by the name templates know them by (`site.css`).
    pub assets: BTreeMap<String, Asset>,
}

/// A link with its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// What people read.
    pub label: String,
    /// A path or an address.
    pub url: String,
}

/// A file of the theme under its hashed name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asset {
    /// `/assets/site.1a2b3c4d.css`
    pub url: String,
    /// `sha384-…`
    pub integrity: String,
}
