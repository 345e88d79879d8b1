"""Proofs of all theorems, in every variant of a template."""

import contextlib
import dataclasses
import functools
import time

import smt
import theorems_doors
import theorems_roles
import theorems_users
from example import HERE, THERE
from iam import applies
from loading import variants
from policies import Policies
from refusal import Missing, Refusal, UnknownResource
from resources import parts_with_policies, refuse_unknown_resources
from settings import SETTINGS as OTHER_SETTINGS
from settings_users import USER_SETTINGS
from stack import Stack
from theorem import control_cases

KEYED = [f"dynamodb:{name}" for name in "getitem query putitem updateitem deleteitem batchgetitem batchwriteitem".split()]
# Seconds for an answer. A proof needs less than two; a machine may be slow.
QUICK, LONG = 6, 60
SETTINGS = OTHER_SETTINGS + USER_SETTINGS


@dataclasses.dataclass
class Result:
    """`outcome` is proved, FAILED, VACUOUS or UNDECIDED."""

    name: str
    says: str
    outcome: str = "proved"
    seconds: float = 0.0
    cases: int = 0
    controls: int = 0
    # What was found, for a person to read.
    found: object = None
    notes: list = dataclasses.field(default_factory=list)


@contextlib.contextmanager
def understood(what):
    """Refuses what has another form than a template has: a text where a mapping should be, say."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, Refusal):
            raise
        raise UnknownResource(f"{what} has not the form that it should have: {type(error).__name__}: {error}") from error


def refuse_unknown_statements(policies):
    """Reads every statement once, so that one that is not understood is refused, whatever is asked."""
    stack = Stack(policies, HERE)
    asks = [*map(stack.ask, policies.roles), *map(stack.door, policies.roles), stack.outsider()]
    for ask in asks:
        for statement in ask.statements:
            if ask.caller.arn is None or not statement.principals:
                applies(statement, ask.request, ask.caller)


def theorems(policies, values=None, twin_values=None):
    """All theorems about policies, by name."""
    stack = Stack(policies, values)
    found = [
        *theorems_users.theorems(stack),
        *theorems_roles.theorems(stack),
        *theorems_doors.theorems(stack, twin_values),
    ]
    return {theorem.name: theorem for theorem in found}


class Prover:
    def __init__(self, document, checks_proofs=False):
        self.document = document
        self.solver, self.finder = smt.Solver(checks_proofs), smt.Solver()
        self.variants = []
        with understood("a policy"):
            refuse_unknown_resources(document)
            for decided, truth in variants(document, parts_with_policies(document)):
                policies = Policies(decided)
                refuse_unknown_statements(policies)
                self.variants.append((truth, policies, theorems(policies, HERE, THERE)))

    def names(self):
        return list(dict.fromkeys(name for _, _, pinned in self.variants for name in pinned))

    @functools.cached_property
    def general(self):
        """The theorems of each variant, for every deployment."""
        return [theorems(policies) for _, policies, _ in self.variants]

    def prove_all(self, wanted=""):
        for name in self.names():
            if wanted in name:
                yield self.prove(name)
        for setting in SETTINGS:
            if wanted in setting.name:
                yield self.inspect(setting)

    def prove(self, name):
        """Proves a theorem in every variant that has it."""
        started = time.monotonic()
        result = None
        for (truth, _, pinned), general in zip(self.variants, self.general):
            if name not in general:
                continue
            result = result or Result(name, general[name].says)
            for case in general[name].cases():
                result.cases += 1
                if result.outcome == "proved":
                    self.settle(result, case, pinned[name], truth)
        result.controls, impossible = self.control(name)
        if impossible and result.outcome == "proved":
            result.outcome, result.notes = "VACUOUS", [f"impossible: {says}" for says in impossible]
        result.seconds = time.monotonic() - started
        return result

    def control(self, name):
        """The number of a theorem's controls, and those that are possible in no variant."""
        possible = {}
        for _, _, pinned in self.variants:
            for index, control in enumerate(pinned[name].controls if name in pinned else []):
                key = (index, control.says)
                possible[key] = possible.get(key, False) or self.is_possible(control)
        return len(possible), [says for (_, says), found in possible.items() if not found]

    def settle(self, result, case, pinned, truth):
        answer, _ = self.solver.satisfiable(case.formulas, QUICK)
        if answer is False:
            return
        # Fewer denials allow more, so a proof without them holds with them.
        if case.denials:
            answer, _ = self.solver.satisfiable(case.formulas + case.denials, LONG)
        elif answer is None:
            answer, _ = self.solver.satisfiable(case.formulas, LONG)
        if answer is False:
            return
        found = self.counterexample(pinned)
        if found:
            result.outcome, result.found = "FAILED", found
        elif answer is None:
            result.outcome = "UNDECIDED"
        else:
            result.outcome = "FAILED"
            result.notes = [f"{s.name} may allow it in some deployment" for s in case.statements]
        if truth:
            result.notes.append("where " + ", ".join(f"{name} is {str(is_).lower()}" for name, is_ in truth.items()))

    def counterexample(self, pinned):
        """A case of the deployment of example.py that is possible, and the formulas of it; one that
        somebody can try, if there is one."""
        found = None
        for case in pinned.cases():
            formulas = case.formulas + case.denials
            answer, _ = self.finder.satisfiable(formulas, QUICK)
            if answer:
                likely = [*formulas, *as_services_ask(case)]
                if self.finder.satisfiable(likely, QUICK)[0]:
                    return case, likely
                found = found or (case, formulas)
        return found

    def is_possible(self, control):
        try:
            return any(self.finder.satisfiable(case.formulas, QUICK)[0] for case in control_cases(control))
        except Missing:
            return False

    def inspect(self, setting):
        started = time.monotonic()
        complaints, kept = [], False
        resources = self.document["Resources"].values()
        parts = [(r.get("Condition"), r.get("Properties", {})) for r in resources if r["Type"] in setting.types]
        with understood(setting.name):
            for decided, truth in variants(self.document, parts):
                policies = Policies(decided)
                found = [c for c in setting.complaints(policies) if c not in "".join(complaints)]
                complaints += [f"{c}{where(truth)}" for c in found]
                kept = kept or setting.control(policies)
        outcome = "FAILED" if complaints else "proved" if kept else "VACUOUS"
        result = Result(setting.name, setting.says, outcome, time.monotonic() - started, 1, 1, notes=complaints)
        if outcome == "VACUOUS":
            result.notes = ["the template has nothing of the kind"]
        return result

    def breaks(self, name):
        """Whether a theorem or its control fails in the deployment of example.py: quicker than a
        proof. Returns the counterexample, or what is impossible; or None if it holds."""
        setting = next((one for one in SETTINGS if one.name == name), None)
        if setting:
            result = self.inspect(setting)
            return result.notes if result.outcome != "proved" else None
        if name not in self.names():
            raise KeyError(f"no theorem is named {name}")
        for _, _, pinned in self.variants:
            if name in pinned and (found := self.counterexample(pinned[name])):
                return found
        return self.control(name)[1] or None


def as_services_ask(case):
    """What DynamoDB says of requests: one with a key has a leading key, and a scan has none."""
    for _, request in case.asks:
        leading = request.keys.get("dynamodb:leadingkeys")
        if leading and smt.is_literal(request.action):
            action = request.action.strip('"')
            if action in KEYED:
                yield leading.present
            elif action.startswith("dynamodb:"):
                yield smt.negated(leading.present)


def where(truth):
    return " where " + ", ".join(f"{name} is {str(is_).lower()}" for name, is_ in truth.items()) if truth else ""
