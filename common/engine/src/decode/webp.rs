//! Validation of the chunk lengths of WebP files.

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
