//! Skipping of the AC coefficients that do not count, several in one lookup.

use super::{bits::Bits, huffman::Huffman};

/// Bits of a lookup.
const LOOKUP: u32 = 13;

/// Coefficients of a block; the last of them has the zigzag index below.
const COEFFICIENTS: u8 = 64;

/// What can be skipped, indexed by the next bits.
pub(super) struct Skips(Box<[Skip; 1 << LOOKUP]>);

/// AC coefficients with their values at the beginning of some bits: their number, those of zero
/// included; the length of all, 0 where not even the first is whole; and whether an end of block
/// follows.
#[derive(Clone, Copy)]
struct Skip(u16);

impl Skip {
    const ENDS: u16 = 0x80;

    fn new(coefficients: u8, bits: u8, ends: bool) -> Self {
        let ends = if ends { Self::ENDS } else { 0 };
        Self(u16::from(coefficients) << 8 | u16::from(bits) | ends)
    }

    fn coefficients(self) -> u8 {
        self.0.to_be_bytes()[0]
    }

    fn bits(self) -> u32 {
        u32::from(self.0 & 0x7F)
    }

    fn ends(self) -> bool {
        self.0 & Self::ENDS != 0
    }
}

impl Skips {
    /// Returns what can be skipped of coefficients with these codes.
    pub(super) fn of(codes: &Huffman) -> Option<Self> {
        let all: Box<[Skip]> = (0..1 << LOOKUP).map(|bits| skip(codes, bits)).collect();
        all.try_into().ok().map(Self)
    }

    /// Skips the coefficients of a block from this one on.
    #[expect(clippy::inline_always, reason = "keeps `bits` in registers")]
    #[inline(always)]
    pub(super) fn skip(&self, codes: &Huffman, mut at: u8, bits: &mut Bits) -> Option<()> {
        while at < COEFFICIENTS {
            bits.refill();
            let skip = self.0[usize::from(bits.peek() >> (16 - LOOKUP))];
            let next = at + skip.coefficients();
            // After the last coefficient there is no end of block: what follows is another's.
            if skip.bits() > 0 && next < COEFFICIENTS {
                bits.skip(skip.bits());
                if skip.ends() {
                    return Some(());
                }
                at = next;
            } else {
                let symbol = codes.symbol(bits)?;
                let (run, size) = (symbol >> 4, symbol & 15);
                if size == 0 && run < 15 {
                    return Some(());
                }
                bits.skip(size.into());
                at += run + 1;
            }
        }
        (at == COEFFICIENTS).then_some(())
    }
}

/// Returns what these bits have of whole coefficients.
fn skip(codes: &Huffman, bits: u32) -> Skip {
    let (mut coefficients, mut taken) = (0, 0);
    loop {
        let next = (bits << taken) & ((1 << LOOKUP) - 1);
        let (length, symbol) = codes.short_symbol(next, LOOKUP);
        let (run, size) = (symbol >> 4, symbol & 15);
        let is_whole = length > 0 && u32::from(taken + length + size) <= LOOKUP;
        // More coefficients than a block can have left.
        if !is_whole || coefficients + run + 1 >= COEFFICIENTS {
            return Skip::new(coefficients, taken, false);
        }
        taken += length + size;
        if size == 0 && run < 15 {
            return Skip::new(coefficients, taken, true);
        }
        coefficients += run + 1;
    }
}
