//! Tests of the exchange against a fake Cognito on loopback, which counts, delays and refuses
//! calls. The SDK, the protocol and the connections are real.

use std::{
    fmt::Write as _,
    io::Write,
    sync::{
        LazyLock,
        atomic::{AtomicBool, AtomicI64, AtomicUsize},
    },
};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::{net::TcpListener, sync::Semaphore, task::JoinSet};

use super::*;
use common::{id_token::Expected, telemetry};

const ISSUER: &str = "https://pool";
const PROVIDER: &str = "pool";
const SECRETS: [&str; 2] = ["the-secret-key", "the-session-token"];

/// The fake pool: its behaviour and its counters.
struct Pool {
    get_id: AtomicUsize,
    get_credentials: AtomicUsize,
    /// The lifetime of the credentials that it issues.
    lifetime_secs: AtomicI64,
    refuses: AtomicBool,
    /// The error code of `GetCredentialsForIdentity`, if every identity is refused.
    identities_refused: Mutex<Option<&'static str>>,
    /// Whether every login has been unlinked from its first identity.
    unlinked: AtomicBool,
    /// The `sub` of the user whose calls all wait for a permit.
    held: &'static str,
    permits: Semaphore,
}

impl Pool {
    fn new() -> Arc<Self> {
        Self::holding("")
    }

    fn holding(held: &'static str) -> Arc<Self> {
        Arc::new(Self {
            get_id: AtomicUsize::new(0),
            get_credentials: AtomicUsize::new(0),
            lifetime_secs: AtomicI64::new(3600),
            refuses: AtomicBool::new(false),
            identities_refused: Mutex::new(None),
            unlinked: AtomicBool::new(false),
            held,
            permits: Semaphore::new(0),
        })
    }

    /// Lets all waiting and later calls pass.
    fn release(&self) {
        self.permits.add_permits(1000);
    }

    /// Returns the number of calls of `GetId` and of `GetCredentialsForIdentity`.
    fn calls(&self) -> (usize, usize) {
        (
            self.get_id.load(Ordering::SeqCst),
            self.get_credentials.load(Ordering::SeqCst),
        )
    }

    /// Creates a cache for `users` users that asks this pool. SDK retries are off, because the pool
    /// would count them.
    async fn exchange(self: &Arc<Self>, users: usize) -> Arc<CredentialsCache> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-west-1"))
            .retry_config(RetryConfig::disabled())
            .endpoint_url(url)
            .build();
        Arc::new(CredentialsCache::with_capacity(
            Client::new(&sdk),
            "eu-west-1:pool".to_owned(),
            PROVIDER.to_owned(),
            NonZeroUsize::new(users).unwrap(),
        ))
    }
}

async fn answer(
    State(pool): State<Arc<Pool>>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, String) {
    let body: Value = serde_json::from_str(&body).unwrap();
    let token = body["Logins"][PROVIDER].as_str().unwrap();
    let claims = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    let sub = claims["sub"].as_str().unwrap();
    let operation = headers["x-amz-target"].to_str().unwrap();
    let is_get_id = operation.ends_with(".GetId");
    let count = if is_get_id {
        &pool.get_id
    } else {
        &pool.get_credentials
    };
    count.fetch_add(1, Ordering::SeqCst);
    if sub == pool.held {
        pool.permits.acquire().await.unwrap().forget();
    }
    if pool.refuses.load(Ordering::SeqCst) {
        let refusal =
            json!({"__type": "NotAuthorizedException", "message": "Invalid login token."});
        return (StatusCode::BAD_REQUEST, refusal.to_string());
    }
    if !is_get_id && let Some(code) = *lock(&pool.identities_refused) {
        let refusal = json!({"__type": code, "message": "refused"});
        return (StatusCode::BAD_REQUEST, refusal.to_string());
    }
    let is_unlinked = pool.unlinked.load(Ordering::SeqCst);
    let last = if is_unlinked {
        "fedcba987654"
    } else {
        "456789abcdef"
    };
    let identity = format!("eu-west-1:{sub:0>8}-89ab-cdef-0123-{last}");
    if !is_get_id && body["IdentityId"] != identity.as_str() {
        let refusal = json!({"__type": "NotAuthorizedException", "message": "Logins don't match."});
        return (StatusCode::BAD_REQUEST, refusal.to_string());
    }
    let answer = if is_get_id {
        json!({"IdentityId": identity})
    } else {
        let lifetime = pool.lifetime_secs.load(Ordering::SeqCst);
        let expiration = OffsetDateTime::now_utc().unix_timestamp() + lifetime;
        json!({"IdentityId": identity, "Credentials": {
            "AccessKeyId": "ASIA", "SecretKey": SECRETS[0], "SessionToken": SECRETS[1], "Expiration": expiration,
        }})
    };
    (StatusCode::OK, answer.to_string())
}

