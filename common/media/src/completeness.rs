//! Detection of image files whose end is missing.
//!
//! A cut-off file is the commonest broken file, and only the client can repeat an interrupted
//! transfer. So the upload API refuses what its structure shows to be cut off. Where the structure
//! can't tell whether a pixel is missing, the worker does: it refuses what it can't decode whole.

use crate::{heif, media_type::MediaType};

/// Bytes at the end of a PNG's pixels that are no pixels: the checksums of their data (Adler-32)
/// and of their chunk (CRC).
const PNG_CHECKSUMS: usize = 8;

/// Whether the file's own structure shows that its pixels are not all there.
///
/// A missing end marker shows nothing: other programs show such files, and so does the worker if
/// every pixel is there.
pub fn is_cut_off(media_type: MediaType, bytes: &[u8]) -> bool {
    match media_type {
        MediaType::Jpeg => !has_jpeg_scan(bytes),
        MediaType::Png => !has_png_pixels(bytes),
        MediaType::WebP => webp_length(bytes).is_none_or(|length| length > bytes.len()),
        MediaType::Gif => false,
        MediaType::Heic | MediaType::Avif => heif::is_cut_off(bytes),
    }
}

/// Walks the segments to the first scan, and looks for data behind its header.
fn has_jpeg_scan(bytes: &[u8]) -> bool {
    let mut at = 2;
    loop {
        // As libjpeg does, what is no marker is skipped: some writers put bytes between segments,
        // or state a wrong length.
        let Some(skipped) = memchr::memchr(0xFF, bytes.get(at..).unwrap_or_default()) else {
            return false;
        };
        at += skipped;
        let Some(&[_, marker]) = bytes.get(at..at + 2) else {
            return false;
        };
        match marker {
            // Fill bytes may precede a marker.
            0xFF => at += 1,
            // A whole file without an image. The worker says what is wrong.
            0xD9 => return true,
            // A byte of data that is `FF`, and markers without a segment.
            0x00 | 0x01 | 0xD0..=0xD8 => at += 2,
            _ => {
                let Some(&[high, low]) = bytes.get(at + 2..at + 4) else {
                    return false;
                };
                at += 2 + usize::from(u16::from_be_bytes([high, low])).max(2);
                if marker == 0xDA {
                    return at < bytes.len();
                }
            }
        }
    }
}

/// Walks the chunks to `IEND`, or to where the file ends: behind the pixels, or in their checksums.
fn has_png_pixels(bytes: &[u8]) -> bool {
    const SIGNATURE: usize = 8;
    const FRAME: usize = 12;
    let mut at = SIGNATURE;
    let mut has_pixels = false;
    loop {
        let header = bytes.get(at..at + 8);
        let Some((length, name)) = header.and_then(|header| header.split_first_chunk::<4>()) else {
            return has_pixels;
        };
        let length = u32::from_be_bytes(*length) as usize;
        let is_pixels = name == b"IDAT";
        at = match at.checked_add(FRAME).and_then(|at| at.checked_add(length)) {
            Some(next) if next <= bytes.len() => next,
            Some(next) if is_pixels => return next - bytes.len() <= PNG_CHECKSUMS,
            _ => return has_pixels && !is_pixels,
        };
        has_pixels |= is_pixels;
        if name == b"IEND" {
            return true;
        }
    }
}

/// Returns the length that the RIFF header states, header included.
fn webp_length(bytes: &[u8]) -> Option<usize> {
    let stated = bytes.get(4..8)?.first_chunk::<4>()?;
    usize::try_from(u32::from_le_bytes(*stated))
        .ok()?
        .checked_add(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    const JPEG: &[u8] =
        b"\xFF\xD8\xFF\xE1\x00\x06\xFF\xD9xx\xFF\xDA\x00\x02data\xFF\x00data\xFF\xD9";

    fn png() -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        for (name, data) in [
            (b"IHDR", &b"IEND"[..]),
            (b"IDAT", b"pixels and Adler"),
            (b"IEND", b""),
        ] {
            bytes.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
            bytes.extend(name);
            bytes.extend(data);
            bytes.extend([0; 4]);
        }
        bytes
    }

    #[test]
    fn whole_files_are_not_cut_off() {
        assert!(!is_cut_off(MediaType::Jpeg, JPEG));
        assert!(!is_cut_off(MediaType::Png, &png()));
        assert!(!is_cut_off(MediaType::WebP, b"RIFF\x04\0\0\0WEBP"));
    }

    #[test]
    fn bytes_behind_the_end_do_no_harm() {
        assert!(!is_cut_off(MediaType::Jpeg, &[JPEG, b"trailer"].concat()));
        assert!(!is_cut_off(
            MediaType::Png,
            &[&png()[..], b"trailer"].concat()
        ));
    }

    #[test]
    fn bytes_between_segments_do_no_harm() {
        for at in [2, 10] {
            for junk in [&b"\0"[..], b"junk", b"\xFF\x00", &[0x20; 300]] {
                let file = [&JPEG[..at], junk, &JPEG[at..]].concat();
                assert!(!is_cut_off(MediaType::Jpeg, &file), "{at}: {junk:?}");
                let header = at + junk.len();
                assert!(is_cut_off(MediaType::Jpeg, &file[..header]), "{at}");
            }
        }
    }

    #[test]
    fn a_jpeg_is_cut_off_before_its_scan_and_else_the_decoder_knows() {
        // The header of the scan ends here.
        for length in 2..=14 {
            assert!(is_cut_off(MediaType::Jpeg, &JPEG[..length]), "{length}");
        }
        for length in 15..JPEG.len() {
            assert!(!is_cut_off(MediaType::Jpeg, &JPEG[..length]), "{length}");
        }
    }

    #[test]
    fn a_png_is_cut_off_before_the_checksums_of_its_pixels() {
        let png = png();
        let checksums = png.len() - 12 - 8;
        for length in 8..png.len() {
            let is_short = length < checksums;
            assert_eq!(is_cut_off(MediaType::Png, &png[..length]), is_short);
        }
    }

    #[test]
    fn a_webp_that_is_shorter_than_it_states_is_cut_off() {
        assert!(is_cut_off(MediaType::WebP, b"RIFF\x05\0\0\0WEBP"));
        assert!(is_cut_off(MediaType::WebP, b"RIFF"));
    }
}
