//! Attacks on an object's subresources: its ACL, its tags, its versions.

use super::OWN_ORIGINALS;
use crate::{
    attack::{Attack, DeniedBy},
    call::object,
};

#[expect(clippy::too_many_lines, reason = "a list, and no logic")]
pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for (id, method, query, action, tries) in [
        (
            "s3-acl-get",
            "GET",
            "acl=",
            "s3:GetObjectAcl",
            "read the ACL of the victim's original",
        ),
        (
            "s3-acl-put",
            "PUT",
            "acl=",
            "s3:PutObjectAcl",
            "make the victim's original public",
        ),
        (
            "s3-tagging-get",
            "GET",
            "tagging=",
            "s3:GetObjectTagging",
            "read the tags of the victim's original",
        ),
        (
            "s3-tagging-put",
            "PUT",
            "tagging=",
            "s3:PutObjectTagging",
            "tag the victim's original",
        ),
        (
            "s3-tagging-delete",
            "DELETE",
            "tagging=",
            "s3:DeleteObjectTagging",
            "remove the tags of the victim's original",
        ),
        (
            "s3-retention-get",
            "GET",
            "retention=",
            "s3:GetObjectRetention",
            "read the retention of the victim's original",
        ),
        (
            "s3-retention-put",
            "PUT",
            "retention=",
            "s3:PutObjectRetention",
            "retain the victim's original for ever",
        ),
        (
            "s3-legal-hold-get",
            "GET",
            "legal-hold=",
            "s3:GetObjectLegalHold",
            "read the legal hold of the victim's original",
        ),
        (
            "s3-legal-hold-put",
            "PUT",
            "legal-hold=",
            "s3:PutObjectLegalHold",
            "put a legal hold on the victim's original",
        ),
        (
            "s3-attributes",
            "GET",
            "attributes=",
            "s3:GetObjectAttributes",
            "read the attributes of the victim's original",
        ),
        (
            "s3-torrent",
            "GET",
            "torrent=",
            "s3:GetObjectTorrent",
            "read the victim's original as a torrent",
        ),
        (
            "s3-restore",
            "POST",
            "restore=",
            "s3:RestoreObject",
            "restore the victim's original",
        ),
    ] {
        let attack = Attack::new(id, tries, DeniedBy::NotGranted(action), move |s| {
            let call = object(method, s.bucket(), &s.their_original()).query(query);
            match query {
                "acl=" if method == "PUT" => call.header("x-amz-acl", "public-read"),
                "tagging=" if method == "PUT" => call.body("<Tagging><TagSet/></Tagging>"),
                "attributes=" => call.header("x-amz-object-attributes", "ETag,ObjectSize"),
                _ => call,
            }
        });
        attacks.push(match id {
            "s3-acl-get" | "s3-tagging-get" | "s3-attributes" => attack,
            "s3-torrent" | "s3-retention-get" | "s3-legal-hold-get" => {
                attack.uncontrolled("the bucket has no such thing")
            }
            _ => attack.uncontrolled("it would change the victim's object"),
        });
    }
    attacks.push(
        Attack::new("s3-select", "query the victim's original", OWN_ORIGINALS, |s| {
            object("POST", s.bucket(), &s.their_original()).query("select=&select-type=2").body(
                "<SelectObjectContentRequest><Expression>SELECT * FROM S3Object</Expression><ExpressionType>SQL</ExpressionType>\
                 <InputSerialization><CSV/></InputSerialization><OutputSerialization><CSV/></OutputSerialization></SelectObjectContentRequest>",
            )
        })
        .uncontrolled("an image is no table"),
    );
    attacks
}
