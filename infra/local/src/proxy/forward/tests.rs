use super::*;
use crate::proxy::listening::Listening;
use axum::Router;
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Starts a proxy in front of a server that echoes requests.
async fn proxy_to_an_echo() -> (Listening, Listening) {
    let echo = Router::new().fallback(|request: Request| async move {
        let (parts, body) = request.into_parts();
        let body: Bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let seen = format!(
            "{} {} {:?} {}",
            parts.method,
            parts.uri,
            parts.headers,
            body.len()
        );
        ([("keep-alive", "timeout=5"), ("x-kept", "yes")], seen)
    });
    let echo = Listening::serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), echo).unwrap();
    let upstream = Upstream::new(echo.url()).unwrap();
    let proxy =
        Router::new().fallback(move |request| async move { upstream.forward(request).await });
    let proxy = Listening::serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), proxy).unwrap();
    (echo, proxy)
}

/// Sends raw bytes, which no URL library would send unchanged.
async fn exchange(proxy: &Listening, request: &str) -> String {
    let mut stream = TcpStream::connect(proxy.url().trim_start_matches("http://"))
        .await
        .unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn path_query_and_host_arrive_byte_for_byte() {
    let (_echo, proxy) = proxy_to_an_echo().await;

    let answer = exchange(
        &proxy,
        "GET /a/../b//c%2Fd%3A'e?x='1'&y=%2f&y=%2F&z=a+b HTTP/1.1\r\nHost: signed.example:81\r\nConnection: close\r\n\r\n",
    )
    .await;

    assert!(
        answer.contains("GET /a/../b//c%2Fd%3A'e?x='1'&y=%2f&y=%2F&z=a+b "),
        "{answer}"
    );
    assert!(
        answer.contains(r#""host": "signed.example:81""#),
        "{answer}"
    );
}

#[tokio::test]
async fn headers_about_the_connection_end_at_the_proxy() {
    let (_echo, proxy) = proxy_to_an_echo().await;

    let answer = exchange(
        &proxy,
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\nTE: trailers\r\nX-Other: 2\r\n\r\n",
    )
    .await;

    assert!(
        !answer.contains("x-mine") && !answer.contains("trailers"),
        "{answer}"
    );
    assert!(answer.contains("x-other"), "{answer}");
    assert!(
        answer.contains("x-kept: yes") && !answer.contains("keep-alive"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_chunked_body_arrives_whole() {
    let (_echo, proxy) = proxy_to_an_echo().await;

    let answer = exchange(
        &proxy,
        "PUT / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\n123\r\n0\r\n\r\n",
    )
    .await;

    assert!(answer.trim_end().ends_with(" 8"), "{answer}");
}

#[tokio::test]
async fn an_unreachable_upstream_is_a_bad_gateway() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = Upstream::new(&format!("http://{}", closed.local_addr().unwrap())).unwrap();
    drop(closed);

    let response = upstream.forward(Request::new(Body::empty())).await;

    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
}
