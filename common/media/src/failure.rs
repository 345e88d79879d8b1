//! The failures of images, in words for users.

use serde::Serialize;

/// The stable codes of failures. A retry can help only after
/// [`FailureCode::ProcessingFailed`], and after [`FailureCode::OverQuota`] once there is room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureCode {
    /// The file is empty.
    Empty,
    /// The format is not supported.
    UnsupportedFormat,
    /// The file is broken or cut off.
    Corrupt,
    /// The file has more bytes than allowed.
    TooManyBytes,
    /// The image has more pixels than allowed.
    TooManyPixels,
    /// The image is wider or higher than allowed.
    TooLargeEdge,
    /// The animation has more frames than allowed.
    TooManyFrames,
    /// Decoding would need more memory than allowed.
    TooMuchMemory,
    /// Processing took longer than allowed.
    TimedOut,
    /// The file is stored in a way in which nobody can read it.
    UnreadableOriginal,
    /// The worker received the event too often without completing it.
    ProcessingFailed,
    /// The original is beyond the user's quota. It is removed within a day.
    OverQuota,
}

impl FailureCode {
    /// All codes.
    pub const ALL: [Self; 12] = [
        Self::Empty,
        Self::UnsupportedFormat,
        Self::Corrupt,
        Self::TooManyBytes,
        Self::TooManyPixels,
        Self::TooLargeEdge,
        Self::TooManyFrames,
        Self::TooMuchMemory,
        Self::TimedOut,
        Self::UnreadableOriginal,
        Self::ProcessingFailed,
        Self::OverQuota,
    ];

    /// Parses the output of [`FailureCode::as_str`]; `None` for a code of another version.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }

    /// Returns the code as it is in records and in the API.
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
            Self::UnreadableOriginal => "unreadable_original",
            Self::ProcessingFailed => "processing_failed",
            Self::OverQuota => "over_quota",
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
    /// Creates a failure. `message` is shown to the user.
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
