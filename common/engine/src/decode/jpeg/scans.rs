//! Which scans a file has, where it has more than one.
//!
//! libjpeg-turbo does not warn of scans that are missing: it shows what the others make.

use media::failure::Failure;

use super::{
    damage::pixels_are_missing,
    header::Header,
    segments::{end_of_scan, has_end_marker, segment},
};

/// The coefficients of a block.
const COEFFICIENTS: usize = 64;

/// Refuses a file that lacks a component, or that ends before its end marker and its last scan.
pub(super) fn check(bytes: &[u8], header: &Header) -> Result<(), Failure> {
    if !header.has_several_scans {
        return Ok(());
    }
    // Bits that are missing of each coefficient of each component; `None` for all.
    let mut missing = vec![[None; COEFFICIENTS]; header.frame.len()];
    let mut at = 2;
    while let Some(segment) = segment(bytes, at) {
        at = segment.end;
        match segment.marker {
            0xD9 => break,
            0xDA => {
                note(segment.payload, header, &mut missing);
                let Some(end) = end_of_scan(bytes, segment.end) else {
                    break;
                };
                at = end;
            }
            _ => {}
        }
    }
    let has_end = has_end_marker(bytes);
    let is_whole = missing.iter().all(|component| {
        let is_shown = component[0].is_some();
        is_shown && (has_end || component.iter().all(|bits| *bits == Some(0)))
    });
    if is_whole {
        Ok(())
    } else {
        Err(pixels_are_missing())
    }
}

/// Notes what a scan sends.
fn note(payload: &[u8], header: &Header, missing: &mut [[Option<u8>; COEFFICIENTS]]) {
    let Some((&count, rest)) = payload.split_first() else {
        return;
    };
    let Some((parts, &[first, last, approximation, ..])) =
        rest.split_at_checked(2 * usize::from(count))
    else {
        return;
    };
    // A scan of a sequential file sends all; some encoders write zeros there.
    let (first, last, high, low) = if header.is_progressive {
        let (high, low) = (approximation >> 4, approximation & 15);
        (usize::from(first), usize::from(last), high, low)
    } else {
        (0, COEFFICIENTS - 1, 0, 0)
    };
    let (parts, _) = parts.as_chunks::<2>();
    for [id, _] in parts {
        let component = header
            .frame
            .iter()
            .position(|component| component.id == *id);
        let of = component.and_then(|at| missing.get_mut(at)?.get_mut(first..=last));
        for bits in of.unwrap_or_default() {
            // There is nothing to refine before a first scan.
            if high == 0 || bits.is_some() {
                *bits = Some(low);
            }
        }
    }
}
