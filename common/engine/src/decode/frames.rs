//! Frame counts of animations, taken from the structure of their files without decoding.

use media::media_type::MediaType;

/// Counts the frames of a file. Stops after `limit`, so a larger count is not exact. A still image
/// has one frame. Damage ends the count; the decoder reports it.
pub(super) fn count(format: MediaType, bytes: &[u8], limit: u32) -> u32 {
    let most = limit.saturating_add(1) as usize;
    let frames = match format {
        MediaType::Jpeg => 1,
        MediaType::Png => png_chunks(bytes)
            .filter(|(name, _)| *name == b"fcTL")
            .take(most)
            .count(),
        MediaType::WebP => webp_chunks(bytes)
            .filter(|name| *name == b"ANMF")
            .take(most)
            .count(),
        MediaType::Gif => gif_frames(bytes).take(most).count(),
    };
    u32::try_from(frames).unwrap_or(u32::MAX).max(1)
}

/// Iterates over the chunks of a PNG file, as type and data.
pub(super) fn png_chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let mut rest = bytes.get(8..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (length, behind) = rest.split_first_chunk::<4>()?;
        let (name, behind) = behind.split_first_chunk::<4>()?;
        let length = u32::from_be_bytes(*length) as usize;
        let data = behind.get(..length)?;
        rest = behind.get(length + 4..)?;
        Some((name, data))
    })
}

fn webp_chunks(bytes: &[u8]) -> impl Iterator<Item = &[u8; 4]> {
    let mut rest = bytes.get(12..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (name, behind) = rest.split_first_chunk::<4>()?;
        let (length, behind) = behind.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        // Chunks are padded to even lengths.
        rest = behind
            .get(length.checked_add(length % 2)?..)
            .unwrap_or_default();
        Some(name)
    })
}

fn gif_frames(bytes: &[u8]) -> impl Iterator<Item = ()> {
    const HEADER: usize = 13;
    let mut rest = bytes
        .get(HEADER..)
        .and_then(|rest| rest.get(color_table_length(bytes[10])..))
        .unwrap_or_default();
    std::iter::from_fn(move || {
        loop {
            match *rest {
                // An extension: label, then sub-blocks.
                [0x21, _, ref behind @ ..] => rest = behind_blocks(behind)?,
                // A frame: position and flags, local colour table, code size, then sub-blocks.
                [0x2C, _, _, _, _, _, _, _, _, flags, ref behind @ ..] => {
                    let blocks = behind.get(color_table_length(flags) + 1..)?;
                    rest = behind_blocks(blocks).unwrap_or_default();
                    return Some(());
                }
                _ => return None,
            }
        }
    })
}

fn color_table_length(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        3 << ((flags & 7) + 1)
    }
}

/// Returns the bytes after a sequence of sub-blocks. Each starts with its length; an empty one is
/// the last.
fn behind_blocks(mut bytes: &[u8]) -> Option<&[u8]> {
    loop {
        let (&length, behind) = bytes.split_first()?;
        bytes = behind.get(usize::from(length)..)?;
        if length == 0 {
            return Some(bytes);
        }
    }
}
