//! Frame counts of animations, taken from the structure of their files without decoding.

use media::media_type::MediaType;

use super::gif::{self, blocks::Block};

/// Counts the frames of a file. Stops after `limit`, so a larger count is not exact. A still image
/// has one frame. Damage ends the count; the decoder reports it.
pub(super) fn count(format: MediaType, bytes: &[u8], limit: u32) -> u32 {
    let most = limit.saturating_add(1) as usize;
    let frames = match format {
        // Sequences of HEIC and AVIF are videos, of which nothing is read.
        MediaType::Jpeg | MediaType::Heic | MediaType::Avif => 1,
        MediaType::Png => png_chunks(bytes)
            .filter(|(name, _)| *name == b"fcTL")
            .take(most)
            .count(),
        MediaType::WebP => webp_chunks(bytes)
            .filter(|name| *name == b"ANMF")
            .take(most)
            .count(),
        MediaType::Gif => gif::blocks::blocks(bytes)
            .filter(|block| matches!(block, Block::Frame(_)))
            .take(most)
            .count(),
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
