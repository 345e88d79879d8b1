"""A statement's `Condition`, as a formula.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    Operators and keys are joined by AND; the values of one key by OR, or by NOR for the operators
    that say "not". A key that is absent does not match; it does for the operators that say "not",
    and for `…IfExists`. `Null` asks whether a key is absent.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    `ForAllValues` is true if every value of the request matches, also if there is none.
    `ForAnyValue` is true if one matches. A key with many values needs one of both.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    `ArnEquals` and `ArnLike` are alike. A wildcard stays between two of an ARN's six parts; behind
    the fifth colon it may be anything.
"""

import smt
from keys import KNOWN_KEYS
from patterns import MARK, STAR, Literal, like, tokens
from refusal import UnknownCondition

# Operator: whether wildcards have a meaning, and whether it is of ARNs.
EXACT = {"stringequals": (False, False), "stringlike": (True, False), "bool": (False, False), "arnequals": (True, True), "arnlike": (True, True)}
NEGATIONS = {"stringnotequals": "stringequals", "stringnotlike": "stringlike", "arnnotequals": "arnequals", "arnnotlike": "arnlike"}
# Understood, but what they compare is not modelled: they may hold and they may not.
EITHER_WAY = {"stringequalsignorecase", "stringnotequalsignorecase", "binaryequals", "ipaddress", "notipaddress"} | {
    f"{kind}{comparison}"
    for kind in ("numeric", "date")
    for comparison in ("equals", "notequals", "lessthan", "lessthanequals", "greaterthan", "greaterthanequals")
}


def condition(request, operator, name, values, variables, over):
    """The formula of one operator and one key."""
    said = f"{operator} of {name}"
    if not KNOWN_KEYS.knows(name):
        raise UnknownCondition(f"the key {name}")
    if not values:
        raise UnknownCondition(f"{said} has no value")
    key = request.key(name)
    quantifier, _, base = operator.lower().rpartition(":")
    if quantifier not in ("", "forallvalues", "foranyvalue"):
        raise UnknownCondition(said)
    if base == "null":
        if quantifier:
            raise UnknownCondition(said)
        return smt.either(*(null(key, value, said) for value in values))
    if_exists, base = base.endswith("ifexists"), base.removesuffix("ifexists")
    if KNOWN_KEYS.has_many_values(name) and not quantifier:
        raise UnknownCondition(f"{said}, which has many values, without ForAllValues or ForAnyValue")
    if base in EITHER_WAY:
        said = f"{operator} of {name} is {values}{request.suffix}"
        return smt.truth("".join(letter if " " <= letter <= "~" and letter not in "|\\" else "_" for letter in said))
    negation = base in NEGATIONS
    if negation and not over and any(isinstance(part, str) and "${" in part for value in values for part in value):
        # Whether such a denial applies when the variable has no value is not documented.
        raise UnknownCondition(f"{said}: a variable under a negation, in a denial")
    if NEGATIONS.get(base, base) not in EXACT:
        raise UnknownCondition(said)
    test = tested(request, NEGATIONS.get(base, base), values, variables, over != negation, said)
    matches = (lambda value: smt.negated(test(value))) if negation else test
    if quantifier == "forallvalues":
        return key.all(matches)
    found = key.any(matches)
    absent = smt.negated(key.present)
    if if_exists or (negation and not quantifier):
        return smt.either(absent, found)
    return found


def null(key, value, said):
    if value == ("true",):
        return smt.negated(key.present)
    if value == ("false",):
        return key.present
    raise UnknownCondition(f"{said}: {value}")


def tested(request, base, values, variables, over, said):
    wildcards, of_arns = EXACT[base]
    patterns = [tokens(request.world.named(value), wildcards, variables) for value in values]
    if of_arns:
        for pattern in patterns:
            stays_within_its_part(pattern, said)
    return lambda value: smt.either(*(like(value, pattern, request, over) for pattern in patterns))


def stays_within_its_part(pattern, said):
    """Refuses a wildcard before an ARN's fifth colon, which would need the parts one by one."""
    before = ""
    for part in pattern:
        if part in (STAR, MARK):
            if before.count(":") < 5 and "'s ARN" not in before:
                raise UnknownCondition(f"{said}: a wildcard before an ARN's resource")
            return
        before += part.value if isinstance(part, Literal) else getattr(part, "name", "x").replace("::", "")
