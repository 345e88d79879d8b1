//! The walk over segments, as libjpeg does it.

use std::borrow::Cow;

/// A marker and the payload of its segment.
#[derive(Debug)]
pub(super) struct Segment<'a> {
    /// Offset of the marker.
    pub(super) start: usize,
    pub(super) marker: u8,
    pub(super) payload: &'a [u8],
    /// Offset of the first byte after the payload.
    pub(super) end: usize,
}

/// Returns the next segment from this offset; `None` if there is none. As libjpeg does, what is no
/// marker is skipped: some writers put bytes between segments, or state a wrong length.
pub(super) fn segment(bytes: &[u8], mut at: usize) -> Option<Segment<'_>> {
    loop {
        at += memchr::memchr(0xFF, bytes.get(at..)?)?;
        match *bytes.get(at + 1)? {
            // A fill byte.
            0xFF => at += 1,
            // A byte of data that is `FF`.
            0x00 => at += 2,
            _ => break,
        }
    }
    let &[_, marker, high, low] = bytes.get(at..at + 4)? else {
        return None;
    };
    // The length counts itself. Of a smaller one, libjpeg skips nothing.
    let length = u16::from_be_bytes([high, low]).max(2);
    let end = at + 2 + usize::from(length);
    Some(Segment {
        start: at,
        marker,
        payload: bytes.get(at + 4..end)?,
        end,
    })
}

/// Returns the offset of the next marker: in the entropy-coded data of a scan, `FF` is followed by
/// 0 or is a restart marker.
pub(super) fn end_of_scan(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr(0xFF, bytes.get(at..)?)?;
        match bytes.get(at + 1)? {
            0 | 0xD0..=0xD7 => at += 2,
            0xFF => at += 1,
            _ => return Some(at),
        }
    }
}

/// Whether the file goes on to its end marker.
pub(super) fn has_end_marker(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(segment) = segment(bytes, at) {
        at = match segment.marker {
            0xD9 => return true,
            0xDA => match end_of_scan(bytes, segment.end) {
                Some(end) => end,
                None => return false,
            },
            _ => segment.end,
        };
    }
    bytes.get(at..at + 2) == Some(b"\xFF\xD9")
}

/// Returns the file with a header that libjpeg-turbo takes without a warning, after which it would
/// decode nothing:
///
/// - what stands between the segments up to the first scan is left out;
/// - parts of an ICC profile that are there already are left out, and all of a profile that lacks
///   one, as other programs ignore them;
/// - the major version of JFIF is 1, whatever the file says;
/// - a transform of Adobe's that is none is the one that libjpeg-turbo takes instead.
///
/// A file without these oddities is not copied.
pub(super) fn normalized(bytes: &[u8]) -> Cow<'_, [u8]> {
    let segments = || Segments::of(bytes);
    let components = segments()
        .filter(|segment| matches!(segment.marker, 0xC0..=0xC2))
        .find_map(|segment| segment.payload.get(5).copied())
        .map_or(0, usize::from);
    let profile = profile_segments(segments());
    let is_left_out =
        |segment: &Segment| segment.profile_part().is_some() && !profile.contains(&segment.start);
    let mut next = 2;
    let is_odd = segments().any(|segment| {
        let is_behind_junk = segment.start != next;
        next = segment.end;
        is_behind_junk
            || is_left_out(&segment)
            || segment.has_wrong_length(bytes)
            || segment.correction(components).is_some()
    });
    let scan = segments().find(|segment| segment.marker == 0xDA);
    let Some(scan) = scan.filter(|_| is_odd) else {
        return Cow::Borrowed(bytes);
    };
    let mut clean = bytes[..2].to_vec();
    let before_scan = segments().take_while(|segment| segment.marker != 0xDA);
    for segment in before_scan.filter(|segment| !is_left_out(segment)) {
        clean.extend([0xFF, segment.marker]);
        clean.extend(segment.length().to_be_bytes());
        let at = clean.len();
        clean.extend(segment.payload);
        if let Some((offset, value)) = segment.correction(components) {
            clean[at + offset] = value;
        }
    }
    clean.extend(&bytes[scan.start..]);
    Cow::Owned(clean)
}

