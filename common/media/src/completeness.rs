//! Detection of image files whose end is missing.
//!
//! A cut-off file is the commonest broken file, and decoders often accept it: they fill what is
//! missing with grey and report no error. Only the client can repeat an interrupted transfer, so
//! both the upload API and the worker check here.

use crate::media_type::MediaType;

/// Whether the file's own structure shows that its end is missing.
///
/// A GIF never counts as cut off: files without their trailer are common and harmless.
pub fn is_cut_off(media_type: MediaType, bytes: &[u8]) -> bool {
    match media_type {
        MediaType::Jpeg => !jpeg_ends(bytes),
        MediaType::Png => !png_ends(bytes),
        MediaType::WebP => webp_length(bytes).is_none_or(|length| length > bytes.len()),
        MediaType::Gif => false,
    }
}

/// Walks the segments to the first scan, and then searches for the end marker. An embedded preview
/// ends in the same marker, but it is *inside* a segment, which the walk skips. In scan data `FF`
/// is never followed by `D9`.
fn jpeg_ends(bytes: &[u8]) -> bool {
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
            0xD9 => return true,
            // Searches backwards, because the marker is usually at the end.
            0xDA => return memchr::memmem::rfind(&bytes[at..], &[0xFF, 0xD9]).is_some(),
            // A byte of data that is `FF`, and markers without a segment.
            0x00 | 0x01 | 0xD0..=0xD8 => at += 2,
            _ => {
                let Some(&[high, low]) = bytes.get(at + 2..at + 4) else {
                    return false;
                };
                at += 2 + usize::from(u16::from_be_bytes([high, low])).max(2);
            }
        }
    }
}

/// Walks the chunks to `IEND`.
fn png_ends(bytes: &[u8]) -> bool {
    const SIGNATURE: usize = 8;
    const FRAME: usize = 12;
    let mut at = SIGNATURE;
    loop {
        let Some(header) = bytes.get(at..at + 8) else {
            return false;
        };
        let Some((length, name)) = header.split_first_chunk::<4>() else {
            return false;
        };
        let length = u32::from_be_bytes(*length) as usize;
        at = match at.checked_add(FRAME).and_then(|at| at.checked_add(length)) {
            Some(next) if next <= bytes.len() => next,
            _ => return false,
        };
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
        for (name, data) in [(b"IHDR", &b"IEND"[..]), (b"IEND", b"")] {
            bytes.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
            bytes.extend(name);
            bytes.extend(data);
            bytes.extend([0; 4]);
        }
        bytes
    }

    #[test]
    fn whole_files_have_their_end() {
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
                for length in [at + 1, file.len() - 1] {
                    assert!(is_cut_off(MediaType::Jpeg, &file[..length]), "{length}");
                }
            }
        }
    }

    #[test]
    fn every_shorter_file_is_cut_off() {
        for length in 2..JPEG.len() {
            assert!(is_cut_off(MediaType::Jpeg, &JPEG[..length]), "{length}");
        }
        let png = png();
        for length in 8..png.len() {
            assert!(is_cut_off(MediaType::Png, &png[..length]), "{length}");
        }
        assert!(is_cut_off(MediaType::WebP, b"RIFF\x05\0\0\0WEBP"));
        assert!(is_cut_off(MediaType::WebP, b"RIFF"));
    }
}
