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

use common::sha256_sum::Sha256Sum;

/// The SHA-256 of a body that is in memory.
///
/// As an interceptor it gives the hash to the signer. S3 refuses a body that has another.
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
