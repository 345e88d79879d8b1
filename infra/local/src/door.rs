//! The front doors: what a browser or `curl` talks to on this machine.
//!
//! [`api::ApiDoor`] stands where the HTTP API's own address stands in AWS, [`s3::S3Door`] where
//! the bucket's does. Both hand requests to the emulator byte for byte, through one proxy. The first also
//! serves the gallery, as a static host would: its [`page`], and the user pool that it signs in with. A
//! [`recorder`] stands between the functions and a service, where a test asks for it.

pub mod api;
pub mod faults;
pub(crate) mod forward;
pub(crate) mod listening;
pub mod page;
pub mod recorder;
pub mod s3;
pub(crate) mod sign_in;
