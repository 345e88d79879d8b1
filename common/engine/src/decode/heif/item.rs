//! Facts about an image, read from its properties before anything is decoded.

use heifer_isobmff::{
    HeifFile,
    boxes::{ColorInfo, Property},
};
use media::failure::Failure;

use crate::{
    decode::heif::{
        container::{corrupt, failure, raw_property, unsupported},
        frame::{Cicp, SampleFormat},
        transform::{CleanAperture, Transform},
    },
    dimensions::Dimensions,
    planes::Subsampling,
};

/// An image: one tile, or many in a grid.
pub(super) struct Image {
    pub(super) id: u32,
    /// Dimensions before the transformations.
    pub(super) edges: Dimensions,
    pub(super) transform: Transform,
    pub(super) tiles: Tiles,
    pub(super) coding: Coding,
    pub(super) colours: Colours,
    /// Maximum luminance in cd/m², where the file states it.
    pub(super) peak: Option<u32>,
    /// Image of which luma is the alpha of this one.
    pub(super) alpha: Option<u32>,
    pub(super) is_premultiplied: bool,
}

pub(super) struct Tiles {
    /// Items, row by row.
    pub(super) ids: Vec<u32>,
    pub(super) columns: u32,
    pub(super) rows: u32,
    pub(super) edges: Dimensions,
}

/// How tiles are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coding {
    pub(super) codec: Codec,
    pub(super) format: SampleFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    Hevc,
    Av1,
}

/// Property `colr`, of which an image can have one of each kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Colours {
    pub(super) profile: Option<Vec<u8>>,
    pub(super) cicp: Option<Cicp>,
}

impl Colours {
    /// Adds to the colours of a thumbnail what only its image states.
    fn completed(self, image: &Self) -> Self {
        if self.profile.is_some() || self.cicp.is_some_and(Cicp::states_primaries) {
            return self;
        }
        let cicp = match (self.cicp, image.cicp) {
            (Some(own), Some(whole)) => Some(Cicp {
                primaries: whole.primaries,
                transfer: whole.transfer,
                ..own
            }),
            (own, whole) => own.or(whole),
        };
        Self {
            profile: image.profile.clone(),
            cicp,
        }
    }
}

/// Types of auxiliary images that are alpha.
const ALPHA: [&str; 2] = [
    "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
    "urn:mpeg:hevc:2015:auxid:1",
];

impl Image {
    /// Reads the properties of an image in HEVC or AV1, or of a grid of such images.
    pub(super) fn read(file: &HeifFile<'_>, id: u32) -> Result<Self, Failure> {
        let item = file.item(id).map_err(|error| failure(&error))?;
        let edges = edges(file, id)?;
        let tiles = match &item.item_type.0 {
            b"grid" => grid(file, id, edges)?,
            _ => Tiles {
                ids: vec![id],
                columns: 1,
                rows: 1,
                edges,
            },
        };
        let first = tiles.ids.first().copied().unwrap_or(id);
        let own = colours(file, id)?;
        let of_tile = if first == id {
            Colours::default()
        } else {
            colours(file, first)?
        };
        let alpha = file
            .referencing_items(id, b"auxl")
            .into_iter()
            .find(|auxiliary| is_alpha(file, *auxiliary));
        let coding = coding(file, first)?;
        Ok(Self {
            id,
            edges,
            transform: match coding.codec {
                Codec::Hevc => transform(file, id, Transform::none(edges))?,
                Codec::Av1 => avif_transform(file, id, Transform::none(edges))?,
            },
            coding,
            colours: Colours {
                profile: own.profile.or(of_tile.profile),
                cicp: own.cicp.or(of_tile.cicp),
            },
            peak: peak(file, id).or_else(|| peak(file, first)),
            is_premultiplied: alpha
                .is_some_and(|alpha| file.referenced_items(id, b"prem").contains(&alpha)),
            alpha,
            tiles,
        })
    }

    /// Reads a thumbnail of this image.
    pub(super) fn thumbnail(&self, file: &HeifFile<'_>, id: u32) -> Result<Self, Failure> {
        let thumbnail = Self::read(file, id)?;
        Ok(Self {
            colours: thumbnail.colours.completed(&self.colours),
            peak: thumbnail.peak.or(self.peak),
            ..thumbnail
        })
    }
}

/// Returns the dimensions that an item declares.
pub(super) fn edges(file: &HeifFile<'_>, id: u32) -> Result<Dimensions, Failure> {
    match file.image_size(id) {
        Ok(Some((width @ 1.., height @ 1..))) => Ok(Dimensions { width, height }),
        Ok(Some(_)) => Err(corrupt("it has no pixels")),
        Ok(None) => Err(corrupt("it does not declare its size")),
        Err(error) => Err(failure(&error)),
    }
}

/// Reads a grid. Its tiles have one size and cover the image, whose last column and row of tiles
/// may reach beyond it.
fn grid(file: &HeifFile<'_>, id: u32, declared: Dimensions) -> Result<Tiles, Failure> {
    let grid = file.grid(id).map_err(|error| failure(&error))?;
    if (grid.output_width, grid.output_height) != (declared.width, declared.height) {
        return Err(corrupt("the size of its grid is not its own"));
    }
    let ids = file.referenced_items(id, b"dimg").to_vec();
    let (columns, rows) = (u32::from(grid.columns), u32::from(grid.rows));
    let count = columns as usize * rows as usize;
    let Some(first) = ids.first().filter(|_| ids.len() == count) else {
        return Err(corrupt("its grid has not as many tiles as it declares"));
    };
    let tile = edges(file, *first)?;
    let covers = |edge: u32, count: u32, whole: u32| {
        let covered = u64::from(edge) * u64::from(count);
        covered >= whole.into() && covered - u64::from(edge) < whole.into()
    };
    if !covers(tile.width, columns, declared.width) || !covers(tile.height, rows, declared.height) {
        return Err(corrupt("the tiles of its grid do not cover it"));
    }
    Ok(Tiles {
        ids,
        columns,
        rows,
        edges: tile,
    })
}

