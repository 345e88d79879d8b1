//! Mutation of files of unknown format.

use fastrand::Rng;

/// Boundary values of integer types.
const INTERESTING: [u32; 14] = [
    0,
    1,
    2,
    7,
    0x7F,
    0x80,
    0xFF,
    0x100,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x1_0000,
    0x7FFF_FFFF,
    0xFFFF_FFFF,
];

/// Returns one of the boundary values.
pub(super) fn interesting(random: &mut Rng) -> u32 {
    random.choice(INTERESTING).unwrap_or_default()
}

/// Mutates a file in one place.
pub(super) fn mutate(random: &mut Rng, mut file: Vec<u8>) -> Vec<u8> {
    if file.is_empty() {
        return vec![random.u8(..)];
    }
    match random.u32(0..10) {
        0 | 1 => {
            for _ in 0..random.usize(1..8) {
                let at = random.usize(0..file.len());
                file[at] ^= 1 << random.u32(0..8);
            }
        }
        2 | 3 => {
            for _ in 0..random.usize(1..4) {
                let at = random.usize(0..file.len());
                let [.., low] = interesting(random).to_be_bytes();
                file[at] = if random.bool() { low } else { random.u8(..) };
            }
        }
        4 => set_number(random, &mut file),
        5 => {
            let block = block(random, file.len());
            file.drain(block);
        }
        6 => {
            let block = file[block(random, file.len())].to_vec();
            let times = random.usize(1..8);
            insert(random, &mut file, &block.repeat(times));
        }
        7 => {
            let length = random.usize(1..64);
            let block: Vec<u8> = std::iter::repeat_with(|| random.u8(..))
                .take(length)
                .collect();
            insert(random, &mut file, &block);
        }
        8 => {
            let block = block(random, file.len());
            let value = random.choice([0, 0xFF, 0x55]).unwrap_or_default();
            file[block].fill(value);
        }
        _ => file.truncate(random.usize(0..file.len())),
    }
    file
}

/// Joins the beginning of one file and the end of another.
pub(super) fn splice(random: &mut Rng, file: &[u8], other: &[u8]) -> Vec<u8> {
    let head = random.usize(0..=file.len());
    let tail = random.usize(0..=other.len());
    [&file[..head], &other[tail..]].concat()
}

/// Overwrites a number of two, three or four bytes, of either byte order, as lengths and dimensions
/// are.
fn set_number(random: &mut Rng, file: &mut [u8]) {
    let bytes = random.usize(2..5).min(file.len());
    let at = random.usize(0..=file.len() - bytes);
    let number = interesting(random);
    let number = match random.u32(0..3) {
        0 => number,
        1 => number.wrapping_add(1),
        _ => number.wrapping_sub(1),
    };
    if random.bool() {
        file[at..at + bytes].copy_from_slice(&number.to_be_bytes()[4 - bytes..]);
    } else {
        file[at..at + bytes].copy_from_slice(&number.to_le_bytes()[..bytes]);
    }
}

fn insert(random: &mut Rng, file: &mut Vec<u8>, block: &[u8]) {
    let at = random.usize(0..=file.len());
    file.splice(at..at, block.iter().copied());
}

/// Returns a random range, small ones more often than large ones. There must be a byte.
fn block(random: &mut Rng, length: usize) -> std::ops::Range<usize> {
    let longest = 1 + (length - 1) / random.choice([1, 16, 256]).unwrap_or(1);
    let from = random.usize(0..length);
    let to = (from + random.usize(1..=longest)).min(length);
    from..to
}
