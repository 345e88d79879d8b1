//! Bit reader for the entropy-coded data of a scan.

/// Entropy-coded data between two markers other than restart markers.
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
        }
    }

    /// Starts the next MCU; must be called before each. Returns `Some(true)` if a restart marker
    /// precedes the MCU.
    pub(super) fn next_unit(&mut self) -> Option<bool> {
        if self.interval == 0 {
            return Some(false);
        }
        if self.until_restart > 0 {
            self.until_restart -= 1;
            return Some(false);
        }
        self.until_restart = self.interval - 1;
        if !self.were_enough() {
            return None;
        }
        while self.data.get(self.at..self.at + 2)? == [0xFF, 0xFF] {
            self.at += 1;
        }
        let [0xFF, 0xD0..=0xD7] = self.data.get(self.at..self.at + 2)? else {
            return None;
        };
        self.at += 2;
        (self.buffer, self.count, self.missing) = (0, 0, 0);
        Some(true)
    }

    /// Whether no bit was taken after the end of the data.
    pub(super) fn were_enough(&self) -> bool {
        self.missing <= self.count
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
        self.refill_by_bytes();
    }

    #[cold]
    fn refill_by_bytes(&mut self) {
        while self.count <= 56 {
            let byte = match self.data.get(self.at..) {
                Some([0xFF, 0, ..]) => {
                    self.at += 2;
                    0xFF
                }
                Some([byte, ..]) if *byte != 0xFF => {
                    self.at += 1;
                    *byte
                }
                _ => {
                    self.missing += 8;
                    0
                }
            };
            self.buffer |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
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
        let bits = self.peek().checked_shr(16 - count).unwrap_or(0);
        self.skip(count);
        bits
    }

    /// Takes a signed number in JPEG's encoding: the size in bits is known already; the first of
    /// the bits is the sign.
    #[inline]
    pub(super) fn take_signed(&mut self, size: u32) -> i32 {
        if size == 0 {
            return 0;
        }
        let bits = i32::from(self.take(size));
        if bits < 1 << (size - 1) {
            bits - (1 << size) + 1
        } else {
            bits
        }
    }
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
        assert!(bits.were_enough());
        bits.refill();
        bits.take(1);
        assert!(!bits.were_enough());
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
