//! HEIC: the engine's three variants against libheif's plain decode to RGB, which makes none.
//!
//! The peer is pillow-heif, on one thread. sharp has no row: its binaries decode no HEVC.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, ensure};

use super::{inputs::Inputs, participant::Subject, protocol::Job, rounds::ITERATIONS, task::THREE};
use crate::output::{progress, result};

/// Prefix of the name of every result.
pub(crate) const NAME: &str = "heic_12mp_1024_512_160";

/// Size of the generated image: that of an iPhone's photos.
const SIZE: [&str; 2] = ["4032", "3024"];

/// Runs the comparison, and prints `name=value` lines. `python` has the packages of
/// `peers/libheif/requirements.txt`.
pub(crate) fn compare(
    inputs: &Inputs,
    python: &Path,
    worker: &Path,
    rounds: usize,
) -> anyhow::Result<()> {
    let image = match inputs.folder() {
        Some(folder) => match first_heic(&folder.join("heif"))? {
            Some(image) => image,
            None => {
                return Ok(progress(format_args!(
                    "{NAME}: no HEIC in heif/ of the folder"
                ))?);
            }
        },
        None => drawn(inputs, python, worker)?,
    };
    progress(format_args!("{NAME} of {}", image.display()))?;
    let job = || Job {
        path: image.clone(),
        strategy: "once".to_owned(),
        variants: THREE.to_vec(),
    };
    let mut itself = Command::new(std::env::current_exe()?);
    itself.arg("ours");
    let mut libheif = Command::new(python);
    libheif.arg(worker);
    let mut subjects = [
        Subject::start(itself, job())?,
        Subject::start(libheif, job())?,
    ];
    for subject in &mut subjects {
        subject.warm_up(ITERATIONS)?;
    }
    for _ in 0..rounds {
        for subject in &mut subjects {
            subject.turn(ITERATIONS)?;
        }
    }
    let [ours, libheif] = subjects;
    result(format_args!("{NAME}_peer={}", libheif.version))?;
    result(format_args!("{NAME}_ours_ms={:.2}", ours.ms()))?;
    result(format_args!("{NAME}_libheif_decode_ms={:.2}", libheif.ms()))?;
    let ratio = ours.ms() / libheif.ms();
    result(format_args!("{NAME}_time_vs_libheif_decode={ratio:.2}"))?;
    result(format_args!("{NAME}_ours_cpu_ms={:.2}", ours.cpu_ms()))?;
    result(format_args!(
        "{NAME}_libheif_decode_cpu_ms={:.2}",
        libheif.cpu_ms()
    ))?;
    let ratio = ours.cpu_ms() / libheif.cpu_ms();
    result(format_args!("{NAME}_cpu_vs_libheif_decode={ratio:.2}"))?;
    let added = ours.peak_rss_mb() - ours.own_rss_mb();
    result(format_args!(
        "{NAME}_ours_peak_rss_mb={:.1}",
        ours.peak_rss_mb()
    ))?;
    result(format_args!("{NAME}_ours_added_rss_mb={added:.1}"))?;
    result(format_args!(
        "{NAME}_libheif_peak_rss_mb={:.1}",
        libheif.peak_rss_mb()
    ))?;
    for subject in [ours, libheif] {
        subject.finish()?;
    }
    Ok(())
}

fn first_heic(folder: &Path) -> anyhow::Result<Option<PathBuf>> {
    if !folder.is_dir() {
        return Ok(None);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        files.push(entry?.path());
    }
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "heic")
    });
    Ok(files.into_iter().min())
}

/// Draws the image, of 48 tiles as an iPhone's, unless it is in the cache.
fn drawn(inputs: &Inputs, python: &Path, worker: &Path) -> anyhow::Result<PathBuf> {
    let folder = inputs.stand_ins();
    let path = folder.join("phone-4032x3024.heic");
    if !path.is_file() {
        progress(format_args!("drawing {}", path.display()))?;
        std::fs::create_dir_all(&folder)?;
        let unfinished = path.with_extension("unfinished");
        let status = Command::new(python)
            .arg(worker)
            .arg(&unfinished)
            .args(SIZE)
            .status()
            .with_context(|| format!("{} can't start", python.display()))?;
        ensure!(status.success(), "drawing ended with {status}");
        std::fs::rename(unfinished, &path)?;
    }
    Ok(path)
}
