use super::*;
use crate::proxy::listening::Listening;
use tempfile::TempDir;
use tokio::net::TcpListener;

const S3_URL: &str = "http://127.0.0.1:9";

fn page() -> Page {
    Page {
        config: PageConfig {
            region: "us-east-1".into(),
            user_pool_id: "us-east-1_pool".into(),
            client_id: "client".into(),
            sign_in_url: "/cognito".into(),
            max_image_bytes: 5,
            self_sign_up: false,
            hosted_ui_url: None,
            demo_users: vec![DemoUser {
                email: "alice@example.com".into(),
                password: "open".into(),
            }],
        },
        s3_url: S3_URL.into(),
    }
}

const HOSTED_UI_URL: &str = "https://hikidashi.auth.us-east-1.amazoncognito.com";

/// A page with everything that is optional.
fn open_page() -> Page {
    let mut page = page();
    page.config.self_sign_up = true;
    page.config.hosted_ui_url = Some(HOSTED_UI_URL.into());
    page
}

/// Serves a folder with the given files of a built page, or with none.
async fn host(files: &[&str]) -> (TempDir, Listening) {
    host_page(files, page()).await
}

async fn host_page(files: &[&str], page: Page) -> (TempDir, Listening) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("assets")).unwrap();
    for file in files {
        std::fs::write(folder.path().join(file), *file).unwrap();
    }
    let (_, page) = watch::channel(Some(page));
    let routes = routes(folder.path().to_owned(), page);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = Listening::serve(listener, routes).unwrap();
    (folder, host)
}

async fn get(host: &Listening, path: &str) -> reqwest::Response {
    reqwest::get(format!("{}{path}", host.url())).await.unwrap()
}

#[tokio::test]
async fn the_page_is_asked_for_again_and_its_assets_never() {
    let (_folder, host) = host(&["index.html", "assets/main-1a2b.js", "assets/main-3c.css"]).await;

    let index = get(&host, "/").await;
    assert_eq!(index.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(index.headers()[CACHE_CONTROL], "no-cache");
    assert_eq!(index.text().await.unwrap(), "index.html");

    for (path, media_type) in [
        ("/assets/main-1a2b.js", "text/javascript; charset=utf-8"),
        ("/assets/main-3c.css", "text/css; charset=utf-8"),
    ] {
        let asset = get(&host, path).await;
        assert_eq!(asset.headers()[CONTENT_TYPE], media_type);
        assert!(
            asset.headers()[CACHE_CONTROL]
                .to_str()
                .unwrap()
                .contains("immutable")
        );
    }
}

#[tokio::test]
async fn the_page_may_talk_to_itself_and_to_the_bucket_only() {
    let (_folder, host) = host(&["index.html"]).await;

    let index = get(&host, "/").await;
    let policy = index.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();

    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(
        policy.contains(&format!("connect-src 'self' {S3_URL};")),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
}

#[tokio::test]
async fn the_page_may_call_the_hosted_ui_where_there_is_one() {
    let (_folder, host) = host_page(&["index.html"], open_page()).await;

    let index = get(&host, "/").await;
    let policy = index.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();

    assert!(
        policy.contains(&format!("connect-src 'self' {S3_URL} {HOSTED_UI_URL};")),
        "{policy}"
    );
}

#[tokio::test]
async fn nothing_but_the_page_s_own_files_is_served() {
    let (folder, host) = host(&["index.html", "secret.js", "assets/notes.txt"]).await;
    std::fs::write(folder.path().join("assets/.hidden.js"), "x").unwrap();

    for path in [
        "/assets/..%2Fsecret.js",
        "/assets/%2e%2e%2fsecret.js",
        "/assets/.hidden.js",
        "/assets/notes.txt",
        "/assets/absent.js",
        "/secret.js",
    ] {
        assert_eq!(
            get(&host, path).await.status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_page_that_is_not_built_says_how_to_build_it() {
    let (_folder, host) = host(&[]).await;

    let index = get(&host, "/").await;

    assert_eq!(index.status(), StatusCode::NOT_FOUND);
    assert!(index.text().await.unwrap().contains("make web"));
}

#[tokio::test]
async fn the_page_finds_its_user_pool_next_to_it() {
    let (_folder, host) = host(&[]).await;

    let config: serde_json::Value = get(&host, "/config.json").await.json().await.unwrap();

    assert_eq!(
        config,
        serde_json::json!({
            "region": "us-east-1",
            "userPoolId": "us-east-1_pool",
            "clientId": "client",
            "signInUrl": "/cognito",
            "maxImageBytes": 5,
            "selfSignUp": false,
            "demoUsers": [{ "email": "alice@example.com", "password": "open" }]
        })
    );
}

#[tokio::test]
async fn the_page_finds_what_the_deployment_offers_beside_the_sign_in() {
    let (_folder, host) = host_page(&[], open_page()).await;

    let config: serde_json::Value = get(&host, "/config.json").await.json().await.unwrap();

    assert_eq!(config["selfSignUp"], true);
    assert_eq!(config["hostedUiUrl"], HOSTED_UI_URL);
}
