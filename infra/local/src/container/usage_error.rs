//! Usage errors of the container CLI.

use std::fmt;

/// A verb or an option that the container CLI does not have.
#[derive(Debug)]
pub(super) struct NotUnderstood(pub(super) String);

impl NotUnderstood {
    pub(super) fn option(verb: &str, option: &str) -> anyhow::Error {
        Self(format!("`{verb}` does not know the option `{option}`")).into()
    }
}

impl fmt::Display for NotUnderstood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotUnderstood {}
