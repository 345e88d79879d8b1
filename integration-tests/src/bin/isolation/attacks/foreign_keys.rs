//! Keys that resemble the attacker's own prefix, and keys below it that name the victim.

use crate::{
    attack::{Attack, DeniedBy, Expected},
    call::{Call, object, raw_object},
    fixture::Fixture,
};

const OWN_ORIGINALS: DeniedBy = DeniedBy::Statement("OwnOriginals", "another prefix");
/// The reason of the keys below the attacker's prefix: IAM and S3 take a key as a name, not as a
/// path.
const LITERAL: DeniedBy = DeniedBy::Statement(
    "OwnOriginals",
    "a key is a name, not a path: it stays below one's own prefix",
);

/// A key whose spelling is close to the attacker's own prefix.
type Key = fn(&Fixture) -> String;

/// Keys outside the attacker's own prefix, in plain text.
const OUTSIDE: [(&str, &str, Key); 13] = [
    (
        "key-longer",
        "one's own identity and one character more",
        |s| {
            format!(
                "original-files/{}/{}x/{}.jpg",
                s.target.stage, s.attacker.identity, s.own
            )
        },
    ),
    (
        "key-shorter",
        "one's own identity and one character less",
        |s| {
            let identity = &s.attacker.identity;
            format!(
                "original-files/{}/{}/{}.jpg",
                s.target.stage,
                &identity[..identity.len() - 1],
                s.own
            )
        },
    ),
    ("key-upper-case", "one's own identity in upper case", |s| {
        format!(
            "original-files/{}/{}/{}.jpg",
            s.target.stage,
            s.attacker.identity.to_uppercase(),
            s.own
        )
    }),
    ("key-other-stage", "another stage", |s| {
        format!("original-files/prod2/{}/{}.jpg", s.attacker.identity, s.own)
    }),
    (
        "key-longer-stage",
        "the stage and one character more",
        |s| {
            format!(
                "original-files/{}2/{}/{}.jpg",
                s.target.stage, s.attacker.identity, s.own
            )
        },
    ),
    ("key-no-stage", "no stage", |s| {
        format!("original-files/{}/{}.jpg", s.attacker.identity, s.own)
    }),
    ("key-no-identity", "no identity", |s| {
        format!("original-files/{}/{}.jpg", s.target.stage, s.own)
    }),
    ("key-empty-identity", "an empty identity", |s| {
        format!("original-files/{}//{}.jpg", s.target.stage, s.own)
    }),
    (
        "key-identity-alone",
        "one's own identity without a slash after it",
        |s| format!("original-files/{}/{}", s.target.stage, s.attacker.identity),
    ),
    ("key-other-top", "another top folder", |s| {
        format!(
            "uploads/{}/{}/{}.jpg",
            s.target.stage, s.attacker.identity, s.own
        )
    }),
    ("key-leading-slash", "a leading slash", |s| {
        format!("/{}", s.own_original())
    }),
    ("key-lookalike", "a colon that only looks like one", |s| {
        s.own_original().replace(':', "\u{a789}")
    }),
    ("key-star", "a star for the identity", |s| {
        format!("original-files/{}/*/{}.jpg", s.target.stage, s.theirs)
    }),
];

/// Keys below the attacker's own prefix that name the victim, encoded as they are sent.
const BELOW: [(&str, &str, Key); 6] = [
    ("key-dot-dot", "`..`", |s| up(s, "../")),
    ("key-dot-dot-encoded", "`%2e%2e`", |s| up(s, "%2e%2e/")),
    ("key-dot-dot-slash-encoded", "`..%2F`", |s| up(s, "..%2F")),
    ("key-double-encoded", "`%252e%252e%252F`", |s| {
        up(s, "%252e%252e%252F")
    }),
    ("key-double-slash", "`//` and the victim's identity", |s| {
        up(s, "/")
    }),
    ("key-backslash", "`..\\`", |s| up(s, "..%5C")),
];

fn up(fixture: &Fixture, step: &str) -> String {
    format!(
        "original-files/{}/{}/{step}{}/{}.jpg",
        fixture.target.stage, fixture.attacker.identity, fixture.victim.identity, fixture.theirs
    )
}

fn own_put(fixture: &Fixture) -> Call {
    object("PUT", fixture.bucket(), &fixture.own_new()).body(b"own".as_slice())
}

pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for (id, what, key) in OUTSIDE {
        let put = Attack::new(
            format!("{id}-put"),
            format!("put to {what}"),
            OWN_ORIGINALS,
            move |s| object("PUT", s.bucket(), &key(s)).body(b"x".as_slice()),
        )
        .own(own_put);
        let get = Attack::new(
            format!("{id}-get"),
            format!("get from {what}"),
            OWN_ORIGINALS,
            move |s| object("GET", s.bucket(), &key(s)),
        )
        .own(|s| object("GET", s.bucket(), &s.own_original()));
        attacks.extend([put, get].map(|attack| {
            if id == "key-leading-slash" {
                attack.only_on_aws("drops the empty first part of a key, and so it is one's own")
            } else {
                attack
            }
        }));
    }
    for (id, what, key) in BELOW {
        for method in ["GET", "PUT", "DELETE"] {
            let verb = method.to_lowercase();
            attacks.push(
                Attack::new(
                    format!("{id}-{verb}"),
                    format!("{verb} through {what} out of one's own prefix"),
                    LITERAL,
                    move |s| raw_object(method, s.bucket(), &key(s)),
                )
                .expecting(Expected::Nothing)
                .uncontrolled("the request may succeed, on a strange key in one's own user store"),
            );
        }
    }
    attacks.push(
        Attack::new(
            "key-other-bucket",
            "put into another bucket of the account",
            OWN_ORIGINALS,
            |s| object("PUT", "hikidashi-artifacts", &s.own_original()),
        )
        .own(own_put),
    );
    attacks.push(
        Attack::new(
            "key-bucket-in-path",
            "reach the bucket through `..` in the path",
            OWN_ORIGINALS,
            |s| {
                raw_object(
                    "GET",
                    &format!("nobody/../{}", s.bucket()),
                    &s.their_original(),
                )
            },
        )
        .expecting(Expected::Status(&[400, 403, 404]))
        .uncontrolled("there is no such bucket"),
    );
    attacks
}
