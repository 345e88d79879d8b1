"""What is not understood is refused, by the reason that it is: nothing is ever skipped."""

import unittest

from edits import also, document, grant, on, properties, trust, user
from fixture import TEMPLATE, changed, read_text
from loading import expand, read
from proofs import Prover
from refusal import UnknownCondition, UnknownIntrinsic, UnknownResource, UnknownStatement, Unreadable

SOURCE = TEMPLATE.read_text(encoding="utf-8")
ARN = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def add(template, kind, **given):
    template["Resources"]["Another"] = {"Type": kind, "Properties": given}


REFUSED = {
    UnknownStatement: {
        "NotPrincipal": lambda t: document(t, "BucketPolicy")[0].update(NotPrincipal="*"),
        "Effect 'allow'": lambda t: user(t, "OwnOriginals").update(Effect="allow"),
        "Conditions": lambda t: user(t, "OwnOriginals").update(Conditions={}),
        "one of Action and NotAction": lambda t: user(t, "OwnOriginals").update(NotAction="s3:*"),
        "one of Resource and NotResource": lambda t: user(t, "OwnOriginals").update(NotResource="*"),
        "no Resource": lambda t: user(t, "OwnOriginals").pop("Resource"),
        "Version": lambda t: properties(t, "UploadRole")["Policies"][0]["PolicyDocument"].update(Version="2025-01-01"),
        "the policy variable ${aws:nonsense}": lambda t: user(t, "OwnOriginals").update(Resource="a/${aws:nonsense}/*"),
        "the Principal": lambda t: trust(t).update(Principal={"Canonical": "x"}),
        "a wildcard within a Principal": lambda t: trust(t).update(Principal={"AWS": "arn:aws:iam::*:root"}),
        "the parameter Stage": lambda t: t["Parameters"]["Stage"].update(AllowedPattern="^[a-z*]+$"),
        "the parameter AlarmEmail": lambda t: grant(t, "UploadRole", "s3:GetObject", {"Ref": "AlarmEmail"}),
    },
    UnknownCondition: {
        "StringMatches of": lambda t: on(t, "ReadOwnRecords").update({"StringMatches": {"aws:userid": "x"}}),
        "ForSomeValues:StringEquals of": lambda t: on(t, "ReadOwnRecords").update({"ForSomeValues:StringEquals": {"aws:userid": "x"}}),
        "the key dynamodb:LeadingKey": lambda t: on(t, "ReadOwnRecords")["Null"].update({"dynamodb:LeadingKey": "false"}),
        "Null of dynamodb:LeadingKeys": lambda t: on(t, "ReadOwnRecords")["Null"].update({"dynamodb:LeadingKeys": "no"}),
        "without ForAllValues or ForAnyValue": lambda t: on(t, "ReadOwnRecords").update({"StringEquals": {"dynamodb:LeadingKeys": "x"}}),
        "a wildcard before an ARN's resource": lambda t: document(t, "EventsQueuePolicy")[0]["Condition"].update({"ArnLike": {"aws:SourceArn": "arn:aws:*"}}),
        "a variable under a negation": lambda t: document(t, "BucketPolicy")[0]["Condition"].update({"StringNotEquals": {"aws:userid": "${aws:username}"}}),
        "has no value": lambda t: on(t, "ReadOwnRecords").update({"StringEquals": {"aws:userid": []}}),
    },
    UnknownIntrinsic: {
        "Fn::Select": lambda t: user(t, "OwnOriginals").update(Resource={"Fn::Select": [0, ["a"]]}),
        "OwnOriginals": lambda t: user(t, "OwnOriginals").update(Resource={"Fn::Sub": {"a": 1}}),
    },
    UnknownResource: {
        "ManagedPolicyArns": lambda t: properties(t, "UploadRole").update(ManagedPolicyArns=[ARN]),
        "PermissionsBoundary": lambda t: properties(t, "UploadRole").update(PermissionsBoundary=ARN),
        "AWS::IAM::Policy": lambda t: add(t, "AWS::IAM::Policy", Roles=["x"]),
        "AWS::IAM::ManagedPolicy": lambda t: add(t, "AWS::IAM::ManagedPolicy", Roles=["x"]),
        "AWS::IAM::RolePolicy": lambda t: add(t, "AWS::IAM::RolePolicy", RoleName="x"),
        "AWS::IAM::User": lambda t: add(t, "AWS::IAM::User"),
        "AWS::Lambda::Url": lambda t: add(t, "AWS::Lambda::Url", AuthType="NONE"),
        "AWS::KMS::Key": lambda t: add(t, "AWS::KMS::Key"),
        "AWS::S3::AccessPoint": lambda t: add(t, "AWS::S3::AccessPoint", Bucket="x"),
        "AWS::EC2::VPCEndpoint": lambda t: add(t, "AWS::EC2::VPCEndpoint"),
        "AWS::SQS::QueueInlinePolicy": lambda t: add(t, "AWS::SQS::QueueInlinePolicy"),
        "AWS::Events::EventBusPolicy": lambda t: add(t, "AWS::Events::EventBusPolicy"),
        "AWS::Events::EventBus): Policy": lambda t: properties(t, "EventBus").update(Policy={}),
        "AWS::CloudFormation::Stack": lambda t: add(t, "AWS::CloudFormation::Stack", TemplateURL="x"),
        "AWS::Cognito::IdentityPoolPrincipalTag": lambda t: add(t, "AWS::Cognito::IdentityPoolPrincipalTag"),
        "AWS::ApiGatewayV2::Route": lambda t: add(t, "AWS::ApiGatewayV2::Route"),
        "LambdaConfig": lambda t: properties(t, "UserPool").update(LambdaConfig={}),
        "ReplicationConfiguration": lambda t: properties(t, "Bucket").update(ReplicationConfiguration={}),
        "StreamSpecification": lambda t: properties(t, "Table").update(StreamSpecification={}),
        "DeveloperProviderName": lambda t: properties(t, "IdentityPool").update(DeveloperProviderName="x"),
        "two policies": lambda t: t["Resources"].update(Another=t["Resources"]["BucketPolicy"]),
        "which is not of this template": lambda t: properties(t, "BucketPolicy").update(Bucket="another"),
        "has not the form": lambda t: properties(t, "UploadRole").update(Policies=[1]),
        "Layers": lambda t: properties(t, "UploadFunction").update(Layers=["x"]),
    },
}


