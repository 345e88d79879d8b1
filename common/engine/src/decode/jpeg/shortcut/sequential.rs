//! Decoding of the scan of a sequential file.

use super::{
    bits::Bits,
    blocks::{Blocks, LARGEST},
    huffman::Huffman,
    scan_header::Scan,
    skips::Skips,
};

/// Decodes the scan, which has all components and nothing behind the last block. The tables are
/// those of DC and of AC coefficients.
pub(super) fn decode(
    scan: &Scan,
    blocks: &mut [Blocks],
    [dc, ac]: [&[Option<Huffman>; 4]; 2],
    data: &[u8],
    restart_interval: u32,
) -> Option<()> {
    if scan.parts.len() != blocks.len() {
        return None;
    }
    let skips: [Option<Skips>; 4] = std::array::from_fn(|at| Skips::of(ac[at].as_ref()?));
    let mut components = Vec::new();
    for (part, of) in scan.parts.iter().zip(blocks) {
        if part.component != of.id {
            return None;
        }
        of.dc_low = Some(0);
        components.push(Component {
            dc: dc.get(usize::from(part.dc))?.as_ref()?,
            ac: ac.get(usize::from(part.ac))?.as_ref()?,
            skips: skips[usize::from(part.ac)].as_ref()?,
            last: 0,
            last_kept: of.last_coefficient(),
            blocks: of,
        });
    }
    let mut bits = Bits::new(data, restart_interval);
    let lead = &components.first()?.blocks;
    let is_alone = components.len() == 1;
    let units = if is_alone { lead.own } else { lead.units };
    for unit_y in 0..units.1 {
        for unit_x in 0..units.0 {
            let restarts = bits.next_unit()?;
            for component in &mut components {
                if restarts {
                    component.last = 0;
                }
                let (across, down) = if is_alone {
                    (1, 1)
                } else {
                    component.blocks.per_unit
                };
                for y in unit_y * down..(unit_y + 1) * down {
                    for x in unit_x * across..(unit_x + 1) * across {
                        component.block((y * component.blocks.stride + x) as usize, &mut bits)?;
                    }
                }
            }
        }
    }
    bits.were_exact().then_some(())
}

/// A component in the scan.
struct Component<'a> {
    dc: &'a Huffman,
    ac: &'a Huffman,
    skips: &'a Skips,
    /// DC coefficient of the block before.
    last: i32,
    /// Zigzag index of the last AC coefficient that counts.
    last_kept: u8,
    blocks: &'a mut Blocks,
}

impl Component<'_> {
    /// Decodes a block.
    #[inline]
    fn block(&mut self, place: usize, bits: &mut Bits) -> Option<()> {
        bits.refill();
        self.last += self.dc.difference(bits)?;
        if self.last.abs() > LARGEST {
            return None;
        }
        self.blocks.dc[place] = i16::try_from(self.last).ok()?;
        let mut at = 1;
        while at <= self.last_kept {
            bits.refill();
            let symbol = self.ac.symbol(bits)?;
            let (run, size) = (symbol >> 4, symbol & 15);
            if size == 0 {
                if run < 15 {
                    return Some(());
                }
                at += 16;
                continue;
            }
            at += run;
            let value = 2 * bits.take_signed(size.into());
            if let Some(kept) = self.blocks.kept().get(usize::from(at)).copied().flatten() {
                if value.abs() > 2 * LARGEST {
                    return None;
                }
                let per_block = self.blocks.ac_per_block();
                self.blocks.ac[place * per_block + kept] = i16::try_from(value).ok()?;
            }
            at += 1;
        }
        self.skips.skip(self.ac, at, bits)
    }
}
