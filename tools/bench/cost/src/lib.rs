//! Cost of an upload, from measured times and a dated table of prices.
//!
//! Every value that is not measured is in `measured.json` under `assumed`, and every price of AWS
//! is in `prices.json`. `docs/cost.md` lists what is counted and what is not.

mod compute;
mod services;
mod tables;

pub use compute::Compute;
pub use services::{per_month, per_upload};
pub use tables::{Assumed, Function, Measured, Prices, Subject};
