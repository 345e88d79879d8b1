//! The outcomes of an event.

/// The outcome of an event. The caller acknowledges all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The record is complete and all variants exist.
    Ready,
    /// The record says why there are no variants.
    Failed,
    /// The original is beyond the user's quota, and the record says so.
    OverQuota,
    /// The original is gone; its variants and its record have been removed.
    Removed,
    /// A later event has been processed, or is on its way.
    Outdated,
    /// The event is not about an original of this stage.
    Ignored(Unrelated),
}

/// The reason why an event is unrelated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unrelated {
    /// The event is of another bucket.
    Bucket,
    /// The key is not an original's, or is of another stage.
    Key,
}

impl Unrelated {
    /// The value of the metric's dimension.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bucket => "other_bucket",
            Self::Key => "other_key",
        }
    }
}

impl Outcome {
    /// The value of the metric's dimension.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Failed | Self::OverQuota => "failed",
            Self::Removed => "removed",
            Self::Outdated => "outdated",
            Self::Ignored(_) => "ignored",
        }
    }
}

/// A round's outcome.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    pub(super) outcome: Outcome,
    pub(super) certainty: Certainty,
}

/// What the write of a record says about the variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certainty {
    /// No worker with other bytes has completed the record. One that does so later makes the
    /// variants again.
    Undisturbed,
    /// A worker with other bytes had completed the record, and its variants may have come later.
    Overwritten,
    /// The bucket must be looked at.
    Unknown,
}

impl From<Outcome> for Written {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            certainty: Certainty::Unknown,
        }
    }
}
