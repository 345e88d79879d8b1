"""The policies of a template whose conditions are decided."""

from alphabets import harmless
from arns import FORMATS
from iam import Statement
from intrinsics import Resolver, function_of
from refusal import UnknownCondition, UnknownIntrinsic, UnknownResource, UnknownStatement

MEMBERS = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}
PRINCIPALS = {"AWS", "Service", "Federated", "CanonicalUser"}
VERSIONS = ("2012-10-17", "2008-10-17", None)
# Type: the property that names what the policy is attached to.
RESOURCE_POLICIES = {"AWS::S3::BucketPolicy": "Bucket", "AWS::SQS::QueuePolicy": "Queues", "AWS::SNS::TopicPolicy": "Topics"}


def as_list(value):
    return value if isinstance(value, list) else [value]


class Policies:
    """Statements of roles, of trust, and of resources."""

    def __init__(self, document):
        self.resources = document["Resources"]
        self.parameters = document.get("Parameters", {})
        self.resolver = Resolver(self.resources, self.parameters)
        self.arns = {
            name: self.resolver.arn(name)
            for name, resource in self.resources.items()
            # A log group's ARN ends in a wildcard.
            if resource["Type"] in FORMATS and resource["Type"] != "AWS::Logs::LogGroup"
        }
        self.roles = {name: self.of_role(name) for name in self.of_type("AWS::IAM::Role")}
        self.trust = {name: self.of_trust(name) for name in self.roles}
        self.attached = self.of_resources()
        self.permissions = [s for name in self.of_type("AWS::Lambda::Permission") for s in self.of_permission(name)]
        harmless(self.resolver.used_parameters, self.parameters)

    def of_type(self, kind):
        return {name: r.get("Properties", {}) for name, r in self.resources.items() if r["Type"] == kind}

    def properties(self, name):
        return self.resources[name].get("Properties", {})

    @property
    def resource_statements(self):
        """All statements of resource policies."""
        return [s for statements in self.attached.values() for s in statements] + self.permissions

    def of_role(self, name):
        properties = self.properties(name)
        if properties.get("ManagedPolicyArns"):
            raise UnknownResource(f"{name}: ManagedPolicyArns, whose policies are not in the template")
        found = []
        for policy in properties.get("Policies", []):
            if set(policy) != {"PolicyName", "PolicyDocument"}:
                raise UnknownStatement(f"{name}: a policy of {', '.join(sorted(policy))}")
            found += self.statements(policy["PolicyDocument"], f"{name}/{policy['PolicyName']}")
        for one in found:
            if one.principals:
                raise UnknownStatement(f"{one.name}: a role's policy with a Principal")
            if not one.resources and not one.not_resources:
                raise UnknownStatement(f"{one.name}: no Resource")
        return found

    def of_trust(self, name):
        document = self.properties(name).get("AssumeRolePolicyDocument")
        if document is None:
            raise UnknownStatement(f"{name}: no AssumeRolePolicyDocument")
        found = self.statements(document, f"{name}/trust")
        for one in found:
            if not one.principals or one.resources or one.not_resources:
                raise UnknownStatement(f"{one.name}: a trust policy has a Principal and no Resource")
        return found

    def of_resources(self):
        """Resource policies by what they are attached to."""
        found = {}

        def attach(target, statements):
            if target in found:
                raise UnknownResource(f"{target} has two policies, of which one replaces the other")
            found[target] = statements

        for kind, property_ in RESOURCE_POLICIES.items():
            for name, properties in self.of_type(kind).items():
                for target in as_list(properties.get(property_, [])):
                    logical = self.target(target, name)
                    attach(logical, self.resource_policy(properties.get("PolicyDocument"), name, logical))
        for name, properties in self.of_type("AWS::DynamoDB::Table").items():
            if "ResourcePolicy" in properties:
                given = properties["ResourcePolicy"]
                if set(given) != {"PolicyDocument"}:
                    raise UnknownResource(f"{name}: ResourcePolicy")
                attach(name, self.resource_policy(given["PolicyDocument"], f"{name}Policy", name))
            for index in properties.get("GlobalSecondaryIndexes", []):
                if "ResourcePolicy" in index:
                    raise UnknownResource(f"{name}: a ResourcePolicy of an index")
        return found

    def resource_policy(self, document, origin, logical):
        found = self.statements(document, origin, self.arns[logical])
        for one in found:
            if not one.principals or not (one.resources or one.not_resources):
                raise UnknownStatement(f"{one.name}: a resource policy has a Principal and a Resource")
        return found

    def target(self, value, name):
        function = function_of(value)
        logical = value[function] if function in ("Ref", "Fn::GetAtt") else None
        logical = logical[0] if isinstance(logical, list) else (logical or "").split(".")[0]
        if logical not in self.arns:
            raise UnknownResource(f"{name} is attached to {value!r}, which is not of this template")
        return logical

    def of_permission(self, name):
        """A Lambda permission, as the statement that it adds to the function's policy."""
        properties = self.properties(name)
        condition = {}
        if "SourceArn" in properties:
            condition["ArnLike"] = {"aws:SourceArn": properties["SourceArn"]}
        if "SourceAccount" in properties:
            condition["StringEquals"] = {"aws:SourceAccount": properties["SourceAccount"]}
        who = properties["Principal"]
        service = isinstance(who, str) and who.endswith(".amazonaws.com")
        function = properties["FunctionName"]
        if function_of(function) == "Ref":
            function = {"Fn::GetAtt": [function["Ref"], "Arn"]}
        statement = {
            "Effect": "Allow",
            "Principal": "*" if who == "*" else {"Service" if service else "AWS": who},
            "Action": properties["Action"],
            "Resource": function,
            "Condition": condition,
        }
        return self.statements({"Version": "2012-10-17", "Statement": statement}, name)

    # --- statements ---

    def statements(self, document, origin, attached=()):
        if not isinstance(document, dict) or set(document) - {"Version", "Id", "Statement"} or "Statement" not in document:
            raise UnknownStatement(f"{origin}: a policy is a Version and a Statement")
        if document.get("Version") not in VERSIONS:
            raise UnknownStatement(f"{origin}: Version {document.get('Version')}")
        # Only this version knows variables.
        variables = document.get("Version") == "2012-10-17"
        return [
            self.statement(one, origin, index, attached, variables)
            for index, one in enumerate(as_list(document["Statement"]))
        ]

    def statement(self, given, origin, index, attached, variables):
        name = f"{origin}/{given.get('Sid', index)}" if isinstance(given, dict) else origin
        if not isinstance(given, dict) or set(given) - MEMBERS:
            raise UnknownStatement(f"{name}: {', '.join(sorted(set(given) - MEMBERS))}")
        if "NotPrincipal" in given:
            raise UnknownStatement(f"{name}: NotPrincipal")
        if given.get("Effect") not in ("Allow", "Deny"):
            raise UnknownStatement(f"{name}: Effect {given.get('Effect')!r}")
        if ("Action" in given) == ("NotAction" in given):
            raise UnknownStatement(f"{name}: one of Action and NotAction")
        if "Resource" in given and "NotResource" in given:
            raise UnknownStatement(f"{name}: one of Resource and NotResource")
        return Statement(
            origin=origin,
            sid=str(given.get("Sid", index)),
            effect=given["Effect"],
            actions=self.texts(given, "Action", name),
            not_actions=self.texts(given, "NotAction", name),
            resources=self.texts(given, "Resource", name),
            not_resources=self.texts(given, "NotResource", name),
            principals=self.principals(given.get("Principal"), name),
            conditions=self.conditions(given.get("Condition", {}), name),
            attached=attached,
            variables=variables,
        )

    def texts(self, given, member, name):
        if member not in given:
            return ()
        values = as_list(given[member])
        if not values:
            raise UnknownStatement(f"{name}: an empty {member}")
        return tuple(self.text(value, name) for value in values)

    def text(self, value, name):
        try:
            return self.resolver.text(value)
        except (UnknownIntrinsic, TypeError, KeyError, ValueError) as error:
            raise UnknownIntrinsic(f"{name}: {error}") from error

    def principals(self, given, name):
        if given is None:
            return ()
        if given == "*":
            return (("*", ("*",)),)
        if not isinstance(given, dict) or not given or set(given) - PRINCIPALS:
            raise UnknownStatement(f"{name}: the Principal {given!r}")
        return tuple((kind, self.text(who, name)) for kind, whos in given.items() for who in as_list(whos))

    def conditions(self, given, name):
        if not isinstance(given, dict):
            raise UnknownCondition(f"{name}: {given!r}")
        found = []
        for operator, keys in given.items():
            if not isinstance(keys, dict):
                raise UnknownCondition(f"{name}: {operator}")
            for key, values in keys.items():
                found.append((operator, key, tuple(self.text(value, name) for value in as_list(values))))
        return tuple(found)
