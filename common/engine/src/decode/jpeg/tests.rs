//! Tests of the shortcut against the full decode, on generated images.

use std::time::Duration;

use fast_image_resize::Resizer;
use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};

use super::*;
use crate::{
    Limits, Size,
    encode::encode,
    raster::{Layout, Raster, map},
};

const LIMITS: Limits = Limits {
    max_image_bytes: u64::MAX,
    max_image_pixels: u64::MAX,
    max_image_edge: u32::MAX,
    max_image_frames: 1,
    max_decoded_bytes: u64::MAX,
    image_deadline: Duration::MAX,
};

const SCALES: [ScalingFactor; 2] = [ScalingFactor::ONE_EIGHTH, ScalingFactor::ONE_QUARTER];

/// Lowest accepted PSNR of the shortcut against the full decode of a progressive file, in decibels,
/// for each scale.
const LEAST_PSNR: [f64; 2] = [39.0, 36.0];

/// Lowest accepted PSNR of a sequential file, of which nothing is left out that counts: of all
/// samples and of luma. libjpeg-turbo repeats chroma samples at 1/8 instead of interpolating them,
/// and at 1/4 it uses a few more coefficients, of high frequencies.
const LEAST_PSNR_OF_SEQUENTIAL: f64 = 38.0;
const LEAST_PSNR_OF_LUMA: f64 = 41.0;

/// Draws an image that resembles a landscape: gradients, edges, texture and noise.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped"
)]
fn scenery(width: u32, height: u32) -> Vec<u8> {
    let mut state = 7_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 24) / 255.0 - 0.5
    };
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (x, y) = (f64::from(x), f64::from(y));
            let hill = 60.0 * (x / 61.0).sin() + 40.0 * (x / 17.0 + y / 23.0).sin();
            let is_sky = y < f64::from(height) / 2.0 + hill;
            let grain = 24.0 * noise();
            let [red, green, blue] = if is_sky {
                [90.0 + y / 4.0, 140.0 + y / 6.0, 220.0]
            } else {
                let leaf = 30.0 * (x / 2.3).sin() * (y / 3.1).cos();
                [60.0 + leaf, 110.0 + hill / 2.0 + leaf, 40.0]
            };
            pixels.extend(
                [red, green, blue].map(|channel| (channel + grain).clamp(0.0, 255.0) as u8),
            );
        }
    }
    pixels
}

fn progressive(width: u32, height: u32, subsampling: Subsamp, quality: i32) -> Vec<u8> {
    let mut compressor = Compressor::new().unwrap();
    compressor.set_progressive(true).unwrap();
    compressed(compressor, width, height, subsampling, quality)
}

fn baseline(width: u32, height: u32, subsampling: Subsamp) -> Vec<u8> {
    compressed(Compressor::new().unwrap(), width, height, subsampling, 92)
}

fn compressed(
    mut compressor: Compressor,
    width: u32,
    height: u32,
    subsampling: Subsamp,
    quality: i32,
) -> Vec<u8> {
    let pixels = scenery(width, height);
    compressor.set_quality(quality).unwrap();
    compressor.set_subsamp(subsampling).unwrap();
    let image = Image {
        pixels: &pixels[..],
        width: width as usize,
        pitch: width as usize * 3,
        height: height as usize,
        format: PixelFormat::RGB,
    };
    compressor.compress_to_vec(image).unwrap()
}

fn file<'a>(bytes: &'a [u8], header: &'a Header, scale: ScalingFactor) -> File<'a> {
    let scaled = Scaled {
        edges: scaled_edges(header.edges, scale),
        extent: extent(header.edges, scale),
        scale,
    };
    File::open(bytes, header, scaled, &LIMITS).unwrap()
}

fn whole(bytes: &[u8], scale: ScalingFactor) -> Raster {
    let header = header::read(bytes).unwrap();
    file(bytes, &header, scale).raster().unwrap()
}

/// Decodes to pixels with the shortcut; `None` where it is not taken.
fn short(bytes: &[u8], scale: ScalingFactor) -> Option<Raster> {
    match shortened(bytes, scale, ChromaScale::Largest)? {
        Pixels::Interleaved(raster) => Some(raster),
        Pixels::Planar(_) => None,
    }
}

