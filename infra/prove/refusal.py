"""Reasons for which nothing is proved, each with an exit code of its own.

0 is for proved, 1 for a theorem that does not hold, a mistake that is not noticed or a
disagreement, and 2 for a usage error.
"""


class Refusal(Exception):
    """A template, or an answer of the solver, that is not understood."""

    code = 2
    what = "refused"


class Unreadable(Refusal):
    code = 3
    what = "the template does not parse"


class UnknownIntrinsic(Refusal):
    code = 4
    what = "an intrinsic function is not understood"


class UnknownCondition(Refusal):
    code = 5
    what = "a policy's condition is not understood"


class UnknownResource(Refusal):
    code = 6
    what = "a resource, or a property of one, that may bear a policy is not understood"


class Missing(Refusal, LookupError):
    code = 6
    what = "a resource of which the theorems speak is missing"


class UnknownStatement(Refusal):
    code = 7
    what = "a policy's statement is not understood"


class Undecided(Refusal):
    code = 8
    what = "the solver has no answer"


class NoEmulator(Refusal):
    code = 9
    what = "the second engine does not run"
