//! Inputs worth keeping, and the commands that replay them.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use crate::{output::progress, verdict::Verdict};

/// Folder of the findings, created with the first one.
#[derive(Debug)]
pub(crate) struct Findings {
    folder: PathBuf,
    /// Places of panics that were seen before.
    panics: Mutex<HashSet<String>>,
}

/// Origin of an input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub seed: u64,
    pub job: u32,
    /// Number of the input within its job.
    pub number: u64,
    pub recipe: u8,
}

impl Findings {
    /// Creates an empty collection.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            panics: Mutex::default(),
        }
    }

    /// Saves an input that is a finding, or the first that panics at a place.
    pub(crate) fn keep(
        &self,
        verdict: &Verdict,
        origin: Origin,
        file: &[u8],
    ) -> anyhow::Result<()> {
        if let Some(label) = verdict.label() {
            let path = self.save(label, origin, file)?;
            return tell(&format!("{verdict}"), &path);
        }
        let Verdict::Fine(outcome) = verdict else {
            return Ok(());
        };
        let Some(place) = &outcome.panic else {
            return Ok(());
        };
        let is_new = self
            .panics
            .lock()
            .is_ok_and(|mut known| known.insert(place.clone()));
        if is_new {
            let path = self.save("panic", origin, file)?;
            tell(&format!("panic, caught, at {place}"), &path)?;
        }
        Ok(())
    }

    fn save(&self, label: &str, origin: Origin, file: &[u8]) -> anyhow::Result<PathBuf> {
        let Origin {
            seed,
            job,
            number,
            recipe,
        } = origin;
        fs::create_dir_all(&self.folder)?;
        let name = format!("{label}-seed{seed}-job{job}-{number}-recipe{recipe}");
        let path = self.folder.join(name);
        fs::write(&path, file)?;
        Ok(path)
    }
}

fn tell(what: &str, path: &Path) -> anyhow::Result<()> {
    let path = path.display();
    Ok(progress(format_args!(
        "{what}\n    make fuzz REPLAY={path}"
    ))?)
}
