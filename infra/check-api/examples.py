"""Validates the examples of an OpenAPI 3.1 description against their schemas, and asks for one wherever there is a schema.

The validator of descriptions looks at their structure only.
"""

import sys

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

URI = "urn:description"


class TimesAreText(yaml.SafeLoader):
    """JSON has no times, and the examples are JSON."""


TimesAreText.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Examples:
    def __init__(self, description):
        self.description = description
        resource = Resource.from_contents(description, default_specification=DRAFT202012)
        self.registry = Registry().with_resource(URI, resource)
        self.checked = 0
        self.findings = []

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            target = self.description
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def is_binary(self, schema):
        """A file, or a form with one: YAML holds no bytes."""
        schema = self.resolve(schema)
        if schema.get("format") == "binary":
            return True
        return any(self.is_binary(member) for member in schema.get("properties", {}).values())

    def check(self, pointer, schema_pointer, value):
        """The schema is given by its place, so that its own references can be followed."""
        schema = {"$ref": f"{URI}#{schema_pointer}"}
        validator = Draft202012Validator(
            schema, registry=self.registry, format_checker=Draft202012Validator.FORMAT_CHECKER
        )
        self.checked += 1
        for error in validator.iter_errors(value):
            self.findings.append(f"{pointer}: {error.json_path}: {error.message}")

    def walk(self, node, pointer):
        if isinstance(node, list):
            for index, item in enumerate(node):
                self.walk(item, f"{pointer}/{index}")
        if not isinstance(node, dict):
            return
        is_holder = "schema" in node
        # A schema's own examples are a list; those of everything else are named.
        is_schema = isinstance(node.get("examples"), list)
        if is_schema:
            for example in node["examples"]:
                self.check(f"{pointer}/examples", pointer, example)
        if is_holder:
            values = [node["example"]] if "example" in node else []
            named = node.get("examples", {})
            values += [self.resolve(example)["value"] for example in named.values()]
            # An id, a cursor: the schema has the example.
            values += self.resolve(node["schema"]).get("examples", [])
            if not values and not self.is_binary(node["schema"]):
                self.findings.append(f"{pointer}: no example")
            for value in values:
                self.check(pointer, f"{pointer}/schema", value)
        for key, value in node.items():
            if key not in ("example", "examples", "value"):
                self.walk(value, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")


def main(path):
    with open(path, encoding="utf-8") as file:
        examples = Examples(yaml.load(file, TimesAreText))
    examples.walk(examples.description, "")
    for finding in examples.findings:
        print(finding, file=sys.stderr)
    if examples.findings:
        sys.exit(1)
    print(f"{path}: {examples.checked} examples fit their schemas")


if __name__ == "__main__":
    main(sys.argv[1])
