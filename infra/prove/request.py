"""Requests of which nothing is known, and the deployment that they are made in."""

import copy

import smt
from keys import KNOWN_KEYS
from patterns import Literal
from text import Unknown, fixed, starts_with, text

# Texts of which a request has as many values as a proof speaks of at once. Formulas say of a
# key's values only that all, or that one, are something: four witnesses are enough for a
# statement's condition, a denial's, and two claims.
VALUES = 4
BEHIND_SERVICE = ("'s ARN", "'s place")
SUB = "cognito-identity.amazonaws.com:sub"


class World:
    """A deployment. Unknowns without a value stand for all values that they can have.

    Unless `exact`, an ARN is one unknown behind its service. Proofs hold however names are made,
    and a solver finds them sooner.
    """

    def __init__(self, arns, values=None, suffix="", exact=False):
        self.values, self.suffix, self.used = values or {}, suffix, {}
        self.arns = {} if exact or values else arns

    def term(self, unknown):
        if unknown.name in self.values:
            return smt.quoted(self.values[unknown.name])
        return self.used.setdefault(unknown.name, smt.string(unknown.name + self.suffix))

    def named(self, whole):
        """A text with its values, in which a resource's ARN is unknown behind its service."""
        found, longest = whole, ()
        for logical, arn in self.arns.items():
            rest = starts_with(whole, arn)
            within = rest is not None and (not rest or (isinstance(rest[0], str) and rest[0][0] == "/"))
            if within and len(arn) > len(longest):
                found, longest = text(shortened(logical, arn), rest), arn
        return fixed(found, self.values)

    def said(self, whole):
        """A text as a term."""
        return smt.concat(*(self.term(p) if isinstance(p, Unknown) else smt.quoted(p) for p in self.named(whole)))

    def shapes(self):
        """All that is assumed of names: they hold no slash; and no colon, but for the identity
        pool's id, and for what an ARN has behind its service."""
        found = []
        for name, term in self.used.items():
            free = "/" if name.endswith(BEHIND_SERVICE) or name == "IdentityPool" else "/:"
            if "." in name or name.startswith("absent "):
                # An attribute, such as the name of a user pool's provider, may be anything.
                free = ""
            found += [smt.negated(smt.contains(term, smt.quoted(letter))) for letter in free]
        return found


def shortened(logical, arn):
    """An ARN as its service, something unknown, and its kind if it says one ("table/")."""
    service = arn[2].split(":")[1]
    head = text("arn:", arn[1], f":{service}:")
    kind = next((p for p in reversed(arn) if isinstance(p, str)), "").rpartition(":")[2]
    kind = kind.partition("/")[0] + "/" if "/" in kind else ""
    if kind:
        return text(head, Unknown(f"{logical}'s place"), kind, Unknown(f"{logical}'s name"))
    return text(head, Unknown(f"{logical}'s ARN"))


class Key:
    """A condition key of a request. It is absent if none of its values is there."""

    def __init__(self, name, count, suffix):
        self.name = name
        self.values = [(smt.truth(f"{name}[{i}]{suffix}"), smt.string(f"{name}[{i}]{suffix}")) for i in range(count)]
        self.present = smt.either(*(there for there, _ in self.values))

    def all(self, claim):
        return smt.both(*(smt.implies(there, claim(value)) for there, value in self.values))

    def any(self, claim):
        return smt.either(*(smt.both(there, claim(value)) for there, value in self.values))


class Request:
    """A request by somebody. `session` is whether it has the credentials of a user's session."""

    def __init__(self, world, suffix="", session=False):
        self.world, self.suffix, self.session, self.keys = world, suffix, session, {}
        self.action, self.resource = smt.string(f"action{suffix}"), smt.string(f"resource{suffix}")

    def key(self, name):
        name = name.lower()
        count = VALUES if KNOWN_KEYS.has_many_values(name) else 1
        return self.keys.setdefault(name, Key(name, count, self.suffix))

    def asking(self, action):
        """The same request, with an action that is known."""
        known = copy.copy(self)
        known.action = smt.quoted(action)
        return known

    @property
    def sub(self):
        """The identity of the session."""
        return self.key(SUB).values[0][1]

    def variable(self, variable):
        """The value of a policy variable, and whether it has one."""
        if variable.key == SUB and self.session and SUB in self.world.values:
            return Literal(self.world.values[SUB]), smt.TRUE
        there, value = self.key(variable.key).values[0]
        if KNOWN_KEYS.has_many_values(variable.key):
            return value, there
        if variable.default is not None:
            return f"(ite {there} {value} {smt.quoted(variable.default)})", smt.TRUE
        return value, there

    def shapes(self):
        """What is known of every request."""
        found = []
        if not smt.is_literal(self.action):
            service, name = (smt.some(smt.letters("az", "09", *more)) for more in (("-",), ()))
            found.append(smt.matches(self.action, service, smt.exactly(":"), name))
        if self.session:
            there, value = self.key(SUB).values[0]
            found += [there, smt.negated(smt.contains(value, '"/"'))]
            if SUB in self.world.values:
                found.append(smt.equal(value, smt.quoted(self.world.values[SUB])))
        elif SUB in self.keys:
            found.append(smt.negated(self.keys[SUB].present))
        return found
