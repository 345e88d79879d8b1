//! Private JSON files, written atomically.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Writes JSON to a file that only its owner may read, atomically.
pub(super) fn write_private<T: Serialize>(path: &Path, value: &T) -> anyhow::Result<()> {
    let draft = path.with_extension("draft");
    let write = || -> anyhow::Result<()> {
        let mut file = fs::OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(&serde_json::to_vec(value)?)?;
        Ok(fs::rename(&draft, path)?)
    };
    write().with_context(|| format!("can't write {}", path.display()))
}

/// Reads JSON. A missing file is `None`.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Option<T>> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .with_context(|| format!("{} is damaged", path.display())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("can't read {}", path.display())),
    }
}
