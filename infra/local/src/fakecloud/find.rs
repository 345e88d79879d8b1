//! Search for an installed fakecloud.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, bail};

use super::VERSION;

/// Pause between two starts of a busy program.
pub(super) const BUSY_RETRY_EVERY: Duration = Duration::from_millis(20);
const BUSY_RETRIES: u32 = 100;

/// The locations to search, in order of precedence.
#[derive(Clone, Debug)]
pub struct InstallFolders {
    /// A path from `HIKIDASHI_FAKECLOUD`. It is used, or it is an error.
    pub explicit: Option<PathBuf>,
    /// The value of `PATH`.
    pub path: Option<OsString>,
    /// The folder that [`find_or_install`](super::install::find_or_install) installs under.
    pub cache: PathBuf,
}

impl InstallFolders {
    /// Reads `HIKIDASHI_FAKECLOUD`, `PATH` and `XDG_CACHE_HOME` or `HOME`.
    pub fn from_environment() -> anyhow::Result<Self> {
        Ok(Self {
            explicit: std::env::var_os("HIKIDASHI_FAKECLOUD").map(PathBuf::from),
            path: std::env::var_os("PATH"),
            cache: cache_folder()?,
        })
    }
}

/// This project's folder in the user's cache.
pub fn cache_folder() -> anyhow::Result<PathBuf> {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_CACHE_HOME")
        .or_else(|| Some(absolute("HOME")?.join(".cache")))
        .map(|cache| cache.join("hikidashi"))
        .context("neither XDG_CACHE_HOME nor HOME is set, so there is no place for a cache")
}

/// Returns the folder that a version is installed to.
pub fn install_root(cache: &Path) -> PathBuf {
    cache.join(format!("fakecloud-{VERSION}"))
}

/// Finds fakecloud of exactly [`VERSION`].
///
/// Another version on `PATH` is skipped, because the gaps that this crate closes differ between
/// versions. An explicit path to another version is an error.
pub fn find(folders: &InstallFolders) -> anyhow::Result<Option<PathBuf>> {
    if let Some(explicit) = &folders.explicit {
        return match version_of(explicit) {
            Some(version) if version == VERSION => Ok(Some(explicit.clone())),
            Some(version) => bail!(
                "{} is fakecloud {version}; this needs {VERSION}",
                explicit.display()
            ),
            None => bail!("{} does not run as fakecloud", explicit.display()),
        };
    }
    let on_path = folders.path.iter().flat_map(std::env::split_paths);
    let cached = install_root(&folders.cache).join("bin");
    Ok(on_path
        .chain([cached])
        .map(|folder| folder.join("fakecloud"))
        .filter(|file| file.is_file())
        .find(|file| version_of(file).is_some_and(|version| version == VERSION)))
}

/// Returns the output of `--version` without the program's name.
#[expect(
    clippy::disallowed_methods,
    reason = "the pause between two looks at a condition, with an end"
)]
fn version_of(program: &Path) -> Option<String> {
    let mut output = Command::new(program).arg("--version").output();
    for _ in 0..BUSY_RETRIES {
        if !is_busy(&output) {
            break;
        }
        std::thread::sleep(BUSY_RETRY_EVERY);
        output = Command::new(program).arg("--version").output();
    }
    parse_version(&output.ok()?.stdout).map(str::to_owned)
}

/// Whether a new program could not be started because it is open for writing.
///
/// A process that another thread started at the time of writing has inherited the file, until it
/// runs its own program. That is soon.
pub(super) fn is_busy<T>(started: &io::Result<T>) -> bool {
    started
        .as_ref()
        .is_err_and(|error| error.kind() == io::ErrorKind::ExecutableFileBusy)
}

/// Returns the version in the output of `--version`.
pub(super) fn parse_version(output: &[u8]) -> Option<&str> {
    let text = str::from_utf8(output).ok()?;
    text.trim().strip_prefix("fakecloud ")
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsString, fs, os::unix::fs::PermissionsExt as _, path::Path};

    use super::{InstallFolders, find, install_root};
    use crate::fakecloud::VERSION;

    fn pretend(folder: &Path, version: &str) {
        fs::create_dir_all(folder).unwrap();
        let file = folder.join("fakecloud");
        fs::write(&file, format!("#!/bin/sh\necho fakecloud {version}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn folders(root: &Path) -> InstallFolders {
        InstallFolders {
            explicit: None,
            path: Some(OsString::from(root.join("bin"))),
            cache: root.join("cache"),
        }
    }

    #[test]
    fn nothing_is_found_in_empty_places() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(find(&folders(root.path())).unwrap(), None);
    }

    #[test]
    fn path_comes_before_the_cache() {
        let root = tempfile::tempdir().unwrap();
        let folders = folders(root.path());
        pretend(&root.path().join("bin"), VERSION);
        pretend(&install_root(&folders.cache).join("bin"), VERSION);
        assert_eq!(
            find(&folders).unwrap(),
            Some(root.path().join("bin/fakecloud"))
        );
    }

    #[test]
    fn another_version_on_path_is_passed_over_for_the_cached_one() {
        let root = tempfile::tempdir().unwrap();
        let folders = folders(root.path());
        pretend(&root.path().join("bin"), "0.1.0");
        let cached = install_root(&folders.cache).join("bin");
        pretend(&cached, VERSION);
        assert_eq!(find(&folders).unwrap(), Some(cached.join("fakecloud")));
    }

    #[test]
    fn an_explicit_path_of_another_version_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let mut folders = folders(root.path());
        pretend(root.path(), "0.1.0");
        folders.explicit = Some(root.path().join("fakecloud"));
        let error = find(&folders).unwrap_err().to_string();
        assert!(error.contains("is fakecloud 0.1.0"), "{error}");
    }

    #[test]
    fn an_explicit_path_that_is_not_there_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let mut folders = folders(root.path());
        folders.explicit = Some(root.path().join("fakecloud"));
        assert!(find(&folders).is_err());
    }
}
