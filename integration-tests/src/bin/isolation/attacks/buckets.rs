//! Attacks on the bucket itself: listings, and changes of its configuration.

use crate::{
    attack::{Attack, DeniedBy},
    call::{encoded, object, s3},
};

/// Reads of the bucket's configuration, which the operator may make.
const READS: [(&str, &str, &str, &str); 19] = [
    (
        "bucket-list",
        "list-type=2",
        "s3:ListBucket",
        "list the bucket",
    ),
    (
        "bucket-list-v1",
        "",
        "s3:ListBucket",
        "list the bucket, the old way",
    ),
    (
        "bucket-list-delimiter",
        "list-type=2&prefix=original-files%2F&delimiter=%2F",
        "s3:ListBucket",
        "list all identities",
    ),
    (
        "bucket-versions",
        "versions=",
        "s3:ListBucketVersions",
        "list versions",
    ),
    (
        "bucket-acl",
        "acl=",
        "s3:GetBucketAcl",
        "read the bucket's ACL",
    ),
    (
        "bucket-policy",
        "policy=",
        "s3:GetBucketPolicy",
        "read the bucket's policy",
    ),
    (
        "bucket-policy-status",
        "policyStatus=",
        "s3:GetBucketPolicyStatus",
        "ask whether the bucket is public",
    ),
    (
        "bucket-cors",
        "cors=",
        "s3:GetBucketCORS",
        "read the bucket's CORS rules",
    ),
    (
        "bucket-lifecycle",
        "lifecycle=",
        "s3:GetLifecycleConfiguration",
        "read the bucket's lifecycle",
    ),
    (
        "bucket-notification",
        "notification=",
        "s3:GetBucketNotification",
        "read the bucket's notifications",
    ),
    (
        "bucket-location",
        "location=",
        "s3:GetBucketLocation",
        "ask where the bucket is",
    ),
    (
        "bucket-versioning",
        "versioning=",
        "s3:GetBucketVersioning",
        "ask whether the bucket keeps versions",
    ),
    (
        "bucket-encryption",
        "encryption=",
        "s3:GetEncryptionConfiguration",
        "read the bucket's encryption",
    ),
    (
        "bucket-ownership",
        "ownershipControls=",
        "s3:GetBucketOwnershipControls",
        "read the bucket's ownership rules",
    ),
    (
        "bucket-public-access",
        "publicAccessBlock=",
        "s3:GetBucketPublicAccessBlock",
        "read the bucket's public access block",
    ),
    (
        "bucket-logging",
        "logging=",
        "s3:GetBucketLogging",
        "read the bucket's logging",
    ),
    (
        "bucket-accelerate",
        "accelerate=",
        "s3:GetAccelerateConfiguration",
        "read the bucket's acceleration",
    ),
    (
        "bucket-request-payment",
        "requestPayment=",
        "s3:GetBucketRequestPayment",
        "ask who pays",
    ),
    (
        "bucket-inventories",
        "inventory=",
        "s3:GetInventoryConfiguration",
        "list the bucket's inventories",
    ),
];

/// Changes of the bucket, which have no control because they would take effect.
const WRITES: [(&str, &str, &str, &str, &str, &str); 20] = [
    (
        "bucket-policy-put",
        "PUT",
        "policy=",
        "s3:PutBucketPolicy",
        "open the bucket by a policy",
        "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
    ),
    (
        "bucket-policy-delete",
        "DELETE",
        "policy=",
        "s3:DeleteBucketPolicy",
        "delete the bucket's policy",
        "",
    ),
    (
        "bucket-acl-put",
        "PUT",
        "acl=",
        "s3:PutBucketAcl",
        "make the bucket public",
        "",
    ),
    (
        "bucket-cors-put",
        "PUT",
        "cors=",
        "s3:PutBucketCORS",
        "allow the attacker's page",
        "<CORSConfiguration/>",
    ),
    (
        "bucket-cors-delete",
        "DELETE",
        "cors=",
        "s3:PutBucketCORS",
        "delete the bucket's CORS rules",
        "",
    ),
    (
        "bucket-lifecycle-put",
        "PUT",
        "lifecycle=",
        "s3:PutLifecycleConfiguration",
        "let all objects expire",
        "<LifecycleConfiguration/>",
    ),
    (
        "bucket-lifecycle-delete",
        "DELETE",
        "lifecycle=",
        "s3:PutLifecycleConfiguration",
        "delete the bucket's lifecycle",
        "",
    ),
    (
        "bucket-notification-put",
        "PUT",
        "notification=",
        "s3:PutBucketNotification",
        "send events elsewhere",
        "<NotificationConfiguration/>",
    ),
    (
        "bucket-website-put",
        "PUT",
        "website=",
        "s3:PutBucketWebsite",
        "make the bucket a website",
        "<WebsiteConfiguration/>",
    ),
    (
        "bucket-website-delete",
        "DELETE",
        "website=",
        "s3:DeleteBucketWebsite",
        "delete the website",
        "",
    ),
    (
        "bucket-versioning-put",
        "PUT",
        "versioning=",
        "s3:PutBucketVersioning",
        "switch versions on",
        "<VersioningConfiguration/>",
    ),
    (
        "bucket-encryption-put",
        "PUT",
        "encryption=",
        "s3:PutEncryptionConfiguration",
        "encrypt with the attacker's key",
        "<ServerSideEncryptionConfiguration/>",
    ),
    (
        "bucket-encryption-delete",
        "DELETE",
        "encryption=",
        "s3:PutEncryptionConfiguration",
        "delete the bucket's encryption",
        "",
    ),
    (
        "bucket-ownership-put",
        "PUT",
        "ownershipControls=",
        "s3:PutBucketOwnershipControls",
        "switch ACLs on",
        "<OwnershipControls/>",
    ),
    (
        "bucket-public-access-put",
        "PUT",
        "publicAccessBlock=",
        "s3:PutBucketPublicAccessBlock",
        "allow public access",
        "<PublicAccessBlockConfiguration/>",
    ),
    (
        "bucket-public-access-delete",
        "DELETE",
        "publicAccessBlock=",
        "s3:PutBucketPublicAccessBlock",
        "delete the public access block",
        "",
    ),
    (
        "bucket-replication-put",
        "PUT",
        "replication=",
        "s3:PutReplicationConfiguration",
        "replicate to the attacker's bucket",
        "<ReplicationConfiguration/>",
    ),
    (
        "bucket-logging-put",
        "PUT",
        "logging=",
        "s3:PutBucketLogging",
        "log to the attacker's bucket",
        "<BucketLoggingStatus/>",
    ),
    (
        "bucket-tagging-put",
        "PUT",
        "tagging=",
        "s3:PutBucketTagging",
        "tag the bucket",
        "<Tagging><TagSet/></Tagging>",
    ),
    (
        "bucket-inventory-put",
        "PUT",
        "inventory=&id=x",
        "s3:PutInventoryConfiguration",
        "have the bucket's keys delivered",
        "<InventoryConfiguration/>",
    ),
];

