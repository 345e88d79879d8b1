//! A writer of EXIF blocks, sound and broken.

/// The directories that a block of these tests has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    pub(crate) is_little_endian: bool,
    pub(crate) image: Vec<Entry>,
    pub(crate) photo: Vec<Entry>,
    pub(crate) gps: Vec<Entry>,
}

/// A tag, and its value as numbers of the type's size.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) tag: u16,
    pub(crate) kind: u16,
    pub(crate) numbers: Vec<u32>,
}

/// Makes a value of bytes: a text, with its NUL where it has one.
pub(crate) fn bytes(tag: u16, kind: u16, bytes: &[u8]) -> Entry {
    Entry {
        tag,
        kind,
        numbers: bytes.iter().copied().map(u32::from).collect(),
    }
}

/// Makes a text as EXIF has it.
pub(crate) fn text(tag: u16, text: &str) -> Entry {
    bytes(tag, 2, &[text.as_bytes(), b"\0"].concat())
}

/// Makes a list of fractions.
pub(crate) fn fractions(tag: u16, fractions: &[(u32, u32)]) -> Entry {
    Entry {
        tag,
        kind: 5,
        numbers: fractions
            .iter()
            .flat_map(|(above, below)| [*above, *below])
            .collect(),
    }
}

impl Block {
    /// Writes the TIFF structure: the header, then each directory with its values.
    pub(crate) fn write(&self) -> Vec<u8> {
        let header: &[u8] = if self.is_little_endian {
            b"II*\0"
        } else {
            b"MM\0*"
        };
        let mut block = [header, &self.u32(8)].concat();
        let mut image = self.image.clone();
        let photo_at = 8 + length(&image) + 24;
        for (tag, entries, at) in [
            (0x8769, &self.photo, photo_at),
            (0x8825, &self.gps, photo_at + length(&self.photo)),
        ] {
            // Both pointers are there, so that the offsets are known; an empty directory has none.
            image.push(Entry {
                tag: if entries.is_empty() { 0xFFFE } else { tag },
                kind: 4,
                numbers: vec![u32::try_from(at).unwrap()],
            });
        }
        for directory in [&image, &self.photo, &self.gps] {
            self.write_directory(&mut block, directory);
        }
        block
    }

    fn write_directory(&self, block: &mut Vec<u8>, entries: &[Entry]) {
        let mut values_at = block.len() + 2 + 12 * entries.len() + 4;
        let mut values = Vec::new();
        block.extend(self.u16(u16::try_from(entries.len()).unwrap()));
        for entry in entries {
            let mut value: Vec<u8> = entry
                .numbers
                .iter()
                .flat_map(|n| self.number(*n, entry.kind))
                .collect();
            let per_value = if entry.kind == 5 || entry.kind == 10 {
                2
            } else {
                1
            };
            let count = u32::try_from(entry.numbers.len() / per_value).unwrap();
            block.extend([self.u16(entry.tag), self.u16(entry.kind)].concat());
            block.extend(self.u32(count));
            if value.len() <= 4 {
                value.resize(4, 0);
                block.extend(value);
            } else {
                block.extend(self.u32(u32::try_from(values_at).unwrap()));
                values_at += value.len();
                values.extend(value);
            }
        }
        block.extend([0; 4]);
        block.extend(values);
    }

    fn number(&self, number: u32, kind: u16) -> Vec<u8> {
        match kind {
            3 => self.u16(u16::try_from(number).unwrap()),
            4 | 5 | 10 => self.u32(number),
            _ => vec![u8::try_from(number).unwrap()],
        }
    }

    fn u16(&self, number: u16) -> Vec<u8> {
        if self.is_little_endian {
            number.to_le_bytes().to_vec()
        } else {
            number.to_be_bytes().to_vec()
        }
    }

    fn u32(&self, number: u32) -> Vec<u8> {
        if self.is_little_endian {
            number.to_le_bytes().to_vec()
        } else {
            number.to_be_bytes().to_vec()
        }
    }
}

/// Returns the length of a directory with its values.
fn length(entries: &[Entry]) -> usize {
    let values = entries.iter().map(|entry| {
        let size = match entry.kind {
            3 => 2,
            4 | 5 | 10 => 4,
            _ => 1,
        };
        Some(entry.numbers.len() * size).filter(|length| *length > 4)
    });
    2 + 12 * entries.len() + 4 + values.flatten().sum::<usize>()
}
