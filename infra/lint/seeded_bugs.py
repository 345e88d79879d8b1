"""Tests that every cfn-guard rule detects its bugs.

Each bug below is inserted into the translated template, one at a time, and exactly its rule has to
fail. The unchanged template has to pass all rules. A rule without a bug, or one that applies to no
form of the template, is an error.

Usage: seeded_bugs.py CFN_GUARD RULES TEMPLATE…
"""

import copy
import json
import pathlib
import re
import subprocess
import sys

AUD = "cognito-identity.amazonaws.com:aud"
AMR = "cognito-identity.amazonaws.com:amr"


def properties(template, name):
    return template["Resources"][name]["Properties"]


def trust(template):
    return properties(template, "AuthenticatedRole")["AssumeRolePolicyDocument"]["Statement"][0]


def statements(template, role, policy):
    policies = properties(template, role)["Policies"]
    return next(one for one in policies if one["PolicyName"] == policy)["PolicyDocument"]["Statement"]


def statement(template, role, policy, sid):
    return next(one for one in statements(template, role, policy) if one.get("Sid") == sid)


def grant(template, role, policy, **granted):
    statements(template, role, policy).append({"Effect": "Allow", **granted})


def on_the_table(template, sid):
    return statement(template, "AuthenticatedRole", "own-objects-and-records", sid)["Condition"]


def users_put(template):
    return statement(template, "AuthenticatedRole", "own-objects-and-records", "WriteOwnOriginals")["Condition"]


def users_put_names(template, old, new):
    one = statement(template, "AuthenticatedRole", "own-objects-and-records", "WriteOwnOriginals")
    one["Resource"] = [{"Fn::Sub": name["Fn::Sub"].replace(old, new)} for name in one["Resource"]]


def lifecycle(template, name):
    rules = properties(template, "Bucket")["LifecycleConfiguration"]["Rules"]
    return next(rule for rule in rules if rule.get("Id") == name)


def tls_only(template):
    return properties(template, "BucketPolicy")["PolicyDocument"]["Statement"][0]


TABLE = {"Fn::GetAtt": ["Table", "Arn"]}
QUEUE = {"Fn::GetAtt": ["Queue", "Arn"]}
WIDE = {"Fn::Sub": "arn:${AWS::Partition}:s3:::hikidashi-*/original-files/x"}

