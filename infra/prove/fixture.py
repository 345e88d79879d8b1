"""What the tests share: the project's template, read once, and small policies to decide about."""

import copy
import functools
import pathlib
import tempfile

import smt
from iam import Ask, Caller
from loading import expand, read
from policies import Policies
from request import Request, World

TEMPLATE = pathlib.Path(__file__).parents[1] / "template.yaml"
SUB = "eu-west-1:me"


@functools.cache
def project():
    return read(TEMPLATE)


def changed(edit):
    document = copy.deepcopy(project())
    edit(document)
    return document


def read_text(source):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        file.write(source)
        file.flush()
        return read(file.name)


def role(*statements, version="2012-10-17"):
    """Policies of a template of one role."""
    document = {"Version": version, "Statement": list(statements)}
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": "one", "PolicyDocument": document}],
    }
    return Policies(expand({"Resources": {"AuthenticatedRole": {"Type": "AWS::IAM::Role", "Properties": properties}}}))


def allows(policies, action, resource, **keys):
    """Whether the role may, by the formulas. Names of keys have `__` for a colon."""
    world = World({}, {"cognito-identity.amazonaws.com:sub": SUB})
    request = Request(world, session=True)
    ask = Ask("the role", request, Caller(("arn",)), policies.roles["AuthenticatedRole"])
    ask.requests = lambda statement: [request]
    allowed = smt.either(*(smt.both(term, *denials) for _, _, term, denials in ask.cases()))
    given = {name.replace("__", ":").lower(): values for name, values in keys.items()}
    formulas = [allowed, smt.equal(request.action, smt.quoted(action.lower())), smt.equal(request.resource, smt.quoted(resource))]
    for name, key in request.keys.items():
        values = given.get(name, [SUB] if name.endswith(":sub") else [])
        for index, (there, term) in enumerate(key.values):
            formulas += [there, smt.equal(term, smt.quoted(values[index]))] if index < len(values) else [smt.negated(there)]
    return smt.Solver().satisfiable(formulas, 10)[0]


def allow(**members):
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **members}
