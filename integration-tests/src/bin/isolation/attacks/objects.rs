//! Attacks on single objects of the victim.

mod presigned;
mod sub_resources;

use crate::{
    attack::{Attack, DeniedBy, Expected},
    call::{Call, Signer, object},
    fixture::Fixture,
};

const OWN_ORIGINALS: DeniedBy = DeniedBy::Statement("OwnOriginals", "another identity's prefix");
const WRITE_OWN: DeniedBy = DeniedBy::Statement("WriteOwnOriginals", "another identity's prefix");
const STORAGE: DeniedBy = DeniedBy::Statement(
    "WriteOwnOriginals",
    "the standard class and the bucket's own encryption only",
);
const OWN_THUMBNAILS: DeniedBy = DeniedBy::Statement("OwnThumbnails", "another identity's prefix");
const NOT_AS_AUTHOR: DeniedBy = DeniedBy::Statement("OwnThumbnails", "`s3:GetObject` only");

fn new_image(fixture: &Fixture) -> Call {
    put(fixture, &fixture.own_new())
}

fn put(fixture: &Fixture, key: &str) -> Call {
    object("PUT", fixture.bucket(), key).body(b"not yours".as_slice())
}

fn copied(fixture: &Fixture, from: &str, to: &str) -> Call {
    object("PUT", fixture.bucket(), to).header(
        "x-amz-copy-source",
        format!("/{}/{}", fixture.bucket(), as_retried(from)),
    )
}

/// Encodes the key of a copy's source as the API's retry does: the colon of the identity id stays.
fn as_retried(key: &str) -> String {
    crate::call::encoded(key).replace("%3A", ":")
}

pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    attacks.extend(reads());
    attacks.extend(writes());
    attacks.extend(storage());
    attacks.extend(copies());
    attacks.extend(sub_resources::attacks());
    attacks.extend(presigned::attacks());
    attacks
}

fn reads() -> Vec<Attack> {
    vec![
        Attack::new(
            "s3-get-original",
            "read the victim's original",
            OWN_ORIGINALS,
            |s| object("GET", s.bucket(), &s.their_original()),
        )
        .own(|s| object("GET", s.bucket(), &s.own_original())),
        Attack::new(
            "s3-get-range",
            "read one byte of the victim's original",
            OWN_ORIGINALS,
            |s| object("GET", s.bucket(), &s.their_original()).header("range", "bytes=0-0"),
        )
        .own(|s| object("GET", s.bucket(), &s.own_original()).header("range", "bytes=0-0")),
        Attack::new(
            "s3-get-thumbnail",
            "read the victim's thumbnail",
            OWN_THUMBNAILS,
            |s| object("GET", s.bucket(), &s.their_thumbnail()),
        )
        .own(|s| object("GET", s.bucket(), &s.own_thumbnail())),
        Attack::new(
            "s3-head-original",
            "ask whether the victim's original exists",
            OWN_ORIGINALS,
            |s| object("HEAD", s.bucket(), &s.their_original()),
        )
        .own(|s| object("HEAD", s.bucket(), &s.own_original())),
        Attack::new(
            "s3-head-thumbnail",
            "ask for the size of the victim's thumbnail",
            OWN_THUMBNAILS,
            |s| object("HEAD", s.bucket(), &s.their_thumbnail()),
        )
        .own(|s| object("HEAD", s.bucket(), &s.own_thumbnail())),
        Attack::new(
            "s3-get-version",
            "read a version of the victim's original",
            DeniedBy::NotGranted("s3:GetObjectVersion"),
            |s| object("GET", s.bucket(), &s.their_original()).query("versionId=null"),
        )
        .uncontrolled("the bucket keeps no versions"),
        Attack::new(
            "s3-get-if-match",
            "learn the victim's ETag by conditions",
            OWN_ORIGINALS,
            |s| object("GET", s.bucket(), &s.their_original()).header("if-none-match", "*"),
        )
        .uncontrolled("the condition never holds; s3-get-original is the control"),
        Attack::new(
            "s3-get-part",
            "read the first part of the victim's original",
            OWN_ORIGINALS,
            |s| object("GET", s.bucket(), &s.their_original()).query("partNumber=1"),
        )
        .own(|s| object("GET", s.bucket(), &s.own_original()).query("partNumber=1")),
        Attack::new(
            "s3-get-response-headers",
            "read with overridden response headers",
            OWN_ORIGINALS,
            |s| {
                object("GET", s.bucket(), &s.their_original())
                    .query("response-content-type=text%2Fhtml")
            },
        )
        .own(|s| {
            object("GET", s.bucket(), &s.own_original()).query("response-content-type=text%2Fhtml")
        }),
        Attack::new(
            "s3-get-unsigned",
            "read the victim's original without a name",
            DeniedBy::Statement(
                "OwnOriginals",
                "an identity's own prefix, and an unsigned request has no identity",
            ),
            |s| object("GET", s.bucket(), &s.their_original()).by(Signer::Anonymous),
        )
        .own(|s| object("GET", s.bucket(), &s.own_original())),
    ]
}