pub(super) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for (id, query, action, tries) in READS {
        let attack = Attack::new(id, tries, DeniedBy::NotGranted(action), move |s| {
            s3("GET", &format!("/{}?{query}", s.bucket()))
        });
        attacks.push(match id {
            "bucket-ownership" => attack.uncontrolled("the emulator keeps no ownership rules"),
            _ => attack,
        });
    }
    for (id, method, query, action, tries, body) in WRITES {
        attacks.push(
            Attack::new(id, tries, DeniedBy::NotGranted(action), move |s| {
                let call = s3(method, &format!("/{}?{query}", s.bucket())).body(body);
                if query == "acl=" {
                    call.header("x-amz-acl", "public-read")
                } else {
                    call
                }
            })
            .uncontrolled("it would change the bucket"),
        );
    }
    attacks.extend([
        Attack::new(
            "bucket-list-theirs",
            "list the victim's user store",
            DeniedBy::NotGranted("s3:ListBucket"),
            |s| {
                let prefix = encoded(&format!(
                    "original-files/{}/{}/",
                    s.target.stage, s.victim.identity
                ))
                .replace('/', "%2F");
                s3(
                    "GET",
                    &format!("/{}?list-type=2&prefix={prefix}", s.bucket()),
                )
            },
        ),
        Attack::new(
            "bucket-list-own",
            "list one's own user store",
            DeniedBy::NotGranted("s3:ListBucket"),
            |s| {
                let prefix = encoded(&format!(
                    "original-files/{}/{}/",
                    s.target.stage, s.attacker.identity
                ))
                .replace('/', "%2F");
                s3(
                    "GET",
                    &format!("/{}?list-type=2&prefix={prefix}", s.bucket()),
                )
            },
        ),
        Attack::new(
            "bucket-list-prefix-in-path",
            "list with the prefix in the path",
            DeniedBy::NotGranted("s3:ListBucket"),
            |s| {
                object(
                    "GET",
                    s.bucket(),
                    &format!("original-files/{}/{}/", s.target.stage, s.victim.identity),
                )
                .query("list-type=2")
            },
        )
        .uncontrolled("it is a read of a key that does not exist"),
        Attack::new(
            "bucket-head",
            "ask for the bucket",
            DeniedBy::NotGranted("s3:ListBucket"),
            |s| s3("HEAD", &format!("/{}", s.bucket())),
        ),
        Attack::new(
            "bucket-list-all",
            "list all buckets",
            DeniedBy::NotGranted("s3:ListAllMyBuckets"),
            |_| s3("GET", "/"),
        ),
        Attack::new(
            "bucket-create",
            "create a bucket",
            DeniedBy::NotGranted("s3:CreateBucket"),
            |_| s3("PUT", "/hikidashi-attacker-bucket"),
        )
        .uncontrolled("it would leave a bucket"),
        Attack::new(
            "bucket-delete",
            "delete the bucket",
            DeniedBy::NotGranted("s3:DeleteBucket"),
            |s| s3("DELETE", &format!("/{}", s.bucket())),
        )
        .uncontrolled("it would delete the bucket"),
    ]);
    attacks
}
