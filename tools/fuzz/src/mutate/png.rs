//! Mutation of PNGs between and inside their chunks, with correct checksums.

use std::io::{Read as _, Write as _};

use fastrand::Rng;
use flate2::{Compression, Crc, read::ZlibDecoder, write::ZlibEncoder};

use super::{
    bytes,
    chunks::{self, Chunk},
};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Maximum decompressed bytes that are mutated and compressed again.
const MOST_INFLATED: u64 = 1 << 20;

/// Parses the complete chunks.
pub(crate) fn chunks(file: &[u8]) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut rest = file.get(SIGNATURE.len()..).unwrap_or_default();
    while let Some((length, after)) = rest.split_first_chunk::<4>()
        && let Some((kind, after)) = after.split_first_chunk::<4>()
        && let Ok(length) = usize::try_from(u32::from_be_bytes(*length))
        && let Some(data) = after.get(..length)
    {
        chunks.push((*kind, data.to_vec()));
        rest = after.get(length + 4..).unwrap_or_default();
    }
    chunks
}

/// Writes a complete file.
pub(crate) fn write(chunks: &[Chunk]) -> Vec<u8> {
    let mut file = SIGNATURE.to_vec();
    for (kind, data) in chunks {
        let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
        let mut crc = Crc::new();
        crc.update(kind);
        crc.update(data);
        file.extend(length.to_be_bytes());
        file.extend(kind);
        file.extend(data);
        file.extend(crc.sum().to_be_bytes());
    }
    file
}

/// Compresses data as in `IDAT`. Never fails: it writes to memory.
pub(crate) fn deflate(data: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    let written = packed.write_all(data);
    written.and_then(|()| packed.finish()).unwrap_or_default()
}

/// Appends the `IEND` chunk if it is missing.
pub(super) fn end(file: &mut Vec<u8>) {
    let mut chunks = chunks(file);
    if chunks.last().is_none_or(|(kind, _)| kind != b"IEND") {
        chunks.push((*b"IEND", Vec::new()));
        *file = write(&chunks);
    }
}

/// Mutates a file in one place.
pub(super) fn mutate(random: &mut Rng, file: &[u8], other: &[u8]) -> Vec<u8> {
    let mut chunks = chunks(file);
    if chunks.is_empty() {
        return bytes::mutate(random, file.to_vec());
    }
    match random.u32(0..8) {
        0 => header(random, &mut chunks),
        1 => pixels(random, &mut chunks),
        _ => chunks::mutate(random, &mut chunks, &self::chunks(other), &KINDS),
    }
    write(&chunks)
}

const KINDS: [[u8; 4]; 16] = [
    *b"IHDR", *b"PLTE", *b"IDAT", *b"IEND", *b"tRNS", *b"iCCP", *b"gAMA", *b"cHRM", *b"sRGB",
    *b"eXIf", *b"acTL", *b"fcTL", *b"fdAT", *b"zTXt", *b"iTXt", *b"bKGD",
];

/// Mutates the header: width, height, depth, colour type, compression, filter or interlace.
fn header(random: &mut Rng, chunks: &mut [Chunk]) {
    let header = chunks.iter_mut().find(|(kind, _)| kind == b"IHDR");
    let Some((_, data)) = header.filter(|(_, data)| data.len() == 13) else {
        return;
    };
    match random.u32(0..7) {
        field @ 0..2 => {
            let at = 4 * field as usize;
            let number = match random.u32(0..3) {
                0 => bytes::interesting(random),
                1 => random.u32(1..9_000),
                _ => random.u32(1..300),
            };
            data[at..at + 4].copy_from_slice(&number.to_be_bytes());
        }
        2 => data[8] = random.choice([0, 1, 2, 4, 8, 16, 32]).unwrap_or(8),
        3 => data[9] = random.u8(0..8),
        4 => data[10] = random.u8(0..2),
        5 => data[11] = random.u8(0..2),
        _ => data[12] = random.u8(0..3),
    }
}

/// Mutates the filtered rows themselves, behind the compression.
fn pixels(random: &mut Rng, chunks: &mut Vec<Chunk>) {
    let is_data = |(kind, _): &Chunk| kind == b"IDAT";
    let Some(first) = chunks.iter().position(is_data) else {
        return;
    };
    let packed: Vec<u8> = chunks
        .iter()
        .filter(|chunk| is_data(chunk))
        .flat_map(|(_, data)| data.clone())
        .collect();
    let mut rows = Vec::new();
    // As much as can be decompressed is enough.
    let _ = ZlibDecoder::new(packed.as_slice())
        .take(MOST_INFLATED)
        .read_to_end(&mut rows);
    let rows = bytes::mutate(random, rows);
    chunks.retain(|chunk| !is_data(chunk));
    chunks.insert(first, (*b"IDAT", deflate(&rows)));
}
