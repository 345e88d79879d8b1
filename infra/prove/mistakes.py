"""Seeds mistakes into the template, one at a time. The theorem that names each has to notice it.

A right that is missing is a mistake too: every action of every statement is taken away in turn, and
the control of the role's own theorem has to fail.
"""

import copy
import time

from edits import all_statements
from explain import explain
from mistakes_stack import MISTAKES as STACK
from mistakes_users import MISTAKES as USERS
from proofs import Prover
from refusal import Refusal


def widened():
    return USERS + STACK


def narrowed(document):
    """A mistake for each action that the template grants: it is taken away."""
    for role, resource in document["Resources"].items():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        for place, statements in enumerate(all_statements(copy.deepcopy(document), role)):
            for index, one in enumerate(statements):
                for action in one["Action"] if isinstance(one["Action"], list) else [one["Action"]]:
                    name = f"without/{role}/{one.get('Sid', index)}/{action}"
                    yield name, f"closed/{role}", lambda t, r=role, p=place, i=index, a=action: take(t, r, p, i, a)


def take(template, role, place, index, action):
    one = list(all_statements(template, role))[place][index]
    left = [a for a in (one["Action"] if isinstance(one["Action"], list) else [one["Action"]]) if a != action]
    one["Action"] = left or "none:none"


def seed_all(document, only="", show=False):
    """Returns the number of mistakes, and of those that were noticed."""
    started = time.monotonic()
    mistakes = [one for one in [*widened(), *narrowed(document)] if only in one[0]]
    noticed = 0
    for name, theorem, edit in mistakes:
        try:
            found, prover = seed(document, theorem, edit)
        except Refusal as refusal:
            # A mistake is one that the prover understands; a refusal notices nothing.
            print(f"mistake={name} refused={str(refusal)!r}")
            found = None
        noticed += bool(found)
        if not found or not name.startswith("without/") or show:
            print(f"mistake={name} noticed_by={theorem if found else 'NOTHING'}", flush=True)
        if show and isinstance(found, tuple):
            for line in explain(prover.finder, *found):
                print(f"            {line}")
        elif show and found:
            print(f"            {'; '.join(found)}")
    print(f"mistakes={len(mistakes)} noticed={noticed} seconds={time.monotonic() - started:.0f}")
    return len(mistakes), noticed


def seed(document, theorem, edit):
    """Returns the counterexample that a theorem gives after an edit, or None, and the prover."""
    changed = copy.deepcopy(document)
    edit(changed)
    if changed == document:
        raise ValueError(f"the edit for {theorem} changes nothing")
    prover = Prover(changed)
    return prover.breaks(theorem), prover
