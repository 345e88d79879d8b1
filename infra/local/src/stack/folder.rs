//! The folder of a stack.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::TempDir;

/// Name of the file in a kept state that holds its ports.
pub(super) const PORTS_FILE: &str = "ports.json";

/// The folder for a stack's files: a temporary one, or one that stays.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Guard that removes the folder when dropped. Absent for a folder that stays.
    temporary: Option<TempDir>,
}

impl Folder {
    /// Uses the given folder, or creates a temporary one.
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

    /// Returns the folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the folder of the emulator's state, if the state is kept.
    pub fn emulated(&self) -> Option<PathBuf> {
        self.kept("aws")
    }

    /// Returns the file of the identity service's state, if the state is kept.
    pub fn identities(&self) -> Option<PathBuf> {
        self.kept("identities.json")
    }

    /// Returns the file with the ports that a kept state is bound to.
    pub fn ports(&self) -> Option<PathBuf> {
        self.kept(PORTS_FILE)
    }

    /// Returns the folder of the functions' containers.
    pub fn containers(&self) -> PathBuf {
        self.path.join("containers")
    }

    /// Returns the emulator's log file.
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
