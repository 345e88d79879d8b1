//! Mutation of files.

pub(crate) mod boxes;
mod bytes;
pub(crate) mod chunks;
mod gif;
pub(crate) mod jpeg;
pub(crate) mod png;
pub(crate) mod riff;

use fastrand::Rng;

use crate::corpus::Corpus;

/// Maximum bytes of an input, however often blocks are duplicated.
const LARGEST: usize = 4 << 20;

/// Picks a file and mutates it in one or a few places; occasionally splices two files.
pub(crate) fn mutate(random: &mut Rng, corpus: &Corpus<'_>) -> Vec<u8> {
    let mut file = corpus.pick(random).to_vec();
    // Half of the inputs are mutated once, a quarter twice, and so on.
    let times = 1 + random.u32(1..256).leading_zeros().saturating_sub(24);
    for _ in 0..times {
        let other = corpus.pick(random);
        file = match random.u32(0..8) {
            0..4 => by_format(random, file, other),
            4 => bytes::splice(random, &file, other),
            _ => bytes::mutate(random, file),
        };
        file.truncate(LARGEST);
    }
    if random.bool() { with_end(file) } else { file }
}

/// Mutates a file with knowledge of its format, and keeps checksums and lengths correct around the
/// mutation.
fn by_format(random: &mut Rng, file: Vec<u8>, other: &[u8]) -> Vec<u8> {
    match file.as_slice() {
        [0xFF, 0xD8, ..] => jpeg::mutate(random, &file, other),
        [0x89, b'P', ..] => png::mutate(random, &file, other),
        [b'R', b'I', b'F', b'F', ..] => riff::mutate(random, &file, other),
        [b'G', b'I', b'F', ..] => gif::mutate(random, file),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => boxes::mutate(random, &file, other),
        _ => bytes::mutate(random, file),
    }
}

/// Appends the end of the format. A file without its end is refused at once; with it, the input
/// reaches the decoder.
fn with_end(mut file: Vec<u8>) -> Vec<u8> {
    match file.as_slice() {
        [0xFF, 0xD8, ..] if !file.ends_with(&[0xFF, 0xD9]) => file.extend([0xFF, 0xD9]),
        [0x89, b'P', ..] => png::end(&mut file),
        [b'R', b'I', b'F', b'F', ..] => riff::end(&mut file),
        [b'G', b'I', b'F', ..] if file.last() != Some(&0x3B) => file.push(0x3B),
        _ => {}
    }
    file
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::seeds;

    #[test]
    fn the_same_seed_makes_the_same_inputs_and_they_differ() {
        let seeds = seeds::light().unwrap();
        let corpus = Corpus::new(&seeds);
        let inputs = |seed| {
            let mut random = Rng::with_seed(seed);
            (0..300)
                .map(|_| mutate(&mut random, &corpus))
                .collect::<Vec<_>>()
        };
        assert_eq!(inputs(1), inputs(1));
        let different: HashSet<_> = inputs(1).into_iter().chain(inputs(2)).collect();
        assert!(different.len() > 560, "{}", different.len());
    }

    #[test]
    fn anything_can_be_mutated() {
        let mut random = Rng::with_seed(3);
        for head in [
            &b""[..],
            b"\xFF\xD8",
            b"\x89P",
            b"RIFF",
            b"GIF8",
            b"\0\0\0\x10ftypheic\0\0\0\0",
        ] {
            for _ in 0..2_000 {
                let mut file = head.to_vec();
                let tail = random.usize(0..40);
                file.extend(std::iter::repeat_with(|| random.u8(..)).take(tail));
                let other = file.clone();
                let file = bytes::mutate(&mut random, file);
                let file = bytes::splice(&mut random, &file, &other);
                let broken = by_format(&mut random, file, &other);
                assert!(with_end(broken).len() < 10_000);
            }
        }
    }
}
