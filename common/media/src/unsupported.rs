//! Names of formats that are not supported, so that an error can say what a file is.

/// How far a text is searched for its first element: prologs and comments can be long.
const TEXT_HEAD: usize = 64 * 1024;

/// First bytes of files, and the names of their formats.
const SIGNATURES: &[(&[u8], &str)] = &[
    (b"II\x2A\0\x10\0\0\0CR", "camera raw (CR2)"),
    (b"II\x2A\0", "TIFF"),
    (b"MM\0\x2A", "TIFF"),
    (b"II\x2B\0", "BigTIFF"),
    (b"MM\0\x2B", "BigTIFF"),
    (b"II\x55\0", "camera raw (RW2)"),
    (b"IIRO", "camera raw (ORF)"),
    (b"IIRS", "camera raw (ORF)"),
    (b"MMOR", "camera raw (ORF)"),
    (b"II\x1A\0\0\0HEAPCCDR", "camera raw (CRW)"),
    (b"FUJIFILMCCD-RAW", "camera raw (RAF)"),
    (b"FOVb", "camera raw (X3F)"),
    (b"\0MRM", "camera raw (MRW)"),
    (b"II\xBC", "JPEG XR"),
    (b"%PDF", "PDF"),
    (b"%!PS", "PostScript"),
    (b"\xC5\xD0\xD3\xC6", "EPS"),
    (b"8BPS", "PSD"),
    (b"\0\0\x01\0", "ICO"),
    (b"\0\0\x02\0", "CUR"),
    (b"icns", "ICNS"),
    (b"\xFF\x0A", "JPEG XL"),
    (b"\0\0\0\x0CJXL ", "JPEG XL"),
    (b"\0\0\0\x0CjP  ", "JPEG 2000"),
    (b"\0\0\0\x0CjP2 ", "JPEG 2000"),
    (b"\xFF\x4F\xFF\x51", "JPEG 2000"),
    (b"\x97JB2\r\n\x1A\n", "JBIG2"),
    (b"qoif", "QOI"),
    (b"farbfeld", "farbfeld"),
    (b"\x76\x2F\x31\x01", "OpenEXR"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"#?RGBE", "Radiance HDR"),
    (b"DDS ", "DDS"),
    (b"\xABKTX ", "KTX"),
    (b"gimp xcf", "XCF"),
    (b"AT&TFORM", "DjVu"),
    (b"SIMPLE  =", "FITS"),
    (b"\x8AMNG\r\n", "MNG"),
    (b"\x8BJNG\r\n", "JNG"),
    (b"FLIF", "FLIF"),
    (b"BPG\xFB", "BPG"),
    (b"\x59\xA6\x6A\x95", "Sun raster"),
    (b"\x01\xDA\0", "SGI"),
    (b"\x01\xDA\x01", "SGI"),
    (b"\x0A\x05\x01", "PCX"),
    (b"\xD7\xCD\xC6\x9A", "WMF"),
    (b"/* XPM */", "XPM"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"7z\xBC\xAF\x27\x1C", "7z"),
    (b"Rar!\x1A\x07", "RAR"),
    (b"\x1F\x8B", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xFD7zXZ\0", "xz"),
    (b"\x28\xB5\x2F\xFD", "Zstandard"),
    (b"\x1A\x45\xDF\xA3", "video"),
    (b"FLV\x01", "video"),
    (b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", "video"),
    (b"\0\0\x01\xBA", "video"),
    (b"\0\0\x01\xB3", "video"),
    (b"OggS", "Ogg"),
    (b"ID3", "audio"),
    (b"fLaC", "audio"),
    (b"\x7FELF", "a program"),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an Office document"),
    (b"{\\rtf", "RTF"),
    (b"data:image/", "a data URL"),
];

/// Boxes that begin a film by `QuickTime` of before the box `ftyp`.
const OLD_FILMS: [&[u8; 4]; 5] = [b"moov", b"mdat", b"wide", b"free", b"skip"];

/// Names the format of a file that is not supported; `None` if it is not known.
pub fn name_of_unsupported(bytes: &[u8]) -> Option<&'static str> {
    if let Some(kind) = bytes.get(4..8) {
        if kind == b"ftyp" {
            return Some(match bytes.get(8..12) {
                // Still images, but neither in HEVC nor in AV1.
                Some(b"mif1" | b"mif2" | b"msf1") => "HEIF without HEVC and AV1",
                Some(b"crx ") => "camera raw (CR3)",
                Some(b"jp2 " | b"jpx " | b"jpm ") => "JPEG 2000",
                Some(b"M4A " | b"M4B ") => "audio",
                // All other files of this structure are videos or similar.
                _ => "video",
            });
        }
        if OLD_FILMS.iter().any(|film| kind == *film) {
            return Some("video");
        }
    }
    if bytes.starts_with(b"RIFF") || bytes.starts_with(b"RIFX") {
        return match bytes.get(8..12) {
            Some(b"AVI ") => Some("video"),
            Some(b"WAVE") => Some("audio"),
            Some(b"ACON") => Some("ANI"),
            _ => None,
        };
    }
    if bytes.starts_with(b"FORM") {
        return match bytes.get(8..12) {
            Some(b"ILBM" | b"PBM ") => Some("ILBM"),
            Some(b"AIFF" | b"AIFC") => Some("audio"),
            _ => None,
        };
    }
    SIGNATURES
        .iter()
        .find(|(signature, _)| bytes.starts_with(signature))
        .map(|(_, name)| *name)
        .or_else(|| is_bmp(bytes).then_some("BMP"))
        .or_else(|| is_netpbm(bytes).then_some("Netpbm"))
        .or_else(|| bytes.ends_with(b"TRUEVISION-XFILE.\0").then_some("TGA"))
        .or_else(|| name_of_text(bytes))
        .or_else(|| is_text(bytes).then_some("text"))
}

/// Two letters are too few to tell: the header's reserved bytes are zero.
fn is_bmp(bytes: &[u8]) -> bool {
    matches!(bytes, [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..])
}

/// PBM, PGM, PPM, PAM and PFM: a letter, a digit or a letter, and a space.
fn is_netpbm(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [b'P', b'1'..=b'7' | b'F' | b'f', space, ..] if space.is_ascii_whitespace()
    )
}

