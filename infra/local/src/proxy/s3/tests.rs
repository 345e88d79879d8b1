use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::*;
use axum::body::Body;

/// Starts a proxy in front of a server that echoes the `Authorization` header.
async fn proxy() -> (Listening, S3Proxy) {
    let echo = Router::new().fallback(|request: Request| async move {
        request
            .headers()
            .get(AUTHORIZATION)
            .map_or("none".to_owned(), |value| {
                value.to_str().unwrap().to_owned()
            })
    });
    let echo = Listening::serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), echo).unwrap();
    let proxy = S3Proxy::start(TcpListener::bind("127.0.0.1:0").await.unwrap(), echo.url())
        .await
        .unwrap();
    (echo, proxy)
}

#[tokio::test]
async fn a_preflight_carries_the_root_key() {
    let (_echo, proxy) = proxy().await;

    let answer = reqwest::Client::new()
        .request(Method::OPTIONS, format!("{}/bucket/key", proxy.url()))
        .header(ORIGIN, "http://localhost:8080")
        .header(ACCESS_CONTROL_REQUEST_METHOD, "PUT")
        .send()
        .await
        .unwrap();

    assert!(answer.text().await.unwrap().contains("Credential=test/"));
}

#[tokio::test]
async fn nothing_but_a_preflight_carries_the_root_key() {
    let (_echo, proxy) = proxy().await;
    let client = reqwest::Client::new();

    for method in [Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let answer = client
            .request(method.clone(), format!("{}/bucket/key", proxy.url()))
            .header(ORIGIN, "http://localhost:8080")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.text().await.unwrap(), "none", "{method}");
    }
}

#[tokio::test]
async fn a_read_of_an_object_with_a_key_of_kms_is_alone() {
    let in_flight = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let seen = (Arc::clone(&in_flight), Arc::clone(&most));
    let bucket = Router::new().fallback(move |request: Request| {
        let (in_flight, most) = seen.clone();
        async move {
            let now = 1 + in_flight.fetch_add(1, Ordering::SeqCst);
            if request.method() == Method::GET {
                // Time for the others to come.
                tokio::time::sleep(Duration::from_millis(100)).await;
                most.fetch_max(now.max(in_flight.load(Ordering::SeqCst)), Ordering::SeqCst);
            }
            in_flight.fetch_sub(1, Ordering::SeqCst);
        }
    });
    let bucket = Listening::serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), bucket).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = S3Proxy::start(listener, bucket.url()).await.unwrap();
    let client = reqwest::Client::new();
    let send =
        |method: Method, key: &str| client.request(method, format!("{}/bucket/{key}", proxy.url()));

    let put = send(Method::PUT, "kms").header(ENCRYPTION, "aws:kms:dsse");
    put.send().await.unwrap();
    for (key, at_once) in [("kms", 1), ("other", 2)] {
        most.store(0, Ordering::SeqCst);
        let read = send(Method::GET, key).send();
        let beside = send(Method::GET, "third").send();
        let (read, beside) = tokio::join!(read, beside);
        assert!(read.unwrap().status().is_success());
        assert!(beside.unwrap().status().is_success());
        assert_eq!(most.load(Ordering::SeqCst), at_once, "{key}");
    }
}

#[test]
fn a_get_that_names_a_request_method_is_no_preflight() {
    let request = Request::get("/bucket/key")
        .header(ORIGIN, "http://localhost:8080")
        .header(ACCESS_CONTROL_REQUEST_METHOD, "PUT")
        .body(Body::empty())
        .unwrap();

    assert!(!is_preflight(&request));
}

/// Starts a proxy in front of a server that stores nothing: reads are not found, and listings
/// are for the sender `lister`.
async fn proxy_of_empty_bucket() -> (Listening, S3Proxy) {
    let bucket = Router::new().fallback(|request: Request| async move {
        let is_listing = request
            .uri()
            .query()
            .unwrap_or_default()
            .contains("list-type");
        let sender = request.headers().get(AUTHORIZATION);
        let sender = sender
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        match (request.method(), is_listing) {
            (&Method::PUT, _) => StatusCode::OK.into_response(),
            (_, false) => error(StatusCode::NOT_FOUND, "NoSuchKey", "none"),
            _ if sender.contains("Credential=lister/") => StatusCode::OK.into_response(),
            _ if sender.contains("Credential=unsigned/") => {
                error(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", "no")
            }
            _ => error(StatusCode::FORBIDDEN, "AccessDenied", "no"),
        }
    });
    let bucket = Listening::serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), bucket).unwrap();
    let proxy = S3Proxy::start(
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
        bucket.url(),
    )
    .await
    .unwrap();
    (bucket, proxy)
}

#[tokio::test]
async fn a_missing_key_is_not_found_only_by_who_may_list() {
    let (_bucket, proxy) = proxy_of_empty_bucket().await;
    let client = reqwest::Client::new();
    let url = format!("{}/bucket/a/key", proxy.url());

    for (sender, status) in [("lister", 404), ("unsigned", 404), ("user", 403)] {
        let header = format!("AWS4-HMAC-SHA256 Credential={sender}/x, Signature=0");
        let presigned = format!("{url}?X-Amz-Credential={sender}%2Fx&X-Amz-Signature=0");
        for request in [
            client.get(&url).header(AUTHORIZATION, &header),
            client.head(&url).header(AUTHORIZATION, &header),
            client.get(&presigned),
        ] {
            assert_eq!(request.send().await.unwrap().status(), status, "{sender}");
        }
    }
    let anonymous = client.get(&url).send().await.unwrap();
    assert!(
        anonymous
            .text()
            .await
            .unwrap()
            .contains("<Code>AccessDenied</Code>")
    );
}

#[tokio::test]
async fn what_was_put_with_a_key_is_not_read_without_it() {
    let (_bucket, proxy) = proxy_of_empty_bucket().await;
    let client = reqwest::Client::new();
    let url = format!("{}/bucket/a/key", proxy.url());
    let read = || async { client.get(&url).send().await.unwrap().status() };

    let put = client.put(&url).header(CUSTOMER_KEY, "AES256");
    put.send().await.unwrap();
    assert_eq!(read().await, StatusCode::BAD_REQUEST);
    let with_key = client.get(&url).header(CUSTOMER_KEY, "AES256");
    assert_eq!(
        with_key.send().await.unwrap().status(),
        StatusCode::FORBIDDEN
    );

    client.put(&url).send().await.unwrap();
    assert_eq!(read().await, StatusCode::FORBIDDEN);
}

#[test]
fn a_bucket_is_no_object() {
    for (path, is_object) in [
        ("/bucket", false),
        ("/bucket/", false),
        ("/bucket/a/b", true),
    ] {
        assert_eq!(is_of_object(&path.parse().unwrap()), is_object, "{path}");
    }
}
