//! The engine's side of the protocol.

use std::{
    io::{BufRead as _, Write as _},
    time::{Duration, Instant},
};

use anyhow::{Context as _, anyhow};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use engine::{KeepLocation, Limits, Recipe, Size, VariantFormat, VariantSpec};
use serde::Serialize;

use super::protocol::{Command, Format, Job, Opened, Outputs, Ran, Wanted};
use crate::process::peak_rss_kib;

struct Opening {
    bytes: Vec<u8>,
    recipe: Recipe,
    made: Vec<Vec<u8>>,
}

/// Answers commands until the input ends.
pub(crate) fn serve() -> anyhow::Result<()> {
    let mut opening = None;
    for line in std::io::stdin().lock().lines() {
        match serde_json::from_str(&line?)? {
            Command::Open(job) => {
                opening = Some(open(&job)?);
                answer(&Opened {
                    version: concat!("engine ", env!("CARGO_PKG_VERSION")).to_owned(),
                    peak_rss_kib: own_peak_rss_kib()?,
                })?;
            }
            Command::Run { iterations } => {
                answer(&run(opening.as_mut().context("no job yet")?, iterations)?)?;
            }
            Command::Outputs => {
                let made = &opening.as_ref().context("no job yet")?.made;
                let outputs = made.iter().map(|b| BASE64_STANDARD.encode(b)).collect();
                answer(&Outputs { outputs })?;
            }
        }
    }
    Ok(())
}

fn answer(value: &impl Serialize) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    let mut output = std::io::stdout().lock();
    output.write_all(&line)?;
    Ok(output.flush()?)
}

fn open(job: &Job) -> anyhow::Result<Opening> {
    Ok(Opening {
        bytes: std::fs::read(&job.path)?,
        recipe: recipe(&job.variants),
        made: Vec::new(),
    })
}

fn run(opening: &mut Opening, iterations: usize) -> anyhow::Result<Ran> {
    let mut ms = Vec::with_capacity(iterations);
    let mut cpu_ms = Vec::with_capacity(iterations);
    for _ in 0..iterations {
        let before = cpu_millis()?;
        let start = Instant::now();
        let image = engine::generate(&opening.recipe, &opening.bytes)
            .map_err(|failure| anyhow!("{}: {}", failure.code, failure.message))?;
        ms.push(start.elapsed().as_secs_f64() * 1e3);
        cpu_ms.push(cpu_millis()? - before);
        opening.made = image.variants.into_iter().map(|made| made.bytes).collect();
    }
    Ok(Ran {
        ms,
        cpu_ms,
        peak_rss_kib: own_peak_rss_kib()?,
    })
}

fn own_peak_rss_kib() -> anyhow::Result<u64> {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .as_deref()
        .and_then(peak_rss_kib)
        .context("the kernel reports no VmHWM")
}

/// Builds a recipe with the product's limits, except for the file's size: the benchmark's largest
/// file is 16 MB.
fn recipe(variants: &[Wanted]) -> Recipe {
    Recipe {
        variants: variants.iter().copied().map(spec).collect(),
        jpeg_quality: 80,
        keep_location: KeepLocation::Off,
        accept_heic: true,
        limits: Limits {
            max_image_bytes: 25 << 20,
            max_image_pixels: 210_000_000,
            max_image_edge: 20_000,
            max_image_frames: 1_000,
            max_decoded_bytes: 256 << 20,
            image_deadline: Duration::from_mins(1),
        },
    }
}

fn spec(wanted: Wanted) -> VariantSpec {
    let (format, quality) = match wanted.format {
        Format::Jpeg => (VariantFormat::Jpeg, Some(wanted.quality)),
        Format::Png => (VariantFormat::Png, None),
    };
    VariantSpec {
        name: format!("edge-{}", wanted.edge),
        size: Size::Inside {
            max_edge: wanted.edge,
        },
        format,
        quality,
    }
}

/// Returns the CPU time of this thread, which is the only one.
fn cpu_millis() -> anyhow::Result<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat")?;
    let nanos: u64 = text
        .split(' ')
        .next()
        .context("the kernel reports no CPU time")?
        .parse()?;
    Ok(Duration::from_nanos(nanos).as_secs_f64() * 1e3)
}
