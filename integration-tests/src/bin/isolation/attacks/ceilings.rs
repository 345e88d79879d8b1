//! Attacks on the operator's bill: what a user may not store, even of one's own.

mod copies;
mod keys;
mod multipart;
mod storage;

use uuid::Uuid;

use crate::{
    attack::{Attack, DeniedBy},
    call::{Call, object},
    fixture::Fixture,
};

/// The extensions of the six formats.
const EXTENSIONS: [&str; 6] = ["jpg", "png", "webp", "gif", "heic", "avif"];

/// A text of the fixture: a key, or the source of a copy.
type Text = fn(&Fixture) -> String;

fn ceiling(how: &'static str) -> DeniedBy {
    DeniedBy::Statement("WriteOwnOriginals", how)
}

/// A key below one's own prefix, ending in this text.
fn own_key(fixture: &Fixture, name: &str) -> String {
    format!(
        "original-files/{}/{}/{name}",
        fixture.target.stage, fixture.attacker.identity
    )
}

/// A new key of one's own with this extension.
fn new_key(fixture: &Fixture, extension: &str) -> String {
    own_key(fixture, &format!("{}.{extension}", Uuid::now_v7()))
}

fn put(fixture: &Fixture, key: &str) -> Call {
    object("PUT", fixture.bucket(), key).body(b"one's own".as_slice())
}

fn new_image(fixture: &Fixture) -> Call {
    put(fixture, &fixture.own_new())
}

pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = multipart::attacks();
    attacks.extend(storage::attacks());
    attacks.extend(copies::attacks());
    attacks.extend(keys::attacks());
    attacks
}
