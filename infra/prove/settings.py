"""What is set, beside policies, that opens or closes something.

These theorems need no solver: a setting is right in every variant of the template, or it is not.
"""

import dataclasses
import re


@dataclasses.dataclass(frozen=True)
class Setting:
    name: str
    says: str
    # The types whose conditions it depends on.
    types: tuple
    # A function of the policies that yields what is wrong.
    complaints: object
    # Whether there is anything of the kind at all.
    control: object


def refers(value, logical):
    """Whether a value is a resource's Ref or ARN."""
    return value in (
        {"Ref": logical}, {"Fn::GetAtt": [logical, "Arn"]}, {"Fn::GetAtt": f"{logical}.Arn"}, {"Fn::Sub": "${%s.Arn}" % logical},
    )


def are_allowed_origins(value, policies):
    """Whether a value is the parameter AllowedOrigins, which SAM replaces by its default."""
    default = policies.parameters.get("AllowedOrigins", {}).get("Default")
    return value in ({"Fn::Split": [",", given]} for given in ({"Ref": "AllowedOrigins"}, default))


def has(kind):
    return lambda policies: bool(policies.of_type(kind))


# --- buckets ---

BLOCKED = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def private_buckets(policies):
    for name, bucket in policies.of_type("AWS::S3::Bucket").items():
        block = bucket.get("PublicAccessBlockConfiguration", {})
        yield from (f"{name}: {one} is not true" for one in BLOCKED if block.get(one) is not True)
        rules = bucket.get("OwnershipControls", {}).get("Rules", [])
        if rules != [{"ObjectOwnership": "BucketOwnerEnforced"}]:
            yield f"{name}: objects have ACLs, unless ObjectOwnership is BucketOwnerEnforced"
        for one in ("AccessControl", "WebsiteConfiguration"):
            if one in bucket:
                yield f"{name}: {one}"


ANY_ORIGIN = ("*", "https://*", "https://*.example.com", "http://a.example,*")


def cors(policies):
    for name, bucket in policies.of_type("AWS::S3::Bucket").items():
        for rule in bucket.get("CorsConfiguration", {}).get("CorsRules", []):
            if not are_allowed_origins(rule.get("AllowedOrigins"), policies):
                yield f"{name}: its CORS rule is not for AllowedOrigins"
            if set(rule.get("AllowedMethods", [])) - {"GET", "HEAD", "PUT"}:
                yield f"{name}: CORS for {rule['AllowedMethods']}"
    pattern = policies.parameters.get("AllowedOrigins", {}).get("AllowedPattern", "")
    for origin in ANY_ORIGIN:
        if re.search(pattern, origin):
            yield f"AllowedOrigins: its pattern lets {origin} in"


def events(policies):
    """Where buckets send events: to our queue only."""
    for name, bucket in policies.of_type("AWS::S3::Bucket").items():
        notification = bucket.get("NotificationConfiguration", {})
        yield from (f"{name}: {one}" for one in notification if one != "QueueConfigurations")
        for one in notification.get("QueueConfigurations", []):
            if not refers(one.get("Queue"), "EventsQueue"):
                yield f"{name}: events to {one.get('Queue')}"
            rules = one.get("Filter", {}).get("S3Key", {}).get("Rules", [])
            if rules != [{"Name": "prefix", "Value": {"Fn::Sub": "original-files/${Stage}/"}}]:
                yield f"{name}: events of more than this stage's originals"


# --- tables ---


def keys_of_the_table(policies):
    for name, table in policies.of_type("AWS::DynamoDB::Table").items():
        indexes = table.get("GlobalSecondaryIndexes", []) + table.get("LocalSecondaryIndexes", [])
        for one in [table, *indexes]:
            hashes = [key["AttributeName"] for key in one.get("KeySchema", []) if key.get("KeyType") == "HASH"]
            if hashes != ["identityId"]:
                yield f"{name}: the partitions of {one.get('IndexName', 'the table')} are {hashes}, not identityId"


# --- functions ---

FUNCTIONS = {
    f"{name}Function": f"{name}Role" for name in ("Authorizer", "Upload", "Images", "Dispatch", "Thumbnail", "DeadLetter", "Reconcile")
}
SOURCES = {
    ("DispatchFunction", "EventsQueue"),
    ("ThumbnailFunction", "Queue"), ("ThumbnailFunction", "RetryQueue"), ("DeadLetterFunction", "DeadLetterQueue"),
}


