"""IAM's decision about a request, as formulas. Every rule has its source beside it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
    A request is denied unless a statement allows it. A statement that denies it decides.
    Within an account, an Allow of the identity's policies or of the resource's is enough.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    The letters of an action have no case, `*` and `?` are wildcards.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html
    All but what is listed.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    `*` is everybody. An account, by its number or its `:root`, is everybody in it.
"""

import dataclasses

import smt
from arns import ACCOUNT, PARTITION
from conditions import condition
from patterns import like, tokens
from refusal import UnknownStatement
from text import starts_with, text



OUR_ACCOUNT = ((ACCOUNT,), text("arn:", PARTITION, ":iam::", ACCOUNT, ":root"))


@dataclasses.dataclass(frozen=True)
class Statement:
    """A policy's statement, its texts resolved."""

    origin: str
    sid: str
    effect: str
    actions: tuple = ()
    not_actions: tuple = ()
    resources: tuple = ()
    not_resources: tuple = ()
    principals: tuple = ()
    conditions: tuple = ()
    # The resource that a resource policy is attached to; it says nothing of others.
    attached: tuple = ()
    variables: bool = True

    @property
    def name(self):
        return f"{self.origin}/{self.sid}"


class Caller:
    """Who asks: a role of the stack (`arn`), or anybody at all."""

    def __init__(self, arn=None, others=(), suffix=""):
        self.arn, self.others = arn, others
        self.kind, self.name = smt.string(f"principal kind{suffix}"), smt.string(f"principal{suffix}")

    def is_one(self, kind, who, world, over):
        if (kind, who) in (("*", ("*",)), ("AWS", ("*",))):
            return smt.TRUE
        if any(isinstance(part, str) and ("*" in part or "?" in part) for part in who):
            raise UnknownStatement("a wildcard within a Principal")
        if self.arn is None:
            return smt.both(smt.equal(self.kind, smt.quoted(kind)), smt.equal(self.name, world.said(who)))
        if kind != "AWS" or who in self.others:
            return smt.FALSE
        if world.named(who) in {world.named(account) for account in OUR_ACCOUNT}:
            return smt.TRUE
        return smt.TRUE if who == self.arn or over else smt.FALSE


def applies(statement, request, caller=None):
    """Whether a statement speaks of a request. An Allow may be taken for wider, a Deny for
    narrower than it is, where that is said below."""
    over, world = statement.effect == "Allow", request.world

    def listed(value, texts, over, lower=False):
        patterns = (tokens(world.named(t), True, statement.variables, lower) for t in texts)
        return smt.either(*(like(value, pattern, request, over) for pattern in patterns))

    terms = []
    if caller and statement.principals:
        terms.append(smt.either(*(caller.is_one(kind, who, world, over) for kind, who in statement.principals)))
    if statement.actions:
        terms.append(listed(request.action, statement.actions, over, lower=True))
    if statement.not_actions:
        terms.append(smt.negated(listed(request.action, statement.not_actions, not over, lower=True)))
    if statement.resources:
        terms.append(listed(request.resource, statement.resources, over))
    if statement.not_resources:
        terms.append(smt.negated(listed(request.resource, statement.not_resources, not over)))
    if statement.attached and not all(is_part(resource, statement.attached) for resource in statement.resources or [()]):
        terms.append(within(request, statement.attached))
    for operator, key, values in statement.conditions:
        terms.append(condition(request, operator, key, values, statement.variables, over))
    return smt.both(*terms)


def is_part(resource, arn):
    """Whether a pattern describes nothing but a resource, or parts of it."""
    rest = starts_with(resource, arn)
    return rest is not None and (not rest or (isinstance(rest[0], str) and rest[0][0] == "/"))


def within(request, arn):
    """Whether a request's resource is one, or a part of it: a bucket's object, a table's index."""
    whole = request.world.said(arn)
    return smt.either(smt.equal(request.resource, whole), smt.prefix(smt.concat(whole, '"/"'), request.resource))


@dataclasses.dataclass
class Ask:
    """A request, and the statements that decide it."""

    who: str
    request: object
    caller: object
    statements: list

    def cases(self):
        """Yields, for each Allow and each action that it lists, the statement, the request, when it
        is allowed, and when no statement denies it. Together they are all that is allowed."""
        for statement in self.statements:
            if statement.effect != "Allow":
                continue
            for request in self.requests(statement):
                allowed = applies(statement, request, self.caller)
                if allowed != smt.FALSE:
                    yield statement, request, allowed, self.not_denied(request)

    def requests(self, statement):
        listed = [a[0].lower() for a in statement.actions if len(a) == 1 and not set(a[0]) & set("*?$")]
        if not statement.actions or len(listed) < len(statement.actions):
            return [self.request]
        return [self.request.asking(action) for action in dict.fromkeys(listed)]

    def not_denied(self, request):
        denials = (applies(s, request, self.caller) for s in self.statements if s.effect == "Deny")
        return [smt.negated(denial) for denial in denials if denial != smt.FALSE]