/// Names a text by its first element: what is before it are declarations and comments.
fn name_of_text(bytes: &[u8]) -> Option<&'static str> {
    let head = &bytes[..bytes.len().min(TEXT_HEAD)];
    // Of UTF-16, every second byte is left out.
    let head: Vec<u8> = match head {
        [0xFF, 0xFE, rest @ ..] => rest.iter().step_by(2).copied().collect(),
        [0xFE, 0xFF, rest @ ..] => rest.iter().skip(1).step_by(2).copied().collect(),
        [0xEF, 0xBB, 0xBF, rest @ ..] => rest.to_vec(),
        _ => head.to_vec(),
    };
    let mut rest = head.trim_ascii_start();
    let is_xml = rest.starts_with(b"<?xml");
    loop {
        rest = rest.trim_ascii_start().strip_prefix(b"<")?;
        let end: &[u8] = match rest {
            [b'?', ..] => b"?>",
            [b'!', b'-', b'-', ..] => b"-->",
            [b'!', ..] if has_prefix(rest, b"!doctype html") => return Some("HTML"),
            [b'!', ..] if has_prefix(rest, b"!doctype svg") => return Some("SVG"),
            // A subset of declarations may be inside.
            [b'!', ..] if is_before(rest, b'[', b'>') => b"]>",
            [b'!', ..] => b">",
            _ => return name_of_element(rest).or(is_xml.then_some("XML")),
        };
        let Some(at) = memchr::memmem::find(rest, end) else {
            return is_xml.then_some("XML");
        };
        rest = &rest[at + end.len()..];
    }
}

fn name_of_element(element: &[u8]) -> Option<&'static str> {
    let end = element
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric() && *byte != b':');
    let name = element[..end.unwrap_or(element.len())].to_ascii_lowercase();
    // A prefix stands for the name space.
    let local = name.rsplit(|byte| *byte == b':').next().unwrap_or(&name);
    match local {
        b"svg" => Some("SVG"),
        b"html" | b"head" | b"body" | b"title" | b"meta" | b"script" | b"div" | b"p" | b"h1"
        | b"center" | b"a" | b"table" => Some("HTML"),
        _ => None,
    }
}

/// Whether the file is a text: of UTF-8, without control characters.
fn is_text(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(TEXT_HEAD)];
    let is_utf_8 = match std::str::from_utf8(head) {
        Ok(text) => !text.is_empty(),
        // The head may end within a character.
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    };
    is_utf_8 && !head.iter().any(|byte| matches!(byte, 0..=8 | 14..=31))
}