# The rule, the bug, and the change that seeds it.
BUGS = [
    ("trust_is_for_our_identity_pool", "no aud", lambda t: trust(t)["Condition"].pop("StringEquals")),
    ("trust_is_for_our_identity_pool", "another pool's aud", lambda t: trust(t)["Condition"]["StringEquals"].update({AUD: {"Ref": "Elsewhere"}})),
    ("trust_is_for_our_identity_pool", "another provider", lambda t: trust(t)["Principal"].update(Federated="accounts.google.com")),
    ("trust_is_for_signed_in_users", "no amr", lambda t: trust(t)["Condition"].pop("ForAnyValue:StringLike")),
    ("trust_is_for_signed_in_users", "guests too", lambda t: trust(t)["Condition"]["ForAnyValue:StringLike"].update({AMR: "unauthenticated"})),
    ("users_table_statements_have_leading_keys", "reading without", lambda t: on_the_table(t, "ReadOwnRecords").pop("ForAllValues:StringEquals")),
    ("users_table_statements_have_leading_keys", "writing without", lambda t: on_the_table(t, "WriteOwnPendingRecords")["ForAllValues:StringEquals"].pop("dynamodb:LeadingKeys")),
    ("users_table_statements_have_leading_keys", "reading the index without", lambda t: on_the_table(t, "ListOwnRecordsByCaptureTime").pop("ForAllValues:StringEquals")),
    ("users_table_statements_have_leading_keys", "the token's sub", lambda t: on_the_table(t, "ReadOwnRecords")["ForAllValues:StringEquals"].update({"dynamodb:LeadingKeys": ["${cognito:sub}"]})),
    ("users_table_statements_have_the_null_guard", "reading without", lambda t: on_the_table(t, "ReadOwnRecords").pop("Null")),
    ("users_table_statements_have_the_null_guard", "writing without", lambda t: on_the_table(t, "WriteOwnPendingRecords")["Null"].pop("dynamodb:LeadingKeys")),
    ("users_table_statements_have_the_null_guard", "the wrong way round", lambda t: on_the_table(t, "ReadOwnRecords")["Null"].update({"dynamodb:LeadingKeys": "true"})),
    ("no_wildcard_action", "all of SQS", lambda t: grant(t, "ThumbnailRole", "consume", Action=["sqs:*"], Resource=[QUEUE])),
    ("no_wildcard_action", "all but one", lambda t: grant(t, "ThumbnailRole", "consume", NotAction=["sqs:PurgeQueue"], Action=["sqs:DeleteMessage"], Resource=[QUEUE])),
    ("no_wildcard_resource", "any queue", lambda t: grant(t, "ThumbnailRole", "consume", Action=["sqs:ReceiveMessage"], Resource=["*"])),
    ("no_wildcard_resource", "any bucket of a name", lambda t: grant(t, "ThumbnailRole", "consume", Action=["s3:GetObject"], Resource=[WIDE])),
    ("no_wildcard_resource", "a prefix without its slash", lambda t: statement(t, "AuthenticatedRole", "own-objects-and-records", "OwnOriginals").update(Resource=[{"Fn::Sub": "arn:${AWS::Partition}:s3:::b/original-files/${!cognito-identity.amazonaws.com:sub}*"}])),
    ("xray_alone_has_a_wildcard_resource", "something beside X-Ray", lambda t: statements(t, "ThumbnailRole", "trace")[0]["Action"].append("s3:GetObject")),
    ("user_facing_functions_hold_no_data_action", "the upload may put", lambda t: grant(t, "UploadRole", "log", Action=["s3:PutObject"], Resource=[TABLE])),
    ("user_facing_functions_hold_no_data_action", "the images may read", lambda t: grant(t, "ImagesRole", "log", Action=["dynamodb:Query"], Resource=[TABLE])),
    ("user_facing_functions_hold_no_data_action", "a managed policy", lambda t: properties(t, "AuthorizerRole").update(ManagedPolicyArns=["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"])),
    ("buckets_are_private", "no block", lambda t: properties(t, "Bucket").pop("PublicAccessBlockConfiguration")),
    ("buckets_are_private", "a policy may open it", lambda t: properties(t, "Bucket")["PublicAccessBlockConfiguration"].update(BlockPublicPolicy=False)),
    ("buckets_are_private", "an ACL", lambda t: properties(t, "Bucket").update(AccessControl="PublicRead")),
    ("buckets_are_private", "objects of others", lambda t: properties(t, "Bucket")["OwnershipControls"]["Rules"][0].update(ObjectOwnership="ObjectWriter")),
    ("buckets_are_tls_only", "no policy", lambda t: t["Resources"].pop("BucketPolicy")),
    ("buckets_are_tls_only", "for some only", lambda t: tls_only(t).update(Principal={"AWS": "arn:aws:iam::123456789012:root"})),
    ("buckets_are_tls_only", "plain HTTP only", lambda t: tls_only(t)["Condition"]["Bool"].update({"aws:SecureTransport": "true"})),
    ("buckets_are_encrypted", "no encryption", lambda t: properties(t, "Bucket").pop("BucketEncryption")),
    ("buckets_keep_versions_for_a_time", "no versions", lambda t: properties(t, "Bucket").pop("VersioningConfiguration")),
    ("buckets_keep_versions_for_a_time", "versions for ever", lambda t: [rule.pop("NoncurrentVersionExpiration", None) for rule in properties(t, "GalleryBucket")["LifecycleConfiguration"]["Rules"]]),
    ("originals_have_ceilings", "of any size", lambda t: lifecycle(t, "forget-too-large").pop("ObjectSizeGreaterThan")),
    ("originals_have_ceilings", "large ones for a month", lambda t: lifecycle(t, "forget-too-large").update(ExpirationInDays=30)),
    ("originals_have_ceilings", "large ones as versions", lambda t: lifecycle(t, "forget-too-large").pop("NoncurrentVersionExpiration")),
    ("originals_have_ceilings", "any number of versions", lambda t: lifecycle(t, "forget-many-versions")["NoncurrentVersionExpiration"].pop("NewerNoncurrentVersions")),
    ("queues_are_encrypted", "no encryption", lambda t: properties(t, "Queue").pop("SqsManagedSseEnabled")),
    ("queues_are_encrypted", "turned off", lambda t: properties(t, "DeadLetterQueue").update(SqsManagedSseEnabled=False)),
    ("queues_have_a_redrive_or_are_one", "no redrive", lambda t: properties(t, "Queue").pop("RedrivePolicy")),
    ("queues_have_a_redrive_or_are_one", "no second one", lambda t: properties(t, "DeadLetterQueue").pop("RedrivePolicy")),
    ("queues_have_a_redrive_or_are_one", "one more queue", lambda t: t["Resources"].update(Another={"Type": "AWS::SQS::Queue", "Properties": {"SqsManagedSseEnabled": True}})),
    ("queues_have_a_redrive_or_are_one", "its own dead letters", lambda t: properties(t, "Queue")["RedrivePolicy"].update(deadLetterTargetArn=QUEUE)),
    ("tables_can_be_restored", "no recovery", lambda t: properties(t, "Table").pop("PointInTimeRecoverySpecification")),
    ("indexes_are_partitioned_by_the_user", "by another attribute", lambda t: properties(t, "Table")["GlobalSecondaryIndexes"][0]["KeySchema"][0].update(AttributeName="status")),
    ("log_groups_forget", "for ever", lambda t: properties(t, "UploadLog").pop("RetentionInDays")),
    ("functions_are_traced", "one is not", lambda t: properties(t, "ImagesFunction").pop("TracingConfig")),
    ("queues_are_read_with_a_brake", "no brake", lambda t: properties(t, "ThumbnailFunctionJobs").pop("ScalingConfig")),
    ("queues_are_read_with_a_brake", "whole batches", lambda t: properties(t, "ThumbnailFunctionJobs").pop("FunctionResponseTypes")),
    ("apis_are_throttled_and_logged", "no throttle", lambda t: properties(t, "ApiApiGatewayDefaultStage").pop("DefaultRouteSettings")),
    ("apis_are_throttled_and_logged", "no log", lambda t: properties(t, "ApiApiGatewayDefaultStage").update(AccessLogSettings={"Format": "$context.status"})),
    ("user_pools_are_closed_unless_asked_for", "nothing said", lambda t: properties(t, "UserPool").pop("AdminCreateUserConfig")),
    ("user_pools_are_closed_unless_asked_for", "open by default", lambda t: t["Parameters"]["SelfSignUp"].update(Default="on")),
    ("user_names_have_no_case", "nothing said", lambda t: properties(t, "UserPool").pop("UsernameConfiguration")),
    ("user_names_have_no_case", "a case", lambda t: properties(t, "UserPool")["UsernameConfiguration"].update(CaseSensitive=True)),
    ("new_addresses_are_verified_first", "nothing said", lambda t: properties(t, "UserPool").pop("UserAttributeUpdateSettings")),
    ("tokens_choose_no_role", "by groups", lambda t: properties(t, "IdentityPoolRoles").update(RoleMappings={"pool": {"Type": "Token"}})),
    ("tokens_choose_no_role", "another role", lambda t: properties(t, "IdentityPoolRoles")["Roles"].update(authenticated={"Fn::GetAtt": ["ThumbnailRole", "Arn"]})),
    ("failed_creations_leave_nothing", "a bucket", lambda t: t["Resources"]["Bucket"].update(DeletionPolicy="Retain")),
    ("failed_creations_leave_nothing", "a pool", lambda t: t["Resources"]["UserPool"].update(DeletionPolicy="Retain")),
    ("cors_of_apis_is_complete", "origins only", lambda t: properties(t, "Api")["Body"].update({"x-amazon-apigateway-cors": {"Fn::Split": [",", "a,b"]}})),
    ("cors_of_apis_is_complete", "no methods", lambda t: properties(t, "Api")["Body"]["x-amazon-apigateway-cors"].pop("allowMethods")),
    ("access_logs_ask_for_variables_of_http_apis", "one of REST APIs", lambda t: properties(t, "ApiApiGatewayDefaultStage")["AccessLogSettings"].update(Format="$context.status $context.authorizer.latency")),
    ("access_logs_ask_for_variables_of_http_apis", "a longer name", lambda t: properties(t, "ApiApiGatewayDefaultStage")["AccessLogSettings"].update(Format="$context.statusText")),
    ("bodies_fit_into_events", "all of an event", lambda t: t["Parameters"]["MaxUploadBytes"].update(MaxValue=4718592)),
    ("users_store_what_the_worker_can_read", "any class", lambda t: users_put(t)["StringEqualsIfExists"].pop("s3:x-amz-storage-class")),
    ("users_store_what_the_worker_can_read", "an archive", lambda t: users_put(t)["StringEqualsIfExists"].update({"s3:x-amz-storage-class": "GLACIER"})),
    ("users_store_what_the_worker_can_read", "a key of KMS", lambda t: users_put(t)["StringEqualsIfExists"].pop("s3:x-amz-server-side-encryption")),
    ("users_store_what_the_worker_can_read", "a user's key", lambda t: users_put(t).pop("Null")),
    ("users_store_what_the_worker_can_read", "a key's id alone", lambda t: users_put(t)["Null"].pop("s3:x-amz-server-side-encryption-aws-kms-key-id")),
    ("users_put_whole_images", "in parts", lambda t: users_put(t).pop("Bool")),
    ("users_put_whole_images", "parts only", lambda t: users_put(t)["Bool"].update({"s3:ObjectCreationOperation": "false"})),
    ("users_put_whole_images", "copies of anything", lambda t: users_put(t).pop("StringLikeIfExists")),
    ("users_put_whole_images", "copies of a bucket", lambda t: users_put(t)["StringLikeIfExists"].update({"s3:x-amz-copy-source": [{"Fn::Sub": "hikidashi-${Stage}/original-files/${Stage}/"}]})),
    ("users_put_whole_images", "any name", lambda t: users_put_names(t, "????????-????-7???-????-????????????.jpg", "*")),
    ("users_put_whole_images", "pages", lambda t: users_put_names(t, ".gif", ".html")),
]


