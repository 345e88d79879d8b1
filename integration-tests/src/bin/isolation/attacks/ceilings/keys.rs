//! Keys below one's own prefix that no upload has: a file host that shows in no listing.

use uuid::Uuid;

use super::{Text, ceiling, new_image, new_key, own_key, put};
use crate::{
    attack::Attack,
    call::{Signer, object},
};

const FORM: &str = "`<imageId>.<extension>` only";

/// Extensions that no upload has.
const FOREIGN: [(&str, &str); 12] = [
    ("jpeg", "jpeg"),
    ("upper-case", "JPG"),
    ("mixed-case", "Jpg"),
    ("html", "html"),
    ("svg", "svg"),
    ("zip", "zip"),
    ("mp4", "mp4"),
    ("second", "jpg.html"),
    ("twice", "jpg.jpg"),
    ("space", "jpg "),
    ("dot", "jpg."),
    ("slash", "jpg/"),
];

/// Names below one's own prefix that are no image's.
fn names() -> [(&'static str, &'static str, Text); 11] {
    [
        ("no-extension", "without an extension", |s| {
            own_key(s, &Uuid::now_v7().to_string())
        }),
        ("empty-extension", "with an empty extension", |s| {
            new_key(s, "")
        }),
        ("no-name", "without a name", |s| own_key(s, ".jpg")),
        ("folder", "in a folder", |s| {
            own_key(s, &format!("films/{}.jpg", Uuid::now_v7()))
        }),
        ("deep-folder", "in a deep folder", |s| {
            own_key(s, &format!("{}{}.jpg", "a/".repeat(40), Uuid::now_v7()))
        }),
        ("variant", "as a variant is named", |s| {
            own_key(s, &format!("{}/small.jpg", Uuid::now_v7()))
        }),
        ("plain", "with a name of one's choice", |s| {
            own_key(s, "cat.jpg")
        }),
        ("version-4", "with a UUID of version 4", |s| {
            own_key(s, &format!("{}.jpg", Uuid::new_v4()))
        }),
        ("no-hyphens", "with a UUID without hyphens", |s| {
            own_key(s, &format!("{}.jpg", Uuid::now_v7().simple()))
        }),
        ("braces", "with a UUID in braces", |s| {
            own_key(s, &format!("{}.jpg", Uuid::now_v7().braced()))
        }),
        ("long", "with a name of 900 characters", |s| {
            own_key(s, &format!("{}.jpg", "a".repeat(900)))
        }),
    ]
}

pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for (id, extension) in FOREIGN {
        let attack = Attack::new(
            format!("ceiling-extension-{id}"),
            format!("put one's own image as `.{extension}`"),
            ceiling(FORM),
            move |s| put(s, &new_key(s, extension)),
        )
        .own(new_image);
        attacks.push(if id == "slash" {
            attack.only_on_aws("drops the slash at the end of a key")
        } else {
            attack
        });
    }
    for (id, what, key) in names() {
        attacks.push(
            Attack::new(
                format!("ceiling-name-{id}"),
                format!("put one's own image {what}"),
                ceiling(FORM),
                move |s| put(s, &key(s)),
            )
            .own(new_image),
        );
    }
    attacks.push(
        Attack::new(
            "ceiling-name-url",
            "a URL that puts a page among one's own images",
            ceiling(FORM),
            |s| {
                object("PUT", s.bucket(), &new_key(s, "html"))
                    .by(Signer::AttackerInUrl)
                    .body(b"<script>".as_slice())
            },
        )
        .own(|s| {
            object("PUT", s.bucket(), &s.own_new())
                .by(Signer::AttackerInUrl)
                .body(b"one's own".as_slice())
        }),
    );
    attacks
}
