//! Where a listing goes on.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use common::{identity_id::IdentityId, image_id::ImageId};
use sha2::{Digest, Sha256};
use thiserror::Error;
use uuid::Uuid;

/// The text is not a cursor of this user's listing.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("the cursor is not one that this listing gave out")]
pub(crate) struct CursorError;

const VERSION: u8 = 1;
const IMAGE: usize = 16;
const OWNER: usize = 8;

/// Opaque text for a place in a user's listing: version, image id, and a mark of whose listing it is.
///
/// The mark is no protection, and need not be: a listing is read with its user's credentials, from their own
/// partition, whatever the cursor says. It makes a mix-up in a client an error and not a wrong page.
pub(crate) fn encode(identity: &IdentityId, last: ImageId) -> String {
    let bytes = [&[VERSION], &last.as_bytes()[..], &mark(identity)].concat();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The reverse of [`encode`], for the same user.
pub(crate) fn decode(identity: &IdentityId, text: &str) -> Result<ImageId, CursorError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError)?;
    let (&version, rest) = bytes.split_first().ok_or(CursorError)?;
    let (image, owner) = rest.split_first_chunk::<IMAGE>().ok_or(CursorError)?;
    if version != VERSION || owner != mark(identity) {
        return Err(CursorError);
    }
    ImageId::parse(&Uuid::from_bytes(*image).to_string()).map_err(|_| CursorError)
}

fn mark(identity: &IdentityId) -> [u8; OWNER] {
    let hash: [u8; 32] = Sha256::digest(identity.as_str()).into();
    let mut mark = [0; OWNER];
    mark.copy_from_slice(&hash[..OWNER]);
    mark
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(last: char) -> IdentityId {
        IdentityId::parse(&format!(
            "eu-west-1:01234567-89ab-cdef-0123-456789abcde{last}"
        ))
        .unwrap()
    }

    #[test]
    fn a_cursor_leads_back_to_its_image() {
        let image = ImageId::new();
        assert_eq!(
            decode(&identity('a'), &encode(&identity('a'), image)),
            Ok(image)
        );
    }

    #[test]
    fn another_user_s_cursor_is_refused() {
        assert_eq!(
            decode(&identity('b'), &encode(&identity('a'), ImageId::new())),
            Err(CursorError)
        );
    }

    #[test]
    fn garbage_is_refused() {
        let good = encode(&identity('a'), ImageId::new());
        for text in [
            "",
            "x",
            "AAAA",
            "💥",
            &good[1..],
            &format!("{good}AAAA"),
            &good.replace(&good[..2], "Ag"),
        ] {
            assert_eq!(decode(&identity('a'), text), Err(CursorError), "{text}");
        }
    }
}
