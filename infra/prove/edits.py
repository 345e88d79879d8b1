"""Edits of an expanded template, for mistakes."""

TABLE = {"Fn::GetAtt": ["Table", "Arn"]}
BUCKET = {"Fn::GetAtt": ["Bucket", "Arn"]}
QUEUE = {"Fn::GetAtt": ["Queue", "Arn"]}
SUB = "${!cognito-identity.amazonaws.com:sub}"
EVERY = "ForAllValues:StringEquals"
IF_EXISTS = "StringEqualsIfExists"
LEADING, ATTRIBUTES, RETURNS = "dynamodb:LeadingKeys", "dynamodb:Attributes", "dynamodb:ReturnValues"


def properties(template, name):
    return template["Resources"][name]["Properties"]


def all_statements(template, role):
    """The lists of statements of a role's policies, whatever condition a policy has."""
    for policy in properties(template, role)["Policies"]:
        policy = policy["Fn::If"][1] if "Fn::If" in policy else policy
        document = policy["PolicyDocument"]
        if not isinstance(document["Statement"], list):
            document["Statement"] = [document["Statement"]]
        yield document["Statement"]


def statement(template, role, sid):
    for statements in all_statements(template, role):
        for one in statements:
            if one.get("Sid") == sid:
                return one
    raise KeyError(f"{role} has no statement {sid}")


def user(template, sid):
    return statement(template, "AuthenticatedRole", sid)


def condition(template, role, sid):
    return statement(template, role, sid).setdefault("Condition", {})


def on(template, sid):
    return user(template, sid)["Condition"]


def grant(template, role, action, resource, **more):
    """Adds a statement to a role's last unconditional policy."""
    one = {"Sid": "Mistake", "Effect": "Allow", "Action": action, "Resource": resource, **more}
    policies = [p for p in properties(template, role)["Policies"] if "PolicyDocument" in p]
    document = policies[-1]["PolicyDocument"]
    given = document["Statement"]
    document["Statement"] = [*(given if isinstance(given, list) else [given]), one]


def also(one, *actions):
    given = one["Action"]
    one["Action"] = [*(given if isinstance(given, list) else [given]), *actions]


def rename(members, old, new):
    members[new] = members.pop(old)


def instead(one, old, new):
    """Replaces a part of a statement's resource, or of each of its resources that has it."""
    given = one["Resource"]
    texts = [resource["Fn::Sub"] for resource in (given if isinstance(given, list) else [given])]
    assert any(old in text for text in texts), texts
    changed = [{"Fn::Sub": text.replace(old, new)} for text in texts]
    one["Resource"] = changed if isinstance(given, list) else changed[0]


def trust(template, role="AuthenticatedRole"):
    return properties(template, role)["AssumeRolePolicyDocument"]["Statement"][0]


def document(template, name):
    return properties(template, name)["PolicyDocument"]["Statement"]


def object_of(path):
    return {"Fn::Sub": "${Bucket.Arn}/" + path}


def api(template):
    return properties(template, "Api")["Body"]
