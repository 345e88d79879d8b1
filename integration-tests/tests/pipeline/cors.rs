//! Cross-origin requests from the web page of the configured origin.

use std::collections::BTreeSet;

use reqwest::{Client, Method, Response};
use uuid::Uuid;

use crate::with_stack;
use integration_tests::user::TestUser;

/// Returns the values of a list header, in lower case.
fn list(response: &Response, name: &str) -> BTreeSet<String> {
    response
        .headers()
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|item| item.trim().to_ascii_lowercase())
        .collect()
}

async fn preflight(
    url: &str,
    origin: &str,
    method: &str,
    headers: &str,
) -> anyhow::Result<Response> {
    Ok(Client::new()
        .request(Method::OPTIONS, url)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", headers)
        .send()
        .await?)
}

#[test]
fn the_page_may_use_every_method_and_header_of_the_api() {
    with_stack(|stack| async move {
        let origin = stack.api_url().replace("127.0.0.1", "localhost");
        let url = format!("{}/images/{}", stack.api_url(), Uuid::now_v7());
        for method in ["GET", "POST", "PATCH", "DELETE"] {
            let answer = preflight(&url, &origin, method, "authorization,if-none-match").await?;
            assert!(answer.status().is_success(), "{}", answer.status());
            assert_eq!(answer.headers()["access-control-allow-origin"], *origin);
            let methods = list(&answer, "access-control-allow-methods");
            assert!(
                methods.contains(&method.to_ascii_lowercase()),
                "{methods:?}"
            );
            let headers = list(&answer, "access-control-allow-headers");
            for header in [
                "authorization",
                "content-type",
                "content-disposition",
                "if-none-match",
            ] {
                assert!(headers.contains(header), "{headers:?}");
            }
        }
        let alice = TestUser::new(stack).await?;
        let answer = alice
            .request(Method::GET, "/images")
            .header("origin", &origin)
            .send()
            .await?;
        let exposed = list(&answer, "access-control-expose-headers");
        for header in ["location", "x-request-id", "etag", "retry-after"] {
            assert!(exposed.contains(header), "{exposed:?}");
        }
        Ok(())
    });
}

#[test]
fn the_page_may_fetch_from_the_bucket_and_put_into_it_and_no_other_page_may() {
    with_stack(|stack| async move {
        let origin = stack.api_url().replace("127.0.0.1", "localhost");
        let url = format!("{}/{}/key", stack.s3_url(), stack.outputs().bucket_name);
        for (origin, method, is_allowed) in [
            (origin.as_str(), "GET", true),
            (&origin, "PUT", true),
            // The same machine by another host name.
            (stack.api_url(), "PUT", true),
            (&origin, "DELETE", false),
            ("http://elsewhere.example", "GET", false),
        ] {
            let answer = preflight(&url, origin, method, "content-type,if-none-match").await?;
            assert_eq!(
                answer.status().is_success(),
                is_allowed,
                "{origin} {method}: {}",
                answer.status()
            );
        }
        Ok(())
    });
}
