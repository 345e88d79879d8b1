use super::*;
use axum::response::AppendHeaders;

fn target(stage: &str) -> ApiTarget {
    ApiTarget {
        api_id: "abc123".into(),
        region: "us-east-1".into(),
        stage: stage.into(),
    }
}

/// Starts a proxy, not yet configured, in front of a server that echoes requests.
async fn proxy() -> (Listening, ApiProxy) {
    let echo = Router::new().fallback(|request: Request| async move {
        let headers = request.headers();
        let joined = headers
            .get("x-twice")
            .map(|value| value.to_str().unwrap().to_owned());
        let target = headers.get("x-amz-target");
        let seen = format!(
            "{} {} {target:?} {joined:?}",
            headers[HOST].to_str().unwrap(),
            request.uri()
        );
        (
            AppendHeaders([
                (CONTENT_TYPE, "text/emulator"),
                (CONTENT_TYPE, "text/function"),
            ]),
            seen,
        )
    });
    let echo = Listening::serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), echo).unwrap();
    let proxy = ApiProxy::start(
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
        echo.url(),
        echo.url(),
    )
    .await
    .unwrap();
    (echo, proxy)
}

async fn get(url: String) -> (StatusCode, String) {
    let response = reqwest::get(url).await.unwrap();
    (response.status(), response.text().await.unwrap())
}

