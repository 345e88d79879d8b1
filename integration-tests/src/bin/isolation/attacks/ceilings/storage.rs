//! Classes and encryption that cost more, or that the worker can't read.

use super::{ceiling, new_image};
use crate::{
    attack::Attack,
    call::{Call, encoded, object},
    fixture::Fixture,
};

const CLASS: &str = "the standard class only";
const ENCRYPTION: &str = "the bucket's own encryption only";

const CLASSES: [&str; 7] = [
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "REDUCED_REDUNDANCY",
    "OUTPOSTS",
    "SNOW",
];

const KEY_ID: &str = "arn:aws:kms:us-east-1:123456789012:key/0190a5d0-7bcd-4abc-8def-0123456789ab";

type Put = fn(&Fixture) -> Call;

fn copy(fixture: &Fixture) -> Call {
    let source = encoded(&fixture.own_original()).replace("%3A", ":");
    object("PUT", fixture.bucket(), &fixture.own_new()).header(
        "x-amz-copy-source",
        format!("/{}/{source}", fixture.bucket()),
    )
}

fn encrypted(call: Call, algorithm: &str) -> Call {
    call.header("x-amz-server-side-encryption", algorithm)
}

fn with_key_id(call: Call) -> Call {
    call.header("x-amz-server-side-encryption-aws-kms-key-id", KEY_ID)
}

fn with_own_key(call: Call) -> Call {
    [
        ("algorithm", "AES256"),
        ("key", "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="),
        ("key-md5", "UhbdzFjo2t5SVgded/ZC2g=="),
    ]
    .into_iter()
    .fold(call, |call, (name, value)| {
        let name = format!("x-amz-server-side-encryption-customer-{name}");
        call.header(&name, value)
    })
}

pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for class in CLASSES {
        let name = class.to_lowercase().replace('_', "-");
        attacks.push(
            Attack::new(
                format!("ceiling-class-{name}"),
                format!("put one's own original as `{class}`"),
                ceiling(CLASS),
                move |s| new_image(s).header("x-amz-storage-class", class),
            )
            .own(|s| new_image(s).header("x-amz-storage-class", "STANDARD")),
        );
    }
    for class in ["STANDARD_IA", "DEEP_ARCHIVE"] {
        let name = class.to_lowercase().replace('_', "-");
        attacks.push(
            Attack::new(
                format!("ceiling-class-copy-{name}"),
                format!("copy one's own original to `{class}`"),
                ceiling(CLASS),
                move |s| copy(s).header("x-amz-storage-class", class),
            )
            .own(copy),
        );
    }
    let encryptions: [(&str, &str, Put); 7] = [
        ("dsse", "encrypt twice with a key of KMS", |s| {
            encrypted(new_image(s), "aws:kms:dsse")
        }),
        ("kms-key", "encrypt with a certain key of KMS", |s| {
            with_key_id(encrypted(new_image(s), "aws:kms"))
        }),
        ("dsse-key", "encrypt twice with a certain key of KMS", |s| {
            with_key_id(encrypted(new_image(s), "aws:kms:dsse"))
        }),
        ("key-alone", "name a key of KMS without an algorithm", |s| {
            with_key_id(new_image(s))
        }),
        ("copy-kms", "copy with a key of KMS", |s| {
            encrypted(copy(s), "aws:kms")
        }),
        ("copy-dsse", "copy, encrypted twice", |s| {
            encrypted(copy(s), "aws:kms:dsse")
        }),
        ("copy-customer-key", "copy with a key of one's own", |s| {
            with_own_key(copy(s))
        }),
    ];
    for (id, tries, call) in encryptions {
        attacks.push(
            Attack::new(
                format!("ceiling-encryption-{id}"),
                tries,
                ceiling(ENCRYPTION),
                call,
            )
            .own(|s| encrypted(new_image(s), "AES256")),
        );
    }
    attacks
}
