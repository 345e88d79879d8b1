"""Intrinsic functions, resolved to texts.

`INTRINSICS` are the functions that may appear anywhere in a template. In a policy, where their
value matters, only those that `Resolver.text` handles are accepted.
"""

import re

from arns import FORMATS, NAME_ATTRIBUTES, REF_IS_ARN
from refusal import UnknownIntrinsic
from text import Unknown, text

INTRINSICS = {"Ref", "Condition"} | {
    f"Fn::{name}"
    for name in "And Base64 Cidr Equals FindInMap GetAtt GetAZs If Join Not Or Select Split Sub".split()
}
NOTHING = {"Ref": "AWS::NoValue"}
PSEUDO = {f"AWS::{name}" for name in "AccountId Partition Region StackId StackName URLSuffix".split()}


def function_of(value):
    """The name of the intrinsic function that a value is, or None."""
    if isinstance(value, dict) and len(value) == 1:
        (name,) = value
        if name == "Ref" or name.startswith("Fn::"):
            return name
    return None


def refuse_unknown(value, where="the template"):
    """Refuses functions that are not known, wherever they are: they might add anything."""
    if isinstance(value, dict):
        for key, child in value.items():
            if str(key).startswith("Fn::") and key not in INTRINSICS:
                raise UnknownIntrinsic(f"{where}: {key}")
            refuse_unknown(child, f"{where}/{key}")
    elif isinstance(value, list):
        for child in value:
            refuse_unknown(child, where)


def decided(value, truth: dict):
    """A value with every `Fn::If` resolved, and without what is `AWS::NoValue`."""
    if function_of(value) == "Fn::If":
        condition, then, otherwise = value["Fn::If"]
        return decided(then if truth[condition] else otherwise, truth)
    if isinstance(value, dict):
        pairs = ((key, decided(child, truth)) for key, child in value.items())
        return {key: child for key, child in pairs if child != NOTHING}
    if isinstance(value, list):
        return [child for child in (decided(child, truth) for child in value) if child != NOTHING]
    return value


class Resolver:
    """Resolves values of a template whose conditions are decided."""

    def __init__(self, resources: dict, parameters: dict):
        self.resources, self.parameters = resources, parameters
        self.used_parameters = set()

    def text(self, value) -> tuple:
        if isinstance(value, bool):
            return (str(value).lower(),)
        if isinstance(value, (str, int, float)):
            return text(str(value))
        function = function_of(value)
        argument = value[function] if function else None
        if function == "Ref":
            return self.ref(argument)
        if function == "Fn::GetAtt":
            logical, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
            return self.attribute(logical, attribute)
        if function == "Fn::Sub":
            return self.substituted(*([argument, {}] if isinstance(argument, str) else argument))
        if function == "Fn::Join" and isinstance(argument[1], list):
            return self.joined(argument[0], [self.text(part) for part in argument[1]])
        raise UnknownIntrinsic(f"{function or value!r} in a policy")

    def joined(self, separator, parts):
        whole = ()
        for index, part in enumerate(parts):
            whole = text(whole, separator if index else "", part)
        return whole

    def substituted(self, pattern, given) -> tuple:
        parts = []
        for piece in re.split(r"(\$\{[^}]*\})", pattern):
            name = piece[2:-1]
            if not piece.startswith("${"):
                parts.append(piece)
            elif name.startswith("!"):
                parts.append("${" + name[1:] + "}")
            elif name in given:
                parts.append(self.text(given[name]))
            elif "." in name:
                parts.append(self.attribute(*name.split(".", 1)))
            else:
                parts.append(self.ref(name))
        return text(*parts)

    def ref(self, name) -> tuple:
        if name in self.resources:
            return self.arn(name) if self.resources[name]["Type"] in REF_IS_ARN else self.name(name)
        if name in self.parameters:
            self.used_parameters.add(name)
        elif name not in PSEUDO:
            # A resource whose condition does not hold here, or none at all.
            return (Unknown(f"absent {name}"),)
        return (Unknown(name),)

    def attribute(self, logical, attribute) -> tuple:
        kind = self.resources.get(logical, {}).get("Type")
        if attribute == "Arn" and kind:
            return self.arn(logical)
        if (kind, attribute) in NAME_ATTRIBUTES:
            return self.name(logical)
        return (Unknown(f"{logical}.{attribute}"),)

    def name(self, logical) -> tuple:
        resource = self.resources[logical]
        named_by = FORMATS.get(resource["Type"], (None,))[0]
        given = resource.get("Properties", {}).get(named_by)
        return (Unknown(logical),) if given is None else self.text(given)

    def arn(self, logical) -> tuple:
        kind = self.resources[logical]["Type"]
        if kind not in FORMATS:
            return (Unknown(f"{logical}.Arn"),)
        _, before, behind = FORMATS[kind]
        return text(before, self.name(logical), behind)