fn shortened(bytes: &[u8], scale: ScalingFactor, chroma: ChromaScale) -> Option<Pixels> {
    let scale = Scale::of(scale)?;
    shortcut::decode(bytes, &header::read(bytes).ok()?, scale, chroma)
}

/// Computes the PSNR over all samples, in decibels.
fn psnr(left: &Raster, right: &Raster) -> f64 {
    assert_eq!(left.edges(), right.edges());
    let samples = left.samples().iter().zip(right.samples());
    let sum: f64 = samples
        .map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2))
        .sum();
    let mean = sum / f64::from(u32::try_from(left.samples().len()).unwrap());
    10.0 * (255.0 * 255.0 / mean.max(1e-9)).log10()
}

#[test]
#[expect(clippy::print_stdout, reason = "the numbers of the proof: --nocapture")]
fn the_shortcut_shows_what_the_full_decode_shows() {
    for subsampling in [
        Subsamp::None,
        Subsamp::Sub2x1,
        Subsamp::Sub2x2,
        Subsamp::Gray,
    ] {
        for (width, height) in [(640, 480), (333, 517), (64, 8)] {
            for quality in [50, 75, 85, 92, 98] {
                let bytes = progressive(width, height, subsampling, quality);
                for (scale, least) in SCALES.into_iter().zip(LEAST_PSNR) {
                    let what =
                        format!("{scale} {subsampling:?} quality {quality} {width}x{height}");
                    let Some(short) = short(&bytes, scale) else {
                        println!("{what}: not taken");
                        // Coarse quantization steps would make the missing bits visible.
                        assert!(quality < 75, "{what}");
                        continue;
                    };
                    let psnr = psnr(&whole(&bytes, scale), &short);
                    println!("{what}: psnr_db={psnr:.1}");
                    assert!(psnr >= least, "{what}: {psnr:.1} dB");
                }
            }
        }
    }
}

#[expect(clippy::print_stdout, reason = "the numbers of the proof: --nocapture")]
fn assert_close(whole: &Raster, short: &Raster, what: &str) {
    let all = psnr(whole, short);
    let luma = if whole.layout() == Layout::Rgb {
        psnr(&luma(whole), &luma(short))
    } else {
        all
    };
    println!("{what}: psnr_db={all:.1} luma_psnr_db={luma:.1}");
    assert!(all >= LEAST_PSNR_OF_SEQUENTIAL, "{what}: {all:.1} dB");
    assert!(luma >= LEAST_PSNR_OF_LUMA, "{what}: luma {luma:.1} dB");
}

#[test]
fn of_a_sequential_file_nothing_is_lost() {
    for subsampling in [
        Subsamp::None,
        Subsamp::Sub2x1,
        Subsamp::Sub1x2,
        Subsamp::Sub2x2,
        Subsamp::Gray,
    ] {
        for (width, height) in [(640, 480), (333, 517), (64, 8), (1, 1)] {
            for quality in [10, 50, 92, 100] {
                let bytes = compressed(
                    Compressor::new().unwrap(),
                    width,
                    height,
                    subsampling,
                    quality,
                );
                for scale in SCALES {
                    let what =
                        format!("{scale} {subsampling:?} quality {quality} {width}x{height}");
                    let [whole, short] = [whole(&bytes, scale), short(&bytes, scale).unwrap()];
                    assert_close(&whole, &short, &what);
                }
            }
        }
    }
}

/// Other encoders order their scans in other ways, and some write restarts.
#[test]
fn other_scripts_and_restarts_are_read() {
    let (width, height) = (640, 480);
    let pixels = scenery(width, height);
    for (scans, restart_interval) in [(2, None), (4, None), (8, None), (16, None), (4, Some(7))] {
        let mut bytes = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
        encoder.set_progressive_scans(scans);
        encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
        if let Some(interval) = restart_interval {
            encoder.set_restart_interval(interval);
        }
        encoder
            .encode(&pixels, 640, 480, jpeg_encoder::ColorType::Rgb)
            .unwrap();
        for (scale, least) in SCALES.into_iter().zip(LEAST_PSNR) {
            let what = format!("{scans} scans, restarts {restart_interval:?}, {scale}");
            let short = short(&bytes, scale).unwrap_or_else(|| panic!("{what}: not taken"));
            let psnr = psnr(&whole(&bytes, scale), &short);
            assert!(psnr >= least, "{psnr:.1} dB: {what}");
        }
    }
}

