//! The proxies that a browser or `curl` talks to on this machine.
//!
//! [`api::ApiProxy`] takes the place of the HTTP API's address on AWS, [`s3::S3Proxy`] that of the
//! bucket's, and [`cognito::CognitoProxy`] that of the user pools. They forward requests to the
//! emulator, and do what AWS does where the emulator does not. The API proxy also serves the
//! gallery, as a static host would: its [`gallery`], and the user pool that it signs in with. A
//! [`call_recorder`] sits between the functions and a service, where a test asks for it.

pub(crate) mod aborted_response;
pub mod api;
pub mod call_recorder;
pub mod cognito;
pub mod faults;
pub(crate) mod forward;
pub mod gallery;
pub(crate) mod listening;
pub mod s3;
pub(crate) mod user_pool;