class Guard:
    def __init__(self, program, rules):
        self.program = program
        self.rules = [path.read_text(encoding="utf-8") for path in sorted(pathlib.Path(rules).glob("*.guard"))]

    def judge(self, template):
        """Returns the names of the rules that apply, and of those that fail."""
        payload = json.dumps({"rules": self.rules, "data": [json.dumps(template)]})
        command = [self.program, "validate", "--payload", "--structured", "--output-format", "json", "--show-summary", "none"]
        run = subprocess.run(command, input=payload, capture_output=True, text=True, check=False)
        try:
            reports = json.loads(run.stdout)
        except json.JSONDecodeError:
            sys.exit(f"cfn-guard failed: {run.stderr or run.stdout}")
        failed = {check["Rule"]["name"] for report in reports for check in report["not_compliant"]}
        return failed | {name for report in reports for name in report["compliant"]}, failed

    def names(self):
        return {name for rules in self.rules for name in re.findall(r"^rule (\w+)", rules, re.MULTILINE)}


def seeded(template, seed):
    """Returns the template with a bug, or None if it lacks what the bug changes."""
    changed = copy.deepcopy(template)
    try:
        seed(changed)
    except (KeyError, StopIteration):
        return None
    return changed


def main(program, rules, *templates):
    guard = Guard(program, rules)
    forms = {path: json.loads(pathlib.Path(path).read_text(encoding="utf-8")) for path in templates}
    applicable = {path: guard.judge(form) for path, form in forms.items()}
    for path, (_, failed) in applicable.items():
        if failed:
            sys.exit(f"{path}: these cfn-guard rules fail: {', '.join(sorted(failed))}")
    idle = guard.names() - set.union(*(names for names, _ in applicable.values()))
    if idle:
        sys.exit(f"these cfn-guard rules apply to no form of the template: {', '.join(sorted(idle))}")
    unproven = guard.names() - {rule for rule, _, _ in BUGS}
    if unproven:
        sys.exit(f"no bug is seeded for these cfn-guard rules: {', '.join(sorted(unproven))}")
    for rule, bug, seed in BUGS:
        caught = 0
        for path, form in forms.items():
            # A form without the resource has neither the rule nor the bug.
            buggy = seeded(form, seed) if rule in applicable[path][0] else None
            if buggy is None:
                continue
            _, failed = guard.judge(buggy)
            if failed != {rule}:
                sys.exit(f"{path}: the bug {bug!r} should fail {rule}, and fails {sorted(failed) or 'nothing'}")
            caught += 1
        if not caught:
            sys.exit(f"the bug {bug!r} of {rule} can be seeded in no form of the template")
    print(f"guard_rules={len(guard.names())} seeded_bugs={len(BUGS)} caught={len(BUGS)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
