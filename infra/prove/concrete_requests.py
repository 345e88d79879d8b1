"""Concrete requests: those of the attack list, and random ones.

Random requests are made from what the policies speak of, right or nearly right, so that a good part
of them is allowed.
"""

import dataclasses
import pathlib
import random
import re

from concrete import arn
from example import HERE, THERE
from keys import KNOWN_KEYS
from patterns import tokens, Variable
from text import fixed, shown

ME, YOU = HERE["cognito-identity.amazonaws.com:sub"], HERE["another identity"]
SUB = "cognito-identity.amazonaws.com:sub"
ATTACKS = pathlib.Path(__file__).parents[2] / "docs" / "isolation.md"
OTHER_ACTIONS = """
    s3:PutObjectAcl s3:GetObjectVersion s3:DeleteBucket s3:ListBucketVersions dynamodb:PutItem dynamodb:DeleteTable
    dynamodb:BatchWriteItem dynamodb:PartiQLSelect sqs:PurgeQueue sqs:ChangeMessageVisibility sns:Publish sns:Subscribe
    lambda:UpdateFunctionCode iam:PassRole sts:AssumeRole kms:Decrypt logs:FilterLogEvents xray:GetTraceSummaries
""".split()
VALUES = {
    "dynamodb:leadingkeys": [ME, YOU, ME + "x", "shared"],
    "dynamodb:attributes": "identityId imageId caption status sequencer original expiresAt processedAt sha256 fileName".split(),
    "dynamodb:returnvalues": ["NONE", "ALL_OLD", "ALL_NEW", "UPDATED_NEW"],
    "dynamodb:select": ["SPECIFIC_ATTRIBUTES", "ALL_ATTRIBUTES", "COUNT"],
    "s3:x-amz-storage-class": ["STANDARD", "GLACIER"],
    "s3:x-amz-server-side-encryption": ["AES256", "aws:kms"],
    "s3:x-amz-server-side-encryption-customer-algorithm": ["AES256"],
    "s3:x-amz-server-side-encryption-aws-kms-key-id": ["arn:aws:kms:eu-west-1:123456789012:key/k"],
    "s3:objectcreationoperation": ["true", "false"],
    "s3:x-amz-copy-source": ["noaa-goes16/index.html", "/elsewhere/original-files/dev/x"],
    "aws:securetransport": ["true", "true", "true", "false"],
    "aws:userid": ["AROAEXAMPLE:session", ME],
    "aws:principaltype": ["User", "AssumedRole"],
    "aws:principaltag/folder": [YOU, "public"],
    "cognito-identity.amazonaws.com:aud": [HERE["IdentityPool"]],
}
MOST = 4


@dataclasses.dataclass
class Concrete:
    name: str
    role: str
    action: str
    resource: str
    keys: dict


def attacks(policies):
    """The attacks that IAM denies, as the requests that they are."""
    statements = {s.sid: s for s in policies.roles["AuthenticatedRole"]}
    for row in re.findall(r"^\| `([^`|]+)` \|[^|]*\|[^|]*\| ([^|]*) \|", ATTACKS.read_text(encoding="utf-8"), re.MULTILINE):
        name, denied_by = row
        if not_granted := re.match(r"no statement grants `([^`]+)`", denied_by):
            yield Concrete(name, "AuthenticatedRole", not_granted[1], target(policies, not_granted[1]), {"aws:SecureTransport": ["true"]})
        elif (by := re.match(r"`(\w+)`", denied_by)) and by[1] in statements:
            statement = statements[by[1]]
            for action in statement.actions:
                keys = {"aws:SecureTransport": ["true"]}
                if action[0].startswith("dynamodb:"):
                    keys |= {"dynamodb:LeadingKeys": [YOU], "dynamodb:Attributes": ["identityId", "imageId"]}
                yield Concrete(f"{name}/{action[0]}", "AuthenticatedRole", action[0], filled(statement.resources[0], YOU), keys)


