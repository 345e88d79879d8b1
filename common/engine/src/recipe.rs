//! What the engine is asked for.

use crate::{Limits, VariantSpec};

/// What to make, and what not to try.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// From large to small.
    pub variants: Vec<VariantSpec>,
    /// 1 to 100; of every lossy variant that has no quality of its own.
    pub jpeg_quality: u8,
    /// Checked before anything is allocated.
    pub limits: Limits,
}
