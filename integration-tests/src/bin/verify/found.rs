//! What a check finds.

/// What a check has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A value, to be compared with the expected one.
    Value(String),
    /// It can't be tried here, for this reason.
    Skipped(&'static str),
}

impl From<String> for Found {
    fn from(got: String) -> Self {
        Self::Value(got)
    }
}