class Refusals(unittest.TestCase):
    def test_what_is_not_understood_is_refused_by_its_name(self):
        for kind, edits in REFUSED.items():
            for said, edit in edits.items():
                with self.subTest(said), self.assertRaises(kind) as refused:
                    Prover(changed(edit)).names()
                self.assertIn(said, str(refused.exception))

    def test_reasons_have_codes_of_their_own(self):
        codes = {kind.code for kind in (Unreadable, UnknownIntrinsic, UnknownCondition, UnknownResource, UnknownStatement)}
        self.assertEqual(len(codes), 5)
        self.assertFalse(codes & {0, 1, 2})

    def test_a_file_that_is_no_template(self):
        for source in ("a: [", "- a", "Resources: 1", "\tx", "Resources: {A: {Type: 'AWS::Serverless::Function'}}"):
            with self.subTest(source), self.assertRaises(Unreadable):
                read_text(source)
        with self.assertRaises(Unreadable):
            read("/does/not/exist.yaml")

    def test_a_key_that_is_given_twice(self):
        twice = SOURCE.replace("      AllowClassicFlow: false\n", "      AllowClassicFlow: false\n      AllowClassicFlow: true\n")
        with self.assertRaisesRegex(Unreadable, "AllowClassicFlow is given twice"):
            read_text(twice)

    def test_intrinsic_functions_that_are_not_known(self):
        for name in ("Fn::Transform", "Fn::ForEach::Queues", "Fn::Whatever"):
            with self.subTest(name), self.assertRaisesRegex(UnknownIntrinsic, name):
                expand({"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {name: {}}}}})

    def test_a_macro(self):
        with self.assertRaisesRegex(UnknownResource, "Mine"):
            expand({"Transform": ["Mine"], "Resources": {}})

    def test_what_grants_nothing_is_not_refused(self):
        more = changed(lambda t: add(t, "AWS::Logs::LogGroup", RetentionInDays=1) or also(user(t, "OwnOriginals"), "s3:GetObject"))
        self.assertIn("own-objects", Prover(more).names())


if __name__ == "__main__":
    unittest.main()
