"""Mistakes in what users may do: the name, the theorem that has to notice, and the edit.

The first are those of `make isolation-mutations`, under the same names.
"""

from edits import (
    ATTRIBUTES, BUCKET, EVERY, IF_EXISTS, LEADING, RETURNS, SUB, TABLE, also, grant, instead, object_of, on,
    properties, rename, trust, user,
)

AUD, AMR = "cognito-identity.amazonaws.com:aud", "cognito-identity.amazonaws.com:amr"
POLICY_SUB = "${cognito-identity.amazonaws.com:sub}"
READ, WRITE = "ReadOwnRecords", "WriteOwnPendingRecords"


def scan(t):
    on(t, READ).pop("Null")
    also(user(t, READ), "dynamodb:Scan")


def without_slash(t):
    for sid in ("OwnOriginals", "WriteOwnOriginals"):
        instead(user(t, sid), SUB + "/", SUB + "*/" if sid.startswith("Write") else SUB)


def like(t):
    on(t, READ).pop(EVERY)
    on(t, READ)["ForAllValues:StringLike"] = {LEADING: [POLICY_SUB + "*"]}


def if_exists(t):
    on(t, READ).pop("Null")
    rename(on(t, READ), EVERY, EVERY + "IfExists")


def older_version(t):
    properties(t, "AuthenticatedRole")["Policies"][0]["PolicyDocument"].pop("Version")


CREATES, COPY_SOURCE = "s3:ObjectCreationOperation", "s3:x-amz-copy-source"
KMS = "s3:x-amz-server-side-encryption-aws-kms-key-id"
IMAGE = "????????-????-7???-????-????????????"


def sources(t, old, new):
    """Replaces a part of the sources of copies."""
    given = on(t, "WriteOwnOriginals")["StringLikeIfExists"]
    given[COPY_SOURCE] = [{"Fn::Sub": source["Fn::Sub"].replace(old, new)} for source in given[COPY_SOURCE]]


def trust_on(t):
    return trust(t)["Condition"]


