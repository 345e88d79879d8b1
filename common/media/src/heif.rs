//! The container of HEIC and AVIF files (ISO/IEC 14496-12 and 23008-12): what is in it, and whether
//! all of it is there.

use crate::media_type::MediaType;

/// Maximum number of boxes that are looked at on one level. Files have some tens.
const MAX_BOXES: usize = 20_000;

/// Returns the format of a file with still images. `None` for anything else, such as videos.
///
/// The brands of `ftyp` decide, the major one first. If they state only the container's structure
/// (`mif1`), the type of the primary item does.
pub(crate) fn format(file: &[u8]) -> Option<MediaType> {
    let ftyp = ftyp(file)?;
    let (brands, _) = ftyp.as_chunks::<4>();
    let (major, rest) = brands.split_first()?;
    let compatible = rest.get(1..).unwrap_or_default();
    let of_brand = |brand: &[u8; 4]| match brand {
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => Some(MediaType::Heic),
        b"avif" | b"avis" => Some(MediaType::Avif),
        _ => None,
    };
    if let Some(format) = of_brand(major) {
        return Some(format);
    }
    let is_structure = |brand: &[u8; 4]| matches!(brand, b"mif1" | b"mif2" | b"msf1" | b"miaf");
    // A video may name brands of images, too, for its cover.
    if !is_structure(major) {
        return None;
    }
    compatible
        .iter()
        .find_map(of_brand)
        .or_else(|| primary_format(file))
}

/// Whether the container shows that its end is missing: a box, or the data of an item, reaches
/// beyond the file.
pub(crate) fn is_cut_off(file: &[u8]) -> bool {
    let mut rest = file;
    let mut meta = None;
    for _ in 0..MAX_BOXES {
        if rest.is_empty() {
            break;
        }
        match Box::read(rest) {
            Found::Whole(found, after) => {
                if found.name == *b"meta" {
                    meta = Some(found.body);
                }
                rest = after;
            }
            // What stands behind the images is none of their business: some phones append data
            // that is no box.
            Found::Cut if meta.is_some_and(|meta| has_data(meta, file.len())) => return false,
            Found::Cut => return true,
        }
    }
    !meta.is_some_and(|meta| has_data(meta, file.len()))
}

fn ftyp(file: &[u8]) -> Option<&[u8]> {
    match Box::read(file) {
        Found::Whole(found, _) if found.name == *b"ftyp" => Some(found.body),
        // A cut-off file has a format, too.
        Found::Cut if file.get(4..8) == Some(b"ftyp") => file.get(8..file.len().min(64)),
        _ => None,
    }
}

/// Returns the format of the primary item; of one that is made of others, such as a grid, the
/// format of the first item that has one.
fn primary_format(file: &[u8]) -> Option<MediaType> {
    let meta = boxes(file)
        .find(|found| found.name == *b"meta")?
        .children(4)?;
    let [primary, infos] = [b"pitm", b"iinf"].map(|name| {
        let mut children = boxes(meta);
        children.find(|child| child.name == *name)
    });
    let primary = number(
        primary?.body,
        4,
        if version(primary?.body)? == 0 { 2 } else { 4 },
    )?;
    let infos = infos?.children(if version(infos?.body)? == 0 { 6 } else { 8 })?;
    let mut first = None;
    for info in boxes(infos).filter(|info| info.name == *b"infe") {
        let (id_length, version) = match version(info.body)? {
            version @ 2 => (2, version),
            version => (4, version),
        };
        if version < 2 {
            continue;
        }
        let id = number(info.body, 4, id_length)?;
        let kind = info.body.get(4 + id_length + 2..)?.first_chunk::<4>()?;
        let format = match kind {
            b"hvc1" | b"hev1" => Some(MediaType::Heic),
            b"av01" => Some(MediaType::Avif),
            _ => None,
        };
        if id == primary && format.is_some() {
            return format;
        }
        first = first.or(format);
    }
    first
}

/// Whether the data of every item ends within the file.
fn has_data(meta: &[u8], file_length: usize) -> bool {
    let Some(children) = meta.get(4..) else {
        return false;
    };
    boxes(children)
        .find(|child| child.name == *b"iloc")
        .is_some_and(|iloc| extents_end(iloc.body, file_length as u64).is_some())
}

/// Walks the locations of items. `None` if one of them is cut off, or reaches beyond the file.
fn extents_end(iloc: &[u8], file_length: u64) -> Option<()> {
    let version = version(iloc)?;
    let sizes = number(iloc, 4, 2)?;
    let size = |shift: u64| usize::try_from(sizes >> shift & 0xF).unwrap_or_default();
    let (offset_size, length_size, base_size) = (size(12), size(8), size(4));
    let index_size = if version == 0 { 0 } else { size(0) };
    let id_size = if version < 2 { 2 } else { 4 };
    // Locations without a single byte would be endless.
    if offset_size + length_size + index_size == 0 {
        return None;
    }
    let mut at = 6;
    let mut next = |size: usize| {
        let read = number(iloc, at, size);
        at += size;
        read
    };
    for _ in 0..next(id_size)? {
        next(id_size)?;
        let method = if version == 0 { 0 } else { next(2)? & 0xF };
        next(2)?;
        let base = next(base_size)?;
        for _ in 0..next(2)? {
            next(index_size)?;
            let start = base.checked_add(next(offset_size)?)?;
            let end = start.checked_add(next(length_size)?)?;
            // The other methods refer to data inside `meta`, and to other items.
            if method == 0 && end > file_length {
                return None;
            }
        }
    }
    Some(())
}

#[derive(Clone, Copy)]
struct Box<'a> {
    name: [u8; 4],
    body: &'a [u8],
}

enum Found<'a> {
    /// A box, and the bytes behind it.
    Whole(Box<'a>, &'a [u8]),
    /// No box, or one that ends behind the data.
    Cut,
}

impl<'a> Box<'a> {
    fn read(data: &'a [u8]) -> Found<'a> {
        Self::whole(data).map_or(Found::Cut, |(found, rest)| Found::Whole(found, rest))
    }

    fn whole(data: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let name = *data.get(4..)?.first_chunk::<4>()?;
        let (header, length) = match number(data, 0, 4)? {
            0 => (8, data.len()),
            1 => (16, usize::try_from(number(data, 8, 8)?).ok()?),
            length => (8, usize::try_from(length).ok()?),
        };
        let (whole, rest) = data.split_at_checked(length)?;
        let body = whole.get(header..)?;
        Some((Self { name, body }, rest))
    }

    fn children(&self, header: usize) -> Option<&'a [u8]> {
        self.body.get(header..)
    }
}

/// Iterates over boxes, up to the first that isn't whole.
fn boxes(mut data: &[u8]) -> impl Iterator<Item = Box<'_>> {
    std::iter::from_fn(move || match Box::read(data) {
        Found::Whole(found, rest) => {
            data = rest;
            Some(found)
        }
        Found::Cut => None,
    })
    .take(MAX_BOXES)
}

fn version(full_box: &[u8]) -> Option<u8> {
    full_box.first().copied()
}

/// Reads a number of up to eight bytes.
fn number(data: &[u8], at: usize, size: usize) -> Option<u64> {
    if size > 8 {
        return None;
    }
    let bytes = data.get(at..at.checked_add(size)?)?;
    Some(
        bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    )
}

#[cfg(test)]
mod tests;
