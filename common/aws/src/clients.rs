//! SDK clients: one of each service for a process, so that connections are shared.

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::{
    Connector,
    proxy::ProxyConfig,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};

/// The timeout of a connection. An address that does not respond must not use up the time of an
/// attempt.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Loads the settings of clients that act for a user. They hold no credentials, so that no user's
/// request is made with the function's own. Each call brings the user's.
pub async fn for_users() -> SdkConfig {
    defaults().no_credentials().load().await
}

/// Loads the settings of clients that act with the function's own role.
pub async fn for_the_function() -> SdkConfig {
    defaults().load().await
}

/// Sets three attempts with exponential back-off, a budget of retries for the whole client, and
/// timeouts that leave a function with a timeout of 29 s the time to respond.
///
/// The SDK's adaptive mode is not used, because it slows down the whole client when one key is
/// throttled. The worker is slowed down by its queue, and a user would wait for the uploads of
/// others.
fn defaults() -> aws_config::ConfigLoader {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(Duration::from_secs(10))
        .operation_timeout(Duration::from_secs(20))
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts)
        .http_client(shared_http_client())
}

/// Returns the connector that all services share.
///
/// By default, each service's client parses the system's trusted certificates twice: for a
/// connector that only checks whether one can be made, and for its own at the first request. For an
/// upload that is six times. With the shared connector it is once, during init, which has a full
/// CPU. The price is one set of timeouts for all clients.
pub(crate) fn shared_http_client() -> SharedHttpClient {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .build();
    let connector = SharedHttpConnector::new(
        Connector::builder()
            .tls_provider(Provider::rustls(CryptoMode::AwsLc))
            .connector_settings(settings)
            .sleep_impl(TokioSleep::new())
            .proxy_config(ProxyConfig::from_env())
            .build(),
    );
    http_client_fn(move |_, _| connector.clone())
}
