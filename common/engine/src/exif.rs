//! Reading of EXIF blocks (CIPA DC-008): the directories of a TIFF file, and their values.
//!
//! Nothing is copied and nothing is collected: a value is searched for in its directory, whatever
//! the other entries say. The crates that read EXIF keep every entry of every directory instead,
//! and a block of 64 kB can state millions of them.

use crate::exif::byte_order::ByteOrder;

mod byte_order;

/// What a JPEG, and some writers of other formats, put before the TIFF structure.
const PREFIX: &[u8] = b"Exif\0\0";

/// Length of a directory's entry.
const ENTRY: usize = 12;

/// A block, of which any part may be broken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exif<'a> {
    tiff: &'a [u8],
    order: ByteOrder,
}

/// The entries of a directory that lie within the block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Directory<'a> {
    exif: Exif<'a>,
    entries: &'a [[u8; ENTRY]],
}

/// The value of an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<'a> {
    order: ByteOrder,
    kind: u16,
    bytes: &'a [u8],
}

impl<'a> Exif<'a> {
    /// Reads the header. `None` if this is no TIFF structure.
    pub(crate) fn parse(block: &'a [u8]) -> Option<Self> {
        Self::of_tiff(block.strip_prefix(PREFIX).unwrap_or(block))
    }

    /// Reads the header of a block without a prefix.
    pub(crate) fn of_tiff(tiff: &'a [u8]) -> Option<Self> {
        let order = match tiff.get(..4)? {
            b"II*\0" => ByteOrder::Little,
            b"MM\0*" => ByteOrder::Big,
            _ => return None,
        };
        Some(Self { tiff, order })
    }

    /// Returns the first directory, which describes the image.
    pub(crate) fn image(self) -> Option<Directory<'a>> {
        self.directory(self.order.u32(self.tiff.get(4..)?)?)
    }

    fn directory(self, offset: u32) -> Option<Directory<'a>> {
        let bytes = self.tiff.get(usize::try_from(offset).ok()?..)?;
        let count = usize::from(self.order.u16(bytes)?);
        let (entries, _) = bytes.get(2..)?.as_chunks();
        Some(Directory {
            exif: self,
            entries: &entries[..count.min(entries.len())],
        })
    }
}

impl<'a> Directory<'a> {
    /// Returns the first whole value of a tag.
    pub(crate) fn value(&self, tag: u16) -> Option<Value<'a>> {
        let Exif { tiff, order } = self.exif;
        let entries = self.entries.iter();
        let mut entries = entries.filter(|entry| order.u16(&entry[..]) == Some(tag));
        entries.find_map(|entry| {
            let kind = order.u16(&entry[2..])?;
            let count = usize::try_from(order.u32(&entry[4..])?).ok()?;
            let length = count.checked_mul(size_of_kind(kind)?)?;
            let bytes = if length <= 4 {
                &entry[8..8 + length]
            } else {
                let offset = usize::try_from(order.u32(&entry[8..])?).ok()?;
                tiff.get(offset..)?.get(..length)?
            };
            Some(Value { order, kind, bytes })
        })
    }

    /// Returns the directory that the value of a tag points to.
    pub(crate) fn directory(&self, tag: u16) -> Option<Self> {
        let pointer = self.value(tag)?;
        self.exif.directory(pointer.order.u32(pointer.bytes)?)
    }
}

impl<'a> Value<'a> {
    /// Returns the text up to its first NUL, without spaces at its ends. `None` if it is empty, no
    /// text, or no UTF-8.
    pub(crate) fn text(&self) -> Option<&'a str> {
        // Some writers store texts as bytes. EXIF 3.0 has a type of its own for UTF-8.
        if !matches!(
            self.kind,
            kind::BYTE | kind::ASCII | kind::UNDEFINED | kind::UTF8
        ) {
            return None;
        }
        let text = self.bytes.split(|byte| *byte == 0).next()?;
        let text = std::str::from_utf8(text).ok()?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// Returns the first number of a list, if it is whole and not negative.
    pub(crate) fn integer(&self) -> Option<u32> {
        match self.kind {
            kind::SBYTE => self.bytes.first().copied().map(u32::from),
            kind::SHORT | kind::SSHORT => self.order.u16(self.bytes).map(u32::from),
            kind::LONG | kind::SLONG => self.order.u32(self.bytes),
            kind::RATIONAL => {
                let (above, below) = (self.order.u32(self.bytes)?, self.bytes.get(4..)?);
                let below = self.order.u32(below)?;
                (above.checked_rem(below)? == 0).then(|| above / below)
            }
            _ => None,
        }
    }

    /// Returns the numbers at the start of a list of fractions. `None` if there are fewer, or if
    /// one of them is no number.
    pub(crate) fn fractions<const COUNT: usize>(&self) -> Option<[f64; COUNT]> {
        let mut numbers = [0.0; COUNT];
        let (fractions, _) = self.bytes.as_chunks::<8>();
        for (index, number) in numbers.iter_mut().enumerate() {
            let fraction = fractions.get(index)?;
            let (above, below) = match self.kind {
                kind::RATIONAL => (
                    f64::from(self.order.u32(&fraction[..])?),
                    f64::from(self.order.u32(&fraction[4..])?),
                ),
                kind::SRATIONAL => (
                    f64::from(self.order.u32(&fraction[..])?.cast_signed()),
                    f64::from(self.order.u32(&fraction[4..])?.cast_signed()),
                ),
                _ => return None,
            };
            if below == 0.0 {
                return None;
            }
            *number = above / below;
        }
        Some(numbers)
    }
}

/// Types of values.
mod kind {
    pub(super) const BYTE: u16 = 1;
    pub(super) const ASCII: u16 = 2;
    pub(super) const SHORT: u16 = 3;
    pub(super) const LONG: u16 = 4;
    pub(super) const RATIONAL: u16 = 5;
    pub(super) const SBYTE: u16 = 6;
    pub(super) const UNDEFINED: u16 = 7;
    pub(super) const SSHORT: u16 = 8;
    pub(super) const SLONG: u16 = 9;
    pub(super) const SRATIONAL: u16 = 10;
    pub(super) const UTF8: u16 = 129;
}

fn size_of_kind(kind: u16) -> Option<usize> {
    match kind {
        1 | 2 | 6 | 7 | 129 => Some(1),
        3 | 8 => Some(2),
        4 | 9 | 11 | 13 => Some(4),
        5 | 10 | 12 => Some(8),
        _ => None,
    }
}
