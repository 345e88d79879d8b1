//! Attacks with presigned URLs.

use super::{OWN_ORIGINALS, OWN_THUMBNAILS};
use crate::{
    attack::{Attack, DeniedBy, Expected},
    call::{Call, Service, Signer, object, s3},
    fixture::Fixture,
};

#[expect(clippy::too_many_lines, reason = "a list, and no logic")]
pub(super) fn attacks() -> Vec<Attack> {
    let url = |method: &'static str, key: fn(&Fixture) -> String| {
        move |s: &Fixture| object(method, s.bucket(), &key(s)).by(Signer::AttackerInUrl)
    };
    let mut attacks = vec![
        Attack::new(
            "s3-presigned-get",
            "a URL for the victim's original",
            OWN_ORIGINALS,
            url("GET", Fixture::their_original),
        )
        .own(url("GET", Fixture::own_original)),
        Attack::new(
            "s3-presigned-get-thumbnail",
            "a URL for the victim's thumbnail",
            OWN_THUMBNAILS,
            url("GET", Fixture::their_thumbnail),
        )
        .own(url("GET", Fixture::own_thumbnail)),
        Attack::new(
            "s3-presigned-head",
            "a URL that asks for the victim's original",
            OWN_ORIGINALS,
            url("HEAD", Fixture::their_original),
        )
        .own(url("HEAD", Fixture::own_original)),
        Attack::new(
            "s3-presigned-put",
            "a URL that overwrites the victim's original",
            OWN_ORIGINALS,
            url("PUT", Fixture::their_original),
        )
        .own(url("PUT", Fixture::own_new)),
        Attack::new(
            "s3-presigned-delete",
            "a URL that deletes the victim's original",
            OWN_ORIGINALS,
            url("DELETE", Fixture::their_original),
        )
        .own(url("DELETE", Fixture::own_new)),
        Attack::new(
            "s3-presigned-list",
            "a URL that lists",
            DeniedBy::NotGranted("s3:ListBucket"),
            |s| s3("GET", &format!("/{}?list-type=2", s.bucket())).by(Signer::AttackerInUrl),
        ),
        Attack::new(
            "s3-own-url-other-key",
            "one's own URL with the victim's key in it",
            OWN_ORIGINALS,
            |s| {
                altered(s, &s.own_url, |url| {
                    url.replace(&s.attacker.identity, &s.victim.identity)
                        .replace(&s.own, &s.theirs)
                        .replace(
                            &s.attacker.identity.replace(':', "%3A"),
                            &s.victim.identity.replace(':', "%3A"),
                        )
                })
            },
        )
        .expecting(Expected::Code(&[
            "AccessDenied",
            "AccessDeniedException",
            "SignatureDoesNotMatch",
        ]))
        .own(|s| altered(s, &s.own_url, str::to_owned)),
    ];
    let unsigned = "does not check signatures beside API requests with bearer tokens";
    attacks.extend([
        Attack::new(
            "s3-shared-url-other-key",
            "a URL that the victim has shared, with another key",
            DeniedBy::Signature("covers the path"),
            |s| {
                altered(s, &s.shared_url, |url| {
                    url.replace("original-files", "thumbnails")
                        .replace(".jpg", "/small.jpg")
                })
            },
        )
        .expecting(Expected::Code(&["SignatureDoesNotMatch"]))
        .uncontrolled("a shared URL is meant to open")
        .only_on_aws(unsigned),
        Attack::new(
            "s3-shared-url-prolonged",
            "a URL that the victim has shared, with a longer life",
            DeniedBy::Signature("covers the expiry"),
            |s| {
                altered(s, &s.shared_url, |url| {
                    url.replace("X-Amz-Expires=", "X-Amz-Expires=9")
                })
            },
        )
        .expecting(Expected::Code(&[
            "SignatureDoesNotMatch",
            "AuthorizationQueryParametersError",
        ]))
        .uncontrolled("a shared URL is meant to open")
        .only_on_aws(unsigned),
        Attack::new(
            "s3-shared-url-put",
            "a URL that the victim has shared, as a PUT",
            DeniedBy::Signature("covers the method"),
            |s| {
                let mut call = altered(s, &s.shared_url, str::to_owned);
                call.method = http::Method::PUT;
                call
            },
        )
        .expecting(Expected::Code(&["SignatureDoesNotMatch"]))
        .uncontrolled("a shared URL is meant to open")
        .only_on_aws(unsigned),
    ]);
    attacks
}

/// Makes an unsigned request with a changed copy of a URL that another user has signed.
fn altered(fixture: &Fixture, url: &str, change: impl FnOnce(&str) -> String) -> Call {
    let base = fixture.target.url(Service::S3);
    let changed = change(url);
    let target = changed.strip_prefix(&base).unwrap_or_else(|| {
        // On AWS the SDK puts the bucket into the host name. With the bucket in the path, the
        // signature fails even sooner.
        changed.splitn(4, '/').nth(3).unwrap_or_default()
    });
    let target = if target.starts_with('/') {
        target.to_owned()
    } else {
        format!("/{target}")
    };
    s3("GET", &target).by(Signer::Anonymous)
}
