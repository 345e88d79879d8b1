//! The HTTP client that signs and sends calls. Paths are sent byte for byte.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use anyhow::Context as _;
use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
        SigningSettings, UriPathNormalizationMode, sign,
    },
    sign::v4,
};
use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt as _, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

use crate::{
    call::{Call, Service},
    target::{Target, signing_name},
};

/// Deadline of a response. An attack that hangs is no denial.
const ANSWER_WITHIN: Duration = Duration::from_secs(40);

/// Lifetime of the attacker's own presigned URLs.
const URL_LIFETIME: Duration = Duration::from_mins(5);

/// The authorization of a request.
#[derive(Clone, Copy, Debug)]
pub enum Authorization<'a> {
    /// A signature in the `Authorization` header.
    Header(&'a Credentials),
    /// A signature in the query.
    Url(&'a Credentials),
    /// A bearer token.
    Bearer(&'a str),
    /// No authorization.
    None,
}

/// The response to a call.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Reply {
    /// Returns whether the request succeeded.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns a header as text; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Returns the body as text; invalid UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Parses the body as JSON.
    pub fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_slice(&self.body)
            .with_context(|| format!("{}: {}", self.status, self.text()))
    }

    /// Returns the error code: an AWS code, or the slug of a problem document.
    pub fn code(&self) -> String {
        let header = self.headers.get("x-amzn-errortype");
        if let Some(code) = header.and_then(|value| value.to_str().ok()) {
            return bare(code);
        }
        let text = self.text();
        if let Ok(body) = serde_json::from_str::<Value>(&text) {
            let code = ["__type", "type", "Code", "code"]
                .iter()
                .find_map(|member| body[member].as_str());
            return code.map(bare).unwrap_or_default();
        }
        text.split_once("<Code>")
            .and_then(|(_, rest)| rest.split_once("</Code>"))
            .map(|(code, _)| bare(code))
            .unwrap_or_default()
    }
}

/// Strips `com.amazonaws…#Code:http…` and `urn:hikidashi:problem:slug` down to the code.
fn bare(code: &str) -> String {
    let code = code.rsplit('#').next().unwrap_or(code);
    match code.strip_prefix("urn:hikidashi:problem:") {
        Some(slug) => slug.to_owned(),
        None => code.split(':').next().unwrap_or(code).to_owned(),
    }
}

/// The shared HTTP client.
#[derive(Clone, Debug)]
pub struct Wire {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Wire {
    /// Creates a client with the system's root certificates.
    pub fn new() -> anyhow::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
        })
    }

    /// Sends a call.
    pub async fn send(
        &self,
        target: &Target,
        call: &Call,
        authorization: Authorization<'_>,
    ) -> anyhow::Result<Reply> {
        let request = build(target, call, authorization)?;
        self.send_request(request)
            .await
            .with_context(|| format!("{} {}", call.method, call.target))
    }

    /// Gets a URL without a signature of its own.
    pub async fn get(&self, url: &str) -> anyhow::Result<Reply> {
        self.send_request(Request::get(url).body(Full::default())?)
            .await
    }

    /// Puts a body to a URL without a signature of its own.
    pub async fn put(
        &self,
        url: &str,
        headers: &BTreeMap<String, String>,
        body: Vec<u8>,
    ) -> anyhow::Result<Reply> {
        let mut request = Request::put(url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        self.send_request(request.body(Full::new(body.into()))?)
            .await
    }

    async fn send_request(&self, request: Request<Full<Bytes>>) -> anyhow::Result<Reply> {
        let answer = tokio::time::timeout(ANSWER_WITHIN, self.client.request(request))
            .await
            .context("no answer in time")??;
        let (parts, body) = answer.into_parts();
        Ok(Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.collect().await?.to_bytes(),
        })
    }
}

fn build(
    target: &Target,
    call: &Call,
    authorization: Authorization<'_>,
) -> anyhow::Result<Request<Full<Bytes>>> {
    let url = format!("{}{}", target.url(call.service), call.target);
    let mut request = Request::builder().method(call.method.clone()).uri(&url);
    for (name, value) in &call.headers {
        request = request.header(name, value);
    }
    if let Authorization::Bearer(token) = authorization {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut request = request
        .body(Full::new(Bytes::from(call.body.clone())))
        .with_context(|| format!("not a request: {} {url}", call.method))?;
    match authorization {
        Authorization::Header(credentials) => {
            apply(
                target,
                call,
                &url,
                credentials,
                SignatureLocation::Headers,
                &mut request,
            )?;
        }
        Authorization::Url(credentials) => {
            apply(
                target,
                call,
                &url,
                credentials,
                SignatureLocation::QueryParams,
                &mut request,
            )?;
        }
        Authorization::Bearer(_) | Authorization::None => {}
    }
    Ok(request)
}

fn apply(
    target: &Target,
    call: &Call,
    url: &str,
    credentials: &Credentials,
    location: SignatureLocation,
    request: &mut Request<Full<Bytes>>,
) -> anyhow::Result<()> {
    let mut settings = SigningSettings::default();
    settings.signature_location = location;
    if call.service == Service::S3 {
        // S3 signs keys as they are sent, without normalizing them.
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        if location == SignatureLocation::Headers {
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
    }
    let body = if location == SignatureLocation::QueryParams {
        settings.expires_in = Some(URL_LIFETIME);
        SignableBody::UnsignedPayload
    } else {
        SignableBody::Bytes(&call.body)
    };
    let identity = credentials.clone().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(target.signing_region(call.service))
        .name(signing_name(call.service))
        .time(SystemTime::now())
        .settings(settings)
        .build()?
        .into();
    let headers = call
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let signable = SignableRequest::new(call.method.as_str(), url, headers, body)?;
    let (instructions, _) = sign(signable, &params)?.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}

/// Returns whether the response to a method has no body, and so no error code.
pub fn is_bodiless(method: &Method) -> bool {
    *method == Method::HEAD
}

#[cfg(test)]
mod tests {
    use super::{Reply, bare};

    fn reply(body: &str) -> Reply {
        Reply {
            status: 403,
            headers: http::HeaderMap::new(),
            body: body.to_owned().into(),
        }
    }

    #[test]
    fn the_error_code_is_found_in_every_format() {
        for (body, code) in [
            ("<Error><Code>AccessDenied</Code></Error>", "AccessDenied"),
            (
                r#"{"__type":"com.amazonaws.dynamodb#AccessDeniedException"}"#,
                "AccessDeniedException",
            ),
            (
                r#"{"type":"urn:hikidashi:problem:image-not-found"}"#,
                "image-not-found",
            ),
            (r#"{"message":"Forbidden"}"#, ""),
        ] {
            assert_eq!(reply(body).code(), code, "{body}");
        }
        assert_eq!(
            bare("AccessDeniedException:http://internal"),
            "AccessDeniedException"
        );
    }
}
