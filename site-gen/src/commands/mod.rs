//! What `site-gen` can be asked to do, each as a function from its arguments to what is printed.

pub mod admin;
pub mod build;
pub mod check;
pub mod import;
pub mod mend;
pub mod new;
pub mod review;
pub mod schema;
pub mod usage;

/// An address of a site as somebody types it, without a slash at its end. A site stands at the root of its host: pages link to each other from `/`.
pub fn base_url(text: &str) -> Result<String, String> {
    let problem = || "要写成 https://www.example.gov.cn 这样，末尾不带路径".to_owned();
    let url = url::Url::parse(text).map_err(|_| problem())?;
    let plain =
        matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if plain && url.host_str().is_some() { Ok(text.trim_end_matches('/').to_owned()) } else { Err(problem()) }
}
