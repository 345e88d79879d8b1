//! What Hikidashi's functions share.
//!
//! Values that cross a boundary are types ([`IdentityId`](identity_id::IdentityId),
//! [`ImageId`](image_id::ImageId), [`OriginalKey`](keys::OriginalKey)), parsed once at the edge. Only the
//! modules below [`drawer`], [`workbench`] and [`inventory`] call AWS, only [`keys`] knows what an object key looks like, and
//! nothing here reads the process environment: see [`config`].

pub mod announcer;
pub mod caption;
pub mod changes;
pub mod clients;
pub mod completion_event;
pub mod config;
pub mod drawer;
pub mod error_chain;
mod etag;
pub mod exchange;
pub mod file_name;
pub mod http_api;
pub mod id_token;
pub mod identity_id;
pub mod image_id;
pub mod inventory;
pub mod keys;
pub mod metrics;
pub mod origin;
pub mod problem;
pub mod record;
pub mod record_item;
pub mod resource;
pub mod s3_event;
pub mod selection;
pub mod sequencer;
pub mod service_error;
pub mod sha256_sum;
pub mod telemetry;
pub mod timestamp;
pub mod workbench;