#[tokio::test]
async fn the_proxy_is_closed_until_it_is_configured() {
    let (_echo, proxy) = proxy().await;

    assert_eq!(
        get(format!("{}/healthz", proxy.url())).await.0,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(
        get(format!("{}/images", proxy.url())).await.0,
        StatusCode::SERVICE_UNAVAILABLE
    );

    proxy.configure(target("$default"));

    assert_eq!(
        get(format!("{}/healthz", proxy.url())).await.0,
        StatusCode::OK
    );
    assert_eq!(
        get(format!("{}/images", proxy.url())).await.0,
        StatusCode::OK
    );
}

#[tokio::test]
async fn the_description_of_the_api_is_there_for_everyone() {
    let (_echo, proxy) = proxy().await;

    let answer = reqwest::get(format!("{}/openapi.yaml", proxy.url()))
        .await
        .unwrap();

    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/yaml");
    assert!(answer.text().await.unwrap().contains("openapi: 3.1."));
}

#[tokio::test]
async fn the_gallery_is_there_and_not_the_api_s() {
    let (_echo, proxy) = proxy().await;
    proxy.configure(target("$default"));

    let (_, page) = get(format!("{}/", proxy.url())).await;
    assert!(page.starts_with("<!doctype html>"), "{page}");

    let waiting = get(format!("{}/config.json", proxy.url())).await;
    assert_eq!(waiting.0, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn the_default_stage_adds_nothing_to_the_path() {
    let (_echo, proxy) = proxy().await;
    proxy.configure(target("$default"));

    let (_, seen) = get(format!("{}/images/a%2Fb?limit=1&limit=2", proxy.url())).await;

    assert_eq!(
        seen,
        "abc123.execute-api.us-east-1.amazonaws.com /images/a%2Fb?limit=1&limit=2 None None"
    );
}

#[tokio::test]
async fn a_named_stage_goes_in_front_of_the_path() {
    let (_echo, proxy) = proxy().await;
    proxy.configure(target("dev"));

    let (_, seen) = get(format!("{}/images?limit=1", proxy.url())).await;

    assert!(seen.contains(" /dev/images?limit=1 "), "{seen}");
}

#[tokio::test]
async fn repeated_headers_arrive_joined() {
    let (_echo, proxy) = proxy().await;
    proxy.configure(target("$default"));

    let seen = reqwest::Client::new()
        .get(format!("{}/images", proxy.url()))
        .header("x-twice", "a")
        .header("x-twice", "b")
        .send()
        .await
        .unwrap();

    assert!(seen.text().await.unwrap().ends_with(r#"Some("a,b")"#));
}

#[tokio::test]
async fn the_emulators_own_pages_are_not_found() {
    let (_echo, proxy) = proxy().await;
    proxy.configure(target("$default"));

    for path in ["/_reset", "/_fakecloud/health", "/_aws/execute-api/x/y"] {
        let (status, _) = get(format!("{}{path}", proxy.url())).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_body_passes_up_to_what_lambda_takes_in_base64() {
    let (_echo, proxy) = proxy().await;
    proxy.configure(target("$default"));
    let post = |bytes: usize| {
        reqwest::Client::new()
            .post(format!("{}/upload", proxy.url()))
            .body(vec![0; bytes])
            .send()
    };
    let largest = MAX_EVENT_BYTES / 4 * 3;

    assert_eq!(post(largest).await.unwrap().status(), StatusCode::OK);
    for too_large in [largest + 1, MAX_BODY_BYTES, MAX_BODY_BYTES + 1] {
        assert_eq!(
            post(too_large).await.unwrap().status(),
            StatusCode::PAYLOAD_TOO_LARGE
        );
    }
}

#[tokio::test]
async fn an_answer_has_one_content_type() {
    let (_echo, proxy) = proxy().await;
    proxy.configure(target("$default"));

    let answer = reqwest::get(format!("{}/images", proxy.url()))
        .await
        .unwrap();

    let types: Vec<_> = answer.headers().get_all(CONTENT_TYPE).iter().collect();
    assert_eq!(types, ["text/function"]);
}

#[tokio::test]
async fn operations_of_the_emulator_are_not_performed() {
    let (_echo, proxy) = proxy().await;
    proxy.configure(target("$default"));

    let seen = reqwest::Client::new()
        .get(format!("{}/images", proxy.url()))
        .header(
            "x-amz-target",
            "AWSCognitoIdentityProviderService.ListUsers",
        )
        .send()
        .await
        .unwrap();

    assert!(!seen.text().await.unwrap().contains("ListUsers"));
}

#[tokio::test]
async fn refusals_of_the_emulator_are_in_the_words_of_the_gateway() {
    let emulator = Router::new().fallback(|| async {
        (
            StatusCode::UNAUTHORIZED,
            [
                (CONTENT_TYPE.as_str(), "application/x-amz-json-1.1"),
                ("access-control-allow-origin", "http://localhost"),
            ],
            r#"{"__type":"UnauthorizedException","message":"Missing required identity source"}"#,
        )
    });
    let emulator =
        Listening::serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), emulator).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = ApiProxy::start(listener, emulator.url(), emulator.url())
        .await
        .unwrap();
    proxy.configure(target("$default"));

    let answer = reqwest::get(format!("{}/images", proxy.url()))
        .await
        .unwrap();

    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/json");
    assert_eq!(
        answer.headers()["access-control-allow-origin"],
        "http://localhost"
    );
    assert_eq!(
        answer.text().await.unwrap(),
        r#"{"message":"Unauthorized"}"#
    );
}

#[tokio::test]
async fn a_call_goes_on_when_its_caller_has_hung_up() {
    let (ended, mut end) = tokio::sync::mpsc::channel(1);
    let slow = Router::new().fallback(move || {
        let ended = ended.clone();
        async move {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            ended.send(()).await.unwrap();
        }
    });
    let slow = Listening::serve(TcpListener::bind("127.0.0.1:0").await.unwrap(), slow).unwrap();
    let proxy = ApiProxy::start(
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
        slow.url(),
        slow.url(),
    )
    .await
    .unwrap();
    proxy.configure(target("$default"));

    let caller = reqwest::Client::builder()
        .timeout(std::time::Duration::from_millis(50))
        .build()
        .unwrap();
    let answer = caller.get(format!("{}/images", proxy.url())).send().await;

    assert!(answer.unwrap_err().is_timeout());
    assert!(end.recv().await.is_some(), "the call was cut off");
}
