//! Files that declare more than they contain, or contain more than they seem to.

use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};
use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};
use webp::Encoder;

use super::{Named, png::Layout};
use crate::mutate::{jpeg, png};

pub(super) fn all() -> anyhow::Result<Vec<Named>> {
    let mut files = Vec::new();
    for (depth, colour) in [(1, 0), (8, 0), (8, 6), (16, 6), (8, 3), (8, 2)] {
        let layout = Layout {
            width: 7_000,
            height: 7_000,
            depth,
            colour,
            is_interlaced: false,
        };
        files.push((
            format!("49 MP of PNG, colour type {colour}, {depth} bits"),
            flat_png(layout)?,
        ));
        let layout = Layout {
            is_interlaced: true,
            ..layout
        };
        files.push((
            format!("49 MP of interlaced PNG, colour type {colour}, {depth} bits"),
            flat_png(layout)?,
        ));
    }
    for (width, height) in [(1, 20_000), (20_000, 1), (1, 49_000_000), (65_535, 65_535)] {
        let layout = Layout {
            width,
            height,
            depth: 8,
            colour: 2,
            is_interlaced: false,
        };
        files.push((
            format!("PNG, {width}x{height}, almost empty"),
            png::write(&layout.around(&[], png::deflate(&vec![0; 80_000]))),
        ));
    }
    files.extend(packed_chunks()?);
    files.push(("APNG of 10,000 frames".to_owned(), many_png_frames()));
    files.extend(jpegs()?);
    files.push(("GIF of 10,000 frames".to_owned(), gif(1, 1, 10_000)));
    files.push((
        "GIF of 65535x65535 with one pixel".to_owned(),
        gif(65_535, 65_535, 1),
    ));
    files.push((
        "GIF of 7000x7000 with one pixel".to_owned(),
        gif(7_000, 7_000, 1),
    ));
    files.extend(webps());
    Ok(files)
}

/// Compresses zeros, a thousand to one.
fn zeros(bytes: u64) -> anyhow::Result<Vec<u8>> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    let block = vec![0; 1 << 20];
    let mut left = usize::try_from(bytes)?;
    while left > 0 {
        let part = left.min(block.len());
        packed.write_all(&block[..part])?;
        left -= part;
    }
    Ok(packed.finish()?)
}

fn flat_png(layout: Layout) -> anyhow::Result<Vec<u8>> {
    let row = 1 + u64::from((layout.width * layout.bits_per_pixel()).div_ceil(8));
    // Interlaced rows are more and shorter; surplus bytes are not read.
    let bytes = (row + 8) * u64::from(layout.height);
    Ok(png::write(&layout.around(&[], zeros(bytes)?)))
}

/// Builds PNGs with 400 MB of profile or text.
fn packed_chunks() -> anyhow::Result<Vec<Named>> {
    let layout = Layout {
        width: 8,
        height: 8,
        depth: 8,
        colour: 2,
        is_interlaced: false,
    };
    let packed = zeros(400 << 20)?;
    let chunk = |kind: &[u8; 4], head: &[u8]| {
        let chunk = (*kind, [head, &packed].concat());
        (
            format!("PNG with 400 MB in {}", String::from_utf8_lossy(kind)),
            png::write(&layout.chunks(&[chunk])),
        )
    };
    Ok(vec![
        chunk(b"iCCP", b"big\0\0"),
        chunk(b"zTXt", b"big\0\0"),
        chunk(b"iTXt", b"big\0\x01\0\0\0"),
    ])
}

fn many_png_frames() -> Vec<u8> {
    let layout = Layout {
        width: 1,
        height: 1,
        depth: 8,
        colour: 0,
        is_interlaced: false,
    };
    let mut chunks = layout.chunks(&[(*b"acTL", vec![0, 0, 0x27, 0x10, 0, 0, 0, 0])]);
    let end = chunks.len() - 1;
    let frames = (0..10_000_u32).flat_map(|number| {
        let numbers = [2 * number, 1, 1, 0, 0].map(u32::to_be_bytes).concat();
        let control = [&numbers[..], &[0, 1, 0, 10, 0, 0]].concat();
        let data = [&(2 * number + 1).to_be_bytes()[..], &png::deflate(&[0, 0])].concat();
        [(*b"fcTL", control), (*b"fdAT", data)]
    });
    chunks.splice(end..end, frames);
    png::write(&chunks)
}

fn jpegs() -> anyhow::Result<Vec<Named>> {
    let mut files = Vec::new();
    for subsampling in [Subsamp::None, Subsamp::Sub2x2, Subsamp::Gray] {
        for is_progressive in [false, true] {
            let name = format!("49 MP of JPEG, {subsampling:?}, progressive: {is_progressive}");
            files.push((name, flat_jpeg(7_000, 7_000, subsampling, is_progressive)?));
        }
    }
    files.push((
        "JPEG, 1x20000".to_owned(),
        flat_jpeg(1, 20_000, Subsamp::Sub2x2, false)?,
    ));
    files.push((
        "JPEG, 20000x1".to_owned(),
        flat_jpeg(20_000, 1, Subsamp::Sub2x2, true)?,
    ));
    let progressive = flat_jpeg(3_000, 3_000, Subsamp::None, true)?;
    let mut segments = jpeg::segments(&progressive);
    if let Some(last) = segments.pop() {
        // A decoder processes nine million pixels for every scan of a few bytes.
        segments.extend(std::iter::repeat_n(last, 3_000));
    }
    files.push(("JPEG of 3,000 scans".to_owned(), jpeg::write(&segments)));
    let mut header = flat_jpeg(16, 16, Subsamp::Sub2x2, false)?;
    if let Some(frame) = header.windows(2).position(|pair| pair == [0xFF, 0xC0]) {
        header[frame + 5..frame + 9].fill(0xFF);
    }
    files.push(("JPEG of 65535x65535 in a header".to_owned(), header));
    Ok(files)
}

fn flat_jpeg(
    width: usize,
    height: usize,
    subsampling: Subsamp,
    is_progressive: bool,
) -> anyhow::Result<Vec<u8>> {
    let mut compressor = Compressor::new()?;
    compressor.set_subsamp(subsampling)?;
    compressor.set_progressive(is_progressive)?;
    let format = if subsampling == Subsamp::Gray {
        PixelFormat::GRAY
    } else {
        PixelFormat::RGB
    };
    Ok(compressor.compress_to_vec(Image {
        pixels: vec![90_u8; width * height * format.size()].as_slice(),
        width,
        pitch: width * format.size(),
        height,
        format,
    })?)
}

/// Builds a GIF with frames of one pixel on a screen of this size.
fn gif(width: u16, height: u16, frames: usize) -> Vec<u8> {
    let mut file = b"GIF89a".to_vec();
    file.extend(width.to_le_bytes());
    file.extend(height.to_le_bytes());
    file.extend(b"\x80\0\0\0\0\0\xFF\xFF\xFF");
    let frame = b"\x21\xF9\x04\0\x0A\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";
    file.extend(frame.repeat(frames));
    file.push(b';');
    file
}

fn webps() -> Vec<Named> {
    let pixels = vec![90; 16_383 * 3_000 * 3];
    let encoder = || Encoder::from_rgb(&pixels, 16_383, 3_000);
    vec![
        (
            "49 MP of lossy WebP".to_owned(),
            encoder().encode(1.0).to_vec(),
        ),
        (
            "49 MP of lossless WebP".to_owned(),
            encoder()
                .encode_simple(true, 0.0)
                .map(|file| file.to_vec())
                .unwrap_or_default(),
        ),
    ]
}
