//! Opaque pagination cursors.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use common::{
    identity_id::IdentityId,
    image_id::ImageId,
    record::Status,
    selection::{Order, Position, Selection, Sorting},
    taken_key::TakenKey,
};
use sha2::{Digest, Sha256};
use thiserror::Error;
use uuid::Uuid;

/// The error for a text that is not a cursor of this listing.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "the cursor is not one that this listing gave out; it goes with the same status, order and times"
)]
pub(crate) struct CursorError;

/// The first byte: the version, which is another one for each order.
const BY_UPLOAD: u8 = 2;
const BY_CAPTURE: u8 = 3;
const IMAGE: usize = 16;
const MARK: usize = 8;

/// Encodes a position in a listing as opaque text: a version, the time in the order by capture
/// time, the image id, and a checksum of the user and the selection.
///
/// The checksum is not a protection, and none is needed: a listing is read with the user's
/// credentials, from their own partition, whatever the cursor says. It makes a client's mix-up of
/// cursors an error instead of a wrong page.
pub(crate) fn encode(identity: &IdentityId, selection: &Selection, last: Position) -> String {
    let mark = mark(identity, selection);
    let bytes = match last {
        Position::Upload(image) => [&[BY_UPLOAD], &image.as_bytes()[..], &mark].concat(),
        Position::Capture(key) => {
            let millis = key.millis().to_be_bytes();
            [&[BY_CAPTURE], &millis[..], key.image().as_bytes(), &mark].concat()
        }
    };
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes a cursor of the same listing. The position must be in the selection's range, because
/// `DynamoDB` accepts no exclusive start outside of it.
pub(crate) fn decode(
    identity: &IdentityId,
    selection: &Selection,
    text: &str,
) -> Result<Position, CursorError> {
    parse(identity, selection, text).ok_or(CursorError)
}

fn parse(identity: &IdentityId, selection: &Selection, text: &str) -> Option<Position> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (&version, rest) = bytes.split_first()?;
    let (millis, rest) = match version {
        BY_UPLOAD => (None, rest),
        BY_CAPTURE => {
            let (millis, rest) = rest.split_first_chunk()?;
            (Some(i64::from_be_bytes(*millis)), rest)
        }
        _ => return None,
    };
    let (image, given) = rest.split_first_chunk::<IMAGE>()?;
    if given != mark(identity, selection) {
        return None;
    }
    let image = ImageId::parse(&Uuid::from_bytes(*image).to_string()).ok()?;
    match (selection.sorting, millis) {
        (Sorting::ByUpload { span, .. }, None) => (span.first()..=span.last())
            .contains(&image)
            .then_some(Position::Upload(image)),
        (Sorting::ByCapture { span }, Some(millis)) => {
            let key = TakenKey::new(Some(millis), image);
            span.contains(key).then_some(Position::Capture(key))
        }
        _ => None,
    }
}

fn mark(identity: &IdentityId, selection: &Selection) -> [u8; MARK] {
    let (order, first, last) = match selection.sorting {
        Sorting::ByUpload { order, span } => {
            let order = match order {
                Order::Newest => "newest",
                Order::Oldest => "oldest",
            };
            (order, span.first().to_string(), span.last().to_string())
        }
        Sorting::ByCapture { span } => ("taken", span.first(), span.last()),
    };
    let text = format!(
        "{} {} {order} {first} {last}",
        identity.as_str(),
        selection.status.map_or("all", Status::as_str),
    );
    let hash: [u8; 32] = Sha256::digest(text).into();
    let mut mark = [0; MARK];
    mark.copy_from_slice(&hash[..MARK]);
    mark
}

#[cfg(test)]
mod tests {
    use common::{
        selection::{CaptureRange, TimeRange},
        timestamp,
    };
    use time::OffsetDateTime;

    use super::*;

    fn identity(last: char) -> IdentityId {
        IdentityId::parse(&format!(
            "eu-west-1:01234567-89ab-cdef-0123-456789abcde{last}"
        ))
        .unwrap()
    }

