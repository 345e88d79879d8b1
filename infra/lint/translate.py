"""Expands the SAM template as CloudFormation would, offline, and writes the result as JSON.

cfn-lint skips some rules under a SAM transform (W3037, the names of IAM actions; E3505, the
queue's visibility timeout), so the template is linted in both forms. cfn-guard's rules would have
to check both sides of every `Fn::If`, and every `Action` as a string and as a list. So it gets the
template with all conditions true, and with all conditions false, and with lists only.

Usage: translate.py TEMPLATE FOLDER, which writes translated.json, translated-with.json and
translated-without.json.
"""

import json
import pathlib
import sys

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

NOTHING = {"Ref": "AWS::NoValue"}

# Members of policies that are a value or a list of values.
LISTS = {"Action", "NotAction", "Resource", "NotResource", "Statement"}


class NoManagedPolicies:
    """A loader of no managed policies: the template uses none, and loading them would call AWS."""

    def load(self):
        return {}


def translate(path: str) -> dict:
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file)
    # The code's location does not matter here, but it must look like an S3 URL.
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    return transform(template, {}, NoManagedPolicies())


def decide(value, truth: bool):
    """Returns the template with every condition resolved to `truth`."""
    if isinstance(value, dict):
        if set(value) == {"Fn::If"}:
            _, then, otherwise = value["Fn::If"]
            return decide(then if truth else otherwise, truth)
        decided = {key: decide(child, truth) for key, child in value.items()}
        return {
            key: [child] if key in LISTS and not isinstance(child, list) else child
            for key, child in decided.items()
            if child != NOTHING
        }
    if isinstance(value, list):
        return [child for child in (decide(child, truth) for child in value) if child != NOTHING]
    return value


def decided(template: dict, truth: bool) -> dict:
    resources = {
        name: resource
        for name, resource in template["Resources"].items()
        if truth or "Condition" not in resource
    }
    return decide({**template, "Resources": resources}, truth)


def main(path: str, folder: str) -> None:
    translated = translate(path)
    forms = {
        "translated": translated,
        "translated-with": decided(translated, True),
        "translated-without": decided(translated, False),
    }
    for name, form in forms.items():
        text = json.dumps(form, indent=2)
        pathlib.Path(folder, f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
