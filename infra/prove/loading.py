"""Templates: read, checked for what is not understood, and expanded by SAM.

A template is read once and proved in every variant: for each way in which the conditions that
policies depend on can be decided.
"""

import itertools
import logging
import os
import pathlib

import yaml
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from intrinsics import decided, refuse_unknown
from refusal import UnknownResource, Unreadable

# SAM says at its end that it has sent no metrics, which nobody wants it to do.
logging.getLogger("samtranslator").setLevel(logging.ERROR)

# SAM asks boto3 for a region, and only writes it into what is not read here.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

TRANSFORMS = {"AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"}
MOST_CONDITIONS = 8


class NoManagedPolicies:
    """A loader of no managed policies: loading them would call AWS."""

    def load(self):
        return {}


class UniqueKeys(yaml.SafeLoader):
    """A loader that refuses a key that is given twice, of which others take the last."""


def unique_mapping(loader, node, deep=False):
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    twice = {str(key) for key in keys if keys.count(key) > 1}
    if twice:
        raise Unreadable(f"line {node.start_mark.line + 1}: {', '.join(sorted(twice))} is given twice")
    return loader.construct_mapping(node, deep)


def any_tag(loader, _suffix, node):
    construct = {"scalar": loader.construct_scalar, "sequence": loader.construct_sequence}
    return construct[node.id](node) if node.id in construct else unique_mapping(loader, node, True)


UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, unique_mapping)
UniqueKeys.add_multi_constructor("!", any_tag)


def read(path) -> dict:
    """Reads a template and expands it as CloudFormation would."""
    try:
        source = pathlib.Path(path).read_text(encoding="utf-8")
        yaml.load(source, UniqueKeys)
        template = yaml_parse(source)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
        raise Unreadable(f"{path}: {error}") from error
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        raise Unreadable(f"{path}: it has no Resources")
    return expand(template)


def expand(template) -> dict:
    refuse_unknown(template)
    given = template.get("Transform", [])
    unknown = set([given] if isinstance(given, str) else given) - TRANSFORMS
    if unknown:
        raise UnknownResource(f"Transform: {', '.join(sorted(unknown))}")
    globals_ = template.setdefault("Globals", {})
    if any(r.get("Type") == "AWS::Serverless::Function" for r in template["Resources"].values() if isinstance(r, dict)):
        # The code's location does not matter here, but it must look like an S3 URL.
        globals_.setdefault("Function", {})["CodeUri"] = "s3://bucket/key"
    try:
        expanded = transform(template, {}, NoManagedPolicies())
    except Exception as error:
        raise Unreadable(f"SAM: {getattr(error, 'message', error)}") from error
    refuse_unknown(expanded["Resources"], "Resources")
    return expanded


def variants(document, parts):
    """Yields the template for every way to decide the conditions of some parts of resources, and
    how they are decided. Parts are given with their resource's condition, or None."""
    used = set()
    for condition, part in parts:
        used |= {condition} if condition else set()
        conditions_of(part, used)
    if len(used) > MOST_CONDITIONS:
        raise UnknownResource(f"more than {MOST_CONDITIONS} conditions: {', '.join(sorted(used))}")
    unknown = used - set(document.get("Conditions", {}))
    if unknown:
        raise Unreadable(f"the conditions {', '.join(sorted(unknown))} are not defined")
    for values in itertools.product((True, False), repeat=len(used)):
        truth = {**dict.fromkeys(document.get("Conditions", {}), True), **dict(zip(sorted(used), values))}
        resources = {
            name: decided(resource, truth)
            for name, resource in document["Resources"].items()
            if truth.get(resource.get("Condition"), True)
        }
        yield {**document, "Resources": resources}, {name: truth[name] for name in sorted(used)}


def conditions_of(value, found):
    """Adds the conditions that a value depends on."""
    if isinstance(value, dict):
        if set(value) == {"Fn::If"}:
            found.add(value["Fn::If"][0])
        for child in value.values():
            conditions_of(child, found)
    elif isinstance(value, list):
        for child in value:
            conditions_of(child, found)