    fn by_upload(order: Order, from: Option<&str>, to: Option<&str>) -> Selection {
        let span = TimeRange::new(time(from), time(to)).unwrap();
        Selection {
            status: None,
            sorting: Sorting::ByUpload { order, span },
        }
    }

    fn by_capture(from: Option<&str>, to: Option<&str>) -> Selection {
        let span = CaptureRange::new(time(from), time(to)).unwrap();
        Selection {
            status: None,
            sorting: Sorting::ByCapture { span },
        }
    }

    fn time(text: Option<&str>) -> Option<OffsetDateTime> {
        text.and_then(timestamp::parse)
    }

    fn everything() -> Selection {
        by_upload(Order::Newest, None, None)
    }

    fn new_image() -> Position {
        Position::Upload(ImageId::new())
    }

    fn taken(millis: i64) -> Position {
        Position::Capture(TakenKey::new(Some(millis), ImageId::new()))
    }

    #[test]
    fn a_cursor_leads_back_to_its_position() {
        let alice = identity('a');
        let all_taken = by_capture(None, None);
        for (selection, position) in [
            (everything(), new_image()),
            (all_taken, taken(1_700_000_000_123)),
            (all_taken, taken(-1)),
            (all_taken, taken(i64::MIN)),
            (all_taken, taken(i64::MAX)),
        ] {
            let text = encode(&alice, &selection, position);
            assert_eq!(decode(&alice, &selection, &text), Ok(position));
        }
    }

    #[test]
    fn another_user_s_cursor_is_refused() {
        for (selection, position) in [
            (everything(), new_image()),
            (by_capture(None, None), taken(0)),
        ] {
            let text = encode(&identity('a'), &selection, position);
            assert_eq!(decode(&identity('b'), &selection, &text), Err(CursorError));
        }
    }

    #[test]
    fn the_cursor_of_another_listing_is_refused() {
        let since = Some("2026-01-01T00:00:00Z");
        let selections = [
            everything(),
            Selection {
                status: Some(Status::Ready),
                ..everything()
            },
            by_upload(Order::Oldest, None, None),
            by_upload(Order::Newest, since, None),
            by_upload(Order::Newest, None, since),
            by_capture(None, None),
            by_capture(since, None),
            by_capture(None, since),
            Selection {
                status: Some(Status::Ready),
                ..by_capture(None, None)
            },
        ];
        for (index, selection) in selections.iter().enumerate() {
            let position = match selection.sorting {
                Sorting::ByUpload { .. } => new_image(),
                Sorting::ByCapture { .. } => taken(0),
            };
            let text = encode(&identity('a'), selection, position);
            for (other_index, other) in selections.iter().enumerate() {
                if index != other_index {
                    let decoded = decode(&identity('a'), other, &text);
                    assert_eq!(decoded, Err(CursorError), "{selection:?} {other:?}");
                }
            }
        }
    }

    #[test]
    fn a_cursor_that_points_outside_of_its_own_range_is_refused() {
        let until = Some("2020-01-01T00:00:00Z");
        for (past, position) in [
            (by_upload(Order::Newest, None, until), new_image()),
            (by_capture(None, until), taken(1_600_000_000_000)),
        ] {
            let text = encode(&identity('a'), &past, position);
            assert_eq!(decode(&identity('a'), &past, &text), Err(CursorError));
        }
    }

    #[test]
    fn garbage_is_refused() {
        let good = encode(&identity('a'), &everything(), new_image());
        for text in [
            "",
            "x",
            "AAAA",
            "AwAA",
            "💥",
            &good[1..],
            &format!("{good}AAAA"),
            &good.replace(&good[..2], "AQ"),
        ] {
            assert_eq!(
                decode(&identity('a'), &everything(), text),
                Err(CursorError),
                "{text}"
            );
        }
    }
}
