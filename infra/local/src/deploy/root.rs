//! The emulator's root: the only identity that strict IAM does not check.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};

/// The only region of the local stack.
pub const REGION: &str = "us-east-1";

/// The root's access key id and its secret.
pub const KEY: &str = "test";

/// Builds an SDK configuration with the root's credentials, independent of environment and
/// profiles.
pub fn sdk_config(endpoint_url: &str) -> SdkConfig {
    let credentials = Credentials::new(KEY, KEY, None, None, "the local stack");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(endpoint_url)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

/// Builds an `Authorization` header that names the root, for the few calls made without an SDK.
///
/// The emulator reads the caller and the service from it; it verifies signatures only if configured
/// to.
pub fn authorization(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/{service}/aws4_request, \
         SignedHeaders=host, Signature=0"
    )
}
