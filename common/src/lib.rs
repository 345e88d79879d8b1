//! The types and rules that Hikidashi's functions share.
//!
//! Values that cross a boundary are types ([`IdentityId`](identity_id::IdentityId),
//! [`ImageId`](image_id::ImageId), [`OriginalKey`](keys::OriginalKey)), parsed once at the edge.
//! Only [`keys`] formats or parses an object key. This crate neither calls AWS (the crate `aws`
//! does) nor reads the process environment: see [`config`].

pub mod attribute;
pub mod caption;
pub mod changes;
pub mod completion_event;
pub mod config;
pub mod error_chain;
pub mod file_name;
pub mod http_api;
pub mod id_token;
pub mod identity_id;
pub mod image_id;
pub mod keys;
pub mod metrics;
pub mod origin;
pub mod problem;
pub mod quota;
pub mod record;
pub mod resource;
pub mod s3_event;
pub mod selection;
pub mod sequencer;
pub mod sha256_sum;
pub mod sqs_batch;
pub mod startup;
pub mod taken_key;
pub mod telemetry;
pub mod timestamp;
pub mod usage;
