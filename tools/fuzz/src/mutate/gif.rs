//! Breaking GIFs where their sizes and code sizes are.

use fastrand::Rng;

use super::bytes;

/// Breaks a file in one place.
pub(super) fn mutate(random: &mut Rng, mut file: Vec<u8>) -> Vec<u8> {
    if random.u32(0..3) == 0 {
        // Width, height, flags, background, ratio.
        set(random, &mut file, 6, 7);
        return file;
    }
    // Every image begins with a comma, and so do some other bytes.
    let images = file.iter().enumerate().filter(|(_, byte)| **byte == b',');
    let images: Vec<usize> = images.map(|(at, _)| at).collect();
    match random.choice(images) {
        // Left, top, width, height, flags, and the size of codes where there are no colours.
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
