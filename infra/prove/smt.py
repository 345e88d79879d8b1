"""Formulas over strings, written as SMT-LIB 2.6, and cvc5, which decides them.

A formula is its text. Variables are written between bars; those whose name ends in "?" are
truth values, the others are strings.
"""

import re

import cvc5

from refusal import Undecided

TRUE, FALSE = "true", "false"
VARIABLE = re.compile(r"\|[^|]*\|")


def string(name):
    return f"|{name}|"


def truth(name):
    return f"|{name}?|"


def quoted(value):
    """A string literal. SMT-LIB doubles quotes, and escapes what is not printable ASCII."""
    plain = (c if " " <= c <= "~" and c not in '"\\' else '""' if c == '"' else f"\\u{{{ord(c):x}}}" for c in value)
    return '"' + "".join(plain) + '"'


def both(*terms):
    kept = list(dict.fromkeys(t for t in terms if t != TRUE))
    if FALSE in kept:
        return FALSE
    return TRUE if not kept else kept[0] if len(kept) == 1 else f"(and {' '.join(kept)})"


def either(*terms):
    kept = list(dict.fromkeys(t for t in terms if t != FALSE))
    if TRUE in kept:
        return TRUE
    return FALSE if not kept else kept[0] if len(kept) == 1 else f"(or {' '.join(kept)})"


def negated(term):
    return {TRUE: FALSE, FALSE: TRUE}.get(term) or f"(not {term})"


def implies(premise, conclusion):
    return either(negated(premise), conclusion)


def is_literal(term):
    return term.startswith('"')


def equal(one, other):
    if is_literal(one) and is_literal(other):
        return TRUE if one == other else FALSE
    return TRUE if one == other else f"(= {one} {other})"


def one_of(value, literals):
    return either(*(equal(value, quoted(literal)) for literal in literals))


def concat(*terms):
    kept = [t for t in terms if t != '""']
    return '""' if not kept else kept[0] if len(kept) == 1 else f"(str.++ {' '.join(kept)})"


def prefix(head, value):
    return TRUE if head == '""' else f"(str.prefixof {head} {value})"


def contains(value, part):
    return f"(str.contains {value} {part})"


def behind(head, value):
    """What a string has behind a head that it is known to begin with."""
    if head == '""':
        return value
    return f"(str.substr {value} (str.len {head}) (- (str.len {value}) (str.len {head})))"


def matches(value, *regexes):
    whole = regexes[0] if len(regexes) == 1 else f"(re.++ {' '.join(regexes)})"
    return f"(str.in_re {value} {whole})"


def exactly(literal):
    return f"(str.to_re {quoted(literal)})"


ANY_TEXT, ANY_LETTER = "re.all", "re.allchar"


def letters(*ranges):
    """One letter of these ranges: "az" for a to z, "-" for itself."""
    parts = [f"(re.range {quoted(r[0])} {quoted(r[1])})" if len(r) == 2 else exactly(r) for r in ranges]
    return parts[0] if len(parts) == 1 else f"(re.union {' '.join(parts)})"


def some(regex):
    return f"(re.+ {regex})"


def script(formulas):
    """A complete SMT-LIB script, without the question."""
    body = "".join(f"(assert {formula})\n" for formula in formulas)
    names = sorted(set(VARIABLE.findall(body)))
    sorts = ((name, "Bool" if name.endswith("?|") else "String") for name in names)
    return "(set-logic QF_SLIA)\n" + "".join(f"(declare-const {n} {s})\n" for n, s in sorts) + body


class Solver:
    """Answers, each asked for once."""

    def __init__(self, checks_proofs=False):
        self.checks_proofs, self.answers, self.asked = checks_proofs, {}, 0

    def satisfiable(self, formulas, seconds, values=False):
        """True with the values of all variables, False, or None if there is no answer in time."""
        if FALSE in formulas:
            return False, {}
        text = script(formulas)
        known = self.answers.get(text)
        if known is None or (known[0] and values and not known[1]):
            known = self.answers[text] = self.ask(text, seconds, values)
        return known

    def ask(self, text, seconds, values):
        self.asked += 1
        manager = cvc5.TermManager()
        solver = cvc5.Solver(manager)
        options = {"tlimit-per": str(int(seconds * 1000)), "strings-exp": "true"}
        if values:
            options["produce-models"] = "true"
        if self.checks_proofs:
            options |= {"produce-proofs": "true", "check-proofs": "true"}
        for name, value in options.items():
            solver.setOption(name, value)
        parser = cvc5.InputParser(solver)
        parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "policies")
        symbols = parser.getSymbolManager()
        while not (command := parser.nextCommand()).isNull():
            said = command.invoke(solver, symbols)
            if said and "error" in said:
                raise Undecided(f"cvc5: {said.strip()}")
        result = solver.checkSat()
        if result.isUnsat():
            return False, {}
        if not result.isSat():
            return None, {}
        return True, model(solver, symbols) if values else {}


def model(solver, symbols):
    found = {}
    for term in symbols.getDeclaredTerms():
        value = solver.getValue(term)
        name = f"|{term.getSymbol().strip('|')}|"
        found[name] = value.getStringValue() if value.isStringValue() else value.getBooleanValue()
    return found