/// Reads the transformations, in the order of the properties, and adds them.
pub(super) fn transform(
    file: &HeifFile<'_>,
    id: u32,
    mut transform: Transform,
) -> Result<Transform, Failure> {
    for property in file.item_properties(id).map_err(|error| failure(&error))? {
        transform = match property {
            Property::Rotation(quarters) => transform.rotated(*quarters),
            Property::Mirror(is_vertical) => transform.mirrored(*is_vertical),
            Property::CleanAperture {
                width,
                height,
                horiz_offset,
                vert_offset,
            } => transform.cropped(&CleanAperture {
                width: *width,
                height: *height,
                across: *horiz_offset,
                down: *vert_offset,
            })?,
            _ => transform,
        };
    }
    Ok(transform)
}

/// Reads the transformations of an AVIF: the rotation and then the mirroring, in whatever order
/// they stand. Crops are ignored. Chromium and Pillow do so; the order is that of MIAF (ISO/IEC
/// 23000-22).
fn avif_transform(
    file: &HeifFile<'_>,
    id: u32,
    untouched: Transform,
) -> Result<Transform, Failure> {
    let mut quarters = 0;
    let mut mirror = None;
    for property in file.item_properties(id).map_err(|error| failure(&error))? {
        match property {
            Property::Rotation(number) => quarters = *number,
            Property::Mirror(is_vertical) => mirror = Some(*is_vertical),
            _ => {}
        }
    }
    let turned = untouched.rotated(quarters);
    Ok(mirror.map_or(turned, |is_vertical| turned.mirrored(is_vertical)))
}

/// Reads the header of the codec.
fn coding(file: &HeifFile<'_>, id: u32) -> Result<Coding, Failure> {
    let item = file.item(id).map_err(|error| failure(&error))?;
    match &item.item_type.0 {
        b"hvc1" | b"hev1" => {
            let config = file.hevc_config(id).map_err(|error| failure(&error))?;
            let config = config.ok_or_else(|| corrupt("the header of HEVC is missing"))?;
            Ok(Coding {
                codec: Codec::Hevc,
                format: SampleFormat {
                    depth: config.bit_depth_luma,
                    chroma: hevc_chroma(config.chroma_format),
                },
            })
        }
        b"av01" => match raw_property(file, id, *b"av1C") {
            Some([_, _, flags, ..]) => Ok(Coding {
                codec: Codec::Av1,
                format: av1_format(*flags),
            }),
            _ => Err(corrupt("the header of AV1 is missing")),
        },
        other => Err(unsupported(&format!(
            "an image of the type `{}`",
            String::from_utf8_lossy(other)
        ))),
    }
}

/// Chroma of `chroma_format_idc` (ITU-T H.265, table 6-1).
pub(super) fn hevc_chroma(format: u8) -> Option<Subsampling> {
    let (across, down) = match format {
        0 => return None,
        1 => (2, 2),
        2 => (2, 1),
        _ => (1, 1),
    };
    Some(Subsampling { across, down })
}

/// Samples by the third byte of `av1C`.
fn av1_format(flags: u8) -> SampleFormat {
    let is = |bit: u8| flags & bit != 0;
    SampleFormat {
        depth: match (is(0x40), is(0x20)) {
            (true, true) => 12,
            (true, false) => 10,
            (false, _) => 8,
        },
        chroma: (!is(0x10)).then(|| Subsampling {
            across: 1 + u32::from(is(0x08)),
            down: 1 + u32::from(is(0x04)),
        }),
    }
}

pub(super) fn colours(file: &HeifFile<'_>, id: u32) -> Result<Colours, Failure> {
    let mut colours = Colours::default();
    for property in file.item_properties(id).map_err(|error| failure(&error))? {
        match property {
            Property::Color(ColorInfo::Icc(profile)) if !profile.is_empty() => {
                colours.profile.get_or_insert_with(|| profile.clone());
            }
            Property::Color(ColorInfo::Nclx {
                primaries,
                transfer,
                matrix,
                full_range,
            }) => {
                colours.cicp.get_or_insert(Cicp {
                    primaries: *primaries,
                    transfer: *transfer,
                    matrix: *matrix,
                    is_full_range: *full_range,
                });
            }
            _ => {}
        }
    }
    Ok(colours)
}

/// Reads the maximum luminance of the content (`clli`), or of the display that it was made on
/// (`mdcv`).
fn peak(file: &HeifFile<'_>, id: u32) -> Option<u32> {
    let content = raw_property(file, id, *b"clli")
        .and_then(|level| level.first_chunk::<2>())
        .map(|level| u32::from(u16::from_be_bytes(*level)));
    let display = raw_property(file, id, *b"mdcv")
        .and_then(|volume| volume.get(16..)?.first_chunk::<4>())
        .map(|maximum| u32::from_be_bytes(*maximum) / 10_000);
    content
        .filter(|level| *level > 0)
        .or(display.filter(|level| *level > 0))
}

fn is_alpha(file: &HeifFile<'_>, id: u32) -> bool {
    file.item_properties(id).is_ok_and(|mut properties| {
        properties.any(|property| match property {
            Property::AuxiliaryType(kind) => ALPHA.contains(&kind.as_str()),
            _ => false,
        })
    })
}
