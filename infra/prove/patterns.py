"""IAM's patterns: `*`, `?`, policy variables, and what is taken as it is.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    `*` is any text and `?` any one letter; in an ARN they may go over slashes.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    Variables have the value of the condition key that they name, or their default. A statement
    whose variable has neither does not match. `${*}`, `${?}` and `${$}` are the letters themselves.
    With a policy of an older version than 2012-10-17, `${` has no meaning.
"""

import dataclasses
import re

import smt
from keys import KNOWN_KEYS
from refusal import UnknownStatement
from text import Unknown


@dataclasses.dataclass(frozen=True)
class Variable:
    """A policy variable: the key it names, and the default, if it has one."""

    key: str
    default: object = None


STAR, MARK = "*", "?"


@dataclasses.dataclass(frozen=True)
class Literal:
    value: str


def tokens(text, wildcards, variables, lower=False):
    """The parts of a pattern: literals, unknowns, variables and, where they have a meaning,
    wildcards."""
    found = []
    for part in text:
        if isinstance(part, Unknown):
            found.append(part)
            continue
        for piece in re.split(r"(\$\{[^}]*\}|\*|\?)", part):
            if piece in ("*", "?") and wildcards:
                found.append(piece)
            elif piece.startswith("${") and variables:
                found.append(variable(piece))
            elif piece:
                found.append(Literal(piece.lower() if lower else piece))
    return merged(found)


def variable(piece):
    inside = piece[2:-1].strip()
    if inside in ("*", "?", "$"):
        return Literal(inside)
    form = re.fullmatch(r"([^,'\s]+)(?:\s*,\s*'([^']*)')?", inside)
    if not form or not KNOWN_KEYS.knows(form[1]):
        raise UnknownStatement(f"the policy variable {piece}")
    return Variable(form[1].lower(), form[2])


def merged(parts):
    out = []
    for part in parts:
        if isinstance(part, Literal) and out and isinstance(out[-1], Literal):
            out[-1] = Literal(out[-1].value + part.value)
        else:
            out.append(part)
    return out


def like(value, pattern, request, over):
    """Whether a value is what a pattern describes.

    Exact, but for a wildcard before something unknown: there it is true of more values if `over`,
    and of fewer if not. An Allow may be taken for wider than it is, and a Deny for narrower.
    """
    parts, conditions = [], []
    for part in pattern:
        if isinstance(part, Variable):
            term, known = request.variable(part)
            conditions.append(known)
            parts.append(term)
        elif isinstance(part, Unknown):
            parts.append(request.world.term(part))
        else:
            parts.append(part)
    return smt.both(*conditions, pattern_matches(value, merged(parts), over))


def pattern_matches(value, parts, over):
    first = next((i for i, part in enumerate(parts) if part in (STAR, MARK)), len(parts))
    head = smt.concat(*(smt.quoted(p.value) if isinstance(p, Literal) else p for p in parts[:first]))
    tail = parts[first:]
    if not tail:
        return smt.equal(value, head)
    if smt.is_literal(value) and all(part in (STAR, MARK) or isinstance(part, Literal) for part in parts):
        regex = "".join(".*" if p == STAR else "." if p == MARK else re.escape(p.value) for p in parts)
        return smt.TRUE if re.fullmatch(regex, value[1:-1], re.DOTALL) else smt.FALSE
    if tail == [STAR]:
        return smt.prefix(head, value)
    if not all(part in (STAR, MARK) or isinstance(part, Literal) for part in tail):
        return smt.prefix(head, value) if over else smt.FALSE
    regexes = [smt.ANY_TEXT if p == STAR else smt.ANY_LETTER if p == MARK else smt.exactly(p.value) for p in tail]
    return smt.both(smt.prefix(head, value), smt.matches(smt.behind(head, value), *regexes))
