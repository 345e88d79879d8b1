//! Damaged entropy-coded data.
//!
//! libjpeg-turbo decodes damaged data as far as it goes and warns, and so other programs show such
//! images. What is missing of the data, it fills with grey: an image of which that shows is
//! corrupt.
//!
//! A wrong bit shifts the codes behind it, and so the last blocks of a segment may be missing
//! although none of its bytes is. These few do not count, where the file goes on to its end marker:
//! a file that was cut off has none.

use media::failure::{Failure, FailureCode};
use turbojpeg::Error;

use super::{
    header::Header,
    scans,
    segments::{end_of_scan, has_end_marker, segment},
};
use crate::Limits;

/// How the warnings of libjpeg-turbo begin. The binding returns them as errors.
const WARNINGS: [&str; 4] = [
    "Corrupt JPEG data",
    "Premature end of JPEG file",
    "Inconsistent progression sequence",
    "Invalid SOS parameters",
];

/// How many MCUs may be missing of a file with an end marker.
const MISSING_MCUS: u64 = 4;

/// Largest part of an image that may be missing, as the divisor of its samples.
const MISSING_PART: u64 = 200;

/// Decodes the file into the samples.
///
/// Only the first of several warnings is known, and "premature end" may be any of them. So a file
/// that makes the decoder warn is decoded again with more data at the end of each of its segments:
/// where none was missing, that is left over and changes nothing. What it changes is missing.
pub(super) fn decode(
    bytes: &[u8],
    header: &Header,
    limits: &Limits,
    samples: &mut [u8],
    mut decode: impl FnMut(&[u8], &mut [u8]) -> Result<(), Error>,
) -> Result<(), Failure> {
    let has_end = has_end_marker(bytes);
    let shorter;
    let mut bytes = bytes;
    match decode(bytes, samples) {
        Ok(()) => return Ok(()),
        Err(error) if is_warning(&error) => {}
        Err(error) => {
            let end = end_of_known(bytes);
            // Nothing but the scans of the shorter file is left to be checked.
            scans::check(&bytes[..end], header)?;
            shorter = [&bytes[..end], b"\xFF\xD9"].concat();
            bytes = &shorter;
            if let Err(other) = decode(bytes, samples)
                && !is_warning(&other)
            {
                return Err(failure(error));
            }
        }
    }
    limits.check_memory(2 * samples.len() as u64 + header.coefficient_bytes())?;
    let shown = samples.to_vec();
    match decode(&with_longer_data(bytes), samples) {
        Err(error) if !is_warning(&error) => return Err(failure(error)),
        _ => {}
    }
    let missing = shown.iter().zip(&*samples).filter(|(a, b)| a != b).count();
    if missing as u64 > negligible(samples.len() as u64, header, has_end) {
        return Err(pixels_are_missing());
    }
    samples.copy_from_slice(&shown);
    Ok(())
}

/// Returns how many of the samples may be missing.
fn negligible(samples: u64, header: &Header, has_end: bool) -> u64 {
    if !has_end {
        return 0;
    }
    (samples * MISSING_MCUS / header.mcus()).min(samples / MISSING_PART)
}

pub(super) fn pixels_are_missing() -> Failure {
    Failure::new(
        FailureCode::Corrupt,
        "the file is cut off or damaged: a part of the image is missing",
    )
}

/// Maps an error of libjpeg-turbo. Its text is kept: it is short, and says what is wrong.
pub(super) fn failure(error: Error) -> Failure {
    let why = match error {
        Error::TurboJpegError(why) => why,
        error => error.to_string(),
    };
    Failure::new(
        FailureCode::Corrupt,
        format!("the image can't be decoded: {why}"),
    )
}

fn is_warning(error: &Error) -> bool {
    let Error::TurboJpegError(message) = error else {
        return false;
    };
    WARNINGS.iter().any(|begin| message.starts_with(begin))
}

/// Returns the offset of the first marker behind a scan that no JPEG has there. What follows the
/// scans may be no JPEG, and may have bytes like markers, at which the decoder would give up.
fn end_of_known(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(scan) = next_scan(bytes, at) {
        let Some(end) = end_of_scan(bytes, scan) else {
            break;
        };
        at = end;
        loop {
            match bytes.get(at + 1) {
                Some(0xDA) => break,
                Some(0xC4 | 0xDB | 0xDD | 0xE0..=0xEF | 0xFE) => {}
                _ => return at,
            }
            let Some(segment) = segment(bytes, at) else {
                return at;
            };
            at = segment.end;
        }
    }
    bytes.len()
}

/// Returns the file with bytes behind each segment of entropy-coded data: before each restart
/// marker, and at the end of each scan. There, another segment follows.
fn with_longer_data(bytes: &[u8]) -> Vec<u8> {
    let mut longer = Vec::with_capacity(bytes.len() * 2);
    let mut at = 0;
    while let Some(scan) = next_scan(bytes, at) {
        let end = end_of_scan(bytes, scan).unwrap_or_else(|| {
            // The first byte of a marker, of which the second is cut off.
            let rest = bytes[scan..].iter().rev();
            bytes.len() - rest.take_while(|byte| **byte == 0xFF).count()
        });
        longer.extend(&bytes[at..scan]);
        at = scan;
        let mut next_restart = 0xD0;
        for restart in memchr::memchr_iter(0xFF, &bytes[scan..end]).map(|place| scan + place) {
            if let Some(marker @ 0xD0..=0xD7) = bytes.get(restart + 1) {
                longer.extend(&bytes[at..restart]);
                longer.extend(noise());
                at = restart;
                next_restart = 0xD0 | (marker + 1) & 7;
            }
        }
        longer.extend(&bytes[at..end]);
        longer.extend(noise());
        longer.extend([0xFF, next_restart]);
        longer.extend(noise());
        at = end;
    }
    longer.extend(&bytes[at..]);
    longer.extend(b"\xFF\xD9");
    longer
}

/// Returns the offset of the data of the next scan.
fn next_scan(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from.max(2);
    loop {
        let segment = segment(bytes, at)?;
        match segment.marker {
            0xD9 => return None,
            0xDA => return Some(segment.end),
            _ => at = segment.end,
        }
    }
}

/// Returns data that is decoded to something else than the zeros that libjpeg-turbo puts where data
/// is missing. None of it is `FF`.
fn noise() -> impl Iterator<Item = u8> {
    let mut state = 1_u32;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0] & 0x7F
    })
    .take(96)
}
