//! Benchmarks of the functions as AWS would run them.
//!
//! They print `name=value` lines on standard output and nothing else, for people and scripts.

mod back_end;
mod baselines;
mod capacity_proxy;
pub(crate) mod cold_start;
mod environment;
mod event;
mod fake_aws;
mod fake_dynamodb;
mod first_answer;
mod http_server;
pub(crate) mod list;
mod program;
mod records;
mod runtime_api;
mod sized_jpeg;
pub(crate) mod slow_aws;
mod subject;
mod tls;
pub(crate) mod upload;
pub(crate) mod worker;
