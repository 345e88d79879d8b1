//! A stack's own folder.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::TempDir;

/// The file in a kept state's folder.
pub(super) const PORTS_FILE: &str = "ports.json";

/// Where a stack keeps its files: a temporary folder, or one that stays.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Removes the folder when dropped. Absent where the folder is to stay.
    temporary: Option<TempDir>,
}

impl Folder {
    /// Uses the given folder, or makes a temporary one.
    pub fn create(data: Option<PathBuf>) -> anyhow::Result<Self> {
        let Some(data) = data else {
            let temporary = tempfile::Builder::new().prefix("hikidashi-").tempdir()?;
            return Ok(Self {
                path: temporary.path().to_owned(),
                temporary: Some(temporary),
            });
        };
        std::fs::create_dir_all(&data)
            .with_context(|| format!("can't create {}", data.display()))?;
        Ok(Self {
            path: data.canonicalize()?,
            temporary: None,
        })
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The emulator's state, where it is to stay.
    pub fn emulated(&self) -> Option<PathBuf> {
        self.kept("aws")
    }

    /// The identity service's state, where it is to stay.
    pub fn identities(&self) -> Option<PathBuf> {
        self.kept("identities.json")
    }

    /// The ports that a kept state is bound to.
    pub fn ports(&self) -> Option<PathBuf> {
        self.kept(PORTS_FILE)
    }

    /// The functions' processes.
    pub fn containers(&self) -> PathBuf {
        self.path.join("containers")
    }

    /// The emulator's log.
    pub fn log(&self) -> PathBuf {
        self.path.join("fakecloud.log")
    }

    fn kept(&self, name: &str) -> Option<PathBuf> {
        self.temporary.is_none().then(|| self.path.join(name))
    }
}

#[cfg(test)]
mod tests {
    use super::Folder;

    #[test]
    fn nothing_is_kept_in_a_temporary_folder_and_it_goes() {
        let folder = Folder::create(None).unwrap();
        let path = folder.path().to_owned();
        assert_eq!(folder.emulated(), None);
        assert!(path.is_dir());
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn a_given_folder_is_made_and_stays() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::create(Some(root.path().join("new/state"))).unwrap();
        let path = folder.path().to_owned();
        assert!(folder.emulated().is_some());
        drop(folder);
        assert!(path.is_dir());
    }
}
