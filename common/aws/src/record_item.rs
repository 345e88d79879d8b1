//! Conversion between records and `DynamoDB` items.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use media::{failure::Failure, media_type::MediaType, variant_format::VariantFormat};

use crate::capture_item::to_capture;
use common::{
    attribute::Attribute,
    caption::Caption,
    file_name::FileName,
    image_id::ImageId,
    keys::Extension,
    record::{ImageDetails, ImageRecord, Original, Placeholder, Status, Thumbnail},
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
    let facts = map([
        ("extension", text(original.extension.as_str())),
        ("size", number(original.size_bytes)),
    ]);
    with_etag(facts, original.etag.as_deref())
}

pub(crate) fn from_thumbnails(thumbnails: &[Thumbnail]) -> AttributeValue {
    let entry = |thumbnail: &Thumbnail| {
        let facts = map([
            ("name", text(&thumbnail.name)),
            ("width", number(thumbnail.width)),
            ("height", number(thumbnail.height)),
            ("size", number(thumbnail.size_bytes)),
            ("format", text(thumbnail.format.name())),
        ]);
        with_etag(facts, thumbnail.etag.as_deref())
    };
    AttributeValue::L(thumbnails.iter().map(entry).collect())
}

/// A thumbhash in base64, as the API shows it.
pub(crate) fn from_thumbhash(thumbhash: &[u8]) -> AttributeValue {
    text(STANDARD.encode(thumbhash))
}

/// A colour as `#rrggbb`, as the API shows it.
pub(crate) fn from_colour([red, green, blue]: [u8; 3]) -> AttributeValue {
    text(format!("#{red:02x}{green:02x}{blue:02x}"))
}

/// Reads a record. `None` for an item whose sort key is no image id: a user may write such items
/// in their own partition.
pub(crate) fn to_record(item: &Item) -> Option<ImageRecord> {
    let image = ImageId::parse(get_text(item, Attribute::ImageId)?).ok()?;
    let failure = item
        .get(Attribute::Failure.name())
        .and_then(|value| to_failure(value.as_m().ok()?));
    let status = match get_text(item, Attribute::Status) {
        Some("ready") => Status::Ready,
        Some("failed") => Status::Failed,
        _ => Status::Pending,
    };
    let original = item
        .get(Attribute::Original.name())
        .and_then(|value| to_original(value.as_m().ok()?));
    Some(ImageRecord {
        image,
        status,
        file_name: to_file_name(item),
        caption: to_caption(item),
        content_type: to_content_type(item),
        size_bytes: original
            .as_ref()
            .map(|o| o.size_bytes)
            .or_else(|| get_number(item, Attribute::Size)),
        uploaded_at: get_text(item, Attribute::UploadedAt)
            .and_then(timestamp::parse)
            .unwrap_or_else(|| image.created_at()),
        expires_at: get_number(item, Attribute::ExpiresAt),
        original,
        processed_at: get_text(item, Attribute::ProcessedAt).map(str::to_owned),
        facts: to_facts(item),
        failure,
    })
}

/// The user's file name. What the API would refuse counts as absent: a user may write any text, of
/// up to 400 kB, and a listing of many must fit into a response.
fn to_file_name(item: &Item) -> Option<String> {
    let name = FileName::parse(get_text(item, Attribute::FileName)?).ok()?;
    Some(name.as_str().to_owned())
}

fn to_caption(item: &Item) -> Option<String> {
    let caption = Caption::parse(get_text(item, Attribute::Caption)?).ok()?;
    Some(caption.as_str().to_owned())
}

fn to_content_type(item: &Item) -> Option<String> {
    let declared = get_text(item, Attribute::ContentType)?;
    let mut known = MediaType::ALL.into_iter().map(MediaType::mime);
    known.find(|known| *known == declared).map(str::to_owned)
}

fn to_facts(item: &Item) -> Option<ImageDetails> {
    let format = get_text(item, Attribute::Format)?;
    Some(ImageDetails {
        width: get_number(item, Attribute::Width)?,
        height: get_number(item, Attribute::Height)?,
        format: MediaType::ALL
            .into_iter()
            .find(|known| known.name() == format)?,
        sha256: get_text(item, Attribute::Sha256)?.to_owned(),
        is_animated: item
            .get(Attribute::IsAnimated.name())
            .and_then(|value| value.as_bool().ok().copied()),
        placeholder: to_placeholder(item),
        thumbnails: item
            .get(Attribute::Thumbnails.name())?
            .as_l()
            .ok()?
            .iter()
            .filter_map(|value| to_thumbnail(value.as_m().ok()?))
            .collect(),
        variant_set: get_text(item, Attribute::VariantSet).map(str::to_owned),
        capture: to_capture(item),
    })
}

fn to_placeholder(item: &Item) -> Option<Placeholder> {
    let colour = get_text(item, Attribute::DominantColour)?.strip_prefix('#')?;
    let [_, red, green, blue] = u32::from_str_radix(colour, 16).ok()?.to_be_bytes();
    Some(Placeholder {
        thumbhash: STANDARD
            .decode(get_text(item, Attribute::Thumbhash)?)
            .ok()?,
        dominant_colour: [red, green, blue],
    })
}

