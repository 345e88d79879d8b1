//! Mutation of a file that is a list of chunks: PNG and WebP.

use fastrand::Rng;

use super::bytes;

/// Type and data of a chunk.
pub(crate) type Chunk = ([u8; 4], Vec<u8>);

/// Removes, repeats, swaps, renames, rewrites or inserts a chunk. `others` are another file's.
pub(super) fn mutate(
    random: &mut Rng,
    chunks: &mut Vec<Chunk>,
    others: &[Chunk],
    kinds: &[[u8; 4]],
) {
    if chunks.is_empty() {
        return;
    }
    let at = random.usize(0..chunks.len());
    let elsewhere = random.usize(0..chunks.len());
    match random.u32(0..6) {
        0 => {
            chunks.remove(at);
        }
        1 => chunks.insert(at, chunks[elsewhere].clone()),
        2 => chunks.swap(at, elsewhere),
        3 => {
            let data = std::mem::take(&mut chunks[at].1);
            chunks[at].1 = bytes::mutate(random, data);
        }
        4 => chunks[at].0 = random.choice(kinds.iter().copied()).unwrap_or(*b"none"),
        _ => {
            if let Some(foreign) = random.choice(others) {
                chunks.insert(at, foreign.clone());
            }
        }
    }
}
