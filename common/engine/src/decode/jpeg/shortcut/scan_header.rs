//! Scan headers.

/// The header of a scan: its components, spectral selection and successive approximation.
pub(super) struct Scan {
    pub(super) parts: Vec<Part>,
    pub(super) first: u8,
    pub(super) last: u8,
    /// Successive approximation, high: 0 for a first scan; otherwise `low` of the scan before it.
    pub(super) high: u8,
    /// Successive approximation, low: bits that are still missing after this scan.
    pub(super) low: u8,
}

impl Scan {
    pub(super) fn parse(payload: &[u8]) -> Option<Self> {
        let (&count, rest) = payload.split_first()?;
        let (parts, rest) = rest.split_at_checked(2 * usize::from(count))?;
        let &[first, last, approximation] = rest else {
            return None;
        };
        let (high, low) = (approximation >> 4, approximation & 15);
        let is_band = if first == 0 {
            last == 0
        } else {
            first <= last && last < 64
        };
        let is_step = high == 0 || high == low + 1;
        if !(1..=3).contains(&count) || !is_band || !is_step || low > 4 {
            return None;
        }
        let (parts, _) = parts.as_chunks::<2>();
        Some(Self {
            parts: parts
                .iter()
                .map(|&[component, tables]| Part {
                    component,
                    dc: tables >> 4,
                    ac: tables & 15,
                })
                .collect(),
            first,
            last,
            high,
            low,
        })
    }

    /// Parses the header of a sequential file's scan, which sends all coefficients. Some encoders
    /// state something else.
    pub(super) fn parse_sequential(payload: &[u8]) -> Option<Self> {
        let (parts, [_, _, _]) = payload.split_last_chunk()?;
        let dc = Self::parse(&[parts, &[0; 3]].concat())?;
        Some(Self { last: 63, ..dc })
    }

    pub(super) fn is_dc(&self) -> bool {
        self.first == 0
    }

    pub(super) fn is_first_pass(&self) -> bool {
        self.high == 0
    }
}

/// A component in a scan, and its Huffman tables.
pub(super) struct Part {
    pub(super) component: u8,
    pub(super) dc: u8,
    pub(super) ac: u8,
}
