//! What the primary item is: an image, or images laid over each other.

use heifer_isobmff::{HeifFile, ItemId};
use media::failure::Failure;

use crate::{
    decode::heif::{
        container::{corrupt, failure},
        item::{Image, transform},
        overlay::Overlay,
        transform::Transform,
    },
    dimensions::Dimensions,
};

/// Maximum items that stand for another with more transformations, one for the next.
const MAX_IDENTITIES: usize = 8;

pub(super) enum Source {
    Image(Box<Image>),
    Overlay(Overlay),
}

impl Source {
    /// Reads the facts about the primary item.
    pub(super) fn primary(file: &HeifFile<'_>) -> Result<Self, Failure> {
        let mut id = file.primary_id;
        let mut identities = Vec::new();
        while kind(file, id)? == *b"iden" {
            let [next] = file.referenced_items(id, b"dimg") else {
                return Err(corrupt("an item that stands for another has none"));
            };
            if identities.len() == MAX_IDENTITIES {
                return Err(corrupt("too many items stand for each other"));
            }
            identities.push(id);
            id = *next;
        }
        let mut source = match &kind(file, id)? {
            b"iovl" => Self::Overlay(Overlay::read(file, id)?),
            _ => Self::Image(Box::new(Image::read(file, id)?)),
        };
        for identity in identities.into_iter().rev() {
            let all = transform(file, identity, source.transform())?;
            match &mut source {
                Self::Image(image) => image.transform = all,
                Self::Overlay(overlay) => overlay.transform = all,
            }
        }
        Ok(source)
    }

    /// Returns the dimensions before the transformations.
    pub(super) fn edges(&self) -> Dimensions {
        match self {
            Self::Image(image) => image.edges,
            Self::Overlay(overlay) => overlay.edges,
        }
    }

    pub(super) fn transform(&self) -> Transform {
        match self {
            Self::Image(image) => image.transform,
            Self::Overlay(overlay) => overlay.transform,
        }
    }
}

fn kind(file: &HeifFile<'_>, id: ItemId) -> Result<[u8; 4], Failure> {
    let item = file.item(id).map_err(|error| failure(&error))?;
    Ok(item.item_type.0)
}
