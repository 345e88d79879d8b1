"""Holds the formulas against a second engine: concrete requests are judged by both.

Requests are those of the attack list, and random ones about the template and about the template
with each mistake. What decides is whether a request is allowed; trust policies are judged by the
attacks, because SimulateCustomPolicy does not know them.
"""

import copy
import time

import smt
from concrete import arn, resource_documents, role_documents
from concrete_requests import ME, SUB, Generator, attacks
from emulator import Emulator
from example import HERE
from loading import variants
from mistakes import widened
from policies import Policies
from refusal import Refusal, Undecided
from request import VALUES
from resources import parts_with_policies
from stack import USER, Stack

SEED = 20261127
RANDOM, FOR_EACH_MISTAKE = 1000, 8


def compare(document, binary):
    """Returns the number of requests, and of those about which the two disagree."""
    started = time.monotonic()
    with Emulator(binary) as emulator:
        judge = Judge(document, emulator)
        for request in [*attacks(judge.policies), *Generator(judge.policies, SEED).requests(RANDOM)]:
            judge.judge(request)
        for index, (name, _, edit) in enumerate(widened()):
            changed = copy.deepcopy(document)
            edit(changed)
            try:
                mistaken = Judge(changed, emulator, judge)
            except Refusal:
                continue
            roles = mistaken.changed_roles(judge) or None
            for request in Generator(mistaken.policies, SEED + index).requests(FOR_EACH_MISTAKE, roles):
                request.name = f"{name}/{request.name}"
                mistaken.judge(request)
    count = judge.count
    print(f"requests={count['requests']} allowed={count['allowed']} seconds={time.monotonic() - started:.0f}")
    return count["requests"], count["disagreements"]


class Judge:
    """Both engines, for one template with all conditions true."""

    def __init__(self, document, emulator, parent=None):
        decided, _ = next(iter(variants(document, parts_with_policies(document))))
        self.policies, self.emulator = Policies(decided), emulator
        self.stack, self.solver = Stack(self.policies, HERE), smt.Solver()
        self.documents = {role: role_documents(self.policies, role) for role in self.policies.roles}
        self.resources = resource_documents(self.policies)
        self.formulas = {}
        self.count = parent.count if parent else {"requests": 0, "allowed": 0, "disagreements": 0}

    def changed_roles(self, original):
        return sorted(role for role in self.documents if self.documents[role] != original.documents.get(role))

    def judge(self, request):
        if request.role == USER:
            request.keys[SUB] = [ME]
        by_formulas, by_emulator = self.by_formulas(request), self.by_emulator(request)
        self.count["requests"] += 1
        self.count["allowed"] += by_formulas
        if by_formulas != by_emulator:
            self.count["disagreements"] += 1
            said = "allowed, and the emulator denies" if by_formulas else "denied, and the emulator allows"
            print(f"disagreement={request.name}: {said}: {request.role} {request.action} {request.resource} {request.keys}", flush=True)

    def by_emulator(self, request):
        policy = next((p for a, p in self.resources.items() if request.resource == a or request.resource.startswith(f"{a}/")), None)
        return self.emulator.allows(request, self.documents[request.role], policy, arn(self.policies, request.role))

    def by_formulas(self, request):
        ask, allowed = self.allowed(request.role)
        about = ask.request
        formulas = [allowed, smt.equal(about.action, smt.quoted(request.action.lower())), smt.equal(about.resource, smt.quoted(request.resource))]
        given = {name.lower(): values for name, values in request.keys.items()}
        for name, key in about.keys.items():
            values = given.get(name, [])
            if len(values) > VALUES:
                raise ValueError(f"{request.name}: more values of {name} than a request has")
            for index, (there, term) in enumerate(key.values):
                if index < len(values):
                    formulas += [there, smt.equal(term, smt.quoted(values[index]))]
                else:
                    formulas.append(smt.negated(there))
        answer, _ = self.solver.satisfiable(formulas, 10)
        if answer is None:
            raise Undecided(request.name)
        return answer

    def allowed(self, role):
        """The formula of all that a role is allowed, with an action that is not known yet."""
        if role not in self.formulas:
            ask = self.stack.ask(role)
            ask.requests = lambda statement: [ask.request]
            cases = [smt.both(term, *denials) for _, _, term, denials in ask.cases()]
            self.formulas[role] = ask, smt.either(*cases)
        return self.formulas[role]
