//! The environment of every measured function.

use std::time::Duration;

/// Lambda's own limit for init.
pub(super) const INIT_LIMIT: Duration = Duration::from_secs(10);

/// The variables that `infra/template.yaml` and Lambda set. Every function gets all of them: a
/// variable that is not read has no effect.
pub(super) const ENVIRONMENT: [(&str, &str); 46] = [
    ("HIKIDASHI_LOG", "info"),
    ("HIKIDASHI_STAGE", "dev"),
    (
        "HIKIDASHI_BUCKET",
        "hikidashi-dev-123456789012-eu-central-1",
    ),
    ("HIKIDASHI_TABLE", "hikidashi-dev"),
    (
        "HIKIDASHI_ISSUER",
        "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example00",
    ),
    (
        "HIKIDASHI_JWKS_URL",
        "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example00/.well-known/jwks.json",
    ),
    ("HIKIDASHI_CLIENT_IDS", "1example23456789client0id"),
    (
        "HIKIDASHI_IDENTITY_POOL_ID",
        "eu-central-1:00000000-0000-4000-8000-000000000000",
    ),
    (
        "HIKIDASHI_LOGIN_PROVIDER",
        "cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example00",
    ),
    (
        "GLIBC_TUNABLES",
        "glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=67108864",
    ),
    ("HIKIDASHI_MAX_UPLOAD_BYTES", "4700000"),
    // Quotas are off, so that the figures compare with those of earlier versions.
    ("HIKIDASHI_MAX_USER_BYTES", "0"),
    ("HIKIDASHI_MAX_USER_IMAGES", "0"),
    ("HIKIDASHI_PENDING_EXPIRY_SECS", "86400"),
    ("HIKIDASHI_URL_EXPIRY_SECS", "900"),
    ("HIKIDASHI_MAX_WAIT_SECS", "5"),
    ("HIKIDASHI_WAIT_PERCENT", "50"),
    ("HIKIDASHI_VARIANTS", "small:160,medium:512,large:1024"),
    ("HIKIDASHI_JPEG_QUALITY", "80"),
    ("HIKIDASHI_ACCEPT_HEIC", "on"),
    ("HIKIDASHI_KEEP_LOCATION", "off"),
    ("HIKIDASHI_MAX_IMAGE_BYTES", "67108864"),
    ("HIKIDASHI_MAX_IMAGE_PIXELS", "210000000"),
    ("HIKIDASHI_MAX_IMAGE_EDGE", "30000"),
    ("HIKIDASHI_MAX_IMAGE_FRAMES", "5000"),
    ("HIKIDASHI_MAX_DECODED_BYTES", "268435456"),
    ("HIKIDASHI_IMAGE_DEADLINE_SECS", "15"),
    ("HIKIDASHI_EVENT_BUS", ""),
    ("HIKIDASHI_MAX_ATTEMPTS", "5"),
    (
        "HIKIDASHI_QUEUE_URL",
        "https://sqs.eu-central-1.amazonaws.com/123456789012/hikidashi-dev",
    ),
    ("HIKIDASHI_GRACE_SECS", "3600"),
    ("HIKIDASHI_MAX_ENQUEUE", "10000"),
    ("HIKIDASHI_MAX_REMOVE", "1000"),
    ("HIKIDASHI_MAX_FOREIGN", "1000"),
    ("HIKIDASHI_FOREIGN_DAYS", "7"),
    ("AWS_REGION", "eu-central-1"),
    ("AWS_DEFAULT_REGION", "eu-central-1"),
    ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "example"),
    ("AWS_SESSION_TOKEN", "example"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
    ("_HANDLER", "bootstrap"),
    ("LANG", "en_US.UTF-8"),
    ("TZ", ":UTC"),
];

#[cfg(test)]
mod tests {
    use local::deploy::template::Template;

    use super::ENVIRONMENT;

    #[test]
    fn the_benchmarks_set_every_variable_of_the_template() {
        let template = Template::read().unwrap();
        let resources = template
            .section("Resources")
            .map(|(_, body)| &body["Properties"]);
        let functions = resources.chain([template.at(&["Globals", "Function"])]);
        let variables: Vec<&String> = functions
            .filter_map(|function| function["Environment"]["Variables"].as_object())
            .flat_map(|variables| variables.keys())
            .collect();
        assert!(variables.len() > 20, "{variables:?}");
        for variable in variables {
            assert!(
                ENVIRONMENT.iter().any(|(name, _)| name == variable),
                "{variable}"
            );
        }
    }
}
