//! One SHA-256 of an object's bytes for both of S3's checks.
//!
//! S3 checks the checksum, which it stores with the object, and the payload's hash in the
//! signature. Both are SHA-256, and by default the SDK computes each on its own.

use aws_runtime::auth::PayloadSigningOverride;
use aws_sdk_s3::{
    config::{
        ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextMut,
    },
    error::BoxError,
};

use common::sha256_sum::Sha256Sum;

/// The SHA-256 of a body that is in memory.
///
/// As an interceptor it passes the hash to the signer. S3 refuses a body with another hash.
#[derive(Clone, Copy, Debug)]
pub(super) struct BodyHash(pub(super) Sha256Sum);

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
            .store_put(PayloadSigningOverride::Precomputed(self.0.to_hex()));
        Ok(())
    }
}
