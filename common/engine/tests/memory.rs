//! Peak memory of the engine, measured in a separate process.
#![cfg(target_os = "linux")]

use std::{io::Write as _, path::PathBuf, process::Command, time::Duration};

use anyhow::{Context as _, anyhow};
use engine::{KeepLocation, Limits, Recipe, VariantSpec, generate};
use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};

/// Width and height of the images of phones, 50 and 200 megapixels.
const FIFTY: (usize, usize) = (8192, 6144);
const TWO_HUNDRED: (usize, usize) = (16320, 12240);

/// Limits in MB. A function of 256 MB runs more than the engine, and may hold the bytes of more
/// than one image.
const MOST_MB: [((usize, usize), u64); 2] = [(FIFTY, 96), (TWO_HUNDRED, 128)];

/// Limit in MB of what is reduced by rows.
const MOST_MB_BY_ROWS: u64 = 64;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Draws a PNG of large shapes, as of a screen or a scan, with some grain and with transparency.
fn large_png((width, height): (usize, usize)) -> anyhow::Result<PathBuf> {
    let path = path(&format!("large-{width}.png"));
    let file = std::io::BufWriter::new(std::fs::File::create(&path)?);
    let edge = u32::try_from;
    let mut encoder = png::Encoder::new(file, edge(width)?, edge(height)?);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    let mut stream = writer.stream_writer()?;
    for y in 0..height {
        let row: Vec<u8> = (0..width)
            .flat_map(|x| {
                let [shape, ..] = (x / 300 + y / 200).to_le_bytes();
                let grain = u8::from((x * y).is_multiple_of(61));
                [40 * (shape % 6), 90 + grain, 60, 255 - shape % 2]
            })
            .collect();
        stream.write_all(&row)?;
    }
    stream.finish()?;
    Ok(path)
}

fn large_image((width, height): (usize, usize), is_progressive: bool) -> anyhow::Result<PathBuf> {
    let mut state = 1_u32;
    let pixels: Vec<u8> = (0..width * height)
        .flat_map(|at| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [noise, ..] = state.to_be_bytes();
            let [light, ..] = (at / width / 24).to_le_bytes();
            [light.wrapping_add(noise / 16), noise / 4, 90]
        })
        .collect();
    let mut compressor = Compressor::new()?;
    compressor.set_quality(80)?;
    compressor.set_subsamp(Subsamp::Sub2x2)?;
    compressor.set_progressive(is_progressive)?;
    let image = Image {
        pixels: &pixels[..],
        width,
        pitch: width * 3,
        height,
        format: PixelFormat::RGB,
    };
    let name = format!("large-{width}-{is_progressive}.jpg");
    let path = path(&name);
    std::fs::write(&path, compressor.compress_to_vec(image)?)?;
    Ok(path)
}

/// Measures the peak, in megabytes, of a process that generates the default variants of the file.
fn peak_mb(file: PathBuf) -> anyhow::Result<u64> {
    let output = Command::new(std::env::current_exe()?)
        .args([
            "--ignored",
            "--exact",
            "--nocapture",
            "in_a_process_of_its_own",
        ])
        .env("ENGINE_TEST_FILE", file)
        .output()?;
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout)?;
    let peak_kb: u64 = text
        .lines()
        .find_map(|line| line.strip_prefix("peak_kb="))
        .context("the process did not say its peak")?
        .parse()?;
    Ok(peak_kb / 1024)
}

#[test]
#[ignore = "started by the tests below"]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "how this process and the one that started it talk"
)]
fn in_a_process_of_its_own() -> anyhow::Result<()> {
    let bytes = std::fs::read(std::env::var("ENGINE_TEST_FILE")?)?;
    let recipe = Recipe {
        variants: VariantSpec::parse_list("small:160,medium:512,large:1024")?,
        jpeg_quality: 80,
        keep_location: KeepLocation::Off,
        accept_heic: true,
        limits: Limits {
            max_image_bytes: 64 << 20,
            max_image_pixels: 210_000_000,
            max_image_edge: 30_000,
            max_image_frames: 1,
            max_decoded_bytes: 256 << 20,
            image_deadline: Duration::from_mins(5),
        },
    };
    let image = generate(&recipe, &bytes).map_err(|failure| anyhow!("{failure:?}"))?;
    assert_eq!(image.variants.len(), 3);
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    println!(
        "\npeak_kb={}",
        peak.context("Linux does not say the peak")?.trim()
    );
    Ok(())
}

#[test]
fn the_images_of_phones_fit_a_function_of_256_mb() -> anyhow::Result<()> {
    for (edges, most_mb) in MOST_MB {
        for is_progressive in [false, true] {
            let file = large_image(edges, is_progressive)?;
            let file_mb = std::fs::metadata(&file)?.len() >> 20;
            let peak_mb = peak_mb(file)?;
            let measured = format!(
                "width={} progressive={is_progressive} file_mb={file_mb} peak_rss_mb={peak_mb}",
                edges.0
            );
            assert!(peak_mb < most_mb, "{measured}");
        }
    }
    Ok(())
}

/// 50 megapixels with transparency are 200 MB, and those of 200 are more than the limit.
#[test]
fn a_png_is_never_in_memory_as_a_whole() -> anyhow::Result<()> {
    for edges in [FIFTY, TWO_HUNDRED] {
        let file = large_png(edges)?;
        let file_mb = std::fs::metadata(&file)?.len() >> 20;
        let peak_mb = peak_mb(file)?;
        let measured = format!("width={} file_mb={file_mb} peak_rss_mb={peak_mb}", edges.0);
        assert!(peak_mb < MOST_MB_BY_ROWS, "{measured}");
    }
    Ok(())
}
