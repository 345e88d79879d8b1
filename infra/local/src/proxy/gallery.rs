//! The gallery, served as by a static host.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::{Path as UrlPath, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use tokio::sync::watch;

/// The page to serve before the gallery has been built.
const NOT_BUILT: &str = "<!doctype html><html lang=en><title>Hikidashi</title>\
    <p>The page is not built. It needs Node.js 20.19 or later: <code>make web</code>, then reload.\
    <p>The API works without it: <a href=/openapi.yaml>openapi.yaml</a>.";

/// `Cache-Control` of the files whose names change with their content.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_FIRST: HeaderValue = HeaderValue::from_static("no-cache");

/// Content of `config.json`, next to the page. On AWS the operator writes that file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageConfig {
    /// The user pool's region.
    pub region: String,
    /// The user pool.
    pub user_pool_id: String,
    /// The user pool's client.
    pub client_id: String,
    /// The user pool's address; on AWS, the page derives it from the region.
    pub sign_in_url: String,
    /// Size limit of `POST /upload/presign`.
    pub max_image_bytes: u64,
    /// Whether the page offers to create an account.
    pub self_sign_up: bool,
    /// URL of Cognito's sign-in pages, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosted_ui_url: Option<String>,
    /// Users that the page offers to sign in as with one click.
    pub demo_users: Vec<DemoUser>,
}

/// A user whose password is public.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DemoUser {
    /// The address to sign in with.
    pub email: String,
    /// The password. It protects nothing: the pool lives on this machine.
    pub password: String,
}

/// The page served at `/`.
#[derive(Clone, Debug)]
pub struct Page {
    /// The page's configuration.
    pub config: PageConfig,
    /// Address of the images, which the page's content security policy has to allow.
    pub s3_url: String,
}

struct Host {
    folder: PathBuf,
    page: watch::Receiver<Option<Page>>,
}

/// The routes of the page: `/`, its assets, its icon and `config.json`. Files are read on each
/// request, so that a rebuilt page appears after a reload.
pub(crate) fn routes(folder: PathBuf, page: watch::Receiver<Option<Page>>) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/index.html", get(index))
        .route("/favicon.svg", get(icon))
        .route("/assets/{name}", get(asset))
        .route("/config.json", get(config))
        .with_state(Arc::new(Host { folder, page }))
}

async fn index(State(host): State<Arc<Host>>) -> Response {
    let Ok(html) = tokio::fs::read(host.folder.join("index.html")).await else {
        let html = [(CONTENT_TYPE, "text/html; charset=utf-8")];
        return (StatusCode::NOT_FOUND, html, NOT_BUILT).into_response();
    };
    let policy = host.page.borrow().as_ref().map_or_else(
        || policy("", ""),
        |page| {
            let hosted_ui_url = page.config.hosted_ui_url.as_deref().unwrap_or_default();
            policy(&page.s3_url, hosted_ui_url)
        },
    );
    let mut response = file(html, "text/html; charset=utf-8", ASK_FIRST);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response
            .headers_mut()
            .insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

async fn icon(State(host): State<Arc<Host>>) -> Response {
    read(&host.folder.join("favicon.svg"), ASK_FIRST).await
}

async fn asset(State(host): State<Arc<Host>>, UrlPath(name): UrlPath<String>) -> Response {
    if !is_plain(&name) {
        return not_found();
    }
    read(&host.folder.join("assets").join(name), FOR_EVER).await
}

async fn config(State(host): State<Arc<Host>>) -> Response {
    let Some(page) = host.page.borrow().clone() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    ([(CACHE_CONTROL, ASK_FIRST)], Json(page.config)).into_response()
}

async fn read(path: &Path, caching: HeaderValue) -> Response {
    match (tokio::fs::read(path).await, media_type(path)) {
        (Ok(bytes), Some(media_type)) => file(bytes, media_type, caching),
        _ => not_found(),
    }
}

fn file(bytes: Vec<u8>, media_type: &'static str, caching: HeaderValue) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (CACHE_CONTROL, caching),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, bytes).into_response()
}

/// Returns a 404 as API Gateway words it.
fn not_found() -> Response {
    let message = serde_json::json!({ "message": "Not Found" });
    (StatusCode::NOT_FOUND, Json(message)).into_response()
}

/// Returns whether a name is a plain file name, without a path.
fn is_plain(name: &str) -> bool {
    !name.starts_with('.')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Returns the media type, for the file types that the build writes.
fn media_type(path: &Path) -> Option<&'static str> {
    match path.extension()?.to_str()? {
        "js" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

/// Builds the content security policy: the page may load from and call itself and the bucket, and
/// exchange a code at the hosted UI. `blob:` is for images being uploaded or downloaded, `data:`
/// for placeholders. The template has the same policy for `CloudFront`.
fn policy(s3_url: &str, hosted_ui_url: &str) -> String {
    let connect: Vec<&str> = ["'self'", s3_url, hosted_ui_url]
        .into_iter()
        .filter(|source| !source.is_empty())
        .collect();
    let connect = connect.join(" ");
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data: {s3_url}; \
         connect-src {connect}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests;
