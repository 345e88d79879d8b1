"""Lints an OpenAPI 3.1 document beyond its structure.

Findings are unresolved references, unused components, schemas without an example, and examples
that do not match their schemas.
"""

import sys

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

URI = "urn:description"


class TimesAreText(yaml.SafeLoader):
    """A loader that leaves timestamps as text, because the examples are JSON, which has no times."""


TimesAreText.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Description:
    def __init__(self, content):
        self.content = content
        resource = Resource.from_contents(content, default_specification=DRAFT202012)
        self.registry = Registry().with_resource(URI, resource)
        self.references = set()
        self.examples = 0
        self.findings = []

    def target(self, reference):
        node = self.content
        for part in reference.removeprefix("#/").split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
        return node

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            node = self.target(node["$ref"])
        return node

    def is_binary(self, schema):
        """Returns whether a schema is a file or a form with one, which YAML can't represent."""
        schema = self.resolve(schema)
        if schema.get("format") == "binary":
            return True
        return any(self.is_binary(member) for member in schema.get("properties", {}).values())

    def check_references(self, node, pointer):
        if isinstance(node, list):
            for index, item in enumerate(node):
                self.check_references(item, f"{pointer}/{index}")
        if not isinstance(node, dict):
            return
        if "$ref" in node:
            self.references.add(node["$ref"])
            try:
                self.target(node["$ref"])
            except KeyError:
                self.findings.append(f"{pointer}: {node['$ref']} does not resolve")
        for key, value in node.items():
            self.check_references(value, f"{pointer}/{key}")

    def check_components(self):
        for kind, components in self.content["components"].items():
            for name in components:
                # Security schemes are referred to by name.
                if kind != "securitySchemes" and f"#/components/{kind}/{name}" not in self.references:
                    self.findings.append(f"/components/{kind}/{name}: unused")

    def check_example(self, pointer, schema_pointer, value):
        """Checks an example. The schema is given as a pointer, so that its own references resolve."""
        schema = {"$ref": f"{URI}#{schema_pointer}"}
        validator = Draft202012Validator(
            schema, registry=self.registry, format_checker=Draft202012Validator.FORMAT_CHECKER
        )
        self.examples += 1
        for error in validator.iter_errors(value):
            self.findings.append(f"{pointer}: {error.json_path}: {error.message}")

    def check_examples(self, node, pointer):
        if isinstance(node, list):
            for index, item in enumerate(node):
                self.check_examples(item, f"{pointer}/{index}")
        if not isinstance(node, dict):
            return
        # A schema's own examples are a list; elsewhere, examples have names.
        if isinstance(node.get("examples"), list):
            for value in node["examples"]:
                self.check_example(f"{pointer}/examples", pointer, value)
        if "schema" in node:
            values = [node["example"]] if "example" in node else []
            values += [self.resolve(example)["value"] for example in node.get("examples", {}).values()]
            # For ids and cursors, the schema has the example.
            values += self.resolve(node["schema"]).get("examples", [])
            if not values and not self.is_binary(node["schema"]):
                self.findings.append(f"{pointer}: no example")
            for value in values:
                self.check_example(pointer, f"{pointer}/schema", value)
        for key, value in node.items():
            if key not in ("example", "examples", "value"):
                self.check_examples(value, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")


def main(path):
    with open(path, encoding="utf-8") as file:
        description = Description(yaml.load(file, TimesAreText))
    description.check_references(description.content, "")
    # The other checks follow references.
    if not description.findings:
        description.check_components()
        description.check_examples(description.content, "")
    for finding in description.findings:
        print(finding, file=sys.stderr)
    if description.findings:
        sys.exit(1)
    print(f"{path}: every reference resolves, {description.examples} examples match their schemas")


if __name__ == "__main__":
    main(sys.argv[1])
