//! SDK clients: one of each service for a process, so that connections are shared.

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};

/// Settings of clients that act for a user: they hold no credentials, because the function's own must never be
/// what a user's request is made with. Each call brings the user's.
pub async fn for_users() -> SdkConfig {
    defaults().no_credentials().load().await
}

/// Settings of clients that act with the function's own role.
pub async fn for_the_function() -> SdkConfig {
    defaults().load().await
}

/// Three attempts with exponential back-off, as the SDK does by default, inside limits that leave a function
/// with a timeout of 29 s the time to answer.
fn defaults() -> aws_config::ConfigLoader {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(10))
        .operation_timeout(Duration::from_secs(20))
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts)
}