/// Returns where the segments of the profile start: the first one of each part, or none if a part
/// is missing.
fn profile_segments<'a>(segments: impl Iterator<Item = Segment<'a>>) -> Vec<usize> {
    let mut parts: Vec<_> = segments
        .filter_map(|segment| Some((segment.profile_part()?, segment.start)))
        .collect();
    parts.sort_by_key(|((number, _, _), _)| *number);
    parts.dedup_by_key(|((number, _, _), _)| *number);
    let count = parts.len();
    let are_all = parts
        .iter()
        .zip(1..)
        .all(|(((number, of, _), _), expected)| {
            usize::from(*number) == expected && usize::from(*of) == count
        });
    let has_data = parts.iter().any(|((_, _, length), _)| *length > 0);
    if !are_all || !has_data {
        return Vec::new();
    }
    parts.into_iter().map(|(_, start)| start).collect()
}

/// The segments up to the first scan.
pub(super) struct Segments<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Segments<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 2 }
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        let segment = segment(self.bytes, self.at)?;
        // Behind a scan's header are its data.
        self.at = if segment.marker == 0xDA {
            self.bytes.len()
        } else {
            segment.end
        };
        Some(segment)
    }
}

impl Segment<'_> {
    /// Returns the length of the segment, which counts itself.
    fn length(&self) -> u16 {
        u16::try_from(self.payload.len() + 2).unwrap_or(u16::MAX)
    }

    /// Returns number, number of parts, and length of a part of an ICC profile.
    fn profile_part(&self) -> Option<(u8, u8, usize)> {
        match self.payload.strip_prefix(b"ICC_PROFILE\0") {
            Some([number, of, part @ ..]) if self.marker == 0xE2 => {
                Some((*number, *of, part.len()))
            }
            _ => None,
        }
    }

    /// Returns a byte of the payload about which libjpeg-turbo would warn, as its offset and as the
    /// value that libjpeg-turbo assumes for a frame of this many components.
    fn correction(&self, components: usize) -> Option<(usize, u8)> {
        match (self.marker, self.payload) {
            (0xE0, [b'J', b'F', b'I', b'F', 0, major, rest @ ..]) if rest.len() >= 8 => {
                (*major != 1).then_some((5, 1))
            }
            (
                0xEE,
                [
                    b'A',
                    b'd',
                    b'o',
                    b'b',
                    b'e',
                    _,
                    _,
                    _,
                    _,
                    _,
                    _,
                    transform,
                    ..,
                ],
            ) => {
                let ycc = if components == 4 { 2 } else { 1 };
                (![0, ycc].contains(transform)).then_some((11, ycc))
            }
            _ => None,
        }
    }

    fn has_wrong_length(&self, bytes: &[u8]) -> bool {
        bytes[self.start + 2..self.start + 4] != self.length().to_be_bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::normalized;

    const FILE: &[u8] = b"\xFF\xD8\xFF\xE1\x00\x04ab\xFF\xDA\x00\x02data\xFF\xD9";

    #[test]
    fn a_file_normalized_is_not_copied() {
        assert!(matches!(normalized(FILE), Cow::Borrowed(FILE)));
        // Nor is one without a scan, whatever it has.
        for other in [&b""[..], b"\xFF\xD8", b"\xFF\xD8junk", &FILE[..8]] {
            assert!(matches!(normalized(other), Cow::Borrowed(_)));
        }
    }

    #[test]
    fn what_is_no_segment_is_left_out_up_to_the_first_scan() {
        for junk in [&b"\0"[..], b"junk", b"\xFF", b"\xFF\x00"] {
            let file = [&FILE[..8], junk, &FILE[8..]].concat();
            assert_eq!(normalized(&file), FILE, "{junk:?}");
        }
        let of_no_length = [&FILE[..2], b"\xFF\xFE\x00\x00", &FILE[2..]].concat();
        let clean = [&FILE[..2], b"\xFF\xFE\x00\x02", &FILE[2..]].concat();
        assert_eq!(normalized(&of_no_length), clean);
    }
}
