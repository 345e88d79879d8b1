//! One hash of an object's bytes, for both who want one.
//!
//! S3 checks two: the checksum, which it keeps with the object, and the payload's hash in the signature. Both are
//! SHA-256, and the SDK computes each on its own.

use aws_runtime::auth::PayloadSigningOverride;
use aws_sdk_s3::{
    config::{
        ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextMut,
    },
    error::BoxError,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// The SHA-256 of a body that is in memory.
///
/// As an interceptor it gives the hash to the signer. S3 refuses a body that has another.
#[derive(Clone, Copy, Debug)]
pub(super) struct BodyHash([u8; 32]);

impl BodyHash {
    pub(super) fn of(body: &[u8]) -> Self {
        Self(Sha256::digest(body).into())
    }

    /// As in `x-amz-checksum-sha256`.
    pub(super) fn to_base64(self) -> String {
        STANDARD.encode(self.0)
    }

    /// As in `x-amz-content-sha256`.
    pub(super) fn to_hex(self) -> String {
        let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
        self.0
            .iter()
            .flat_map(|byte| [digit(byte >> 4), digit(byte & 0xF)])
            .collect()
    }
}

impl Intercept for BodyHash {
    fn name(&self) -> &'static str {
        "BodyHash"
    }

    fn modify_before_signing(
        &self,
        _context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        config
            .interceptor_state()
            .store_put(PayloadSigningOverride::Precomputed(self.to_hex()));
        Ok(())
    }
}
