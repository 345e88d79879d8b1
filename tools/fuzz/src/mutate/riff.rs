//! Mutation of WebP files between and inside their chunks, with correct lengths.

use fastrand::Rng;

use super::{
    bytes,
    chunks::{self, Chunk},
};

/// Parses the complete chunks.
pub(crate) fn chunks(file: &[u8]) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut rest = file.get(12..).unwrap_or_default();
    while let Some((kind, after)) = rest.split_first_chunk::<4>()
        && let Some((length, after)) = after.split_first_chunk::<4>()
        && let Ok(length) = usize::try_from(u32::from_le_bytes(*length))
        && let Some(data) = after.get(..length)
    {
        chunks.push((*kind, data.to_vec()));
        rest = after.get(length + length % 2..).unwrap_or_default();
    }
    chunks
}

/// Writes a complete file.
pub(crate) fn write(chunks: &[Chunk]) -> Vec<u8> {
    let mut file = b"RIFF\0\0\0\0WEBP".to_vec();
    for (kind, data) in chunks {
        file.extend(chunk(*kind, data));
    }
    end(&mut file);
    file
}

/// Writes one chunk, padded to an even length.
pub(crate) fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    let mut chunk = kind.to_vec();
    chunk.extend(length.to_le_bytes());
    chunk.extend(data);
    chunk.extend(std::iter::repeat_n(0, data.len() % 2));
    chunk
}

/// Sets the length in the header to that of the file.
pub(super) fn end(file: &mut [u8]) {
    let length = u32::try_from(file.len().saturating_sub(8)).unwrap_or(u32::MAX);
    if let Some(field) = file.get_mut(4..8) {
        field.copy_from_slice(&length.to_le_bytes());
    }
}

/// Mutates a file in one place.
pub(super) fn mutate(random: &mut Rng, file: &[u8], other: &[u8]) -> Vec<u8> {
    let mut chunks = chunks(file);
    if chunks.is_empty() {
        return bytes::mutate(random, file.to_vec());
    }
    if random.u32(0..8) == 0 {
        let at = random.usize(0..chunks.len());
        start(random, &mut chunks[at].1);
    } else {
        chunks::mutate(random, &mut chunks, &self::chunks(other), &KINDS);
    }
    write(&chunks)
}

const KINDS: [[u8; 4]; 9] = [
    *b"VP8 ", *b"VP8L", *b"VP8X", *b"ALPH", *b"ANIM", *b"ANMF", *b"ICCP", *b"EXIF", *b"XMP ",
];

/// Mutates the first bytes of a chunk, which hold the flags and sizes of every kind of chunk.
fn start(random: &mut Rng, data: &mut [u8]) {
    let length = data.len().min(24);
    if length == 0 {
        return;
    }
    for _ in 0..random.usize(1..4) {
        let [.., low] = bytes::interesting(random).to_be_bytes();
        data[random.usize(0..length)] = if random.bool() { low } else { random.u8(..) };
    }
}
