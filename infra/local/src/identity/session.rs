//! Temporary credentials, issued under a role's own trust policy.

use aws_sdk_sts::Client;
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_sdk_sts::types::Credentials;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::IdentityPool;
use super::service_error::ServiceError;

/// Lifetime of the credentials, as in the real service.
const LIFETIME_SECS: i32 = 3600;

/// The real service's session name, which appears in ARNs and logs.
const SESSION_NAME: &str = "CognitoIdentityCredentials";

/// The emulator's root key. The emulator does not verify this signature.
const ROOT: &str = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0";

/// Assumes a role as Cognito would, on behalf of an identity.
///
/// The emulator evaluates the role's trust policy with the token's claims (`aud`, `sub`, `amr`) and
/// does not verify its signature. If the role refuses, the result is [`ServiceError::TrustPolicy`].
pub(crate) async fn assume(
    sts: &Client,
    pool: &IdentityPool,
    role_arn: &str,
    identity_id: &str,
    subject: &str,
    now: i64,
) -> Result<Credentials, ServiceError> {
    let assumed = sts
        .assume_role_with_web_identity()
        .role_arn(role_arn)
        .role_session_name(SESSION_NAME)
        .provider_id("cognito-identity.amazonaws.com")
        .web_identity_token(web_identity_token(pool, identity_id, subject, now))
        .duration_seconds(LIFETIME_SECS)
        .customize()
        // SDKs never sign this operation, and the emulator in strict mode refuses unsigned
        // requests.
        .mutate_request(|request| {
            request.headers_mut().insert("authorization", ROOT);
        })
        .send()
        .await
        .map_err(|error| {
            if error.code() == Some("AccessDenied") {
                ServiceError::TrustPolicy
            } else {
                ServiceError::Internal(error.into())
            }
        })?;
    assumed
        .credentials
        .ok_or_else(|| ServiceError::Internal(anyhow::anyhow!("no credentials in the answer")))
}

/// Builds the token that Cognito would pass to STS. It has no `iss`, because the emulator would
/// look for a registered `OpenID` provider of that name.
fn web_identity_token(pool: &IdentityPool, identity_id: &str, subject: &str, now: i64) -> String {
    let provider = pool.provider();
    let claims = json!({
        "aud": pool.identity_pool_id,
        "sub": identity_id,
        "amr": [
            "authenticated",
            provider,
            format!("{provider}:CognitoSignIn:{subject}"),
        ],
        "iat": now,
        "exp": now + 600,
    });
    format!(
        "{}.{}.{}",
        URL_SAFE_NO_PAD.encode(json!({ "alg": "RS256", "typ": "JWS" }).to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string()),
        URL_SAFE_NO_PAD.encode("unsigned"),
    )
}
