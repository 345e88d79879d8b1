//! Copies: they take no bandwidth of the sender's, and S3 lets them come from any bucket.

use super::{Text, ceiling, new_key};
use crate::{
    attack::Attack,
    call::{Call, encoded, object},
    fixture::Fixture,
};

const OWN_SOURCE: &str = "copies of one's own originals only";

fn from(fixture: &Fixture, source: impl Into<String>) -> Call {
    object("PUT", fixture.bucket(), &fixture.own_new()).header("x-amz-copy-source", source)
}

/// The source of a copy as the API's retry writes it: the colon of the identity id as it is.
fn source(fixture: &Fixture, slash: &str, key: &str) -> String {
    let key = encoded(key).replace("%3A", ":");
    format!("{slash}{}/{key}", fixture.bucket())
}

fn own(fixture: &Fixture) -> Call {
    from(fixture, source(fixture, "/", &fixture.own_original()))
}

fn own_without_slash(fixture: &Fixture) -> Call {
    from(fixture, source(fixture, "", &fixture.own_original()))
}

pub(super) fn attacks() -> Vec<Attack> {
    let sources: [(&str, &str, Text); 8] = [
        ("thumbnail", "one's own thumbnail", |s| {
            source(s, "/", &s.own_thumbnail())
        }),
        (
            "thumbnail-plain",
            "one's own thumbnail, without a slash before the bucket",
            |s| source(s, "", &s.own_thumbnail()),
        ),
        ("public-bucket", "somebody's public bucket", |_| {
            "/noaa-goes16/index.html".to_owned()
        }),
        ("artifacts", "another bucket of the account", |s| {
            format!("hikidashi-artifacts/{}", s.own_original())
        }),
        ("access-point", "an access point", |s| {
            let key = encoded(&s.own_original());
            format!("arn:aws:s3:us-east-1:123456789012:accesspoint/mine/object/{key}")
        }),
        ("other-stage", "another stage", |s| {
            source(s, "/", &s.own_original().replacen('/', "/prod2/", 1))
        }),
        ("longer-identity", "an identity one character longer", |s| {
            let identity = &s.attacker.identity;
            source(
                s,
                "/",
                &s.own_original().replace(identity, &format!("{identity}x")),
            )
        }),
        ("checkpoint", "the reconciliation's checkpoint", |s| {
            source(s, "/", &format!("reconcile/{}/checkpoint", s.target.stage))
        }),
    ];
    let mut attacks = Vec::new();
    for (id, what, source) in sources {
        attacks.push(
            Attack::new(
                format!("ceiling-copy-{id}"),
                format!("copy from {what}"),
                ceiling(OWN_SOURCE),
                move |s| from(s, source(s)),
            )
            .own(own),
        );
    }
    attacks.push(
        Attack::new(
            "ceiling-copy-to-movie",
            "copy one's own original to a name that no upload has",
            ceiling("the extensions of uploads only"),
            |s| {
                object("PUT", s.bucket(), &new_key(s, "mp4"))
                    .header("x-amz-copy-source", source(s, "", &s.own_original()))
            },
        )
        .own(own_without_slash),
    );
    attacks
}
