//! Records of finished images, in any number, at known positions.

use serde_json::{Value, json};

/// Returns the id of the image at a position: a higher position is a later time. Zero is in the
/// middle of every user store.
pub(super) fn image_id(place: i64) -> String {
    // One image per second around the autumn of 2023. A UUID of version 7: 48 bits of milliseconds,
    // then random bits.
    let millis = 1_700_000_000_000 + place * 1000;
    let rest = place.unsigned_abs();
    format!(
        "{:08x}-{:04x}-7000-8000-{rest:012x}",
        millis >> 16,
        millis & 0xFFFF
    )
}

/// Returns the position in the order by capture time, in which the images are in the same order: a
/// page of one is a page of the other.
pub(super) fn taken_key(place: i64) -> String {
    // One second for each image, as in the ids, of a year that has twelve months of 28 days.
    let seconds = 700_000_000 + place;
    let (minutes, second) = (seconds / 60, seconds % 60);
    let (hours, minute) = (minutes / 60, minutes % 60);
    let (days, hour) = (hours / 24, hours % 24);
    let (months, day) = (days / 28, days % 28 + 1);
    let (years, month) = (months / 12, months % 12 + 1);
    let year = 2000 + years;
    let image = image_id(place);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.000Z#{image}")
}

/// Returns the positions of a user store with this number of images.
pub(super) fn positions(images: i64) -> std::ops::Range<i64> {
    -images / 2..images - images / 2
}

/// Builds a record as the API and the worker leave it, in DynamoDB's JSON.
pub(super) fn item(identity: &str, place: i64) -> Value {
    let text = |value: &str| json!({ "S": value });
    let number = |value: u32| json!({ "N": value.to_string() });
    let thumbnail = |name: &str, width: u32, height: u32, size: u32| {
        json!({ "M": {
            "name": text(name),
            "width": number(width),
            "height": number(height),
            "size": number(size),
        } })
    };
    json!({
        "identityId": text(identity),
        "imageId": text(&image_id(place)),
        "fileName": text("uploads.jpg"),
        "contentType": text("image/jpeg"),
        "size": number(829_123),
        "uploadedAt": text("2023-11-14T22:13:20.123Z"),
        "processedAt": text("2023-11-14T22:13:21.456Z"),
        "status": text("ready"),
        "format": text("jpeg"),
        "width": number(2725),
        "height": number(2225),
        "sha256": text("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        "sequencer": text("0055AED6DCD90281E5"),
        "factSet": text("1"),
        "takenAt": text("2023-11-14T22:13:20"),
        "takenKey": text(&taken_key(place)),
        "cameraMake": text("Canon"),
        "cameraModel": text("Canon EOS 80D"),
        "original": { "M": { "extension": text("jpg"), "size": number(829_123) } },
        "thumbnails": { "L": [
            thumbnail("large", 1024, 836, 181_234),
            thumbnail("medium", 512, 418, 52_345),
            thumbnail("small", 160, 131, 7_456),
        ] },
    })
}

#[cfg(test)]
mod tests {
    use super::{image_id, positions, taken_key};

    #[test]
    fn ids_sort_by_their_places() {
        let ids: Vec<String> = positions(1001).map(image_id).collect();
        let keys: Vec<String> = positions(1001).map(taken_key).collect();
        assert!(keys.is_sorted());
        assert_eq!(ids.len(), 1001);
        assert!(ids.is_sorted());
        assert!(ids.iter().all(|id| uuid::Uuid::try_parse(id).is_ok_and(
            |id| id.get_version_num() == 7 && id.get_variant() == uuid::Variant::RFC4122
        )));
    }

    #[test]
    fn a_larger_table_holds_all_of_a_smaller_one() {
        let (small, large) = (positions(100), positions(10_000));
        assert!(large.start < small.start && small.end < large.end);
    }
}