fn to_thumbnail(map: &Item) -> Option<Thumbnail> {
    let format = match get_text(map, "format") {
        Some(name) => VariantFormat::from_name(name)?,
        // Written when there was no other.
        None => VariantFormat::Jpeg,
    };
    Some(Thumbnail {
        format,
        name: get_text(map, "name")?.to_owned(),
        width: get_number(map, "width")?,
        height: get_number(map, "height")?,
        size_bytes: get_number(map, "size")?,
        etag: get_text(map, "etag").map(str::to_owned),
    })
}

fn to_original(map: &Item) -> Option<Original> {
    Some(Original {
        extension: Extension::parse(get_text(map, "extension")?).ok()?,
        size_bytes: get_number(map, "size")?,
        etag: get_text(map, "etag").map(str::to_owned),
    })
}

fn to_failure(map: &Item) -> Option<Failure> {
    Some(Failure {
        code: get_text(map, "code")?.to_owned(),
        message: get_text(map, "message")?.to_owned(),
    })
}

/// Reads a text, from an attribute or from a member of a map.
pub(crate) fn get_text(item: &Item, name: impl Into<&'static str>) -> Option<&str> {
    item.get(name.into())?.as_s().ok().map(String::as_str)
}

pub(crate) fn get_number<T: std::str::FromStr>(
    item: &Item,
    name: impl Into<&'static str>,
) -> Option<T> {
    item.get(name.into())?.as_n().ok()?.parse().ok()
}

fn map<const N: usize>(entries: [(&str, AttributeValue); N]) -> AttributeValue {
    AttributeValue::M(
        entries
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

fn with_etag(mut map: AttributeValue, etag: Option<&str>) -> AttributeValue {
    if let (AttributeValue::M(entries), Some(etag)) = (&mut map, etag) {
        entries.insert("etag".to_owned(), text(etag));
    }
    map
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
    fn what_the_api_would_refuse_is_absent() {
        let long = |length| text("x".repeat(length));
        for (name, longest) in [("fileName", 255), ("caption", 500)] {
            let found = |value| {
                let item = Item::from([("imageId".into(), text(IMAGE)), (name.to_owned(), value)]);
                let record = to_record(&item).unwrap();
                record.file_name.or(record.caption).is_some()
            };
            assert!(found(long(longest)), "{name}");
            for bad in [long(longest + 1), long(390_000), text(""), text("a\u{0}")] {
                assert!(!found(bad), "{name}");
            }
        }
        for (declared, is_known) in [("image/png", true), ("text/html", false)] {
            let item = Item::from([
                ("imageId".into(), text(IMAGE)),
                ("contentType".into(), text(declared)),
            ]);
            let found = to_record(&item).unwrap().content_type;
            assert_eq!(found.is_some(), is_known, "{declared}");
        }
    }

    /// A record of the version before variants had formats.
    fn ready() -> Item {
        let thumbnail = map([
            ("name", text("small")),
            ("width", number(160)),
            ("height", number(120)),
            ("size", number(4000)),
        ]);
        Item::from([
            ("imageId".into(), text(IMAGE)),
            ("status".into(), text("ready")),
            ("width".into(), number(640)),
            ("height".into(), number(480)),
            ("format".into(), text("png")),
            ("sha256".into(), text("00")),
            ("thumbnails".into(), AttributeValue::L(vec![thumbnail])),
        ])
    }

    #[test]
    fn a_record_of_an_earlier_version_has_jpegs_and_no_placeholder() {
        let facts = to_record(&ready()).unwrap().facts.unwrap();
        assert_eq!(facts.thumbnails[0].format, VariantFormat::Jpeg);
        assert_eq!((facts.is_animated, facts.placeholder), (None, None));
    }

    #[test]
    fn formats_and_placeholder_survive_their_item() {
        let placeholder = Placeholder {
            thumbhash: vec![1, 2, 3],
            dominant_colour: [0, 128, 255],
        };
        let thumbnail = Thumbnail {
            name: "small".to_owned(),
            width: 1,
            height: 2,
            size_bytes: 3,
            format: VariantFormat::WebP,
            etag: Some("e".to_owned()),
        };
        let mut item = ready();
        item.extend([
            ("thumbhash".into(), from_thumbhash(&placeholder.thumbhash)),
            (
                "dominantColour".into(),
                from_colour(placeholder.dominant_colour),
            ),
            ("isAnimated".into(), AttributeValue::Bool(true)),
            (
                "thumbnails".into(),
                from_thumbnails(std::slice::from_ref(&thumbnail)),
            ),
        ]);
        assert_eq!(item["thumbhash"], text("AQID"));
        assert_eq!(item["dominantColour"], text("#0080ff"));
        let facts = to_record(&item).unwrap().facts.unwrap();
        assert_eq!(facts.thumbnails, [thumbnail]);
        assert_eq!(
            (facts.is_animated, facts.placeholder),
            (Some(true), Some(placeholder))
        );
    }

    #[test]
    fn an_item_with_a_foreign_sort_key_is_no_record() {
        assert!(to_record(&Item::from([("imageId".into(), text("cat"))])).is_none());
        assert!(to_record(&Item::new()).is_none());
    }
}