MISTAKES = [
    ("scan-without-null-guard", "own-records", scan),
    ("read-without-leading-keys", "own-records", lambda t: on(t, READ).pop(EVERY)),
    ("write-without-leading-keys", "own-records", lambda t: on(t, WRITE)[EVERY].pop(LEADING)),
    ("trust-without-aud", "trust/AuthenticatedRole", lambda t: trust_on(t).pop("StringEquals")),
    ("trust-without-amr", "trust/no-guest", lambda t: trust_on(t).pop("ForAnyValue:StringLike")),
    ("originals-of-all-users", "own-objects", lambda t: instead(user(t, "OwnOriginals"), SUB + "/*", "*")),
    ("puts-of-all-users", "own-originals", lambda t: instead(user(t, "WriteOwnOriginals"), SUB, "*")),
    ("uploads-in-parts", "whole-objects", lambda t: on(t, "WriteOwnOriginals").pop("Bool")),
    ("parts-of-uploads", "whole-objects", lambda t: on(t, "WriteOwnOriginals")["Bool"].update({CREATES: "false"})),
    ("parts-if-it-is-not-said", "whole-objects", lambda t: rename(on(t, "WriteOwnOriginals"), "Bool", "BoolIfExists")),
    ("copies-of-anything", "copies-of-one-s-own", lambda t: on(t, "WriteOwnOriginals").pop("StringLikeIfExists")),
    ("copies-of-every-user-s", "copies-of-one-s-own", lambda t: sources(t, SUB, "*")),
    ("copies-of-the-whole-bucket", "copies-of-one-s-own", lambda t: sources(t, "/original-files/", "/*/")),
    ("key-of-kms-alone", "readable-by-the-worker", lambda t: on(t, "WriteOwnOriginals")["Null"].pop(KMS)),
    ("any-extension", "images-names", lambda t: instead(user(t, "WriteOwnOriginals"), ".jpg", ".*")),
    ("any-name", "images-names", lambda t: instead(user(t, "WriteOwnOriginals"), IMAGE, "*")),
    ("one-more-extension", "images-names", lambda t: instead(user(t, "WriteOwnOriginals"), ".gif", ".html")),
    ("names-in-folders", "images-names", lambda t: instead(user(t, "WriteOwnOriginals"), IMAGE, "*/" + IMAGE)),
    ("any-storage-class", "readable-by-the-worker", lambda t: on(t, "WriteOwnOriginals").pop(IF_EXISTS)),
    ("customers-keys", "readable-by-the-worker", lambda t: on(t, "WriteOwnOriginals").pop("Null")),
    ("thumbnails-of-all-users", "another-identity-s-objects", lambda t: instead(user(t, "OwnThumbnails"), SUB + "/*", "*")),
    ("prefix-without-slash", "own-objects", without_slash),
    ("status-is-the-user-s", "no-forged-result", lambda t: on(t, WRITE)[EVERY][ATTRIBUTES].append("status")),
    ("put-item", "closed/AuthenticatedRole", lambda t: also(user(t, WRITE), "dynamodb:PutItem")),
    ("delete-item", "no-forged-result", lambda t: also(user(t, READ), "dynamodb:DeleteItem")),
    ("all-values-returned", "no-whole-record-back", lambda t: on(t, WRITE).pop(IF_EXISTS)),
    ("thumbnails-are-the-user-s", "own-originals", lambda t: also(user(t, "OwnThumbnails"), "s3:PutObject")),
    ("listing", "own-objects", lambda t: grant(t, "AuthenticatedRole", "s3:ListBucket", BUCKET)),
    # --- beside those ---
    ("read-without-null-guard", "own-records", lambda t: on(t, READ).pop("Null")),
    ("null-the-wrong-way-round", "own-records", lambda t: on(t, READ)["Null"].update({LEADING: "true"})),
    ("any-value-of-leading-keys", "another-identity-s-records", lambda t: rename(on(t, READ), EVERY, "ForAnyValue:StringEquals")),
    ("leading-keys-like-the-identity", "own-records", like),
    ("leading-keys-if-exists", "own-records", if_exists),
    ("leading-keys-of-the-pool", "another-identity-s-records", lambda t: on(t, READ)[EVERY].update({LEADING: ["${cognito-identity.amazonaws.com:aud}"]})),
    ("leading-keys-with-another", "own-records", lambda t: on(t, READ)[EVERY][LEADING].append("shared")),
    ("leading-keys-not-equal", "own-records", lambda t: rename(on(t, READ), EVERY, "ForAllValues:StringNotEquals")),
    ("leading-keys-by-user-id", "own-records", lambda t: on(t, READ)[EVERY].update({LEADING: ["${aws:userid}"]})),
    ("indexes-without-leading-keys", "own-records", lambda t: grant(t, "AuthenticatedRole", "dynamodb:Query", {"Fn::Sub": "${Table.Arn}/index/*"})),
    ("the-index-without-leading-keys", "own-records", lambda t: on(t, "ListOwnRecordsByCaptureTime").pop(EVERY)),
    ("the-index-without-null-guard", "own-records", lambda t: on(t, "ListOwnRecordsByCaptureTime").pop("Null")),
    ("another-index", "closed/AuthenticatedRole", lambda t: user(t, "ListOwnRecordsByCaptureTime").update(Resource={"Fn::Sub": "${Table.Arn}/index/*"})),
    ("every-table", "own-records", lambda t: user(t, READ).update(Resource="*")),
    ("write-without-attributes", "no-forged-result", lambda t: on(t, WRITE)[EVERY].pop(ATTRIBUTES)),
    ("write-without-attributes-guard", "no-forged-result", lambda t: on(t, WRITE)["Null"].pop(ATTRIBUTES)),
    ("any-value-of-attributes", "no-forged-result", lambda t: on(t, WRITE).update({"ForAnyValue:StringEquals": {ATTRIBUTES: on(t, WRITE)[EVERY].pop(ATTRIBUTES)}})),
    ("attributes-like", "no-forged-result", lambda t: on(t, WRITE).update({"ForAllValues:StringLike": {ATTRIBUTES: [*on(t, WRITE)[EVERY].pop(ATTRIBUTES), "s*"]}})),
    ("all-new-returned", "no-whole-record-back", lambda t: on(t, WRITE)[IF_EXISTS][RETURNS].append("ALL_NEW")),
    ("usage-is-the-user-s", "usage-is-not-the-user-s", lambda t: on(t, WRITE)[EVERY][LEADING].append("usage#" + POLICY_SUB)),
    ("usage-may-be-removed", "usage-is-not-the-user-s", lambda t: also(user(t, "ReadOwnUsage"), "dynamodb:DeleteItem")),
    ("usage-of-others", "another-identity-s-usage", lambda t: on(t, "ReadOwnUsage")[EVERY].update({LEADING: ["usage#${cognito-identity.amazonaws.com:aud}"]})),
    ("partiql", "closed/AuthenticatedRole", lambda t: also(user(t, READ), "dynamodb:PartiQLSelect")),
    ("batch-writes", "no-forged-result", lambda t: also(user(t, READ), "dynamodb:BatchWriteItem")),
    ("star-before-the-identity", "own-objects", lambda t: instead(user(t, "OwnOriginals"), "${Stage}/" + SUB, "*/" + SUB)),
    ("question-mark-for-the-slash", "own-objects", lambda t: instead(user(t, "OwnOriginals"), SUB + "/*", SUB + "?*")),
    ("identity-with-a-default", "own-objects", lambda t: instead(user(t, "OwnOriginals"), SUB, "${!aws:PrincipalTag/folder, 'public'}")),
    ("any-folder", "own-objects", lambda t: instead(user(t, "OwnThumbnails"), "/thumbnails/", "/*/")),
    ("every-stage", "other-stages/AuthenticatedRole", lambda t: instead(user(t, "OwnThumbnails"), "hikidashi-${Stage}-", "hikidashi-*")),
    ("everything-in-s3", "own-objects", lambda t: grant(t, "AuthenticatedRole", "s3:*", "*")),
    ("get-anything", "closed/AuthenticatedRole", lambda t: user(t, "OwnThumbnails").update(Action="s3:Get*")),
    ("versions-too", "closed/AuthenticatedRole", lambda t: also(user(t, "OwnOriginals"), "s3:GetObjectVersion")),
    ("all-but-one-action", "closed/AuthenticatedRole", lambda t: grant(t, "AuthenticatedRole", [], TABLE) or not_action(t)),
    ("all-but-one-resource", "own-objects", lambda t: not_resource(t)),
    ("acl-of-an-object", "governs-nothing/AuthenticatedRole", lambda t: also(user(t, "WriteOwnOriginals"), "s3:PutObjectAcl")),
    ("assume-roles", "governs-nothing/AuthenticatedRole", lambda t: grant(t, "AuthenticatedRole", "sts:AssumeRole", "*")),
    ("a-message-by-a-user", "objects-and-records-only", lambda t: grant(t, "AuthenticatedRole", "sqs:SendMessage", {"Fn::GetAtt": ["Queue", "Arn"]})),
    ("another-class-of-storage", "readable-by-the-worker", lambda t: on(t, "WriteOwnOriginals")[IF_EXISTS].update({"s3:x-amz-storage-class": ["STANDARD", "GLACIER"]})),
    ("variables-of-an-older-version", "closed/AuthenticatedRole", older_version),
    ("trust-aud-if-exists", "trust/AuthenticatedRole", lambda t: rename(trust_on(t), "StringEquals", IF_EXISTS)),
    ("trust-aud-with-a-star", "trust/AuthenticatedRole", lambda t: trust_on(t).update({"StringLike": {AUD: {"Fn::Sub": "${AWS::Region}:*"}}}) or trust_on(t).pop("StringEquals")),
    ("trust-aud-not-equal", "trust/AuthenticatedRole", lambda t: rename(trust_on(t), "StringEquals", "StringNotEquals")),
    ("trust-amr-for-all-values", "trust/no-guest", lambda t: rename(trust_on(t), "ForAnyValue:StringLike", "ForAllValues:StringLike")),
    ("trust-amr-with-a-star", "trust/no-guest", lambda t: trust_on(t)["ForAnyValue:StringLike"].update({AMR: "*authenticated"})),
    ("trust-of-another-provider", "trust/AuthenticatedRole", lambda t: trust(t).update(Principal={"Federated": "accounts.google.com"})),
    ("trust-of-everybody", "trust/AuthenticatedRole", lambda t: trust(t).update(Principal="*")),
    ("trust-of-an-account", "trust/AuthenticatedRole", lambda t: trust(t).update(Principal={"AWS": "123456789012"}, Action="sts:AssumeRole", Condition={})),
]


def not_action(t):
    one = properties(t, "AuthenticatedRole")["Policies"][-1]["PolicyDocument"]["Statement"][-1]
    one.pop("Action")
    one["NotAction"] = "dynamodb:Scan"


def not_resource(t):
    grant(t, "AuthenticatedRole", "s3:GetObject", "")
    one = properties(t, "AuthenticatedRole")["Policies"][-1]["PolicyDocument"]["Statement"][-1]
    one.pop("Resource")
    one["NotResource"] = object_of("thumbnails/*")
