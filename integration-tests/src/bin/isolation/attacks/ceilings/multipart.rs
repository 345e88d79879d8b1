//! Uploads in parts: parts are stored, paid for, and seen by nobody.

use super::{EXTENSIONS, ceiling, new_key};
use crate::{
    attack::Attack,
    call::{Call, Signer, encoded, object},
    fixture::Fixture,
};

const WHOLE: &str = "whole objects only";

/// A part of an upload of the attacker's key, which the operator has begun.
fn part(fixture: &Fixture, number: u16) -> Call {
    let upload = &fixture.own_upload;
    object("PUT", fixture.bucket(), &fixture.own_multipart())
        .query(&format!("partNumber={number}&uploadId={upload}"))
}

fn copied_part(fixture: &Fixture, from: &str) -> Call {
    let source = format!("/{}/{}", fixture.bucket(), encoded(from));
    part(fixture, 2).header("x-amz-copy-source", source)
}

pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for extension in EXTENSIONS {
        attacks.push(Attack::new(
            format!("ceiling-mpu-create-{extension}"),
            format!("begin an upload in parts of one's own `.{extension}`"),
            ceiling(WHOLE),
            move |s| object("POST", s.bucket(), &new_key(s, extension)).query("uploads="),
        ));
    }
    attacks.push(
        Attack::new(
            "ceiling-mpu-create-url",
            "a URL that begins an upload in parts",
            ceiling(WHOLE),
            |s| {
                object("POST", s.bucket(), &s.own_new())
                    .query("uploads=")
                    .by(Signer::AttackerInUrl)
            },
        )
        .uncontrolled("ceiling-mpu-create-jpg is the control"),
    );
    for number in [1, 10_000] {
        attacks.push(Attack::new(
            format!("ceiling-mpu-part-{number}"),
            format!("send part {number} of an upload of one's own"),
            ceiling(WHOLE),
            move |s| part(s, number).body(b"a part".as_slice()),
        ));
    }
    attacks.push(
        Attack::new(
            "ceiling-mpu-part-url",
            "a URL that sends a part",
            ceiling(WHOLE),
            |s| {
                part(s, 3)
                    .by(Signer::AttackerInUrl)
                    .body(b"a part".as_slice())
            },
        )
        .uncontrolled("ceiling-mpu-part-1 is the control"),
    );
    attacks.extend([
        Attack::new(
            "ceiling-mpu-part-copy",
            "copy one's own original as a part",
            ceiling(WHOLE),
            |s| copied_part(s, &s.own_original()),
        ),
        Attack::new(
            "ceiling-mpu-part-copy-range",
            "copy a range of one's own original as a part",
            ceiling(WHOLE),
            |s| copied_part(s, &s.own_original()).header("x-amz-copy-source-range", "bytes=0-9"),
        ),
        Attack::new(
            "ceiling-mpu-part-copy-thumbnail",
            "copy one's own thumbnail as a part",
            ceiling(WHOLE),
            |s| copied_part(s, &s.own_thumbnail()),
        ),
    ]);
    attacks
}
