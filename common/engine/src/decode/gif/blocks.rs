//! The blocks of a GIF file.

use crate::dimensions::Dimensions;

/// Length of signature and logical screen descriptor.
const HEADER: usize = 13;

/// The logical screen.
pub(super) struct Screen<'a> {
    pub(super) edges: Dimensions,
    /// The global colour table; empty if there is none.
    pub(super) palette: &'a [u8],
}

impl<'a> Screen<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (header, rest) = bytes.split_at_checked(HEADER)?;
        Some(Self {
            edges: Dimensions {
                width: number(header, 6),
                height: number(header, 8),
            },
            palette: rest.get(..palette_length(header[10]))?,
        })
    }
}

/// A block that matters here.
pub(in crate::decode) enum Block<'a> {
    /// What a graphic control extension says of the next frame: the index that is transparent.
    Control(Option<u8>),
    Frame(Frame<'a>),
}

/// A frame: position, palette and compressed indices.
pub(in crate::decode) struct Frame<'a> {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) edges: Dimensions,
    pub(super) is_interlaced: bool,
    /// The frame's own colour table.
    pub(super) palette: Option<&'a [u8]>,
    pub(super) code_size: u8,
    /// Sub-blocks.
    pub(super) data: &'a [u8],
}

impl Frame<'_> {
    /// Iterates over the places of the rows, in the order in which the file has them.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> {
        let passes: &[(usize, usize)] = if self.is_interlaced {
            &[(0, 8), (4, 8), (2, 4), (1, 2)]
        } else {
            &[(0, 1)]
        };
        let height = self.edges.height as usize;
        passes
            .iter()
            .flat_map(move |&(first, step)| (first..height).step_by(step))
    }
}

/// Iterates over the frames and what controls them. Ends at the trailer, and where the file is cut
/// off. What is no block is skipped before the first frame, and ends the file behind it: damage
/// there must not look like more frames.
pub(in crate::decode) fn blocks(bytes: &[u8]) -> impl Iterator<Item = Block<'_>> {
    let mut rest = bytes
        .get(HEADER..)
        .and_then(|rest| rest.get(palette_length(bytes[10])..))
        .unwrap_or_default();
    let mut has_frame = false;
    std::iter::from_fn(move || {
        loop {
            match *rest {
                [0x21, label, ref behind @ ..] => {
                    rest = behind_sub_blocks(behind).unwrap_or_default();
                    if let (0xF9, [4..=u8::MAX, flags, _, _, index, ..]) = (label, behind) {
                        return Some(Block::Control((flags & 1 != 0).then_some(*index)));
                    }
                }
                [0x2C, ref behind @ ..] => {
                    let (head, behind) = behind.split_at_checked(9)?;
                    let flags = head[8];
                    let (palette, behind) = behind.split_at_checked(palette_length(flags))?;
                    let (&code_size, data) = behind.split_first()?;
                    rest = behind_sub_blocks(data).unwrap_or_default();
                    has_frame = true;
                    return Some(Block::Frame(Frame {
                        left: number(head, 0),
                        top: number(head, 2),
                        edges: Dimensions {
                            width: number(head, 4),
                            height: number(head, 6),
                        },
                        is_interlaced: flags & 0x40 != 0,
                        palette: (!palette.is_empty()).then_some(palette),
                        code_size,
                        data,
                    }));
                }
                [_, ref behind @ ..] if !has_frame && rest[0] != 0x3B => rest = behind,
                _ => return None,
            }
        }
    })
}

/// Iterates over sub-blocks. The last may be cut off.
pub(super) fn sub_blocks(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (&length, behind) = bytes.split_first()?;
        let (block, behind) = behind.split_at(behind.len().min(length.into()));
        bytes = behind;
        (length > 0).then_some(block)
    })
}

/// Returns the bytes after the sub-blocks; an empty one is the last.
fn behind_sub_blocks(mut bytes: &[u8]) -> Option<&[u8]> {
    loop {
        let (&length, behind) = bytes.split_first()?;
        bytes = behind.get(usize::from(length)..)?;
        if length == 0 {
            return Some(bytes);
        }
    }
}

/// Returns the length of the colour table that these flags announce.
fn palette_length(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        3 << ((flags & 7) + 1)
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 2)
        .and_then(|bytes| bytes.first_chunk())
        .map_or(0, |bytes| u16::from_le_bytes(*bytes).into())
}
