"""IAM's rules, each by a request that it allows and one that it does not."""

import unittest

from fixture import SUB, allow, allows, role

THERE = {"s3__VersionId": ["x"]}
KEY = "dynamodb:Attributes"


def conditional(operator, key, *values):
    return role(allow(Condition={operator: {key: list(values)}}))


class Elements(unittest.TestCase):
    def test_nothing_is_allowed_that_no_statement_allows(self):
        policies = role(allow())
        self.assertTrue(allows(policies, "s3:GetObject", "a"))
        self.assertFalse(allows(policies, "s3:PutObject", "a"))

    def test_a_denial_decides(self):
        policies = role(allow(Action="s3:*"), allow(Effect="Deny", Action="s3:Put*"))
        self.assertTrue(allows(policies, "s3:GetObject", "a"))
        self.assertFalse(allows(policies, "s3:PutObject", "a"))

    def test_actions_have_no_case_and_resources_have(self):
        policies = role(allow(Action="S3:getobject", Resource="Abc"))
        self.assertTrue(allows(policies, "s3:GetObject", "Abc"))
        self.assertFalse(allows(policies, "s3:GetObject", "abc"))

    def test_not_action_and_not_resource_are_all_others(self):
        policies = role({"Effect": "Allow", "NotAction": "s3:Get*", "NotResource": "a/*"})
        self.assertTrue(allows(policies, "s3:PutObject", "b/1"))
        self.assertFalse(allows(policies, "s3:GetObject", "b/1"))
        self.assertFalse(allows(policies, "s3:PutObject", "a/1"))

    def test_a_question_mark_is_one_letter_and_a_star_any_text(self):
        policies = role(allow(Resource="a?c*"))
        self.assertTrue(allows(policies, "s3:GetObject", "abc"))
        self.assertTrue(allows(policies, "s3:GetObject", "a/c/d"))
        self.assertFalse(allows(policies, "s3:GetObject", "ac"))

    def test_a_variable_is_the_value_of_its_key(self):
        policies = role(allow(Resource="a/${cognito-identity.amazonaws.com:sub}/*"))
        self.assertTrue(allows(policies, "s3:GetObject", f"a/{SUB}/1"))
        self.assertFalse(allows(policies, "s3:GetObject", "a/you/1"))

    def test_a_variable_may_have_a_default(self):
        policies = role(allow(Resource="a/${aws:PrincipalTag/folder, 'public'}/1"))
        self.assertTrue(allows(policies, "s3:GetObject", "a/public/1"))
        self.assertTrue(allows(policies, "s3:GetObject", "a/mine/1", **{"aws__PrincipalTag/folder": ["mine"]}))
        self.assertFalse(allows(policies, "s3:GetObject", "a/public/1", **{"aws__PrincipalTag/folder": ["mine"]}))

    def test_a_variable_without_value_matches_nothing(self):
        policies = role(allow(Resource="a/${aws:userid}/*"))
        self.assertFalse(allows(policies, "s3:GetObject", "a//1"))
        self.assertTrue(allows(policies, "s3:GetObject", "a/x/1", aws__userid=["x"]))

    def test_the_letters_with_a_meaning_can_be_meant_themselves(self):
        policies = role(allow(Resource="a${*}${?}${$}"))
        self.assertTrue(allows(policies, "s3:GetObject", "a*?$"))
        self.assertFalse(allows(policies, "s3:GetObject", "abc$"))

    def test_an_older_version_knows_no_variables(self):
        policies = role(allow(Resource="a/${cognito-identity.amazonaws.com:sub}"), version="2008-10-17")
        self.assertFalse(allows(policies, "s3:GetObject", f"a/{SUB}"))
        self.assertTrue(allows(policies, "s3:GetObject", "a/${cognito-identity.amazonaws.com:sub}"))


class Conditions(unittest.TestCase):
    """Operator: what it makes of an absent key, of `x` and of `y`, where the policy says `x`."""

    TABLE = {
        "StringEquals": (False, True, False),
        "StringEqualsIfExists": (True, True, False),
        "StringNotEquals": (True, False, True),
        "StringNotEqualsIfExists": (True, False, True),
        "StringLike": (False, True, False),
        "StringNotLike": (True, False, True),
        "ArnEquals": (False, True, False),
        "ArnNotLike": (True, False, True),
        "ForAllValues:StringEquals": (True, True, False),
        "ForAllValues:StringNotEquals": (True, False, True),
        "ForAnyValue:StringEquals": (False, True, False),
        "ForAnyValue:StringNotEquals": (False, False, True),
        "ForAnyValue:StringEqualsIfExists": (True, True, False),
    }

    def test_each_operator_with_an_absent_key_and_with_two_values(self):
        for operator, expected in self.TABLE.items():
            policies = conditional(operator, "s3:VersionId", "x")
            found = tuple(allows(policies, "s3:GetObject", "a", **keys) for keys in ({}, THERE, {"s3__VersionId": ["y"]}))
            self.assertEqual(found, expected, operator)

    def test_null_asks_whether_a_key_is_absent(self):
        absent, present = conditional("Null", "s3:VersionId", "true"), conditional("Null", "s3:VersionId", "false")
        for policies, expected in ((absent, (True, False)), (present, (False, True))):
            self.assertEqual(tuple(allows(policies, "s3:GetObject", "a", **keys) for keys in ({}, THERE)), expected)

    def test_all_values_of_a_request_or_one_of_them(self):
        values = {"dynamodb__Attributes": ["x", "y"]}
        self.assertFalse(allows(conditional("ForAllValues:StringEquals", KEY, "x"), "s3:GetObject", "a", **values))
        self.assertTrue(allows(conditional("ForAllValues:StringEquals", KEY, "x", "y"), "s3:GetObject", "a", **values))
        self.assertTrue(allows(conditional("ForAnyValue:StringEquals", KEY, "x"), "s3:GetObject", "a", **values))
        self.assertTrue(allows(conditional("ForAnyValue:StringNotEquals", KEY, "x"), "s3:GetObject", "a", **values))

    def test_values_of_a_policy_are_joined_by_or_and_by_nor_where_they_are_denied(self):
        self.assertTrue(allows(conditional("StringEquals", "s3:VersionId", "y", "x"), "s3:GetObject", "a", **THERE))
        self.assertFalse(allows(conditional("StringNotEquals", "s3:VersionId", "y", "x"), "s3:GetObject", "a", **THERE))

    def test_operators_are_joined_by_and(self):
        policies = role(allow(Condition={"StringEquals": {"s3:VersionId": "x"}, "Bool": {"aws:SecureTransport": "true"}}))
        self.assertFalse(allows(policies, "s3:GetObject", "a", **THERE))
        self.assertTrue(allows(policies, "s3:GetObject", "a", aws__SecureTransport=["true"], **THERE))

    def test_what_is_not_modelled_may_hold_and_may_not(self):
        policies = conditional("IpAddress", "aws:SourceIp", "10.0.0.0/8")
        self.assertTrue(allows(policies, "s3:GetObject", "a"))
        denied = role(allow(), allow(Effect="Deny", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))
        self.assertTrue(allows(denied, "s3:GetObject", "a"))


if __name__ == "__main__":
    unittest.main()
