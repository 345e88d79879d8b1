"""Theorems and their controls.

A theorem says of what must be impossible that it is: each of its cases has no model. Its control is
a request that must be possible, so that no theorem holds because nothing is allowed at all.
"""

import dataclasses
import itertools

import smt


@dataclasses.dataclass
class Case:
    """Formulas that must have no model, and those that only make less possible."""

    statements: list
    asks: list
    formulas: list
    denials: list


@dataclasses.dataclass
class Control:
    says: str
    ask: object
    good: object
    over_tls: bool = True


@dataclasses.dataclass
class Theorem:
    """`bad` is what must not be allowed: a function of the requests that gives a formula, or a list
    of them, of which each must be impossible by itself."""

    name: str
    says: str
    asks: list
    bad: object
    controls: list
    assuming: list = dataclasses.field(default_factory=list)
    worlds: list = dataclasses.field(default_factory=list)

    def cases(self):
        for combination in itertools.product(*(list(ask.cases()) for ask in self.asks)):
            statements = [statement for statement, *_ in combination]
            requests = [request for _, request, *_ in combination]
            bad = self.bad(*requests)
            denials = [denial for *_, denied in combination for denial in denied]
            for one in bad if isinstance(bad, list) else [bad]:
                formulas = [one, *(allowed for _, _, allowed, _ in combination)]
                if smt.FALSE not in formulas:
                    formulas += relevant([*self.assuming, *self.shapes(requests)], formulas + denials)
                    yield Case(statements, list(zip(self.asks, requests)), formulas, denials)

    def shapes(self, requests):
        worlds = {id(world): world for world in [*(r.world for r in requests), *self.worlds]}
        found = [shape for world in worlds.values() for shape in world.shapes()]
        return found + [shape for request in requests for shape in request.shapes()]


def control_cases(control):
    """A control, as cases of which one must have a model."""
    for statement, request, allowed, denials in control.ask.cases():
        formulas = [control.good(request), allowed, *denials]
        if control.over_tls:
            formulas.append(request.key("aws:SecureTransport").any(lambda value: smt.equal(value, '"true"')))
        if smt.FALSE not in formulas:
            formulas += relevant([*request.world.shapes(), *request.shapes()], formulas)
            yield Case([statement], [(control.ask, request)], formulas, [])


def relevant(assumptions, formulas):
    """The assumptions about what the formulas speak of. Others make nothing less possible."""
    spoken_of = set(smt.VARIABLE.findall(" ".join(formulas)))
    return sorted({one for one in assumptions if spoken_of.issuperset(smt.VARIABLE.findall(one))})
