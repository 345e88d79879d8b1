//! Why an image has no thumbnails, in words for its owner.

use serde::Serialize;

/// The stable codes of failures. None of them goes away by trying again, but [`FailureCode::ProcessingFailed`] may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureCode {
    /// No bytes.
    Empty,
    /// A format that is not decoded.
    UnsupportedFormat,
    /// Broken or cut off.
    Corrupt,
    /// More bytes than allowed.
    TooManyBytes,
    /// More pixels than allowed.
    TooManyPixels,
    /// Wider or higher than allowed.
    TooLargeEdge,
    /// An animation with more frames than allowed.
    TooManyFrames,
    /// Would need more memory than allowed.
    TooMuchMemory,
    /// Took longer than allowed.
    TimedOut,
    /// Was tried too often, without an end of any kind.
    ProcessingFailed,
}

impl FailureCode {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Empty,
        Self::UnsupportedFormat,
        Self::Corrupt,
        Self::TooManyBytes,
        Self::TooManyPixels,
        Self::TooLargeEdge,
        Self::TooManyFrames,
        Self::TooMuchMemory,
        Self::TimedOut,
        Self::ProcessingFailed,
    ];

    /// The reverse of [`FailureCode::as_str`]; `None` for a code of another version.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }

    /// As in records and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::UnsupportedFormat => "unsupported_format",
            Self::Corrupt => "corrupt",
            Self::TooManyBytes => "too_many_bytes",
            Self::TooManyPixels => "too_many_pixels",
            Self::TooLargeEdge => "too_large_edge",
            Self::TooManyFrames => "too_many_frames",
            Self::TooMuchMemory => "too_much_memory",
            Self::TimedOut => "timed_out",
            Self::ProcessingFailed => "processing_failed",
        }
    }
}

/// A failure as the worker records it and the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// A [`FailureCode`], or a code that a later version wrote.
    pub code: String,
    /// One sentence, with the limit where there is one.
    pub message: String,
}

impl Failure {
    /// A failure with a message for its owner.
    pub fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self {
            code: code.as_str().to_owned(),
            message: message.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FailureCode;

    #[test]
    fn clients_are_told_all_codes() {
        for page in [
            include_str!("../../../docs/api.md"),
            include_str!("../../../infra/openapi.yaml"),
            include_str!("../../../web/src/api/words.ts"),
        ] {
            for code in FailureCode::ALL {
                let code = code.as_str();
                let is_there = [format!("`{code}`"), format!("'{code}'")]
                    .iter()
                    .any(|word| page.contains(word));
                assert!(is_there, "{code} in {:?}", page.lines().next());
            }
        }
    }
}
