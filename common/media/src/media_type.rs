//! Detection of an image's format by its bytes.

/// The supported formats of originals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    WebP,
    /// GIF; variants show the first frame.
    Gif,
}

impl MediaType {
    /// Every format, for messages.
    pub const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::WebP, Self::Gif];

    /// Detects the format by a file's first bytes. The media type that a client declares is not
    /// used.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Self::Png),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Some(Self::WebP),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            _ => None,
        }
    }

    /// Returns the media type, as in a `Content-Type` header.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
        }
    }

    /// Returns the name in records and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Gif => "gif",
        }
    }

    /// Returns the extension of an original's key.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Gif => "gif",
        }
    }
}

/// Names a known format that is not supported, so that the error message can name it.
pub fn name_of_unsupported(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'I', b'I', 0x2A, 0, ..] | [b'M', b'M', 0, 0x2A, ..] => Some("TIFF"),
        [b'B', b'M', ..] => Some("BMP"),
        [b'%', b'P', b'D', b'F', ..] => Some("PDF"),
        [b'8', b'B', b'P', b'S', ..] => Some("PSD"),
        [0, 0, 1, 0, ..] => Some("ICO"),
        [0xFF, 0x0A, ..] | [0, 0, 0, 0x0C, b'J', b'X', b'L', b' ', ..] => Some("JPEG XL"),
        [
            _,
            _,
            _,
            _,
            b'f',
            b't',
            b'y',
            b'p',
            b'a',
            b'v',
            b'i',
            b'f' | b's',
            ..,
        ] => Some("AVIF"),
        [
            _,
            _,
            _,
            _,
            b'f',
            b't',
            b'y',
            b'p',
            b'h' | b'm',
            b'e' | b'i',
            ..,
        ] => Some("HEIC"),
        // All other files of this structure are videos or similar.
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some("video"),
        _ if looks_like_svg(bytes) => Some("SVG"),
        _ => None,
    }
}

fn looks_like_svg(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(1024)];
    let first_sign = head
        .iter()
        .copied()
        .find(|b| !b.is_ascii_whitespace() && !matches!(b, 0xEF | 0xBB | 0xBF));
    first_sign == Some(b'<') && head.windows(4).any(|window| window == b"<svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_told_from_its_first_bytes() {
        assert_eq!(MediaType::sniff(b"\xFF\xD8\xFF\xE0"), Some(MediaType::Jpeg));
        assert_eq!(MediaType::sniff(b"\x89PNG\r\n\x1a\n"), Some(MediaType::Png));
        assert_eq!(
            MediaType::sniff(b"RIFF\0\0\0\0WEBPVP8 "),
            Some(MediaType::WebP)
        );
        assert_eq!(MediaType::sniff(b"GIF89a"), Some(MediaType::Gif));
    }

    #[test]
    fn what_only_resembles_an_image_is_none() {
        for bytes in [
            &b""[..],
            b"\xFF\xD8",
            b"RIFF\0\0\0\0WAVE",
            b"GIF88a",
            b"<svg/>",
            b"hello",
        ] {
            assert_eq!(MediaType::sniff(bytes), None);
        }
    }

    #[test]
    fn unsupported_formats_have_a_name() {
        assert_eq!(
            name_of_unsupported(b"<?xml version='1.0'?>\n<svg xmlns='x'/>"),
            Some("SVG")
        );
        assert_eq!(name_of_unsupported(b"\0\0\0\x18ftypheic"), Some("HEIC"));
        assert_eq!(name_of_unsupported(b"\0\0\0\x18ftypmif1"), Some("HEIC"));
        assert_eq!(name_of_unsupported(b"\0\0\0\x18ftypavif"), Some("AVIF"));
        assert_eq!(name_of_unsupported(b"%PDF-1.7"), Some("PDF"));
        assert_eq!(name_of_unsupported(b"\0\0\0\x0CJXL \r\n"), Some("JPEG XL"));
        assert_eq!(name_of_unsupported(b"8BPS\0\x01"), Some("PSD"));
        assert_eq!(name_of_unsupported(b"\0\0\x01\0\x01\0"), Some("ICO"));
        assert_eq!(name_of_unsupported(b"\0\0\0\x18ftypisom"), Some("video"));
        assert_eq!(name_of_unsupported(b"nothing at all"), None);
    }
}
