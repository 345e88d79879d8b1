//! The root folder of the workspace.

use std::path::{Path, PathBuf};

/// Returns the root folder of the workspace.
pub fn workspace() -> PathBuf {
    // Canonical, because the joined path contains `..` and appears in messages.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    folder.canonicalize().unwrap_or(folder)
}
