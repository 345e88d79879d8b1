//! Programs that a benchmark starts.

use std::{collections::BTreeMap, path::PathBuf};

/// A program with its arguments.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) executable: PathBuf,
    pub(super) arguments: Vec<PathBuf>,
    /// Variables in addition to, or instead of, those of every function.
    pub(super) environment: BTreeMap<String, String>,
}
