//! The front proxies: what a browser or `curl` talks to on this machine.
//!
//! [`api::ApiProxy`] stands where the HTTP API's own address stands in AWS, [`s3::S3Proxy`] where
//! the bucket's does. Both hand requests to the emulator byte for byte, through one proxy. The
//! first also serves the gallery, as a static host would: its [`gallery`], and the user pool that
//! it signs in with. A [`call_recorder`] stands between the functions and a service, where a test
//! asks for it.

pub(crate) mod aborted_response;
pub mod api;
pub mod call_recorder;
pub mod faults;
pub(crate) mod forward;
pub mod gallery;
pub(crate) mod listening;
pub mod s3;
pub(crate) mod user_pool;
