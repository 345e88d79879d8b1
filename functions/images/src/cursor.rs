//! Opaque pagination cursors.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use common::{
    identity_id::IdentityId,
    image_id::ImageId,
    record::Status,
    selection::{Order, Selection},
};
use sha2::{Digest, Sha256};
use thiserror::Error;
use uuid::Uuid;

/// The error for a text that is not a cursor of this listing.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "the cursor is not one that this listing gave out; it goes with the same status, order, from and to"
)]
pub(crate) struct CursorError;

const VERSION: u8 = 2;
const IMAGE: usize = 16;
const MARK: usize = 8;

/// Encodes a position in a listing as opaque text: a version, the image id, and a checksum of the
/// user and the selection.
///
/// The checksum is not a protection, and none is needed: a listing is read with the user's
/// credentials, from their own partition, whatever the cursor says. It makes a client's mix-up of
/// cursors an error instead of a wrong page.
pub(crate) fn encode(identity: &IdentityId, selection: &Selection, last: ImageId) -> String {
    let bytes = [&[VERSION], &last.as_bytes()[..], &mark(identity, selection)].concat();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes a cursor of the same listing. The image must be in the selection's range, because
/// `DynamoDB` accepts no exclusive start outside of it.
pub(crate) fn decode(
    identity: &IdentityId,
    selection: &Selection,
    text: &str,
) -> Result<ImageId, CursorError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError)?;
    let (&version, rest) = bytes.split_first().ok_or(CursorError)?;
    let (image, given) = rest.split_first_chunk::<IMAGE>().ok_or(CursorError)?;
    if version != VERSION || given != mark(identity, selection) {
        return Err(CursorError);
    }
    let image = ImageId::parse(&Uuid::from_bytes(*image).to_string()).map_err(|_| CursorError)?;
    if (selection.span.first()..=selection.span.last()).contains(&image) {
        Ok(image)
    } else {
        Err(CursorError)
    }
}

fn mark(identity: &IdentityId, selection: &Selection) -> [u8; MARK] {
    let order = match selection.order {
        Order::Newest => "newest",
        Order::Oldest => "oldest",
    };
    let text = format!(
        "{} {} {order} {} {}",
        identity.as_str(),
        selection.status.map_or("all", Status::as_str),
        selection.span.first(),
        selection.span.last(),
    );
    let hash: [u8; 32] = Sha256::digest(text).into();
    let mut mark = [0; MARK];
    mark.copy_from_slice(&hash[..MARK]);
    mark
}

#[cfg(test)]
mod tests {
    use common::{selection::TimeRange, timestamp};

    use super::*;

    fn identity(last: char) -> IdentityId {
        IdentityId::parse(&format!(
            "eu-west-1:01234567-89ab-cdef-0123-456789abcde{last}"
        ))
        .unwrap()
    }

    fn everything() -> Selection {
        Selection {
            status: None,
            order: Order::Newest,
            span: TimeRange::new(None, None).unwrap(),
        }
    }

    #[test]
    fn a_cursor_leads_back_to_its_image() {
        let (alice, image) = (identity('a'), ImageId::new());
        let text = encode(&alice, &everything(), image);
        assert_eq!(decode(&alice, &everything(), &text), Ok(image));
    }

    #[test]
    fn another_user_s_cursor_is_refused() {
        let text = encode(&identity('a'), &everything(), ImageId::new());
        assert_eq!(
            decode(&identity('b'), &everything(), &text),
            Err(CursorError)
        );
    }

    #[test]
    fn the_cursor_of_another_listing_is_refused() {
        let text = encode(&identity('a'), &everything(), ImageId::new());
        let since = timestamp::parse("2026-01-01T00:00:00Z");
        for other in [
            Selection {
                status: Some(Status::Ready),
                ..everything()
            },
            Selection {
                order: Order::Oldest,
                ..everything()
            },
            Selection {
                span: TimeRange::new(since, None).unwrap(),
                ..everything()
            },
            Selection {
                span: TimeRange::new(None, since).unwrap(),
                ..everything()
            },
        ] {
            assert_eq!(
                decode(&identity('a'), &other, &text),
                Err(CursorError),
                "{other:?}"
            );
        }
    }

    #[test]
    fn a_cursor_that_points_outside_of_its_own_span_is_refused() {
        let past = Selection {
            span: TimeRange::new(None, timestamp::parse("2020-01-01T00:00:00Z")).unwrap(),
            ..everything()
        };
        let text = encode(&identity('a'), &past, ImageId::new());
        assert_eq!(decode(&identity('a'), &past, &text), Err(CursorError));
    }

    #[test]
    fn garbage_is_refused() {
        let good = encode(&identity('a'), &everything(), ImageId::new());
        for text in [
            "",
            "x",
            "AAAA",
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
