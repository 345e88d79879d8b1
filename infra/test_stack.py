"""Tests of the steps of `make deploy` that need no account. Run by infra/lint/run."""

import unittest

import quotas
import stack


def change(action, kind, replacement=None):
    resource = {"Action": action, "ResourceType": kind, "LogicalResourceId": "It"}
    if replacement is not None:
        resource["Replacement"] = replacement
    return {"Type": "Resource", "ResourceChange": resource}


class Review(unittest.TestCase):
    def losses(self, *changes):
        lines, losses = stack.review(changes)
        self.assertEqual(len(lines), len(changes))
        return losses

    def test_what_holds_data_is_neither_replaced_nor_removed(self):
        for kind in stack.DATA:
            for loss in [
                change("Remove", kind),
                change("Modify", kind, "True"),
                change("Modify", kind, "Conditional"),
            ]:
                self.assertEqual(len(self.losses(loss)), 1, loss)

    def test_other_changes_pass(self):
        self.assertEqual(
            self.losses(
                change("Add", "AWS::DynamoDB::Table"),
                change("Modify", "AWS::DynamoDB::Table", "False"),
                change("Modify", "AWS::Lambda::Function", "True"),
                change("Remove", "AWS::SQS::Queue"),
            ),
            [],
        )

    def test_a_replacement_is_told(self):
        lines, _ = stack.review([change("Modify", "AWS::S3::Bucket", "True"), change("Add", "AWS::S3::Bucket")])
        self.assertTrue(lines[0].startswith("Replace "), lines)
        self.assertTrue(lines[1].startswith("Add "), lines)


class Parameters(unittest.TestCase):
    def test_the_stages_parameters_are_read_as_sam_reads_them(self):
        for stage, data in [("dev", "delete"), ("prod", "keep")]:
            given = stack.parameters(stack.config(), stage)
            self.assertEqual(given["Stage"], stage)
            self.assertEqual(given["Data"], data)

    def test_a_value_may_have_an_equals_sign(self):
        config = {"x": {"deploy": {"parameters": {"parameter_overrides": ["A=b=c", "D="]}}}}
        self.assertEqual(stack.parameters(config, "x"), {"A": "b=c", "D": ""})

    def test_the_template_has_an_architecture(self):
        self.assertIn(stack.default_architecture(), ["x86_64", "arm64"])


class Owner(unittest.TestCase):
    def test_a_stack_of_this_project_has_its_tag(self):
        complete = {"StackStatus": "UPDATE_COMPLETE"}
        self.assertTrue(stack.is_ours({**complete, "Tags": [{"Key": "application", "Value": "hikidashi"}]}))
        for tags in [{}, {"Tags": []}, {"Tags": [{"Key": "application", "Value": "other"}]}]:
            self.assertFalse(stack.is_ours({**complete, **tags}))

    def test_a_stack_of_which_only_a_change_set_was_made_is_nobody_s(self):
        self.assertTrue(stack.is_ours({"StackStatus": "REVIEW_IN_PROGRESS"}))


class Iam:
    """IAM with roles of which some have the policy."""

    class exceptions:
        class NoSuchEntityException(Exception):
            pass

    def __init__(self, *policies):
        self.policies = set(policies)

    def delete_role_policy(self, RoleName, PolicyName):
        if (RoleName, PolicyName) not in self.policies:
            raise self.exceptions.NoSuchEntityException
        self.policies.remove((RoleName, PolicyName))


class BlockedUsers(unittest.TestCase):
    def test_the_list_is_removed_where_there_is_one(self):
        iam = Iam(("users", "blocked-users"), ("users", "another"))
        self.assertTrue(stack.unblock_all(iam, "users"))
        self.assertFalse(stack.unblock_all(iam, "users"))
        self.assertEqual(iam.policies, {("users", "another")})


class Quotas(unittest.TestCase):
    def test_a_low_quota_is_told(self):
        self.assertIn("raise it", quotas.advice("x", 10, 200))
        self.assertIn("enough", quotas.advice("x", 200, 200))
        self.assertIn("value=unknown", quotas.advice("x", None, 200))


if __name__ == "__main__":
    unittest.main()
