//! Names of formats that are not supported, so that an error can say what a file is.

/// How files of a format begin: an offset, the bytes there, and the format's name. Those that are
/// more special come first.
const SIGNATURES: [(usize, &[u8], &str); 68] = [
    (8, b"CR\x02", "Canon RAW"),
    (0, b"FUJIFILMCCD-RAW", "Fujifilm RAW"),
    (0, b"IIRO", "Olympus RAW"),
    (0, b"IIRS", "Olympus RAW"),
    (0, b"MMOR", "Olympus RAW"),
    (0, b"IIU\0", "Panasonic RAW"),
    (0, b"FOVb", "Sigma RAW"),
    (4, b"ftypcrx ", "Canon RAW"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"II+\0", "BigTIFF"),
    (0, b"MM\0+", "BigTIFF"),
    (0, b"II\xBC", "JPEG XR"),
    (0, b"\xFF\x0A", "JPEG XL"),
    (0, b"\0\0\0\x0CJXL ", "JPEG XL"),
    (0, b"\0\0\0\x0CjP  ", "JPEG 2000"),
    (0, b"\xFF\x4F\xFF\x51", "JPEG 2000"),
    (4, b"ftypavif", "AVIF"),
    (4, b"ftypavis", "AVIF"),
    (4, b"ftyphe", "HEIC"),
    (4, b"ftypmif", "HEIC"),
    (4, b"ftypmsf", "HEIC"),
    // All other files of this structure are videos or similar.
    (4, b"ftyp", "video"),
    (4, b"moov", "video"),
    (4, b"mdat", "video"),
    (4, b"wide", "video"),
    (0, b"\x1A\x45\xDF\xA3", "video"),
    (0, b"FLV\x01", "video"),
    (0, b"\0\0\x01\xBA", "video"),
    (0, b"\0\0\x01\xB3", "video"),
    (0, b"0&\xB2u\x8Ef\xCF\x11", "video"),
    (8, b"AVI ", "video"),
    (8, b"WAVE", "audio"),
    (0, b"OggS", "Ogg"),
    (0, b"ID3", "audio"),
    (0, b"fLaC", "audio"),
    (0, b"%PDF", "PDF"),
    (0, b"%!PS", "PostScript"),
    (0, b"\xC5\xD0\xD3\xC6", "PostScript"),
    (0, b"8BPS", "PSD"),
    (0, b"gimp xcf", "XCF"),
    (0, b"\0\0\x01\0", "ICO"),
    (0, b"\0\0\x02\0", "CUR"),
    (0, b"icns", "ICNS"),
    (0, b"qoif", "QOI"),
    (0, b"farbfeld", "farbfeld"),
    (0, b"\x76\x2F\x31\x01", "OpenEXR"),
    (0, b"#?RADIANCE", "Radiance HDR"),
    (0, b"#?RGBE", "Radiance HDR"),
    (0, b"DDS ", "DDS"),
    (1, b"KTX ", "KTX"),
    (0, b"SIMPLE  =", "FITS"),
    (0, b"BPG\xFB", "BPG"),
    (0, b"FLIF", "FLIF"),
    (0, b"\x8AMNG", "MNG"),
    (0, b"\x8BJNG", "JNG"),
    (0, b"\xD7\xCD\xC6\x9A", "WMF"),
    (40, b" EMF", "EMF"),
    (128, b"DICM", "DICOM"),
    (0, b"PK\x03\x04", "ZIP"),
    (0, b"PK\x05\x06", "ZIP"),
    (0, b"\x1F\x8B", "gzip"),
    (0, b"7z\xBC\xAF\x27\x1C", "7z"),
    (0, b"Rar!", "RAR"),
    (257, b"ustar", "tar"),
    (0, b"\x7FELF", "ELF"),
    (0, b"wOFF", "WOFF"),
    (0, b"wOF2", "WOFF"),
];

/// Bytes of a text that are looked at.
const HEAD: usize = 64 * 1024;

