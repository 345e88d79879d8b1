//! WebP files: lossy and lossless, with alpha, with metadata, animated.

use webp::Encoder;

use super::{Named, scene};
use crate::mutate::{
    chunks::Chunk,
    riff::{chunk, chunks, write},
};

const WIDTH: u32 = 70;
const HEIGHT: u32 = 50;

pub(super) fn all() -> anyhow::Result<Vec<Named>> {
    let (opaque, clear) = (
        scene::pixels(WIDTH, HEIGHT, 3),
        scene::pixels(WIDTH, HEIGHT, 4),
    );
    let opaque = || Encoder::from_rgb(&opaque, WIDTH, HEIGHT);
    let clear = || Encoder::from_rgba(&clear, WIDTH, HEIGHT);
    let lossy = opaque().encode(75.0).to_vec();
    let lossless = opaque().encode_lossless().to_vec();
    let clear_lossy = clear().encode(75.0).to_vec();
    let clear_lossless = clear().encode_lossless().to_vec();
    let profile = (*b"ICCP", scene::profile()?);
    let exif = (*b"EXIF", scene::exif(6));
    let with_metadata = [&[extended(0x28), profile][..], &chunks(&lossy), &[exif]].concat();
    Ok(vec![
        ("lossy WebP with metadata".to_owned(), write(&with_metadata)),
        (
            "animated WebP, lossy".to_owned(),
            animated(&[&clear_lossy, &lossy]),
        ),
        (
            "animated WebP, lossless".to_owned(),
            animated(&[&lossless, &clear_lossless]),
        ),
        ("lossy WebP".to_owned(), lossy),
        ("lossless WebP".to_owned(), lossless),
        ("lossy WebP with alpha".to_owned(), clear_lossy),
        ("lossless WebP with alpha".to_owned(), clear_lossless),
        (
            "one pixel of WebP".to_owned(),
            Encoder::from_rgb(&[1, 2, 3], 1, 1).encode(50.0).to_vec(),
        ),
    ])
}

/// Builds a `VP8X` chunk: 0x20 a profile, 0x10 alpha, 0x08 EXIF, 0x02 frames.
fn extended(flags: u8) -> Chunk {
    let mut data = vec![flags, 0, 0, 0];
    data.extend(three(WIDTH - 1));
    data.extend(three(HEIGHT - 1));
    (*b"VP8X", data)
}

fn animated(frames: &[&[u8]]) -> Vec<u8> {
    let mut file = vec![extended(0x12), (*b"ANIM", vec![0; 6])];
    for frame in frames {
        // Left, top, right and bottom edge, milliseconds, flags.
        let mut data = [
            three(0),
            three(0),
            three(WIDTH - 1),
            three(HEIGHT - 1),
            three(100),
        ]
        .concat();
        data.push(0);
        let pixels = chunks(frame)
            .into_iter()
            .filter(|(kind, _)| kind != b"VP8X");
        data.extend(pixels.flat_map(|(kind, data)| chunk(kind, &data)));
        file.push((*b"ANMF", data));
    }
    write(&file)
}

fn three(number: u32) -> Vec<u8> {
    number.to_le_bytes()[..3].to_vec()
}
