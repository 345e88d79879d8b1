//! Huffman codes.

use super::bits::{Bits, signed};

/// Largest code length, in bits, that one table lookup decodes.
const SHORT: u32 = 9;

/// Bits of which one lookup tells the difference of a DC coefficient.
const DIFFERENCE: u32 = 10;

/// Largest size of such a difference, in bits, of an eight-bit image.
const LARGEST_DIFFERENCE: u8 = 11;

/// Class of a table: for DC or for AC coefficients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Dc,
    Ac,
}

/// Huffman table with codes of 1 to 16 bits.
pub(super) struct Huffman {
    /// Length and symbol, indexed by the next bits; length 0 stands for a longer code.
    short: Vec<(u8, u8)>,
    /// First code that is too large for a length, indexed by the length.
    end: [u32; 17],
    /// Offset from a code to the index of its symbol, indexed by the length.
    offset: [i32; 17],
    symbols: Vec<u8>,
    /// The difference of a DC coefficient that the next bits have, and its length with its code; 0
    /// where it is not whole. Empty in a table of AC coefficients.
    differences: Vec<(i16, u8)>,
}

impl Huffman {
    /// Parses one table. Returns its class, its index, the table, and the remaining bytes.
    pub(super) fn parse(bytes: &[u8]) -> Option<(Class, u8, Self, &[u8])> {
        let (&name, rest) = bytes.split_first()?;
        let class = match name >> 4 {
            0 => Class::Dc,
            1 => Class::Ac,
            _ => return None,
        };
        let (counts, rest) = rest.split_first_chunk::<16>()?;
        let total = counts.iter().map(|&count| usize::from(count)).sum();
        let (symbols, rest) = rest.split_at_checked(total)?;
        let mut table = Self::new(counts, symbols)?;
        if class == Class::Dc {
            let all = (0..1 << DIFFERENCE).map(|bits| table.known_difference(bits));
            table.differences = all.collect();
        }
        Some((class, name & 15, table, rest))
    }

    fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut table = Self {
            short: vec![(0, 0); 1 << SHORT],
            end: [0; 17],
            offset: [0; 17],
            symbols: symbols.to_vec(),
            differences: Vec::new(),
        };
        let (mut code, mut place) = (0_u32, 0_usize);
        for (length, &count) in (1_u8..).zip(counts) {
            let bits = u32::from(length);
            table.offset[usize::from(length)] =
                i32::try_from(place).ok()? - i32::try_from(code).ok()?;
            for _ in 0..count {
                if code >= 1 << bits {
                    return None;
                }
                if bits <= SHORT {
                    let spare = SHORT - bits;
                    let from = (code << spare) as usize;
                    table.short[from..from + (1 << spare)].fill((length, symbols[place]));
                }
                code += 1;
                place += 1;
            }
            table.end[usize::from(length)] = code;
            code <<= 1;
        }
        Some(table)
    }

    /// Returns the difference of a DC coefficient that these bits have.
    fn known_difference(&self, bits: u32) -> (i16, u8) {
        let (length, symbol) = self.short_symbol(bits, DIFFERENCE);
        if length == 0 || symbol > LARGEST_DIFFERENCE {
            return (0, 0);
        }
        let whole = length + symbol;
        if u32::from(whole) > DIFFERENCE {
            return (0, 0);
        }
        let value = (bits >> (DIFFERENCE - u32::from(whole))) & ((1 << symbol) - 1);
        let value = i16::try_from(signed(value, symbol.into())).unwrap_or_default();
        (value, whole)
    }

    /// Reads how much a DC coefficient differs from the one before; the bits must be refilled.
    #[expect(clippy::inline_always, reason = "keeps `bits` in registers")]
    #[inline(always)]
    pub(super) fn difference(&self, bits: &mut Bits) -> Option<i32> {
        let known = self
            .differences
            .get(usize::from(bits.peek() >> (16 - DIFFERENCE)));
        let (value, length) = *known?;
        if length > 0 {
            bits.skip(length.into());
            return Some(value.into());
        }
        let size = self.symbol(bits)?;
        (size <= LARGEST_DIFFERENCE).then(|| bits.take_signed(size.into()))
    }

    /// Returns the length of the code at the beginning of `count` bits, and its symbol; length 0
    /// for a code that one lookup does not decode.
    #[inline]
    pub(super) fn short_symbol(&self, bits: u32, count: u32) -> (u8, u8) {
        self.short[(bits >> (count - SHORT)) as usize]
    }

    /// Reads the next symbol; the bits must have been refilled.
    #[expect(clippy::inline_always, reason = "keeps `bits` in registers")]
    #[inline(always)]
    pub(super) fn symbol(&self, bits: &mut Bits) -> Option<u8> {
        let next = u32::from(bits.peek());
        let (length, symbol) = self.short_symbol(next, 16);
        if length > 0 {
            bits.skip(length.into());
            return Some(symbol);
        }
        let (length, symbol) = self.long_symbol(next)?;
        bits.skip(length);
        Some(symbol)
    }

    #[cold]
    fn long_symbol(&self, next: u32) -> Option<(u32, u8)> {
        for length in SHORT + 1..=16 {
            let code = next >> (16 - length);
            if code < self.end[length as usize] {
                let place = i32::try_from(code).ok()? + self.offset[length as usize];
                let symbol = self.symbols.get(usize::try_from(place).ok()?)?;
                return Some((length, *symbol));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_all_lengths_are_told_apart() {
        // One code of each length: 0, 10, 110, and so on.
        let bytes = [
            &[0x11][..],
            &[1; 16],
            &[7; 9],
            &[10, 11, 12, 13, 14, 15, 16],
        ]
        .concat();
        let (class, index, table, rest) = Huffman::parse(&bytes).unwrap();
        assert_eq!((class, index), (Class::Ac, 1));
        assert!(rest.is_empty());
        let data = [
            0b0111_1111,
            0b1110_1111,
            0b1111_1111,
            0,
            0b1110_0000,
            0,
            0,
            0,
        ];
        let mut bits = Bits::new(&data, 0);
        bits.refill();
        assert_eq!(table.symbol(&mut bits), Some(7));
        assert_eq!(table.symbol(&mut bits), Some(11));
        bits.refill();
        assert_eq!(table.symbol(&mut bits), Some(16));
    }

    #[test]
    fn more_codes_than_there_can_be_are_no_table() {
        let mut counts = [0; 16];
        counts[0] = 3;
        assert!(Huffman::new(&counts, &[1, 2, 3]).is_none());
    }
}
