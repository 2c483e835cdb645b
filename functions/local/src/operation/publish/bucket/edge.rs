//! CloudFront, told to forget what it keeps of a site. (API of 2020-05-31, `CreateInvalidation`.)

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use axum::http::Request;
use functions::account::Account;

use super::client::{account, agent, send};
use crate::failure::Failure;

/// One distribution.
pub struct Edge {
    address: String,
    /// Whose signature counts there: CloudFront is one service for all regions of a partition.
    region: &'static str,
    distribution: String,
    account: Account,
}

impl Edge {
    /// The distribution by its id, in the account that the environment names. `AWS_ENDPOINT_URL_CLOUDFRONT` names another server than AWS's.
    pub fn open(distribution: &str) -> anyhow::Result<Edge> {
        let account = account("CloudFront")?;
        let (service, region) = if account.is_in_china() {
            ("https://cloudfront.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1")
        } else {
            ("https://cloudfront.amazonaws.com", "us-east-1")
        };
        let other = std::env::var("AWS_ENDPOINT_URL_CLOUDFRONT").ok().filter(|endpoint| !endpoint.is_empty());
        let address = other.as_deref().unwrap_or(service).trim_end_matches('/').to_owned();
        let is_id = !distribution.is_empty() && distribution.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_id {
            let hint = "写部署输出里的 DistributionId，如 E2EXAMPLE1";
            return Err(Failure::new(format!("`{distribution}` 不是 CloudFront 分发的编号"), hint).into());
        }
        Ok(Edge { address, region, distribution: distribution.to_owned(), account })
    }

    /// Asks for `paths` to be forgotten, and says which in words.
    pub fn forget(&self, paths: &[String]) -> anyhow::Result<String> {
        let url = format!("{}/2020-05-31/distribution/{}/invalidation", self.address, self.distribution);
        // By it a request that is sent twice is known to be one.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let body = batch(paths, &format!("xiangshang-{}-{}", since.as_nanos(), std::process::id()));
        let request = || {
            let request = Request::post(&url).header("content-type", "text/xml").body(body.clone().into_bytes())?;
            Ok(self.account.sign("cloudfront", self.region, request)?)
        };
        let answer =
            send(&agent(), request).context("网页已经传好，但是 CloudFront 没有回答，缓存没有清：最多一分钟后它自己会更新")?;
        if (200..300).contains(&answer.status) {
            return Ok(paths.join("、"));
        }
        Err(failed(format!("CloudFront 回答 {}", answer.status)))
    }
}

fn failed(what: String) -> anyhow::Error {
    let hint = "核对 --distribution（部署输出里的 DistributionId）和账号有没有 cloudfront:CreateInvalidation；不清也行，最多一分钟后它自己会更新";
    Failure::new(format!("网页已经传好，但是缓存没有清：{what}"), hint).into()
}

fn batch(paths: &[String], reference: &str) -> String {
    let items: String =
        paths.iter().map(|path| format!("<Path>{}</Path>", path.replace('&', "&amp;").replace('<', "&lt;"))).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\">\
         <Paths><Quantity>{}</Quantity><Items>{items}</Items></Paths>\
         <CallerReference>{reference}</CallerReference></InvalidationBatch>",
        paths.len()
    )
}