/// The start of the tests: read once, so that two tokens with the same claims are equal.
static BEGAN: LazyLock<i64> = LazyLock::new(|| OffsetDateTime::now_utc().unix_timestamp());

/// Returns a token of the user with this `sub`, which is digits. Tokens with different `jti`
/// differ.
fn raw_token(sub: &str, jti: &str, expires_in_secs: i64) -> String {
    let exp = *BEGAN + expires_in_secs;
    let claims = json!({
        "iss": ISSUER, "aud": "client", "sub": sub, "jti": jti, "token_use": "id", "exp": exp,
    });
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

fn parsed(raw: &str) -> IdToken {
    let expected = Expected {
        issuer: ISSUER,
        client_ids: &["client".to_owned()],
        now: OffsetDateTime::now_utc(),
    };
    IdToken::parse(raw, &expected).unwrap()
}

fn token(sub: &str) -> IdToken {
    parsed(&raw_token(sub, "1", 3600))
}

/// Sends `requests` requests at once with one token, and returns their outcomes.
async fn at_once(
    exchange: &Arc<CredentialsCache>,
    token: &IdToken,
    requests: usize,
) -> Vec<Result<UserCredentials, ExchangeError>> {
    let mut tasks = JoinSet::new();
    for _ in 0..requests {
        let (exchange, token) = (exchange.clone(), token.clone());
        tasks.spawn(async move { exchange.credentials(&token).await });
    }
    tasks.join_all().await
}

#[tokio::test]
async fn fifty_requests_that_meet_a_cold_cache_make_one_exchange() {
    let pool = Pool::new();
    let exchange = pool.exchange(9).await;
    let outcomes = at_once(&exchange, &token("1"), 50).await;
    assert_eq!(outcomes.len(), 50);
    for outcome in outcomes {
        let user = outcome.unwrap();
        assert!(user.identity.as_str().contains(":00000001-"));
        assert_eq!(user.credentials.secret_access_key(), SECRETS[0]);
    }
    assert_eq!(pool.calls(), (1, 1));
    exchange.credentials(&token("1")).await.unwrap();
    assert_eq!(pool.calls(), (1, 1), "warm");
}

#[tokio::test]
async fn users_do_not_wait_for_each_other() {
    let pool = Pool::holding("1");
    let exchange = pool.exchange(9).await;
    let (one, waiting) = (exchange.clone(), token("1"));
    let waiting = tokio::spawn(async move { one.credentials(&waiting).await });
    while pool.calls() == (0, 0) {
        tokio::task::yield_now().await;
    }
    let other = exchange.credentials(&token("2")).await.unwrap();
    assert!(other.identity.as_str().contains(":00000002-"));
    assert!(!waiting.is_finished());
    pool.release();
    let first = waiting.await.unwrap().unwrap();
    assert!(first.identity.as_str().contains(":00000001-"));
}

#[tokio::test]
async fn a_failure_is_everybodys_who_waited_for_it_and_nobodys_after() {
    let pool = Pool::new();
    let exchange = pool.exchange(9).await;
    pool.refuses.store(true, Ordering::SeqCst);
    let token = token("1");
    for outcome in at_once(&exchange, &token, 50).await {
        assert!(matches!(outcome, Err(ExchangeError::Refused(_))));
    }
    assert_eq!(pool.calls(), (1, 0));
    assert_eq!(
        lock(&exchange.slots).len(),
        0,
        "a refused token takes no room"
    );
    pool.refuses.store(false, Ordering::SeqCst);
    exchange.credentials(&token).await.unwrap();
    assert_eq!(pool.calls(), (2, 1));
}

#[tokio::test]
async fn a_request_that_is_given_up_leaves_its_exchange_to_the_next() {
    let pool = Pool::holding("1");
    let exchange = pool.exchange(9).await;
    let token = token("1");
    let (first, its_token) = (exchange.clone(), token.clone());
    let first = tokio::spawn(async move { first.credentials(&its_token).await });
    while pool.calls() == (0, 0) {
        tokio::task::yield_now().await;
    }
    let (second, its_token) = (exchange.clone(), token.clone());
    let second = tokio::spawn(async move { second.credentials(&its_token).await });
    tokio::task::yield_now().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    pool.release();
    second.await.unwrap().unwrap();
}

#[tokio::test]
async fn credentials_are_renewed_before_their_last_minute() {
    let pool = Pool::new();
    let exchange = pool.exchange(9).await;
    for (lifetime_secs, sub, calls) in [(59, "1", (1, 2)), (120, "2", (2, 3))] {
        pool.lifetime_secs.store(lifetime_secs, Ordering::SeqCst);
        for _ in 0..2 {
            exchange.credentials(&token(sub)).await.unwrap();
        }
        assert_eq!(pool.calls(), calls, "{lifetime_secs} s");
    }
}

#[tokio::test]
async fn a_token_in_its_last_minute_is_exchanged_once_like_any_other() {
    let pool = Pool::new();
    let exchange = pool.exchange(9).await;
    let token = parsed(&raw_token("1", "1", 30));
    for _ in 0..2 {
        exchange.credentials(&token).await.unwrap();
    }
    assert_eq!(pool.calls(), (1, 1));
}

#[tokio::test]
async fn a_user_s_next_token_needs_no_second_identity() {
    let pool = Pool::new();
    let exchange = pool.exchange(9).await;
    for jti in ["1", "2"] {
        let token = parsed(&raw_token("1", jti, 3600));
        exchange.credentials(&token).await.unwrap();
    }
    assert_eq!(pool.calls(), (1, 2));
}

#[tokio::test]
async fn a_forged_token_of_a_known_user_is_unknown_and_leaves_the_user_known() {
    let pool = Pool::new();
    let exchange = pool.exchange(9).await;
    exchange.credentials(&token("1")).await.unwrap();
    pool.refuses.store(true, Ordering::SeqCst);
    let forged = parsed(&raw_token("1", "forged", 3600));
    assert!(exchange.credentials(&forged).await.is_err());
    assert_eq!(pool.calls(), (2, 2), "asked anew once, and refused");
    pool.refuses.store(false, Ordering::SeqCst);
    exchange
        .credentials(&parsed(&raw_token("1", "2", 3600)))
        .await
        .unwrap();
    assert_eq!(pool.calls(), (2, 3), "still without another GetId");
}

/// `UnlinkIdentity` is public and needs only the token. A warm function must not answer 401 for as
/// long as it lives.
#[tokio::test]
async fn a_login_that_was_unlinked_from_its_identity_gets_its_new_one() {
    let pool = Pool::new();
    let exchange = pool.exchange(9).await;
    let before = exchange.credentials(&token("1")).await.unwrap();
    pool.unlinked.store(true, Ordering::SeqCst);
    let next = parsed(&raw_token("1", "2", 3600));
    let after = exchange.credentials(&next).await.unwrap();
    assert_ne!(after.identity, before.identity);
    assert_eq!(pool.calls(), (2, 3), "one more exchange, and no third");
    let third = parsed(&raw_token("1", "3", 3600));
    assert_eq!(
        exchange.credentials(&third).await.unwrap().identity,
        after.identity
    );
    assert_eq!(pool.calls(), (2, 4), "the new identity is remembered");
}

#[tokio::test]
async fn a_remembered_identity_that_is_refused_is_exchanged_anew_exactly_once() {
    for code in [
        "NotAuthorizedException",
        "ResourceNotFoundException",
        "ResourceConflictException",
    ] {
        let pool = Pool::new();
        let exchange = pool.exchange(9).await;
        exchange.credentials(&token("1")).await.unwrap();
        *lock(&pool.identities_refused) = Some(code);
        let next = parsed(&raw_token("1", "2", 3600));
        let outcome = exchange.credentials(&next).await;
        assert!(matches!(outcome, Err(ExchangeError::Refused(_))), "{code}");
        assert_eq!(pool.calls(), (2, 3), "{code}: one more GetId, and no third");
        // Without a remembered identity, the first refusal is the answer.
        let outcome = exchange.credentials(&token("2")).await;
        assert!(matches!(outcome, Err(ExchangeError::Refused(_))), "{code}");
        assert_eq!(pool.calls(), (3, 4), "{code}");
    }
}

#[tokio::test]
async fn a_remembered_identity_outlives_a_fault_of_cognito() {
    let pool = Pool::new();
    let exchange = pool.exchange(9).await;
    exchange.credentials(&token("1")).await.unwrap();
    for code in ["TooManyRequestsException", "InternalErrorException"] {
        *lock(&pool.identities_refused) = Some(code);
        let next = parsed(&raw_token("1", code, 3600));
        assert!(exchange.credentials(&next).await.is_err());
    }
    assert_eq!(pool.calls(), (1, 3), "no GetId, of which there are few");
}

#[tokio::test]
async fn the_user_who_was_longest_away_is_forgotten_first() {
    let pool = Pool::new();
    let exchange = pool.exchange(2).await;
    for sub in ["1", "2", "1", "3", "1"] {
        exchange.credentials(&token(sub)).await.unwrap();
    }
    assert_eq!(pool.calls(), (3, 3), "the first is still known");
    assert_eq!(lock(&exchange.slots).len(), 2);
    assert_eq!(lock(&exchange.identities).len(), 2);
    exchange.credentials(&token("2")).await.unwrap();
    assert_eq!(pool.calls().1, 4, "the second is not");
}

#[test]
fn every_error_code_of_cognito_has_its_meaning() {
    use aws_sdk_cognitoidentity::{error::ErrorMetadata, operation::get_id::GetIdError};
    use aws_sdk_s3::{config::http::HttpResponse, primitives::SdkBody};

    let classified = |code: &str| {
        let error = GetIdError::generic(ErrorMetadata::builder().code(code).build());
        let response = HttpResponse::new(400.try_into().unwrap(), SdkBody::empty());
        ExchangeError::classify(SdkError::service_error(error, response))
    };
    for (code, meaning) in MEANINGS.into_iter().chain([("New", Meaning::Unavailable)]) {
        let found = match classified(code) {
            ExchangeError::Refused(_) => Meaning::Refused,
            ExchangeError::Throttled(_) => Meaning::Throttled,
            ExchangeError::Unavailable(_) => Meaning::Unavailable,
        };
        assert_eq!(found, meaning, "{code}");
    }
}

/// A writer that collects the log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        lock(&self.0).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn neither_token_nor_credentials_show_in_debug_output_errors_or_the_most_talkative_log() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(telemetry::filter(Some("trace")))
        .with_writer(move || writer.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let pool = Pool::new();
    let exchange = pool.exchange(9).await;
    let raw = raw_token("1", "1", 3600);
    let user = exchange.credentials(&parsed(&raw)).await.unwrap();
    let mut shown = format!("{exchange:?} {user:?} {:?}", parsed(&raw));

    pool.refuses.store(true, Ordering::SeqCst);
    let refused = raw_token("2", "1", 3600);
    let error = exchange.credentials(&parsed(&refused)).await.unwrap_err();
    write!(shown, "{error:?} {}", with_causes(&error)).unwrap();
    shown += &error.into_problem("r").detail;
    tracing::trace!("the control");

    let logged = String::from_utf8(lock(&log.0).clone()).unwrap();
    assert!(
        logged.contains("the control") && logged.contains("Invalid login token"),
        "{logged}"
    );
    for secret in SECRETS.into_iter().chain([raw.as_str(), refused.as_str()]) {
        assert!(!shown.contains(secret), "{shown}");
        assert!(!logged.contains(secret), "{logged}");
    }
}