/// Splits a file into the part before the scans, and each scan with the tables before it.
fn pieces(bytes: &[u8]) -> (&[u8], Vec<&[u8]>) {
    let (mut at, mut from) = (2, 2);
    let mut pieces = Vec::new();
    while bytes[at..at + 2] != [0xFF, 0xD9] {
        let segment = segments::segment(bytes, at).unwrap();
        at = segment.end;
        match segment.marker {
            0xC2 => from = at,
            0xDA => {
                at = segments::end_of_scan(bytes, at).unwrap();
                pieces.push(&bytes[from..at]);
                from = at;
            }
            _ => {}
        }
    }
    let first = pieces[0].as_ptr().addr() - bytes.as_ptr().addr();
    (&bytes[..first], pieces)
}

fn put_together(head: &[u8], scans: &[&[u8]]) -> Vec<u8> {
    [head, &scans.concat(), b"\xFF\xD9"].concat()
}

#[test]
fn unexpected_input_ends_the_shortcut_and_never_the_process() {
    let bytes = progressive(320, 240, Subsamp::Sub2x2, 92);
    let (head, scans) = pieces(&bytes);
    assert_eq!(put_together(head, &scans), bytes);
    let is_taken = |bytes: &[u8]| SCALES.map(|scale| short(bytes, scale).is_some());
    assert_eq!(is_taken(&bytes), [true, true]);

    // Scans that the scale does not show may be missing, and so may the last scans of a truncated
    // file.
    assert_eq!(is_taken(&put_together(head, &scans[..1])), [true, true]);

    let mut late = scans.clone();
    late.rotate_left(1);
    let halved = &scans[0][..scans[0].len() / 2];
    let quantizer = b"\xFF\xDB\x00\x43\x00".to_vec();
    let quantizer = [&quantizer[..], &[1; 64]].concat();
    for (what, broken) in [
        ("no DC", put_together(head, &scans[1..])),
        ("AC before DC", put_together(head, &late)),
        ("no scans", put_together(head, &[])),
        (
            "DC twice",
            put_together(head, &[&scans[..1], &scans].concat()),
        ),
        (
            "half of the DC scan",
            put_together(head, &[&[halved], &scans[1..]].concat()),
        ),
        (
            "tables between scans",
            put_together(
                head,
                &[&scans[..1], &[&quantizer[..]], &scans[1..]].concat(),
            ),
        ),
        ("no end", bytes[..bytes.len() - 2].to_vec()),
    ] {
        assert_eq!(is_taken(&broken), [false, false], "{what}");
        // The full decode may find an image in it, or not.
        let recipe = Recipe {
            variants: crate::VariantSpec::parse_list("a:30").unwrap(),
            jpeg_quality: 80,
            keep_location: crate::KeepLocation::Off,
            accept_heic: true,
            limits: LIMITS,
        };
        let _ = decode(&broken, &recipe);
    }
}

