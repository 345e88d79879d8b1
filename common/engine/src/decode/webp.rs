//! The container of WebP files: the lengths of its chunks, and oddities that other programs accept.

use std::borrow::Cow;

/// The header of a file: `RIFF`, its length, `WEBP`.
const HEADER: usize = 12;

/// Flags of the chunk `VP8X` (RFC 9649, section 2.7.1.2).
const HAS_PROFILE: u8 = 0x20;
const HAS_ALPHA: u8 = 0x10;
const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;
const IS_ANIMATED: u8 = 0x02;

/// What some writers put before the TIFF structure, as in a JPEG.
const EXIF_PREFIX: &[u8] = b"Exif\0\0";

/// Returns the file as the decoder takes it:
///
/// - bytes behind the length that the header states are left out;
/// - flags of `VP8X` for chunks that are not there are cleared;
/// - EXIF and ICC chunks that the flags do not announce are left out;
/// - an EXIF chunk has no prefix before its TIFF structure.
///
/// Chromium, libvips and Pillow show such files. A file without these oddities is not copied.
pub(super) fn normalized(file: &[u8]) -> Cow<'_, [u8]> {
    let file = without_trailer(file);
    let Some(chunks) = file.get(HEADER..).map(chunks) else {
        return Cow::Borrowed(file);
    };
    let Some(((b"VP8X", extended), rest)) = chunks.split_first() else {
        return Cow::Borrowed(file);
    };
    let Some((flags, dimensions)) = extended.split_first() else {
        return Cow::Borrowed(file);
    };
    let has = |id: &[u8; 4]| rest.iter().any(|(other, _)| *other == id);
    let mut wanted = *flags;
    for (flag, is_there) in [
        (HAS_PROFILE, has(b"ICCP")),
        (HAS_EXIF, has(b"EXIF")),
        (HAS_XMP, has(b"XMP ")),
        // Lossless data has its transparency inside, and frames have theirs.
        (
            HAS_ALPHA,
            has(b"ALPH") || has(b"VP8L") || flags & IS_ANIMATED != 0,
        ),
    ] {
        if !is_there {
            wanted &= !flag;
        }
    }
    let is_announced = |id: &[u8; 4]| match id {
        b"EXIF" => flags & HAS_EXIF != 0,
        b"ICCP" => flags & HAS_PROFILE != 0,
        _ => true,
    };
    let is_odd = rest.iter().any(|(id, body)| {
        let has_prefix = *id == b"EXIF" && body.starts_with(EXIF_PREFIX);
        has_prefix || !is_announced(id)
    });
    if wanted == *flags && !is_odd {
        return Cow::Borrowed(file);
    }
    let mut written = file[..HEADER].to_vec();
    write(&mut written, *b"VP8X", &[&[wanted], dimensions].concat());
    for (id, body) in rest.iter().filter(|(id, _)| is_announced(id)) {
        let body = match body.strip_prefix(EXIF_PREFIX) {
            Some(tiff) if *id == b"EXIF" => tiff,
            _ => body,
        };
        write(&mut written, **id, body);
    }
    let length = u32::try_from(written.len() - 8).unwrap_or(u32::MAX);
    written[4..8].copy_from_slice(&length.to_le_bytes());
    Cow::Owned(written)
}

/// Cuts the file at the length that its header states.
fn without_trailer(file: &[u8]) -> &[u8] {
    let stated = file.get(4..8).and_then(|field| field.first_chunk::<4>());
    let length = stated.map_or(0, |stated| u32::from_le_bytes(*stated));
    let end = usize::try_from(length)
        .ok()
        .and_then(|end| end.checked_add(8));
    match end {
        Some(end) if end >= HEADER => file.get(..end).unwrap_or(file),
        _ => file,
    }
}

/// Returns the complete chunks of a container.
fn chunks(mut rest: &[u8]) -> Vec<(&[u8; 4], &[u8])> {
    let mut chunks = Vec::new();
    while let Some((id, after)) = rest.split_first_chunk::<4>()
        && let Some((size, after)) = after.split_first_chunk::<4>()
        && let Ok(size) = usize::try_from(u32::from_le_bytes(*size))
        && let Some(body) = after.get(..size)
    {
        chunks.push((id, body));
        rest = after.get(size + size % 2..).unwrap_or_default();
    }
    chunks
}

fn write(file: &mut Vec<u8>, id: [u8; 4], body: &[u8]) {
    let size = u32::try_from(body.len()).unwrap_or(u32::MAX);
    file.extend(id);
    file.extend(size.to_le_bytes());
    file.extend(body);
    file.extend(std::iter::repeat_n(0, body.len() % 2));
}

/// Whether every chunk ends within its file. The decoder allocates as much memory as a chunk's
/// length declares, which can be four gigabytes.
pub(super) fn has_whole_chunks(file: &[u8]) -> bool {
    file.get(12..).is_some_and(are_whole)
}

fn are_whole(mut chunks: &[u8]) -> bool {
    while let Some((header, rest)) = chunks.split_first_chunk::<8>() {
        let [id @ .., a, b, c, d] = *header;
        let Ok(size) = usize::try_from(u32::from_le_bytes([a, b, c, d])) else {
            return false;
        };
        let Some(body) = rest.get(..size) else {
            return false;
        };
        // A frame: sixteen bytes of position and duration, then chunks of its own.
        let id: [u8; 4] = id;
        if id == *b"ANMF" && !body.get(16..).is_some_and(are_whole) {
            return false;
        }
        // Chunks are padded to an even length.
        chunks = rest.get(size + size % 2..).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(id: [u8; 4], size: u32, body: &[u8]) -> Vec<u8> {
        [&id[..], &size.to_le_bytes(), body].concat()
    }

    fn file(chunks: &[u8]) -> Vec<u8> {
        [&b"RIFF\0\0\0\0WEBP"[..], chunks].concat()
    }

    #[test]
    fn a_chunk_longer_than_the_file_is_found_at_any_depth() {
        let good = chunk(*b"EXIF", 3, b"abc\0");
        let huge = chunk(*b"ICCP", 3_234_382_618, b"abcd");
        let frame = |inner: &[u8]| {
            let body = [&[0; 16][..], inner].concat();
            chunk(*b"ANMF", u32::try_from(body.len()).unwrap(), &body)
        };
        assert!(has_whole_chunks(&file(&good)));
        assert!(has_whole_chunks(&file(
            &[good.clone(), frame(&good)].concat()
        )));
        assert!(!has_whole_chunks(&file(&[good, huge.clone()].concat())));
        assert!(!has_whole_chunks(&file(&frame(&huge))));
    }
}
