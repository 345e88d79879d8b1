//! Photos with the EXIF data of a camera.

use jpeg_encoder::{ColorType, Encoder};

use super::halves;

/// What a camera writes. An absent value is left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Photo<'a> {
    /// Local time, such as `2026:01:31 12:34:56`.
    pub taken_at: Option<&'a str>,
    /// Distance from UTC, such as `+01:00`.
    pub offset: Option<&'a str>,
    /// Maker and model.
    pub camera: Option<(&'a str, &'a str)>,
    /// Whole degrees north and east.
    pub place: Option<(u32, u32)>,
}

impl Photo<'_> {
    /// Encodes a JPEG of two colours with these data.
    ///
    /// # Panics
    ///
    /// Panics when the encoder refuses the image.
    pub fn jpeg(&self, width: u16, height: u16) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, 90);
        encoder
            .add_exif_metadata(&self.block())
            .expect("a small block");
        let pixels = halves(width.into(), height.into());
        encoder
            .encode(pixels.as_raw(), width, height, ColorType::Rgb)
            .expect("an image encodes");
        bytes
    }

    /// Writes the TIFF structure: three directories, each with its values behind it.
    fn block(&self) -> Vec<u8> {
        let texts = |entries: &[(u16, Option<&str>)]| -> Vec<Entry> {
            let entries = entries.iter();
            entries
                .filter_map(|(tag, text)| Some(Entry::text(*tag, (*text)?)))
                .collect()
        };
        let (make, model) = self.camera.unzip();
        let mut image = texts(&[(0x010F, make), (0x0110, model)]);
        let photo = texts(&[(0x9003, self.taken_at), (0x9011, self.offset)]);
        let place = self.place.map(|(north, east)| {
            vec![
                Entry::text(1, "N"),
                Entry::degrees(2, north),
                Entry::text(3, "E"),
                Entry::degrees(4, east),
            ]
        });
        let place = place.unwrap_or_default();
        let mut block = b"MM\0*\0\0\0\x08".to_vec();
        // Each pointer is an entry of the first directory.
        let photo_at = block.len() + length(&image) + 24;
        image.push(Entry::pointer(0x8769, photo_at));
        image.push(Entry::pointer(0x8825, photo_at + length(&photo)));
        for directory in [image, photo, place] {
            write(&mut block, &directory);
        }
        block
    }
}

/// A value with its tag, its type and the number of its parts.
struct Entry {
    tag: u16,
    kind: u16,
    count: usize,
    value: Vec<u8>,
}

impl Entry {
    fn text(tag: u16, text: &str) -> Self {
        let value = [text.as_bytes(), b"\0"].concat();
        Self {
            tag,
            kind: 2,
            count: value.len(),
            value,
        }
    }

    fn degrees(tag: u16, degrees: u32) -> Self {
        let fractions = [degrees, 1, 0, 1, 0, 1];
        Self {
            tag,
            kind: 5,
            count: 3,
            value: fractions.map(u32::to_be_bytes).concat(),
        }
    }

    fn pointer(tag: u16, at: usize) -> Self {
        Self {
            tag,
            kind: 4,
            count: 1,
            value: number(at).to_vec(),
        }
    }
}

fn number(number: usize) -> [u8; 4] {
    u32::try_from(number).expect("a small block").to_be_bytes()
}

fn length(entries: &[Entry]) -> usize {
    let values = entries.iter().map(|entry| entry.value.len());
    6 + 12 * entries.len() + values.filter(|length| *length > 4).sum::<usize>()
}

fn write(block: &mut Vec<u8>, entries: &[Entry]) {
    let mut values_at = block.len() + 6 + 12 * entries.len();
    let mut values: Vec<u8> = Vec::new();
    block.extend(&number(entries.len())[2..]);
    for entry in entries {
        block.extend(entry.tag.to_be_bytes());
        block.extend(entry.kind.to_be_bytes());
        block.extend(number(entry.count));
        if entry.value.len() > 4 {
            block.extend(number(values_at));
            values_at += entry.value.len();
            values.extend(&entry.value);
        } else {
            block.extend(&entry.value);
            block.extend(std::iter::repeat_n(0, 4 - entry.value.len()));
        }
    }
    block.extend([0; 4]);
    block.extend(values);
}
