//! Installing fakecloud, once per user: upstream's release archive, or else a build from source.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    compile::compile,
    find::{InstallFolders, find},
    release::{self, Releases, error::ReleaseError},
};
use crate::console::Verbosity;

/// Finds fakecloud, or installs it into the cache.
///
/// Of two concurrent runs only one installs: the second waits for the first's lock.
pub async fn find_or_install(
    folders: &InstallFolders,
    verbosity: Verbosity,
) -> anyhow::Result<PathBuf> {
    let releases = Releases::from_environment()?;
    let (path, _) = find_or_install_with(folders, &releases, compile, verbosity).await?;
    Ok(path)
}

/// How a binary came to be where it was found.
#[derive(Debug)]
pub(super) enum Origin {
    /// It was installed before.
    Found,
    /// It was unpacked from a release archive.
    Released,
    /// It was compiled, because no release archive could be used, for this reason.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "only tests ask for the reason, which was printed")
    )]
    Compiled(ReleaseError),
}

/// As [`find_or_install`], from `releases` or by `compile`.
pub(super) async fn find_or_install_with(
    folders: &InstallFolders,
    releases: &Releases,
    compile: impl AsyncFnOnce(&Path, Verbosity) -> anyhow::Result<()>,
    verbosity: Verbosity,
) -> anyhow::Result<(PathBuf, Origin)> {
    if let Some(found) = find(folders)? {
        return Ok((found, Origin::Found));
    }
    let _lock = lock(&folders.cache, verbosity).await?;
    if let Some(found) = find(folders)? {
        return Ok((found, Origin::Found));
    }
    let origin = match release::install(releases, &folders.cache, verbosity).await {
        Ok(()) => Origin::Released,
        Err(error) => {
            verbosity.say(format_args!("no release archive is used: {error}"));
            compile(&folders.cache, verbosity).await?;
            Origin::Compiled(error)
        }
    };
    let path = find(folders)?.context("fakecloud was installed, but it does not run")?;
    Ok((path, origin))
}

async fn lock(cache: &Path, verbosity: Verbosity) -> anyhow::Result<File> {
    std::fs::create_dir_all(cache)
        .with_context(|| format!("can't create the cache folder {}", cache.display()))?;
    let file = File::create(cache.join("fakecloud.lock")).context("can't create the lock file")?;
    if file.try_lock().is_ok() {
        return Ok(file);
    }
    verbosity.say("another run is installing fakecloud; waiting for it");
    tokio::task::spawn_blocking(move || {
        file.lock().context("can't lock the install")?;
        Ok(file)
    })
    .await?
}
