//! Mutation of the dimensions and code sizes of GIFs.

use fastrand::Rng;

use super::bytes;

/// Mutates a file in one place.
pub(super) fn mutate(random: &mut Rng, mut file: Vec<u8>) -> Vec<u8> {
    if random.u32(0..3) == 0 {
        // Width, height, flags, background, ratio.
        set(random, &mut file, 6, 7);
        return file;
    }
    // Every image begins with a comma, but a comma may also be any other byte.
    let images = file.iter().enumerate().filter(|(_, byte)| **byte == b',');
    let images: Vec<usize> = images.map(|(at, _)| at).collect();
    match random.choice(images) {
        // Left, top, width, height, flags, and the code size where there is no local colour table.
        Some(at) => set(random, &mut file, at + 1, 10),
        None => return bytes::mutate(random, file),
    }
    file
}

fn set(random: &mut Rng, file: &mut [u8], from: usize, length: usize) {
    let at = from + random.usize(0..length);
    let [.., high, low] = bytes::interesting(random).to_be_bytes();
    for (to, from) in file.iter_mut().skip(at).zip([low, high]) {
        *to = from;
    }
}
