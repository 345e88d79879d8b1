"""Policies and requests of the deployment of example.py, without unknowns."""

from example import HERE
from intrinsics import function_of
from policies import as_list
from text import fixed, shown


def concrete(policies, value):
    """A policy document as IAM would store it."""
    if function_of(value):
        return shown(fixed(policies.resolver.text(value), HERE))
    if isinstance(value, dict):
        return {key: concrete(policies, child) for key, child in value.items()}
    if isinstance(value, list):
        return [concrete(policies, child) for child in value]
    return value


def role_documents(policies, role):
    return [concrete(policies, policy["PolicyDocument"]) for policy in policies.properties(role).get("Policies", [])]


def arn(policies, logical):
    return shown(fixed(policies.arns[logical], HERE))


def resource_documents(policies):
    """The documents of resource policies, by the ARN that they are attached to."""
    found = {}
    for logical in policies.attached:
        for properties in attached_to(policies, logical):
            found[arn(policies, logical)] = concrete(policies, properties)
    return found


def attached_to(policies, logical):
    own = policies.properties(logical).get("ResourcePolicy")
    if own:
        yield own["PolicyDocument"]
    for resource in policies.resources.values():
        properties = resource.get("Properties", {})
        targets = [properties.get(name, []) for name in ("Bucket", "Queues", "Topics")]
        if "PolicyDocument" in properties and any({"Ref": logical} in as_list(target) for target in targets):
            yield properties["PolicyDocument"]
