//! Conversion between the facts of a capture and the attributes of a record.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use media::{capture_time::CaptureTime, location::Location};

use crate::record_item::{get_number, get_text, number, text};
use common::{attribute::Attribute, record::Capture};

/// Returns the facts as attributes. Those without a value are to be removed: an earlier version of
/// the original may have had them.
pub(crate) fn from_capture(capture: &Capture) -> [(Attribute, Option<AttributeValue>); 5] {
    let place = |degrees: fn(Location) -> f64| capture.location.map(degrees).map(number);
    [
        (
            Attribute::TakenAt,
            capture.taken_at.map(|time| text(time.to_string())),
        ),
        (
            Attribute::CameraMake,
            capture.camera_make.as_deref().map(text),
        ),
        (
            Attribute::CameraModel,
            capture.camera_model.as_deref().map(text),
        ),
        (Attribute::Latitude, place(Location::latitude)),
        (Attribute::Longitude, place(Location::longitude)),
    ]
}

/// Reads the facts of a record.
pub(crate) fn to_capture(item: &HashMap<String, AttributeValue>) -> Capture {
    let owned = |attribute| get_text(item, attribute).map(str::to_owned);
    let location = || {
        Location::new(
            get_number(item, Attribute::Latitude)?,
            get_number(item, Attribute::Longitude)?,
        )
    };
    Capture {
        fact_set: owned(Attribute::FactSet),
        taken_at: get_text(item, Attribute::TakenAt).and_then(CaptureTime::parse),
        camera_make: owned(Attribute::CameraMake),
        camera_model: owned(Attribute::CameraModel),
        location: location(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_survive_their_item_and_absent_ones_are_removed() {
        let whole = Capture {
            fact_set: None,
            taken_at: CaptureTime::parse("2026-01-31T12:34:56.789+01:00"),
            camera_make: Some("Apple".to_owned()),
            camera_model: Some("iPhone 15 Pro".to_owned()),
            location: Location::new(-33.858_3, 151.209_75),
        };
        for capture in [whole, Capture::default()] {
            let attributes = from_capture(&capture);
            let item = attributes
                .into_iter()
                .filter_map(|(attribute, value)| Some((attribute.name().to_owned(), value?)))
                .collect();
            assert_eq!(to_capture(&item), capture);
        }
        assert!(
            from_capture(&Capture::default())
                .iter()
                .all(|(_, value)| value.is_none())
        );
    }
}
