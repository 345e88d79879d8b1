//! Decoding of the scans of a progressive file.

use super::{
    bits::Bits,
    blocks::{Blocks, LARGEST},
    huffman::Huffman,
    scan_header::Scan,
};

/// Decodes a scan of DC coefficients, or a refinement of them by one bit.
pub(super) fn dc(
    scan: &Scan,
    blocks: &mut [Blocks],
    tables: &[Option<Huffman>; 4],
    bits: &mut Bits,
) -> Option<()> {
    // Indices of the scan's components, which are in the order of the frame.
    let mut places = Vec::new();
    for part in &scan.parts {
        let place = blocks.iter().position(|of| of.id == part.component)?;
        let of = &mut blocks[place];
        let expected = (scan.high > 0).then_some(scan.high);
        if of.dc_low != expected || places.contains(&place) {
            return None;
        }
        of.dc_low = Some(scan.low);
        places.push(place);
    }
    let is_alone = places.len() == 1;
    let lead = &blocks[*places.first()?];
    let units = if is_alone { lead.own } else { lead.units };
    let mut lasts = [0; 3];
    for unit_y in 0..units.1 {
        for unit_x in 0..units.0 {
            if bits.next_unit()? {
                lasts = [0; 3];
            }
            for ((&place, part), last) in places.iter().zip(&scan.parts).zip(&mut lasts) {
                let of = &mut blocks[place];
                let (across, down) = if is_alone { (1, 1) } else { of.per_unit };
                for y in unit_y * down..(unit_y + 1) * down {
                    for x in unit_x * across..(unit_x + 1) * across {
                        let dc = &mut of.dc[(y * of.stride + x) as usize];
                        bits.refill();
                        if scan.is_first_pass() {
                            let table = tables.get(usize::from(part.dc))?.as_ref()?;
                            *last += table.difference(bits)?;
                            let value: i32 = *last << scan.low;
                            if value.abs() > LARGEST {
                                return None;
                            }
                            *dc = i16::try_from(value).ok()?;
                        } else if bits.take(1) == 1 {
                            *dc |= 1 << scan.low;
                        }
                    }
                }
            }
        }
    }
    Some(())
}

/// Decodes the first scan of a band of AC coefficients, of which only those that count are kept.
pub(super) fn ac(scan: &Scan, blocks: &mut Blocks, table: &Huffman, bits: &mut Bits) -> Option<()> {
    let middle = (1 << scan.low) - 1;
    let (kept, per_block) = (blocks.kept(), blocks.ac_per_block());
    // Remaining blocks of the end-of-band run, which have no (more) coefficients in this band.
    let mut empty = 0_u32;
    for y in 0..blocks.own.1 {
        for x in 0..blocks.own.0 {
            if bits.next_unit()? {
                empty = 0;
            }
            if empty > 0 {
                empty -= 1;
                continue;
            }
            let mut at = scan.first;
            while at <= scan.last {
                bits.refill();
                let symbol = table.symbol(bits)?;
                let (run, size) = (symbol >> 4, symbol & 15);
                match (run, size) {
                    (15, 0) => at += 16,
                    (_, 0) => {
                        empty = (1 << run) - 1 + u32::from(bits.take(run.into()));
                        break;
                    }
                    _ => {
                        at += run;
                        if at > scan.last {
                            return None;
                        }
                        let value = bits.take_signed(size.into());
                        let place = kept.get(usize::from(at)).copied().flatten();
                        at += 1;
                        let Some(place) = place else {
                            continue;
                        };
                        let value = (value << (scan.low + 1)) + value.signum() * middle;
                        if value.abs() > 2 * LARGEST {
                            return None;
                        }
                        let block = (y * blocks.stride + x) as usize * per_block;
                        blocks.ac[block + place] = i16::try_from(value).ok()?;
                    }
                }
            }
        }
    }
    (empty == 0).then_some(())
}
