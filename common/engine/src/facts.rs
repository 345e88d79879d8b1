//! Facts that a camera wrote about an image, as far as the records keep them.

use media::{capture_time::CaptureTime, location::Location};

use crate::{
    KeepLocation,
    exif::{Directory, Exif, Value},
};

/// The most bytes of the name of a maker or a model. A longer text is none.
const MAX_NAME: usize = 100;

/// Tags of the directory of the image.
const MAKE: u16 = 0x010F;
const MODEL: u16 = 0x0110;
const CHANGED: u16 = 0x0132;
const PHOTO: u16 = 0x8769;
const GPS: u16 = 0x8825;

/// Tags of the directory of the photo.
const OFFSET_OF_CHANGE: u16 = 0x9010;
const FRACTION_OF_CHANGE: u16 = 0x9290;
const TAKEN: u16 = 0x9003;
const OFFSET_OF_TAKEN: u16 = 0x9011;
const FRACTION_OF_TAKEN: u16 = 0x9291;
const DIGITIZED: u16 = 0x9004;
const OFFSET_OF_DIGITIZED: u16 = 0x9012;
const FRACTION_OF_DIGITIZED: u16 = 0x9292;

/// Tags of the directory of the position.
const LATITUDE_REF: u16 = 0x0001;
const LATITUDE: u16 = 0x0002;
const LONGITUDE_REF: u16 = 0x0003;
const LONGITUDE: u16 = 0x0004;
const STATUS: u16 = 0x0009;

/// Facts of an EXIF block. Each is absent where the block does not state it, or states nonsense.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The time at which the photo was taken.
    pub taken_at: Option<CaptureTime>,
    /// The maker of the camera.
    pub camera_make: Option<String>,
    /// The model of the camera.
    pub camera_model: Option<String>,
    /// The place. [`ProcessedImage`](crate::ProcessedImage) has it only where the recipe keeps it.
    pub location: Option<Location>,
}

impl Facts {
    /// Reads a block: a TIFF structure, with or without `Exif\0\0` before it. A broken block, or a
    /// broken part of one, has no facts; the image itself may be valid.
    pub(crate) fn read(block: &[u8]) -> Self {
        let Some(image) = Exif::parse(block).and_then(Exif::image) else {
            return Self::default();
        };
        let camera_make = name(image.value(MAKE));
        let camera_model = name(image.value(MODEL));
        let is_of_camera = camera_make.is_some() || camera_model.is_some();
        Self {
            taken_at: taken_at(&image, is_of_camera),
            location: image.directory(GPS).as_ref().and_then(location),
            camera_make,
            camera_model,
        }
    }

    /// Whether there is no fact.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Leaves out what is not to be kept.
    pub(crate) fn kept(self, location: KeepLocation) -> Self {
        match location {
            KeepLocation::On => self,
            KeepLocation::Off => Self {
                location: None,
                ..self
            },
        }
    }
}

/// Returns the time of the photo; else that of its scan; else, of a camera's file, that of its last
/// change, which is all that some old cameras write.
fn taken_at(image: &Directory<'_>, is_of_camera: bool) -> Option<CaptureTime> {
    let photo = image.directory(PHOTO);
    let in_photo = |tag| photo.as_ref()?.value(tag)?.text();
    let complete = |time: &str, fraction, offset| {
        let time = CaptureTime::parse(time)?;
        let time = time.with_fraction(in_photo(fraction).unwrap_or_default());
        Some(time.with_offset(in_photo(offset).unwrap_or_default()))
    };
    let stated = |time, fraction, offset| complete(in_photo(time)?, fraction, offset);
    let changed = || {
        let text = image.value(CHANGED).filter(|_| is_of_camera)?.text()?;
        complete(text, FRACTION_OF_CHANGE, OFFSET_OF_CHANGE)
    };
    stated(TAKEN, FRACTION_OF_TAKEN, OFFSET_OF_TAKEN)
        .or_else(|| stated(DIGITIZED, FRACTION_OF_DIGITIZED, OFFSET_OF_DIGITIZED))
        .or_else(changed)
}

/// Returns the name of a maker or a model.
fn name(value: Option<Value<'_>>) -> Option<String> {
    let name = value?.text()?;
    let is_sound = name.len() <= MAX_NAME && !name.chars().any(char::is_control);
    is_sound.then(|| name.to_owned())
}

fn location(gps: &Directory<'_>) -> Option<Location> {
    // `V`: the receiver had no position when the photo was taken.
    if gps.value(STATUS).and_then(|status| status.text()) == Some("V") {
        return None;
    }
    Location::new(
        degrees(gps, LATITUDE, LATITUDE_REF, ["N", "S"])?,
        degrees(gps, LONGITUDE, LONGITUDE_REF, ["E", "W"])?,
    )
}

/// Returns degrees, of which the second reference makes negative ones. Without a reference, it is
/// not known on which side of the earth they are.
fn degrees(gps: &Directory<'_>, tag: u16, reference: u16, names: [&str; 2]) -> Option<f64> {
    let [degrees, minutes, seconds] = gps.value(tag)?.fractions()?;
    let reference = gps.value(reference)?.text()?.to_ascii_uppercase();
    let side = names.iter().position(|name| *name == reference)?;
    let sign = if side == 0 { 1.0 } else { -1.0 };
    let is_sound = [degrees, minutes, seconds].iter().all(|part| *part >= 0.0);
    is_sound.then_some(sign * (degrees + minutes / 60.0 + seconds / 3600.0))
}

#[cfg(test)]
mod tests;
