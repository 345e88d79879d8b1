//! The size of a page.

use thiserror::Error;

/// A page size from 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit(usize);

/// A text that is no page size.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("limit={0:?} is not a whole number from 1 to {max}", max = Limit::MAX)]
pub(crate) struct LimitError(String);

impl Limit {
    /// The page size of a query without `limit`.
    pub(crate) const DEFAULT: Self = Self(50);

    const MAX: usize = 100;

    pub(crate) fn parse(text: &str) -> Result<Self, LimitError> {
        match text.parse() {
            Ok(limit @ 1..=Self::MAX) => Ok(Self(limit)),
            _ => Err(LimitError(text.chars().take(20).collect())),
        }
    }

    pub(crate) fn get(self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_a_hundred_is_a_limit() {
        assert_eq!(Limit::parse("1"), Ok(Limit(1)));
        assert_eq!(Limit::parse("100"), Ok(Limit(100)));
    }

    #[test]
    fn anything_else_is_not() {
        for text in [
            "0",
            "101",
            "abc",
            "",
            "-1",
            "1.5",
            "99999999999999999999999",
        ] {
            assert!(Limit::parse(text).is_err(), "{text}");
        }
    }
}
