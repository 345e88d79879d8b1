//! Attacks on multipart uploads: the victim's, and new ones into the victim's user store.

use crate::{
    attack::{Attack, DeniedBy},
    call::{encoded, object, s3},
    fixture::Fixture,
};

const OWN_ORIGINALS: DeniedBy = DeniedBy::Statement(
    "WriteOwnOriginals",
    "another identity's prefix, and whole objects only",
);

fn part(fixture: &Fixture, key: &str, upload: &str) -> crate::call::Call {
    object("PUT", fixture.bucket(), key)
        .query(&format!("partNumber=1&uploadId={upload}"))
        .body(b"a part".as_slice())
}

fn part_copy(fixture: &Fixture, from: &str) -> crate::call::Call {
    object("PUT", fixture.bucket(), &fixture.own_multipart())
        .query(&format!("partNumber=2&uploadId={}", fixture.own_upload))
        .header(
            "x-amz-copy-source",
            format!("/{}/{}", fixture.bucket(), encoded(from)),
        )
}

fn complete(fixture: &Fixture, key: &str, upload: &str) -> crate::call::Call {
    object("POST", fixture.bucket(), key).query(&format!("uploadId={upload}")).body(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>",
    )
}

pub(super) fn attacks() -> Vec<Attack> {
    vec![
        Attack::new(
            "mpu-create",
            "begin an upload over the victim's original",
            OWN_ORIGINALS,
            |s| object("POST", s.bucket(), &s.their_original()).query("uploads="),
        )
        .uncontrolled("it would begin one; ceiling-mpu-create-jpg is the control"),
        Attack::new(
            "mpu-create-thumbnail",
            "begin an upload over one's own thumbnail",
            DeniedBy::Statement("OwnThumbnails", "`s3:GetObject` only"),
            |s| object("POST", s.bucket(), &s.own_thumbnail()).query("uploads="),
        )
        .uncontrolled("it would begin one; ceiling-mpu-create-jpg is the control"),
        Attack::new(
            "mpu-part",
            "replace a part of the victim's upload",
            OWN_ORIGINALS,
            |s| part(s, &s.their_multipart(), &s.their_upload),
        )
        .uncontrolled("it would replace the part; ceiling-mpu-part-1 is the control"),
        Attack::new(
            "mpu-part-copy-from",
            "copy the victim's original as a part of one's own upload",
            OWN_ORIGINALS,
            |s| part_copy(s, &s.their_original()),
        ),
        Attack::new(
            "mpu-part-copy-range",
            "copy a range of the victim's original",
            OWN_ORIGINALS,
            |s| part_copy(s, &s.their_original()).header("x-amz-copy-source-range", "bytes=0-9"),
        ),
        Attack::new(
            "mpu-part-cross",
            "use the victim's upload id with one's own key",
            OWN_ORIGINALS,
            |s| part(s, &s.own_multipart(), &s.their_upload),
        )
        .expecting(crate::attack::Expected::Code(&[
            "NoSuchUpload",
            "AccessDenied",
            "AccessDeniedException",
        ]))
        .uncontrolled("ceiling-mpu-part-1 is the control"),
        Attack::new(
            "mpu-complete",
            "complete the victim's upload",
            OWN_ORIGINALS,
            |s| complete(s, &s.their_multipart(), &s.their_upload),
        )
        .uncontrolled("completing needs the parts' true ETags; ceiling-mpu-part-1 is the control"),
        Attack::new(
            "mpu-abort",
            "abort the victim's upload",
            DeniedBy::NotGranted("s3:AbortMultipartUpload"),
            |s| {
                object("DELETE", s.bucket(), &s.their_multipart())
                    .query(&format!("uploadId={}", s.their_upload))
            },
        )
        .uncontrolled("it would abort"),
        Attack::new(
            "mpu-list-parts",
            "list the parts of the victim's upload",
            DeniedBy::NotGranted("s3:ListMultipartUploadParts"),
            |s| {
                object("GET", s.bucket(), &s.their_multipart())
                    .query(&format!("uploadId={}", s.their_upload))
            },
        ),
        Attack::new(
            "mpu-list",
            "list all uploads",
            DeniedBy::NotGranted("s3:ListBucketMultipartUploads"),
            |s| s3("GET", &format!("/{}?uploads=", s.bucket())),
        ),
        Attack::new(
            "mpu-list-theirs",
            "list the victim's uploads",
            DeniedBy::NotGranted("s3:ListBucketMultipartUploads"),
            |s| {
                let prefix = encoded(&s.their_multipart()).replace('/', "%2F");
                s3("GET", &format!("/{}?prefix={prefix}&uploads=", s.bucket()))
            },
        ),
    ]
}