fn writes() -> Vec<Attack> {
    vec![
        Attack::new("s3-put-original", "overwrite the victim's original", WRITE_OWN, |s| put(s, &s.their_original()))
            .own(new_image),
        Attack::new("s3-put-new", "put a new object into the victim's user store", WRITE_OWN, |s| {
            put(s, &s.original(&s.victim.identity, &s.own))
        })
        .own(new_image),
        Attack::new("s3-put-if-none-match", "put conditionally, to learn what exists", WRITE_OWN, |s| {
            put(s, &s.their_original()).header("if-none-match", "*")
        })
        .own(|s| new_image(s).header("if-none-match", "*")),
        Attack::new("s3-put-owner-metadata", "overwrite with the victim named in the metadata", WRITE_OWN, |s| {
            put(s, &s.their_original()).header("x-amz-meta-identityid", s.victim.identity.clone())
        })
        .own(|s| new_image(s).header("x-amz-meta-identityid", s.victim.identity.clone())),
        Attack::new("s3-put-acl-public", "overwrite and make public", WRITE_OWN, |s| {
            put(s, &s.their_original()).header("x-amz-acl", "public-read")
        })
        .uncontrolled("the bucket takes no ACLs, not even from its owner"),
        Attack::new("s3-put-their-thumbnail", "overwrite the victim's thumbnail", NOT_AS_AUTHOR, |s| put(s, &s.their_thumbnail()))
            .own(new_image),
        Attack::new("s3-put-own-thumbnail", "forge one's own thumbnail", NOT_AS_AUTHOR, |s| put(s, &s.own_thumbnail()))
            .own(new_image),
        Attack::new("s3-delete-original", "delete the victim's original", OWN_ORIGINALS, |s| {
            object("DELETE", s.bucket(), &s.their_original())
        })
        .own(|s| object("DELETE", s.bucket(), &s.own_new())),
        Attack::new("s3-delete-their-thumbnail", "delete the victim's thumbnail", NOT_AS_AUTHOR, |s| {
            object("DELETE", s.bucket(), &s.their_thumbnail())
        })
        .own(|s| object("DELETE", s.bucket(), &s.own_new())),
        Attack::new("s3-delete-own-thumbnail", "delete one's own thumbnail", NOT_AS_AUTHOR, |s| {
            object("DELETE", s.bucket(), &s.own_thumbnail())
        })
        .own(|s| object("DELETE", s.bucket(), &s.own_new())),
        Attack::new("s3-delete-version", "delete a version of the victim's original", DeniedBy::NotGranted("s3:DeleteObjectVersion"), |s| {
            object("DELETE", s.bucket(), &s.their_original()).query("versionId=null")
        })
        .uncontrolled("it would delete"),
        Attack::new("s3-delete-many", "delete several objects at once", OWN_ORIGINALS, |s| delete_many(s, &[s.their_original(), s.their_thumbnail()]))
            .expecting(Expected::Nothing)
            .uncontrolled("S3 answers 200 with a refusal for each key; the emulator refuses the whole: what counts is that nothing is deleted"),
        Attack::new("s3-delete-many-mixed", "delete the victim's objects beside one's own", OWN_ORIGINALS, |s| {
            delete_many(s, &[s.own_new(), s.their_original()])
        })
        .expecting(Expected::Nothing)
        .uncontrolled("as s3-delete-many"),
    ]
}

