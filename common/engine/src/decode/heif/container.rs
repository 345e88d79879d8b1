//! The container: its bounds, and the parts of its items.

use heifer_isobmff::{BoxIter, Error, HeifFile, RawBox, boxes::Property};
use media::failure::{Failure, FailureCode};

/// Maximum number of items, and of properties. A photo of 200 megapixels has 800 tiles.
const MAX_ITEMS: usize = 4_096;

/// Maximum number of boxes of the file, and in `meta`.
const MAX_BOXES: usize = 1_024;

/// Maximum bytes of a table of items. A table of 1,000 tiles has 20,000.
const MAX_TABLE_BYTES: usize = 1 << 18;

/// Maximum bytes of EXIF that are looked at.
const MAX_EXIF_BYTES: usize = 1 << 20;

/// Opens a container. The parser allocates what tables declare, so these are checked before.
pub(super) fn open(file: &[u8]) -> Result<HeifFile<'_>, Failure> {
    let mut end = 0;
    for (count, found) in BoxIter::new(file).enumerate() {
        // Bytes behind the last box are left out: some phones append data that is no box.
        let Ok(found) = found else { break };
        bounded(count, MAX_BOXES, "boxes")?;
        if &found.header.box_type.0 == b"meta" {
            check_meta(found.content)?;
        }
        end = found.offset + usize::try_from(found.header.header_size).unwrap_or(usize::MAX);
        end = end.saturating_add(found.content.len());
    }
    HeifFile::parse(file.get(..end).unwrap_or(file)).map_err(|error| failure(&error))
}

fn check_meta(content: &[u8]) -> Result<(), Failure> {
    for (count, child) in children(content, 4).enumerate() {
        bounded(count, MAX_BOXES, "boxes")?;
        match &child.header.box_type.0 {
            b"iinf" => {
                check_table(&child)?;
                bounded(children(child.content, 6).count(), MAX_ITEMS, "items")?;
                bounded(children(child.content, 8).count(), MAX_ITEMS, "items")?;
            }
            b"iref" => check_table(&child)?,
            b"iloc" => {
                check_table(&child)?;
                check_locations(child.content)?;
            }
            b"iprp" => {
                for part in children(child.content, 0).take(MAX_BOXES) {
                    match &part.header.box_type.0 {
                        b"ipma" => check_table(&part)?,
                        b"ipco" => {
                            bounded(children(part.content, 0).count(), MAX_ITEMS, "properties")?;
                        }
                        _ => {}
                    }
                }
                bounded(children(child.content, 0).count(), MAX_BOXES, "boxes")?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn children(content: &[u8], header: usize) -> impl Iterator<Item = RawBox<'_>> {
    BoxIter::new(content.get(header..).unwrap_or_default()).map_while(Result::ok)
}

fn bounded(count: usize, limit: usize, what: &str) -> Result<(), Failure> {
    if count > limit {
        return Err(corrupt(&format!("it has more than {limit} {what}")));
    }
    Ok(())
}

fn check_table(table: &RawBox<'_>) -> Result<(), Failure> {
    if table.content.len() > MAX_TABLE_BYTES {
        let name = table.header.box_type;
        return Err(corrupt(&format!(
            "its box `{name}` has more than {MAX_TABLE_BYTES} bytes"
        )));
    }
    Ok(())
}

/// Refuses locations whose extents have no bytes: a table could declare any number of them.
fn check_locations(content: &[u8]) -> Result<(), Failure> {
    match content.get(..6) {
        // The first version has no indices, whose size is in the last four bits.
        Some([version, _, _, _, 0, low]) if *version == 0 || low.trailing_zeros() >= 4 => Err(
            corrupt("the extents of its items have neither offset nor length"),
        ),
        _ => Ok(()),
    }
}

/// Whether the file has a sequence of images besides the primary one.
pub(super) fn has_sequence(file: &HeifFile<'_>, bytes: &[u8]) -> bool {
    let brands = [b"avis", b"hevc", b"hevx", b"msf1"];
    brands.iter().any(|brand| file.file_type.has_brand(brand))
        && children(bytes, 0)
            .take(MAX_BOXES)
            .any(|found| &found.header.box_type.0 == b"moov")
}

/// Returns the EXIF block of an image, from its TIFF header on.
pub(super) fn exif(file: &HeifFile<'_>, image: u32) -> Option<Vec<u8>> {
    file.exif(image)
        .ok()
        .flatten()
        .filter(|block| block.len() <= MAX_EXIF_BYTES)
}

/// Returns a property that the parser does not know.
pub(super) fn raw_property<'f>(
    file: &'f HeifFile<'_>,
    item: u32,
    name: [u8; 4],
) -> Option<&'f [u8]> {
    file.item_properties(item)
        .ok()?
        .find_map(|property| match property {
            Property::Unknown(kind, content) if kind.0 == name => Some(content.as_slice()),
            _ => None,
        })
}

pub(super) fn failure(error: &Error) -> Failure {
    match error {
        Error::Unimplemented(what) => unsupported(what),
        error => corrupt(&error.to_string()),
    }
}

pub(super) fn corrupt(why: &str) -> Failure {
    Failure::new(
        FailureCode::Corrupt,
        format!("the image can't be decoded: {why}"),
    )
}

pub(super) fn unsupported(what: &str) -> Failure {
    Failure::new(
        FailureCode::UnsupportedFormat,
        format!("the image uses a feature that is not supported: {what}"),
    )
}
