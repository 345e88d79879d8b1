//! Mutation of JPEGs between and inside their segments, with correct or deliberately wrong lengths.

use fastrand::Rng;

use super::bytes;

/// A marker, the payload of its segment, and the entropy-coded data that follows a scan header.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub marker: u8,
    pub data: Vec<u8>,
    pub scan: Vec<u8>,
}

/// Parses the complete segments, without the start and end markers of the image.
pub(crate) fn segments(file: &[u8]) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut rest = file.get(2..).unwrap_or_default();
    while let [0xFF, marker, high, low, after @ ..] = rest
        && *marker != 0xD9
        && let Some(length) = usize::from(u16::from_be_bytes([*high, *low])).checked_sub(2)
        && let Some((data, after)) = after.split_at_checked(length)
    {
        // In a scan, FF 00 is a data byte and FF D0 to FF D7 are restart markers. Any other marker
        // ends the scan.
        let is_end = |pair: &[u8]| pair[0] == 0xFF && !matches!(pair[1], 0 | 0xD0..=0xD7);
        let end = match marker {
            0xDA => after.windows(2).position(is_end).unwrap_or(after.len()),
            _ => 0,
        };
        let (scan, after) = after.split_at(end);
        segments.push(Segment {
            marker: *marker,
            data: data.to_vec(),
            scan: scan.to_vec(),
        });
        rest = after;
    }
    segments
}

/// Writes a complete file.
pub(crate) fn write(segments: &[Segment]) -> Vec<u8> {
    let mut file = vec![0xFF, 0xD8];
    for segment in segments {
        let length = u16::try_from(segment.data.len() + 2).unwrap_or(u16::MAX);
        file.extend([0xFF, segment.marker]);
        file.extend(length.to_be_bytes());
        file.extend(&segment.data);
        file.extend(&segment.scan);
    }
    file.extend([0xFF, 0xD9]);
    file
}

/// Mutates a file in one place.
pub(super) fn mutate(random: &mut Rng, file: &[u8], other: &[u8]) -> Vec<u8> {
    let mut segments = segments(file);
    if segments.is_empty() {
        return bytes::mutate(random, file.to_vec());
    }
    let at = random.usize(0..segments.len());
    let elsewhere = random.usize(0..segments.len());
    match random.u32(0..12) {
        0 => {
            segments.remove(at);
        }
        1 => segments.insert(at, segments[elsewhere].clone()),
        2 => segments.swap(at, elsewhere),
        3 => {
            let data = std::mem::take(&mut segments[at].data);
            segments[at].data = bytes::mutate(random, data);
        }
        4 => frame(random, &mut segments),
        5 => scan_header(random, &mut segments),
        6 | 7 => compressed(random, &mut segments),
        8 => {
            segments[at].marker = random.choice(MARKERS).unwrap_or(0xFE);
        }
        9 => scans_again(random, &mut segments),
        10 => return wrong_length(random, &segments, at),
        _ => {
            let others = self::segments(other);
            if let Some(foreign) = random.choice(&others) {
                segments.insert(at, foreign.clone());
            }
        }
    }
    write(&segments)
}

const MARKERS: [u8; 18] = [
    0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC9, 0xCA, 0xCC, 0xD8, 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xE1, 0xE2,
    0xEE, 0xFE,
];

fn one_with<'a>(
    random: &mut Rng,
    segments: &'a mut [Segment],
    markers: &[u8],
) -> Option<&'a mut Segment> {
    let places: Vec<usize> = (0..segments.len())
        .filter(|at| markers.contains(&segments[*at].marker))
        .collect();
    let at = random.choice(places)?;
    segments.get_mut(at)
}

/// Mutates the frame header: precision, height, width, number of components, or identifier,
/// sampling and table of one.
fn frame(random: &mut Rng, segments: &mut [Segment]) {
    let Some(Segment { data, .. }) = one_with(random, segments, &[0xC0, 0xC1, 0xC2]) else {
        return;
    };
    let number = match random.u32(0..3) {
        0 => bytes::interesting(random),
        1 => random.u32(1..9_000),
        _ => random.u32(1..300),
    };
    let [_, _, high, low] = number.to_be_bytes();
    let values: &[u8] = match random.u32(0..5) {
        0 => &[high, low],
        1 => &[random.u8(1..5)],
        2 => &[random.u8(1..5) << 4 | random.u8(1..5)],
        3 => &[low],
        _ => &[random.u8(0..5)],
    };
    let at = match values.len() {
        2 => random.choice([1, 3]).unwrap_or(1),
        _ => random.usize(0..data.len().max(1)),
    };
    for (to, from) in data.iter_mut().skip(at).zip(values) {
        *to = *from;
    }
}

/// Mutates a scan header: components, spectral selection or successive approximation.
fn scan_header(random: &mut Rng, segments: &mut [Segment]) {
    let Some(Segment { data, .. }) = one_with(random, segments, &[0xDA]) else {
        return;
    };
    let Some(from_end) = data.len().checked_sub(3) else {
        return;
    };
    match random.u32(0..4) {
        0 => data[from_end] = random.u8(0..65),
        1 => data[from_end + 1] = random.u8(0..65),
        2 => data[from_end + 2] = random.u8(0..14) << 4 | random.u8(0..14),
        _ => {
            let at = random.usize(0..data.len());
            data[at] = random.u8(0..5);
        }
    }
}

/// Mutates entropy-coded data, including restart markers.
fn compressed(random: &mut Rng, segments: &mut [Segment]) {
    let Some(segment) = one_with(random, segments, &[0xDA]) else {
        return;
    };
    if random.u32(0..4) == 0 {
        let at = random.usize(0..=segment.scan.len());
        segment.scan.splice(at..at, [0xFF, 0xD0 + random.u8(0..8)]);
    } else {
        segment.scan = bytes::mutate(random, std::mem::take(&mut segment.scan));
    }
}

/// Repeats a scan many times: each makes a decoder process the whole image again.
fn scans_again(random: &mut Rng, segments: &mut Vec<Segment>) {
    let scans: Vec<Segment> = segments
        .iter()
        .filter(|segment| segment.marker == 0xDA)
        .cloned()
        .collect();
    let times = random.usize(1..40);
    if let Some(scan) = random.choice(&scans) {
        segments.extend(std::iter::repeat_n(scan.clone(), times));
    }
}

fn wrong_length(random: &mut Rng, segments: &[Segment], at: usize) -> Vec<u8> {
    let before = write(&segments[..at]).len() - 2;
    let mut file = write(segments);
    let [_, _, high, low] = bytes::interesting(random).to_be_bytes();
    file[before + 2] = high;
    file[before + 3] = low;
    file
}