def own_roles(policies):
    for name, function in policies.of_type("AWS::Lambda::Function").items():
        if name not in FUNCTIONS:
            yield f"{name} is not in the table FUNCTIONS of settings.py"
        elif not refers(function.get("Role"), FUNCTIONS[name]):
            yield f"{name} runs with {function.get('Role')}, not with {FUNCTIONS[name]}"


def event_sources(policies):
    for name, mapping in policies.of_type("AWS::Lambda::EventSourceMapping").items():
        known = any(
            refers(mapping.get("FunctionName"), function) and refers(mapping.get("EventSourceArn"), queue)
            for function, queue in SOURCES
        )
        if not known:
            yield f"{name}: {mapping.get('FunctionName')} reads {mapping.get('EventSourceArn')}"
    for name, rule in policies.of_type("AWS::Events::Rule").items():
        for target in rule.get("Targets", []):
            if not refers(target.get("Arn"), "ReconcileFunction") or set(target) - {"Arn", "Id", "Input"}:
                yield f"{name}: {target}"
    for name, queue in policies.of_type("AWS::SQS::Queue").items():
        target = queue.get("RedrivePolicy", {}).get("deadLetterTargetArn")
        if target is not None and not any(refers(target, q) for q in policies.of_type("AWS::SQS::Queue")):
            yield f"{name}: dead letters to {target}"


# --- subscriptions ---


def subscribers(policies):
    for name, one in policies.of_type("AWS::SNS::Subscription").items():
        if one.get("Protocol") != "email" or one.get("Endpoint") != {"Ref": "AlarmEmail"} or not refers(one.get("TopicArn"), "AlarmTopic"):
            yield f"{name}: {one.get('Protocol')} to {one.get('Endpoint')}"


# --- the gallery ---


def gallery(policies):
    for name, one in policies.of_type("AWS::CloudFront::Distribution").items():
        config = one["DistributionConfig"]
        for origin in config.get("Origins", []):
            if origin.get("DomainName") not in ({"Fn::GetAtt": ["GalleryBucket", "RegionalDomainName"]}, {"Fn::GetAtt": "GalleryBucket.RegionalDomainName"}):
                yield f"{name}: serves {origin.get('DomainName')}"
            if not origin.get("OriginAccessControlId"):
                yield f"{name}: reaches its bucket without signing"
        behaviours = [config.get("DefaultCacheBehavior", {}), *config.get("CacheBehaviors", [])]
        for behaviour in behaviours:
            if behaviour.get("ViewerProtocolPolicy") not in ("redirect-to-https", "https-only"):
                yield f"{name}: serves over plain HTTP"


SETTINGS = [
    Setting("private-buckets", "no ACL, website or public policy opens a bucket", ("AWS::S3::Bucket",), private_buckets, has("AWS::S3::Bucket")),
    Setting("cors-of-buckets", "pages of AllowedOrigins alone may read the buckets' answers", ("AWS::S3::Bucket",), cors, has("AWS::S3::Bucket")),
    Setting("events-to-our-queue", "the bucket's events go to our queue, and are of this stage's originals", ("AWS::S3::Bucket",), events, has("AWS::S3::Bucket")),
    Setting("partitions-are-identities", "a leading key is an identity, in the table and in each index", ("AWS::DynamoDB::Table",), keys_of_the_table, has("AWS::DynamoDB::Table")),
    Setting("functions-have-their-own-roles", "each function runs with the role that is proved for it", ("AWS::Lambda::Function",), own_roles, has("AWS::Lambda::Function")),
    Setting("known-triggers", "functions are started by our queues and our schedule, and dead letters stay in our queues", ("AWS::Lambda::EventSourceMapping", "AWS::Events::Rule", "AWS::SQS::Queue"), event_sources, has("AWS::Lambda::EventSourceMapping")),
    Setting("known-subscribers", "alarms are sent to the operator's address alone", ("AWS::SNS::Subscription",), subscribers, has("AWS::SNS::Subscription")),
    Setting("gallery-serves-its-bucket", "the gallery's distribution reaches the gallery's bucket alone, and serves TLS", ("AWS::CloudFront::Distribution",), gallery, has("AWS::CloudFront::Distribution")),
]