fn has_prefix(text: &[u8], lowercase: &[u8]) -> bool {
    text.get(..lowercase.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(lowercase))
}

fn is_before(text: &[u8], first: u8, second: u8) -> bool {
    let at = |byte| memchr::memchr(byte, text).unwrap_or(text.len());
    at(first) < at(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_has_its_name() {
        for (signature, expected) in SIGNATURES {
            let file = [signature, &b" and what follows"[..]].concat();
            assert_eq!(name_of_unsupported(&file), Some(*expected), "{signature:?}");
        }
    }

    #[test]
    fn a_text_is_named_by_its_first_element() {
        let long = format!("<!--{}-->", "a comment that mentions <svg> ".repeat(300));
        for (text, expected) in [
            ("<svg xmlns='x'/>".to_owned(), Some("SVG")),
            ("<?xml version='1.0'?>\n<svg/>".to_owned(), Some("SVG")),
            ("\u{FEFF}  <svg/>".to_owned(), Some("SVG")),
            (format!("<?xml version='1.0'?>{long}<svg/>"), Some("SVG")),
            ("<svg:svg xmlns:svg='x'/>".to_owned(), Some("SVG")),
            (
                "<!DOCTYPE svg PUBLIC 'a' 'b' [ <!ENTITY c 'd'> ]><svg/>".to_owned(),
                Some("SVG"),
            ),
            (
                "<!DOCTYPE x [ <!ENTITY c 'd'> ]>\n<svg/>".to_owned(),
                Some("SVG"),
            ),
            ("<!doctype HTML><svg/>".to_owned(), Some("HTML")),
            (format!("{long}<HTML><svg/>"), Some("HTML")),
            ("<html><body><svg/></body></html>".to_owned(), Some("HTML")),
            ("<h1>502 Bad Gateway</h1>".to_owned(), Some("HTML")),
            ("<?xml version='1.0'?><Error/>".to_owned(), Some("XML")),
            ("<?xml version='1.0'?><!-- no end".to_owned(), Some("XML")),
            ("<Error/>".to_owned(), Some("text")),
            ("{\"message\":\"<svg\"}".to_owned(), Some("text")),
            ("nothing at all".to_owned(), Some("text")),
            (String::new(), None),
        ] {
            assert_eq!(name_of_unsupported(text.as_bytes()), expected, "{text:.60}");
            let wide = [0xFEFF].into_iter().chain(text.encode_utf16());
            let [mut little, mut big] = [const { Vec::new() }; 2];
            for unit in wide {
                little.extend(unit.to_le_bytes());
                big.extend(unit.to_be_bytes());
            }
            // A plain text is told by its being UTF-8.
            let expected = expected.filter(|name| *name != "text");
            if !text.starts_with('\u{FEFF}') {
                assert_eq!(
                    name_of_unsupported(&little),
                    expected,
                    "UTF-16LE: {text:.60}"
                );
                assert_eq!(name_of_unsupported(&big), expected, "UTF-16BE: {text:.60}");
            }
        }
    }

    #[test]
    fn a_container_is_named_by_what_it_contains() {
        for (file, expected) in [
            (&b"\0\0\0\x18ftypisom\0\0\0\0"[..], Some("video")),
            (b"\0\0\0\x14ftypqt  \0\0\0\0", Some("video")),
            (b"\0\0\0\x18ftypcrx \0\0\0\0", Some("camera raw (CR3)")),
            (b"\0\0\x10\0moov\0\0\0\0", Some("video")),
            (b"RIFF\0\0\0\0AVI LIST", Some("video")),
            (b"RIFF\0\0\0\0WAVEfmt ", Some("audio")),
            (b"RIFF\0\0\0\0xxxx", None),
            (b"FORM\0\0\0\0ILBM", Some("ILBM")),
            (b"P6\n3 4\n", Some("Netpbm")),
            (b"PF\n3 4\n", Some("Netpbm")),
            (b"P6x", Some("text")),
            (b"BM\x36\x10\x0E\0\0\0\0\0\x36", Some("BMP")),
            (b"BMW is a maker of cars", Some("text")),
            (b"text\0with a zero", None),
            (b"\0\0\x02\x01 and TRUEVISION-XFILE.\0", Some("TGA")),
        ] {
            assert_eq!(name_of_unsupported(file), expected, "{file:?}");
        }
    }
}
