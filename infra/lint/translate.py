"""Expands the SAM template as CloudFormation would, offline, and prints the result as JSON.

cfn-lint skips some rules under a SAM transform (W3037, the names of IAM actions; E3505, the queue's visibility
timeout), so the template is linted in both forms.
"""

import json
import sys

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoManagedPolicies:
    """The template names none; loading them would ask AWS."""

    def load(self):
        return {}


def main(path: str) -> None:
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file)
    # Where code is does not matter here, but it must look like something that is uploaded.
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    json.dump(transform(template, {}, NoManagedPolicies()), sys.stdout, indent=2)


if __name__ == "__main__":
    main(sys.argv[1])
