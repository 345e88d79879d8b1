"""What a parameter's pattern lets into a policy.

A parameter that is part of a policy must not be able to hold a wildcard, a variable, a slash or a
colon. Its AllowedPattern, or its AllowedValues, have to say so.
"""

import re
import warnings

from refusal import UnknownStatement

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import sre_constants as sre
    import sre_parse

HARMLESS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def harmless(used, parameters):
    """Refuses parameters in policies that may hold a letter with a meaning."""
    for name in sorted(used):
        if not is_harmless(parameters[name]):
            raise UnknownStatement(
                f"the parameter {name} is part of a policy, and neither its AllowedPattern nor its AllowedValues"
                " keep it to letters, digits, '-' and '_'"
            )


def is_harmless(parameter):
    values = parameter.get("AllowedValues")
    if values:
        return all(set(str(value)) <= HARMLESS for value in values)
    pattern = parameter.get("AllowedPattern", "")
    try:
        parsed = list(sre_parse.parse(pattern))
    except re.error:
        return False
    anchored = parsed[:1] == [(sre.AT, sre.AT_BEGINNING)] and parsed[-1:] == [(sre.AT, sre.AT_END)]
    return anchored and letters(parsed[1:-1]) <= HARMLESS


def letters(parsed):
    """All letters that a pattern may match. A form that is not known may match any."""
    found = set()
    for operator, argument in parsed:
        if operator is sre.LITERAL:
            found.add(chr(argument))
        elif operator is sre.RANGE:
            found |= {chr(code) for code in range(argument[0], min(argument[1], 0x2FF) + 1)}
        elif operator is sre.IN:
            found |= letters(argument)
        elif operator in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            found |= letters(argument[2])
        elif operator is sre.SUBPATTERN:
            found |= letters(argument[3])
        elif operator is sre.BRANCH:
            for branch in argument[1]:
                found |= letters(branch)
        else:
            found.add("*")
    return found
