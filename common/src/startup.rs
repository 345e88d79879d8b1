//! The first steps of every function's process: logging, then configuration.

use crate::{config::ConfigError, telemetry};

/// Starts logging and reads a function's configuration from the process environment.
///
/// `read` gets a lookup of variables. Its error, which names every missing or malformed variable,
/// is logged before it is returned.
pub fn configure<C>(
    read: impl FnOnce(fn(&str) -> Option<String>) -> Result<C, ConfigError>,
) -> Result<C, ConfigError> {
    telemetry::start(variable("HIKIDASHI_LOG").as_deref());
    read(variable).inspect_err(|error| tracing::error!(%error, "not configured"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the only place of the functions where the environment is read"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
