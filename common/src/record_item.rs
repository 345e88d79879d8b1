//! A record as a `DynamoDB` item.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use media::{failure::Failure, media_type::MediaType};

use crate::{
    image_id::ImageId,
    keys::Extension,
    record::{Facts, ImageRecord, Original, Status, Thumbnail},
    timestamp,
};

type Item = HashMap<String, AttributeValue>;

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: impl std::fmt::Display + Copy) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn from_failure(failure: &Failure) -> AttributeValue {
    map([
        ("code", text(&failure.code)),
        ("message", text(&failure.message)),
    ])
}

pub(crate) fn from_original(original: &Original) -> AttributeValue {
    map([
        ("extension", text(original.extension.as_str())),
        ("size", number(original.size_bytes)),
    ])
}

pub(crate) fn from_thumbnails(thumbnails: &[Thumbnail]) -> AttributeValue {
    let entry = |thumbnail: &Thumbnail| {
        map([
            ("name", text(&thumbnail.name)),
            ("width", number(thumbnail.width)),
            ("height", number(thumbnail.height)),
            ("size", number(thumbnail.size_bytes)),
        ])
    };
    AttributeValue::L(thumbnails.iter().map(entry).collect())
}

/// `None` for an item whose key no upload of ours has: a user may write such a one in their own partition.
pub(crate) fn to_record(item: &Item) -> Option<ImageRecord> {
    let image = ImageId::parse(get_text(item, "imageId")?).ok()?;
    let failure = item
        .get("failure")
        .and_then(|value| to_failure(value.as_m().ok()?));
    let status = match get_text(item, "status") {
        Some("ready") => Status::Ready,
        Some("failed") => Status::Failed,
        _ => Status::Pending,
    };
    let original = item
        .get("original")
        .and_then(|value| to_original(value.as_m().ok()?));
    Some(ImageRecord {
        image,
        status,
        file_name: get_text(item, "fileName").map(str::to_owned),
        caption: get_text(item, "caption").map(str::to_owned),
        content_type: get_text(item, "contentType").map(str::to_owned),
        size_bytes: original
            .as_ref()
            .map(|o| o.size_bytes)
            .or_else(|| get_number(item, "size")),
        uploaded_at: get_text(item, "uploadedAt")
            .and_then(timestamp::parse)
            .unwrap_or_else(|| image.created_at()),
        expires_at: get_number(item, "expiresAt"),
        original,
        processed_at: get_text(item, "processedAt").map(str::to_owned),
        facts: to_facts(item),
        failure,
    })
}

fn to_facts(item: &Item) -> Option<Facts> {
    let format = get_text(item, "format")?;
    Some(Facts {
        width: get_number(item, "width")?,
        height: get_number(item, "height")?,
        format: MediaType::ALL
            .into_iter()
            .find(|known| known.name() == format)?,
        sha256: get_text(item, "sha256")?.to_owned(),
        thumbnails: item
            .get("thumbnails")?
            .as_l()
            .ok()?
            .iter()
            .filter_map(|value| to_thumbnail(value.as_m().ok()?))
            .collect(),
    })
}

fn to_thumbnail(map: &Item) -> Option<Thumbnail> {
    Some(Thumbnail {
        name: get_text(map, "name")?.to_owned(),
        width: get_number(map, "width")?,
        height: get_number(map, "height")?,
        size_bytes: get_number(map, "size")?,
    })
}

fn to_original(map: &Item) -> Option<Original> {
    Some(Original {
        extension: Extension::parse(get_text(map, "extension")?).ok()?,
        size_bytes: get_number(map, "size")?,
    })
}

fn to_failure(map: &Item) -> Option<Failure> {
    Some(Failure {
        code: get_text(map, "code")?.to_owned(),
        message: get_text(map, "message")?.to_owned(),
    })
}

fn get_text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

fn get_number<T: std::str::FromStr>(item: &Item, name: &str) -> Option<T> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

fn map<const N: usize>(entries: [(&str, AttributeValue); N]) -> AttributeValue {
    AttributeValue::M(
        entries
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGE: &str = "0190a5d0-7bcd-7abc-8def-0123456789ab";

    #[test]
    fn an_item_without_status_is_pending() {
        let item = Item::from([("imageId".into(), text(IMAGE)), ("size".into(), number(12))]);
        let record = to_record(&item).unwrap();
        assert_eq!(record.status, Status::Pending);
        assert_eq!(record.size_bytes, Some(12));
    }

    #[test]
    fn a_user_who_writes_wrong_types_still_has_a_readable_record() {
        let item = Item::from([
            ("imageId".into(), text(IMAGE)),
            ("fileName".into(), number(1)),
            ("caption".into(), AttributeValue::Null(true)),
            ("size".into(), text("big")),
            ("uploadedAt".into(), text("yesterday")),
            ("expiresAt".into(), AttributeValue::Bool(true)),
        ]);
        let record = to_record(&item).unwrap();
        assert_eq!(
            (
                record.file_name,
                record.caption,
                record.size_bytes,
                record.expires_at
            ),
            (None, None, None, None)
        );
        assert_eq!(record.uploaded_at, record.image.created_at());
    }

    #[test]
    fn an_item_with_a_foreign_sort_key_is_no_record() {
        assert!(to_record(&Item::from([("imageId".into(), text("cat"))])).is_none());
        assert!(to_record(&Item::new()).is_none());
    }
}
