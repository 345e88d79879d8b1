//! Sources of the images: a folder, or synthetic images that are drawn once and kept in the cache.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

use super::{synthetic, task::Task};
use crate::output::progress;

/// The images of a run.
#[derive(Debug)]
pub(crate) struct Inputs {
    given: Option<PathBuf>,
    cache: PathBuf,
}

impl Inputs {
    /// Selects the given folder or, without one, the cache of synthetic images.
    pub(crate) fn new(given: Option<PathBuf>, cache: PathBuf) -> Self {
        Self { given, cache }
    }

    /// Returns the source for the report.
    pub(crate) fn source(&self) -> &'static str {
        match self.given {
            Some(_) => "given",
            None => "stand-ins",
        }
    }

    /// Returns the given folder.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.given.as_deref()
    }

    /// Returns the folder of the synthetic images.
    pub(super) fn stand_ins(&self) -> PathBuf {
        self.cache.join("bench-stand-ins")
    }

    /// Returns the file of a task. If it is missing in a given folder, fails: results of a
    /// synthetic image would be attributed to the file.
    pub(crate) fn find(&self, task: &Task) -> anyhow::Result<PathBuf> {
        if let Some(folder) = &self.given {
            let path = folder.join(task.file);
            ensure!(path.is_file(), "{} does not exist", path.display());
            return Ok(path);
        }
        let folder = self.stand_ins();
        let path = folder.join(task.file);
        if !path.is_file() {
            progress(format_args!("drawing {}", path.display()))?;
            draw(task, &folder, &path).with_context(|| format!("drawing {}", path.display()))?;
        }
        Ok(path)
    }
}

/// Draws to a temporary name until the file is complete.
fn draw(task: &Task, folder: &Path, path: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    let (width, height) = size_in_name(task.file).context("the file's name has no size")?;
    let unfinished = path.with_extension("unfinished");
    std::fs::write(&unfinished, synthetic::draw(task.kind, width, height)?)?;
    Ok(std::fs::rename(unfinished, path)?)
}

/// Parses the size in a name: `paper-2048x1536.png` is 2048 × 1536.
fn size_in_name(file: &str) -> Option<(u16, u16)> {
    let (stem, _) = file.split_once('.')?;
    let (_, size) = stem.rsplit_once('-')?;
    let (width, height) = size.split_once('x')?;
    Some((width.parse().ok()?, height.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::size_in_name;
    use crate::thumbnails::task::TASKS;

    #[test]
    fn every_task_has_a_file_with_its_size_in_the_name() {
        assert_eq!(size_in_name("paper-2048x1536.png"), Some((2048, 1536)));
        for task in TASKS {
            assert!(size_in_name(task.file).is_some(), "{}", task.file);
        }
    }
}