/// Puts of one's own that the worker could not read, or that cost the operator more.
fn storage() -> Vec<Attack> {
    const KEY: [(&str, &str); 3] = [
        ("algorithm", "AES256"),
        ("key", "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="),
        ("key-md5", "UhbdzFjo2t5SVgded/ZC2g=="),
    ];
    let in_class =
        |class: &'static str| move |s: &Fixture| new_image(s).header("x-amz-storage-class", class);
    vec![
        Attack::new(
            "s3-put-glacier",
            "put one's own original into an archive",
            STORAGE,
            in_class("GLACIER"),
        )
        .own(in_class("STANDARD")),
        Attack::new(
            "s3-put-deep-archive",
            "put one's own original into a deep archive",
            STORAGE,
            in_class("DEEP_ARCHIVE"),
        )
        .own(in_class("STANDARD")),
        Attack::new(
            "s3-copy-to-glacier",
            "copy one's own original into an archive",
            STORAGE,
            |s| copied(s, &s.own_original(), &s.own_new()).header("x-amz-storage-class", "GLACIER"),
        )
        .own(|s| copied(s, &s.own_original(), &s.own_new())),
        Attack::new(
            "s3-put-customer-key",
            "encrypt one's own original with a key of one's own",
            STORAGE,
            |s| {
                KEY.iter().fold(new_image(s), |put, (name, value)| {
                    let name = format!("x-amz-server-side-encryption-customer-{name}");
                    put.header(&name, *value)
                })
            },
        )
        .own(new_image),
        Attack::new(
            "s3-put-kms",
            "encrypt one's own original with a key of KMS",
            STORAGE,
            |s| new_image(s).header("x-amz-server-side-encryption", "aws:kms"),
        )
        .own(|s| new_image(s).header("x-amz-server-side-encryption", "AES256")),
    ]
}

fn delete_many(fixture: &Fixture, keys: &[String]) -> Call {
    let mut objects = String::new();
    for key in keys {
        objects.push_str("<Object><Key>");
        objects.push_str(key);
        objects.push_str("</Key></Object>");
    }
    let body =
        format!("<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{objects}</Delete>");
    crate::call::s3("POST", &format!("/{}?delete=", fixture.bucket()))
        .header("x-amz-sdk-checksum-algorithm", "CRC32")
        .body(body)
}

fn copies() -> Vec<Attack> {
    let own = |s: &Fixture| copied(s, &s.own_original(), &s.own_new());
    vec![
        Attack::new(
            "s3-copy-from-original",
            "copy the victim's original into one's user store",
            OWN_ORIGINALS,
            |s| copied(s, &s.their_original(), &s.own_new()),
        )
        .own(own),
        Attack::new(
            "s3-copy-from-thumbnail",
            "copy the victim's thumbnail into one's user store",
            OWN_THUMBNAILS,
            |s| copied(s, &s.their_thumbnail(), &s.own_new()),
        )
        .own(own),
        Attack::new(
            "s3-copy-to",
            "copy one's own over the victim's original",
            WRITE_OWN,
            |s| copied(s, &s.own_original(), &s.their_original()),
        )
        .own(own),
        Attack::new(
            "s3-copy-onto-itself",
            "re-drive the victim's image",
            OWN_ORIGINALS,
            |s| {
                copied(s, &s.their_original(), &s.their_original())
                    .header("x-amz-metadata-directive", "REPLACE")
            },
        )
        .own(|s| {
            copied(s, &s.own_original(), &s.own_original())
                .header("x-amz-metadata-directive", "REPLACE")
        }),
        Attack::new(
            "s3-copy-to-thumbnail",
            "copy one's original over one's thumbnail",
            NOT_AS_AUTHOR,
            |s| copied(s, &s.own_original(), &s.own_thumbnail()),
        )
        .own(own),
        Attack::new(
            "s3-copy-dot-dot",
            "copy from a source with `..`",
            OWN_ORIGINALS,
            |s| {
                let from = format!(
                    "original-files/{}/{}/../{}/{}.jpg",
                    s.target.stage, s.attacker.identity, s.victim.identity, s.theirs
                );
                copied(s, &from, &s.own_new())
            },
        )
        .expecting(Expected::Nothing)
        .uncontrolled("a key is a name and not a path: there is no such object"),
        Attack::new(
            "s3-copy-encoded",
            "copy from a source with encoded slashes",
            OWN_ORIGINALS,
            |s| {
                let source = format!(
                    "{}%2F{}",
                    s.bucket(),
                    crate::call::encoded(&s.their_original()).replace('/', "%2F")
                );
                object("PUT", s.bucket(), &s.own_new()).header("x-amz-copy-source", source)
            },
        )
        .uncontrolled(
            "a source is compared as it is spelled; s3-copy-from-original is the control",
        ),
        Attack::new(
            "s3-rename",
            "rename the victim's original into one's user store",
            OWN_ORIGINALS,
            |s| {
                object("PUT", s.bucket(), &s.own_new())
                    .query("renameObject=")
                    .header(
                        "x-amz-rename-source",
                        format!("/{}/{}", s.bucket(), s.their_original()),
                    )
            },
        )
        .expecting(Expected::Nothing)
        .uncontrolled("only directory buckets rename"),
    ]
}