def target(policies, action):
    """The resource of the stack that an action is about."""
    service = action.split(":")[0]
    logical = {"s3": "Bucket", "dynamodb": "Table", "sqs": "Queue", "sns": "AlarmTopic", "lambda": "UploadFunction"}.get(service)
    if logical is None:
        return "*"
    whole = arn(policies, logical)
    about_objects = service == "s3" and "Object" in action
    return f"{whole}/original-files/{HERE['Stage']}/{YOU}/photo.jpg" if about_objects else whole


def filled(pattern, identity):
    """A resource that a pattern describes, for an identity."""
    out = []
    for part in tokens(fixed(pattern, HERE), True, True):
        out.append("photo.jpg" if part == "*" else "0" if part == "?" else identity if isinstance(part, Variable) else getattr(part, "value", "x"))
    return "".join(out)


class Generator:
    """Random requests about a stack's policies."""

    def __init__(self, policies, seed):
        self.policies, self.random = policies, random.Random(seed)
        self.actions = sorted({shown(a) for r in policies.roles.values() for s in r for a in s.actions if "*" not in shown(a)})
        self.resources = self.all_resources()

    def all_resources(self):
        bucket, table = arn(self.policies, "Bucket"), arn(self.policies, "Table")
        objects = [
            f"{bucket}/{folder}/{stage}/{identity}{rest}"
            for folder in ("original-files", "thumbnails", "reconcile")
            for stage in (HERE["Stage"], THERE["Stage"])
            for identity in (ME, YOU, ME + "x")
            for rest in ("/photo.jpg", "", "/")
        ]
        arns = [shown(fixed(a, HERE)) for a in self.policies.arns.values()]
        return [*objects, *arns, f"{table}/index/byTime", f"{bucket}/reconcile/{HERE['Stage']}/checkpoint", "*"]

    def requests(self, count, roles=None):
        for index in range(count):
            role = self.random.choice(roles or sorted(self.policies.roles))
            yield self.near(f"random-{index}", role) if self.random.random() < 0.75 else self.any(f"random-{index}", role)

    def any(self, name, role):
        keys = {key: self.values(key) for key in self.random.sample(sorted(VALUES), 4)}
        action = self.random.choice([*self.actions, *OTHER_ACTIONS])
        return Concrete(name, role, action, self.random.choice(self.resources), self.with_transport(keys))

    def near(self, name, role):
        """A request that a statement is about, but for some chance."""
        chosen = self.random.choice([s for s in self.policies.roles[role] if s.effect == "Allow"])
        actions = [shown(a) for a in chosen.actions if "*" not in shown(a)] or self.actions
        pattern = self.random.choice(chosen.resources or (("*",),))
        resource = filled(pattern, ME if self.random.random() < 0.85 else YOU)
        if self.random.random() < 0.1:
            resource = self.random.choice(self.resources)
        keys = {}
        for operator, key, values in chosen.conditions:
            if operator.lower() == "null":
                if values == (("true",),):
                    continue
                keys.setdefault(key, self.values(key))
            elif self.random.random() < 0.85:
                texts = [shown(value).replace("${" + SUB + "}", ME) for value in values]
                some = self.random.sample(texts, min(len(texts), self.random.randint(1, MOST - 1)))
                keys[key] = some if KNOWN_KEYS.has_many_values(key) else some[:1]
            if self.random.random() < 0.1:
                keys[key] = self.values(key)
        return Concrete(name, role, self.random.choice(actions), resource, self.with_transport(keys))

    def values(self, key):
        possible = VALUES.get(key.lower(), ["x"])
        count = self.random.randint(1, min(MOST, len(possible))) if KNOWN_KEYS.has_many_values(key) else 1
        return self.random.sample(possible, count)

    def with_transport(self, keys):
        """Every request says whether it came over TLS. Names of keys have no case."""
        keys = {key.lower(): values for key, values in keys.items()}
        keys["aws:securetransport"] = self.values("aws:securetransport")
        return keys