/// Names the format of a file that is not supported; `None` if it is not known.
pub fn name_of_unsupported(bytes: &[u8]) -> Option<&'static str> {
    let begins = |&(at, signature, _): &(usize, &[u8], &str)| {
        bytes
            .get(at..)
            .is_some_and(|rest| rest.starts_with(signature))
    };
    SIGNATURES
        .into_iter()
        .find(begins)
        .map(|(_, _, name)| name)
        .or_else(|| is_bmp(bytes).then_some("BMP"))
        .or_else(|| is_pnm(bytes).then_some("PNM"))
        .or_else(|| name_of_text(&bytes[..bytes.len().min(HEAD)]))
}

/// Two letters are too few to tell: the header's reserved bytes are zero.
fn is_bmp(bytes: &[u8]) -> bool {
    matches!(bytes, [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..])
}

fn is_pnm(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [
            b'P',
            b'1'..=b'7' | b'F' | b'f',
            b'\n' | b' ' | b'\r' | b'\t',
            ..
        ]
    )
}

/// Names a text by how it begins, behind a byte order mark and white space.
fn name_of_text(head: &[u8]) -> Option<&'static str> {
    let text = head
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(head)
        .trim_ascii_start();
    let begins = |begin: &[u8]| {
        text.get(..begin.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(begin))
    };
    let has = |word: &[u8]| memchr::memmem::find(text, word).is_some();
    if begins(b"<") && (has(b"<svg") || has(b":svg")) {
        return Some("SVG");
    }
    let is_html = [&b"<!doctype html"[..], b"<html", b"<head", b"<body"]
        .into_iter()
        .any(begins);
    if is_html || begins(b"<") && (has(b"<html") || has(b"<HTML")) {
        return Some("HTML");
    }
    if begins(b"<?xml") {
        return Some("XML");
    }
    if begins(b"data:image/") {
        return Some("a data URL");
    }
    // The head may end within a character.
    let is_text = match std::str::from_utf8(text) {
        Ok(text) => !text.is_empty(),
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    };
    (is_text && !text.iter().any(|byte| matches!(byte, 0..=8 | 14..=31))).then_some("text")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media_type::MediaType;

    #[test]
    fn every_signature_gives_its_name() {
        for (at, signature, name) in SIGNATURES {
            let mut bytes = vec![0x80; at];
            bytes.extend(signature);
            bytes.extend([0x80; 64]);
            assert_eq!(name_of_unsupported(&bytes), Some(name), "{signature:?}");
            assert_eq!(MediaType::sniff(&bytes), None, "{signature:?}");
        }
    }

    #[test]
    fn texts_are_told_apart() {
        let long = format!(
            "<?xml version='1.0'?>\n<!-- {} -->\n<svg/>",
            "x".repeat(9_000)
        );
        for (text, name) in [
            ("<?xml version='1.0'?>\n<svg xmlns='x'/>", "SVG"),
            ("\u{FEFF} \n<svg xmlns='x'/>", "SVG"),
            ("<ns0:svg xmlns:ns0='http://www.w3.org/2000/svg'/>", "SVG"),
            (&long, "SVG"),
            ("<!DOCTYPE html><p>404", "HTML"),
            ("\n<HTML><body>Bad gateway", "HTML"),
            ("<!-- cached --><html>", "HTML"),
            ("<?xml version='1.0'?><Error/>", "XML"),
            ("data:image/png;base64,iVBORw0KGgo=", "a data URL"),
            (r#"{"message": "Forbidden"}"#, "text"),
            ("Übergröße", "text"),
            ("BMW is a maker of cars", "text"),
        ] {
            assert_eq!(name_of_unsupported(text.as_bytes()), Some(name), "{text}");
        }
    }

    #[test]
    fn what_has_more_than_a_signature_is_recognized() {
        for (bytes, name) in [
            (&b"BM\x36\x10\x0E\0\0\0\0\0\x36"[..], "BMP"),
            (b"P6 2 2 255\n", "PNM"),
            (b"P7\nWIDTH 4", "PNM"),
        ] {
            assert_eq!(name_of_unsupported(bytes), Some(name));
        }
        for bytes in [
            &b""[..],
            b"\x01\x02\x03\x04",
            b"text\0with zeros",
            b"\xFF\xFE\xFD",
        ] {
            assert_eq!(name_of_unsupported(bytes), None, "{bytes:?}");
        }
    }
}
