//! Mutation of HEIC and AVIF files between and inside their boxes, with correct lengths.

use fastrand::Rng;

use super::{
    bytes,
    chunks::{self, Chunk},
};

/// Names of boxes, and how many bytes stand before the boxes in them.
const CONTAINERS: [([u8; 4], usize); 5] = [
    (*b"meta", 4),
    (*b"iinf", 6),
    (*b"iref", 4),
    (*b"iprp", 0),
    (*b"ipco", 0),
];

const KINDS: [[u8; 4]; 22] = [
    *b"meta", *b"mdat", *b"idat", *b"iinf", *b"infe", *b"iloc", *b"iref", *b"dimg", *b"thmb",
    *b"auxl", *b"prem", *b"iprp", *b"ipco", *b"ipma", *b"ispe", *b"irot", *b"imir", *b"clap",
    *b"colr", *b"auxC", *b"hvcC", *b"av1C",
];

/// Parses the complete boxes.
fn boxes(mut rest: &[u8]) -> Vec<Chunk> {
    let mut boxes = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>()
        && let Some((kind, _)) = after.split_first_chunk::<4>()
        && let Ok(length) = usize::try_from(u32::from_be_bytes(*length))
        && let Some(data) = rest.get(8..length)
    {
        boxes.push((*kind, data.to_vec()));
        rest = &rest[length..];
    }
    boxes
}

fn write(boxes: &[Chunk]) -> Vec<u8> {
    boxes
        .iter()
        .flat_map(|(kind, data)| boxed(*kind, data))
        .collect()
}

/// Writes one box.
pub(crate) fn boxed(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len() + 8).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], &kind, data].concat()
}

/// Mutates a file in one place, at any level.
pub(super) fn mutate(random: &mut Rng, file: &[u8], other: &[u8]) -> Vec<u8> {
    let mut boxes = boxes(file);
    if boxes.is_empty() {
        return bytes::mutate(random, file.to_vec());
    }
    let containers = boxes.iter_mut().filter_map(|(kind, data)| {
        let (_, before) = CONTAINERS.into_iter().find(|(name, _)| name == kind)?;
        (data.len() > before).then_some((data, before))
    });
    if let Some((data, before)) = random.choice(containers.collect::<Vec<_>>())
        && random.u32(0..8) > 0
    {
        let mut inner = data.split_off(before);
        inner = mutate(random, &inner, other);
        data.extend(inner);
    } else if random.bool() {
        let at = random.usize(0..boxes.len());
        change(random, &mut boxes[at].1);
    } else {
        chunks::mutate(random, &mut boxes, &self::boxes(other), &KINDS);
    }
    write(&boxes)
}

/// Changes a few bytes: tables and headers of codecs are short.
fn change(random: &mut Rng, data: &mut [u8]) {
    if data.is_empty() {
        return;
    }
    for _ in 0..random.usize(1..4) {
        let [.., low] = bytes::interesting(random).to_be_bytes();
        let at = random.usize(0..data.len());
        data[at] = if random.bool() { low } else { random.u8(..) };
    }
}
