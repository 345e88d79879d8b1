//! Stacks with users that a team has already: of a user pool that the stack did not make, and of
//! another `OpenID` provider.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod given_pool;
mod issuer;
mod oidc;
