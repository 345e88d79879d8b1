//! Bit reader for the entropy-coded data of a scan.

/// Entropy-coded data between two markers other than restart markers.
///
/// Only inlined functions take it by reference: so the decoders' loops keep it in registers.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    /// Bits that were read ahead; the next bit is the most significant one.
    buffer: u64,
    count: u32,
    /// Padding bits at the end of the buffer, after the end of the data.
    missing: u32,
    interval: u32,
    until_restart: u32,
    /// Number of the next restart marker, of 0 to 7.
    next_restart: u8,
}

impl<'a> Bits<'a> {
    /// Creates a reader. `interval` is the restart interval in MCUs; 0 without restarts.
    pub(super) fn new(data: &'a [u8], interval: u32) -> Self {
        Self {
            data,
            at: 0,
            buffer: 0,
            count: 0,
            missing: 0,
            interval,
            until_restart: interval,
            next_restart: 0,
        }
    }

    /// Starts the next MCU; must be called before each. Returns `Some(true)` if a restart marker
    /// precedes the MCU.
    #[inline]
    pub(super) fn next_unit(&mut self) -> Option<bool> {
        if self.interval == 0 {
            return Some(false);
        }
        if self.until_restart > 0 {
            self.until_restart -= 1;
            return Some(false);
        }
        if !self.are_used_up() {
            return None;
        }
        self.until_restart = self.interval - 1;
        self.at += restart(&self.data[self.at..], self.next_restart)?;
        self.next_restart = (self.next_restart + 1) % 8;
        (self.buffer, self.count, self.missing) = (0, 0, 0);
        Some(true)
    }

    /// Whether the data ended with the last bit that was taken, but for padding and fill bytes.
    #[expect(clippy::inline_always, reason = "keeps the bits in registers before")]
    #[inline(always)]
    pub(super) fn were_exact(&self) -> bool {
        let rest = self.data.get(self.at..).unwrap_or_default();
        self.are_used_up() && rest.iter().all(|byte| *byte == 0xFF)
    }

    /// Whether no whole byte is left of what was read, and no bit was taken after the end.
    fn are_used_up(&self) -> bool {
        self.count
            .checked_sub(self.missing)
            .is_some_and(|left| left < 8)
    }

    /// Refills the buffer, so that 32 bits can be taken.
    #[inline]
    pub(super) fn refill(&mut self) {
        if self.count >= 32 {
            return;
        }
        if let Some(chunk) = self.data[self.at..].first_chunk::<8>() {
            let word = u64::from_be_bytes(*chunk);
            if !has_ff(word) {
                // Bits after the last whole byte are read again next time, with the same values.
                self.buffer |= word >> self.count;
                let bytes = (63 - self.count) / 8;
                self.at += bytes as usize;
                self.count += bytes * 8;
                return;
            }
        }
        let read = read_bytes(&self.data[self.at..], self.count);
        self.buffer |= read.buffer;
        self.at += read.bytes;
        self.count += read.count;
        self.missing += read.missing;
    }

    /// Returns the next 16 bits without taking them. At most 16 of the refilled 32 bits may have
    /// been taken.
    #[inline]
    pub(super) fn peek(&self) -> u16 {
        let [high, low, ..] = self.buffer.to_be_bytes();
        u16::from_be_bytes([high, low])
    }

    #[inline]
    pub(super) fn skip(&mut self, count: u32) {
        self.buffer <<= count;
        self.count = self.count.saturating_sub(count);
    }

    /// Takes at most 16 bits.
    #[inline]
    pub(super) fn take(&mut self, count: u32) -> u16 {
        let bits = (self.buffer >> 1 >> (63 - count)).to_le_bytes();
        self.skip(count);
        u16::from_le_bytes([bits[0], bits[1]])
    }

    /// Takes a signed number in JPEG's encoding: the size in bits is known already; the first of
    /// the bits is the sign.
    #[inline]
    pub(super) fn take_signed(&mut self, size: u32) -> i32 {
        signed(self.take(size).into(), size)
    }
}

