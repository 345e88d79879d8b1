//! The folder that holds the workspace.

use std::path::{Path, PathBuf};

/// The folder that holds the workspace.
pub fn workspace() -> PathBuf {
    // Canonical, because the path ends in `..` otherwise and shows in messages.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    folder.canonicalize().unwrap_or(folder)
}