/// What libjpeg-turbo would mend or warn of is left to it.
#[test]
fn of_a_sequential_file_only_a_flawless_one_is_taken() {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    encoder.set_restart_interval(5);
    encoder
        .encode(&scenery(320, 240), 320, 240, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    let is_taken = |bytes: &[u8]| SCALES.map(|scale| short(bytes, scale).is_some());
    assert_eq!(is_taken(&bytes), [true, true]);
    for scale in SCALES {
        let [whole, short] = [whole(&bytes, scale), short(&bytes, scale).unwrap()];
        assert_close(&whole, &short, &format!("restarts, {scale}"));
    }

    let place = |marker| {
        let mut pairs = bytes.windows(2);
        pairs.position(|pair| pair == [0xFF, marker]).unwrap()
    };
    let (scan, first, second) = (place(0xDA), place(0xD0), place(0xD1));
    let end = bytes.len() - 2;
    let with = |at: usize, what: &[u8]| [&bytes[..at], what, &bytes[at..]].concat();
    let mut swapped = bytes.clone();
    swapped[second + 1] = 0xD3;
    for (what, broken) in [
        (
            "half of the data",
            [&bytes[..end / 2], b"\xFF\xD9"].concat(),
        ),
        ("no end", bytes[..end].to_vec()),
        ("another scan", with(end, &bytes[scan..first])),
        ("surplus before a restart", with(first, &[0x55; 4])),
        ("a restart out of turn", swapped),
        (
            "a piece without its restart",
            [&bytes[..first], &bytes[second..]].concat(),
        ),
        (
            "another component",
            [&bytes[..scan + 5], &[9], &bytes[scan + 6..]].concat(),
        ),
    ] {
        assert_eq!(is_taken(&broken), [false, false], "{what}");
    }
}

#[test]
fn a_coarsely_quantized_image_is_decoded_in_full() {
    // The bits of a refinement scan would be visible.
    let bytes = progressive(320, 240, Subsamp::None, 30);
    assert!(short(&bytes, ScalingFactor::ONE_QUARTER).is_none());
    assert!(short(&bytes, ScalingFactor::ONE_EIGHTH).is_some());
}

/// Makes a variant of the image, and decodes it.
fn shown(pixels: &Pixels, max_edge: u32, original: Dimensions) -> Raster {
    let cut = CropPlan::new(Size::Inside { max_edge }, original);
    let pixels = pixels.resize(&mut Resizer::new(), &cut).unwrap();
    let bytes = encode(&pixels, VariantFormat::Jpeg, 90).unwrap();
    whole(&bytes, ScalingFactor::ONE)
}

fn luma(raster: &Raster) -> Raster {
    let grey = map(raster.samples(), |pixel: [u8; 3]| {
        let [red, green, blue] = pixel.map(u32::from);
        [u8::try_from((299 * red + 587 * green + 114 * blue + 500) / 1000).unwrap()]
    });
    Raster::new(raster.edges(), Layout::Grey, grey).unwrap()
}

#[test]
#[expect(clippy::print_stdout, reason = "the numbers of the proof: --nocapture")]
fn a_variant_made_of_planes_shows_what_one_made_of_pixels_shows() {
    for subsampling in [Subsamp::Sub2x1, Subsamp::Sub1x2, Subsamp::Sub2x2] {
        for (width, height) in [(640, 480), (333, 517), (1001, 31), (17, 5), (1, 1)] {
            let bytes = baseline(width, height, subsampling);
            let header = header::read(&bytes).unwrap();
            for (scale, max_edge) in [
                (ScalingFactor::ONE, 1001),
                (ScalingFactor::ONE_HALF, 200),
                (ScalingFactor::ONE_QUARTER, 100),
                (ScalingFactor::ONE_EIGHTH, 35),
            ] {
                let file = || file(&bytes, &header, scale);
                let by_planes = file().planes(file().subsampling().unwrap()).unwrap();
                let by_pixels = file().raster().unwrap();
                let shown = [Pixels::Planar(by_planes), Pixels::Interleaved(by_pixels)]
                    .map(|pixels| shown(&pixels, max_edge, header.edges));
                let luma = shown.each_ref().map(luma);
                let all = psnr(&shown[0], &shown[1]);
                let luma = psnr(&luma[0], &luma[1]);
                let what = format!("{subsampling:?} {width}x{height} {scale}");
                println!("{what}: psnr_db={all:.1} luma_psnr_db={luma:.1}");
                // The two ways reduce chroma differently: by the resize filter here, by the average
                // of four pixels there.
                assert!(all >= 30.0, "{what}: {all:.1} dB");
                assert!(luma >= 40.0, "{what}: {luma:.1} dB");
                if let Some(short) = shortened(&bytes, scale, ChromaScale::AsInImage) {
                    assert!(matches!(short, Pixels::Planar(_)), "{what}");
                    let short = self::shown(&short, max_edge, header.edges);
                    assert_close(&shown[0], &short, &format!("{what}, shortcut"));
                } else {
                    assert!(Scale::of(scale).is_none(), "{what}");
                }
            }
        }
    }
}
