//! The product's access to AWS. No other crate of the product depends on an SDK.
//!
//! There is one store for each trust domain: [`user_store`] acts for a user with the user's own
//! credentials, [`worker_store`] acts for the worker with its role, and [`admin_store`] acts for
//! reconciliation and for operators.

pub mod admin_store;
mod capture_item;
pub mod clients;
mod conflicts;
mod counting;
pub mod credentials;
mod etag;
pub mod event_publisher;
#[cfg(test)]
mod fake_dynamodb;
mod item_write;
pub mod job_queue;
pub mod record_item;
pub mod service_error;
mod usage_item;
pub mod user_store;
pub mod worker_store;