/// Decodes a signed number of this size. Not with a branch: the sign can't be predicted.
#[inline]
pub(super) fn signed(bits: u32, size: u32) -> i32 {
    let is_negative = i32::from(bits < (1 << size) >> 1);
    bits.cast_signed() - is_negative * ((1 << size) - 1)
}

/// Bits that were read byte by byte.
struct Read {
    /// The bits, at their place in the buffer.
    buffer: u64,
    count: u32,
    /// Bytes of the data, with those of stuffing.
    bytes: usize,
    /// Padding bits.
    missing: u32,
}

/// Reads as many bytes as there is room for in a buffer of this many bits.
#[cold]
fn read_bytes(data: &[u8], in_buffer: u32) -> Read {
    let mut read = Read {
        buffer: 0,
        count: 0,
        bytes: 0,
        missing: 0,
    };
    while in_buffer + read.count <= 56 {
        let byte = match data.get(read.bytes..) {
            Some([0xFF, 0, ..]) => {
                read.bytes += 2;
                0xFF
            }
            Some([byte, ..]) if *byte != 0xFF => {
                read.bytes += 1;
                *byte
            }
            _ => {
                read.missing += 8;
                0
            }
        };
        read.buffer |= u64::from(byte) << (56 - in_buffer - read.count);
        read.count += 8;
    }
    read
}

/// Returns the length of the restart marker at the beginning of the data, which must have this
/// number.
#[cold]
fn restart(data: &[u8], number: u8) -> Option<usize> {
    let fill = data.iter().take_while(|byte| **byte == 0xFF).count();
    (fill > 0 && *data.get(fill)? == 0xD0 | number).then_some(fill + 1)
}

fn has_ff(word: u64) -> bool {
    const ONES: u64 = u64::MAX / 255;
    let inverted = !word;
    inverted.wrapping_sub(ONES) & word & (ONES << 7) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_byte_of_ff_is_seen() {
        for at in 0..8 {
            assert!(has_ff(0xFF << (8 * at)));
            assert!(!has_ff(0xFE << (8 * at)));
        }
        assert!(!has_ff(0) && !has_ff(0x7F80_7F80_FE01_FE01));
    }

    #[test]
    fn bits_come_in_order_and_stuffing_is_left_out() {
        let data = b"\x12\x34\xFF\x00\x56\x78\x9A\xBC\xDE\xF0\x12\x34\x56";
        let mut bits = Bits::new(data, 0);
        let mut taken = Vec::new();
        for _ in 0..6 {
            bits.refill();
            taken.push(bits.take(4));
            taken.push(bits.take(12));
        }
        assert_eq!(
            taken,
            [
                1, 0x234, 0xF, 0xF56, 7, 0x89A, 0xB, 0xCDE, 0xF, 0x012, 3, 0x456
            ]
        );
        assert!(bits.were_exact());
        bits.refill();
        bits.take(1);
        assert!(!bits.were_exact());
    }

    #[test]
    fn numbers_have_their_sign_in_their_first_bit() {
        let mut bits = Bits::new(&[0b0100_0110, 0b1100_0111], 0);
        bits.refill();
        let sizes = [1, 1, 2, 2, 2, 2, 3, 3];
        let numbers = sizes.map(|size| bits.take_signed(size));
        assert_eq!(numbers, [-1, 1, -3, -2, 2, 3, -7, 7]);
    }

    #[test]
    fn a_restart_is_where_the_interval_ends_or_the_data_is_wrong() {
        let mut bits = Bits::new(b"\xA5\xFF\xD0\x5A", 1);
        assert_eq!(bits.next_unit(), Some(false));
        bits.refill();
        assert_eq!(bits.take(8), 0xA5);
        assert_eq!(bits.next_unit(), Some(true));
        bits.refill();
        assert_eq!(bits.take(8), 0x5A);
        assert_eq!(bits.next_unit(), None);
    }
}
