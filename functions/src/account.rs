//! Requests to AWS that no SDK makes: signed for the account that the environment names.

use std::{env, time::SystemTime};

use aws_sdk_dynamodb::config::Credentials;
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode, sign,
    },
    sign::v4,
};
use axum::http::Request;

/// Who asks, and where.
#[derive(Debug, Clone)]
pub struct Account {
    /// The region, `cn-north-1`.
    pub region: String,
    /// The account's keys.
    pub(crate) credentials: Credentials,
}

/// The environment does not say who asks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the environment says nothing in `{0}`\nhint: Lambda sets it; elsewhere set it to what the account's administrator gave you"
)]
pub struct MissingVariable(pub(crate) &'static str);

/// A request that cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a request cannot be signed: {0}")]
pub struct Unsigned(String);

impl Account {
    /// The account that the environment names (`AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`).
    pub fn from_environment() -> Result<Account, MissingVariable> {
        let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
        let needed = |name| variable(name).ok_or(MissingVariable(name));
        let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")).ok_or(MissingVariable("AWS_REGION"))?;
        let (id, secret) = (needed("AWS_ACCESS_KEY_ID")?, needed("AWS_SECRET_ACCESS_KEY")?);
        let credentials = Credentials::new(id, secret, variable("AWS_SESSION_TOKEN"), None, "environment");
        Ok(Account { region, credentials })
    }

    /// Whether the account is one of `aws-cn`, which shares nothing with the others.
    pub fn is_in_china(&self) -> bool {
        self.region.starts_with("cn-")
    }

    /// `request`, signed with all of its headers and its body for a service of `region`. Its address must be encoded already, each sign once.
    pub fn sign(&self, service: &str, region: &str, request: Request<Vec<u8>>) -> Result<Request<Vec<u8>>, Unsigned> {
        let failed = |error: &dyn std::fmt::Display| Unsigned(error.to_string());
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let identity = self.credentials.clone().into();
        // The server compares it with its own clock, so a site's supposed present moment does not count here.
        let parameters = v4::SigningParams::builder().identity(&identity).region(region).name(service).time(SystemTime::now());
        let parameters = parameters.settings(settings).build().map_err(|error| failed(&error))?;
        let (mut parts, body) = request.into_parts();
        let headers: Vec<(String, String)> = parts
            .headers
            .iter()
            .map(|(name, value)| Ok((name.to_string(), value.to_str().map_err(|error| failed(&error))?.to_owned())))
            .collect::<Result<_, Unsigned>>()?;
        let uri = parts.uri.to_string();
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let signable = SignableRequest::new(parts.method.as_str(), &uri, headers, SignableBody::Bytes(&body));
        let signed = sign(signable.map_err(|error| failed(&error))?, &parameters.into()).map_err(|error| failed(&error))?;
        let (instructions, _) = signed.into_parts();
        let mut bare = Request::from_parts(parts, ());
        instructions.apply_to_request_http1x(&mut bare);
        parts = bare.into_parts().0;
        Ok(Request::from_parts(parts, body))
    }
}
