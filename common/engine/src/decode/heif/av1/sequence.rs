//! The meaning of samples in the sequence header (AV1 specification, 5.5). The decoder's own
//! interface knows no reserved code points.

use crate::decode::heif::frame::Cicp;

/// Reads the meaning of samples from the content of a sequence header. `None` if it is cut off.
pub(super) fn cicp(header: &[u8]) -> Option<Cicp> {
    let mut bits = Bits { header, at: 0 };
    let profile = bits.number(3)?;
    bits.skip(1)?;
    let is_reduced = bits.flag()?;
    if is_reduced {
        bits.skip(5)?;
    } else {
        skip_operating_points(&mut bits)?;
    }
    let width_bits = bits.number(4)? + 1;
    let height_bits = bits.number(4)? + 1;
    bits.skip(width_bits + height_bits)?;
    if !is_reduced && bits.flag()? {
        bits.skip(7)?;
    }
    bits.skip(3)?;
    if !is_reduced {
        skip_inter_tools(&mut bits)?;
    }
    bits.skip(3)?;
    colour_config(&mut bits, profile)
}

fn colour_config(bits: &mut Bits<'_>, profile: u32) -> Option<Cicp> {
    let is_deep = bits.flag()?;
    if profile == 2 && is_deep {
        bits.skip(1)?;
    }
    let is_grey = profile != 1 && bits.flag()?;
    let points = if bits.flag()? {
        [bits.number(8)?, bits.number(8)?, bits.number(8)?]
    } else {
        [2; 3]
    };
    // RGB in sRGB has no range of its own.
    let is_full_range = (!is_grey && points == [1, 13, 0]) || bits.flag()?;
    let [primaries, transfer, matrix] = points.map(|point| u16::try_from(point).unwrap_or(2));
    Some(Cicp {
        primaries,
        transfer,
        matrix,
        is_full_range,
    })
}

fn skip_operating_points(bits: &mut Bits<'_>) -> Option<()> {
    let mut delay_bits = None;
    if bits.flag()? {
        bits.skip(64)?;
        if bits.flag()? {
            bits.skip_uvlc()?;
        }
        if bits.flag()? {
            delay_bits = Some(bits.number(5)? + 1);
            bits.skip(42)?;
        }
    }
    let has_display_delay = bits.flag()?;
    for _ in 0..=bits.number(5)? {
        bits.skip(12)?;
        if bits.number(5)? > 7 {
            bits.skip(1)?;
        }
        if let Some(length) = delay_bits
            && bits.flag()?
        {
            bits.skip(2 * length + 1)?;
        }
        if has_display_delay && bits.flag()? {
            bits.skip(4)?;
        }
    }
    Some(())
}

fn skip_inter_tools(bits: &mut Bits<'_>) -> Option<()> {
    bits.skip(4)?;
    let has_order = bits.flag()?;
    if has_order {
        bits.skip(2)?;
    }
    let forces_screen_content = bits.flag()? || bits.flag()?;
    if forces_screen_content && !bits.flag()? {
        bits.skip(1)?;
    }
    if has_order {
        bits.skip(3)?;
    }
    Some(())
}

struct Bits<'a> {
    header: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn flag(&mut self) -> Option<bool> {
        let byte = self.header.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    /// Reads a number of up to 32 bits.
    fn number(&mut self, length: u32) -> Option<u32> {
        (0..length).try_fold(0, |number, _| Some(number << 1 | u32::from(self.flag()?)))
    }

    fn skip(&mut self, length: u32) -> Option<()> {
        (0..length).try_for_each(|_| self.flag().map(|_| ()))
    }

    /// Skips a number of as many bits as zeros are before it.
    fn skip_uvlc(&mut self) -> Option<()> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
        }
        if zeros < 32 {
            self.skip(zeros)
        } else {
            Some(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// Builds a header from numbers and their lengths in bits.
    fn header(fields: &[(u32, usize)]) -> Vec<u8> {
        let mut digits = String::new();
        for (number, length) in fields {
            write!(digits, "{number:0length$b}").unwrap();
        }
        let bytes = digits.as_bytes().chunks(8).map(|byte| {
            let byte = format!("{:0<8}", String::from_utf8_lossy(byte));
            u8::from_str_radix(&byte, 2).unwrap()
        });
        bytes.collect()
    }

    /// Profile 0, a still image with a reduced header, of 64 × 64 pixels.
    const REDUCED: [(u32, usize); 11] = [
        (0, 3),
        (1, 1),
        (1, 1),
        (0, 5),
        (5, 4),
        (5, 4),
        (63, 6),
        (63, 6),
        (0, 3),
        (0, 3),
        (0, 1),
    ];

    fn colours(points: [u32; 3], is_full_range: u32) -> Vec<(u32, usize)> {
        let points = points.map(|point| (point, 8));
        [&[(0, 1), (1, 1)][..], &points, &[(is_full_range, 1)]].concat()
    }

    #[test]
    fn any_code_point_is_read_even_a_reserved_one() {
        for points in [[9, 16, 9], [1, 13, 6], [0, 3, 255]] {
            for is_full_range in [0, 1] {
                let fields = [&REDUCED[..], &colours(points, is_full_range)].concat();
                let found = cicp(&header(&fields)).unwrap();
                let [primaries, transfer, matrix] =
                    points.map(|point| u16::try_from(point).unwrap());
                let expected = Cicp {
                    primaries,
                    transfer,
                    matrix,
                    is_full_range: is_full_range == 1,
                };
                assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn a_whole_header_is_read_and_a_cut_one_is_not() {
        let whole = [
            // Profile 0, not reduced, with timing and a decoder model.
            &[
                (0, 3),
                (0, 1),
                (0, 1),
                (1, 1),
                (1, 32),
                (30, 32),
                (1, 1),
                (1, 1),
            ][..],
            &[(1, 1), (9, 5), (1, 32), (9, 5), (9, 5)],
            // Two operating points, one of them of a high level.
            &[(1, 1), (1, 5)],
            &[
                (0, 12),
                (8, 5),
                (0, 1),
                (1, 1),
                (7, 10),
                (7, 10),
                (0, 1),
                (1, 1),
                (3, 4),
            ],
            &[(0, 12), (5, 5), (0, 1), (0, 1)],
            // Size, frame ids, tools.
            &[(5, 4), (5, 4), (63, 6), (63, 6), (1, 1), (0, 7), (0, 3)],
            &[
                (0, 4),
                (1, 1),
                (0, 2),
                (1, 1),
                (0, 1),
                (0, 1),
                (6, 3),
                (0, 3),
                (1, 1),
            ],
            &colours([9, 18, 9], 0),
        ]
        .concat();
        let header = header(&whole);
        let found = cicp(&header).unwrap();
        assert_eq!((found.primaries, found.transfer, found.matrix), (9, 18, 9));
        for length in 0..header.len() - 1 {
            assert!(cicp(&header[..length]).is_none(), "{length}");
        }
    }
}
