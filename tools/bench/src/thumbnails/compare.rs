//! The comparison, and its output.

use std::path::{Path, PathBuf};

use anyhow::ensure;

use super::{
    cpu_affinity,
    float_image::FloatImage,
    heic,
    inputs::Inputs,
    participant::Subject,
    quality::{self, Quality},
    rounds::Rounds,
    sharp,
    task::{TASKS, Task},
};
use crate::output::{progress, result};

/// The peer of the row for HEIC.
pub(crate) struct Libheif {
    /// Python with pillow-heif.
    pub python: PathBuf,
    pub worker: PathBuf,
}

/// Runs all tasks whose name contains `only`, and prints `name=value` lines.
pub(crate) fn compare(
    inputs: &Inputs,
    peer: &Path,
    libheif: Option<&Libheif>,
    rounds: usize,
    only: &str,
) -> anyhow::Result<()> {
    ensure!(rounds > 0, "at least one round is required");
    sharp::install(peer)?;
    let peer = peer.canonicalize()?;
    cpu_affinity::keep_to_one()?;
    result(format_args!("inputs={}", inputs.source()))?;
    result(format_args!("rounds={rounds}"))?;
    for task in TASKS.iter().filter(|task| task.name.contains(only)) {
        let image = inputs.find(task)?.canonicalize()?;
        compare_one(task, &image, &peer, rounds)?;
    }
    match libheif {
        Some(Libheif { python, worker }) if heic::NAME.contains(only) => {
            heic::compare(inputs, python, worker, rounds)
        }
        _ => Ok(()),
    }
}

fn compare_one(task: &Task, image: &PathBuf, peer: &Path, rounds: usize) -> anyhow::Result<()> {
    progress(format_args!("{} of {}", task.name, task.file))?;
    let mut running = Rounds::start(task, image, peer)?;
    for _ in 0..rounds {
        running.round()?;
    }
    let Rounds {
        ours,
        sharp_each,
        sharp_once,
    } = running;
    let name = task.name;
    result(format_args!("{name}_peer={}", sharp_each.version))?;
    print_time(name, "", &ours, &sharp_each, &sharp_once, Subject::ms)?;
    print_time(
        name,
        "cpu_",
        &ours,
        &sharp_each,
        &sharp_once,
        Subject::cpu_ms,
    )?;
    print_memory(name, &ours, &sharp_each, &sharp_once)?;
    let original = FloatImage::decode(&std::fs::read(image)?)?;
    for subject in sharp_once {
        subject.finish()?;
    }
    print_quality(task, &original, &ours.finish()?, &sharp_each.finish()?)
}

/// Prints wall-clock or CPU time. Of sharp's strategies that decode once, the fastest counts.
fn print_time(
    name: &str,
    which: &str,
    ours: &Subject,
    sharp_each: &Subject,
    sharp_once: &[Subject],
    ms: impl Fn(&Subject) -> f64,
) -> anyhow::Result<()> {
    let our_ms = ms(ours);
    let ratio = ms(sharp_each) / our_ms;
    result(format_args!("{name}_{which}ratio_vs_sharp_each={ratio:.2}"))?;
    if let Some(fastest) = sharp_once.iter().map(&ms).min_by(f64::total_cmp) {
        let ratio = fastest / our_ms;
        result(format_args!("{name}_{which}ratio_vs_sharp_once={ratio:.2}"))?;
        result(format_args!("{name}_sharp_once_{which}ms={fastest:.2}"))?;
    }
    result(format_args!("{name}_ours_{which}ms={our_ms:.2}"))?;
    for subject in std::iter::once(sharp_each).chain(sharp_once) {
        let (strategy, ms) = (subject.strategy.replace('-', "_"), ms(subject));
        result(format_args!("{name}_sharp_{strategy}_{which}ms={ms:.2}"))?;
    }
    Ok(())
}

/// Prints peak memory. The ratio is to sharp's strategy with the lowest peak.
fn print_memory(
    name: &str,
    ours: &Subject,
    sharp_each: &Subject,
    sharp_once: &[Subject],
) -> anyhow::Result<()> {
    result(format_args!(
        "{name}_ours_peak_rss_mb={:.1}",
        ours.peak_rss_mb()
    ))?;
    let mut least = f64::INFINITY;
    for subject in std::iter::once(sharp_each).chain(sharp_once) {
        let (strategy, mb) = (subject.strategy.replace('-', "_"), subject.peak_rss_mb());
        result(format_args!("{name}_sharp_{strategy}_peak_rss_mb={mb:.1}"))?;
        least = least.min(mb);
    }
    let ratio = ours.peak_rss_mb() / least;
    result(format_args!("{name}_sharp_peak_rss_mb={least:.1}"))?;
    Ok(result(format_args!("{name}_rss_ratio={ratio:.3}"))?)
}

/// Prints the bytes and quality of every variant. Sharp's are of one pipeline per size, its best
/// quality.
fn print_quality(
    task: &Task,
    original: &FloatImage,
    ours: &[Vec<u8>],
    theirs: &[Vec<u8>],
) -> anyhow::Result<()> {
    let wanted = task.variants.len();
    ensure!(
        ours.len() == wanted,
        "{} of {wanted} variants are ours",
        ours.len()
    );
    ensure!(
        theirs.len() == wanted,
        "{} of {wanted} variants are sharp's",
        theirs.len()
    );
    for (variant, (ours, theirs)) in task.variants.iter().zip(ours.iter().zip(theirs)) {
        let name = format!("{}_at_{}", task.name, variant.edge);
        print_one(&name, "ours", ours, quality::measure(original, ours)?)?;
        print_one(&name, "sharp", theirs, quality::measure(original, theirs)?)?;
    }
    Ok(())
}

fn print_one(name: &str, whose: &str, file: &[u8], quality: Quality) -> anyhow::Result<()> {
    let Quality { ssim, psnr } = quality;
    result(format_args!("{name}_{whose}_bytes={}", file.len()))?;
    result(format_args!("{name}_{whose}_ssim={ssim:.4}"))?;
    Ok(result(format_args!("{name}_{whose}_psnr={psnr:.2}"))?)
}
