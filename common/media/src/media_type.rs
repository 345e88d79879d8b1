//! Detection of an image's format by its bytes.

use crate::heif;

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
    /// HEIC, or HEIF with images in HEVC.
    Heic,
    /// AVIF.
    Avif,
}

impl MediaType {
    /// Every format, for messages.
    pub const ALL: [Self; 6] = [
        Self::Jpeg,
        Self::Png,
        Self::WebP,
        Self::Gif,
        Self::Heic,
        Self::Avif,
    ];

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
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => heif::format(bytes),
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
            Self::Heic => "image/heic",
            Self::Avif => "image/avif",
        }
    }

    /// Returns the name in records and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Gif => "gif",
            Self::Heic => "heic",
            Self::Avif => "avif",
        }
    }

    /// Returns the extension of an original's key.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Gif => "gif",
            Self::Heic => "heic",
            Self::Avif => "avif",
        }
    }
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
        assert_eq!(
            MediaType::sniff(b"\0\0\0\x10ftypheic\0\0\0\0"),
            Some(MediaType::Heic)
        );
        assert_eq!(
            MediaType::sniff(b"\0\0\0\x10ftypavif\0\0\0\0"),
            Some(MediaType::Avif)
        );
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
}
